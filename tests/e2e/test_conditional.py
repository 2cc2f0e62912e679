"""Conditional requests (RFC 9110 §13): whether a copy still holds, and whether the content is still the same."""

import email.utils
import os
import time

import harness
import web_root
from harness import Client, request
from web_root import PAST, PAST_DATE, FilesTest, OneRoot

BODY = b"0123456789" * 10
BEFORE = "Tue, 14 Nov 2023 22:13:19 GMT"
AFTER = "Tue, 14 Nov 2023 22:13:21 GMT"
# The other forms of the same second (§5.6.7).
PAST_850 = "Tuesday, 14-Nov-23 22:13:20 GMT"
PAST_ASCTIME = "Tue Nov 14 22:13:20 2023"
NO_DATES = ("", "yesterday", "Tue, 14 Nov 2023 22:13:20", "Tue, 14 Nov 2023 22:13:20 CET",
            "Tue, 14 Nov 2023 22:13:20 +0000", "2023-11-14T22:13:20Z", "Tue, 32 Nov 2023 22:13:20 GMT",
            "Tue, 14 Nov 2023 25:13:20 GMT", "Tue, 14 Foo 2023 22:13:20 GMT", "1700000000", '"x"',
            "Tue, 14 Nov 2023 22:13:20 GMT, Tue, 14 Nov 2023 22:13:20 GMT")


