"""Starts bobbin and speaks to it over real sockets, with a reply parser that forgives nothing.

BOBBIN names the program, BOBBIN_EMULATOR what runs it, BOBBIN_STACK a stack larger than the default for builds
that need one (sanitizers), BOBBIN_STACK_PEAKS a file that collects how deep the stacks were used. With BOBBIN_TAP
the program has an IP stack of its own: the test goes on in a network of its own, where each server gets a TAP device;
BOBBIN_MOST_CLIENTS is how many clients that stack was built for.
Nothing here sleeps: all waiting is for a line, a byte or an exit, until DEADLINE."""

import email.utils
import fcntl
import os
import re
import select
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import unittest

import tap

BOBBIN = os.environ.get("BOBBIN", "")
EMULATOR = shlex.split(os.environ.get("BOBBIN_EMULATOR", ""))
UNDER_VALGRIND = any("valgrind" in word for word in EMULATOR)
STACK = os.environ.get("BOBBIN_STACK", "")
PEAKS = os.environ.get("BOBBIN_STACK_PEAKS", "")
TAP = bool(os.environ.get("BOBBIN_TAP"))
PROGRAM = "bobbin-lwip" if TAP else "bobbin"
# The device's name where none is given, which is a label here: the host's without its domain.
NAME = socket.gethostname().partition(".")[0] + "-lwip" if TAP else socket.gethostname()
MOST_CLIENTS = int(os.environ.get("BOBBIN_MOST_CLIENTS", "65535"))
DEADLINE = 20.0  # seconds after which something that should happen is said not to
LOOPBACK = ("-p", "0", "--bind", "127.0.0.1")
HELLO = b"GET /hello HTTP/1.1\r\nHost: device\r\n\r\n"

# A server outlives not even a test that is killed.
_DIE_WITH_US = ["setpriv", "--pdeathsig", "KILL"] if shutil.which("setpriv") else []

_SANITIZER = re.compile(r"Sanitizer|runtime error:|WARNING: ThreadSanitizer")
_STACK_LINE = re.compile(r"Stack: (\d+) of (\d+) bytes used at most")
_PORT_LINE = re.compile(r"bobbin \S+ (?:serves|echoes) on port (\d+)\.")
# valgrind, quiet or not, of a system call younger than itself; the program then does without.
_UNKNOWN_CALL = re.compile(r"--\d+-- WARNING: unhandled \S+ syscall: 437\n(?:--\d+-- .*\n)*")
_TOKEN = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_DATE = re.compile(
    r"(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \d{4} "
    r"\d\d:\d\d:\d\d GMT")


def command_line(*arguments):
    if not BOBBIN:
        raise unittest.SkipTest("BOBBIN does not name the program")
    return [*EMULATOR, BOBBIN, *arguments]


def stderr_text(data):
    """What the program wrote there, without its emulator's remarks."""
    text = data.decode("latin-1")
    return _UNKNOWN_CALL.sub("", text) if EMULATOR else text


def run(*arguments, feed=b"", prefix=(), timeout=DEADLINE):
    """Runs the program to its end."""
    done = subprocess.run([*_DIE_WITH_US, *prefix, *command_line(*arguments)], input=feed, capture_output=True,
                          timeout=timeout, check=False)
    done.stdout = done.stdout.decode("latin-1")
    done.stderr = stderr_text(done.stderr)
    if _SANITIZER.search(done.stderr):
        raise AssertionError(f"bobbin {' '.join(arguments)}:\n{done.stderr}")
    return done


class Deadline:
    def __init__(self, seconds=DEADLINE):
        self.end = time.monotonic() + seconds

    def left(self):
        return max(0.0, self.end - time.monotonic())

    def passed(self):
        return self.left() == 0.0


