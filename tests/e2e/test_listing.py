"""Folders as pages: bobbin serve --root DIR --list."""

import html.parser
import os
import re
import stat
import urllib.parse

import harness
import web_root
from harness import Client, request
from web_root import FilesTest, OneRoot

ODD_NAMES = (
    "plain.txt", "with space.txt", " leading", "trailing ", "a&b.txt", "<b>bold<b>.txt", "<script>alert(1)<",
    "quote\".txt", "apostrophe'.txt", "100%.txt", "%41.txt", "%2e%2e", "%00", "javascript:alert(1)", "http:", "a:b:c",
    "-rf", "--help", "?query=1", "#fragment", "a?b#c", "semi;colon", "a=b&amp;c", "&lt;", "\u20ac uro.txt",
    "\u00fcml\u00e4ut.html", "\u65e5\u672c\u8a9e.txt", "\U0001f9f5.txt", "right\u202eleft", "n\u0303", "[x]", "{y}",
    "(z)", "`tick`", "$(HOME)", "a|b", "^", "~", "~root", "+plus+", "a,b", "!", "@", "*", "x" * 255, "\u20ac" * 85,
    "index.htm", "INDEX.HTML", "a...", "a..b",
)


class Page(html.parser.HTMLParser):
    """What a browser makes of a listing: rows of cells, the links in them, and whether anything else is in it."""

    TAGS = {"html", "head", "body", "meta", "title", "style", "h1", "table", "thead", "tbody", "tr", "th", "td", "a"}

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.rows, self.heads, self.title, self._texts = [], [], "", None
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        if tag not in self.TAGS or any(name.startswith("on") for name in attrs):
            raise AssertionError(f"an unexpected <{tag} {attrs}>")
        if tag in ("td", "th", "title", "h1"):
            self._texts = []
        if tag == "tr":
            self.rows.append([])
        elif tag == "td":
            self.rows[-1].append({"text": "", "href": None})
        elif tag == "th":
            self.heads.append({"text": "", "href": None, "sort": attrs.get("aria-sort")})
        elif tag == "a":
            (self.rows[-1] or self.heads)[-1]["href"] = attrs["href"]

    def handle_data(self, data):
        if self._texts is not None:
            self._texts.append(data)

    def handle_endtag(self, tag):
        text = "".join(self._texts or ())
        if tag == "td":
            self.rows[-1][-1]["text"] = text
        elif tag == "th":
            self.heads[-1]["text"] = text
        elif tag == "title":
            self.title = text
        if tag in ("td", "th", "title", "h1"):
            self._texts = None

    def entries(self):
        """(text, href, size, date) of each row but the one that leads up."""
        rows = [[cell["text"] for cell in row] + [row[0]["href"]] for row in self.rows if row]
        return [(name, href, size, date) for name, size, date, href in rows if href != "../"]

    def names(self):
        return [entry[0] for entry in self.entries()]

    def leads_up(self):
        return any(row and row[0]["href"] == "../" for row in self.rows)


