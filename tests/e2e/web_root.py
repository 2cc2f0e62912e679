"""Folders to serve, and what the tests of files share: validators, multipart bodies, users who may not read all."""

import ctypes
import errno
import os
import pathlib
import platform
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import unittest

import harness
from harness import Client, EndToEnd, request

PAST = 1_700_000_000  # Tue, 14 Nov 2023 22:13:20 GMT
PAST_DATE = "Tue, 14 Nov 2023 22:13:20 GMT"
OPENAT2 = 437  # on every architecture whose calls the kernel counts in one table, as it does since 5.1
WITHOUT_OPENAT2 = (sys.executable, "-B", str(pathlib.Path(__file__).resolve().parent / "no_openat2.py"))
SLOW = bool(harness.EMULATOR)  # valgrind takes 30 times as long

_LIBC = ctypes.CDLL(None, use_errno=True)


class Folder:
    """A temporary folder; each file in it is of PAST unless a test wants another time."""

    def __init__(self):
        self.path = tempfile.mkdtemp(prefix="bobbin-")

    def at(self, name=""):
        return os.path.join(self.path, name)

    def put(self, name, data=b"", modified=PAST):
        """Writes a file and the folders above it; its path."""
        path = self.at(name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            file.write(data)
        if modified is not None:
            os.utime(path, (modified, modified))
        return path

    def link(self, name, to):
        path = self.at(name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        os.symlink(to, path)

    def remove(self):
        for place, folders, _ in os.walk(self.path):
            for name in folders:
                if not os.path.islink(os.path.join(place, name)):
                    os.chmod(os.path.join(place, name), 0o700)
        shutil.rmtree(self.path)


class FilesTest(EndToEnd):
    """Each test has a folder and starts its own server on it."""

    def setUp(self):
        self.folder = Folder()
        self.addCleanup(self.folder.remove)

    def site(self, *options, **how):
        return self.serve("--root", self.folder.path, *options, **how)

    def get(self, server, target, *fields, method="GET"):
        with Client(server) as client:
            return client.ask(request(target, method, *fields))


class OneRoot(harness.OneServer):
    """All tests of a class share one folder, which `fill` makes, and one server on it."""

    @classmethod
    def fill(cls, folder):
        """Puts in what the class asks for."""

    @classmethod
    def setUpClass(cls):
        harness.command_line()  # skips before a folder is made
        cls.folder = Folder()
        cls.addClassCleanup(cls.folder.remove)
        cls.fill(cls.folder)
        cls.OPTIONS = ("--root", cls.folder.path, *cls.OPTIONS)
        super().setUpClass()

    def get(self, target, *fields, method="GET"):
        return self.ask(request(target, method, *fields))


# -- multipart/byteranges (RFC 9110 §14.6, RFC 2046 §5.1) --

def parts(reply):
    """(first, last, length, type, bytes) of each part, of a body that is multipart/byteranges to the letter."""
    match = re.fullmatch(r'multipart/byteranges; ?boundary=("?)([0-9A-Za-z\'()+_,./:=? -]{1,69}[^ "])\1',
                         reply.field("Content-Type") or "")
    if not match:
        raise AssertionError(f"not multipart/byteranges: {reply}")
    if reply.framing != "length" or reply.field("Content-Range") is not None:
        raise AssertionError(f"no Content-Length, or a Content-Range of the whole: {reply}")
    delimiter = b"\r\n--" + match[2].encode()
    body = reply.body if reply.body.startswith(b"\r\n") else b"\r\n" + reply.body
    before, *pieces = body.split(delimiter)
    if before or len(pieces) < 2 or pieces.pop() not in (b"--", b"--\r\n"):
        raise AssertionError(f"a preamble, an epilogue or no end: {reply}")
    return [_part(piece) for piece in pieces]


def _part(piece):
    head, blank, data = piece.partition(b"\r\n\r\n")
    lines = head.decode("ascii").split("\r\n")
    if not blank or lines[0]:
        raise AssertionError(f"not a part: {piece[:200]!r}")
    fields = {}
    for line in lines[1:]:
        match = re.fullmatch(r"([A-Za-z-]+):[ \t]*(.*?)[ \t]*", line)
        if not match or match[1].lower() in fields:
            raise AssertionError(f"not a field of a part: {line!r}")
        fields[match[1].lower()] = match[2]
    first, last, length = content_range(fields.get("content-range", ""))
    if last - first + 1 != len(data):
        raise AssertionError(f"{len(data)} bytes in a part of {fields}")
    return first, last, length, fields.get("content-type"), data


def content_range(value):
    """First, last and length of a Content-Range that has all three."""
    match = re.fullmatch(r"bytes (0|[1-9]\d*)-(0|[1-9]\d*)/(0|[1-9]\d*)", value or "")
    if not match:
        raise AssertionError(f"not a range: {value!r}")
    first, last, length = map(int, match.groups())
    if not first <= last < length:
        raise AssertionError(f"an impossible range: {value!r}")
    return first, last, length


# -- the system --

def has_openat2():
    """Whether the kernel can keep a path beneath a folder by itself, and lets us ask it to."""
    if platform.machine() in ("alpha", "mips", "mips64"):
        return False
    ctypes.set_errno(0)
    _LIBC.syscall(OPENAT2, -1, None, None, 0)
    return ctypes.get_errno() not in (errno.ENOSYS, errno.EPERM)


def exchange(one, other):
    """Swaps two names in one step (renameat2 RENAME_EXCHANGE); False where the file system cannot."""
    at_cwd, rename_exchange = -100, 2
    if _LIBC.renameat2(at_cwd, os.fsencode(one), at_cwd, os.fsencode(other), rename_exchange) == 0:
        return True
    if ctypes.get_errno() in (errno.ENOSYS, errno.EINVAL):
        return False
    raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()), one)


def limit_descriptors(server, count):
    """Lets a server that runs open no descriptor from `count` on."""
    most = resource.prlimit(server.pid, resource.RLIMIT_NOFILE)[1]
    resource.prlimit(server.pid, resource.RLIMIT_NOFILE, (count, most))


def ordinary_user():
    """What to start the program with so that permissions hold for it: nothing, unless the tests run as root."""
    if os.geteuid() != 0:
        return ()
    prefix = ("setpriv", "--bounding-set", "-dac_override,-dac_read_search")
    if not shutil.which("setpriv"):
        raise unittest.SkipTest("root, without setpriv: permissions hold nobody up")
    if subprocess.run([*prefix, "test", "-x", harness.BOBBIN], check=False).returncode != 0:
        raise unittest.SkipTest("root without its privileges cannot run the program")
    return prefix
