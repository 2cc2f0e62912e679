"""avahi, which desktops ask, finds the device by its name and its page by its service."""

import os
import shutil
import subprocess
import unittest

import harness
import lan
import mdns
import tap
from harness import EndToEnd

NEEDED = ("avahi-daemon", "avahi-browse", "avahi-resolve", "dbus-daemon")


def start(test, *command, until):
    """Starts what ends with the test, and waits for a line that says it is ready."""
    process = subprocess.Popen(  # pylint: disable=consider-using-with
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    def end():
        process.kill()
        process.communicate()

    test.addCleanup(end)
    said = []
    for line in process.stdout:
        said.append(line)
        if until in line:
            return
    raise AssertionError(f"{command[0]} ended, and said: {''.join(said)}")


def output_of(*command):
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=3 * harness.DEADLINE).stdout


class Avahi(EndToEnd):
    def test_name_and_service_are_found(self):
        server = self.serve("--name", "bobbin-on-tap")
        # Which first asks for 3 s whether somebody else has the name; avahi-browse is not as patient.
        mdns.ask(server.neighbour(1), "bobbin-on-tap.local", mdns.A, bool)
        subprocess.run(["mount", "-t", "tmpfs", "tmpfs", "/run"], check=True)
        for name in ("dbus", "avahi-daemon"):
            os.mkdir(f"/run/{name}")
        start(self, "dbus-daemon", "--system", "--nofork", "--nopidfile", "--print-address", until="unix:")
        start(self, "avahi-daemon", "--no-rlimits", "--no-chroot", until="startup complete")
        lines = [line.split(";") for line in output_of("avahi-browse", "-prtk", "_http._tcp").splitlines()]
        found = [line[3:] for line in lines if line[:3] == ["=", server.tap.name, "IPv4"]]
        self.assertEqual(found, [["bobbin-on-tap", "_http._tcp", "local", "bobbin-on-tap.local", server.address,
                                  str(server.port), '"path=/hello"']], lines)
        self.assertEqual(output_of("avahi-resolve", "-4", "-n", "bobbin-on-tap.local").split(),
                         ["bobbin-on-tap.local", server.address])


if __name__ == "__main__":
    missing = [name for name in NEEDED if not shutil.which(name)]
    if missing:
        lan.skip(f"there is no {missing[0]}")
    if os.geteuid() != 0:
        lan.skip("avahi-daemon of our own needs root")
    tap.enter(users=True)
    unittest.main(verbosity=2)