class Listing(FilesTest):
    OPTIONS = ("--list",)

    def page(self, server, target="/", **how):
        with Client(server, **how) as client:
            reply = client.ask(request(target))
        self.assertEqual((reply.status, reply.field("Content-Type")), (200, "text/html; charset=utf-8"), reply)
        return Page(reply.body.decode("utf-8"))

    def test_without_the_option_folders_are_not_there(self):
        self.folder.put("sub/page.txt")
        server = self.site()
        for target in ("/", "/sub/", "/?sort=name", "/sub/?sort=size&order=desc"):
            self.assertEqual(self.get(server, target).status, 404, target)

    def test_an_index_goes_before_the_list(self):
        self.folder.put("sub/index.html", b"index")
        server = self.site("--list")
        self.assertEqual(self.get(server, "/sub/").body, b"index")

    def test_rows_tell_name_size_and_date(self):
        for name, size in (("none", 0), ("one", 1), ("most", 1023), ("kib", 1024), ("more", 1536), ("mib", 5 << 20)):
            self.folder.put(name)
            os.truncate(self.folder.at(name), size)
            os.utime(self.folder.at(name), (784111777, 784111777))
        self.folder.put("folder/x")
        page = self.page(self.site("--list"))
        rows = {name: (href, size, date) for name, href, size, date in page.entries()}
        self.assertEqual(list(rows), ["folder/", "kib", "mib", "more", "most", "none", "one"])
        for name, size in (("none", "0 B"), ("one", "1 B"), ("most", "1023 B"), ("kib", "1.0 KiB"),
                           ("more", "1.5 KiB"), ("mib", "5.0 MiB")):
            self.assertEqual(rows[name], (f"./{name}", size, "06 Nov 1994 08:49"))
        self.assertEqual(rows["folder/"][:2], ("./folder/", ""))
        self.assertEqual([head["text"] for head in page.heads], ["Name", "Size", "Date (UTC)"])

    def test_folders_come_first(self):
        for name in ("b/x", "Z/x", "a/x"):
            self.folder.put(name)
        for name in ("a.txt", "0.txt", "z.txt"):
            self.folder.put(name, b"x" * len(name))
        server = self.site("--list")
        for query in ("", "?sort=name", "?sort=size", "?sort=date", "?order=desc", "?sort=size&order=desc"):
            names = self.page(server, f"/{query}").names()
            self.assertEqual([name.endswith("/") for name in names], [True] * 3 + [False] * 3, query)

    def test_the_columns_put_it_in_order_both_ways(self):
        rows = [("b.txt", 30, 100), ("A.txt", 10, 300), ("c.txt", 20, 200), ("d.txt", 20, 200), ("B2.txt", 0, 400)]
        for name, size, date in rows:
            self.folder.put(name, b"x" * size, web_root.PAST + date)
        server = self.site("--list")
        orders = {"name": ["A.txt", "b.txt", "B2.txt", "c.txt", "d.txt"],
                  "size": ["B2.txt", "A.txt", "c.txt", "d.txt", "b.txt"],
                  "date": ["b.txt", "c.txt", "d.txt", "A.txt", "B2.txt"]}
        self.assertEqual(self.page(server).names(), orders["name"])
        for number, (sort, names) in enumerate(orders.items()):
            page = self.page(server, f"/?sort={sort}")
            self.assertEqual(page.names(), names)
            self.assertEqual([head["sort"] for head in page.heads],
                             ["ascending" if i == number else None for i in range(3)])
            again = self.page(server, urllib.parse.urljoin("/", page.heads[number]["href"]))
            self.assertEqual(again.names(), names[::-1])
            self.assertEqual(again.heads[number]["sort"], "descending")
            back = self.page(server, urllib.parse.urljoin("/", again.heads[number]["href"]))
            self.assertEqual(back.names(), names)

    def test_other_queries_change_nothing(self):
        for name in ("a", "b", "c"):
            self.folder.put(name)
        server = self.site("--list")
        for query in ("?", "?sort", "?sort=", "?sort=nonsense", "?order=up", "?x=y", "?sort=%00", "?sort=name%zz",
                      "?sort=" + "x" * 1000, "?%73ort=n%61me", "?sort=name&sort=size", "?a&b&c=%3Cscript%3E"):
            self.assertEqual(self.page(server, f"/{query}").names(), ["a", "b", "c"], query[:40])

    def test_all_but_the_root_lead_up(self):
        self.folder.put("sub/deep/page.txt")
        server = self.site("--list")
        self.assertFalse(self.page(server).leads_up())
        self.assertTrue(self.page(server, "/sub/").leads_up())
        self.assertTrue(self.page(server, "/sub/deep/?sort=size").leads_up())

    def test_what_may_not_be_had_is_not_listed(self):
        for name in ("page.txt", ".hidden", ".git/config", "..two", "back\\slash", "line\nbreak", "tab\tbed",
                     "bell\x07", "del\x7f"):
            self.folder.put(name)
        with open(os.path.join(os.fsencode(self.folder.path), b"latin\xe9.txt"), "wb"):
            pass
        os.mkfifo(self.folder.at("fifo"))
        os.mknod(self.folder.at("socket"), stat.S_IFSOCK | 0o600)
        self.folder.link("outside", "/etc/passwd")
        self.folder.link("outside-folder", "/etc")
        self.folder.link("dangling", "nowhere")
        self.folder.link("self", "self")
        self.assertEqual(self.page(self.site("--list")).names(), ["page.txt"])
        self.assertEqual(self.page(self.site("--list", "--dot-files")).names(),
                         [".git/", "..two", ".hidden", "page.txt"])

    def test_links_that_are_followed_are_listed(self):
        self.folder.put("sub/page.txt", b"123")
        self.folder.link("file-link", "sub/page.txt")
        self.folder.link("folder-link", "sub")
        followed = web_root.has_openat2() and not harness.EMULATOR
        if followed:
            names = self.page(self.site("--list")).names()
            self.assertEqual(names, ["folder-link/", "sub/", "file-link"])
        names = self.page(self.site("--list", prefix=web_root.WITHOUT_OPENAT2)).names()
        self.assertEqual(names, ["sub/"])

    def test_an_empty_folder_is_an_empty_list(self):
        os.mkdir(self.folder.at("empty"))
        server = self.site("--list")
        self.assertEqual(self.page(server, "/empty/").names(), [])
        self.assertTrue(self.page(server, "/empty/").leads_up())

    def test_head_tells_what_get_does(self):
        self.folder.put("page.txt")
        server = self.site("--list")
        with Client(server) as client:
            get, head = client.ask(request("/")), client.ask(request("/", "HEAD"))
            self.assertEqual((head.status, head.field("Content-Type")), (200, get.field("Content-Type")))
            self.assertEqual(client.ask(request("/", "POST")).status, 405)
            client.hello()
            client.send(request("/") + request("/page.txt") + request("/") + harness.HELLO)
            self.assertEqual([client.reply().status for _ in range(4)], [200] * 4)

    def test_who_may_not_read_a_folder_gets_none(self):
        self.folder.put("locked/page.txt")
        self.folder.put("page.txt")
        os.chmod(self.folder.at("locked"), 0o300)
        server = self.site("--list", prefix=web_root.ordinary_user())
        self.assertEqual(self.get(server, "/locked/").status, 404)

    def test_a_folder_of_thousands_is_listed_whole_and_in_order(self):
        count = 100 if web_root.SLOW else 2000
        names = [f"file {number * 7919 % 100003:06} {'x' * (number % 90)}" for number in range(count)]
        for number, name in enumerate(names):
            self.folder.put(name, b"y" * (number % 13), web_root.PAST + number % 17)
        files = {name: (number % 13, number % 17) for number, name in enumerate(names)}
        for options in (("--buffer", "4K"), ("--buffer", "9K")):
            server = self.site("--list", *options)
            for query, key in (("", lambda name: name), ("?sort=size", lambda name: (files[name][0], name)),
                               ("?sort=date&order=desc", lambda name: (files[name][1], name))):
                with self.subTest(options=options, query=query):
                    listed = self.page(server, f"/{query}").names()
                    self.assertEqual(len(listed), count)
                    self.assertTrue(listed == sorted(names, key=key, reverse="desc" in query))

    def test_heads_of_any_length_leave_room_for_the_list(self):
        path = "/" + "long folder/" * 8
        for name in ("page.txt", "x" * 255, "y" * 255):
            self.folder.put(f"{path[1:]}{name}")
        for options in (("--buffer", "4K"), ("--buffer", "9K")):
            server = self.site("--list", *options)
            for length in range(0, 4000, 400 if web_root.SLOW else 50):
                with self.subTest(options=options, length=length), Client(server) as client:
                    reply = client.ask(request(urllib.parse.quote(path), "GET", f"User-Agent: {'u' * length}"))
                    self.assertEqual(reply.status, 200)
                    names = Page(reply.body.decode()).names()
                    self.assertEqual(names, ["page.txt", "x" * 255, "y" * 255])

    def test_old_clients_get_the_list_up_to_the_end_of_the_connection(self):
        self.folder.put("page.txt")
        with Client(self.site("--list")) as client:
            reply = client.ask(request("/", "GET", "Connection: keep-alive", version="1.0"))
            self.assertEqual((reply.status, reply.framing), (200, "close"))
            self.assertEqual(Page(reply.body.decode()).names(), ["page.txt"])

    def test_a_buffer_that_is_too_small_is_an_error_with_advice(self):
        for size in ("1K", "2K", "4095"):
            done = harness.run("serve", "-p", "0", "--bind", "127.0.0.1", "--root", self.folder.path, "--list",
                               "--buffer", size)
            self.assertEqual((done.returncode, done.stdout), (2, ""))
            self.assertRegex(done.stderr, r"\Abobbin: --list needs a --buffer of 4K or more\n")


