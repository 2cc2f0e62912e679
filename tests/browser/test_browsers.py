"""Browsers on other machines: Chromium on hosts of a LAN that is made for this test."""

import os
import re
import subprocess
import sys
import time

FOLDER = os.path.dirname(os.path.abspath(__file__))
BUILD = os.environ.get("BOBBIN_BROWSER_DIR") or os.path.join(os.getcwd(), "browser")
sys.path.insert(0, os.path.join(os.path.dirname(FOLDER), "e2e"))

# pylint: disable=wrong-import-position
import chromium
import harness
import lan
import png

GREETING = "Hello, World!"
PHONE = (390, 844, 2)  # CSS pixels and how many of the screen's make one
HALF_A_REQUEST = b"GET /hello HTTP/1.1\r\nHost: dev"


class Browsers(harness.EndToEnd):
    scratch = None  # a folder that ends with this run

    @classmethod
    def setUpClass(cls):
        network = lan.Lan("device", "left", "right")
        cls.device, cls.left, cls.right = network.hosts
        cls.browsers = []
        cls.addClassCleanup(lambda: [browser.close() for browser in cls.browsers])
        for host in (cls.left, cls.right):
            cls.browsers.append(chromium.Browser(host, cls.scratch))

    def serve_on_device(self, *options, command="serve"):
        return self.serve(*options, command=command, listen=("-p", "0"), prefix=self.device.prefix,
                          pass_fds=(self.device.space,))

    def client_on(self, host, server):
        with host.here():
            return self.connect(server, address=self.device.address)

    def urls(self, server):
        """As the device tells them to whoever reads its console."""
        return [line.strip() for line in server.start_lines() if line.strip().startswith("http://")]

    def assert_seen(self, server, host, pattern=r'"GET /hello HTTP/1\.1" 200 14'):
        """The console has a connection of the host, and a request on one of its connections."""
        address = re.escape(host.address)
        server.wait_for_line(rf"Connected with {address}:\d+")
        server.wait_for_line(rf"{address}:\d+ {pattern}")

    def test_device_tells_the_addresses_that_browsers_can_open(self):
        server = self.serve_on_device()
        hosts = [self.device.address] + ([f"[{self.device.address6}]"] if self.device.address6 else [])
        self.assertEqual(self.urls(server), [f"http://{host}:{server.port}/hello" for host in hosts])
        for browser in self.browsers:
            for url in self.urls(server):
                browser.load(url)
                self.assertEqual(browser.text(), GREETING)

    def test_two_browsers_are_greeted_at_once_beside_half_a_request(self):
        server = self.serve_on_device()
        dawdler = self.client_on(self.left, server)
        dawdler.send(HALF_A_REQUEST)
        server.wait_for_line("Connected with " + re.escape(dawdler.name()))
        pages = [(browser, browser.start_loading(self.urls(server)[0])) for browser in self.browsers]
        for browser, number in pages:
            browser.loaded(number)
        for browser, _ in pages:
            self.assertEqual(browser.text(), GREETING)
        self.assertTrue(dawdler.is_open())
        for host in (self.left, self.right):
            self.assert_seen(server, host)
        dawdler.send(b"ice\r\n\r\n")
        self.assertEqual(dawdler.reply().body, GREETING.encode() + b"\n")

    def test_front_page_fits_a_phone_and_leads_to_hello(self):
        server = self.serve_on_device("--name", "Greenhouse <1>")
        browser = self.browsers[0]
        browser.be_a_phone(*PHONE)
        for scheme in ("light", "dark"):
            browser.prefer(scheme)
            browser.load(f"http://{self.device.address}:{server.port}/")
            self.assertIn("Greenhouse <1>", browser.text())
            self.assertLessEqual(browser.evaluate("document.documentElement.scrollWidth"), PHONE[0])
            self.keep_screenshot(browser, f"front-{scheme}.png")
        browser.click('a[href="/hello"]')
        browser.page_loaded()
        self.assertEqual(browser.text(), GREETING)

    def keep_screenshot(self, browser, name):
        image = browser.screenshot()
        os.makedirs(BUILD, exist_ok=True)
        with open(os.path.join(BUILD, name), "wb") as file:
            file.write(image)
        width, height, colours = png.decode(image)
        self.assertEqual((width, height), (PHONE[0] * PHONE[2], PHONE[1] * PHONE[2]))
        # A page with text is mostly background, and has the shades of letters' edges.
        self.assertGreater(len(colours), 16)
        background = max(colours.values())
        self.assertTrue(width * height // 2 < background < width * height * 99 // 100, f"{background} pixels alike")

    def test_two_echo_clients_talk_at_once(self):
        server = self.serve_on_device(command="echo")
        clients = []
        for host in (self.left, self.right):
            client = subprocess.Popen(  # pylint: disable=consider-using-with
                [*host.prefix, *harness.command_line("connect", self.device.address, str(server.port))],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, pass_fds=(host.space,))
            self.addCleanup(client.communicate)
            self.addCleanup(client.kill)
            clients.append(client)
        for number in range(3):
            for name, client in enumerate(clients):
                client.stdin.write(f"line {number} of {name}\n".encode())
                client.stdin.flush()
            for name, client in enumerate(clients):
                self.assertEqual(client.stdout.readline(), f"OK...line {number} of {name}\n".encode())
        for client in clients:
            self.assertEqual(client.communicate(timeout=harness.DEADLINE)[0], b"")
            self.assertEqual(client.returncode, 0)
        for host in (self.left, self.right):
            server.wait_for_line(rf"Connected with {re.escape(host.address)}:\d+")

    def fill_house(self, server, browser, slots):
        """The page asks for several things at once until the browser keeps a connection in each slot."""
        deadline = time.monotonic() + chromium.DEADLINE
        while self.connections(server, browser.host) < slots:
            if time.monotonic() > deadline:
                raise AssertionError(f"{self.connections(server, browser.host)} of {slots} connections are kept")
            browser.evaluate(f"Promise.all([...Array({slots})].map(async (_, i) => (await fetch('/hello?' + i, "
                             "{cache: 'no-store'})).text())).then(() => 0)")

    def connections(self, server, host):
        """How many are open now, as the device's system tells."""
        peer = "".join(f"{int(part):02X}" for part in reversed(host.address.split(".")))
        rows = []
        with self.device.here():
            for table in ("tcp", "tcp6"):
                with open(f"/proc/thread-self/net/{table}", encoding="ascii") as file:
                    rows += [line.split() for line in file][1:]
        return sum(row[1].endswith(f":{server.port:04X}") and row[2].split(":")[0].endswith(peer) and row[3] == "01"
                   for row in rows)

    def test_connections_that_a_browser_keeps_do_not_keep_a_newcomer_out(self):
        keeper, other = self.browsers
        for per_address, kept in (("0", 4), ("3", 3)):
            server = self.serve_on_device("--max-clients", "4", "--per-address", per_address, "--idle-timeout", "2m")
            keeper.load(f"http://{self.device.address}:{server.port}/")
            self.fill_house(server, keeper, kept)
            newcomer = self.client_on(self.right, server)
            newcomer.hello()
            newcomer.close()
            other.load(self.urls(server)[0])
            self.assertEqual(other.text(), GREETING)
            self.assertEqual(keeper.evaluate("fetch('/hello').then(reply => reply.text())"), GREETING + "\n")
            self.assert_seen(server, self.right)


if __name__ == "__main__":
    if not harness.BOBBIN:
        lan.skip("BOBBIN does not name the program")
    if not chromium.CHROMIUM:
        lan.skip("there is no chromium")
    Browsers.scratch = lan.run_inside()
    harness.main()
