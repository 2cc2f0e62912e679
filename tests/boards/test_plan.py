"""The RAM that the build counted against the board's budget is the RAM that the program says it takes."""

import os
import pathlib
import re

import harness
from harness import EndToEnd

PART = r"([0-9.]+ [KM]iB)"


class Plan(EndToEnd):
    def test_the_builds_plan_is_the_programs(self):
        plan = pathlib.Path(os.environ["BOBBIN_PLAN"]).read_text(encoding="ascii")
        built = re.search(rf"(\d+) clients x \({PART} stack \+ {PART} buffer \+ {PART} bookkeeping\).*"
                          rf"\+ {PART} server = {PART};", plan)
        server = self.serve()
        said = re.search(rf"(\d+) clients x \({PART} stack \+ {PART} buffer \+ {PART} bookkeeping\).*"
                         rf"\+ {PART} server = {PART}$", server.start_lines()[-1])
        self.assertTrue(built and said, (plan, server.start_lines()))
        self.assertEqual(built.groups(), said.groups())


if __name__ == "__main__":
    harness.main()
