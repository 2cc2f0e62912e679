"""Files of a folder: --root and the options beside it."""

import email.utils
import os
import re
import stat
import time

import harness
import web_root
from harness import HELLO, Client, request
from web_root import FilesTest, OneRoot

MEBIBYTE = bytes(range(256)) * 4096

TYPES = {  # WHATWG MIME Sniffing, RFC 9239 for JavaScript; text is UTF-8
    "html": "text/html; charset=utf-8", "htm": "text/html; charset=utf-8", "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8", "mjs": "text/javascript; charset=utf-8",
    "txt": "text/plain; charset=utf-8", "csv": "text/csv; charset=utf-8", "md": "text/markdown; charset=utf-8",
    "json": "application/json", "map": "application/json", "webmanifest": "application/manifest+json",
    "svg": "image/svg+xml", "png": "image/png", "jpg": "image/jpeg", "jpeg": "image/jpeg", "gif": "image/gif",
    "webp": "image/webp", "avif": "image/avif", "woff": "font/woff", "woff2": "font/woff2",
    "wasm": "application/wasm", "pdf": "application/pdf", "mp4": "video/mp4", "webm": "video/webm",
}
UNKNOWN = "application/octet-stream"


class Pages(OneRoot):
    @classmethod
    def fill(cls, folder):
        folder.put("index.html", b"<h1>front</h1>")
        folder.put("sub/index.html", b"<h1>sub</h1>")
        folder.put("sub/page.txt", b"page\n")
        folder.put("bare/page.txt", b"bare\n")
        folder.put("empty.txt")
        folder.put("big.bin", MEBIBYTE)
        folder.put("hello", b"a file called hello")
        folder.put("a b%c\u00e9.txt", b"odd name")
        folder.put("index/index.html/page.txt", b"index.html is a folder")
        folder.put(".hidden", b"hidden")
        folder.put("future.txt", b"from the future", time.time() + 86400)
        folder.put("ancient.txt", b"before the epoch", -86400)
        for i in range(16):
            folder.put(f"small-{i}.txt", f"small {i}\n".encode() * i)
        os.mkfifo(folder.at("fifo"))
        os.mknod(folder.at("socket"), stat.S_IFSOCK | 0o600)

    def test_a_file_is_sent_with_all_that_caches_need(self):
        reply = self.get("/sub/page.txt")
        self.assertEqual((reply.status, reply.body), (200, b"page\n"))
        self.assertEqual(reply.field("Content-Type"), "text/plain; charset=utf-8")
        self.assertEqual(reply.field("Content-Length"), "5")
        self.assertEqual(reply.field("Last-Modified"), web_root.PAST_DATE)
        self.assertEqual(reply.field("Accept-Ranges"), "bytes")
        self.assertEqual(reply.field("Cache-Control"), "no-cache")
        self.assertEqual(reply.field("Vary"), "Accept-Encoding")
        self.assertIsNone(reply.field("Content-Encoding"))
        self.assertRegex(reply.field("ETag"), r'\A"[0-9a-f]+(-[0-9a-f]+)*"\Z')

    def test_the_index_is_the_page_of_its_folder(self):
        for target, body in (("/", b"<h1>front</h1>"), ("/sub/", b"<h1>sub</h1>"), ("/?x=y", b"<h1>front</h1>"),
                             ("/index.html", b"<h1>front</h1>"), ("http://device", b"<h1>front</h1>")):
            with self.subTest(target=target):
                reply = self.get(target)
                self.assertEqual((reply.status, reply.body), (200, body))
                self.assertEqual(reply.field("Content-Type"), "text/html; charset=utf-8")

    def test_a_folder_without_index_is_not_there(self):
        for target in ("/bare/", "/index/", "/index/index.html/"):
            self.assertEqual(self.get(target).status, 404, target)

    def test_a_folder_without_slash_is_elsewhere(self):
        for target, location in (("/sub", "/sub/"), ("/sub?a=b&c=%2F", "/sub/?a=b&c=%2F"), ("/s%75b?x", "/s%75b/?x"),
                                 ("/sub?", "/sub/?"), ("/bare", "/bare/"), ("http://device/sub?q", "/sub/?q"),
                                 ("/./sub", "/./sub/")):
            with self.subTest(target=target):
                reply = self.get(target)
                self.assertEqual((reply.status, reply.field("Location")), (301, location))
                self.assertEqual(self.get(target, method="HEAD").status, 301)

    def test_head_tells_what_get_does(self):
        for target in ("/", "/sub/page.txt", "/empty.txt", "/big.bin", "/sub", "/nowhere"):
            with self.subTest(target=target), Client(self.server) as client:
                get, head = client.ask(request(target)), client.ask(request(target, "HEAD"))
                for reply in (get, head):
                    reply.fields = [(name, value) for name, value in reply.fields if name != "Date"]
                self.assertEqual((head.status, head.fields, head.body), (get.status, get.fields, b""))
                client.hello()

    def test_other_methods_get_405_and_allow(self):
        for method in ("POST", "PUT", "DELETE", "PATCH"):
            for target in ("/sub/page.txt", "/", "/sub", "/nowhere"):
                with self.subTest(method=method, target=target):
                    reply = self.get(target, method=method)
                    self.assertEqual((reply.status, reply.allowed()), (405, {"GET", "HEAD", "OPTIONS"}))
        self.assertEqual(self.get("/sub/page.txt", method="OPTIONS").allowed(), {"GET", "HEAD", "OPTIONS"})
        with open(self.folder.at("sub/page.txt"), "rb") as file:
            self.assertEqual(file.read(), b"page\n")

    def test_routes_of_the_program_win(self):
        self.assertEqual(self.ask(HELLO).body, b"Hello, World!\n")
        self.assertEqual(self.get("/healthz").body, b"ok\n")
        self.assertEqual(self.ask(request("/echo", "POST", body=b"back")).body, b"back")
        self.assertEqual(self.get("/hello/").status, 404)

    def test_the_url_that_is_printed_is_the_root(self):
        self.assertEqual(self.server.start_lines()[1:-1], self.server.places("/"))

    def test_an_empty_file_has_an_empty_body(self):
        reply = self.get("/empty.txt")
        self.assertEqual((reply.status, reply.body, reply.field("Content-Length")), (200, b"", "0"))

    def test_a_large_file_comes_whole(self):
        reply = self.get("/big.bin")
        self.assertEqual((reply.status, reply.field("Content-Type")), (200, UNKNOWN))
        self.assertTrue(reply.body == MEBIBYTE)

    def test_names_are_decoded_once(self):
        self.assertEqual(self.get("/a%20b%25c%C3%A9.txt").body, b"odd name")
        self.assertEqual(self.get("/a%20b%2525c%C3%A9.txt").status, 404)
        self.assertEqual(self.get("/a+b%25c%C3%A9.txt").status, 404)

    def test_dot_files_are_not_there(self):
        self.assertEqual(self.get("/.hidden").status, 404)

    def test_what_is_no_file_is_answered_at_once(self):
        with Client(self.server) as client:
            for target in ("/fifo", "/socket", "/fifo/"):
                self.assertEqual(client.ask(request(target)).status, 404, target)
            client.hello()

    def test_last_modified_is_never_later_than_the_reply(self):
        reply = self.get("/future.txt")
        modified, date = (email.utils.parsedate_to_datetime(reply.field(name)) for name in ("Last-Modified", "Date"))
        self.assertLessEqual(modified, date)
        self.assertEqual(self.get("/ancient.txt").status, 200)

    def test_a_connection_serves_many_files(self):
        with Client(self.server) as client:
            for _ in range(3):
                self.assertTrue(client.ask(request("/big.bin")).body == MEBIBYTE)
                self.assertEqual(client.ask(request("/empty.txt")).body, b"")
                self.assertEqual(client.ask(request("/nowhere")).status, 404)
                self.assertEqual(client.ask(request("/sub/page.txt")).body, b"page\n")
                client.hello()

    def test_files_asked_for_in_one_packet_come_in_order(self):
        with Client(self.server) as client:
            for _ in range(5):
                client.send(b"".join(request(f"/small-{i}.txt") for i in range(16)))
                for i in range(16):
                    self.assertEqual(client.reply().body, f"small {i}\n".encode() * i)
            client.send(request("/big.bin") + request("/small-3.txt", "HEAD") + request("/nope") + HELLO +
                        request("/big.bin"))
            self.assertTrue(client.reply().body == MEBIBYTE)
            self.assertEqual(client.reply("HEAD").field("Content-Length"), "24")
            self.assertEqual([client.reply().status for _ in range(2)], [404, 200])
            self.assertTrue(client.reply().body == MEBIBYTE)

    def test_the_log_tells_the_bytes_of_each_body(self):
        rows = ((200, 1 << 20, "GET", ()), (200, 0, "HEAD", ()), (206, 10, "GET", ("Range: bytes=5-14",)),
                (206, (1 << 20) - 1, "GET", ("Range: bytes=1-",)), (304, 0, "GET", ("If-None-Match: *",)))
        with Client(self.server) as client:
            for _, _, method, fields in rows:
                client.ask(request("/big.bin?log", method, *fields))
            name = re.escape(client.name())
            self.server.wait_for_line(rf'{name} "GET /big\.bin\?log HTTP/1\.1" 304 0')
            lines = [line for line in self.server.console() if line.startswith(client.name())]
        self.assertEqual(lines, [f'{client.name()} "{method} /big.bin?log HTTP/1.1" {status} {size}'
                                 for status, size, method, _ in rows])

    def test_1_0_gets_files_too(self):
        with Client(self.server) as client:
            reply = client.ask(request("/big.bin", version="1.0"))
            self.assertEqual((reply.status, reply.framing), (200, "length"))
            self.assertTrue(reply.body == MEBIBYTE)
            client.assert_closed()


