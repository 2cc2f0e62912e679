"""The port's contract on threads, locks and clocks on the board itself, under qemu. Needs what test_board.py needs."""

import unittest

import device
import harness
import on_board

IMAGE = device.Image("contract", {}, (), "tests/zephyr/contract")


class Contract(unittest.TestCase):
    def test_it_holds(self):
        lines = on_board.console([device.QEMU, *device.CLOCK, "-M", "mps2-an385", "-display", "none", "-monitor", "none",
                                  "-nic", "none", "-serial", "stdio", "-kernel", IMAGE.elf],
                                 "all held|bobbin stopped|FATAL", 6 * harness.DEADLINE)
        self.assertEqual(lines[-1:], ["all held"], lines)
        self.assertGreater(len([line for line in lines if line.startswith("ok ")]), 10)


if __name__ == "__main__":
    device.build(IMAGE)
    unittest.main(verbosity=2)
