"""A slow peer is cut at its deadline, and nobody else notices. How late the cut comes is the machine's matter."""

import select
import socket
import time

import harness
from harness import HELLO, EndToEnd, request

IDLE, REQUEST, BODY, SEND = 2, 0.5, 0.5, 0.5  # seconds, as below
EARLY = 0.05  # a clock that counts whole ms, read before and after
OPTIONS = ("--idle-timeout", "2s", "--request-timeout", "500ms", "--body-timeout", "500ms",
           "--send-timeout", "500ms")


def readable(client, seconds):
    return bool(select.select([client.sock], [], [], seconds)[0])


class Deadlines(EndToEnd):
    def setUp(self):
        self.server = self.serve(*OPTIONS)
        self.begin = time.monotonic()

    def assert_not_before(self, seconds):
        self.assertGreaterEqual(time.monotonic() - self.begin, seconds - EARLY)

    def test_who_says_nothing_is_closed_silently(self):
        client = self.connect(self.server)
        client.assert_closed()
        self.assert_not_before(IDLE)

    def test_who_says_nothing_more_is_closed_silently(self):
        client = self.connect(self.server)
        self.begin = time.monotonic()
        client.hello()
        client.assert_closed()
        self.assert_not_before(IDLE)

    def test_half_a_head_gets_408(self):
        for data in (b"G", b"GET /hello HTTP/1.1", b"GET /hello HTTP/1.1\r\nHost: device\r\n", HELLO[:-1]):
            with self.subTest(data=data):
                client = self.connect(self.server)
                self.begin = time.monotonic()
                client.send(data)
                reply = client.reply()
                self.assert_not_before(REQUEST)
                self.assertEqual(reply.status, 408)
                self.assertTrue(reply.closes)
                client.assert_closed()

    def test_the_second_request_has_a_deadline_of_its_own(self):
        client = self.connect(self.server)
        client.send(HELLO + HELLO[:20])
        self.assertEqual(client.reply().status, 200)
        self.assertEqual(client.reply().status, 408)
        client.assert_closed()

    def trickle(self, client, data, limit):
        """A byte each 100 ms until the server says something, while another client is served; how many went."""
        for count in range(limit):
            client.send(data[count:count + 1])
            harness.assert_next_client_is_served(self.server)
            if readable(client, 0.1):
                return count + 1
        raise AssertionError(f"{limit} bytes trickled in, and nothing came")

    def test_trickling_does_not_put_the_deadline_off(self):
        client = self.connect(self.server)
        self.begin = time.monotonic()
        count = self.trickle(client, b"GET /hello HTTP/1.1\r\nHost: device\r\nX: " + b"y" * 200, 150)
        self.assert_not_before(REQUEST)
        self.assertEqual(client.reply().status, 408)
        harness.report(f"trickled {count} bytes until 408")

    def test_a_trickling_body_gets_408(self):
        client = self.connect(self.server)
        self.begin = time.monotonic()
        client.send(request("/echo", "POST", "Content-Length: 1000", "Expect: 100-continue"))
        self.assertEqual(client.reply().status, 100)
        # The reply may have begun with the first byte: then all that the server can do is to leave.
        deadline = harness.Deadline()
        while client.is_open() and b"408" not in client.buffer and not deadline.passed():
            try:
                client.send(b"x")
                harness.assert_next_client_is_served(self.server)
                if readable(client, 0.1) and not client.receive():
                    break
            except (BrokenPipeError, ConnectionResetError):
                break
        self.assertFalse(deadline.passed(), "never cut")
        self.assert_not_before(BODY)
        if not client.buffer.startswith(b"HTTP/1.1 408"):
            self.assertTrue(not client.buffer or client.buffer.startswith(b"HTTP/1.1 200"), client.buffer)

    def test_a_body_that_never_comes_gets_408(self):
        for data in (request("/echo", "POST", "Content-Length: 5"),
                     request("/echo", "POST", "Transfer-Encoding: chunked"),
                     request("/echo", "POST", "Transfer-Encoding: chunked") + b"5"):
            with self.subTest(data=data):
                client = self.connect(self.server)
                self.begin = time.monotonic()
                client.send(data)
                reply = client.reply()
                self.assert_not_before(BODY)
                self.assertEqual(reply.status, 408)
                self.assertTrue(reply.closes)
                client.assert_closed()

    def test_an_unread_body_that_never_comes_does_not_hold_the_connection(self):
        client = self.connect(self.server)
        client.send(request("/nope", "POST", "Content-Length: 5000") + b"x" * 10)
        self.assertEqual(client.reply().status, 405)
        client.assert_closed(reset_too=True)

    def test_a_fast_long_body_outlives_the_deadline(self):
        # 64 KiB/s is far above --min-rate, and three seconds are twice --body-timeout.
        server = self.serve("--body-timeout", "1500ms", "--send-timeout", "1500ms")
        client = self.connect(server)
        piece, count = b"z" * 6554, 30
        client.send(request("/echo", "POST", f"Content-Length: {len(piece) * count}", "Expect: 100-continue"))
        self.assertEqual(client.reply().status, 100)
        pace = socket.socketpair()
        with pace[0], pace[1]:
            client.send(piece)
            head = client.take_until(b"\r\n\r\n")
            # What comes back is read meanwhile: not every system has room for it until the end.
            for _ in range(count - 1):
                self.assertEqual(client.take(len(piece)), piece)
                select.select([pace[0]], [], [], 0.1)
                client.send(piece)
            self.assertEqual(client.take(len(piece)), piece)
        self.assertTrue(head.startswith(b"HTTP/1.1 200 "), head)
        client.hello()


