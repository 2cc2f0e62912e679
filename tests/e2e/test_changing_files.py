"""Files that change while they are served, that may not be read, and a server that runs out of descriptors."""

import os
import unittest

import harness
import web_root
from harness import Client, Deadline, request
from web_root import FilesTest

LARGE = 8 << 20  # more than sockets hold
SMALL_WINDOW = 4096
BUSY = request("/echo", "POST", "Content-Length: 4", "Expect: 100-continue")


def pattern(size):
    return b"".join(b"%07d\n" % i for i in range(size // 8))


class Replaced(FilesTest):
    def test_a_file_that_is_replaced_has_another_tag(self):
        self.folder.put("page.txt", b"first")
        server = self.site()
        first = self.get(server, "/page.txt")
        self.folder.put("new", b"other")  # of the same length and time
        os.rename(self.folder.at("new"), self.folder.at("page.txt"))
        second = self.get(server, "/page.txt", f"If-None-Match: {first.field('ETag')}")
        self.assertEqual((second.status, second.body), (200, b"other"))
        self.assertNotEqual(second.field("ETag"), first.field("ETag"))
        self.assertEqual(self.get(server, "/page.txt", f"If-None-Match: {second.field('ETag')}").status, 304)

    def test_a_file_written_to_within_a_second_has_another_tag(self):
        path = self.folder.put("page.txt", b"first")
        server = self.site()
        tags = set()
        for nanoseconds in range(5):
            with open(path, "wb") as file:
                file.write(b"%05d" % nanoseconds)
            os.utime(path, ns=(web_root.PAST * 10**9 + nanoseconds, web_root.PAST * 10**9 + nanoseconds))
            reply = self.get(server, "/page.txt")
            self.assertEqual(reply.body, b"%05d" % nanoseconds)
            tags.add(reply.field("ETag"))
        self.assertEqual(len(tags), 5)

    def test_files_that_appear_and_vanish_are_seen(self):
        server = self.site()
        with Client(server) as client:
            for _ in range(5):
                self.assertEqual(client.ask(request("/page.txt")).status, 404)
                self.folder.put("page.txt", b"here")
                self.assertEqual(client.ask(request("/page.txt")).body, b"here")
                os.unlink(self.folder.at("page.txt"))

    def test_the_root_that_was_opened_stays_the_root(self):
        self.folder.put("www/page.txt", b"first")
        server = self.serve("--root", self.folder.at("www"))
        os.rename(self.folder.at("www"), self.folder.at("old"))
        self.folder.put("www/page.txt", b"second")
        self.assertEqual(self.get(server, "/page.txt").body, b"first")


class WhileSent(FilesTest):
    def start_slowly(self, server, target, *fields):
        """A client that has the head of its reply and no more of it than fits the sockets."""
        client = self.connect(server, receive_buffer=SMALL_WINDOW)
        client.send(request(target, "GET", *fields))
        while b"\r\n\r\n" not in client.buffer:
            client.receive()
        head = client.buffer.split(b"\r\n\r\n")[0].lower()
        self.assertTrue(head.startswith((b"http/1.1 200 ", b"http/1.1 206 ")), head)
        return client

    def rest(self, client):
        """The length that was announced, and all bytes of the body that came."""
        head, _, body = client.buffer.partition(b"\r\n\r\n")
        client.buffer = body
        length = next(int(line.split(b":")[1]) for line in head.lower().split(b"\r\n")
                      if line.startswith(b"content-length:"))
        return length, client.take_all()

    def check_shrinking(self, left, *fields, first=0):
        data = pattern(LARGE)
        path = self.folder.put("large.bin", data)
        server = self.site(stderr=r"bobbin: error: /\*: the handler failed after its reply began\n")
        client = self.start_slowly(server, "/large.bin", *fields)
        os.truncate(path, left)
        length, body = self.rest(client)
        self.assertEqual(length, LARGE - first)
        self.assertLess(len(body), length)
        self.assertTrue(data[first:].startswith(body), "bytes that the file never had")
        harness.assert_next_client_is_served(server)

    def test_one_that_gets_shorter_ends_the_connection(self):
        self.check_shrinking(LARGE - 100_000)

    def test_one_that_gets_empty_ends_the_connection(self):
        self.check_shrinking(0)

    def test_a_range_of_one_that_gets_shorter_ends_the_connection(self):
        self.check_shrinking(LARGE - 1, "Range: bytes=1000-", first=1000)

    def test_one_that_grows_is_sent_as_announced(self):
        data = pattern(LARGE)
        path = self.folder.put("large.bin", data)
        server = self.site()
        client = self.start_slowly(server, "/large.bin")
        with open(path, "ab") as file:
            file.write(b"more" * 100_000)
        reply = client.reply()
        self.assertEqual(reply.field("Content-Length"), str(LARGE))
        self.assertTrue(reply.body == data)
        client.hello()
        self.assertEqual(self.get(server, "/large.bin", method="HEAD").field("Content-Length"), str(LARGE + 400_000))

    def test_one_that_is_unlinked_is_sent_whole(self):
        data = pattern(LARGE)
        path = self.folder.put("large.bin", data)
        server = self.site()
        client = self.start_slowly(server, "/large.bin")
        os.unlink(path)
        self.assertTrue(client.reply().body == data)
        self.assertEqual(client.ask(request("/large.bin")).status, 404)

    def test_a_client_that_leaves_leaves_nothing_open(self):
        self.folder.put("large.bin", pattern(LARGE))
        server = self.site()
        with Client(server) as watcher:
            watcher.hello()
            before = server.descriptors()
            for _ in range(5):
                self.start_slowly(server, "/large.bin").close()
            deadline = Deadline()
            while server.descriptors() > before and not deadline.passed():
                watcher.hello()
            self.assertLessEqual(server.descriptors(), before)


class Permissions(FilesTest):
    def test_what_may_not_be_read_is_not_there(self):
        self.folder.put("unreadable.txt", b"secret")
        self.folder.put("locked/page.txt", b"secret")
        self.folder.put("half.txt", b"public")
        self.folder.put("half.txt.gz", b"secret")
        for name in ("unreadable.txt", "locked", "half.txt.gz"):
            os.chmod(self.folder.at(name), 0)
        server = self.site("--list", prefix=web_root.ordinary_user())
        for target in ("/unreadable.txt", "/locked/page.txt", "/locked/", "/half.txt.gz"):
            reply = self.get(server, target)
            self.assertEqual(reply.status, 404, target)
            self.assertNotIn(b"secret", reply.body)
        reply = self.get(server, "/half.txt", "Accept-Encoding: gzip")
        self.assertEqual((reply.status, reply.field("Content-Encoding"), reply.body), (200, None, b"public"))


@unittest.skipIf(harness.EMULATOR, "an emulator has descriptors of its own")
class Descriptors(FilesTest):
    def test_without_descriptors_files_get_503_until_there_are_some(self):
        self.folder.put("page.txt", b"page")
        server = self.site(stderr=r".*")
        # Busy ones, since who is idle may have to leave when descriptors run out.
        clients = [self.connect(server) for _ in range(6)]
        for client in clients:
            self.assertEqual(client.ask(request("/page.txt")).body, b"page")
            self.assertEqual(client.ask(BUSY).status, 100)
        used = set(map(int, os.listdir(f"/proc/{server.pid}/fd")))
        web_root.limit_descriptors(server, min(set(range(len(used) + 1)) - used))
        clients[0].send(b"done" + request("/page.txt"))
        self.assertEqual(clients[0].reply().body, b"done")
        reply = clients[0].reply()
        self.assertEqual(reply.status, 503)
        self.assertRegex(reply.field("Retry-After"), r"\A[1-9]\d*\Z")
        web_root.limit_descriptors(server, 1000)
        for client in clients[1:]:
            client.send(b"done" + request("/page.txt"))
            self.assertEqual(client.reply().body, b"done")
            self.assertEqual(client.reply().body, b"page")
        with Client(server) as client:
            self.assertEqual(client.ask(request("/page.txt")).body, b"page")
            client.hello()


if __name__ == "__main__":
    harness.main()