class Conditions(OneRoot):
    @classmethod
    def fill(cls, folder):
        folder.put("page.txt", BODY)
        folder.put("other.txt", BODY)
        folder.put("empty.txt")
        folder.put("page.txt.gz", b"compressed", PAST + 100)

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        with Client(cls.server) as client:
            cls.tag = client.ask(request("/page.txt")).field("ETag")

    def statuses(self, rows, target="/page.txt"):
        """Each row: a status, and the fields that lead to it. GET and HEAD alike."""
        with Client(self.server) as client:
            for status, *fields in rows:
                for method in ("GET", "HEAD"):
                    with self.subTest(fields=fields, method=method):
                        reply = client.ask(request(target, method, *fields))
                        self.assertEqual(reply.status, status, reply)
                        if method == "GET" and status == 200:
                            self.assertEqual(reply.body, BODY)

    # -- one field alone --

    def test_if_none_match(self):
        tag = self.tag
        self.statuses([
            (304, f"If-None-Match: {tag}"), (304, f"If-None-Match: W/{tag}"), (304, "If-None-Match: *"),
            (304, f'If-None-Match: "x", {tag}'), (304, f'If-None-Match: {tag},"x"'),
            (304, f"If-None-Match: ,, {tag} ,"),
            (304, f'If-None-Match: "a,b", W/"", {tag}'), (304, 'If-None-Match: "x"', f"If-None-Match: {tag}"),
            (304, f"If-None-Match: {tag}", 'If-None-Match: "x"'), (304, f"IF-NONE-MATCH:{tag}"),
            (304, f'If-None-Match: "x"\t,\t{tag}'),
            (200, 'If-None-Match: "x"'), (200, 'If-None-Match: W/"x"'), (200, f"If-None-Match: {tag[:-1]}x\""),
            (200, f"If-None-Match: {tag[1:-1]}"), (200, f"If-None-Match: w/{tag}"), (200, f'If-None-Match: "{tag}"'),
            (200, "If-None-Match:"), (200, 'If-None-Match: "*"'), (200, f"If-None-Match: {tag.upper()}x"),
        ])

    def test_if_match(self):
        tag = self.tag
        self.statuses([
            (200, f"If-Match: {tag}"), (200, "If-Match: *"), (200, f'If-Match: "x", {tag}'),
            (200, 'If-Match: "x"', f"If-Match: {tag}"), (200, f'If-Match: , {tag},,"x"'),
            (412, 'If-Match: "x"'), (412, f"If-Match: W/{tag}"), (412, f'If-Match: "x", W/{tag}'),
            (412, f"If-Match: {tag[1:-1]}"), (412, "If-Match: nonsense"), (412, f'If-Match: "{tag}"'),
        ])

    def test_if_modified_since(self):
        self.statuses([
            (304, f"If-Modified-Since: {PAST_DATE}"), (304, f"If-Modified-Since: {AFTER}"),
            (304, f"If-Modified-Since: {PAST_850}"), (304, f"If-Modified-Since: {PAST_ASCTIME}"),
            (200, f"If-Modified-Since: {BEFORE}"), (200, "If-Modified-Since: Thu, 01 Jan 1970 00:00:00 GMT"),
            *((200, f"If-Modified-Since: {text}") for text in NO_DATES),
        ])

    def test_a_date_that_is_still_to_come_is_not_heeded(self):
        self.statuses([(200, f"If-Modified-Since: {email.utils.formatdate(time.time() + 86400, usegmt=True)}")])

    def test_if_unmodified_since(self):
        self.statuses([
            (200, f"If-Unmodified-Since: {PAST_DATE}"), (200, f"If-Unmodified-Since: {AFTER}"),
            (200, f"If-Unmodified-Since: {PAST_850}"), (200, f"If-Unmodified-Since: {PAST_ASCTIME}"),
            (412, f"If-Unmodified-Since: {BEFORE}"), (412, "If-Unmodified-Since: Thu, 01 Jan 1970 00:00:00 GMT"),
            *((200, f"If-Unmodified-Since: {text}") for text in NO_DATES),
        ])

    # -- several: the order of §13.2.2 --

    def test_tags_go_before_dates(self):
        tag = self.tag
        self.statuses([
            (200, 'If-None-Match: "x"', f"If-Modified-Since: {AFTER}"),
            (304, f"If-None-Match: {tag}", f"If-Modified-Since: {BEFORE}"),
            (304, f"If-Modified-Since: {BEFORE}", f"If-None-Match: {tag}"),
            (200, f"If-Match: {tag}", f"If-Unmodified-Since: {BEFORE}"),
            (412, 'If-Match: "x"', f"If-Unmodified-Since: {AFTER}"),
        ])

    def test_what_must_hold_goes_before_what_must_not(self):
        tag = self.tag
        self.statuses([
            (412, 'If-Match: "x"', f"If-None-Match: {tag}"), (412, f"If-None-Match: {tag}", 'If-Match: "x"'),
            (304, f"If-Match: {tag}", f"If-None-Match: {tag}"), (200, f"If-Match: {tag}", 'If-None-Match: "x"'),
            (412, f"If-Unmodified-Since: {BEFORE}", f"If-None-Match: {tag}"),
            (304, f"If-Unmodified-Since: {PAST_DATE}", f"If-None-Match: {tag}"),
            (304, f"If-Unmodified-Since: {PAST_DATE}", f"If-Modified-Since: {PAST_DATE}"),
            (412, f"If-Unmodified-Since: {BEFORE}", f"If-Modified-Since: {PAST_DATE}"),
            (304, f"If-Match: {tag}", f"If-Unmodified-Since: {BEFORE}", f"If-None-Match: W/{tag}",
             f"If-Modified-Since: {BEFORE}"),
        ])

    def test_conditions_go_before_ranges(self):
        tag = self.tag
        self.statuses([
            (304, "Range: bytes=0-1", f"If-None-Match: {tag}"), (412, "Range: bytes=0-1", 'If-Match: "x"'),
            (304, "Range: bytes=1000-", f"If-None-Match: {tag}"),
            (304, "Range: bytes=0-1", f"If-Modified-Since: {PAST_DATE}", 'If-Range: "x"'),
        ])

    # -- the replies --

    def test_not_modified_tells_what_caches_need_and_no_more(self):
        for method in ("GET", "HEAD"):
            with Client(self.server) as client:
                reply = client.ask(request("/page.txt", method, f"If-None-Match: {self.tag}"))
                self.assertEqual((reply.status, reply.reason, reply.body), (304, "Not Modified", b""))
                self.assertEqual(reply.field("ETag"), self.tag)
                self.assertEqual(reply.field("Cache-Control"), "no-cache")
                self.assertEqual(reply.field("Vary"), "Accept-Encoding")
                self.assertEqual(reply.all("Content-Type") + reply.all("Content-Encoding"), [])
                self.assertIn(reply.field("Content-Length"), (None, str(len(BODY))))
                client.hello()

    def test_failed_says_so_and_the_connection_stays(self):
        with Client(self.server) as client:
            for method in ("GET", "HEAD"):
                reply = client.ask(request("/page.txt", method, 'If-Match: "x"'))
                self.assertEqual((reply.status, reply.reason), (412, "Precondition Failed"))
                self.assertFalse(reply.closes)
                self.assertIsNone(reply.field("Content-Range"))
                self.assertNotIn(BODY, reply.body)
            client.hello()

    def test_not_modified_in_a_pipeline(self):
        with Client(self.server) as client:
            client.send((request("/page.txt", "GET", f"If-None-Match: {self.tag}") + request("/page.txt")) * 8)
            for _ in range(8):
                self.assertEqual(client.reply().status, 304)
                self.assertEqual(client.reply().body, BODY)

    def test_what_is_not_there_has_no_conditions(self):
        with Client(self.server) as client:
            for field in ("If-None-Match: *", "If-Match: *", f"If-Modified-Since: {AFTER}",
                          f"If-Unmodified-Since: {BEFORE}", "Range: bytes=0-1"):
                self.assertEqual(client.ask(request("/nowhere", "GET", field)).status, 404, field)

    def test_an_empty_file_is_content_too(self):
        tag = self.get("/empty.txt").field("ETag")
        self.assertEqual(self.get("/empty.txt", f"If-None-Match: {tag}").status, 304)
        self.assertEqual(self.get("/empty.txt", "If-Match: *").status, 200)

    def test_a_tag_is_of_one_file(self):
        self.assertEqual(self.get("/other.txt", f"If-None-Match: {self.tag}").status, 200)

    def test_conditions_are_about_the_form_that_is_sent(self):
        gzip = ("/page.txt", "Accept-Encoding: gzip")
        tag = self.get(*gzip).field("ETag")
        self.assertEqual(self.get(*gzip, f"If-None-Match: {tag}").status, 304)
        self.assertEqual(self.get(*gzip, f"If-None-Match: {self.tag}").status, 200)
        self.assertEqual(self.get(*gzip, f"If-Match: {self.tag}").status, 412)
        self.assertEqual(self.get(*gzip, f"If-Modified-Since: {AFTER}").status, 200)

    def test_long_lists_of_tags_are_read_to_their_end(self):
        many = ", ".join(f'"{i:016x}"' for i in range(60))
        self.statuses([(304, f"If-None-Match: {many}, {self.tag}"), (200, f"If-None-Match: {many}"),
                       (304, *(f'If-None-Match: "{i}"' for i in range(40)), f"If-None-Match: {self.tag}")])

    def test_conditions_survive_a_small_buffer(self):
        with harness.Server("--root", self.folder.path, "--buffer", "1K") as server, Client(server) as client:
            cookie = f"Cookie: {'c' * 3000}"
            for status, *fields in ((304, cookie, f"If-None-Match: {self.tag}"),
                                    (304, f"If-Modified-Since: {PAST_DATE}", cookie),
                                    (412, cookie, 'If-Match: "x"', cookie), (206, cookie, "Range: bytes=3-5")):
                self.assertEqual(client.ask(request("/page.txt", "GET", *fields)).status, status, fields)


