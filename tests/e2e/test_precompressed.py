"""Files that stand beside another as its compressed form: name.br and name.gz (RFC 9110 §12.5.3)."""

import gzip
import os

import harness
import web_root
from harness import Client, request
from web_root import OneRoot

PLAIN = b"body { color: black }\n" * 200
GZIP = gzip.compress(PLAIN, mtime=0)
BR = b"\x0bnot really brotli; the server does not look"

# Accept-Encoding, and what is sent where there are both, only .gz, only .br. Who does not name identity takes it as
# gladly as anything: a coding with a lower q is not sent.
CHOICES = (
    ("gzip", "gzip", "gzip", None), ("br", "br", None, "br"), ("gzip, br", "br", "gzip", "br"),
    ("br, gzip", "br", "gzip", "br"), ("gzip, deflate, br, zstd", "br", "gzip", "br"),
    ("deflate, zstd", None, None, None), ("gzip;q=0.5,br;q=0.4, identity;q=0.1", "gzip", "gzip", "br"),
    ("gzip;q=0.4, br;q=0.5, identity;q=0", "br", "gzip", "br"), ("gzip;q=0.5,br;q=0.4", "gzip", "gzip", "br"),
    ("br;q=0, gzip", "gzip", "gzip", None), ("br;q=0, *", "gzip", "gzip", None),
    ("br;q=0,gzip;q=0", None, None, None), ("*", "br", "gzip", "br"), ("*;q=0", None, None, None),
    ("*;q=0, gzip", "gzip", "gzip", None), ("*;q=0.5, br;q=0.4", "gzip", "gzip", None),
    ("identity;q=0, gzip", "gzip", "gzip", None), ("identity;q=0", None, None, None),
    ("identity;q=0.5, gzip;q=0.4", None, None, None), ("identity;q=0.4, gzip;q=0.5", "gzip", "gzip", None),
    ("identity, gzip", "gzip", "gzip", None), ("x-gzip", "gzip", "gzip", None), ("X-GZip", "gzip", "gzip", None),
    ("GZIP", "gzip", "gzip", None), ("BR", "br", None, "br"), ("", None, None, None), (",", None, None, None),
    ("gzip;q=1.000", "gzip", "gzip", None), ("gzip ; q=1", "gzip", "gzip", None), ("gzip;Q=1", "gzip", "gzip", None),
    ("gzip;q=0.000", None, None, None), ("gzip;q=nonsense", None, None, None), ("gzip;q=2", None, None, None),
    ("gzipped, brotli", None, None, None), ("gzi", None, None, None),
    ("br, gzip;q=0.999, identity;q=0.5", "br", "gzip", "br"),
)


