"""A LAN of network namespaces: a switch, and hosts that hang on it.

run_inside() runs the test file again in user, PID, mount and network namespaces of its own. Whatever is made in
there has no name on the machine, and ends with the first process of the PID namespace, however that ends."""

import contextlib
import ctypes
import os
import shutil
import signal
import subprocess
import sys
import tempfile

_CLONE_NEWNET = 0x40000000
_SKIPPED = 77
_INSIDE = "BOBBIN_INSIDE_LAN"

_libc = ctypes.CDLL(None, use_errno=True)

# Root may do without a user namespace of its own, and has to where the system grants none.
_WAYS_IN = [["--user", "--map-root-user"]] + ([[]] if os.geteuid() == 0 else [])  # the last one knows all users
_SPACES = ["--net", "--mount", "--pid", "--fork", "--kill-child"]
_PROBE = 'mount -t tmpfs none "$0" && ip link add name probe type bridge'


def skip(reason):
    print(f"Skipped: {reason}", flush=True)
    sys.exit(_SKIPPED)


def _way_in(scratch, users):
    reasons = []
    for way in reversed(_WAYS_IN) if users else _WAYS_IN:
        done = subprocess.run(["unshare", *way, *_SPACES, "sh", "-c", _PROBE, scratch], capture_output=True,
                              text=True, check=False)
        if done.returncode == 0:
            return way
        reasons.append(" ".join(done.stderr.split()))
    return skip("the system grants no namespaces: " + "; ".join(reasons))


def _end(world):
    """The first process inside is gone only when all others are; unshare waits for it."""
    with contextlib.suppress(OSError), open(f"/proc/{world.pid}/task/{world.pid}/children", encoding="ascii") as file:
        for number in file.read().split():
            os.kill(int(number), signal.SIGKILL)
            world.wait()
    world.kill()  # where it had not started any, or cannot tell
    world.wait()


def run_inside(users=False):
    """Returns inside the namespaces, with the name of a file system in memory there; outside it exits. `users`: where
    that can be, with all users of the machine instead of one.

    The name is short wherever the build folder is: a browser keeps a socket under it, whose address has 108 bytes."""
    if scratch := os.environ.get(_INSIDE):
        signal.pthread_sigmask(signal.SIG_SETMASK, ())
        subprocess.run(["mount", "-t", "tmpfs", "none", scratch], check=True)
        if subprocess.run(["mount", "-t", "proc", "none", "/proc"], capture_output=True, check=False).returncode != 0:
            # Containers may forbid it. /proc then has other process numbers, which looking for leaks cannot bear.
            os.environ["ASAN_OPTIONS"] = ":".join(filter(None, [os.environ.get("ASAN_OPTIONS"), "detect_leaks=0"]))
        return scratch
    for tool in ("unshare", "nsenter", "setpriv", "ip", "mount", "bash"):
        if not shutil.which(tool):
            skip(f"there is no {tool}")
    wanted = {signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGCHLD}
    signal.pthread_sigmask(signal.SIG_BLOCK, wanted)
    scratch = tempfile.mkdtemp(prefix="bobbin-", dir="/tmp")
    try:
        sys.exit(_run_world(_way_in(scratch, users), scratch, wanted))
    finally:
        os.rmdir(scratch)


def _run_world(way, scratch, wanted):
    world = subprocess.Popen(  # pylint: disable=consider-using-with
        ["setpriv", "--pdeathsig", "KILL", "unshare", *way, *_SPACES, sys.executable, "-B", *sys.argv],
        env={**os.environ, _INSIDE: scratch})
    while world.poll() is None:
        number = signal.sigwait(wanted)
        if number != signal.SIGCHLD:
            _end(world)
            return 128 + number
    return world.returncode


def _check(result):
    if result != 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


def _this_space():
    return os.open("/proc/thread-self/ns/net", os.O_RDONLY | os.O_CLOEXEC)


def _ip(*arguments, prefix=(), pass_fds=()):
    subprocess.run([*prefix, "ip", *arguments], check=True, pass_fds=pass_fds)


class Host:
    """A network namespace with one interface, on the switch."""

    def __init__(self, lan, name, number):
        self.name = name
        self.address = f"10.77.0.{number}"
        self.address6 = f"fd77::{number}" if os.path.exists("/proc/sys/net/ipv6") else None
        self.space = lan.new_space()
        self.prefix = ("nsenter", f"--net=/proc/self/fd/{self.space}")
        inside = {"prefix": self.prefix, "pass_fds": (self.space,)}
        _ip("link", "add", "name", f"to-{name}", "type", "veth",
            "peer", "name", "lan", "netns", f"/proc/self/fd/{self.space}", pass_fds=(self.space,))
        _ip("link", "set", f"to-{name}", "master", "switch", "up")
        _ip("link", "set", "lo", "up", **inside)
        _ip("address", "add", f"{self.address}/24", "dev", "lan", **inside)
        if self.address6:  # nodad: ready at once
            _ip("address", "add", f"{self.address6}/64", "dev", "lan", "nodad", **inside)
        _ip("link", "set", "lan", "up", **inside)
        self.home = lan.home

    @contextlib.contextmanager
    def here(self):
        """Sockets that this thread opens meanwhile belong to the host, and stay its own."""
        _check(_libc.setns(self.space, _CLONE_NEWNET))
        try:
            yield
        finally:
            _check(_libc.setns(self.home, _CLONE_NEWNET))


class Lan:
    def __init__(self, *names):
        self.home = _this_space()
        # Without delay: a new port forwards at once.
        _ip("link", "add", "name", "switch", "type", "bridge", "forward_delay", "0")
        _ip("link", "set", "switch", "up")
        self.hosts = [Host(self, name, number) for number, name in enumerate(names, 1)]

    def new_space(self):
        _check(_libc.unshare(_CLONE_NEWNET))
        space = _this_space()
        _check(_libc.setns(self.home, _CLONE_NEWNET))
        return space