class Server:
    """`bobbin serve` or `bobbin echo`, from its start lines to the checks at its end.

    `stderr`: a pattern that all it writes there has to match; by default it writes nothing. `stopped_reader`:
    after the start lines nobody reads its stdout until resume_reading(). `stack_report`: which makes all stacks
    resident. `device`: a TAP device of a kind of its own, which ends with the server as others do."""

    def __init__(self, *options, command="serve", listen=LOOPBACK, stderr=None, prefix=(), stopped_reader=False,
                 pass_fds=(), stack_report=True, device=None):
        self.stack_reports = 1 if stack_report else 0
        self.address = "127.0.0.1"
        self.tap = None
        if TAP:
            self.tap = device or tap.Tap()
            self.address = self.tap.address
            listen = (*(() if listen is LOOPBACK else listen), "-p", "0", *self.tap.options)
            if "--per-address" not in options:  # to which loopback does not count by default
                listen += ("--per-address", "0")
        self.arguments = [command, *listen, *["--stack-report"][:self.stack_reports], *options]
        if STACK and "--stack" not in options:
            self.arguments += ["--stack", STACK]
        self.lines = []
        self.changed = threading.Condition()
        self.ended = False
        self.stopped = False
        self.asked_to_leave = False
        self.port = 0
        self.error_text = b""
        self.expected_stderr = stderr
        self.started = False
        self.may_read = threading.Event()
        if not stopped_reader:
            self.may_read.set()
        self.process = subprocess.Popen(  # pylint: disable=consider-using-with
            [*_DIE_WITH_US, *prefix, *command_line(*self.arguments)], stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, pass_fds=pass_fds)
        if stopped_reader:
            fcntl.fcntl(self.process.stdout.fileno(), fcntl.F_SETPIPE_SZ, 4096)  # soon full
        self.pid = self.process.pid
        self.threads = [threading.Thread(target=self._read_stdout, daemon=True),
                        threading.Thread(target=self._read_stderr, daemon=True)]
        for thread in self.threads:
            thread.start()
        try:
            self._wait_for_start()
        except BaseException:
            self.kill()
            raise

    # -- its output --

    def _read_stdout(self):
        for line in self.process.stdout:
            text = line.decode("latin-1")
            with self.changed:
                self.lines.append(text[:-1] if text.endswith("\n") else text + "<no end of line>")
                self.started = self.started or text.startswith("Memory: ")
                self.changed.notify_all()
            if self.started:
                self.may_read.wait()
        with self.changed:
            self.ended = True
            self.changed.notify_all()

    def _read_stderr(self):
        for line in self.process.stderr:
            with self.changed:
                self.error_text += line
                self.changed.notify_all()

    def _wait_for_start(self):
        with self.changed:
            self.changed.wait_for(lambda: self.started or self.ended, DEADLINE)
            lines = list(self.lines)
        match = _PORT_LINE.match(lines[0]) if lines else None
        if not self.started or not match:
            self.kill()
            raise AssertionError(f"{' '.join(self.arguments)} did not start:\nstdout: {lines}\n"
                                 f"stderr: {self.error_text.decode('latin-1')}")
        self.port = int(match.group(1))
        if self.tap and not re.search(rf"[/ ]{re.escape(self.address)}[: ]{self.port}\b", lines[1]):
            raise AssertionError(f"{lines[1]!r} does not tell {self.address}")

    def places(self, path=None):
        """The start lines that tell where it is; of an echo server without a path."""
        if path is None:
            return [f"  bobbin connect {self.address} {self.port}"]
        hosts = [self.address] + ([f"{NAME}.local"] if self.tap else [])
        return [f"  http://{host}:{self.port}{path}" for host in hosts]

    def neighbour(self, number):
        """An address of this machine that a client may come from; the first is where they come from by themselves."""
        return self.tap.neighbour(number) if self.tap else f"127.0.0.{number}"

    def resume_reading(self):
        self.may_read.set()

    def wait_for_lines(self, condition, what="a line"):
        """Waits until condition(lines) is true; its value."""
        found = []

        def check():
            value = condition(self.lines)
            if value:
                found.append(value)
            return bool(value) or self.ended

        with self.changed:
            self.changed.wait_for(check, DEADLINE)
            if not found:
                raise AssertionError(f"waited for {what}; stdout so far: {self.lines[-40:]}")
        return found[-1]

    def wait_for_line(self, pattern):
        """The first line that matches in full."""
        regex = re.compile(pattern)
        return self.wait_for_lines(lambda lines: next((m for m in map(regex.fullmatch, lines) if m), None), pattern)

    def start_lines(self):
        with self.changed:
            lines = list(self.lines)
        return lines[:next(i for i, line in enumerate(lines) if line.startswith("Memory: ")) + 1]

    def console(self):
        """The lines behind the start lines, without what --stack-report says."""
        with self.changed:
            lines = list(self.lines)
        return [line for line in lines[len(self.start_lines()):] if not line.startswith("Stack: ")]

    # -- its end --

    def send_signal(self, number):
        self.asked_to_leave = self.asked_to_leave or number in (signal.SIGTERM, signal.SIGINT)
        self.process.send_signal(number)

    def kill(self):
        self.stopped = True
        self.may_read.set()
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        for thread in self.threads:
            thread.join(DEADLINE)
        for stream in (self.process.stdout, self.process.stderr):
            stream.close()
        if self.tap:
            self.tap.remove()
            self.tap = None

    def wait_for_exit(self):
        return self.process.wait(DEADLINE)

    def stop(self, number=signal.SIGTERM):
        """Asks it to leave, once, and checks that it did so in good health."""
        if self.stopped:
            return
        try:
            self.may_read.set()
            if self.process.poll() is None and not self.asked_to_leave:
                self.send_signal(number)
            try:
                status = self.process.wait(DEADLINE)
            except subprocess.TimeoutExpired:
                raise AssertionError(f"{' '.join(self.arguments)} did not end after signal {number}; stderr: "
                                     f"{self.error_text.decode('latin-1')}") from None
        finally:
            self.kill()
        self.check_end(status)

    def check_end(self, status):
        errors = stderr_text(self.error_text)
        if _SANITIZER.search(errors):
            raise AssertionError(f"{' '.join(self.arguments)}:\n{errors}")
        if self.expected_stderr is None and errors:
            raise AssertionError(f"{' '.join(self.arguments)} wrote to stderr:\n{errors}")
        if self.expected_stderr is not None and not re.fullmatch(self.expected_stderr, errors, re.DOTALL):
            raise AssertionError(f"stderr is not {self.expected_stderr!r}:\n{errors}")
        if status != 0:
            raise AssertionError(f"{' '.join(self.arguments)} ended with status {status}:\n{errors}")
        reports = [match for match in map(_STACK_LINE.fullmatch, self.lines) if match]
        if len(reports) != self.stack_reports:
            raise AssertionError(f"{len(reports)} stack reports instead of {self.stack_reports}; stdout ends with "
                                 f"{self.lines[-5:]}")
        for report_line in reports:
            note_stack_peak(int(report_line.group(1)), int(report_line.group(2)), self.arguments)

    # -- what the system knows of it --

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.pid}/fd"))

    def thread_count(self):
        return len(os.listdir(f"/proc/{self.pid}/task"))

    def __enter__(self):
        return self

    def __exit__(self, kind, value, trace):
        if kind is None:
            self.stop()
        else:
            self.kill()