class OddNames(OneRoot):
    OPTIONS = ("--list",)

    @classmethod
    def fill(cls, folder):
        for name in ODD_NAMES:
            folder.put(name, name.encode())
            folder.put(f"folders/{name}/inside", name.encode())

    def list(self, target):
        reply = self.get(target)
        self.assertEqual(reply.status, 200, target)
        for line in reply.body.split(b"\n"):
            self.assertIsNone(re.search(rb"<script|<b>", line), line)
        return Page(reply.body.decode("utf-8"))

    def test_every_name_is_listed_once_and_its_link_leads_to_it(self):
        page = self.list("/")
        self.assertEqual(sorted(page.names()), sorted(["folders/", *ODD_NAMES]))
        with Client(self.server) as client:
            for name, href, _, _ in page.entries()[1:]:
                with self.subTest(name=name):
                    self.assertRegex(href, r"\A\./[A-Za-z0-9._~%-]+\Z")
                    target = urllib.parse.urljoin("http://device/", href)
                    self.assertTrue(target.startswith("http://device/"), target)
                    reply = client.ask(request(target))
                    self.assertEqual((reply.status, reply.body), (200, name.encode()))

    def test_links_to_folders_lead_into_them_and_up_again(self):
        base = "http://device/folders/"
        for name, href, _, _ in self.list("/folders/").entries():
            with self.subTest(name=name):
                self.assertTrue(name.endswith("/") and href.endswith("/"))
                inside = urllib.parse.urljoin(base, href)
                page = self.list(inside)
                self.assertEqual(page.names(), ["inside"])
                self.assertIn(name, page.title)
                up = [row[0]["href"] for row in page.rows if row and row[0]["href"] == "../"]
                self.assertEqual([urllib.parse.urljoin(inside, link) for link in up], [base])
                file = urllib.parse.urljoin(inside, page.entries()[0][1])
                self.assertEqual(self.get(file).body, name[:-1].encode())

    def test_a_folder_without_slash_keeps_its_spelling(self):
        for name in ODD_NAMES:
            path = "/folders/" + urllib.parse.quote(name)
            reply = self.get(path)
            self.assertEqual((reply.status, reply.field("Location")), (301, path + "/"))


if __name__ == "__main__":
    harness.main()
