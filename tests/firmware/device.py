"""A board of its own for a test: qemu-system-arm with the firmware, its console, its network.

The network is qemu's user networking, with ports of this machine that qemu picks, or a TAP device in a network
namespace of the test's own (lan.run_inside). Nothing here sleeps: all waiting is for a line, a byte or an answer,
until harness.DEADLINE."""

import contextlib
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import threading
import unittest

import harness
import lan

FIRMWARE = os.environ.get("BOBBIN_FIRMWARE", "")
ADDRESS = "10.0.2.15"
GATEWAY = "10.0.2.2"
HTTP, ECHO = 1234, 1235
TAP = "board"
CLIENTS = 4 # served at once

_STOPPED = re.compile(r"bobbin stopped: .*")
_DIE_WITH_US = ["setpriv", "--pdeathsig", "KILL"] if shutil.which("setpriv") else []


def skip_without_qemu():
    if not shutil.which("qemu-system-arm"):
        print("Skipped: there is no qemu-system-arm", flush=True)
        sys.exit(77)


class Client(harness.Client):
    """A connection to the board, which does not know the time and says none (RFC 9110 §6.6.1)."""

    def __init__(self, board, port=HTTP, **how):
        super().__init__(board.ports[port], address=board.address, **how)

    @staticmethod
    def _check_date(reply):
        if reply.field("Date") is not None:
            raise AssertionError(f"a time that nobody told it: {reply}")


class Board:
    """The firmware in qemu, from its start lines to its last /status."""

    def __init__(self, tap=None):
        skip_without_qemu()
        self.lines = []
        self.changed = threading.Condition()
        self.ended = False
        self.stopped = False
        self.address = ADDRESS if tap else "127.0.0.1"
        self.ports = {HTTP: HTTP, ECHO: ECHO}
        self.console, console = socket.socketpair()
        self.monitor, monitor = socket.socketpair()
        self.monitor.settimeout(harness.DEADLINE)
        network = f"tap,model=lan9118,ifname={tap},script=no,downscript=no" if tap else (
            f"user,id=net,model=lan9118,restrict=on,hostfwd=tcp:127.0.0.1:0-{ADDRESS}:{HTTP},"
            f"hostfwd=tcp:127.0.0.1:0-{ADDRESS}:{ECHO}")
        # A console that nobody reads is full soon, as a slow line is.
        console.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
        self.process = subprocess.Popen(  # pylint: disable=consider-using-with
            [*_DIE_WITH_US, "qemu-system-arm", "-M", "mps2-an385", "-display", "none", "-kernel", FIRMWARE,
             "-nic", network, "-chardev", f"socket,id=uart,fd={console.fileno()}", "-serial", "chardev:uart",
             "-chardev", f"socket,id=mon,fd={monitor.fileno()}", "-mon", "chardev=mon,mode=control"],
            stdin=subprocess.DEVNULL, pass_fds=(console.fileno(), monitor.fileno()))
        console.close()
        monitor.close()
        self.may_read = threading.Event()
        self.may_read.set()
        self.reader = threading.Thread(target=self._read_console, daemon=True)
        self.reader.start()
        try:
            self._open_monitor()
            if not tap:
                self._find_ports()
            self.wait_for_line(r"bobbin \S+ echoes on port .*")
            self.wait_for_line(r"  bobbin connect .*")
        except BaseException:
            self.kill()
            raise

    # -- its console --

    def _read_console(self):
        with self.console.makefile("rb") as file:
            for line in file:
                with self.changed:
                    self.lines.append(line.decode("latin-1").rstrip("\r\n"))
                    self.changed.notify_all()
                self.may_read.wait()
        with self.changed:
            self.ended = True
            self.changed.notify_all()

    def wait_for_line(self, pattern, behind=0):
        """The first line from number `behind` on that matches in full."""
        regex = re.compile(pattern)
        found = []

        def check():
            found[:] = filter(None, map(regex.fullmatch, self.lines[behind:]))
            return found or self.ended or any(map(_STOPPED.fullmatch, self.lines))

        with self.changed:
            self.changed.wait_for(check, harness.DEADLINE)
            if not found:
                raise AssertionError(f"waited for {pattern}; the console so far: {self.lines[-40:]}")
        return found[0]

    # -- its monitor --

    def _open_monitor(self):
        self.control = self.monitor.makefile("rw", encoding="utf-8")
        self.control.readline()
        self.ask_qemu("qmp_capabilities")

    def ask_qemu(self, command, **arguments):
        self.control.write(json.dumps({"execute": command, "arguments": arguments}) + "\n")
        self.control.flush()
        while True:
            answer = json.loads(self.control.readline())
            if "error" in answer:
                raise AssertionError(f"qemu, asked for {command}: {answer}")
            if "return" in answer:  # else it is an event
                return answer["return"]

    def _find_ports(self):
        text = self.ask_qemu("human-monitor-command", **{"command-line": "info usernet"})
        for here, there in re.findall(r"TCP\[HOST_FORWARD\] +\d+ +127\.0\.0\.1 +(\d+) +\S+ +(\d+)", text):
            self.ports[int(there)] = int(here)

    # -- how it is --

    def status(self):
        """Of /status: {"stack of main": (584, 1536), "pool NETCONN": (in use, all, at most, too few), ...}."""
        with self.client_let_in() as client:
            reply = client.ask(harness.request("/status", "GET", "Connection: close"))
        if reply.status != 200:
            raise AssertionError(f"no status: {reply}")
        found = {}
        for line in reply.body.decode("ascii").splitlines():
            name, numbers = line.split(": ")
            numbers = tuple(map(int, re.findall(r"\d+", numbers)))
            # Of the clients, the deepest.
            found[name] = max(found.get(name, numbers), numbers) if len(numbers) > 1 else numbers[0]
        return found

    def client_let_in(self):
        """A connection that had its first answer: there was a place."""
        deadline = harness.Deadline()
        while True:
            client = Client(self)
            try:
                if client.ask(harness.HELLO).status == 200:
                    return client
            except (AssertionError, OSError):  # it may be reset where pools have run out
                if deadline.passed():
                    client.close()
                    raise
            client.close()
            if deadline.passed():
                raise AssertionError("nobody is let in any more")

    # -- its end --

    def kill(self):
        self.stopped = True
        self.may_read.set()
        self.process.kill()
        self.process.wait()
        self.reader.join(harness.DEADLINE)
        for stream in (self.console, self.monitor):
            stream.close()

    def stop(self):
        """The board still serves, no stack was nearly full; then it goes."""
        if self.stopped:
            return
        try:
            self.check_health()
        finally:
            self.kill()

    def check_health(self):
        self.may_read.set()
        status = self.status()
        for name, numbers in status.items():
            if not name.startswith("stack of "):
                continue
            peak, size = numbers
            harness.report(f"{name}: {peak} of {size} bytes")
            if peak * 4 > size * 3:
                raise AssertionError(f"{name}: {peak} of {size} bytes used, more than three quarters")
        stopped = [line for line in self.lines if _STOPPED.fullmatch(line)]
        if stopped:
            raise AssertionError(f"the board says: {stopped}")


