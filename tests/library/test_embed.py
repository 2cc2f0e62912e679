"""Pages that a project embeds: by find_package, by add_subdirectory, for another machine; and how they are built."""

import contextlib
import gzip
import hashlib
import os
import pathlib
import random
import re
import shlex
import shutil
import subprocess
import tempfile
import unittest

import library
from library import CC, CFLAGS, CMAKE, SOURCE, STRICT, run

HERE = pathlib.Path(__file__).resolve().parent
FLAGS = shlex.join([*CFLAGS, *STRICT, "-Wpedantic", "-Wconversion", "-Wshadow"])
GENERATORS = [name for name, tool in (("Ninja", "ninja"), ("Unix Makefiles", "make")) if shutil.which(tool)]
FOREVER = "max-age=31536000, immutable"
CROSS = "arm-linux-gnueabi"

TEXT = "".join(f"/* line {number} of a text that can be compressed */\n" for number in range(100)).encode()
NOISE = random.Random(1).randbytes(1 << 20)

# name -> content, as it is asked for, Content-Type
FILES = {
    "index.html": (b"<!doctype html><title>Home</title>\n", "/", "text/html; charset=utf-8"),
    "css/site.css": (TEXT, "/css/site.css", "text/css; charset=utf-8"),
    "docs/index.html": (TEXT, "/docs/", "text/html; charset=utf-8"),
    "docs/a b.txt": (b"a space", "/docs/a%20b.txt", "text/plain; charset=utf-8"),
    "Käse & Brot.txt": (b"umlaut", "/K%C3%A4se%20&%20Brot.txt", "text/plain; charset=utf-8"),
    "100%.txt": (b"per cent", "/100%25.txt", "text/plain; charset=utf-8"),
    "%25.txt": (b"a name that is an escape", "/%2525.txt", "text/plain; charset=utf-8"),
    "what??!.txt": (b"a trigraph", "/what%3F%3F!.txt", "text/plain; charset=utf-8"),
    "[id]/[[...all]].js": (b"brackets", "/%5Bid%5D/%5B%5B...all%5D%5D.js", "text/javascript; charset=utf-8"),
    "@name@ ~#'(1),=+^`{}*<>.json": (b"{}", "/@name@%20~%23'(1),=+%5E%60%7B%7D*%3C%3E.json", "application/json"),
    "PHOTO.JPG": (NOISE[:5000], "/PHOTO.JPG", "image/jpeg"),
    "noise.bin": (NOISE, "/noise.bin", "application/octet-stream"),
    "all.unknown": (bytes(range(256)), "/all.unknown", "application/octet-stream"),
    "no-extension": (b"x", "/no-extension", "application/octet-stream"),
    "empty.txt": (b"", "/empty.txt", "text/plain; charset=utf-8"),
    "app.3f2a9c1b.js": (b"run()", "/app.3f2a9c1b.js", "text/javascript; charset=utf-8"),
    "chunk-0d1e2f3a4b.css": (b"a{}", "/chunk-0d1e2f3a4b.css", "text/css; charset=utf-8"),
    "x.12345678.abcdef12.js": (b"x()", "/x.12345678.abcdef12.js", "text/javascript; charset=utf-8"),
    "fonts/text.woff2": (b"font", "/fonts/text.woff2", "font/woff2"),
    "report-20261123.pdf": (b"pdf", "/report-20261123.pdf", "application/pdf"),
    "feedbeef.txt": (b"no hash", "/feedbeef.txt", "text/plain; charset=utf-8"),
    "a-feedbee1-b.txt": (b"no hash", "/a-feedbee1-b.txt", "text/plain; charset=utf-8"),
    "v.3F2A9C1B.js": (b"no hash", "/v.3F2A9C1B.js", "text/javascript; charset=utf-8"),
}
HASHED = {"app.3f2a9c1b.js", "chunk-0d1e2f3a4b.css", "x.12345678.abcdef12.js", "fonts/text.woff2"}
HIDDEN = (".hidden.txt", ".git/config", "docs/.draft/x.txt")

