"""A folder on a device, in a browser: the page in tests/www, its film, and folders that are listed."""

import json
import math
import os
import re
import shutil
import tempfile
import time

import browsing
import harness
import mp4

WWW = os.path.join(os.path.dirname(browsing.FOLDER), "www")
GAP = 16 << 20  # more than a browser fetches ahead of a film that is not played
WHOLE = {  # what the page is made of, and its Content-Type
    "/": "text/html; charset=utf-8",
    "/css/site.css": "text/css; charset=utf-8",
    "/js/app.js": "text/javascript; charset=utf-8",
    "/js/arrivals.mjs": "text/javascript; charset=utf-8",
    "/img/bobbin.svg": "image/svg+xml",
    "/img/thread.webp": "image/webp",
}
FILM = "/video/clip.mp4"
GROUNDS = {"light": "rgb(242, 244, 248)", "dark": "rgb(18, 21, 42)"}
SCREENS = {"desktop": (browsing.DESKTOP, False), "phone": (browsing.PHONE, True)}
PICTURES = (1 / 8, 99 / 100)  # as browsing.PAPER: pictures take a part of the page,
LISTS = (1 / 2, 999 / 1000)  # and few names not much of it

HEADER_LINE = "getComputedStyle(document.querySelector('header')).borderBottomWidth"
# `seeked` may come before the picture of that time does, which the frame callback tells of.
SEEK = """new Promise((done, failed) => {
    const film = document.getElementById('clip'), second = %d;
    const look = (now, frame) => {
        if (Math.abs(frame.mediaTime - second) > 1) {
            film.requestVideoFrameCallback(look);
            return;
        }
        const canvas = document.createElement('canvas');
        canvas.width = canvas.height = 1;
        const pen = canvas.getContext('2d');
        pen.drawImage(film, 4, 4, 16, 16, 0, 0, 1, 1);
        done({at: film.currentTime, colour: [...pen.getImageData(0, 0, 1, 1).data]});
    };
    film.onerror = () => failed(new Error(film.error.message));
    film.requestVideoFrameCallback(look);
    film.currentTime = second;
})"""


def hand(red, green, blue):
    """Where a colour stands on the circle of Cb and Cr (BT.601), in seconds of a minute; see the film's README."""
    cb = -0.169 * red - 0.331 * green + 0.5 * blue
    cr = 0.5 * red - 0.419 * green - 0.081 * blue
    return math.degrees(math.atan2(cr, cb)) % 360 / 6


