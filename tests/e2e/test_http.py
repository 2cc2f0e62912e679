"""What well-formed requests get: RFC 9110 and 9112 as a browser meets them."""

import gzip
import re
import socket

import harness
from harness import HELLO, Client, EndToEnd, OneServer, request


class Connections(OneServer):
    """Who closes when (RFC 9112 §9.3, §9.6)."""

    def test_1_1_stays_open(self):
        client = self.client()
        for _ in range(5):
            self.assertFalse(client.hello().closes)

    def test_1_1_closes_when_asked(self):
        for line in ("Connection: close", "connection: Close", "Connection: CLOSE", "Connection: x, close",
                     "Connection: close, x", "Connection: , ,close ,", "Connection:\tclose\t", "Connection:close"):
            with self.subTest(line=line):
                client = self.client()
                reply = client.ask(request("/hello", "GET", line))
                self.assertEqual((reply.status, reply.body), (200, b"Hello, World!\n"))
                self.assertTrue(reply.closes)
                client.assert_closed()

    def test_close_is_found_in_a_second_line(self):
        client = self.client()
        reply = client.ask(request("/hello", "GET", "Connection: x-thing", "Connection: close"))
        self.assertTrue(reply.closes)
        client.assert_closed()

    def test_close_wins_over_keep_alive(self):
        for version in ("1.0", "1.1"):
            client = self.client()
            self.assertTrue(client.ask(request("/hello", "GET", "Connection: keep-alive, close",
                                               version=version)).closes)
            client.assert_closed()

    def test_a_token_that_only_looks_like_close_does_not_close(self):
        for value in ("closed", "close-not", "xclose", "cl ose", '"close"'):
            with self.subTest(value=value):
                client = self.client()
                self.assertFalse(client.ask(request("/hello", "GET", f"Connection: {value}")).closes)
                client.hello()

    def test_what_follows_a_request_to_close_is_not_executed(self):
        client = self.client()
        client.send(request("/hello", "GET", "Connection: close") + HELLO)
        self.assertEqual(client.reply().status, 200)
        client.assert_closed()

    def test_1_0_closes(self):
        client = self.client()
        reply = client.ask(request(version="1.0"))
        self.assertEqual((reply.status, reply.body), (200, b"Hello, World!\n"))
        self.assertNotIn("keep-alive", reply.tokens("Connection"))
        client.assert_closed()

    def test_1_0_stays_open_when_asked_and_says_so(self):
        for line in ("Connection: keep-alive", "Connection: Keep-Alive", "Connection: foo, KEEP-ALIVE"):
            with self.subTest(line=line):
                client = self.client()
                for _ in range(3):
                    reply = client.ask(request("/hello", "GET", line, version="1.0"))
                    self.assertEqual(reply.status, 200)
                    self.assertIn("keep-alive", reply.tokens("Connection"))
                client.ask(request(version="1.0"))
                client.assert_closed()

    def test_1_0_needs_no_host(self):
        self.assertEqual(self.ask(request(version="1.0", host=None)).status, 200)

    def test_1_2_is_1_1(self):
        client = self.client()
        for _ in range(2):
            reply = client.ask(request(version="1.2"))
            self.assertEqual((reply.version, reply.status, reply.closes), ("HTTP/1.1", 200, False))

    def test_half_closed_clients_get_their_answer(self):
        for data, count in ((HELLO, 1), (HELLO * 3, 3), (request(version="1.0"), 1),
                            (request("/echo", "POST", body=b"last words"), 1)):
            with self.subTest(data=data):
                client = self.client()
                client.send(data)
                client.half_close()
                for _ in range(count):
                    self.assertEqual(client.reply().status, 200)
                client.assert_closed()


