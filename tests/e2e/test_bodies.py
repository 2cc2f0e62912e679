"""Bodies of requests: counted, chunked, large, broken, refused, left unread (RFC 9112 §6, §7; 9110 §10.1.1)."""

import contextlib
import hashlib
import os
import threading

import harness
from harness import HELLO, OneServer, request

MIB = 1024 * 1024


def chunks(data, size, extension=b"", trailer=b""):
    pieces = [data[i:i + size] for i in range(0, len(data), size)]
    return b"".join(b"%x%s\r\n%s\r\n" % (len(p), extension, p) for p in pieces) + b"0\r\n" + trailer + b"\r\n"


def chunked(data, *fields, target="/echo", method="POST"):
    return request(target, method, "Transfer-Encoding: chunked", *fields, body=data)


def post(size, *fields, target="/echo", version="1.1"):
    """The head alone of a request with so long a body."""
    return request(target, "POST", f"Content-Length: {size}", *fields, version=version)


@contextlib.contextmanager
def sending(client, data):
    """Sends on a thread of its own meanwhile; the server may well stop listening."""
    def send():
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            client.send(data)

    thread = threading.Thread(target=send)
    thread.start()
    try:
        yield
    finally:
        thread.join(harness.DEADLINE)
        if thread.is_alive():
            raise AssertionError("the sender is stuck")


class Echo(OneServer):
    def test_a_counted_body_comes_back(self):
        client = self.client()
        for body in (b"x", bytes(range(256)), b"\r\n\r\nGET /hello HTTP/1.1\r\n\r\n", os.urandom(1023),
                     os.urandom(4096), os.urandom(70000)):
            reply = client.ask(request("/echo", "POST", body=body))
            self.assertEqual((reply.status, reply.body), (200, body))
            self.assertEqual(reply.field("Content-Length"), str(len(body)))

    def test_a_body_of_no_bytes_comes_back(self):
        client = self.client()
        for data in (post(0), chunked(b"0\r\n\r\n"), chunked(b"000\r\n\r\n"), request("/echo", "POST"),
                     request("/echo", "PUT", "Content-Length: 000")):
            with self.subTest(data=data):
                reply = client.ask(data)
                self.assertEqual((reply.status, reply.body), (200, b""))
        client.hello()

    def test_chunks_come_back(self):
        client = self.client()
        body = os.urandom(3000)
        for data in (chunks(body, 1), chunks(body, 7), chunks(body, 3000), chunks(body, 1000, b";x"),
                     chunks(body, 500, b';name=value;q="a;\\"b"'), chunks(body, 999, b"", b"X-Sum: 1\r\nY:\r\n"),
                     chunks(body, 2999, b";a=b", b"Content-Length: 9\r\n"),
                     b"00000bb8\r\n" + body + b"\r\n0000\r\n\r\n", b"BB8\r\n" + body + b"\r\n0\r\n\r\n"):
            with self.subTest(start=data[:30], end=data[-30:]):
                reply = client.ask(chunked(data))
                self.assertEqual((reply.status, reply.framing), (200, "chunked"))
                self.assertEqual(reply.body, body)
                client.hello()

    def test_the_coding_is_found_in_any_case(self):
        client = self.client()
        for line in ("Transfer-Encoding: Chunked", "TRANSFER-ENCODING:CHUNKED", "transfer-encoding: \tchunked \t"):
            reply = client.ask(request("/echo", "POST", line, body=chunks(b"case", 3)))
            self.assertEqual(reply.body, b"case")

    def test_bodies_come_byte_by_byte(self):
        client = self.client()
        body = bytes(range(256))
        client.send_each_byte(request("/echo", "POST", body=body))
        self.assertEqual(client.reply().body, body)
        client.send_each_byte(chunked(chunks(body, 50, b";e=f", b"T: r\r\n")))
        self.assertEqual(client.reply().body, body)
        client.hello()

    def test_chunks_split_anywhere(self):
        head, body = chunked(b"0\r\n\r\n")[:-5], chunks(b"hello chunks", 5, b";x=y", b"A: b\r\n")
        for position in range(1, len(body)):
            with self.subTest(position=position), harness.Client(self.server) as client:
                client.send(head + body[:position])
                client.send(body[position:] + HELLO)
                self.assertEqual(client.reply().body, b"hello chunks")
                self.assertEqual(client.reply().body, b"Hello, World!\n")

    def check_large(self, head, data, size, digest):
        client = self.client()
        client.send(head)
        with sending(client, data):
            reply = client.reply()
        self.assertEqual((reply.status, len(reply.body)), (200, size))
        self.assertEqual(hashlib.sha256(reply.body).hexdigest(), digest)
        if reply.closes:  # it may say so while it does not know yet whether all will be read
            client.assert_closed()
        else:
            client.hello()

    def test_ten_mebibytes_come_back(self):
        body = os.urandom(10 * MIB)
        digest = hashlib.sha256(body).hexdigest()
        self.check_large(post(len(body)), body, len(body), digest)
        self.check_large(chunked(b""), chunks(body, 40001), len(body), digest)

    def test_many_small_chunks_come_back(self):
        body = os.urandom(30000)
        self.check_large(chunked(b""), chunks(body, 1), len(body), hashlib.sha256(body).hexdigest())

    def test_1_0_clients_get_their_body_back(self):
        client = self.client()
        reply = client.ask(request("/echo", "POST", version="1.0", body=b"old"))
        self.assertEqual((reply.status, reply.body), (200, b"old"))
        self.assertNotEqual(reply.framing, "chunked")
        client.assert_closed()

    def test_a_body_for_who_reads_none_is_passed_over(self):
        client = self.client()
        reply = client.ask(request("/hello", "GET", body=b"a body for GET"))
        self.assertEqual((reply.status, reply.body), (200, b"Hello, World!\n"))
        client.hello()


