"""TAP devices: the other end of each is a program that has an IP stack of its own, this one is the kernel's."""

import itertools
import os
import subprocess

import lan

_numbers = itertools.count()
NEIGHBOURS = 9  # addresses that clients may come from, beside the first


class Tap:
    """A device, and a network on it: the kernel has .1, and .101 to .109; the program is to have .2."""

    def __init__(self, *options):
        number = next(_numbers)
        self.name = f"tap{number}"
        self.network = f"10.{77 + number // 256}.{number % 256}"
        self.address = f"{self.network}.2"
        self.options = ("--tap", self.name, "--address", f"{self.address}/24")
        run(f"tuntap add {self.name} mode tap {' '.join(options)}",
            *(f"address add {self.neighbour(i)}/24 dev {self.name}" for i in range(1, NEIGHBOURS + 1)),
            f"link set {self.name} up")

    def neighbour(self, number):
        """Of the kernel's addresses; the first is the one that clients come from by themselves."""
        return f"{self.network}.{number if number == 1 else 100 + number}"

    def remove(self):
        run(f"link delete {self.name}")


def run(*lines):
    subprocess.run(["ip", "-batch", "-"], input="".join(line + "\n" for line in lines), text=True, check=True)


def enter(users=False):
    """Goes on in a network of this test's own, as lan.run_inside() does; where that cannot be, the test is skipped."""
    scratch = lan.run_inside(users)
    if not os.path.exists("/dev/net/tun"):
        lan.skip("the system has no /dev/net/tun")
    probe = subprocess.run(["ip", "tuntap", "add", "probe", "mode", "tap"], capture_output=True, text=True, check=False)
    if probe.returncode != 0:
        lan.skip(f"the system grants no TAP devices: {probe.stderr.strip()}")
    run("link delete probe", "link set lo up")
    return scratch
