"""What the program's file says of itself: which processors run it, that it needs nothing of the device, and no heap."""

import os
import re
import subprocess
import sys
import unittest

PROGRAM = os.environ["BOBBIN"]
READELF = os.environ.get("READELF") or "readelf"
ARCH = os.environ.get("BOBBIN_BOARD_ARCH", "")
LINK_MAP = os.environ["BOBBIN_MAP"]
PAGE = int(os.environ.get("BOBBIN_BOARD_PAGE") or 4096)


def readelf(option):
    return subprocess.run([READELF, "-W", option, PROGRAM], check=True, capture_output=True, text=True).stdout


class Baseline(unittest.TestCase):
    def test_it_has_no_instructions_that_the_board_lacks(self):
        """As the linker noted it, over every object: libgcc's and crtbegin's too."""
        if not ARCH:
            self.skipTest("this architecture's files do not tell")
        notes = readelf("-A")
        found = re.search(r"(?:Tag_CPU_arch|ISA): (\S+)", notes)
        self.assertTrue(found, notes)
        self.assertRegex(found[1], f"^(?:{ARCH})$")

    def test_it_uses_no_floating_point_registers_where_there_are_none(self):
        notes = readelf("-A")
        if "FP ABI" in notes:
            self.assertIn("FP ABI: Soft float", notes)
        elif not re.search("Tag_CPU_arch: v[1-6]", notes):
            self.skipTest("all processors of this architecture have them")
        else:
            self.assertNotIn("Tag_ABI_VFP_args", notes)

    def test_it_is_static_and_finds_its_place_by_itself(self):
        self.assertNotIn("INTERP", readelf("-l"))
        self.assertNotIn("(NEEDED)", readelf("-d"))
        self.assertRegex(readelf("-h"), r"Type: +DYN")
        self.assertRegex(readelf("-d"), r"\(FLAGS_1\).*PIE")

    def test_it_has_no_text_relocations(self):
        self.assertNotIn("TEXTREL", readelf("-d"))

    def test_its_stack_is_not_executable_and_nothing_is_both_writable_and_executable(self):
        header = readelf("-l")
        self.assertRegex(header, r"GNU_STACK .* RW +0x")
        for line in header.splitlines():
            self.assertNotRegex(line, r"^ +[A-Z_]+ +(0x[0-9a-f]+ +){5}.*W.?E")

    def test_what_is_read_only_after_the_start_is_protected(self):
        self.assertIn("GNU_RELRO", readelf("-l"))
        self.assertRegex(readelf("-d"), r"BIND_NOW|\(FLAGS_1\).*NOW")

    def test_it_takes_nothing_from_a_heap_and_nothing_from_stdio(self):
        """No part of the C library that allocates is in it, and none that formats or buffers."""
        with open(LINK_MAP, encoding="utf-8") as text:
            parts = set(re.findall(r"libc\.a\((\w+)\.l?o\)", text.read()))
        self.assertIn("pthread_create", parts)
        allocates = "malloc|calloc|realloc|free|aligned_alloc|memalign|posix_memalign|strdup|sbrk|brk|expand_heap"
        formats = "v?f?s?n?printf|fopen|fwrite|fputs|fgets|std(in|out|err)|vfprintf"
        self.assertEqual([part for part in parts if re.fullmatch(rf".*({allocates})|{formats}", part)], [])

    def test_it_is_stripped(self):
        sections = readelf("-S")
        self.assertNotIn(".symtab", sections)
        self.assertNotIn(".debug_", sections)

    def test_it_loads_where_pages_are_as_large_as_the_boards_kernels_have_them(self):
        found = re.findall(r"^ +LOAD .* (0x[0-9a-f]+)$", readelf("-l"), re.MULTILINE)
        alignments = [int(value, 16) for value in found]
        self.assertTrue(alignments)
        self.assertGreaterEqual(min(alignments), PAGE)


if __name__ == "__main__":
    unittest.main(verbosity=2)