class FilesPage(browsing.Browsing):
    HOSTS = ("visitor",)

    def setUp(self):
        self.browser = self.browsers[0]
        self.browser.be_a_screen(*browsing.DESKTOP)
        self.browser.prefer("light")
        self.browser.on_page("Network.clearBrowserCache")

    def folder(self):
        folder = tempfile.mkdtemp(prefix="root-", dir=self.scratch)
        self.addCleanup(shutil.rmtree, folder)
        return folder

    def copy_of_www(self):
        folder = os.path.join(self.folder(), "www")
        shutil.copytree(WWW, folder)
        return folder

    def serve_root(self, root, *options):
        """The server, and the address that it tells for browsers."""
        server = self.serve_on_device("--root", root, *options)
        url = self.urls(server)[0]
        self.assertEqual(url, f"http://{self.device.address}:{server.port}/")
        return server, url

    def screenshots(self, name, background):
        for kind, (screen, mobile) in SCREENS.items():
            for scheme, ground in GROUNDS.items():
                self.browser.be_a_screen(*screen, mobile=mobile)
                self.browser.prefer(scheme)
                self.assertLessEqual(self.browser.evaluate("document.documentElement.scrollWidth"), screen[0])
                if name == "page":
                    self.assertEqual(self.browser.evaluate("getComputedStyle(document.body).backgroundColor"), ground)
                self.keep_screenshot(self.browser, f"{name}-{kind}-{scheme}.png", screen, background)

    def page_replies(self):
        """What the page is made of, once it is all there; without its film and what its scripts ask for."""
        def found():
            return [reply for reply in self.browser.network_replies()
                    if reply.kind not in ("Media", "Fetch", "Manifest")]

        self.browser.wait_for(lambda: {reply.path for reply in found()} >= set(WHOLE), "replies for the whole page")
        return found()

    # -- the page --

    def test_page_comes_whole_each_file_with_its_type(self):
        server, url = self.serve_root(WWW, "--name", "Greenhouse <1>")
        self.browser.load(url)
        self.browser.until("document.querySelectorAll('#arrivals tbody tr').length >= 7")
        self.browser.until("!document.getElementById('device').hidden")
        replies = self.page_replies()
        self.assertEqual({reply.path for reply in replies}, set(WHOLE))
        for reply in replies:
            media_type = WHOLE[reply.path]
            self.assertEqual((reply.status, reply.fields.get("content-type")), (200, media_type), reply)
            self.assertEqual(reply.media_type, media_type.partition(";")[0])
        self.assertEqual(self.browser.evaluate("document.getElementById('device').innerText"),
                         "Served by Greenhouse <1>")
        self.assertEqual(self.browser.evaluate(HEADER_LINE), "3px")
        self.assertEqual(self.browser.evaluate("[...document.images].map(i => [i.naturalWidth, i.naturalHeight])"),
                         [[420, 420], [640, 360]])
        self.browser.until("document.querySelector('#arrivals').innerText.includes('/css/site.css')")
        self.screenshots("page", PICTURES)
        server.wait_for_line(rf'{re.escape(self.hosts[0].address)}:\d+ "GET /img/bobbin\.svg HTTP/1\.1" 200 \d+')

    def test_icon_and_manifest_are_what_browsers_want(self):
        _, url = self.serve_root(WWW)
        self.browser.load(url)
        self.browser.events.clear()
        self.assertEqual(self.browser.evaluate(
            "new Promise((done, failed) => Object.assign(new Image(), {onerror: failed, src: 'favicon.ico', "
            "onload() { done(this.naturalWidth); }}))"), 32)
        self.browser.wait_for(lambda: ("/favicon.ico", 200) in [
            (reply.path, reply.status) for reply in self.browser.network_replies()], "the icon")
        manifest = self.browser.on_page("Page.getAppManifest")
        self.assertEqual((manifest["url"], manifest["errors"]), (url + "manifest.webmanifest", []))
        self.assertEqual(json.loads(manifest["data"])["name"], "bobbin")
        self.assertEqual(self.browser.evaluate(
            "fetch('manifest.webmanifest').then(reply => reply.headers.get('content-type'))"),
            "application/manifest+json")

    # -- the film --

    def seek(self, second):
        found = self.browser.evaluate(SEEK % second)
        self.assertEqual(found["at"], second)
        late = (hand(*found["colour"][:3]) - second + 30) % 60 - 30
        self.assertLess(abs(late), 2, f"the picture at {second} s is {late:.1f} s off: {found['colour']}")

    def ranges(self, size):
        """Where the pieces of the film begin that came over the network."""
        starts = []
        for reply in self.browser.network_replies():
            if reply.path == FILM and reply.status != 304:  # which says that a piece already here may be used
                self.assertEqual((reply.status, reply.fields["content-type"]), (206, "video/mp4"), reply)
                first, last, whole = map(int, re.fullmatch(r"bytes (\d+)-(\d+)/(\d+)",
                                                           reply.fields["content-range"]).groups())
                self.assertEqual(whole, size)
                self.assertEqual(int(reply.fields["content-length"]), last - first + 1)
                starts.append(first)
        return starts

    def test_film_is_sought_by_ranges(self):
        root = self.copy_of_www()
        film = os.path.join(root, FILM[1:])
        second_half = mp4.stretch(os.path.join(WWW, FILM[1:]), film, GAP)
        server, url = self.serve_root(root)
        self.browser.load(url)
        self.browser.until("document.getElementById('clip').readyState >= HTMLMediaElement.HAVE_CURRENT_DATA")
        self.assertEqual(self.browser.evaluate("(c => [c.duration, c.videoWidth, c.videoHeight])"
                                               "(document.getElementById('clip'))"), [60, 320, 180])
        for second in (45, 12, 52):
            self.seek(second)
        self.browser.wait_for(lambda: any(first > second_half - GAP // 2
                                          for first in self.ranges(os.path.getsize(film))), "a piece behind the gap")
        self.assertEqual(self.browser.evaluate("(async c => { await c.play(); c.pause(); return c.error; })"
                                               "(document.getElementById('clip'))"), None)
        server.wait_for_line(rf'{re.escape(self.hosts[0].address)}:\d+ "GET {FILM} HTTP/1\.1" 206 \d+')

    # -- again, and changed --

    def statuses(self):
        return {reply.path: reply.status for reply in self.page_replies()}

    def test_second_load_sends_only_what_changed(self):
        root = self.copy_of_www()
        _, url = self.serve_root(root)
        self.browser.load(url)
        self.assertEqual(self.statuses(), {path: 200 for path in WHOLE})
        self.browser.load(url)
        self.assertEqual(self.statuses(), {path: 304 for path in WHOLE})
        for name, before, after in (("index.html", "<h1>bobbin<", "<h1>reeled<"),  # of the same length
                                    ("css/site.css", "3px solid", "7px solid")):
            path = os.path.join(root, name)
            with open(path, encoding="utf-8") as file:
                text = file.read()
            self.assertIn(before, text)
            with open(path, "w", encoding="utf-8") as file:
                file.write(text.replace(before, after))
        self.browser.load(url)
        self.assertEqual(self.statuses(), {path: 200 if path in ("/", "/css/site.css") else 304 for path in WHOLE})
        self.assertEqual(self.browser.evaluate("document.querySelector('h1').innerText"), "reeled")
        self.assertEqual(self.browser.evaluate(HEADER_LINE), "7px")

    # -- folders --

    def listed(self):
        """Names in the order of the page, without the way up and the heads."""
        return self.browser.evaluate("[...document.querySelectorAll('table a')].filter(a => !a.search && "
                                     "a.getAttribute('href') !== '../').map(a => a.innerText)")

    def test_listing_is_sorted_by_its_heads_and_leads_to_files(self):
        root = self.folder()
        os.makedirs(os.path.join(root, "shelf", "spools & reels"))
        days = 0
        for name, size in (("cotton.txt", 2000), ("<silk> \"no. 1\".txt", 30), ("100% wool.txt", 400)):
            path = os.path.join(root, "shelf", name)
            with open(path, "w", encoding="utf-8") as file:
                file.write(name.ljust(size))
            days += 1
            os.utime(path, (time.time() - days * 86400,) * 2)
        _, url = self.serve_root(root, "--list")
        self.browser.load(url)
        self.click_to('a[href$="shelf/"]')
        self.assertEqual(self.listed(), ["spools & reels/", "100% wool.txt", "<silk> \"no. 1\".txt", "cotton.txt"])
        for head, files in (("size", ["<silk> \"no. 1\".txt", "100% wool.txt", "cotton.txt"]),
                            ("date", ["100% wool.txt", "<silk> \"no. 1\".txt", "cotton.txt"])):
            self.click_to(f'a[href*="sort={head}"]')
            first = self.listed()
            self.click_to(f'a[href*="sort={head}"]')
            second = self.listed()
            for names in (first, second):
                self.assertEqual(names[0], "spools & reels/", "folders first")
            self.assertEqual(sorted((first[1:], second[1:])), sorted((files, files[::-1])), head)
        self.screenshots("listing", LISTS)
        self.click_to('a[href*="silk"]')
        self.assertEqual(self.browser.text(), "<silk> \"no. 1\".txt")
        self.browser.load(url + "shelf")
        self.assertEqual(self.browser.evaluate("location.pathname"), "/shelf/")
        self.click_to('a[href="../"]')
        self.assertEqual(self.listed(), ["shelf/"])
        self.assertFalse(self.browser.evaluate("!!document.querySelector('a[href=\"../\"]')"))

    def click_to(self, selector):
        self.browser.click(selector)
        self.browser.page_loaded()


if __name__ == "__main__":
    browsing.main(FilesPage)