PROJECT = """
cmake_minimum_required(VERSION 3.20)
project(site LANGUAGES C)
{bobbin}
add_executable(site site.c)
target_link_libraries(site PRIVATE bobbin::bobbin)
bobbin_embed(site www IMMUTABLE "^/fonts/")
bobbin_embed(site ${{CMAKE_CURRENT_SOURCE_DIR}}/www /ui/ NAME ui)
bobbin_embed(site nothing /nothing)
"""
SUBDIRECTORY = """
add_subdirectory("{source}" bobbin EXCLUDE_FROM_ALL)
"""
# The test's own: it is about another machine, whichever that is.
TOOLCHAIN = f"""
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR arm)
set(CMAKE_C_COMPILER {CROSS}-gcc)
set(CMAKE_EXE_LINKER_FLAGS_INIT -static)
"""
# Compiles the pages and links nothing: for what is about builds alone.
SMALL = """
cmake_minimum_required(VERSION 3.20)
project(small LANGUAGES C)
find_package(bobbin REQUIRED)
add_library(small OBJECT small.c)
target_link_libraries(small PRIVATE bobbin::bobbin)
{embed}
"""


def write(folder, files):
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())


def write_site(folder, bobbin):
    shutil.copy(HERE / "site.c", folder)
    write(folder, {"CMakeLists.txt": PROJECT.format(bobbin=bobbin)})
    write(folder / "www", {name: content for name, (content, _, _) in FILES.items()})
    write(folder / "www", dict.fromkeys(HIDDEN, "secret"))
    (folder / "nothing").mkdir()


def paths(made):
    """Of the pages in C, in their order there."""
    return re.findall(r'\{"(/[^"]*)"', made)


def build_site(folder, *options):
    run(CMAKE, "-S", folder, "-B", folder / "build", *options)
    run(CMAKE, "--build", folder / "build", "--target", "site", "-j2")
    return folder / "build" / "site"


