"""The TAP device: what stands in its way is told, with what to type; and what a host on a network is asked beside
HTTP."""

import os
import re
import signal
import socket
import struct
import subprocess
import unittest

import harness
import tap
from harness import EndToEnd, run

HOST = ("--address", "10.77.0.2/24")
# In mounts of its own: the node is missing, or may not be opened.
WITHOUT_TUN = ("unshare", "--mount", "sh", "-ec", 'mount -t tmpfs none /dev/net\nexec "$@"', "sh")
LOCKED_TUN = ("unshare", "--mount", "sh", "-ec", "mount -t tmpfs none /dev/net\ntouch /dev/net/tun\n"
              'chmod 0 /dev/net/tun\nexec setpriv --bounding-set -dac_override,-dac_read_search "$@"', "sh")
NO_ADMINISTRATOR = ("setpriv", "--bounding-set", "-net_admin")


class Refused(unittest.TestCase):
    def check(self, expected, *arguments, status=1, prefix=()):
        for command in ("serve", "echo"):
            done = run(command, "-p", "0", *arguments, prefix=prefix)
            self.assertEqual((done.returncode, done.stdout), (status, ""), done.stderr)
            self.assertRegex(done.stderr, rf"\Abobbin: {expected}\Z")

    def device(self, *options):
        device = tap.Tap(*options)
        self.addCleanup(device.remove)
        return device.name

    def test_a_device_that_is_not_there_is_told_how_to_make(self):
        self.check(r"there is no TAP device nosuch0\nMake it \(as root\).*:\n"
                   r"  ip tuntap add nosuch0 mode tap user \$USER\n  ip addr add 10\.0\.0\.1/24 dev nosuch0\n"
                   r"  ip link set nosuch0 up\n", "--tap", "nosuch0", *HOST)
        self.assertNotIn("nosuch0", os.listdir("/sys/class/net") if os.path.isdir("/sys/class/net") else ())

    def test_tap0_is_what_is_looked_for(self):
        self.check(r"there is no TAP device tap0\n(.*\n)*", *HOST)

    def test_a_name_that_is_a_pattern_makes_no_device(self):
        self.check(r"there is no TAP device tap%d\n(.*\n)*", "--tap", "tap%d", *HOST)

    def test_a_system_without_tap_devices_is_told(self):
        self.check(r"this system has no TAP devices: there is no /dev/net/tun\nLoad the driver \(modprobe tun\).*\n",
                   *HOST, prefix=WITHOUT_TUN)

    def test_a_driver_that_may_not_be_opened_is_told(self):
        self.check(r"no permission for /dev/net/tun\n", *HOST, prefix=LOCKED_TUN)

    def test_somebody_elses_device_is_told(self):
        with open("/proc/self/uid_map", encoding="ascii") as file:
            if int(file.read().split()[2]) < 65535:
                self.skipTest("only root can make devices for others")
        name = self.device("user", "65534")
        self.check(rf"no permission for the TAP device {name}: it is another user's\nMake it for you: "
                   rf"ip tuntap add {name} mode tap user \$USER\n", "--tap", name, *HOST, prefix=NO_ADMINISTRATOR)

    def test_another_kind_of_interface_is_told(self):
        self.check(r"lo is no TAP device\n", "--tap", "lo", *HOST)

    def test_addresses_that_are_none_are_told(self):
        for text in ("", "10.0.0.2", "10.0.0.0/24", "10.0.0.2/33", "nonsense", "::1/64"):
            if text:
                self.check(rf"--address: '{re.escape(text)}' is none; it takes a host's address .*10\.0\.0\.2/24\n",
                           "--address", text, status=2)
        self.check(r"--gateway: '10.78.0.1' is none; it takes an address of the network of --address\n", *HOST,
                   "--gateway", "10.78.0.1", status=2)
        self.check(r"--gateway: 'x' is none; it takes an IPv4 address, .*\n", *HOST, "--gateway", "x", status=2)
        self.check(r"--mac: '01:00:5e:00:00:01' is none; it takes an Ethernet address .*\n",
                   "--mac", "01:00:5e:00:00:01", status=2)

    def test_options_that_do_not_go_together_are_told(self):
        self.check(r"only with --address goes '--gateway'\n.*\n", "--gateway", "10.77.0.1", status=2)

    def test_more_clients_than_it_was_built_for_are_told_with_the_number(self):
        most = harness.MOST_CLIENTS
        self.check(rf"--max-clients {most + 1} is more than the {most} that this program was built for\n"
                   rf"Build it with -DBOBBIN_MAX_CLIENTS={most + 1} .*\n", "--max-clients", str(most + 1), *HOST,
                   status=2)


