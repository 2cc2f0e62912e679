"""Browsers on other machines: Chromium on hosts of a LAN that is made for this test."""

import re
import subprocess
import time

import browsing
import chromium
import harness

GREETING = "Hello, World!"
HALF_A_REQUEST = b"GET /hello HTTP/1.1\r\nHost: dev"


class Browsers(browsing.Browsing):
    HOSTS = ("left", "right")

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.left, cls.right = cls.hosts

    def client_on(self, host, server):
        with host.here():
            return self.connect(server, address=self.device.address)

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
        browser.be_a_screen(*browsing.PHONE, mobile=True)
        for scheme in ("light", "dark"):
            browser.prefer(scheme)
            browser.load(f"http://{self.device.address}:{server.port}/")
            browser.until("document.body.innerText.includes('Greenhouse <1>')")
            self.assertLessEqual(browser.evaluate("document.documentElement.scrollWidth"), browsing.PHONE[0])
            self.keep_screenshot(browser, f"front-{scheme}.png", browsing.PHONE)
        browser.click('a[href="/hello"]')
        browser.page_loaded()
        self.assertEqual(browser.text(), GREETING)

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
    browsing.main(Browsers)