class Embedding(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        scratch = tempfile.TemporaryDirectory(prefix="bobbin-embed-")  # pylint: disable=consider-using-with
        cls.addClassCleanup(scratch.cleanup)
        cls.scratch = pathlib.Path(scratch.name).resolve()
        cls.installed = cls.scratch / "installed"
        library.install(cls.installed)
        cls.options = [f"-DCMAKE_PREFIX_PATH={cls.installed}", f"-DCMAKE_C_COMPILER={CC[0]}",
                       f"-DCMAKE_C_FLAGS={FLAGS}"]

    def folder(self):
        return pathlib.Path(tempfile.mkdtemp(dir=self.scratch))


class Served(Embedding):
    """The site of a project that found bobbin installed."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        folder = cls.scratch / "site"
        folder.mkdir()
        write_site(folder, "find_package(bobbin REQUIRED)")
        cls.program = build_site(folder, *cls.options)
        stack = contextlib.ExitStack()
        cls.addClassCleanup(stack.close)
        cls.port = stack.enter_context(library.running(cls.program))

    def ask(self, target, status=200, method="GET", **fields):
        reply = library.ask(self.port, target, method, **fields)
        self.assertEqual(reply.status, status, target)
        return reply

    def test_every_file_is_served_as_it_is(self):
        for name, (content, target, kind) in FILES.items():
            with self.subTest(name=name):
                reply = self.ask(target)
                self.assertTrue(reply.body == content)
                self.assertEqual(reply.getheader("Content-Type"), kind)
                self.assertIsNone(reply.getheader("Content-Encoding"))
                self.assertEqual(self.ask("/ui" + target).body, content)

    def test_the_etag_is_of_the_content(self):
        for name, (content, target, _) in FILES.items():
            with self.subTest(name=name):
                tag = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
                self.assertEqual(self.ask(target).getheader("ETag"), tag)
                self.assertEqual(self.ask(target, 304, If_None_Match=tag).body, b"")

    def test_what_gets_smaller_is_there_compressed_too(self):
        for name, (content, target, kind) in FILES.items():
            with self.subTest(name=name):
                reply = self.ask(target, Accept_Encoding="gzip, deflate, br")
                compressed = content == TEXT
                self.assertEqual(reply.getheader("Content-Encoding"), "gzip" if compressed else None)
                self.assertEqual(reply.getheader("Vary"), "Accept-Encoding" if compressed else None)
                self.assertEqual(reply.getheader("Content-Type"), kind)
                if compressed:
                    tag = f'"{hashlib.sha256(content).hexdigest()[:32]}-gz"'
                    self.assertEqual(reply.getheader("ETag"), tag)
                    self.assertEqual(gzip.decompress(reply.body), content)
                    self.assertEqual(reply.body[:10], b"\x1f\x8b\x08\0\0\0\0\0\x02\x03")  # no name, no time
                    self.ask(target, 304, If_None_Match=tag, Accept_Encoding="gzip")

    def test_a_name_with_a_hash_is_kept_for_ever(self):
        for name, (_, target, _) in FILES.items():
            with self.subTest(name=name):
                control = self.ask(target).getheader("Cache-Control")
                self.assertEqual(control, FOREVER if name in HASHED else "no-cache")
        # What a regular expression names is told with the prefix: here it begins with /ui.
        self.assertEqual(self.ask("/ui/fonts/text.woff2").getheader("Cache-Control"), "no-cache")

    def test_a_folder_is_sent_to_its_slash(self):
        for target, location in (("/docs?q=1", "/docs/?q=1"), ("/ui", "/ui/"), ("/ui/docs", "/ui/docs/")):
            self.assertEqual(self.ask(target, 301).getheader("Location"), location)
        self.assertEqual(self.ask("/docs/index.html").body, TEXT)

    def test_hidden_files_are_left_out(self):
        for name in HIDDEN:
            self.ask("/" + name, 404)
        self.assertNotIn(b"secret", self.program.read_bytes())

    def test_an_empty_folder_is_one_without_pages(self):
        self.ask("/nothing/", 404)
        self.ask("/nothing/index.html", 404)

    def test_ranges_and_head(self):
        reply = self.ask("/noise.bin", 206, Range="bytes=1000-1999")
        self.assertTrue(reply.body == NOISE[1000:2000])
        self.assertEqual(self.ask("/noise.bin", method="HEAD").getheader("Content-Length"), str(len(NOISE)))

    def test_the_bytes_lie_in_read_only_memory(self):
        listed = run(os.environ.get("NM") or "nm", self.program)
        kinds = re.findall(r"(?m)^[0-9a-f]+ (\w) (?:page|gzip)_\d+", listed)
        self.assertEqual(len(kinds), 2 * len(FILES) + 2 * 2)
        self.assertEqual(set(kinds), {"r"})


class Projects(Embedding):
    def check(self, *command):
        with library.running(*command) as port:
            for target, content in (("/", FILES["index.html"][0]), ("/ui/css/site.css", TEXT)):
                reply = library.ask(port, target)
                self.assertEqual((reply.status, reply.body), (200, content))

    def test_a_project_may_hold_bobbins_sources(self):
        folder = self.folder()
        write_site(folder, SUBDIRECTORY.format(source=SOURCE))
        self.check(build_site(folder, f"-DCMAKE_C_COMPILER={CC[0]}"))

    def test_pages_are_embedded_for_another_machine(self):
        if not shutil.which(f"{CROSS}-gcc"):
            self.skipTest(f"there is no {CROSS}-gcc")
        folder = self.folder()
        write_site(folder, SUBDIRECTORY.format(source=SOURCE))
        write(folder, {"other.cmake": TOOLCHAIN})
        program = build_site(folder, f"-DCMAKE_TOOLCHAIN_FILE={folder / 'other.cmake'}")
        if not shutil.which("qemu-arm"):
            self.skipTest("there is no qemu-arm; it was built")
        self.check("qemu-arm", "-cpu", "arm1176", program)

    def test_targets_share_what_they_embed_alike(self):
        folder = self.folder()
        write(folder, {
            "small.c": '#include "www.h"\nint small(void);\nint small(void) { return (int)www.count; }\n',
            "www/index.html": "home",
            "sub/CMakeLists.txt": "bobbin_embed(small2 ../www)\n",
            "CMakeLists.txt": SMALL.format(embed="""
                add_library(small1 OBJECT small.c)
                add_library(small2 OBJECT small.c)
                target_link_libraries(small1 PRIVATE bobbin::bobbin)
                target_link_libraries(small2 PRIVATE bobbin::bobbin)
                bobbin_embed(small www)
                bobbin_embed(small1 www)
                add_subdirectory(sub)""")})
        for generator in GENERATORS:
            with self.subTest(generator=generator):
                build = folder / generator.split()[-1]
                run(CMAKE, "-S", folder, "-B", build, "-G", generator, *self.options)
                said = run(CMAKE, "--build", build, "-j2")
                self.assertEqual(said.count("Embedding www"), 2)

    def test_the_header_serves_cxx_too(self):
        compiler = shutil.which("g++") or shutil.which("clang++")
        if not compiler:
            self.skipTest("there is no C++ compiler")
        folder = self.folder()
        write(folder, {
            "small.c": '#include "www.h"\nint small(void);\nint small(void) { return (int)www.count; }\n',
            "main.cpp": '#include "www.h"\nint main() { return www.count == 1 ? 0 : 1; }\n',
            "www/a.txt": "a",
            "CMakeLists.txt": SMALL.format(embed="""
                enable_language(CXX)
                add_executable(cxx main.cpp)
                target_link_libraries(cxx PRIVATE bobbin::bobbin)
                bobbin_embed(cxx www)
                bobbin_embed(small www)""")})
        run(CMAKE, "-S", folder, "-B", folder / "build", *self.options, f"-DCMAKE_CXX_COMPILER={compiler}")
        run(CMAKE, "--build", folder / "build")
        run(folder / "build" / "cxx")


class Builds(Embedding):
    def small(self, embed="bobbin_embed(small www)", symbol="www", **files):
        folder = self.folder()
        write(folder, {"CMakeLists.txt": SMALL.format(embed=embed),
                       "small.c": f'#include "{symbol}.h"\nextern const struct bobbin_pages *pages;\n'
                                  f"const struct bobbin_pages *pages = &{symbol};\n"})
        (folder / "www").mkdir()
        write(folder / "www", files)
        return folder

    def build(self, folder, generator=GENERATORS[0]):
        """Configures where that was not done yet, and builds: whether pages were made, and their C."""
        build = folder / "build"
        if not build.exists():
            run(CMAKE, "-S", folder, "-B", build, "-G", generator, *self.options)
        said = run(CMAKE, "--build", build)
        return "Embedding" in said, next((build / "bobbin_embed").glob("*/*.c")).read_text(encoding="utf-8")

    def refusal(self, folder):
        done = subprocess.run([CMAKE, "-S", folder, "-B", folder / "build", *self.options], capture_output=True,
                              timeout=library.BUILD_DEADLINE, check=False)
        self.assertNotEqual(done.returncode, 0)
        return re.sub(r"\s+", " ", done.stderr.decode("utf-8", "replace"))

    def test_a_build_makes_pages_anew_when_files_change_come_or_go(self):
        for generator in GENERATORS:
            with self.subTest(generator=generator):
                folder = self.small(**{"a.txt": "one", "b/c.txt": "two"})
                made, first = self.build(folder, generator)
                self.assertEqual((made, paths(first)), (True, ["/a.txt", "/b/c.txt"]))
                self.assertEqual(self.build(folder), (False, first))
                write(folder / "www", {"a.txt": "three"})
                made, second = self.build(folder)
                self.assertTrue(made and hashlib.sha256(b"three").hexdigest()[:32] in second)
                write(folder / "www", {"d/new.txt": "four"})
                made, third = self.build(folder)
                self.assertEqual((made, paths(third)), (True, ["/a.txt", "/b/c.txt", "/d/new.txt"]))
                self.assertEqual(self.build(folder), (False, third))
                (folder / "www" / "b" / "c.txt").unlink()
                made, fourth = self.build(folder)
                self.assertEqual((made, paths(fourth)), (True, ["/a.txt", "/d/new.txt"]))
                (folder / "www" / "a.txt").rename(folder / "www" / "z.txt")
                made, fifth = self.build(folder)
                self.assertEqual((made, paths(fifth)), (True, ["/d/new.txt", "/z.txt"]))
                write(folder, {"CMakeLists.txt": SMALL.format(embed="bobbin_embed(small www /ui)")})
                made, sixth = self.build(folder)
                self.assertEqual((made, paths(sixth)), (True, ["/ui/d/new.txt", "/ui/z.txt"]))
                self.assertEqual(self.build(folder), (False, sixth))
                (folder / "www" / "z.txt").unlink()
                (folder / "www" / "d" / "new.txt").unlink()
                made, last = self.build(folder)
                self.assertEqual((made, paths(last)), (True, []))

    def test_the_same_files_make_the_same_bytes(self):
        files = {"a.css": TEXT, "b/c.html": TEXT * 2, "d.txt": "d"}
        made = []
        for age in (0, 1000000):
            folder = self.small(**files)
            for name in files:
                os.utime(folder / "www" / name, (age, age))
            made.append(self.build(folder)[1])
        self.assertEqual(made[0], made[1])
        self.assertIn("gzip_", made[0])

    def test_paths_are_in_the_order_of_their_bytes(self):
        names = ["a-b", "a.b", "a/b", "a=b", "a b", "aB", "ab", "A", "Z", "~", "ä", "a%b", "a(b"]
        _, made = self.build(self.small(**dict.fromkeys(names, "x")))
        self.assertEqual([path.encode() for path in paths(made)],
                         sorted(f"/{name}".replace("%", "%25").encode() for name in names))

    def test_a_link_is_the_file_it_leads_to(self):
        folder = self.small(**{"real.txt": TEXT})
        (folder / "www" / "link.txt").symlink_to("real.txt")
        (folder / "www" / "up").symlink_to("..")
        _, made = self.build(folder)
        self.assertEqual(paths(made), ["/link.txt", "/real.txt"])
        self.assertEqual(made.count(f'{hashlib.sha256(TEXT).hexdigest()[:32]}-gz'), 2)

    def test_names_that_cannot_be_kept_are_refused_by_name(self):
        for name, why in (("a;b.txt", "semicolon"), ("a[b.txt", "bracket"), ("a]b.txt", "bracket"),
                          ("a\\b.txt", "backslash"), ("a\nb.txt", "control character"),
                          ("a\x7fb.txt", "control character"), (b"a\xffb.txt", "UTF-8"), (b"a\xc0\xafb", "UTF-8"),
                          (b"a\xed\xa0\x80b", "UTF-8"), ('a"b.txt', "build tools"), ("a$b.txt", "build tools"),
                          ("a:b.txt", "build tools"), ("a|b.txt", "build tools"), ("ab ", "a space at its end")):
            with self.subTest(name=name):
                folder = self.small(**{"ok.txt": "ok"})
                with open(os.path.join(os.fsencode(folder / "www"), os.fsencode(name)), "wb"):
                    pass
                said = self.refusal(folder)
                self.assertRegex(said, r"bobbin_embed: cannot embed '.*/www/a")
                self.assertIn(why, said)

    def test_a_broken_link_is_refused_by_name(self):
        folder = self.small()
        (folder / "www" / "nowhere").symlink_to("gone")
        self.assertRegex(self.refusal(folder), r"cannot embed '.*/www/nowhere'.*a link may be broken")

    def test_calls_that_make_no_sense_say_why(self):
        for embed, why in (("bobbin_embed(small gone)", r"/gone is not a folder"),
                           ("bobbin_embed(other www)", r"there is no target 'other'"),
                           ("bobbin_embed(small www NAME 2nd)", r"'2nd' cannot be the name of data"),
                           ("bobbin_embed(small www NAME static)", r"'static' cannot be the name of data"),
                           ("bobbin_embed(small www ui)", r"'ui' is not a path such as /ui"),
                           ("bobbin_embed(small www /a/../b)", r"is not a path"),
                           ("bobbin_embed(small www NAME)", r"these arguments make no sense:  ?NAME"),
                           ("bobbin_embed(small www QUICK)", r"'QUICK' is not a path such as /ui"),
                           ("bobbin_embed(small www /ui QUICK)", r"these arguments make no sense: /ui;QUICK"),
                           ("bobbin_embed(small www)\nbobbin_embed(small www /x)",
                            r"'www' is made with other arguments already")):
            with self.subTest(embed=embed):
                self.assertRegex(self.refusal(self.small(embed, **{"a.txt": "a"})), why)


if __name__ == "__main__":
    library.skip_where_nothing_can_run()
    unittest.main(verbosity=2)