class Siblings(OneRoot):
    @classmethod
    def fill(cls, folder):
        for name, codings in (("both.css", ("gz", "br")), ("gz.css", ("gz",)), ("br.css", ("br",)), ("none.css", ()),
                              ("index.html", ("gz", "br"))):
            folder.put(name, PLAIN)
            for coding in codings:
                folder.put(f"{name}.{coding}", GZIP if coding == "gz" else BR, web_root.PAST + 1)
        folder.put("alone.css.gz", GZIP)
        for name in ("folder.css", "fifo.css", "socket.css", "unreadable.css"):
            folder.put(name, PLAIN)
        folder.put("folder.css.gz/index.html", b"a folder")
        os.mkfifo(folder.at("fifo.css.gz"))
        os.mkfifo(folder.at("fifo.css.br"))
        folder.put("empty.css", PLAIN)
        folder.put("empty.css.gz")

    def test_the_coding_that_is_wanted_most_is_sent(self):
        sent = {None: PLAIN, "gzip": GZIP, "br": BR}
        with Client(self.server) as client:
            for accepted, *chosen in CHOICES:
                for name, coding in zip(("both.css", "gz.css", "br.css"), chosen):
                    with self.subTest(accepted=accepted, name=name):
                        reply = client.ask(request(f"/{name}", "GET", f"Accept-Encoding: {accepted}"))
                        self.assertEqual((reply.status, reply.field("Content-Encoding")), (200, coding))
                        self.assertEqual(reply.body, sent[coding])
                        self.assertEqual(reply.field("Content-Type"), "text/css; charset=utf-8")
                        self.assertEqual(reply.field("Vary"), "Accept-Encoding")
                        self.assertEqual(reply.field("Accept-Ranges"), "bytes")

    def test_who_does_not_ask_gets_the_file_itself(self):
        reply = self.get("/both.css")
        self.assertEqual((reply.field("Content-Encoding"), reply.body), (None, PLAIN))
        self.assertEqual(reply.field("Vary"), "Accept-Encoding")

    def test_several_lines_are_one_list(self):
        reply = self.get("/both.css", "Accept-Encoding: deflate", "Accept-Encoding: br;q=0.2",
                         "Accept-Encoding: gzip;q=0.3, identity;q=0.1")
        self.assertEqual(reply.field("Content-Encoding"), "gzip")

    def test_files_without_siblings_vary_too(self):
        reply = self.get("/none.css", "Accept-Encoding: gzip, br")
        self.assertEqual((reply.field("Content-Encoding"), reply.body), (None, PLAIN))
        self.assertEqual(reply.field("Vary"), "Accept-Encoding")

    def test_the_index_of_a_folder_has_siblings(self):
        for coding, body in (("gzip", GZIP), ("br", BR)):
            reply = self.get("/", f"Accept-Encoding: {coding}")
            self.assertEqual((reply.field("Content-Encoding"), reply.body), (coding, body))
            self.assertEqual(reply.field("Content-Type"), "text/html; charset=utf-8")

    def test_head_tells_of_the_same_sibling(self):
        for coding, body in (("gzip", GZIP), ("br", BR), ("identity", PLAIN)):
            with Client(self.server) as client:
                get, head = (client.ask(request("/both.css", method, f"Accept-Encoding: {coding}"))
                             for method in ("GET", "HEAD"))
            self.assertEqual(head.field("Content-Length"), str(len(body)))
            for name in ("ETag", "Content-Encoding", "Vary", "Last-Modified"):
                self.assertEqual(head.field(name), get.field(name))

    def test_each_form_has_a_tag_and_a_time_of_its_own(self):
        tags = {}
        for coding in ("gzip", "br", "identity"):
            reply = self.get("/both.css", f"Accept-Encoding: {coding}")
            tags[coding] = reply.field("ETag")
        self.assertEqual(len(set(tags.values())), 3, tags)
        for asked in tags:
            for coding, tag in tags.items():
                reply = self.get("/both.css", f"Accept-Encoding: {coding}", f"If-None-Match: {tags[asked]}")
                self.assertEqual(reply.status, 304 if asked == coding else 200, (asked, coding))
                if reply.status == 304:
                    self.assertEqual((reply.field("ETag"), reply.field("Vary")), (tag, "Accept-Encoding"))

    def test_ranges_are_of_what_is_selected(self):
        for coding, body in (("gzip", GZIP), ("br", BR), ("identity", PLAIN)):
            reply = self.get("/both.css", f"Accept-Encoding: {coding}", "Range: bytes=5-9")
            self.assertEqual((reply.status, reply.body), (206, body[5:10]))
            self.assertEqual(web_root.content_range(reply.field("Content-Range")), (5, 9, len(body)))
            self.assertEqual(reply.field("Content-Encoding"), None if coding == "identity" else coding)

    def test_a_sibling_without_its_file_is_a_file_of_its_own(self):
        self.assertEqual(self.get("/alone.css", "Accept-Encoding: gzip").status, 404)
        reply = self.get("/alone.css.gz", "Accept-Encoding: gzip")
        self.assertEqual((reply.status, reply.field("Content-Encoding"), reply.body), (200, None, GZIP))

    def test_only_a_regular_file_is_a_sibling(self):
        with Client(self.server) as client:
            for name in ("folder.css", "fifo.css"):
                reply = client.ask(request(f"/{name}", "GET", "Accept-Encoding: gzip, br"))
                self.assertEqual((reply.status, reply.field("Content-Encoding"), reply.body), (200, None, PLAIN))

    def test_a_long_name_has_no_siblings_but_is_served(self):
        for length in (251, 252, 253, 254, 255):
            name = "n" * length
            self.folder.put(name, PLAIN)
            reply = self.get(f"/{name}", "Accept-Encoding: gzip, br")
            self.assertEqual((reply.status, reply.body), (200, PLAIN), length)

    def test_a_small_buffer_keeps_the_choice(self):
        with harness.Server("--root", self.folder.path, "--buffer", "1K") as server, Client(server) as client:
            for coding, body in (("gzip", GZIP), ("br", BR), ("identity", PLAIN)):
                reply = client.ask(request("/both.css", "GET", f"Cookie: {'c' * 3000}", f"Accept-Encoding: {coding}"))
                self.assertEqual((reply.status, reply.body), (200, body))


if __name__ == "__main__":
    harness.main()
