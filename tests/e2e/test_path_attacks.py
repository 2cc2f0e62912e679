"""No request gets what lies outside the root, or is hidden in it: the cases of path_attacks.txt, where the kernel
keeps paths beneath the root and where the program has to walk; and folders that turn into links meanwhile."""

import os
import pathlib
import re
import stat
import threading
import unittest

import harness
import web_root
from harness import Client, Deadline, EndToEnd, request

MARKER = b"this-is-secret"
CASES = pathlib.Path(__file__).resolve().with_name("path_attacks.txt")
ENOUGH = 10 if web_root.SLOW else 60  # of each outcome, while folders are swapped
CODINGS = "Accept-Encoding: br, gzip"


def cases():
    """(statuses with openat2 and without, target) of each line."""
    for number, line in enumerate(CASES.read_text(encoding="ascii").splitlines(), 1):
        if not line or line.startswith("#"):
            continue
        match = re.fullmatch(r"(\d{3})(?:/(\d{3}))? (\S+)", line)
        if not match:
            raise AssertionError(f"{CASES.name}:{number}: {line}")
        target = re.sub(r"\\\{(.+?)\*(\d+)\}", lambda part: part[1] * int(part[2]), match[3])
        target = re.sub(r"\\x([0-9a-f]{2})", lambda byte: chr(int(byte[1], 16)), target)
        yield number, int(match[1]), int(match[2] or match[1]), target


def put_files(folder):
    for name in ("secret.txt", "outside/secret.txt", "outside/index.html", "outside/deep/secret.txt",
                 "outside/swapped.txt", "outside/deep/swapped.txt", f"outside/{MARKER.decode()}.txt",
                 "www-secret/secret.txt", "www-secret/index.html", "www/.htpasswd", "www/.htpasswd.gz",
                 "www/.git/config", "www/.hidden/page.txt", "www/.hidden/index.html", "www/.hidden/deep/page.txt",
                 "www/...three/page.txt", "www/..hidden/page.txt", "www/sub/.env", "www/back\\slash.txt",
                 "www/line\nbreak.txt", "www/locked/page.txt", "www/locked/index.html", "www/locked/deep/page.txt",
                 "www/unreadable.txt", "www/shut-index/index.html"):
        folder.put(name, MARKER)
    for name in ("index.html", "pub.txt", "sub/index.html", "sub/page.txt", "sub/deep/leaf.txt", "dots..in..name.txt",
                 "100%.txt", "\u20ac.txt", "sub/%25.txt", "pre.txt", "pre-folder.txt", "swapped/swapped.txt",
                 "swapped/deep/swapped.txt"):
        folder.put(f"www/{name}", b"public")


def put_links(folder):
    base = folder.path
    for name, to in (
            ("in-link", "pub.txt"), ("in-folder", "sub"), ("sub/up-link", "../pub.txt"),
            ("sub/deep/up-up-link", "../../sub/page.txt"), ("chain-in", "chain-in-2"), ("chain-in-2", "sub/up-link"),
            ("dot", "."),
            ("out-absolute", f"{base}/secret.txt"), ("out-relative", "../secret.txt"),
            ("out-from-inside", "sub/deep/../../../secret.txt"), ("out-folder", "../outside"),
            ("out-folder-absolute", f"{base}/outside"), ("chain-1", "chain-2"), ("chain-2", "sub/../chain-3"),
            ("chain-3", "../secret.txt"), ("chain-folder", "dot/out-folder"), ("sub/chain", "../out-relative"),
            ("sub/out", "../../secret.txt"), ("sub/out-folder", "../../outside"),
            ("through-outside", "out-folder/secret.txt"), ("out-and-back", "../outside/../www/pub.txt"),
            ("out-and-back-folder", "../www"), ("absolute-inside", f"{base}/www/pub.txt"),
            ("neighbour", "../www-secret"), ("parent", ".."), ("sub/parent-parent", "../.."), ("top", "/"),
            ("proc-root", "/proc/self/root"), ("proc-cwd", "/proc/self/cwd"), ("proc-fd", "/proc/self/fd"),
            ("proc-environ", "/proc/self/environ"), ("proc-self", "/proc/self"),
            ("out-link-index/index.html", "../../secret.txt"),
            ("dangling", "nowhere"), ("self", "self"), ("loop-a", "loop-b"), ("loop-b", "loop-a"),
            ("pre.txt.gz", "../secret.txt"), ("pre.txt.br", f"{base}/secret.txt"),
            ("pre-folder.txt.gz", "../outside"), ("missing.txt.gz", "../secret.txt"),
            ("null-link", "/dev/null"), ("zero-link", "/dev/zero"), ("tty-link", "/dev/tty")):
        folder.link(f"www/{name}", to)
    folder.link("swapped-link", "../outside")  # as it is read once it stands in the root


def make_tree():
    """The folder that holds the root, and what lies beside it."""
    folder = web_root.Folder()
    put_files(folder)
    put_links(folder)
    os.mkfifo(folder.at("www/fifo"))
    os.mknod(folder.at("www/socket"), stat.S_IFSOCK | 0o600)
    try:
        for minor, name in ((3, "device-null"), (5, "device-zero")):
            os.mknod(folder.at(f"www/{name}"), stat.S_IFCHR | 0o666, os.makedev(1, minor))
    except PermissionError:
        pass  # then they are 404 as what is not there
    for name in ("locked", "unreadable.txt", "shut-index/index.html"):
        os.chmod(folder.at(f"www/{name}"), 0)
    return folder