def note_stack_peak(peak, cap, arguments):
    if PEAKS:
        with open(PEAKS, "a", encoding="ascii") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            file.write(f"{peak} {cap} {' '.join(arguments)}\n")
    if not STACK and peak * 2 > cap:
        raise AssertionError(f"{peak} of {cap} bytes of stack used: more than half; {' '.join(arguments)}")


class Reply:
    """One reply, as parsed by Client.reply."""

    def __init__(self, version, status, reason, fields):
        self.version = version
        self.status = status
        self.reason = reason
        self.fields = fields  # (name, value) pairs in order
        self.framing = ""     # none, length, chunked, close
        self.body = b""

    def all(self, name):
        return [value for key, value in self.fields if key.lower() == name.lower()]

    def field(self, name):
        """The value of a field that stands at most once."""
        values = self.all(name)
        if len(values) > 1:
            raise AssertionError(f"{name} stands {len(values)} times in {self}")
        return values[0] if values else None

    def tokens(self, name):
        return {item.strip().lower() for value in self.all(name) for item in value.split(",") if item.strip()}

    def allowed(self):
        return {item.strip() for item in (self.field("Allow") or "").split(",")}

    @property
    def closes(self):
        return "close" in self.tokens("Connection")

    def __repr__(self):
        return f"{self.version} {self.status} {self.reason} {self.fields} {self.body[:200]!r}"