class OneBoard(unittest.TestCase):
    """All tests of a class share a board, so each also shows that the ones before left it healthy."""

    maxDiff = None
    TAP = None

    @classmethod
    def setUpClass(cls):
        cls.board = Board(cls.TAP)
        cls.addClassCleanup(cls.board.stop)

    def client(self, port=HTTP, **how):
        client = Client(self.board, port, **how)
        self.addCleanup(client.close)
        return client

    def ask(self, data, method=None):
        with self.client() as client:
            return client.ask(data, method)

    def busy(self, count):
        """Clients whose request is surely in the works: its handler waits for the body. Those of the test before may
        still be on their way out."""
        clients, deadline = [], harness.Deadline()
        while len(clients) < count:
            client = self.client()
            reply = client.ask(harness.request("/echo", "POST", "Content-Length: 4", "Expect: 100-continue"))
            if reply.status == 100:
                clients.append(client)
            elif reply.status != 503 or deadline.passed():
                raise AssertionError(f"neither let in nor refused: {reply}")
        return clients

    def finish(self, client):
        client.send(b"done")
        reply = client.reply()
        self.assertEqual((reply.status, reply.body), (200, b"done"))

    def assert_refused(self):
        with self.client() as client:
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                client.send(harness.HELLO)
            reply = client.reply()
            self.assertEqual(reply.status, 503)
            self.assertEqual(reply.field("Retry-After"), "5")
            self.assertTrue(reply.closes)


def _enter_tap():
    """In namespaces of the test's own, with a TAP device whose other end is this machine's."""
    lan.run_inside()
    skip_without_qemu()
    made = subprocess.run(["ip", "tuntap", "add", "dev", TAP, "mode", "tap"], capture_output=True, text=True,
                          check=False)
    if made.returncode != 0:
        lan.skip(f"there are no TAP devices: {made.stderr.strip()}")
    for words in (["address", "add", f"{GATEWAY}/24", "dev", TAP], ["link", "set", TAP, "up"],
                  ["link", "set", "lo", "up"]):
        subprocess.run(["ip", *words], check=True)
    OneBoard.TAP = TAP


def main(tap=False):
    """`tap`: over TAP and no other way; BOBBIN_FIRMWARE_TAP in the environment makes it so too."""
    if tap or os.environ.get("BOBBIN_FIRMWARE_TAP"):
        _enter_tap()
    unittest.main(verbosity=2)
