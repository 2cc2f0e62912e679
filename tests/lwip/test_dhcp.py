"""An address that is asked for: by DHCP, of dnsmasq on the kernel's side."""

import os
import re
import shutil
import subprocess
import tempfile
import threading
import unittest

import harness
import lan
import tap
from harness import EndToEnd

STACK = ("--stack", harness.STACK) if harness.STACK else ()


class AskingTap(tap.Tap):
    """The program is not told that its address will be .50."""

    def __init__(self):
        super().__init__()
        self.address = f"{self.network}.50"
        self.options = ("--tap", self.name)


class Dhcp(EndToEnd):
    def setUp(self):
        self.device = AskingTap()
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.leases = os.path.join(self.folder.name, "leases")

    def start_dnsmasq(self):
        """With one address to give, and itself as the router; ready when it says so."""
        process = subprocess.Popen(  # pylint: disable=consider-using-with
            ["setpriv", "--pdeathsig", "KILL", "dnsmasq", "--keep-in-foreground", "--conf-file=/dev/null", "--port=0",
             "--user=root", "--group=root", "--no-ping", "--log-facility=-", f"--interface={self.device.name}",
             "--bind-interfaces", "--dhcp-authoritative", f"--dhcp-leasefile={self.leases}",
             f"--dhcp-range={self.device.address},{self.device.address},1h"],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)

        def end():
            process.kill()
            process.wait()
            reader.join(harness.DEADLINE)
            process.stderr.close()

        lines, ready = [], threading.Event()

        def read():
            for line in process.stderr:
                lines.append(line)
                if "sockets bound" in line:
                    ready.set()
            ready.set()

        reader = threading.Thread(target=read)
        reader.start()
        self.addCleanup(end)
        self.assertTrue(ready.wait(harness.DEADLINE))
        self.assertTrue(any("sockets bound" in line for line in lines), lines)

    def test_it_is_asked_for_by_default_and_under_the_devices_name(self):
        self.start_dnsmasq()
        server = self.serve("--name", "Greenhouse", device=self.device)
        harness.assert_next_client_is_served(server)
        with open(self.leases, encoding="ascii") as file:
            lease = file.read().split()
        self.assertEqual((lease[2], lease[3]), (server.address, "Greenhouse"))

    def test_an_echo_server_asks_too(self):
        self.start_dnsmasq()
        server = self.serve(device=self.device, command="echo")
        client = self.connect(server)
        client.send(b"hi")
        self.assertEqual(client.take(7), b"OK...hi")

    def test_without_an_answer_it_says_so_and_goes_on_asking(self):
        device = self.device
        process = subprocess.Popen(  # pylint: disable=consider-using-with
            ["setpriv", "--pdeathsig", "KILL", *harness.command_line("serve", "-p", "0", *STACK, *device.options)],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

        def end():
            process.terminate()
            process.wait(harness.DEADLINE)
            process.stdout.close()
            process.stderr.close()
            device.remove()

        self.addCleanup(end)
        self.assertEqual(process.stderr.readline(), f"bobbin: no DHCP server has answered on {device.name} for 10 s; "
                         "still asking\n")
        self.assertEqual(process.stderr.readline(), "Without one, give it an address: --address 10.0.0.2/24\n")
        self.start_dnsmasq()
        port = int(re.search(r"on port (\d+)\.", process.stdout.readline())[1])
        self.assertEqual(process.stdout.readline(), f"  http://{device.address}:{port}/hello\n")
        with harness.Client(port, address=device.address) as client:
            client.hello()

    def test_a_signal_ends_the_wait(self):
        device = self.device
        self.addCleanup(device.remove)
        with subprocess.Popen(["setpriv", "--pdeathsig", "KILL",
                               *harness.command_line("serve", "-p", "0", *STACK, *device.options)],
                              stdin=subprocess.DEVNULL, stderr=subprocess.PIPE) as process:
            process.stderr.readline()
            process.terminate()
            self.assertNotEqual(process.wait(harness.DEADLINE), 0)


if __name__ == "__main__":
    if not shutil.which("dnsmasq"):
        lan.skip("there is no dnsmasq")
    tap.enter(users=True)
    unittest.main(verbosity=2)
