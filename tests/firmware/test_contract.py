"""The contract suite's threads, locks and clocks on the board itself, and a stack that overflows."""

import os
import unittest

import device
import harness
import on_board


class Contract(unittest.TestCase):
    def test_it_holds_and_an_overflow_is_told(self):
        device.skip_without_qemu()
        lines = on_board.console(["qemu-system-arm", "-M", "mps2-an385", "-display", "none", "-monitor", "none", "-nic",
                                  "none", "-serial", "stdio", "-kernel", os.environ["BOBBIN_CONTRACT"]],
                                 "^bobbin stopped:", 3 * harness.DEADLINE)
        self.assertIn("all held", lines)
        self.assertEqual(lines[-1], "bobbin stopped: the stack overflowed of the thread diver")
        self.assertGreater(len([line for line in lines if line.startswith("ok ")]), 10)


if __name__ == "__main__":
    device.main()