class MediaTypes(FilesTest):
    def assert_type(self, server, name, expected):
        reply = self.get(server, f"/{name}", method="HEAD")
        self.assertEqual((reply.status, reply.field("Content-Type")), (200, expected), name)

    def test_extensions_tell_the_type(self):
        for extension in (*TYPES, "ico", "xml"):
            self.folder.put(f"file.{extension}")
            self.folder.put(f"LOUD.{extension.upper()}")
        for name in ("none", "file.unknown", "file.", "html", "dir.html/file", "archive.tar.zz"):
            self.folder.put(name)
        server = self.site()
        for extension, expected in TYPES.items():
            self.assert_type(server, f"file.{extension}", expected)
            self.assert_type(server, f"LOUD.{extension.upper()}", expected)
        for name in ("none", "file.unknown", "file.", "html", "dir.html/file", "archive.tar.zz"):
            self.assert_type(server, name, UNKNOWN)
        for name, pattern in (("file.ico", r"image/(x-icon|vnd\.microsoft\.icon)"),
                              ("file.xml", r"application/xml|text/xml; charset=utf-8")):
            self.assertRegex(self.get(server, f"/{name}").field("Content-Type"), rf"\A({pattern})\Z")

    def test_a_file_of_types_goes_before_what_is_built_in(self):
        types = self.folder.put("mime.types", b"# comment\n\ntext/x-own  own  Mine\nimage/x-better\tpng\n"
                                              b"application/without\n  text/html;charset=latin1 old # and this\n"
                                              b"text/plain log\r\n")
        for name in ("a.own", "a.mine", "a.OWN", "a.png", "a.old", "a.log", "a.html"):
            self.folder.put(name)
        server = self.site("--types", types)
        for name, expected in (("a.own", "text/x-own; charset=utf-8"), ("a.mine", "text/x-own; charset=utf-8"),
                               ("a.OWN", "text/x-own; charset=utf-8"), ("a.png", "image/x-better"),
                               ("a.old", "text/html;charset=latin1"), ("a.log", "text/plain; charset=utf-8"),
                               ("a.html", "text/html; charset=utf-8")):
            self.assert_type(server, name, expected)

    def refused(self, *options):
        done = harness.run("serve", "-p", "0", "--bind", "127.0.0.1", "--root", self.folder.path, *options)
        self.assertEqual((done.returncode, done.stdout), (1, ""), done.stderr)
        return done.stderr

    def test_a_file_of_types_that_cannot_be_read_is_an_error(self):
        missing = self.folder.at("missing")
        self.assertEqual(self.refused("--types", missing),
                         f"bobbin: cannot read {missing}: No such file or directory\n")
        self.assertRegex(self.refused("--types", self.folder.path), r"\Abobbin: cannot read .*: \S.*\n\Z")

    def test_a_malformed_line_of_types_is_named(self):
        for text, line in ((b"nonsense html\n", 1), (b"text/plain txt\n\n# x\ntext/ html\n", 4), (b"/html html", 1),
                           (b"text/html\x01 html\n", 1), (b"te xt/html html\n", 1)):
            types = self.folder.put("mime.types", text)
            with self.subTest(text=text):
                self.assertRegex(self.refused("--types", types), rf"\Abobbin: {re.escape(types)}:{line}: \S.*\n\Z")