class Client:
    """One connection. Every receive and send waits DEADLINE at most."""

    def __init__(self, server, address=None, source=None, receive_buffer=None):
        if address is None:
            address = "127.0.0.1" if isinstance(server, int) else server.address
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        self.sock = socket.socket(family, socket.SOCK_STREAM)
        self.buffer = b""
        try:
            if receive_buffer:
                self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
            if isinstance(source, tuple):  # with its port
                self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                self.sock.bind(source)
            elif source:
                self.sock.bind((source, 0))
            self.sock.settimeout(DEADLINE)
            self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.sock.connect((address, server if isinstance(server, int) else server.port))
            self._name = self.sock.getsockname()[:2]
        except BaseException:
            self.sock.close()
            raise

    def name(self):
        """As the server's console writes it; also after close()."""
        host, port = self._name
        return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"

    def send(self, data):
        self.sock.sendall(data)

    def send_each_byte(self, data):
        for position in range(len(data)):
            self.sock.sendall(data[position:position + 1])

    def half_close(self):
        self.sock.shutdown(socket.SHUT_WR)

    def close(self):
        self.sock.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    # -- bytes --

    def receive(self):
        """Adds what comes next to the buffer; False at the end of the stream."""
        try:
            data = self.sock.recv(65536)
        except socket.timeout:
            raise AssertionError(f"nothing came for {DEADLINE} s; unread so far: {self.buffer[:300]!r}") from None
        self.buffer += data
        return bool(data)

    def take(self, count):
        pieces, left = [], count
        while left > len(self.buffer):
            left -= len(self.buffer)
            pieces.append(self.buffer)
            self.buffer = b""
            if not self.receive():
                raise AssertionError(f"the connection ended {left} bytes early of {count}")
        pieces.append(self.buffer[:left])
        self.buffer = self.buffer[left:]
        return b"".join(pieces)

    def take_until(self, mark):
        while mark not in self.buffer:
            if not self.receive():
                raise AssertionError(f"the connection ended before {mark!r}; got {self.buffer[:300]!r}")
        head, _, self.buffer = self.buffer.partition(mark)
        return head

    def take_all(self):
        """Everything up to the end of the stream."""
        pieces = [self.buffer]
        self.buffer = b""
        while self.receive():
            pieces.append(self.buffer)
            self.buffer = b""
        return b"".join(pieces)

    def assert_closed(self, reset_too=False):
        """The server ended the connection and sent nothing more before."""
        try:
            rest = self.take_all()
        except (ConnectionResetError, BrokenPipeError):
            if not reset_too:
                raise AssertionError("the connection was reset instead of closed") from None
            rest = self.buffer
        if rest:
            raise AssertionError(f"more came before the end: {rest[:300]!r}")

    # -- replies --

    def reply(self, method="GET"):
        """The next reply; RFC 9112 §4 to §7 to the letter."""
        reply = self._head()
        lengths = reply.all("Content-Length")
        codings = reply.all("Transfer-Encoding")
        if len(lengths) + len(codings) > 1:
            raise AssertionError(f"framing in doubt: {reply}")
        if reply.status >= 200:
            self._check_date(reply)
        if reply.status < 200 or reply.status == 204:
            if lengths or codings:
                raise AssertionError(f"a reply that has no body tells its length: {reply}")
            reply.framing = "none"
        elif reply.status == 304 or method == "HEAD":
            reply.framing = "none"
        elif codings:
            if codings != ["chunked"]:
                raise AssertionError(f"an odd coding: {reply}")
            reply.framing = "chunked"
            reply.body = self._chunks()
        elif lengths:
            if not re.fullmatch(r"0|[1-9]\d*", lengths[0]):
                raise AssertionError(f"an odd length: {reply}")
            reply.framing = "length"
            reply.body = self.take(int(lengths[0]))
        else:
            if not reply.closes:
                raise AssertionError(f"the body ends with the connection, yet it is not said to close: {reply}")
            reply.framing = "close"
            reply.body = self.take_all()
        return reply

    def _head(self):
        lines = self.take_until(b"\r\n\r\n").split(b"\r\n")
        status_line = re.fullmatch(rb"(HTTP/1\.1) ([1-5]\d\d) ([\t -~]*)", lines[0])
        if not status_line:
            raise AssertionError(f"not a status line: {lines[0]!r}")
        fields = []
        for line in lines[1:]:
            name, colon, value = line.partition(b":")
            if not colon or not _TOKEN.fullmatch(name) or not re.fullmatch(rb"[\t -~]*", value):
                raise AssertionError(f"not a field: {line!r}")
            fields.append((name.decode(), value.decode().strip(" \t")))
        return Reply(status_line[1].decode(), int(status_line[2]), status_line[3].decode(), fields)

    @staticmethod
    def _check_date(reply):
        date = reply.field("Date")
        if not date or not _DATE.fullmatch(date):
            raise AssertionError(f"no good Date: {reply}")
        if abs(email.utils.parsedate_to_datetime(date).timestamp() - time.time()) > 60 + DEADLINE:
            raise AssertionError(f"the wrong time: {date}")

    def _chunks(self):
        pieces = []
        while True:
            line = self.take_until(b"\r\n")
            if not re.fullmatch(rb"[0-9a-fA-F]{1,16}", line):
                raise AssertionError(f"not a chunk size: {line!r}")
            size = int(line, 16)
            if size == 0:
                break
            pieces.append(self.take(size))
            if self.take(2) != b"\r\n":
                raise AssertionError("a chunk without its end")
        if self.take(2) != b"\r\n":
            raise AssertionError("trailers that nobody asked for, or no end")
        return b"".join(pieces)

    def ask(self, request, method=None):
        self.send(request)
        return self.reply(method or request.split(b" ", 1)[0].decode("latin-1"))

    def hello(self):
        """One GET /hello on this connection, checked."""
        reply = self.ask(HELLO)
        if reply.status != 200 or reply.body != b"Hello, World!\n":
            raise AssertionError(f"no hello: {reply}")
        return reply

    def is_open(self):
        """Whether the server has not ended the connection so far, unread bytes aside."""
        if not select.select([self.sock], [], [], 0)[0]:
            return True
        try:
            return self.sock.recv(1, socket.MSG_PEEK) != b""
        except ConnectionResetError:
            return False