class Device(EndToEnd):
    def test_one_program_a_device(self):
        server = self.serve()
        done = run("serve", *server.tap.options)
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        self.assertEqual(done.stderr, f"bobbin: the TAP device {server.tap.name} is in use by another program\n")
        harness.assert_next_client_is_served(server)

    def test_a_device_of_ones_own_needs_no_root(self):
        server = self.serve(device=tap.Tap("user", str(os.geteuid())), prefix=NO_ADMINISTRATOR)
        harness.assert_next_client_is_served(server)

    def test_a_device_that_is_down_is_told_and_works_once_it_is_up(self):
        device = tap.Tap()
        tap.run(f"link set {device.name} down")
        server = self.serve(device=device, stderr=rf"bobbin: {device.name} is down: until it is up nothing gets "
                            rf"through\nSwitch it on: ip link set {device.name} up\n")
        tap.run(f"link set {device.name} up")
        harness.assert_next_client_is_served(server)

    def test_a_device_that_is_removed_is_told_and_the_server_still_leaves(self):
        server = self.serve(stderr=r"bobbin: error: the TAP device is gone\n")
        self.connect(server).hello()
        server.tap.remove()
        server.tap = None
        with server.changed:
            server.changed.wait_for(lambda: b"gone" in server.error_text, harness.DEADLINE)
        server.stop()

    def test_it_answers_a_ping(self):
        server = self.serve()
        with socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP) as sock:
            sock.settimeout(harness.DEADLINE)
            sock.connect((server.address, 0))
            for size in (0, 56, 1400):
                data = struct.pack("!BBHHH", 8, 0, 0, 77, size) + bytes(size)
                total = sum(struct.unpack(f"!{len(data) // 2}H", data))
                total = (total & 0xffff) + (total >> 16)
                data = data[:2] + struct.pack("!H", ~(total + (total >> 16)) & 0xffff) + data[4:]
                sock.send(data)
                answer = sock.recv(2000)[20:]
                self.assertEqual((answer[0], answer[4:]), (0, data[4:]))

    def test_a_port_where_nobody_listens_refuses(self):
        server = self.serve()
        with self.assertRaises(ConnectionRefusedError):
            harness.Client(server.port % 65535 + 1, address=server.address)

    @staticmethod
    def is_known(port):
        """Whether this system has a connection from there still."""
        with open("/proc/self/net/tcp", encoding="ascii") as file:
            return any(line.split()[1].endswith(f":{port:04X}") for line in file.readlines()[1:])

    def test_a_client_may_come_again_from_the_same_port(self):
        server = self.serve()
        source = (server.neighbour(1), 0)
        for _ in range(5):
            client = self.connect(server, source=source)
            source = client.sock.getsockname()
            self.assertEqual(client.ask(harness.request("/hello", "GET", "Connection: close")).status, 200)
            client.assert_closed()  # the server ended it first, and has to remember it for a while
            client.close()
            deadline = harness.Deadline()
            while self.is_known(source[1]) and not deadline.passed():
                pass  # until the end is confirmed

    def test_its_ethernet_address_stays_and_can_be_told(self):
        device = tap.Tap()
        seen = []
        for options in ((), (), ("--mac", "02:00:5e:10:00:01")):
            server = self.serve(*options, device=device)
            harness.assert_next_client_is_served(server)
            neighbours = subprocess.run(["ip", "neighbour", "show", "dev", device.name, server.address], check=True,
                                        capture_output=True, text=True).stdout
            seen.append(re.search(r"lladdr (\S+)", neighbours)[1])
            server.tap = None  # it is needed again
            server.stop()
            tap.run(f"neighbour flush dev {device.name}")
        device.remove()
        self.assertEqual((seen[0], seen[2]), (seen[1], "02:00:5e:10:00:01"))
        self.assertEqual(int(seen[0][:2], 16) & 3, 2)  # locally administered, one station's

    def test_an_end_with_a_reply_on_its_way_loses_none_of_it(self):
        server = self.serve("--idle-timeout", "2m")
        client = self.connect(server, receive_buffer=4096)
        body = os.urandom(30000)
        client.send(harness.request("/echo", "POST", f"Content-Length: {len(body)}") + body)
        client.take_until(b"\r\n\r\n")
        server.send_signal(signal.SIGTERM)
        self.assertEqual(client.take(len(body)), body)
        server.stop()


if __name__ == "__main__":
    tap.enter(users=True)
    unittest.main(verbosity=2)