class Attacks:
    """The tests of both ways to keep beneath the root."""

    WALKS = False
    PREFIX = ()

    @classmethod
    def setUpClass(cls):
        harness.command_line()
        cls.folder = make_tree()
        cls.addClassCleanup(cls.folder.remove)
        cls.server = harness.Server("--root", cls.folder.at("www"), "--list", "--max-clients", "8",
                                    prefix=(*web_root.ordinary_user(), *cls.PREFIX))
        cls.addClassCleanup(cls.server.stop)
        with Client(cls.server) as client:
            follows = client.ask(request("/in-link")).status == 200
        if not cls.WALKS and not follows and harness.EMULATOR:
            raise unittest.SkipTest(f"{harness.EMULATOR[0]} has no openat2")
        if follows == cls.WALKS:
            raise AssertionError("links inside the root are followed by who should walk, or not by who should not")

    def reply_to(self, target, *fields):
        """The reply, and all that came on its connection."""
        with Client(self.server) as client:
            client.send(request(target, "GET", "Connection: close", *fields))
            raw = client.take_all()
            client.buffer = raw
            return client.reply(), raw

    def test_no_target_gets_what_is_secret(self):
        count = 0
        for number, kept, walked, target in cases():
            with self.subTest(line=number, target=target[:80]):
                reply, raw = self.reply_to(target, CODINGS)
                self.assertNotIn(MARKER, raw)
                self.assertNotIn(b"root:", raw)
                self.assertEqual(reply.status, walked if self.WALKS else kept, reply)
                self.assertIsNone(reply.field("Content-Encoding"))
                self.assertIsNone(reply.field("X-Injected"))
                if reply.status == 301:
                    self.assertTrue(reply.field("Location").startswith("/"), reply)
                    self.assertFalse(reply.field("Location").startswith("//"), reply)
                harness.assert_next_client_is_served(self.server)
            count += 1
        self.assertGreaterEqual(count, 130)

    def test_links_are_not_listed_as_what_they_hide(self):
        reply, raw = self.reply_to("/dot/" if not self.WALKS else "/sub/deep/")
        self.assertEqual(reply.status, 200)
        self.assertNotIn(MARKER, raw)

    def test_conditions_and_ranges_open_no_other_way(self):
        for target in ("/out-relative", "/.htpasswd", "/out-folder/secret.txt", "/locked/page.txt", "/zero-link"):
            for fields in (("Range: bytes=0-3",), ("If-None-Match: *",), ("If-Match: *",),
                           ("If-Modified-Since: Thu, 01 Jan 1970 00:00:00 GMT",)):
                with self.subTest(target=target, fields=fields):
                    reply, raw = self.reply_to(target, *fields)
                    self.assertEqual(reply.status, 404)
                    self.assertNotIn(MARKER[:4], raw)

    def test_a_folder_swapped_for_a_link_leads_nowhere(self):
        inside, link = self.folder.at("www/swapped"), self.folder.at("swapped-link")
        if not web_root.exchange(inside, link):
            self.skipTest("this file system cannot exchange two names")
        web_root.exchange(inside, link)
        outcomes = {target: {200: 0, 404: 0} for target in ("/swapped/swapped.txt", "/swapped/deep/swapped.txt",
                                                            "/swapped/")}
        stop, failures, deadline = threading.Event(), [], Deadline(3 * harness.DEADLINE)

        def swap():
            while not stop.is_set():
                web_root.exchange(inside, link)

        def enough():
            return all(count >= ENOUGH for counts in outcomes.values() for count in counts.values())

        def ask():
            try:
                with Client(self.server) as client:
                    while not enough() and not deadline.passed() and not failures:
                        for target, counts in outcomes.items():
                            reply = client.ask(request(target))
                            if MARKER in reply.body or reply.status not in counts:
                                raise AssertionError(f"{target}: {reply}")
                            counts[reply.status] += 1
            except BaseException as error:  # pylint: disable=broad-except
                failures.append(repr(error))

        threads = [threading.Thread(target=work) for work in (ask, ask, swap)]
        for thread in threads:
            thread.start()
        try:
            for thread in threads[:2]:
                thread.join(4 * harness.DEADLINE)
        finally:
            stop.set()
            threads[2].join(harness.DEADLINE)
            if os.path.islink(inside):
                web_root.exchange(inside, link)
        self.assertEqual(failures, [])
        self.assertTrue(enough(), outcomes)


class WithOpenat2(Attacks, EndToEnd):
    @classmethod
    def setUpClass(cls):
        if not web_root.has_openat2():
            raise unittest.SkipTest("this kernel has no openat2")
        super().setUpClass()


class WithoutOpenat2(Attacks, EndToEnd):
    WALKS = True
    PREFIX = web_root.WITHOUT_OPENAT2


if __name__ == "__main__":
    harness.main()