class Continue(OneServer):
    EXPECT = "Expect: 100-continue"

    def test_continue_comes_before_the_body(self):
        client = self.client()
        for _ in range(2):
            reply = client.ask(post(5, self.EXPECT))
            self.assertEqual((reply.status, reply.fields, reply.body), (100, [], b""))
            client.send(b"later")
            reply = client.reply()
            self.assertEqual((reply.status, reply.body), (200, b"later"))

    def test_continue_comes_before_chunks(self):
        client = self.client()
        self.assertEqual(client.ask(chunked(b"", "Expect: 100-Continue")).status, 100)
        client.send(chunks(b"later", 2))
        self.assertEqual(client.reply().body, b"later")
        client.hello()

    def test_continue_may_be_left_out_when_the_body_is_there(self):
        client = self.client()
        reply = client.ask(request("/echo", "POST", self.EXPECT, body=b"now"))
        if reply.status == 100:
            reply = client.reply()
        self.assertEqual((reply.status, reply.body), (200, b"now"))
        client.hello()

    def test_no_continue_without_a_body(self):
        client = self.client()
        self.assertEqual(client.ask(request("/echo", "POST", self.EXPECT, "Content-Length: 0")).status, 200)
        self.assertEqual(client.ask(request("/hello", "GET", self.EXPECT)).status, 200)

    def test_no_continue_for_1_0(self):
        client = self.client()
        client.send(post(3, self.EXPECT, version="1.0"))
        client.send(b"old")
        reply = client.reply()
        self.assertEqual((reply.status, reply.body), (200, b"old"))

    def test_a_final_answer_that_needs_no_body_comes_at_once(self):
        for target in ("/nope", "/hello"):
            with self.subTest(target=target):
                client = self.client()
                reply = client.ask(post(1000, self.EXPECT, target=target))
                self.assertEqual(reply.status, 405)
                self.assertTrue(reply.closes)
                client.assert_closed()

    def test_other_expectations_get_417(self):
        for value in ("200-ok", "100-continue, something", "x"):
            with self.subTest(value=value):
                client = self.client()
                client.send(post(3, f"Expect: {value}"))
                reply = client.reply()
                self.assertEqual(reply.status, 417)
                if reply.closes:
                    client.assert_closed()
        harness.assert_next_client_is_served(self.server)