class Pieces(OneServer):
    """TCP knows no messages: neither one request a packet nor one packet a request."""

    def test_sixteen_requests_in_a_packet_are_answered_in_order(self):
        client = self.client()
        for _ in range(10):
            client.send(b"".join(request(f"/none{i}" if i % 3 else "/hello") for i in range(16)))
            for i in range(16):
                self.assertEqual(client.reply().status, 404 if i % 3 else 200, i)

    def test_pipelined_bodies_stay_apart(self):
        client = self.client()
        bodies = [bytes([65 + i]) * (i * 7) for i in range(1, 17)]
        client.send(b"".join(request("/echo", "POST", body=body) for body in bodies))
        for body in bodies:
            self.assertEqual(client.reply().body, body)

    def test_pipelined_methods_each_get_their_kind_of_reply(self):
        client = self.client()
        client.send(request(method="HEAD") + HELLO + request(method="OPTIONS") + request("/echo", "PUT", body=b"x") +
                    request("/nope") + request(method="POST") + HELLO)
        for method, status in (("HEAD", 200), ("GET", 200), ("OPTIONS", 204), ("PUT", 200), ("GET", 404),
                               ("POST", 405), ("GET", 200)):
            self.assertEqual(client.reply(method).status, status, method)

    def test_a_thousand_pipelined_requests_are_answered(self):
        client = self.client()
        for _ in range(20):
            client.send(HELLO * 50)
            for _ in range(50):
                self.assertEqual(client.reply().body, b"Hello, World!\n")

    def test_requests_come_byte_by_byte(self):
        client = self.client()
        for data, body in ((HELLO, b"Hello, World!\n"),
                           (request("/echo", "POST", body=b"slowly"), b"slowly"),
                           (request("/echo", "PUT", "Transfer-Encoding: chunked",
                                    body=b"3;a=b\r\nabc\r\nA\r\n0123456789\r\n0\r\nX: y\r\n\r\n"), b"abc0123456789"),
                           (HELLO, b"Hello, World!\n")):
            client.send_each_byte(data)
            self.assertEqual(client.reply().body, body)

    def test_requests_split_anywhere(self):
        data = request("/echo", "POST", "Accept: */*", body=b"body")
        for position in range(1, len(data)):
            with self.subTest(position=position), Client(self.server) as client:
                client.send(data[:position])
                client.send(data[position:])
                self.assertEqual(client.reply().body, b"body")
                client.hello()

    def test_empty_lines_before_a_request_are_passed_over(self):
        client = self.client()
        for lines in (b"\r\n", b"\r\n\r\n", b"\r\n\r\n\r\n"):
            client.send(lines + HELLO)
            self.assertEqual(client.reply().status, 200)

    def test_an_empty_line_after_a_body_is_passed_over(self):
        client = self.client()
        client.send(request("/echo", "POST", body=b"old browser") + b"\r\n" + HELLO)
        self.assertEqual(client.reply().body, b"old browser")
        self.assertEqual(client.reply().body, b"Hello, World!\n")


class Methods(OneServer):
    def test_hello(self):
        reply = self.ask(HELLO)
        self.assertEqual((reply.status, reply.reason, reply.body), (200, "OK", b"Hello, World!\n"))
        self.assertEqual(reply.field("Content-Length"), "14")
        self.assertEqual(reply.field("Content-Type"), "text/plain; charset=utf-8")

    def test_health(self):
        reply = self.ask(request("/healthz"))
        self.assertEqual((reply.status, reply.body), (200, b"ok\n"))

    def test_head_is_get_without_the_body(self):
        client = self.client()
        for path in ("/hello", "/", "/healthz"):
            with self.subTest(path=path):
                head, get = client.ask(request(path, "HEAD")), client.ask(request(path))
                self.assertEqual((head.status, head.body), (200, b""))
                for name in ("Content-Type", "Content-Length", "Transfer-Encoding"):
                    if head.field(name) is not None:
                        self.assertEqual(head.field(name), get.field(name), name)
                self.assertIsNotNone(head.field("Content-Type"))

    def test_head_of_an_error_has_no_body(self):
        client = self.client()
        for path in ("/nope", "/echo"):
            self.assertEqual(client.ask(request(path, "HEAD")).status, 404)
        client.hello()

    def test_options_tells_the_methods(self):
        client = self.client()
        for path, methods in (("/hello", {"GET", "HEAD", "OPTIONS"}), ("/", {"GET", "HEAD", "OPTIONS"}),
                              ("/nope", {"GET", "HEAD", "OPTIONS"}),
                              ("/echo", {"GET", "HEAD", "OPTIONS", "POST", "PUT"}),
                              ("*", {"GET", "HEAD", "OPTIONS", "POST", "PUT"})):
            with self.subTest(path=path):
                reply = client.ask(request(path, "OPTIONS"))
                self.assertEqual(reply.status, 204)
                self.assertEqual(reply.allowed(), methods)

    def test_options_of_an_absolute_form_without_path_is_about_the_server_or_its_root(self):
        self.assertEqual(self.ask(request("http://device", "OPTIONS")).status, 204)

    def test_other_methods_get_405_and_allow(self):
        client = self.client()
        for path, method, allowed in (
                ("/hello", "POST", {"GET", "HEAD", "OPTIONS"}), ("/hello", "PUT", {"GET", "HEAD", "OPTIONS"}),
                ("/hello", "DELETE", {"GET", "HEAD", "OPTIONS"}), ("/hello", "PATCH", {"GET", "HEAD", "OPTIONS"}),
                ("/nope", "POST", {"GET", "HEAD", "OPTIONS"}),
                ("/echo", "DELETE", {"GET", "HEAD", "OPTIONS", "POST", "PUT"})):
            with self.subTest(path=path, method=method):
                reply = client.ask(request(path, method))
                self.assertEqual(reply.status, 405)
                self.assertEqual(reply.allowed(), allowed)
                self.assertFalse(reply.closes)

    def test_unknown_methods_get_501_and_the_connection_closes(self):
        for method in ("TRACE", "BREW", "get", "Get", "PROPFIND", "GETT", "GE", "M-SEARCH", "!#$%&'*+-.^_`|~09"):
            with self.subTest(method=method):
                client = self.client()
                reply = client.ask(request(method=method))
                self.assertEqual(reply.status, 501)
                self.assertTrue(reply.closes)
                client.assert_closed()

    def test_connect_gets_501(self):
        client = self.client()
        client.send(request("device:80", "CONNECT"))
        self.assertEqual(client.reply("POST").status, 501)
        client.assert_closed()

    def test_what_is_not_there_is_404(self):
        client = self.client()
        for path in ("/nope", "/hello/", "/hello/x", "/hell", "/helloo", "/HELLO", "/favicon.ico", "/%2Fhello",
                     "/hello%2F", "//hello", "/hello%20", "/hello%3F", "/%2568ello"):
            with self.subTest(path=path):
                reply = client.ask(request(path))
                self.assertEqual(reply.status, 404)
                self.assertFalse(reply.closes)
        client.hello()