class IfRange(OneRoot):
    """§13.1.5: the rest of what one has, or all of what there is now."""

    @classmethod
    def fill(cls, folder):
        folder.put("page.txt", BODY)

    def check(self, fields, partial):
        with Client(self.server) as client:
            for lines in ((*fields, "Range: bytes=10-19"), ("Range: bytes=10-19", *fields)):
                with self.subTest(lines=lines):
                    reply = client.ask(request("/page.txt", "GET", *lines))
                    self.assertEqual((reply.status, reply.body), (206, BODY[10:20]) if partial else (200, BODY))
            reply = client.ask(request("/page.txt", "GET", *fields, "Range: bytes=1000-"))
            self.assertEqual(reply.status, 416 if partial else 200)

    def test_the_same_tag_gets_the_range(self):
        self.check((f"If-Range: {self.get('/page.txt').field('ETag')}",), True)

    def test_other_tags_get_all_of_it(self):
        tag = self.get("/page.txt").field("ETag")
        for value in (f"W/{tag}", '"x"', tag[1:-1], tag[:-1], f"{tag}, {tag}", "*", ""):
            self.check((f"If-Range: {value}",), False)

    def test_the_same_date_gets_the_range(self):
        for date in (PAST_DATE, PAST_850, PAST_ASCTIME):
            self.check((f"If-Range: {date}",), True)

    def test_other_dates_get_all_of_it(self):
        for date in (BEFORE, AFTER, *NO_DATES):
            self.check((f"If-Range: {date}",), False)

    def test_without_a_range_it_says_nothing(self):
        for value in ('"x"', self.get("/page.txt").field("ETag"), PAST_DATE):
            self.assertEqual(self.get("/page.txt", f"If-Range: {value}").status, 200)


class Times(FilesTest):
    def test_a_file_changed_this_very_second_has_no_strong_date(self):
        path = self.folder.put("page.txt", BODY)
        server = self.site()
        ahead = time.time() + 3600  # told as the time of the reply
        os.utime(path, (ahead, ahead))
        reply = self.get(server, "/page.txt")
        self.assertEqual(reply.field("Last-Modified"), reply.field("Date"))
        reply = self.get(server, "/page.txt", "Range: bytes=0-9", f"If-Range: {reply.field('Last-Modified')}")
        self.assertEqual((reply.status, reply.body), (200, BODY))

    def test_a_fraction_of_a_second_does_not_count_in_dates(self):
        path = self.folder.put("page.txt", BODY)
        os.utime(path, ns=(PAST * 10**9 + 999_999_999,) * 2)
        server = self.site()
        reply = self.get(server, "/page.txt")
        self.assertEqual(reply.field("Last-Modified"), PAST_DATE)
        self.assertEqual(self.get(server, "/page.txt", f"If-Modified-Since: {PAST_DATE}").status, 304)
        self.assertEqual(self.get(server, "/page.txt", f"If-Unmodified-Since: {PAST_DATE}").status, 200)

    def test_a_time_before_the_epoch_is_no_condition(self):
        self.folder.put("page.txt", BODY, -86400)
        server = self.site()
        reply = self.get(server, "/page.txt")
        self.assertEqual((reply.status, reply.field("Last-Modified")), (200, None))
        self.assertEqual(self.get(server, "/page.txt", f"If-None-Match: {reply.field('ETag')}").status, 304)


if __name__ == "__main__":
    harness.main()
