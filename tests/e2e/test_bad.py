"""Requests that must not be understood: each gets its status once, nothing behind it is executed, the connection
ends, and the next client is served (RFC 9112 §2.2, §3, §5.1, §6.3, §11.2)."""

import harness
from harness import HELLO, OneServer

H = b"Host: device\r\n"
END = b"\r\n"
POST = b"POST /echo HTTP/1.1\r\n" + H
CHUNKED = POST + b"Transfer-Encoding: chunked\r\n\r\n"


def get(target, version=b"HTTP/1.1"):
    return b"GET " + target + b" " + version + b"\r\n" + H + END


def field(line):
    """A GET with one more line."""
    return b"GET /hello HTTP/1.1\r\n" + H + line + b"\r\n" + END


def host(*lines):
    return b"GET /hello HTTP/1.1\r\n" + b"".join(line + b"\r\n" for line in lines) + END


def length(value):
    return POST + b"Content-Length: " + value + b"\r\n\r\nabcde"


def coding(*lines, body=b"0\r\n\r\n"):
    return POST + b"".join(line + b"\r\n" for line in lines) + END + body


# What stands there, what is sent, the status (several: the standard leaves the choice).
BAD = (
    # -- request line --
    ("nothing but the method", b"GET\r\n" + H + END, 400),
    ("HTTP/0.9", b"GET /hello\r\n" + H + END, 400),
    ("two spaces before the target", b"GET  /hello HTTP/1.1\r\n" + H + END, 400),
    ("two spaces before the version", b"GET /hello  HTTP/1.1\r\n" + H + END, 400),
    ("a space before the method", b" " + HELLO, 400),
    ("a tab before the method", b"\t" + HELLO, 400),
    ("a space behind the version", b"GET /hello HTTP/1.1 \r\n" + H + END, 400),
    ("tabs between", b"GET\t/hello\tHTTP/1.1\r\n" + H + END, 400),
    ("a space inside the target", get(b"/hel lo"), 400),
    ("a fourth word", b"GET /hello HTTP/1.1 x\r\n" + H + END, 400),
    ("no method", b" /hello HTTP/1.1\r\n" + H + END, 400),
    ("an at sign in the method", b"G@T /hello HTTP/1.1\r\n" + H + END, 400),
    ("brackets in the method", b"GE(T) /hello HTTP/1.1\r\n" + H + END, 400),
    ("a colon in the method", b"GET: /hello HTTP/1.1\r\n" + H + END, 400),
    ("NUL in the method", b"G\0T /hello HTTP/1.1\r\n" + H + END, 400),
    ("a method beyond ASCII", b"G\xc3\x89T /hello HTTP/1.1\r\n" + H + END, 400),
    ("a method as long as a book", b"A" * 3000 + b" /hello HTTP/1.1\r\n" + H + END, (400, 414, 501)),
    ("a field line first", H + HELLO, 400),
    ("a reply", b"HTTP/1.1 200 OK\r\n" + H + END, 400),
    ("binary", bytes(range(128, 256)) + b"\r\n\r\n", 400),
    ("a TLS greeting", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\xa5" * 32 + b"\r\n\r\n", 400),
    # -- version --
    ("HTTP in small letters", get(b"/hello", b"http/1.1"), 400),
    ("half a version", get(b"/hello", b"HTTP/1"), 400),
    ("no minor", get(b"/hello", b"HTTP/1."), 400),
    ("no major", get(b"/hello", b"HTTP/.1"), 400),
    ("no dot", get(b"/hello", b"HTTP/11"), 400),
    ("a comma", get(b"/hello", b"HTTP/1,1"), 400),
    ("three numbers", get(b"/hello", b"HTTP/1.1.1"), 400),
    ("a leading zero", get(b"/hello", b"HTTP/01.1"), 400),
    ("a long minor", get(b"/hello", b"HTTP/1.10"), 400),
    ("a letter", get(b"/hello", b"HTTP/1.x"), 400),
    ("a sign", get(b"/hello", b"HTTP/+1.1"), 400),
    ("another protocol", get(b"/hello", b"HTTPS/1.1"), 400),
    ("RTSP", get(b"/hello", b"RTSP/1.0"), 400),
    ("HTTP/2.0", get(b"/hello", b"HTTP/2.0"), 505),
    ("HTTP/3.0", get(b"/hello", b"HTTP/3.0"), 505),
    ("HTTP/9.9", get(b"/hello", b"HTTP/9.9"), 505),
    ("HTTP/0.9 by name", get(b"/hello", b"HTTP/0.9"), (400, 505)),
    ("the preface of HTTP/2", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505),
    # -- target --
    ("no leading slash", get(b"hello"), 400),
    ("an asterisk for GET", get(b"*"), 400),
    ("an asterisk with a tail", b"OPTIONS *x HTTP/1.1\r\n" + H + END, 400),
    ("a fragment", get(b"/hello#top"), 400),
    ("NUL in the target", get(b"/hel\0lo"), 400),
    ("a control in the target", get(b"/hel\x01lo"), 400),
    ("DEL in the target", get(b"/hello\x7f"), 400),
    ("bytes beyond ASCII", get(b"/h\xc3\xa9llo"), 400),
    ("a quote", get(b'/hello"'), 400),
    ("angle brackets", get(b"/<hello>"), 400),
    ("a backslash in the path", get(b"/x\\..\\hello"), 400),
    ("NUL encoded", get(b"/hello%00"), 400),
    ("NUL encoded before an end", get(b"/hello%00.html"), 400),
    ("an escape without digits", get(b"/%zzhello"), 400),
    ("half an escape at the end", get(b"/hello%4"), 400),
    ("an escape without anything", get(b"/hello%"), 400),
    ("an escape with a sign", get(b"/%+8ello"), 400),
    ("userinfo", get(b"http://user@device/hello"), 400),
    ("userinfo with a password", get(b"http://user:secret@device/hello"), 400),
    ("https", get(b"https://device/hello"), 400),
    ("ftp", get(b"ftp://device/hello"), 400),
    ("no host in the target", get(b"http:///hello"), 400),
    ("one slash", get(b"http:/device/hello"), 400),
    ("no slashes", get(b"http:hello"), 400),
    ("a port of letters", get(b"http://device:http/hello"), 400),
    ("an open bracket", get(b"http://[::1/hello"), 400),
    ("a scheme alone", get(b"http://"), 400),
    ("the form of CONNECT for GET", get(b"device:80"), 400),
    ("an absolute form without Host", b"GET http://device/hello HTTP/1.1\r\n\r\n", 400),
    # -- line ends --
    ("bare LF all along", b"GET /hello HTTP/1.1\nHost: device\n\n", 400),
    ("bare LF after the request line", b"GET /hello HTTP/1.1\n" + H + END, 400),
    ("bare LF after a field", b"GET /hello HTTP/1.1\r\nHost: device\nX: y\r\n\r\n", 400),
    ("bare LF as the empty line", b"GET /hello HTTP/1.1\r\nHost: device\r\n\n", 400),
    ("bare CR in the request line", b"GET /hello\rHTTP/1.1\r\n" + H + END, 400),
    ("bare CR after the version", b"GET /hello HTTP/1.1\rX: y\r\n" + H + END, 400),
    ("bare CR in a value", field(b"X: a\rb"), 400),
    ("bare CR that hides a field", field(b"X: a\rTransfer-Encoding: chunked"), 400),
    ("two CR", field(b"X: a\r"), 400),
    ("bare CR first", b"\r" + HELLO, 400),
    ("bare LF first", b"\n" + HELLO, 400),
    ("LF CR", b"GET /hello HTTP/1.1\n\rHost: device\n\r\n\r", 400),
    # -- fields --
    ("a space before the colon", field(b"X : y"), 400),
    ("a tab before the colon", field(b"X\t: y"), 400),
    ("a space before the colon of Host", host(b"Host : device"), 400),
    ("no colon", field(b"nonsense"), 400),
    ("no name", field(b": y"), 400),
    ("a space in the name", field(b"X Y: z"), 400),
    ("a bracket in the name", field(b"X(Y): z"), 400),
    ("a slash in the name", field(b"X/Y: z"), 400),
    ("a name in quotes", field(b'"X": z'), 400),
    ("a name beyond ASCII", field(b"X\xe9: z"), 400),
    ("NUL in a name", field(b"X\0Y: z"), 400),
    ("NUL in a value", field(b"X: y\0z"), 400),
    ("a control in a value", field(b"X: y\x01z"), 400),
    ("ESC in a value", field(b"X: \x1b[31m"), 400),
    ("VT in a value", field(b"X: y\x0bz"), 400),
    ("DEL in a value", field(b"X: y\x7f"), 400),
    ("a folded line", field(b"X: y\r\n z"), 400),
    ("a line folded by a tab", field(b"X: y\r\n\tz"), 400),
    ("a first line that is folded", b"GET /hello HTTP/1.1\r\n Host: device\r\n\r\n", 400),
    ("a line of spaces", field(b"   "), 400),
    # -- Host --
    ("no Host", host(b"X: y"), 400),
    ("two hosts", host(b"Host: a", b"Host: b"), 400),
    ("the same Host twice", host(b"Host: a", b"host: a"), 400),
    ("a space in the host", host(b"Host: a b"), 400),
    ("a path in the host", host(b"Host: a/hello"), 400),
    ("userinfo in the host", host(b"Host: u@a"), 400),
    ("a port of letters in the host", host(b"Host: a:b"), 400),
    ("an escape without digits in the host", host(b"Host: a%zz"), 400),
    ("half an escape in the host", host(b"Host: a%4"), 400),
    ("two ports in the host", host(b"Host: a:1:2"), 400),
    ("a bracket that stays open", host(b"Host: [::1"), 400),
    ("a query in the host", host(b"Host: a?b"), 400),
    ("a scheme in the host", host(b"Host: http://a"), 400),
    ("a host beyond ASCII", host(b"Host: b\xc3\xbccher"), 400),
    # -- Content-Length --
    ("a length of letters", length(b"abc"), 400),
    ("no length", length(b""), 400),
    ("a negative length", length(b"-5"), 400),
    ("a length with a sign", length(b"+5"), 400),
    ("a hexadecimal length", length(b"0x5"), 400),
    ("a length with an exponent", length(b"5e0"), 400),
    ("a length with a fraction", length(b"5.0"), 400),
    ("a length with a unit", length(b"5B"), 400),
    ("a length with a semicolon", length(b"5;"), 400),
    ("two lengths in a word", length(b"5 5"), 400),
    ("a list of lengths", length(b"5,5"), 400),
    ("a list of lengths with a space", length(b"5, 5"), 400),
    ("a length and an empty one", length(b"5,"), 400),
    ("a length in quotes", length(b'"5"'), 400),
    ("a length behind VT", length(b"\x0b5"), 400),
    ("a length before NUL", length(b"5\0"), 400),
    ("full-width digits", length("５".encode()), 400),
    ("the same length twice", POST + b"Content-Length: 5\r\nContent-Length: 5\r\n\r\nabcde", 400),
    ("two lengths", POST + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nabcde", 400),
    ("two lengths, the first 0", POST + b"Content-Length: 0\r\ncontent-length: 44\r\n\r\n", 400),
    ("a space before the colon of a length", POST + b"Content-Length : 5\r\n\r\nabcde", 400),
    ("a length in a folded line", POST + b"Content-Length:\r\n 5\r\n\r\nabcde", 400),
    ("a length of 2^64", length(b"18446744073709551616"), 413),
    ("a length of 2^64 + 5", length(b"18446744073709551621"), 413),
    ("a length of 23 nines", length(b"9" * 23), 413),
    ("a length of 200 nines", length(b"9" * 200), 413),
    ("a broken length for GET", field(b"Content-Length: x"), 400),
    # -- Transfer-Encoding --
    ("coding and length", coding(b"Transfer-Encoding: chunked", b"Content-Length: 5"), 400),
    ("length and coding", coding(b"Content-Length: 5", b"Transfer-Encoding: chunked"), 400),
    ("length and coding in small letters", coding(b"content-length: 0", b"transfer-encoding: Chunked"), 400),
    ("length and an unknown coding", coding(b"Content-Length: 5", b"Transfer-Encoding: x"), 400),
    ("a coding in 1.0", b"POST /echo HTTP/1.0\r\n" + H + b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
    ("identity", coding(b"Transfer-Encoding: identity"), 501),
    ("gzip", coding(b"Transfer-Encoding: gzip"), 501),
    ("gzip, chunked", coding(b"Transfer-Encoding: gzip, chunked"), 501),
    ("chunked, gzip", coding(b"Transfer-Encoding: chunked, gzip"), 400),
    ("chunked, identity", coding(b"Transfer-Encoding: chunked, identity"), 400),
    ("chunked twice", coding(b"Transfer-Encoding: chunked, chunked"), 400),
    ("chunked in two lines", coding(b"Transfer-Encoding: chunked", b"Transfer-Encoding: chunked"), 400),
    ("chunked and x in two lines", coding(b"Transfer-Encoding: chunked", b"Transfer-Encoding: x"), 400),
    ("xchunked", coding(b"Transfer-Encoding: xchunked"), 501),
    ("chunkedx", coding(b"Transfer-Encoding: chunkedx"), 501),
    ("chunk ed", coding(b"Transfer-Encoding: chunk ed"), 501),
    ("chunked in quotes", coding(b'Transfer-Encoding: "chunked"'), 501),
    ("chunked with a parameter", coding(b"Transfer-Encoding: chunked;q=1"), 501),
    ("no coding", coding(b"Transfer-Encoding:"), 400),
    ("chunked behind VT", coding(b"Transfer-Encoding: \x0bchunked"), 400),
    ("chunked before NUL", coding(b"Transfer-Encoding: chunked\0"), 400),
    ("chunked before a bare CR", coding(b"Transfer-Encoding: chunked\r"), 400),
    ("chunked in a folded line", coding(b"Transfer-Encoding:\r\n chunked"), 400),
    ("a space before the colon of a coding", coding(b"Transfer-Encoding : chunked"), 400),
    ("a coding that LF splits", coding(b"X: y\nTransfer-Encoding: chunked"), 400),
    # -- chunks: the echo replies nothing before it read something --
    ("a chunk size of letters", CHUNKED + b"xyz\r\nabc\r\n0\r\n\r\n", 400),
    ("no chunk size", CHUNKED + b"\r\nabc\r\n0\r\n\r\n", 400),
    ("a chunk extension alone", CHUNKED + b";x\r\nabc\r\n0\r\n\r\n", 400),
    ("a chunk size of 0x", CHUNKED + b"0x3\r\nabc\r\n0\r\n\r\n", 400),
    ("a negative chunk size", CHUNKED + b"-3\r\nabc\r\n0\r\n\r\n", 400),
    ("a chunk size with a sign", CHUNKED + b"+3\r\nabc\r\n0\r\n\r\n", 400),
    ("a space before the chunk size", CHUNKED + b" 3\r\nabc\r\n0\r\n\r\n", 400),
    ("a chunk size over 64 bits", CHUNKED + b"10000000000000003\r\nabc\r\n0\r\n\r\n", (400, 413)),
    ("a chunk size of many f", CHUNKED + b"f" * 40 + b"\r\nabc\r\n0\r\n\r\n", (400, 413)),
    ("bare LF after a chunk size", CHUNKED + b"3\nabc\r\n0\r\n\r\n", 400),
    ("bare CR after a chunk size", CHUNKED + b"3\rabc\r\n0\r\n\r\n", 400),
    ("bare CR in an extension", CHUNKED + b"3;a\rb\r\nabc\r\n0\r\n\r\n", 400),
    ("bare LF in an extension", CHUNKED + b"3;a\nb\r\nabc\r\n0\r\n\r\n", 400),
    ("NUL in an extension", CHUNKED + b"3;a\0\r\nabc\r\n0\r\n\r\n", 400),
    ("a chunk size with a comma", CHUNKED + b"3,3\r\nabc\r\n0\r\n\r\n", 400),
    ("an extension without an end", CHUNKED + b"3;" + b"a" * 6000 + b"\r\nabc\r\n0\r\n\r\n", (400, 413)),
    ("a trailer with a space before the colon", CHUNKED + b"0\r\nX : y\r\n\r\n", 400),
    ("a trailer without a colon", CHUNKED + b"0\r\nnonsense\r\n\r\n", 400),
    ("a folded trailer", CHUNKED + b"0\r\nX: y\r\n z\r\n\r\n", 400),
    ("bare LF behind a trailer", CHUNKED + b"0\r\nX: y\n\r\n", 400),
    ("bare LF as the end", CHUNKED + b"0\r\n\n", 400),
    ("NUL in a trailer", CHUNKED + b"0\r\nX: \0\r\n\r\n", 400),
    ("trailers without an end", CHUNKED + b"0\r\n" + b"X: y\r\n" * 3000 + b"\r\n", (400, 413, 431)),
)


class Bad(OneServer):
    def check(self, client, status):
        reply = client.reply()
        self.assertIn(reply.status, status if isinstance(status, tuple) else (status,), reply)
        self.assertTrue(reply.closes, reply)
        self.assertTrue(reply.body, "an error tells what it is")
        client.assert_closed()

    def test_the_table_is_large(self):
        self.assertGreater(len(BAD), 150)
        self.assertEqual(len({name for name, _, _ in BAD}), len(BAD))

    def test_each_gets_its_status_once_and_the_connection_ends(self):
        for name, data, status in BAD:
            with self.subTest(name):
                with harness.Client(self.server) as client:
                    client.send(data + HELLO)
                    self.check(client, status)
                harness.assert_next_client_is_served(self.server)

    def test_each_is_the_same_behind_a_good_request(self):
        for name, data, status in BAD:
            if data[:1] in b"\r\n":
                continue  # a CR may follow a request here
            with self.subTest(name), harness.Client(self.server) as client:
                client.send(HELLO + data + HELLO)
                self.assertEqual(client.reply().status, 200)
                self.check(client, status)

    def test_each_is_the_same_byte_by_byte(self):
        for name, data, status in BAD:
            if len(data) > 1000:
                continue
            with self.subTest(name), harness.Client(self.server) as client:
                try:
                    client.send_each_byte(data + HELLO)
                except (BrokenPipeError, ConnectionResetError):
                    pass  # refused before all was sent
                self.check(client, status)


class Silence(OneServer):
    """Who says nothing that could be answered gets no answer, and nobody suffers."""

    def check_silent(self, data, also=()):
        with harness.Client(self.server) as client:
            client.send(data)
            client.half_close()
            rest = client.take_all()
            if rest and also:
                self.assertIn(int(rest.split(b" ", 2)[1]), also)
            else:
                self.assertEqual(rest, b"")
        harness.assert_next_client_is_served(self.server)

    def test_a_client_that_leaves_at_once_gets_nothing(self):
        self.check_silent(b"")

    def test_a_client_that_sends_empty_lines_gets_nothing_good(self):
        self.check_silent(b"\r\n\r\n", also=(400,))

    def test_half_a_head_is_never_executed(self):
        for position in range(1, len(HELLO)):
            with self.subTest(position=position):
                self.check_silent(HELLO[:position], also=(400,))

    def test_a_client_that_resets_harms_nobody(self):
        for data in (b"", b"GET", HELLO, HELLO * 16, POST + b"Content-Length: 9\r\n\r\nabc"):
            client = harness.Client(self.server)
            client.send(data)
            client.sock.setsockopt(harness.socket.SOL_SOCKET, harness.socket.SO_LINGER,
                                   b"\x01\0\0\0\0\0\0\0")
            client.close()
            harness.assert_next_client_is_served(self.server)


if __name__ == "__main__":
    harness.main()