def request(target="/hello", method="GET", *fields, version="1.1", body=b"", host="device"):
    """A well-formed request; `fields` are lines such as "Accept: text/html"."""
    lines = [f"{method} {target} HTTP/{version}"]
    if host is not None:
        lines.append(f"Host: {host}")
    if body and not any(f.lower().startswith(("content-length:", "transfer-encoding:")) for f in fields):
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*lines, *fields, "", ""]).encode("latin-1") + body


def assert_next_client_is_served(server):
    with Client(server) as client:
        client.hello()


def serve_until(server, **options):
    """Asks with new connections until one is served (a slot is free); how many were refused before. Each refusal
    is a whole round trip, so this does not spin."""
    deadline = Deadline()
    refused = 0
    while True:
        with Client(server, **options) as client:
            reply = client.ask(HELLO)
        if reply.status == 200:
            return refused
        if reply.status != 503:
            raise AssertionError(f"neither served nor refused: {reply}")
        refused += 1
        if deadline.passed():
            raise AssertionError(f"no slot got free in {DEADLINE} s")


class EndToEnd(unittest.TestCase):
    """Servers and clients of a test end with it."""

    maxDiff = None

    def serve(self, *options, **how):
        server = Server(*options, **how)
        self.addCleanup(server.stop)
        return server

    def connect(self, server, **how):
        client = Client(server, **how)
        self.addCleanup(client.close)
        return client


class OneServer(EndToEnd):
    """All tests of a class share one server, so each also shows that the ones before left it healthy."""

    OPTIONS = ()
    COMMAND = "serve"

    @classmethod
    def setUpClass(cls):
        cls.server = Server(*cls.OPTIONS, command=cls.COMMAND)
        cls.addClassCleanup(cls.server.stop)

    def client(self, **how):
        return self.connect(self.server, **how)

    def ask(self, data, method=None):
        with Client(self.server) as client:
            return client.ask(data, method)


def has_ipv6():
    try:
        with socket.socket(socket.AF_INET6, socket.SOCK_STREAM) as sock:
            sock.bind(("::1", 0))
        return True
    except OSError:
        return False


def report(text):
    """A measured figure for whoever reads the test's output; nothing is asserted on it."""
    print(text, file=sys.stderr, flush=True)


def only_on_the_systems_stack(reason):
    """For a test, or a class of them, that is about something which a program with its own IP stack does not have."""
    return unittest.skipIf(TAP, reason)


def main():
    if TAP:
        tap.enter()
    unittest.main(verbosity=2)