class Targets(OneServer):
    def test_spellings_of_hello_reach_hello(self):
        client = self.client()
        for target in ("/%68ello", "/%68%65%6c%6C%6f", "/./hello", "/x/../hello", "/../hello", "/../../hello",
                       "/a/b/../../hello", "/a/./../hello", "/%2e/hello", "/x/%2E%2e/hello", "/hello?", "/hello?x",
                       "/hello?a=b&c=d", "/hello?/../nope", "/hello?%zz", "/hello?a?b", "/hello?[x]|{y}`^\\",
                       "http://device/hello", "http://device:80/hello", "HTTP://DEVICE/hello", "http://[::1]:1/hello",
                       "http://127.0.0.1/hello?q", "http://device:/hello"):
            with self.subTest(target=target):
                reply = client.ask(request(target))
                self.assertEqual((reply.status, reply.body), (200, b"Hello, World!\n"))

    def test_dot_segments_at_the_end_reach_the_root(self):
        client = self.client()
        for target in ("/", "/.", "/..", "/x/..", "/x/../", "http://device", "http://device/", "/?q", "http://h?q"):
            with self.subTest(target=target):
                reply = client.ask(request(target))
                self.assertEqual(reply.status, 200)
                self.assertTrue(reply.field("Content-Type").startswith("text/html"))

    def test_good_hosts_are_welcome(self):
        client = self.client()
        for host in ("device", "device:1234", "device.local", "192.168.0.7", "192.168.0.7:1234", "[::1]", "[::1]:80",
                     "[fe80::1]", "a-b_c~d.example", "x:", "%41bc", "  device \t"):
            with self.subTest(host=host):
                self.assertEqual(client.ask(request(host=host)).status, 200)

    def test_the_host_of_an_absolute_form_counts(self):
        self.assertEqual(self.ask(request("http://other/hello", host="device")).status, 200)

    def test_field_lines_of_any_good_kind_are_welcome(self):
        client = self.client()
        for line in ("X:", "X: ", "X:y", "X:\t y \t", "X: \xe9\xff\x80", "!#$%&'*+-.^_`|~09aZ: y", "X: a:b:c",
                     'X: "a\\"b"', "Content_Length: 5", "Transfer_Encoding: chunked", "Content-Length-X: 5",
                     "X-Content-Length: 7", "Connection: ,", "Content-Length: 0"):
            with self.subTest(line=line):
                self.assertEqual(client.ask(request("/hello", "GET", line)).status, 200)


