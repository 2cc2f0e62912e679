"""What tests with browsers share: a device that runs bobbin, hosts with a browser each, and pictures of pages."""

import os
import sys

FOLDER = os.path.dirname(os.path.abspath(__file__))
BUILD = os.environ.get("BOBBIN_BROWSER_DIR") or os.path.join(os.getcwd(), "browser")
sys.path.insert(0, os.path.join(os.path.dirname(FOLDER), "e2e"))

# pylint: disable=wrong-import-position
import chromium
import harness
import lan
import png

PHONE = (390, 844, 2)  # CSS pixels and how many of the screen's make one
DESKTOP = (1280, 800, 1)
PAPER = (1 / 2, 99 / 100)  # of a page with text: mostly background, yet not only


class Browsing(harness.EndToEnd):
    HOSTS = ()  # each has a browser
    scratch = None  # a folder that ends with this run

    @classmethod
    def setUpClass(cls):
        cls.device, *cls.hosts = lan.Lan("device", *cls.HOSTS).hosts
        cls.browsers = []
        cls.addClassCleanup(lambda: [browser.close() for browser in cls.browsers])
        for host in cls.hosts:
            cls.browsers.append(chromium.Browser(host, cls.scratch))

    def serve_on_device(self, *options, command="serve"):
        return self.serve(*options, command=command, listen=("-p", "0"), prefix=self.device.prefix,
                          pass_fds=(self.device.space,))

    def urls(self, server):
        """As the device tells them to whoever reads its console."""
        return [line.strip() for line in server.start_lines() if line.strip().startswith("http://")]

    def keep_screenshot(self, browser, name, screen, background=PAPER):
        """`background`: the least and the most that pixels of the commonest colour are of all."""
        image = browser.screenshot()
        os.makedirs(BUILD, exist_ok=True)
        with open(os.path.join(BUILD, name), "wb") as file:
            file.write(image)
        width, height, colours = png.decode(image)
        self.assertEqual((width, height), (screen[0] * screen[2], screen[1] * screen[2]))
        self.assertGreater(len(colours), 16, "shades of letters' edges")
        share = max(colours.values()) / (width * height)
        self.assertTrue(background[0] < share < background[1], f"{share:.3f} of the pixels of {name} are alike")


def main(*tests):
    """The file's own test classes, inside namespaces of their own."""
    if not harness.BOBBIN:
        lan.skip("BOBBIN does not name the program")
    if not chromium.CHROMIUM:
        lan.skip("there is no chromium")
    scratch = lan.run_inside()
    for test in tests:
        test.scratch = scratch
    harness.main()
