"""Names that `bobbin connect` is given: /etc/hosts, name servers, multicast DNS.

Runs in a mount and a network namespace of its own, which end with it: files of /etc are replaced there, and name
servers listen on port 53 of its loopback."""

import os
import pathlib
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import unittest

import harness
from harness import run

A, CNAME, AAAA = 1, 5, 28
NO_SUCH_NAME, SERVER_FAILED = 3, 2
INSIDE = "BOBBIN_TEST_NAMES_INSIDE"


def encode(name):
    return b"".join(bytes([len(label)]) + label.encode() for label in name.split(".")) + b"\0"


def decode(message):
    """The question's name, its type, and where it ends."""
    labels, at = [], 12
    while message[at]:
        labels.append(message[at + 1:at + 1 + message[at]].decode())
        at += 1 + message[at]
    return ".".join(labels), struct.unpack_from(">H", message, at + 1)[0], at + 5


def record(kind, data, name=b"\xc0\x0c"):
    return kind, name + struct.pack(">HHIH", kind, 1, 60, len(data)) + data


def address(text):
    family, kind = (socket.AF_INET6, AAAA) if ":" in text else (socket.AF_INET, A)
    return record(kind, socket.inet_pton(family, text))


class NameServer:
    """Answers with what `records` holds: {name: [record or code]}; else with the code `otherwise`, None: not at all.
    Strays go before an answer."""

    def __init__(self, where, port=53, otherwise=NO_SUCH_NAME):
        self.records = {}
        self.otherwise = [otherwise]
        self.strays = []
        self.cut = None
        self.asked = []
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind((where, port))
        threading.Thread(target=self._answer, daemon=True).start()

    def _answer(self):
        while True:
            message, peer = self.socket.recvfrom(512)
            name, kind, end = decode(message)
            self.asked.append(name)
            known = self.records.get(name.lower(), self.otherwise)
            if known == [None]:
                continue
            code = next((item for item in known if isinstance(item, int)), 0)
            found = [item[1] for item in known if not isinstance(item, int) and item[0] in (kind, CNAME)]
            answer = message[:2] + struct.pack(">HHHHH", 0x8180 | code, 1, len(found), 0, 0) + message[12:end]
            for stray in self.strays:
                self.socket.sendto(stray(message), peer)
            self.socket.sendto((answer + b"".join(found))[:self.cut], peer)


class Greeter:
    """Tells who connects the address that was reached."""

    def __init__(self, where, port=0):
        self.socket = socket.create_server((where, port), family=socket.AF_INET6 if ":" in where else socket.AF_INET)
        self.port = self.socket.getsockname()[1]
        self.where = where
        threading.Thread(target=self._greet, daemon=True).start()

    def _greet(self):
        while True:
            peer, _ = self.socket.accept()
            peer.sendall(self.where.encode() + b"\n")
            peer.close()


def place(name, text):
    """Puts a text where the file was, in this mount namespace."""
    file = pathlib.Path(tempfile.mkdtemp(dir="/run"), "file")
    file.write_text(text, encoding="ascii")
    target = pathlib.Path("/etc", name).resolve()
    target.parent.mkdir(parents=True, exist_ok=True)
    target.touch()
    subprocess.run(["mount", "--bind", file, target], check=True)


