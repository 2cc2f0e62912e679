"""The device's page is found in the network: avahi-daemon reads the service file, avahi-browse finds what it says,
and there the server answers. All in namespaces of their own, which root may make."""

import os
import pathlib
import shutil
import socket
import subprocess
import sys
import tempfile
import urllib.request

SOURCE = pathlib.Path(__file__).resolve().parents[2]
SERVICE = SOURCE / "packaging" / "bobbin.avahi"
BOBBIN = os.environ.get("BOBBIN", "")
EMULATOR = os.environ.get("BOBBIN_EMULATOR", "").split()
DEADLINE = 60
SKIPPED = 77
INTERFACE, ADDRESS = "lan0", "192.0.2.7"  # RFC 5737
NEEDED = ("avahi-daemon", "avahi-browse", "avahi-resolve", "dbus-daemon", "unshare", "ip", "mount")


def skip(reason):
    print(f"Skipped: {reason}")
    sys.exit(SKIPPED)


def run(*command):
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=DEADLINE)
    if done.returncode != 0:
        sys.exit(f"{' '.join(command)} ended with {done.returncode}: {done.stdout}{done.stderr}")
    return done.stdout


def start(*command, until):
    """Starts what lives as long as the namespace, and waits for a line that says it is ready."""
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                               stderr=subprocess.STDOUT, text=True)
    said = []
    for line in process.stdout:
        said.append(line)
        if until in line:
            return
    sys.exit(f"{command[0]} ended, and said: {''.join(said)}")


def furnish(folder):
    run("mount", "-t", "tmpfs", "tmpfs", "/run")
    for name in ("dbus", "avahi-daemon"):
        os.mkdir(f"/run/{name}")
    services = pathlib.Path(folder, "services")
    services.mkdir()
    shutil.copy(SERVICE, services / "bobbin.service")
    pathlib.Path(folder).chmod(0o755)
    run("mount", "--bind", str(services), "/etc/avahi/services")
    run("ip", "link", "set", "lo", "up")
    run("ip", "link", "add", INTERFACE, "type", "veth", "peer", "name", "other-end")
    run("ip", "link", "set", "other-end", "up")
    run("ip", "addr", "add", f"{ADDRESS}/24", "dev", INTERFACE)
    run("ip", "link", "set", INTERFACE, "up", "multicast", "on")
    run("ip", "route", "add", "224.0.0.0/4", "dev", INTERFACE)


def inside():
    """The first process of the namespaces: with it all others end."""
    socket.sethostname("bobbin-test")
    with tempfile.TemporaryDirectory() as folder:
        furnish(folder)
        start("dbus-daemon", "--system", "--nofork", "--nopidfile", "--print-address", until="unix:")
        start("avahi-daemon", "--no-rlimits", "--no-chroot", until="successfully established")
        start(*EMULATOR, BOBBIN, "serve", "--bind", ADDRESS, until="Memory: ")
        lines = [line.split(";") for line in run("avahi-browse", "-prtk", "_http._tcp").splitlines()]
        found = [line for line in lines if line[0] == "=" and line[1] == INTERFACE and line[2] == "IPv4"]
        if len(found) != 1:
            sys.exit(f"avahi-browse finds {lines}")
        _, _, _, name, kind, _, host, address, port, text = found[0]
        if (name, kind, host, address, port, text) != ("bobbin\\032on\\032bobbin-test", "_http._tcp",
                                                       "bobbin-test.local", ADDRESS, "1234", '"path=/hello"'):
            sys.exit(f"avahi-browse finds {found}")
        if run("avahi-resolve", "-4", "-n", host).split() != [host, ADDRESS]:
            sys.exit(f"{host} is somewhere else")
        path = text.strip('"').partition("=")[2]
        with urllib.request.urlopen(f"http://{address}:{port}{path}", timeout=DEADLINE) as reply:
            if reply.read() != b"Hello, World!\n":
                sys.exit("something else answers there")
    print(f"http://{host}:{port}{path} was found, and answers")


def main():
    if "--inside" in sys.argv:
        inside()
        return
    missing = [name for name in NEEDED if not shutil.which(name)]
    if not BOBBIN:
        skip("BOBBIN does not name the program")
    if missing:
        skip(f"there is no {missing[0]}")
    if os.geteuid() != 0:
        skip("avahi-daemon of our own needs root")
    spaces = ["unshare", "--mount", "--net", "--pid", "--uts", "--ipc", "--fork", "--kill-child=KILL", "--mount-proc"]
    probe = [*spaces, "ip", "link", "add", INTERFACE, "type", "veth", "peer", "name", "other-end"]
    if subprocess.run(probe, capture_output=True, check=False, timeout=DEADLINE).returncode != 0:
        skip("no namespaces and interfaces of our own here")
    sys.exit(subprocess.run([*spaces, sys.executable, "-B", __file__, "--inside"], check=False,
                            timeout=DEADLINE).returncode)


main()
