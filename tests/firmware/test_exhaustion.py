"""Whatever a peer does to lwIP's pools, the board is not deaf: it serves again when the peer has gone, over TAP in a
network namespace of the test's own."""

import contextlib
import errno
import os
import random
import select
import socket
import struct
import subprocess

import device
import harness
from harness import HELLO, request

FLOOD = 2000


def checksum(data):
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    total = (total >> 16) + (total & 0xffff)
    return ~(total + (total >> 16)) & 0xffff


def syn(source, port):
    """A SYN to the board from whatever address."""
    addresses = socket.inet_aton(source) + socket.inet_aton(device.ADDRESS)
    tcp = struct.pack("!HHIIBBHHH", random.randrange(1024, 65536), port, random.getrandbits(32), 0, 5 << 4, 2, 1024,
                      0, 0)
    tcp = tcp[:16] + struct.pack("!H", checksum(addresses + struct.pack("!HH", 6, len(tcp)) + tcp)) + tcp[18:]
    return struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(tcp), 0, 0, 64, 6, 0) + addresses + tcp


class Exhaustion(device.OneBoard):
    def serves(self):
        """With new connections, each of which may meet pools that are not free yet."""
        for _ in range(10):
            self.board.client_let_in().close()

    def test_hello_over_tap(self):
        for _ in range(100):
            self.assertEqual(self.ask(HELLO).status, 200)

    def test_more_connections_than_there_are_pools(self):
        for _ in range(3):
            crowd = []
            for _ in range(100):
                sock = socket.socket()
                sock.setblocking(False)
                with contextlib.suppress(BlockingIOError):
                    sock.connect((device.ADDRESS, device.HTTP))
                crowd.append(sock)
            self.addCleanup(lambda socks=tuple(crowd): [sock.close() for sock in socks])
            select.select(crowd, [], [], 0.5)
            for sock in crowd:
                sock.close()
            self.serves()

    def test_syns_from_nowhere_and_from_somebody_who_resets(self):
        with socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW) as raw:
            for source in [f"10.0.2.{number}" for number in range(100, 200)] + [device.GATEWAY]:
                for _ in range(FLOOD // 101):
                    raw.sendto(syn(source, random.choice((device.HTTP, device.ECHO))), (device.ADDRESS, 0))
        self.serves()

    def test_floods_of_data_to_handlers_that_do_not_read(self):
        """Four clients send far more than all buffers hold, and read none of what comes back."""
        flooders = [self.client(receive_buffer=2048) for _ in range(device.CLIENTS)]
        for client in flooders:
            client.send(request("/echo", "POST", "Transfer-Encoding: chunked"))
            client.sock.setblocking(False)
        stuck = set()
        deadline = harness.Deadline()
        while len(stuck) < len(flooders) and not deadline.passed():
            _, ready, _ = select.select([], [c.sock for c in flooders if c not in stuck], [], 1)
            if not ready:
                break
            for client in flooders:
                if client.sock in ready:
                    with contextlib.suppress(BlockingIOError):
                        client.sock.send(b"400\r\n" + b"x" * 1024 + b"\r\n")
        with self.client() as client: # whoever comes is heard, and answered
            self.assertEqual(client.reply().status, 503)
        for client in flooders:
            client.close()
        self.serves()

    def test_tiny_segments_fill_no_more_than_a_clients_share(self):
        """A segment of one byte takes a buffer as a large one does."""
        clients = self.busy(device.CLIENTS - 1)
        for client in clients:
            client.sock.setblocking(False)
        for _ in range(2000):
            for client in clients:
                with contextlib.suppress(BlockingIOError, BrokenPipeError, ConnectionResetError):
                    client.sock.send(b"x")
        self.assertIn(self.ask(HELLO).status, (200, 503))
        for client in clients:
            client.close()
        self.serves()

    def four_that_stay(self):
        """Where somebody of the last test has not quite left, the first of them makes room: then four others."""
        deadline = harness.Deadline()
        while True:
            clients = [self.client() for _ in range(device.CLIENTS)]
            for client in clients:
                client.hello()
            if not select.select([client.sock for client in clients], [], [], 0.3)[0]:
                return clients
            self.assertFalse(deadline.passed())
            for client in clients:
                client.close()

    def test_clients_that_vanish(self):
        """No FIN, no RST: the wire is cut for good, and new ones come."""
        gone = self.four_that_stay()
        rule = ["ip", "route", "add", "unreachable", device.ADDRESS]
        subprocess.run(rule, check=True)
        for client in gone:
            client.close()
        subprocess.run([word.replace("add", "del") for word in rule], check=True)
        self.serves()

    def connect_from(self, port):
        deadline = harness.Deadline()
        while True:
            sock = socket.socket()
            sock.settimeout(harness.DEADLINE)
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            sock.bind((device.GATEWAY, port))
            try:
                sock.connect((device.ADDRESS, device.HTTP))
                return sock
            except OSError as error: # this side has not heard the end of the one before
                sock.close()
                if error.errno != errno.EADDRNOTAVAIL or deadline.passed():
                    raise
            self.assertEqual(self.ask(HELLO).status, 200)

    def test_a_port_that_the_board_has_in_time_wait_is_its_clients_again(self):
        """The board ends first, so that its side lingers; who it was may call again from the same port."""
        port = 0
        for _ in range(5):
            with self.connect_from(port) as sock:
                port = sock.getsockname()[1]
                sock.sendall(b"GET / HTTP/1.1\r\n\r\n")
                answer = b""
                while data := sock.recv(4096):
                    answer += data
                self.assertTrue(answer.startswith(b"HTTP/1.1 400 "))

    def test_broadcasts_and_packets_for_nobody(self):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
            for number in range(FLOOD):
                sock.sendto(os.urandom(number % 1400), ("10.0.2.255", 9999))
                with contextlib.suppress(ConnectionRefusedError):
                    sock.sendto(os.urandom(number % 1400), (device.ADDRESS, 9999))
        self.serves()

    def test_pings_are_answered(self):
        with socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP) as raw:
            raw.settimeout(harness.DEADLINE)
            for length in (0, 100, 1000, 1472):
                ask = bytes([8, 0, 0, 0, 1, 2, 3, 4]) + os.urandom(length)
                ask = ask[:2] + struct.pack("!H", checksum(ask)) + ask[4:]
                raw.sendto(ask, (device.ADDRESS, 0))
                answer = b"\x08"
                while answer[:1] != b"\x00": # the kernel shows others too
                    answer = raw.recv(65536)[20:]
                self.assertEqual(answer[4:], ask[4:])

    @classmethod
    def tearDownClass(cls):
        status = cls.board.status()
        for name, numbers in status.items():
            if name.startswith(("pool", "frames")):
                harness.report(f"{name}: {numbers}")


if __name__ == "__main__":
    device.main(tap=True)
