"""Long files: fetched in pieces by many at once, resumed by curl, and larger than 32 bits can tell."""

import hashlib
import os
import random
import shutil
import subprocess
import threading

import harness
import web_root
from harness import Client, request
from web_root import PAST_DATE, FilesTest, OneRoot, content_range, parts

SIZE = (512 << 10) + 7 if web_root.SLOW else (4 << 20) + 7
CROWD = 4 if web_root.SLOW else 16
PIECES = 8 if web_root.SLOW else 40
DATA = random.Random(2026).randbytes(SIZE)
SUM = hashlib.sha256(DATA).hexdigest()


def together(test, count, work):
    """work(number) on so many threads; what went wrong is told by the test."""
    failures = []

    def run(number):
        try:
            work(number)
        except BaseException as error:  # pylint: disable=broad-except
            failures.append(f"{number}: {error!r}"[:500])

    threads = [threading.Thread(target=run, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(6 * harness.DEADLINE)
    test.assertFalse(any(thread.is_alive() for thread in threads), "clients are stuck")
    test.assertEqual(failures, [])


class Downloads(OneRoot):
    OPTIONS = ("--max-clients", "32", "--quiet")

    @classmethod
    def fill(cls, folder):
        folder.put("data.bin", DATA)

    def test_ranges_of_many_clients_make_the_whole_file(self):
        def work(number):
            dice = random.Random(number)
            cuts = sorted({0, SIZE, *(dice.randrange(1, SIZE) for _ in range(PIECES))})
            pieces = list(zip(cuts, cuts[1:]))
            dice.shuffle(pieces)
            got = {}
            with Client(self.server) as client:
                while pieces:
                    count = dice.randrange(1, 4)
                    take, pieces = pieces[:count], pieces[count:]
                    client.send(b"".join(request("/data.bin", "GET", f"Range: bytes={first}-{end - 1}")
                                         for first, end in take))
                    for first, end in take:
                        reply = client.reply()
                        assert content_range(reply.field("Content-Range")) == (first, end - 1, SIZE), reply.fields
                        got[first] = reply.body
            whole = b"".join(got[first] for first in sorted(got))
            assert hashlib.sha256(whole).hexdigest() == SUM

        together(self, CROWD, work)

    def test_whole_files_of_many_clients(self):
        def work(_):
            with Client(self.server) as client:
                for _ in range(2):
                    assert hashlib.sha256(client.ask(request("/data.bin")).body).hexdigest() == SUM
                client.hello()

        together(self, CROWD, work)

    def test_parts_of_many_clients(self):
        def work(number):
            dice = random.Random(-number)
            with Client(self.server) as client:
                for _ in range(PIECES // 4):
                    step = SIZE // 8
                    asked = [(at * step, at * step + dice.randrange(step - 200)) for at in range(8)]
                    reply = client.ask(request("/data.bin", "GET", "Range: bytes=" +
                                               ",".join(f"{first}-{last}" for first, last in asked)))
                    found = parts(reply)
                    assert [part[:2] for part in found] == asked
                    for first, last, _, _, data in found:
                        assert data == DATA[first:last + 1], (first, last)

        together(self, CROWD, work)

    def test_a_broken_download_goes_on_where_it_broke(self):
        dice = random.Random(7)
        got, tag = b"", None
        while len(got) < SIZE:
            with Client(self.server) as client:
                fields = () if tag is None else (f"Range: bytes={len(got)}-", f"If-Range: {tag}")
                client.send(request("/data.bin", "GET", *fields))
                head = client.take_until(b"\r\n\r\n")
                assert head.startswith(b"HTTP/1.1 206" if fields else b"HTTP/1.1 200"), head
                tag = tag or next(line.split(b": ")[1] for line in head.split(b"\r\n")
                                  if line.lower().startswith(b"etag:")).decode()
                got += client.take(min(SIZE - len(got), dice.randrange(1, SIZE // 3)))
        self.assertEqual(hashlib.sha256(got).hexdigest(), SUM)
        harness.assert_next_client_is_served(self.server)


class Curl(FilesTest):
    def curl(self, server, *arguments):
        return subprocess.run([shutil.which("curl"), "--silent", "--show-error", "--fail", "--noproxy", "*",
                               "--max-time", str(int(harness.DEADLINE)), *arguments,
                               f"http://{server.address}:{server.port}/data.bin"], capture_output=True, check=False)

    def setUp(self):
        if not shutil.which("curl"):
            self.skipTest("no curl")
        super().setUp()
        self.folder.put("data.bin", DATA)
        self.copy = self.folder.put("copies/data.bin")

    def test_it_resumes(self):
        server = self.site("--quiet")
        for have in (1, 1000, SIZE // 2, SIZE - 1):
            with open(self.copy, "wb") as file:
                file.write(DATA[:have])
            done = self.curl(server, "-C", "-", "-o", self.copy)
            self.assertEqual((done.returncode, done.stderr), (0, b""), have)
            with open(self.copy, "rb") as file:
                self.assertEqual(hashlib.sha256(file.read()).hexdigest(), SUM)

    def test_it_fetches_again_only_what_changed(self):
        server = self.site("--quiet")
        tags = self.folder.at("copies/tags")
        for expected in ("200", "304", "304"):
            done = self.curl(server, "--etag-compare", tags, "--etag-save", tags, "-o", self.copy,
                             "-w", "%{http_code}")
            if b"etag" in done.stderr:
                self.skipTest("this curl knows no tags")
            self.assertEqual((done.returncode, done.stdout.decode()), (0, expected), done.stderr)
        done = self.curl(server, "-z", PAST_DATE, "-o", self.copy, "-w", "%{http_code}")
        self.assertEqual(done.stdout, b"304")


class Huge(FilesTest):
    """A sparse file of 5 GiB: bytes behind what 32 bits count."""

    LENGTH = 5 << 30
    MARKS = (0, (2 << 30) - 4, 2 << 30, (4 << 30) - 4, 4 << 30, (4 << 30) + 123_456, (5 << 30) - 8)

    def setUp(self):
        super().setUp()
        path = self.folder.put("huge.bin")
        try:
            os.truncate(path, self.LENGTH)
        except OSError as error:
            self.skipTest(f"no file of 5 GiB here: {error}")
        with open(path, "r+b") as file:
            for mark in self.MARKS:
                file.seek(mark)
                file.write(b"<%06d>" % (mark % 1_000_003))
        os.utime(path, (web_root.PAST, web_root.PAST))
        self.server = self.site()

    def mark(self, at):
        return b"<%06d>" % (at % 1_000_003)

    def test_its_length_is_told(self):
        reply = self.get(self.server, "/huge.bin", method="HEAD")
        self.assertEqual((reply.status, reply.field("Content-Length")), (200, str(self.LENGTH)))
        self.assertEqual(self.get(self.server, "/huge.bin", f"If-None-Match: {reply.field('ETag')}").status, 304)

    def test_ranges_behind_4_gib(self):
        with Client(self.server) as client:
            for mark in (at for at in self.MARKS if at not in ((2 << 30) - 4, (4 << 30) - 4)):
                reply = client.ask(request("/huge.bin", "GET", f"Range: bytes={mark}-{mark + 7}"))
                self.assertEqual(content_range(reply.field("Content-Range")), (mark, mark + 7, self.LENGTH))
                self.assertEqual(reply.body, self.mark(mark))
            for last in (8, 1 << 20):
                reply = client.ask(request("/huge.bin", "GET", f"Range: bytes=-{last}"))
                self.assertEqual(reply.status, 206)
                self.assertTrue(reply.body == (self.mark(self.MARKS[-1]).rjust(last, b"\0")))
            for first in (self.LENGTH, self.LENGTH + (4 << 30)):
                reply = client.ask(request("/huge.bin", "GET", f"Range: bytes={first}-"))
                self.assertEqual((reply.status, reply.field("Content-Range")), (416, f"bytes */{self.LENGTH}"))

    def test_parts_on_both_sides_of_4_gib(self):
        with Client(self.server) as client:
            reply = client.ask(request("/huge.bin", "GET", "Range: bytes=0-7,4294967296-4294967303,-8"))
            self.assertEqual([(part[0], part[4]) for part in parts(reply)],
                             [(at, self.mark(at)) for at in (0, 4 << 30, (5 << 30) - 8)])

    def test_what_crosses_4_gib_is_whole(self):
        first, size = (4 << 30) - (1 << 20), 2 << 20
        with Client(self.server) as client:
            reply = client.ask(request("/huge.bin", "GET", f"Range: bytes={first}-{first + size - 1}"))
            expected = bytearray(size)
            for mark in self.MARKS[3:6]:
                if mark + 8 <= first + size:
                    expected[mark - first:mark - first + 8] = self.mark(mark)
            self.assertTrue(reply.body == bytes(expected))
            client.hello()

    def test_a_client_that_leaves_in_the_middle_harms_nobody(self):
        for _ in range(3):
            with Client(self.server) as client:
                client.send(request("/huge.bin"))
                client.take(1 << 20)
        harness.assert_next_client_is_served(self.server)


if __name__ == "__main__":
    harness.main()