class Replies(OneServer):
    def test_errors_are_html_for_who_reads_html(self):
        client = self.client()
        for accept in ("text/html", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
                       "application/xml, text/html;q=0.9", "TEXT/HTML"):
            with self.subTest(accept=accept):
                reply = client.ask(request("/nope", "GET", f"Accept: {accept}"))
                self.assertEqual(reply.status, 404)
                self.assertRegex(reply.field("Content-Type"), r"^text/html\b")
                self.assertRegex(reply.body, rb"(?is)<.*404.*>")

    def test_errors_are_text_for_others(self):
        client = self.client()
        for fields in ((), ("Accept: */*",), ("Accept: application/json",), ("Accept: text/plain",)):
            with self.subTest(fields=fields):
                reply = client.ask(request("/nope", "GET", *fields))
                self.assertEqual(reply.status, 404)
                self.assertRegex(reply.field("Content-Type"), r"^text/plain\b")
                self.assertIn(b"404", reply.body)
                self.assertNotIn(b"<", reply.body)
                self.assertTrue(reply.body.endswith(b"\n"))

    def test_errors_do_not_repeat_what_was_asked(self):
        for accept in ("text/html", "text/plain"):
            reply = self.ask(request("/%3Cscript%3Ealert(1)", "GET", f"Accept: {accept}"))
            self.assertEqual(reply.status, 404)
            self.assertNotIn(b"<script", reply.body)

    def test_the_echo_keeps_type_and_length(self):
        client = self.client()
        reply = client.ask(request("/echo", "POST", "Content-Type: text/css", body=b"p{}"))
        self.assertEqual((reply.status, reply.body), (200, b"p{}"))
        self.assertEqual(reply.field("Content-Type"), "text/css")
        self.assertEqual(reply.field("Content-Length"), "3")
        self.assertEqual(reply.field("X-Content-Type-Options"), "nosniff")
        reply = client.ask(request("/echo", "PUT", body=b"p{}"))
        self.assertEqual(reply.field("Content-Type"), "application/octet-stream")


class RootPage(EndToEnd):
    def test_links_to_hello_and_is_the_same_on_every_device(self):
        pages = []
        for name in ("Kitchen Pi", "Greenhouse"):
            reply = self.connect(self.serve("--name", name)).ask(request("/"))
            self.assertEqual(reply.status, 200)
            self.assertRegex(reply.field("Content-Type"), r"^text/html; ?charset=utf-8$")
            self.assertRegex(reply.body, rb"href=[\"']?/hello")
            self.assertEqual(reply.field("Cache-Control"), "no-cache")
            pages.append((reply.field("ETag"), reply.body))
        self.assertEqual(pages[0], pages[1])

    def test_is_not_sent_to_who_has_it(self):
        client = self.connect(self.serve())
        for fields in ([], ["Accept-Encoding: gzip"]):
            etag = client.ask(request("/", "GET", *fields)).field("ETag")
            reply = client.ask(request("/index.html", "GET", f"If-None-Match: {etag}", *fields))
            self.assertEqual((reply.status, reply.body, reply.field("ETag")), (304, b"", etag))

    def test_is_compressed_for_who_takes_that(self):
        client = self.connect(self.serve())
        plain = client.ask(request("/"))
        reply = client.ask(request("/", "GET", "Accept-Encoding: gzip, deflate, br"))
        self.assertEqual((reply.field("Content-Encoding"), plain.field("Content-Encoding")), ("gzip", None))
        self.assertEqual(gzip.decompress(reply.body), plain.body)
        self.assertEqual((reply.field("Vary"), plain.field("Vary")), ("Accept-Encoding", "Accept-Encoding"))
        self.assertNotEqual(reply.field("ETag"), plain.field("ETag"))

    def test_name_tells_what_the_page_says(self):
        for name in ("Kitchen Pi", """<b onclick="x">'&amp;"""):
            reply = self.connect(self.serve("--name", name)).ask(request("/name"))
            self.assertEqual((reply.status, reply.body.decode()), (200, name))
            self.assertEqual(reply.field("Content-Type"), "text/plain; charset=utf-8")

    def test_name_is_the_hosts_unless_told(self):
        self.assertEqual(self.connect(self.serve()).ask(request("/name")).body.decode(), harness.NAME)


