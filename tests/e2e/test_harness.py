"""The reply parser refuses what a client should not have to guess."""

import socket
import threading
import time

import harness
from harness import Client, EndToEnd

DATE = time.strftime("Date: %a, %d %b %Y %H:%M:%S GMT\r\n", time.gmtime()).encode()


def answer(data):
    """A client whose server sends `data` and leaves."""
    listener = socket.create_server(("127.0.0.1", 0))

    def play():
        with listener, listener.accept()[0] as peer:
            peer.sendall(data)

    thread = threading.Thread(target=play)
    thread.start()
    client = Client(listener.getsockname()[1])
    thread.join(harness.DEADLINE)
    return client


class Parser(EndToEnd):
    def read(self, data, method="GET"):
        with answer(data) as client:
            reply = client.reply(method)
            return reply, client.take_all()

    def test_reads_length(self):
        reply, rest = self.read(b"HTTP/1.1 200 OK\r\n" + DATE + b"Content-Length: 3\r\n\r\nabcREST")
        self.assertEqual((reply.status, reply.body, reply.framing, rest), (200, b"abc", "length", b"REST"))

    def test_reads_chunks(self):
        reply, rest = self.read(b"HTTP/1.1 200 OK\r\n" + DATE +
                                b"Transfer-Encoding: chunked\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\n\r\nREST")
        self.assertEqual((reply.body, reply.framing, rest), (b"abc", "chunked", b"REST"))

    def test_reads_up_to_the_end(self):
        reply, _ = self.read(b"HTTP/1.1 200 OK\r\n" + DATE + b"Connection: close\r\n\r\nabc")
        self.assertEqual((reply.body, reply.framing), (b"abc", "close"))

    def test_leaves_the_body_out_for_head(self):
        reply, rest = self.read(b"HTTP/1.1 200 OK\r\n" + DATE + b"Content-Length: 3\r\n\r\n", "HEAD")
        self.assertEqual((reply.body, rest), (b"", b""))

    def test_refuses_what_is_in_doubt(self):
        for data in (
                b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
                b"HTTP/1.1 200 OK\r\n" + DATE + b"\r\n",
                b"HTTP/1.1 200 OK\r\n" + DATE + b"Content-Length: 3\r\nContent-Length: 3\r\n\r\nabc",
                b"HTTP/1.1 200 OK\r\n" + DATE + b"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                b"HTTP/1.1 200 OK\r\n" + DATE + b"Content-Length: 4\r\n\r\nabc",
                b"HTTP/1.1 200 OK\n" + DATE + b"Content-Length: 0\r\n\r\n",
                b"HTTP/1.1 200 OK\r\n" + DATE + b"Bad Name: 1\r\nContent-Length: 0\r\n\r\n",
                b"HTTP/1.1 204 No Content\r\n" + DATE + b"Content-Length: 0\r\n\r\n",
                b"HTTP/1.1 200 OK\r\n" + DATE + b"Transfer-Encoding: chunked\r\n\r\n3\r\nabc",
                b"HTTP/1.1 200 OK\r\n" + DATE + b"Transfer-Encoding: chunked\r\n\r\n3\r\nabcd\r\n0\r\n\r\n",
                b"HTTP/1.1 200 OK\r\n" + DATE):
            with self.subTest(data=data), self.assertRaises(AssertionError):
                self.read(data)


if __name__ == "__main__":
    harness.main()