class Options(FilesTest):
    def test_dot_files_are_served_who_asks_for_it(self):
        for name in (".hidden", ".well-known/thing", ".x/.y/z", "..two"):
            self.folder.put(name, b"dot")
        server = self.site("--dot-files")
        for target in ("/.hidden", "/%2ehidden", "/.well-known/thing", "/.x/.y/z", "/..two"):
            self.assertEqual(self.get(server, target).body, b"dot", target)
        for target in ("/..", "/../", "/.x/../.hidden", "/%2e%2e/x"):
            self.assertEqual(self.get(server, target).status, 404, target)

    def test_cache_control_is_an_option(self):
        self.folder.put("page.txt", b"page")
        self.folder.put("sub/x")
        for value in ("max-age=60", "private, max-age=0", "public, max-age=31536000, immutable"):
            server = self.site("--cache-control", value)
            reply = self.get(server, "/page.txt")
            self.assertEqual(reply.field("Cache-Control"), value)
            again = self.get(server, "/page.txt", f"If-None-Match: {reply.field('ETag')}")
            self.assertEqual((again.status, again.field("Cache-Control")), (304, value))
        server = self.site("--cache-control", "")
        self.assertIsNone(self.get(server, "/page.txt").field("Cache-Control"))

    def test_a_cache_control_that_is_no_field_value_is_an_error(self):
        for value in ("a\r\nX: y", "a\nb", "\x01"):
            done = harness.run("serve", "-p", "0", "--bind", "127.0.0.1", "--root", self.folder.path,
                               "--cache-control", value)
            self.assertEqual((done.returncode, done.stdout), (2, ""), done.stderr)
            self.assertTrue(done.stderr.startswith("bobbin: --cache-control: "), done.stderr)

    def test_a_root_that_cannot_be_served_is_an_error(self):
        file = self.folder.put("file")
        for path, reason in ((self.folder.at("missing"), "there is no such folder"), (file, "it is not a folder"),
                             (file + "/x", "it is not a folder")):
            with self.subTest(path=path):
                done = harness.run("serve", "-p", "0", "--bind", "127.0.0.1", "--root", path)
                self.assertEqual((done.returncode, done.stdout), (1, ""))
                self.assertEqual(done.stderr, f"bobbin: cannot serve {path}: {reason}\n")
        self.assertEqual(harness.run("serve", "-p", "0", "--bind", "127.0.0.1", "--root", "").returncode, 2)

    def test_a_root_without_permission_is_an_error(self):
        prefix = web_root.ordinary_user()
        os.mkdir(self.folder.at("locked"), 0)
        locked = self.folder.at("locked")
        done = harness.run("serve", "-p", "0", "--bind", "127.0.0.1", "--root", locked, prefix=prefix)
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        self.assertEqual(done.stderr, f"bobbin: cannot serve {locked}: Permission denied\n")

    def test_without_a_root_there_are_no_files(self):
        self.folder.put("page.txt")
        server = self.serve()
        self.assertEqual(self.get(server, "/page.txt").status, 404)
        self.assertEqual(self.get(server, "/").status, 200)


if __name__ == "__main__":
    harness.main()