class Unread(OneServer):
    """Whoever refuses a body still has to lose it, or the connection (RFC 9112 §9.3)."""

    def test_a_short_unread_body_keeps_the_connection(self):
        client = self.client()
        for size in (1, 1000, 10 * 1024, 60 * 1024):
            for target in ("/nope", "/hello"):
                with self.subTest(size=size, target=target):
                    reply = client.ask(request(target, "POST", body=b"x" * size))
                    self.assertEqual((reply.status, reply.closes), (405, False))
                    client.hello()

    def test_short_unread_chunks_keep_the_connection(self):
        client = self.client()
        reply = client.ask(chunked(chunks(b"x" * 10000, 100), target="/nope"))
        self.assertEqual(reply.status, 405)
        client.hello()

    def test_an_unread_body_is_never_a_request(self):
        client = self.client()
        client.send(request("/nope", "POST", body=HELLO * 3) + request("/healthz"))
        self.assertEqual(client.reply().status, 405)
        self.assertEqual(client.reply().body, b"ok\n")

    def test_a_long_unread_body_ends_the_connection_behind_the_answer(self):
        for head in (post(MIB, target="/nope"), post(MIB, target="/hello"),
                     chunked(b"100000\r\n", target="/nope")):
            with self.subTest(head=head):
                client = self.client()
                client.send(head)
                with sending(client, HELLO * (MIB // len(HELLO))):
                    self.assertEqual(client.reply().status, 405)
                    client.assert_closed(reset_too=True)
                harness.assert_next_client_is_served(self.server)

    def test_a_client_that_sends_on_reads_the_answer_first(self):
        client = self.client()
        client.send(post(MIB, target="/nope") + b"x" * 70000)
        client.send(b"x" * 70000)
        self.assertEqual(client.reply().status, 405)
        client.assert_closed()


class Limited(OneServer):
    """With --max-body the echo has a limit too (RFC 9110 §15.5.14)."""

    OPTIONS = ("--max-body", "1K")

    def test_a_body_within_the_limit_comes_back(self):
        client = self.client()
        for data in (request("/echo", "POST", body=b"x" * 1024), chunked(chunks(b"x" * 1024, 100))):
            self.assertEqual(client.ask(data).body, b"x" * 1024)

    def test_a_length_over_the_limit_gets_413(self):
        for data in (post(1025), post(1025, Continue.EXPECT), post(5000) + b"x" * 5000, post(2 ** 63), post(2 ** 40)):
            with self.subTest(data=data[:80]):
                client = self.client()
                client.send(data)
                reply = client.reply()
                self.assertEqual(reply.status, 413)
                if reply.closes:
                    client.assert_closed()
        harness.assert_next_client_is_served(self.server)

    def test_chunks_over_the_limit_are_never_echoed_whole(self):
        client = self.client()
        client.send(chunked(chunks(b"x" * 5000, 1000)))
        with contextlib.suppress(ConnectionResetError):
            while client.receive():
                pass
        if client.buffer.startswith(b"HTTP/1.1 200"):
            self.assertFalse(client.buffer.endswith(b"\r\n0\r\n\r\n"))
            self.assertLessEqual(client.buffer.count(b"x"), 1024 + 10)
        else:
            self.assertTrue(client.buffer.startswith(b"HTTP/1.1 413"), client.buffer[:100])


class Broken(OneServer):
    """Chunks that break later: the reply, once begun, must not look whole."""

    def check(self, data):
        client = self.client()
        client.send(chunked(data) + HELLO)
        try:
            got = client.take_all()
        except ConnectionResetError:
            got = client.buffer
        if got.startswith(b"HTTP/1.1 200"):
            self.assertNotIn(b"\r\n0\r\n\r\n", got)
        else:
            self.assertTrue(got.startswith(b"HTTP/1.1 400"), got[:300])
        self.assertEqual(got.count(b"HTTP/1.1 "), 1)
        harness.assert_next_client_is_served(self.server)

    def test_broken_chunks_end_the_connection(self):
        good = b"3\r\nabc\r\n"
        for name, data in (
                ("more than the size", b"3\r\nabcd\r\n0\r\n\r\n"), ("less than the size", b"5\r\nabc\r\n0\r\n\r\n"),
                ("no end of the data", b"3\r\nabc0\r\n\r\n"), ("bare LF behind the data", b"3\r\nabc\n0\r\n\r\n"),
                ("bare CR behind the data", b"3\r\nabc\r0\r\n\r\n"), ("letters", good + b"xyz\r\n0\r\n\r\n"),
                ("negative", good + b"-1\r\na\r\n0\r\n\r\n"), ("empty", good + b"\r\n0\r\n\r\n"),
                ("overflow", good + b"1" + b"0" * 16 + b"\r\nabc"), ("bare LF", good + b"3\nabc\r\n0\r\n\r\n"),
                ("bad trailer", good + b"0\r\nbad trailer\r\n\r\n"), ("late", good * 5000 + b"g\r\n")):
            with self.subTest(name):
                self.check(data)

    def test_a_body_that_ends_early_gets_no_good_reply(self):
        for data in (post(10) + b"abc", post(10), chunked(b"3\r\nab"), chunked(b"3\r\nabc\r\n"), chunked(b"0\r\n"),
                     post(100000) + b"x" * 50000):
            with self.subTest(data=data[-40:]):
                client = self.client()
                client.send(data)
                client.half_close()
                try:
                    got = client.take_all()
                except ConnectionResetError:
                    got = client.buffer
                if got.startswith(b"HTTP/1.1 200"):
                    head, _, body = got.partition(b"\r\n\r\n")
                    if b"chunked" in head:
                        self.assertFalse(got.endswith(b"0\r\n\r\n"), got[-300:])
                    else:
                        self.assertIn(b"Content-Length: ", head)
                        self.assertLess(len(body), int(head.split(b"Content-Length: ")[1].split(b"\r\n")[0]))
                elif got:
                    self.assertTrue(got.startswith(b"HTTP/1.1 400"), got[:300])
                harness.assert_next_client_is_served(self.server)


if __name__ == "__main__":
    harness.main()