@unittest.skipUnless(INSIDE in os.environ, "needs root and unshare")
class Names(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        for command in ("mount -t tmpfs none /run", "ip link set lo multicast on up",
                        "ip route add 224.0.0.0/4 dev lo"):
            subprocess.run(command.split(), check=True)
        place("hosts", "# hosts\n127.0.0.8\tfile.example  Alias # other.example\n\nnonsense broken.example\n"
                       "127.0.0.8 twice.example\n127.0.0.9 twice.example")
        place("resolv.conf", "nameserver 127.0.0.3\nnameserver 127.0.0.2\nnameserver 127.0.0.1\nsearch a.test lan.test\n")
        cls.failing, cls.server = NameServer("127.0.0.2", otherwise=SERVER_FAILED), NameServer("127.0.0.1")
        cls.group = NameServer("224.0.0.251", 5353, otherwise=None)
        cls.group.socket.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP,
                                    socket.inet_aton("224.0.0.251") + socket.inet_aton("127.0.0.1"))
        cls.greeter = Greeter("127.0.0.9")

    def setUp(self):
        self.server.records, self.server.strays, self.server.cut = {}, [], None
        self.server.asked = []

    def reach(self, name, where="127.0.0.9"):
        done = run("connect", name, str(self.greeter.port))
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, f"{where}\n", ""))

    def miss(self, name, why):
        done = run("connect", name, str(self.greeter.port))
        self.assertEqual((done.returncode, done.stdout, done.stderr),
                         (1, "", f"bobbin: cannot connect to {name} port {self.greeter.port}: {why}\n"))

    def test_the_hosts_file_goes_before_name_servers(self):
        other = Greeter("127.0.0.8", self.greeter.port)
        self.addCleanup(other.socket.close)
        for name in ("file.example", "FILE.example", "alias"):
            self.reach(name, "127.0.0.8")
        self.assertEqual(self.server.asked, [])

    def test_every_address_of_a_name_is_tried(self):
        self.reach("twice.example")

    def test_servers_that_fail_are_passed_over(self):
        self.server.records = {"plain.test": [address("127.0.0.9")]}
        self.reach("plain.test")

    def test_ipv6_goes_first_and_ipv4_is_tried_too(self):
        self.server.records = {"both.test": [address("127.0.0.9"), address("::1")]}
        self.reach("both.test")
        six = Greeter("::1", self.greeter.port)
        self.addCleanup(six.socket.close)
        self.reach("both.test", "::1")

    def test_an_alias_leads_to_its_addresses(self):
        self.server.records = {"alias.test": [record(CNAME, encode("real.test")),
                                              record(A, socket.inet_aton("127.0.0.9"), encode("real.test"))]}
        self.reach("alias.test")

    def test_a_short_name_is_looked_for_in_the_domains_of_the_search_list(self):
        self.server.records = {"device.lan.test": [address("127.0.0.9")]}
        self.reach("device")
        self.assertEqual(list(dict.fromkeys(self.server.asked)), ["device.a.test", "device.lan.test"])

    def test_a_name_that_ends_in_a_dot_is_whole(self):
        self.server.records = {"plain.test": [address("127.0.0.9")]}
        self.reach("plain.test.")

    def test_a_name_that_nobody_has_is_told(self):
        self.miss("nobody.test", "There is no such name")
        self.miss("nobody", "There is no such name")

    def test_names_that_cannot_be_asked_for_do_not_exist(self):
        for name in ("a..test", ".test", "x" * 64 + ".test", ".".join(["label"] * 60), "a b.test"):
            self.miss(name, "There is no such name")

    def test_strays_are_no_answers(self):
        self.server.records = {"plain.test": [address("127.0.0.9")]}
        self.server.strays = [lambda message: b"", lambda message: message[:11], lambda message: message,
                              lambda message: bytes([message[0] ^ 1]) + message[1:2] + b"\x81\x83" + message[4:]]
        self.reach("plain.test")

    def test_answers_that_are_cut_off_hold_no_address(self):
        self.server.records = {"plain.test": [address("127.0.0.9")]}
        whole = 12 + len(encode("plain.test")) + 4 + len(address("127.0.0.9")[1])
        for cut in range(12, whole):
            self.server.cut = cut
            self.miss("plain.test", "There is no such name")
        self.server.cut = whole
        self.reach("plain.test")

    def test_a_name_under_local_is_asked_of_everybody(self):
        self.group.records = {"device.local": [address("127.0.0.9"), address("fe80::1")]}
        self.reach("device.local")
        self.assertEqual(self.server.asked, [])

    def test_a_name_under_local_may_be_a_name_servers(self):
        self.server.records = {"other.local": [address("127.0.0.9")]}
        self.reach("other.local")


if __name__ == "__main__":
    if INSIDE not in os.environ and os.geteuid() == 0 and shutil.which("unshare") and shutil.which("ip"):
        probe = subprocess.run(["unshare", "-mn", "sh", "-ec", "mount -t tmpfs none /run; ip link set lo up"],
                               capture_output=True, check=False, timeout=harness.DEADLINE)
        if probe.returncode == 0:
            os.environ[INSIDE] = "1"
            os.execvp("unshare", ["unshare", "-mn", sys.executable, "-B", *sys.argv])
    harness.main()
