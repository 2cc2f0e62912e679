"""Headless Chromium on a host of the LAN, steered over a pipe by the DevTools protocol."""

import base64
import fcntl
import json
import os
import select
import shutil
import subprocess
import tempfile
import time
import urllib.parse

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
DEADLINE = 90.0  # seconds; a browser's start on a busy machine is slow

_FLAGS = ("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--no-proxy-server",
          "--disable-background-networking", "--disable-component-update", "--disable-sync",
          "--disable-dev-shm-usage", "--remote-debugging-pipe", "about:blank")

# The protocol wants its pipes as descriptors 3 and 4.
_PIPES = 'in=$1 out=$2; shift 2; exec "$@" 3<&$in- 4>&$out-'


def _pipe():
    """Two ends above the descriptors that have a meaning to the browser."""
    ends = os.pipe()
    moved = tuple(fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, 10) for end in ends)
    for end in ends:
        os.close(end)
    return moved


class Reply:
    """As it came over the network: 304 where the browser then takes what it has kept."""

    def __init__(self, received, extra):
        self.path = urllib.parse.urlsplit(received["response"]["url"]).path
        self.kind = received["type"]  # Document, Image, Media, ...
        self.media_type = received["response"]["mimeType"]  # what the browser takes it for
        self.status = extra["statusCode"]
        self.fields = {name.lower(): value for name, value in extra["headers"].items()}

    def __repr__(self):
        return f"{self.path} {self.status} {self.fields}"


class Browser:
    def __init__(self, host, scratch):
        self.host = host
        self.folder = tempfile.mkdtemp(prefix=f"{host.name}-", dir=scratch)
        self.last_id = 0
        self.buffer = b""
        self.answers = {}
        self.events = []
        theirs_in, self.requests = _pipe()
        self.replies, theirs_out = _pipe()
        with open(os.path.join(self.folder, "stderr"), "wb") as errors:
            self.process = subprocess.Popen(  # pylint: disable=consider-using-with
                ["setpriv", "--pdeathsig", "KILL", *host.prefix, "bash", "-c", _PIPES, "bash", str(theirs_in),
                 str(theirs_out), CHROMIUM, f"--user-data-dir={self.folder}/profile", *_FLAGS],
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=errors,
                pass_fds=(host.space, theirs_in, theirs_out),
                env={"PATH": os.environ["PATH"], "HOME": self.folder, "TMPDIR": self.folder, "LANG": "C.UTF-8"})
        os.close(theirs_in)
        os.close(theirs_out)
        try:
            target = self.ask("Target.createTarget", url="about:blank")["targetId"]
            self.session = self.ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
            self.on_page("Page.enable")
            self.on_page("Network.enable")
        except BaseException:
            self.close()
            raise

    # -- the protocol: JSON, each message with a NUL behind --

    def send(self, method, session=None, **parameters):
        self.last_id += 1
        message = {"id": self.last_id, "method": method, "params": parameters}
        if session:
            message["sessionId"] = session
        os.write(self.requests, json.dumps(message).encode() + b"\0")
        return self.last_id

    def wait_for(self, condition, what):
        """Takes messages until condition() is true; its value."""
        end = time.monotonic() + DEADLINE
        while not (value := condition()):
            left = end - time.monotonic()
            if left <= 0 or not select.select([self.replies], [], [], left)[0]:
                raise AssertionError(f"{self.host.name}: waited for {what}; {self.said()}")
            data = os.read(self.replies, 1 << 20)
            if not data:
                raise AssertionError(f"{self.host.name}: the browser ended; {self.said()}")
            *messages, self.buffer = (self.buffer + data).split(b"\0")
            for message in map(json.loads, messages):
                if "id" in message:
                    self.answers[message["id"]] = message
                else:
                    self.events.append(message)
        return value

    def answer(self, number):
        message = self.wait_for(lambda: self.answers.get(number), f"answer {number}")
        if "error" in message:
            raise AssertionError(f"{self.host.name}: {message['error']}")
        return message["result"]

    def ask(self, method, **parameters):
        return self.answer(self.send(method, **parameters))

    def on_page(self, method, **parameters):
        return self.ask(method, session=self.session, **parameters)

    def said(self):
        with open(os.path.join(self.folder, "stderr"), encoding="utf-8", errors="replace") as errors:
            return f"last events: {self.events[-5:]}\nits stderr ends with: {errors.read()[-2000:]}"

    # -- a page --

    def start_loading(self, url):
        """For loaded()."""
        self.events.clear()
        return self.send("Page.navigate", session=self.session, url=url)

    def loaded(self, number):
        """Waits until the page is there whole."""
        result = self.answer(number)
        if "errorText" in result:
            raise AssertionError(f"{self.host.name}: {result['errorText']}")
        self.page_loaded()

    def page_loaded(self):
        self.wait_for(lambda: any(e["method"] == "Page.loadEventFired" for e in self.events), "the page")

    def load(self, url):
        self.loaded(self.start_loading(url))

    def evaluate(self, script):
        """What the script, or the promise that it is, comes to."""
        result = self.on_page("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True)
        if "exceptionDetails" in result:
            raise AssertionError(f"{self.host.name}: {result['exceptionDetails']}")
        return result["result"].get("value")

    def network_replies(self):
        """What has come since the page was asked for, as far as its heads are known. Icons, which the browser wants
        for itself, are left out."""
        requests = {event["params"]["requestId"]: {} for event in self.events  # not those of the page before
                    if event["method"] == "Network.requestWillBeSent" and event["params"]["type"] != "Other"}
        for event in self.events:
            if event["params"].get("requestId") in requests:
                requests[event["params"]["requestId"]][event["method"]] = event["params"]
        pairs = [(seen.get("Network.responseReceived"), seen.get("Network.responseReceivedExtraInfo"))
                 for seen in requests.values()]
        return [Reply(received, extra) for received, extra in pairs if received and extra]

    def text(self):
        return self.evaluate("document.body.innerText").strip()

    def click(self, selector):
        """With the mouse, where the element stands; of a link over several lines, on the first."""
        x, y = self.evaluate(f"(b => [b.x + b.width / 2, b.y + b.height / 2])"
                             f"(document.querySelector({json.dumps(selector)}).getClientRects()[0])")
        self.events.clear()
        for kind in ("mousePressed", "mouseReleased"):
            self.on_page("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)

    def until(self, script):
        """Waits until the script, run anew whenever the document changes, comes to something true; its value."""
        return self.evaluate("""new Promise(done => {
            const look = () => {
                const value = (%s);
                if (value) {
                    observer.disconnect();
                    done(value);
                }
            };
            const observer = new MutationObserver(look);
            observer.observe(document, {subtree: true, childList: true, characterData: true, attributes: true});
            look();
        })""" % script)

    def be_a_screen(self, width, height, scale, mobile=False):
        self.on_page("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=scale,
                     mobile=mobile)

    def prefer(self, scheme):
        """light or dark"""
        self.on_page("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])

    def screenshot(self):
        return base64.b64decode(self.on_page("Page.captureScreenshot", format="png")["data"])

    # -- its end --

    def close(self):
        try:
            if self.process.poll() is None:
                self.send("Browser.close")
                self.process.wait(DEADLINE)
        except (OSError, subprocess.TimeoutExpired):
            pass
        finally:
            if self.process.poll() is None:
                self.process.kill()
                self.process.wait()
            os.close(self.requests)
            os.close(self.replies)
            shutil.rmtree(self.folder, ignore_errors=True)
