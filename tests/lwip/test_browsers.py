"""Two Chromium browsers on other hosts of a LAN, where the device is a TAP device on the switch."""

import re

import browsing
import chromium
import lan
import tap

GREETING = "Hello, World!"
HALF_A_REQUEST = b"GET /hello HTTP/1.1\r\nHost: dev"


class OnSwitch(tap.Tap):
    """The kernel has no address there: the browsers' hosts have theirs."""

    def __init__(self):  # pylint: disable=super-init-not-called
        self.name, self.network, self.address = "tap-device", "10.77.0", "10.77.0.100"
        self.options = ("--tap", self.name, "--address", f"{self.address}/24")
        tap.run(f"tuntap add {self.name} mode tap", f"link set {self.name} master switch up")


class Browsers(browsing.Browsing):
    HOSTS = ("left", "right")

    @classmethod
    def setUpClass(cls):
        cls.hosts = lan.Lan(*cls.HOSTS).hosts
        cls.browsers = []
        cls.addClassCleanup(lambda: [browser.close() for browser in cls.browsers])
        for host in cls.hosts:
            cls.browsers.append(chromium.Browser(host, cls.scratch))

    def client_on(self, host, server):
        with host.here():
            return self.connect(server)

    def url(self, server, path="/hello"):
        return f"http://{server.address}:{server.port}{path}"

    def test_two_browsers_are_greeted_at_once_beside_half_a_request(self):
        server = self.serve(device=OnSwitch())
        dawdler = self.client_on(self.hosts[0], server)
        dawdler.send(HALF_A_REQUEST)
        server.wait_for_line("Connected with " + re.escape(dawdler.name()))
        pages = [(browser, browser.start_loading(self.url(server))) for browser in self.browsers]
        for browser, number in pages:
            browser.loaded(number)
        for browser, _ in pages:
            self.assertEqual(browser.text(), GREETING)
        self.assertTrue(dawdler.is_open())
        for host in self.hosts:
            server.wait_for_line(rf'{re.escape(host.address)}:\d+ "GET /hello HTTP/1\.1" 200 14')
        dawdler.send(b"ice\r\n\r\n")
        self.assertEqual(dawdler.reply().body, GREETING.encode() + b"\n")

    def test_the_front_page_comes_whole_and_leads_to_hello(self):
        server = self.serve("--name", "Greenhouse", device=OnSwitch())
        for browser in self.browsers:
            browser.load(self.url(server, "/"))
            browser.until("document.body.innerText.includes('Greenhouse')")
            browser.click('a[href="/hello"]')
            browser.page_loaded()
            self.assertEqual(browser.text(), GREETING)

    def test_connections_that_a_browser_keeps_do_not_keep_a_newcomer_out(self):
        server = self.serve("--max-clients", "4", "--idle-timeout", "2m", device=OnSwitch())
        keeper, other = self.browsers
        keeper.load(self.url(server, "/"))
        keeper.evaluate("Promise.all([...Array(4)].map(async (_, i) => (await fetch('/hello?' + i, "
                        "{cache: 'no-store'})).text())).then(() => 0)")
        newcomer = self.client_on(self.hosts[1], server)
        newcomer.hello()
        newcomer.close()
        other.load(self.url(server))
        self.assertEqual(other.text(), GREETING)
        self.assertEqual(keeper.evaluate("fetch('/hello').then(reply => reply.text())"), GREETING + "\n")


if __name__ == "__main__":
    browsing.main(Browsers)