class Stops(EndToEnd):
    """Speed in the past is no credit for the future: who stops is cut, however much came before."""

    def check(self, *fields, head=b""):
        server = self.serve("--body-timeout", "1s", "--send-timeout", "1s")
        client = self.connect(server)
        client.send(request("/echo", "POST", *fields) + head)
        sent = b"x" * 50000
        for _ in range(20):
            begin = time.monotonic()
            client.send(sent)
            while client.buffer.count(b"x") < len(sent):  # its echo, so that all of it was read
                self.assertTrue(client.receive())
            client.buffer = b""
        client.assert_closed(reset_too=True)
        self.assertGreaterEqual(time.monotonic() - begin, 1 - EARLY)
        harness.assert_next_client_is_served(server)

    def test_a_counted_body_that_stops_is_cut(self):
        self.check("Content-Length: 100000000")

    def test_a_chunk_that_stops_is_cut(self):
        self.check("Transfer-Encoding: chunked", head=b"fffffff\r\n")


class NeverReads(EndToEnd):
    """One who sends a large body for the echo and never reads it back."""

    def fill(self, server):
        client = self.connect(server, receive_buffer=4096)
        client.send(request("/echo", "POST", "Content-Length: 1000000000"))
        return client

    def send_until_cut(self, client):
        deadline = harness.Deadline()
        piece = b"x" * 65536
        client.sock.setblocking(False)
        sent = 0
        while not deadline.passed():
            select.select([], [client.sock], [], deadline.left())
            try:
                sent += client.sock.send(piece)
            except BlockingIOError:
                continue
            except (BrokenPipeError, ConnectionResetError):
                return sent
        raise AssertionError("who never reads is never cut")

    def test_who_never_reads_is_cut(self):
        server = self.serve(*OPTIONS)
        client = self.fill(server)
        begin = time.monotonic()
        self.send_until_cut(client)
        self.assertGreaterEqual(time.monotonic() - begin, SEND - EARLY)
        harness.assert_next_client_is_served(server)

    def test_slots_are_free_again_behind_those_who_never_read(self):
        server = self.serve(*OPTIONS, "--max-clients", "3")
        for client in [self.fill(server) for _ in range(3)]:
            self.send_until_cut(client)
        clients = []
        harness.serve_until(server)
        deadline = harness.Deadline()
        while len(clients) < 3 and not deadline.passed():
            client = harness.Client(server)
            if client.ask(HELLO).status == 200:
                clients.append(client)
            else:
                client.close()
        for client in clients:
            client.close()
        self.assertEqual(len(clients), 3)


if __name__ == "__main__":
    harness.main()
