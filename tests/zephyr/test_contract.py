"""The port's contract on threads, locks and clocks on the board itself, under qemu. Needs what test_board.py needs."""

import re
import subprocess
import threading
import unittest

import device
import harness

IMAGE = device.Image("contract", {}, (), "tests/zephyr/contract")


class Contract(unittest.TestCase):
    def test_it_holds(self):
        process = subprocess.Popen(  # pylint: disable=consider-using-with
            [device.QEMU, *device.CLOCK, "-M", "mps2-an385", "-display", "none", "-monitor", "none", "-nic", "none",
             "-serial", "stdio", "-kernel", IMAGE.elf], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL, text=True)
        timer = threading.Timer(6 * harness.DEADLINE, process.kill)
        timer.start()
        lines = []
        try:
            for line in process.stdout:
                lines.append(line.strip())
                if re.search("all held|bobbin stopped|FATAL", line):
                    break
        finally:
            timer.cancel()
            process.kill()
            process.wait()
            process.stdout.close()
        self.assertEqual(lines[-1], "all held", lines)
        self.assertGreater(len([line for line in lines if line.startswith("ok ")]), 10)


if __name__ == "__main__":
    device.build(IMAGE)
    unittest.main(verbosity=2)
