"""What the firmware's file says of itself: no heap, no stdio, nothing of the machine that built it, and the sizes
that the build prints."""

import os
import pathlib
import re
import subprocess
import unittest

PROGRAM = pathlib.Path(os.environ["BOBBIN_FIRMWARE"])
BUDGET = pathlib.Path(os.environ["BOBBIN_BUDGET"])
KIB = 96 * 1024


def symbols():
    done = subprocess.run([os.environ.get("NM") or "nm", "-P", str(PROGRAM)], check=True, capture_output=True,
                          text=True)
    return {line.split()[0] for line in done.stdout.splitlines()}


class Image(unittest.TestCase):
    def test_it_takes_nothing_from_a_heap_and_nothing_from_stdio(self):
        heap = r"_*(malloc|calloc|realloc|free|memalign|sbrk)(_r)?|pvPortMalloc|vPortFree"
        stdio = r"_*(v?s?n?i?f?printf|fopen|fwrite|puts|sscanf)(_r)?|_*stdout"
        found = symbols()
        self.assertIn("xTaskCreateStatic", found)
        self.assertNotIn("xTaskCreate", found)
        self.assertEqual([name for name in found if re.fullmatch(f"{heap}|{stdio}", name)], [])

    def test_it_names_no_folder_of_the_machine_that_built_it(self):
        data = PROGRAM.read_bytes()
        for folder in filter(None, os.environ.get("BOBBIN_FOREIGN", "").split(":")):
            self.assertNotIn(folder.encode(), data)

    def test_its_parts_add_up_and_fit(self):
        text = BUDGET.read_text(encoding="ascii")
        for title, parts in re.findall(r"^(\w+) of \S+, in bytes\n((?:  .*\n)+)", text, re.M):
            with self.subTest(title):
                *rows, total = [int(line.rsplit(None, 1)[1]) for line in parts.splitlines()]
                self.assertEqual(sum(rows), total)
                self.assertLessEqual(total, KIB)
                self.assertTrue(all(row >= 0 for row in rows))


if __name__ == "__main__":
    unittest.main(verbosity=2)