class LongHeads(EndToEnd):
    """A browser's cookies are long; a device's buffer is not."""

    def check_cookies(self, *options):
        server = self.serve(*options)
        client = self.connect(server)
        lines = [f"Cookie: c{i}={'x' * 1000}" for i in range(12)]
        line = "Cookie: c=" + "x" * 9 * 1024
        for fields in (lines, [line], ["Accept: */*", line, "X: y"], [*lines[:3], "Connection: x", *lines[3:]]):
            for _ in range(2):
                self.assertEqual(client.ask(request("/hello", "GET", *fields)).status, 200)
        reply = client.ask(request("/echo", "POST", line, "Content-Length: 4", *lines[:5], body=b"abcd"))
        self.assertEqual(reply.body, b"abcd")
        client.send(request("/hello", "GET", *lines) + request("/nope", "GET", line) + HELLO)
        self.assertEqual([client.reply().status for _ in range(3)], [200, 404, 200])
        client.send_each_byte(request("/hello", "GET", "Cookie: " + "y" * 2500))
        self.assertEqual(client.reply().status, 200)
        client.send(request("/hello", "GET", line, "Connection: close"))
        self.assertTrue(client.reply().closes)
        client.assert_closed()

    def test_long_cookies_are_welcome(self):
        self.check_cookies()

    def test_long_cookies_are_welcome_with_a_small_buffer(self):
        self.check_cookies("--buffer", "1K")

    def test_lines_behind_long_cookies_still_count(self):
        server = self.serve("--buffer", "1K")
        cookie = "Cookie: " + "x" * 5000
        for lines, status in (((cookie, "Content-Length: 1", "Content-Length: 1"), 400),
                              ((cookie, "Bad Name: x"), 400), ((cookie, "Host: again"), 400),
                              ((cookie + "\x00",), 400), ((cookie, " folded"), 400),
                              ((cookie, "Content-Length: 3", "Transfer-Encoding: chunked"), 400)):
            with self.subTest(lines=[line[-40:] for line in lines]), Client(server) as client:
                reply = client.ask(request("/hello", "GET", *lines) + HELLO)
                self.assertEqual(reply.status, status)
                client.assert_closed()

    def test_a_head_over_the_limit_gets_431(self):
        server = self.serve()
        for fields in ([f"Cookie: c{i}={'x' * 1000}" for i in range(17)], ["Cookie: " + "x" * 17000],
                       ["X" * 17000 + ": y"], [f"X{i}: y" for i in range(100)]):
            with self.subTest(first=fields[0][:20], count=len(fields)), Client(server) as client:
                reply = client.ask(request("/hello", "GET", *fields) + HELLO)
                self.assertEqual(reply.status, 431)
                self.assertTrue(reply.closes)
                client.assert_closed()
        harness.assert_next_client_is_served(server)

    def test_the_limit_of_a_head_is_an_option(self):
        server = self.serve("--max-head", "1K")
        self.assertEqual(self.connect(server).ask(request("/hello", "GET", "X: " + "y" * 800)).status, 200)
        self.assertEqual(self.connect(server).ask(request("/hello", "GET", "X: " + "y" * 1024)).status, 431)

    def test_a_long_target_gets_414(self):
        server = self.serve()
        for length in (2100, 5000, 20000, 100000):
            with self.subTest(length=length), Client(server) as client:
                client.send(request("/" + "a" * length))
                reply = client.reply()
                self.assertEqual(reply.status, 414)
                self.assertTrue(reply.closes)
                client.assert_closed(reset_too=length > 65536)

    def test_a_target_within_the_limit_is_read(self):
        server = self.serve()
        self.assertEqual(self.connect(server).ask(request("/hello?" + "q" * 1900)).status, 200)
        self.assertEqual(self.connect(server).ask(request("/" + "a" * 1900)).status, 404)

    def test_many_fields_within_the_limit_are_read(self):
        server = self.serve()
        reply = self.connect(server).ask(request("/hello", "GET", *[f"X{i}: {'y' * 100}" for i in range(60)]))
        self.assertEqual(reply.status, 200)


class Dates(OneServer):
    def test_every_kind_of_reply_has_a_date(self):
        for data in (HELLO, request("/nope"), request("/hello", "POST"), request("/hello", "OPTIONS"), b"x\r\n\r\n"):
            self.assertTrue(re.match(r"\w{3}, ", self.ask(data).field("Date")))


if __name__ == "__main__":
    harness.main()
