"""Parts of a file (RFC 9110 §14): resuming, and seeking in what is long."""

import random

import harness
import web_root
from harness import HELLO, Client, request
from web_root import OneRoot, content_range, parts

SIZE = 10_000
DATA = random.Random(9110).randbytes(SIZE)
GAP = 96  # ranges nearer than this become one


class Ranges(OneRoot):
    @classmethod
    def fill(cls, folder):
        folder.put("data.bin", DATA)
        folder.put("text.html", DATA)
        folder.put("one.bin", b"1")
        folder.put("empty.bin")

    def setUp(self):
        self.connection = self.client()

    def range(self, value, target="/data.bin", method="GET"):
        return self.connection.ask(request(target, method, f"Range: {value}"))

    def assert_whole(self, value, target="/data.bin", data=DATA):
        with self.subTest(value=value[:80]):
            reply = self.range(value, target)
            self.assertEqual(reply.status, 200)
            self.assertTrue(reply.body == data)
            self.assertIsNone(reply.field("Content-Range"))
            self.assertEqual(reply.field("Accept-Ranges"), "bytes")

    # -- one --

    def test_one_range_is_sent_alone(self):
        whole = self.connection.ask(request("/data.bin"))
        for value, first, last in (
                ("0-0", 0, 0), ("0-99", 0, 99), ("5000-5001", 5000, 5001), ("9999-9999", 9999, 9999),
                ("9990-", 9990, 9999), ("1-", 1, 9999), ("-1", 9999, 9999), ("-500", 9500, 9999),
                ("9000-20000", 9000, 9999), ("9999-18446744073709551615", 9999, 9999), ("0-9998", 0, 9998),
                ("00005-0000000000000000000000009", 5, 9), (" 3-4 ", 3, 4), (",7-8,", 7, 8), ("\t7-8\t,", 7, 8),
                # All of it, as players ask to learn whether they can seek.
                ("0-", 0, 9999), ("0-9999", 0, 9999), ("-10000", 0, 9999), ("-99999", 0, 9999),
                ("0-18446744073709551616", 0, 9999)):
            with self.subTest(value=value):
                reply = self.range(f"bytes={value}")
                self.assertEqual((reply.status, reply.reason), (206, "Partial Content"))
                self.assertEqual(content_range(reply.field("Content-Range")), (first, last, SIZE))
                self.assertEqual(reply.framing, "length")
                self.assertTrue(reply.body == DATA[first:last + 1])
                for name in ("ETag", "Last-Modified", "Content-Type", "Cache-Control", "Vary", "Accept-Ranges"):
                    self.assertEqual(reply.field(name), whole.field(name), name)

    def test_the_unit_has_no_case(self):
        for unit in ("bytes", "Bytes", "BYTES"):
            self.assertEqual(self.range(f"{unit}=0-1").status, 206, unit)

    def test_every_range_of_a_small_file(self):
        for value in ("0-0", "0-", "-1", "-5", "0-100"):
            reply = self.range(f"bytes={value}", "/one.bin")
            self.assertEqual((reply.status, reply.body, reply.field("Content-Range")), (206, b"1", "bytes 0-0/1"))
        for value in ("1-", "1-1", "-0"):
            self.assertEqual(self.range(f"bytes={value}", "/one.bin").status, 416, value)

    def test_ranges_at_random(self):
        dice = random.Random(14)
        for _ in range(50 if web_root.SLOW else 400):
            first, last = dice.randrange(SIZE), dice.randrange(2 * SIZE)
            reply = self.range(f"bytes={first}-{last}")
            if last < first:
                self.assertEqual(reply.status, 200)
                self.assertTrue(reply.body == DATA)
            else:
                self.assertEqual(reply.status, 206)
                self.assertTrue(reply.body == DATA[first:last + 1])

    # -- all of it --

    def test_what_is_no_range_gets_all_of_it(self):
        for value in ("bytes", "bytes=", "bytes=-", "bytes=x", "bytes=1", "bytes=a-b", "bytes=0-x", "bytes=-x",
                      "bytes=1-0", "bytes=5-4", "bytes=0-1,x", "bytes=0-1,5-4", "bytes=--1", "bytes=0--1",
                      "bytes=+1-2", "bytes=0x0-0x1", "bytes=0-1;2-3", "bytes 0-1", "bytes:0-1", "bytes =0-1",
                      "byte=0-1", "lines=0-1", "items=0-5", "=0-1", "", "0-1", "bytes=0 - 1", "bytes=0-1 2-3",
                      "bytes=1.0-2", "bytes=0-1-2", "bytes=*", "bytes=0-1/10000", "none"):
            self.assert_whole(value)

    def test_ranges_that_come_to_all_of_it_are_all_of_it(self):
        for value in ("bytes=0-4999,5000-", "bytes=0-6000,4000-9999", "bytes=5000-,0-4999", "bytes=0-,0-,0-",
                      "bytes=0-4990,5000-9999", "bytes=0-,-1", "bytes=-10000,0-0"):
            self.assert_whole(value)

    def test_more_than_ten_ranges_are_too_many(self):
        self.assert_whole("bytes=" + ",".join(f"{i * 500}-{i * 500}" for i in range(11)))
        self.assert_whole("bytes=" + ",".join("0-0" for _ in range(300)))
        self.assertEqual(len(parts(self.range("bytes=" + ",".join(f"{i * 500}-{i * 500}" for i in range(10))))), 10)

    def test_head_and_other_methods_have_no_ranges(self):
        for value in ("bytes=0-1", "bytes=20000-", "bytes=0-1,500-600"):
            reply = self.range(value, method="HEAD")
            self.assertEqual((reply.status, reply.field("Content-Length")), (200, str(SIZE)))
            self.assertIsNone(reply.field("Content-Range"))
        self.assertEqual(self.range("bytes=0-1", method="POST").status, 405)

    def test_what_is_no_file_has_no_ranges(self):
        self.assertEqual(self.range("bytes=0-1", "/nowhere").status, 404)
        self.assertEqual(self.range("bytes=0-1", "/hello").body, b"Hello, World!\n")

    # -- none of it --

    def test_ranges_behind_the_end_get_416(self):
        for value in ("10000-", "10000-10000", "20000-30000", "-0", "18446744073709551615-", "10000-,20000-",
                      "18446744073709551616-", "99999999999999999999999-", "-0,10000-"):
            with self.subTest(value=value):
                reply = self.range(f"bytes={value}")
                self.assertEqual((reply.status, reply.reason), (416, "Range Not Satisfiable"))
                self.assertEqual(reply.field("Content-Range"), f"bytes */{SIZE}")
                self.assertFalse(reply.closes)
        self.assertEqual(self.connection.ask(HELLO).status, 200)

    def test_those_that_lie_in_the_file_are_sent_without_the_others(self):
        for value in ("10000-,0-1", "0-1,10000-", "-0,0-1", "20000-30000,0-1,99999-"):
            reply = self.range(f"bytes={value}")
            self.assertEqual((reply.status, reply.body), (206, DATA[:2]))

    def test_an_empty_file_has_no_first_byte(self):
        for value in ("0-", "0-0", "5-9"):
            reply = self.range(f"bytes={value}", "/empty.bin")
            self.assertEqual((reply.status, reply.field("Content-Range")), (416, "bytes */0"), value)
        for value in ("-5", "-1", "0-,-5"):
            self.assert_whole(f"bytes={value}", "/empty.bin", b"")

    # -- several --

    def assert_parts(self, value, *expected, target="/data.bin"):
        reply = self.range(f"bytes={value}", target)
        self.assertEqual(reply.status, 206)
        found = parts(reply)
        self.assertEqual([part[:3] for part in found], [(first, last, SIZE) for first, last in expected], value)
        kind = self.connection.ask(request(target, "HEAD")).field("Content-Type")
        for first, last, _, part_type, data in found:
            self.assertEqual(part_type, kind)
            self.assertTrue(data == DATA[first:last + 1])
        return reply

    def test_several_ranges_are_sent_in_parts(self):
        self.assert_parts("0-0,-1", (0, 0), (9999, 9999))
        self.assert_parts("0-99,200-299", (0, 99), (200, 299))
        self.assert_parts("0-99, 1000-1099 ,2000-", (0, 99), (1000, 1099), (2000, 9999))
        self.assert_parts("0-1,,500-501,", (0, 1), (500, 501))
        self.assert_parts("0-99,1000-1999,5000-5000", (0, 99), (1000, 1999), (5000, 5000), target="/text.html")

    def test_parts_come_in_the_order_asked_for(self):
        self.assert_parts("9000-9099,0-99", (9000, 9099), (0, 99))
        self.assert_parts("-10,500-509,1000-1009", (9990, 9999), (500, 509), (1000, 1009))

    def test_parts_have_all_that_caches_need(self):
        whole = self.connection.ask(request("/data.bin"))
        reply = self.assert_parts("0-99,5000-5099", (0, 99), (5000, 5099))
        for name in ("ETag", "Last-Modified", "Cache-Control", "Vary"):
            self.assertEqual(reply.field(name), whole.field(name), name)

    def test_ranges_that_overlap_or_lie_near_become_one(self):
        for value, first, last in (("0-99,50-149", 0, 149), ("0-99,100-199", 0, 199), ("0-99,0-99", 0, 99),
                                   ("100-199,0-150", 0, 199), ("0-500,100-200", 0, 500),
                                   (f"0-99,{100 + GAP - 1}-300", 0, 300), ("0-9,20-29,40-49,60-69", 0, 69),
                                   ("9000-,-500", 9000, 9999), ("300-399,0-99,100-299", 0, 399)):
            with self.subTest(value=value):
                reply = self.range(f"bytes={value}")
                self.assertEqual(reply.status, 206)
                self.assertEqual(content_range(reply.field("Content-Range")), (first, last, SIZE))
                self.assertTrue(reply.body == DATA[first:last + 1])
        self.assert_parts(f"0-99,{100 + GAP}-300", (0, 99), (100 + GAP, 300))

    def test_some_become_one_and_others_stay_apart(self):
        found = parts(self.range("bytes=0-99,5000-5099,50-149,5100-5199"))
        self.assertEqual(sorted(part[:2] for part in found), [(0, 149), (5000, 5199)])

    def test_parts_at_random(self):
        dice = random.Random(206)
        for _ in range(20 if web_root.SLOW else 150):
            asked = [sorted(dice.sample(range(SIZE), 2)) for _ in range(dice.randrange(2, 8))]
            reply = self.range("bytes=" + ",".join(f"{first}-{last}" for first, last in asked))
            if reply.status == 200:
                found = [(0, SIZE - 1, SIZE, None, reply.body)]
            elif reply.field("Content-Range"):
                found = [(*content_range(reply.field("Content-Range")), None, reply.body)]
            else:
                found = parts(reply)
            self.assertIn(reply.status, (200, 206))
            for first, last, _, _, data in found:
                self.assertTrue(data == DATA[first:last + 1])
            for first, last in asked:
                self.assertTrue(any(part[0] <= first and last <= part[1] for part in found), (asked, found))
            ends = sorted(part[:2] for part in found)
            self.assertTrue(all(b[0] - a[1] - 1 >= GAP for a, b in zip(ends, ends[1:])), ends)

    def test_boundaries_do_not_stand_in_what_they_part(self):
        reply = self.range("bytes=0-99,200-299")
        boundary = reply.field("Content-Type").partition("boundary=")[2].strip('"').encode()
        self.assertNotIn(boundary, DATA)
        self.assertEqual(reply.body.count(boundary), 3)

    # -- on one connection --

    def test_partial_replies_in_a_pipeline(self):
        values = ("0-9", "0-9,500-509", "20000-", "5-1", "-10")
        with Client(self.server) as client:
            client.send(b"".join(request("/data.bin", "GET", f"Range: bytes={value}") for value in values * 3))
            for _ in range(3):
                self.assertEqual(client.reply().body, DATA[:10])
                self.assertEqual([part[4] for part in parts(client.reply())], [DATA[:10], DATA[500:510]])
                self.assertEqual(client.reply().status, 416)
                self.assertTrue(client.reply().body == DATA)
                self.assertEqual(client.reply().body, DATA[-10:])

    def test_of_several_lines_none_counts(self):
        reply = self.connection.ask(request("/data.bin", "GET", "Range: bytes=0-1", "Range: bytes=5-6"))
        self.assertEqual((reply.status, reply.body), (200, DATA))

    def test_a_small_buffer_sends_parts_too(self):
        with harness.Server("--root", self.folder.path, "--buffer", "1K") as server:
            self.connection = self.connect(server)
            self.assert_parts("0-99,1000-1099,2000-8000", (0, 99), (1000, 1099), (2000, 8000))
            self.assertTrue(self.range("bytes=1-").body == DATA[1:])


if __name__ == "__main__":
    harness.main()
