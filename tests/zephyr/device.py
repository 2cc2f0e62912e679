"""A board under qemu, on the LAN of network namespaces that tests/browser makes, in the place of the program that
tests/e2e starts: whoever imports these tests behind this file runs them against the board."""

import os
import re
import shutil
import socket
import subprocess
import sys
import threading
import unittest

if not os.environ.get("ZEPHYR_BASE"):
    print("skipped: ZEPHYR_BASE not set", flush=True)
    sys.exit(77)

FOLDER = os.path.dirname(os.path.abspath(__file__))
SOURCE = os.path.dirname(os.path.dirname(FOLDER))
sys.path[:0] = [os.path.join(SOURCE, "tests", folder) for folder in ("e2e", "browser", "contract")]

# pylint: disable=wrong-import-position
import harness
import lan

ADDRESS, OURS = "10.77.0.100", "10.77.0.200"  # the board's, and that of the switch
QEMU = "qemu-system-arm"
TAP = "board"
CLOCK = ("-icount", "shift=5,align=off,sleep=on")  # else the board's clock runs ahead, up to fourfold, when it is busy

_FATAL = re.compile(rb"FATAL ERROR|ASSERTION FAIL|(BUS|MPU|USAGE|STACK) FAULT|cannot (accept|start)|obtain RX buffer")


def _folder():
    return os.environ.get("BOBBIN_ZEPHYR_DIR") or os.path.join(os.getcwd(), "zephyr")


class Image:
    """An application, the sample or another, as it was configured; and which options of the program that amounts to."""

    def __init__(self, name, settings, options, application="zephyr/sample"):
        self.name = name
        self.settings = settings
        self.options = options
        self.application = os.path.join(SOURCE, application)
        self.elf = os.path.join(_folder(), name, "zephyr", "zephyr.elf")

    def build(self, python, modules):
        """Without west; a build that is there already is brought up to date."""
        out = os.path.join(_folder(), self.name)
        older = os.path.isdir(os.path.join(os.environ["ZEPHYR_BASE"], "boards", "arm", "mps2_an385"))
        board = "mps2_an385" if older else "mps2/an385"
        environment = {"ZEPHYR_TOOLCHAIN_VARIANT": "cross-compile", "CROSS_COMPILE": "arm-none-eabi-", **os.environ}
        if environment["CROSS_COMPILE"] == "arm-none-eabi-":
            environment["CROSS_COMPILE"] = shutil.which("arm-none-eabi-gcc").removesuffix("gcc")
        definitions = [f"-DCONFIG_{key}={value}" for key, value in self.settings.items()]
        for command in (["cmake", "-G", "Ninja", "-S", self.application, "-B", out,
                         "-DBOARD=" + board, f"-DPython3_EXECUTABLE={python}", "-DUSER_CACHE_DIR=" + _folder(),
                         *([f"-DZEPHYR_EXTRA_MODULES={modules}"] if modules else []), *definitions],
                        ["ninja", "-C", out, "-j2"]):
            done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                  text=True, check=False)
            if done.returncode != 0:
                raise AssertionError(f"{' '.join(command)}:\n{done.stdout[-6000:]}")


def build(*images):
    """Skips where something lacks that Zephyr's build, or qemu, needs."""
    for tool in ("cmake", "ninja", "arm-none-eabi-gcc", QEMU):
        if not shutil.which(tool):
            lan.skip(f"there is no {tool}")
    for python in (sys.executable, "/usr/bin/python3"):
        probe = subprocess.run([python, "-c", "import yaml, elftools, packaging, pykwalify.core"],
                               stderr=subprocess.PIPE, text=True, check=False)
        if probe.returncode == 0:
            break
    else:
        lan.skip("Zephyr's scripts lack Python modules: " + probe.stderr.strip().splitlines()[-1])
    modules = os.environ.get("ZEPHYR_EXTRA_MODULES") or os.environ.get("ZEPHYR_MODULES")
    for image in images:
        image.build(python, modules)


class Board:
    """From its first console line to the end of qemu. Once a run: its network driver alone takes 3 s to start."""

    def __init__(self, image):
        self.image = image
        self.lines = []
        self.changed = threading.Condition()
        self.ended = False
        self.process = subprocess.Popen(  # pylint: disable=consider-using-with
            ["setpriv", "--pdeathsig", "KILL", QEMU, *CLOCK, "-M", "mps2-an385", "-cpu", "cortex-m3", "-nographic",
             "-vga", "none", "-nic", f"tap,model=lan9118,ifname={TAP},script=no,downscript=no",
             "-serial", "stdio", "-monitor", "none", "-kernel", image.elf],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.thread = threading.Thread(target=self._read, daemon=True)
        self.thread.start()
        with self.changed:
            self.changed.wait_for(lambda: self.ended or any(b"bobbin serves" in line for line in self.lines), 60)
            if self.ended or not any(b"bobbin serves on port 1234" in line for line in self.lines):
                self.end()
                raise AssertionError(f"the board did not start: {self.lines}")

    def _read(self):
        for line in self.process.stdout:
            with self.changed:
                self.lines.append(line)
                self.changed.notify_all()
        with self.changed:
            self.ended = True
            self.changed.notify_all()

    def wait_for(self, text, count):
        with self.changed:
            if not self.changed.wait_for(lambda: sum(text in line for line in self.lines) >= count, harness.DEADLINE):
                raise AssertionError(f"waited for {text} on the console; {self.lines[-20:]}")

    def check(self):
        bad = [line for line in self.lines if _FATAL.search(line)]
        if bad or self.ended:
            raise AssertionError(f"the board is not well: {bad or self.lines[-20:]}")

    def end(self):
        self.process.kill()
        self.process.wait()
        self.thread.join()
        self.process.stdout.close()


class Server:
    """What tests of tests/e2e start: here the board that runs already, if its image is what they ask for."""

    board = None  # the one that all tests of a run share
    port = 1234

    def __init__(self, *options, command="serve", **how):
        if how.get("listen", harness.LOOPBACK) != harness.LOOPBACK or how.get("prefix") or how.get("stopped_reader"):
            raise unittest.SkipTest("of the program alone")
        words = [command]
        for word in options:
            if word.startswith("--"):
                words.append(word)
            else:
                words[-1] += " " + word
        for word in words:
            if word not in self.board.image.options:
                raise unittest.SkipTest(f"the image is not that of {word}")
        self.stop()

    def stop(self):
        self.board.check()
        with socket.create_connection((ADDRESS, self.port), harness.DEADLINE):
            pass  # else each of those that follow would wait so long

    def wait_for_line(self, pattern):
        raise unittest.SkipTest("the board says nothing of its clients")


class Client(harness.Client):
    """One of the board's."""

    def __init__(self, server, address=ADDRESS, **how):
        super().__init__(server, address=address, **how)

    @staticmethod
    def _check_date(reply):
        """The board does not know the time, and says none (RFC 9110 §6.6.1)."""
        if reply.field("Date") is not None:
            raise AssertionError(f"a board without a clock tells the time: {reply}")


harness.DEADLINE = 10.0
harness.Server = Server
harness.Client = Client


def plug_in():
    """The cable from qemu to the switch; ours is an address beside it."""
    with open("/proc/sys/net/ipv6/conf/default/disable_ipv6", "w", encoding="ascii") as file:
        file.write("1")  # what it would announce, the board has no ears for
    for command in (["tuntap", "add", "dev", TAP, "mode", "tap"], ["link", "set", TAP, "master", "switch", "up"],
                    ["address", "add", OURS + "/24", "dev", "switch"]):
        subprocess.run(["ip", *command], check=True)
