"""The contract suite's threads, locks and clocks on the board itself, and a stack that overflows."""

import os
import re
import subprocess
import threading
import unittest

import device
import harness


class Contract(unittest.TestCase):
    def test_it_holds_and_an_overflow_is_told(self):
        device.skip_without_qemu()
        process = subprocess.Popen(  # pylint: disable=consider-using-with
            ["qemu-system-arm", "-M", "mps2-an385", "-display", "none", "-monitor", "none", "-nic", "none",
             "-serial", "stdio", "-kernel", os.environ["BOBBIN_CONTRACT"]], stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, text=True)
        timer = threading.Timer(3 * harness.DEADLINE, process.kill)
        timer.start()
        lines = []
        try:
            for line in process.stdout:
                lines.append(line.strip())
                if line.startswith("bobbin stopped:"):
                    break
        finally:
            timer.cancel()
            process.kill()
            process.wait()
            process.stdout.close()
        self.assertIn("all held", lines)
        self.assertEqual(lines[-1], "bobbin stopped: the stack overflowed of the thread diver")
        self.assertGreater(len([line for line in lines if re.match("ok ", line)]), 10)


if __name__ == "__main__":
    device.main()
