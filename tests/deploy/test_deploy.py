"""scripts/deploy against a real sshd: the program answers, and one that does not leaves the one before serving.

BOBBIN names the program of this machine. Where there is the toolchain for the Raspberry Pi Zero, its program is built
too, copied, and run by qemu with that board's processor."""

import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest
import urllib.request

import device

DEADLINE = 60.0  # seconds; for all that deploy does, but building
BUILD_DEADLINE = 900.0
SOURCE = pathlib.Path(__file__).resolve().parents[2]
DEPLOY = SOURCE / "scripts" / "deploy"
BOBBIN = os.environ.get("BOBBIN", "")
TOOLCHAIN = pathlib.Path(os.environ.get("BOBBIN_TOOLCHAINS") or SOURCE / "build" / "toolchains") / "armel-linux-musl"
OPTIONS = 'BOBBIN_OPTIONS="--port 0 --bind 127.0.0.1"\n'

# Programs that --version says nothing bad of.
LEAVES = """#!/bin/sh
[ "$1" = --version ] || { echo "no service today"; exit 1; }
"""
DEAF = """#!/bin/sh
[ "$1" = --version ] && exit
echo "bobbin 9 serves on port 1. In a browser:"
trap 'kill $!; exit' TERM
tail -f /dev/null & wait
"""


def run(*command, feed=None, timeout=DEADLINE):
    return subprocess.run([str(word) for word in command], input=feed, capture_output=True, text=True,
                          stdin=subprocess.DEVNULL if feed is None else None, timeout=timeout, check=False)


class Device:
    """Its own keys, and a configuration for ssh in which it is `name`."""

    def __init__(self, folder, name, *options):
        self.name = name
        self.folder = pathlib.Path(folder, name)
        self.folder.mkdir()
        for key in ("host_key", "user_key"):
            run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", self.folder / key).check_returncode()
        shutil.copy(self.folder / "user_key.pub", self.folder / "authorized_keys")
        self.log = open(self.folder / "log", "w+", encoding="latin-1")
        self.process = subprocess.Popen(  # pylint: disable=consider-using-with
            [sys.executable, "-B", device.__file__, self.folder, *options], stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=self.log, text=True)
        self.port = self.process.stdout.readline().strip()
        if not self.port:
            self.end()
            if self.process.returncode == device.SKIPPED:
                raise unittest.SkipTest(f"no namespaces of our own here: {self.said()}")
            raise AssertionError(f"the device did not start: {self.said()}")
        key = (self.folder / "host_key.pub").read_text(encoding="ascii")
        (self.folder / "known_hosts").write_text(f"{name} {key}", encoding="ascii")

    def config(self, user="pi"):
        return f"""Host {self.name}
    HostName 127.0.0.1
    Port {self.port}
    User {user}
    HostKeyAlias {self.name}
    IdentityFile {self.folder}/user_key
    UserKnownHostsFile {self.folder}/known_hosts
"""

    def said(self):
        self.log.seek(0)
        return self.log.read()

    def end(self):
        self.process.stdin.close()
        self.process.wait(DEADLINE)
        self.process.stdout.close()


class Deploying(unittest.TestCase):
    USER = "pi"
    DEVICE = ()

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="bobbin-deploy-test-")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.folder.chmod(0o755)
        self.config = self.folder / "ssh_config"
        self.config.write_text("IdentitiesOnly yes\nGlobalKnownHostsFile /dev/null\nLogLevel ERROR\n",
                               encoding="ascii")
        self.devices = {}
        self.device = self.add_device("device")

    def add_device(self, name):
        added = Device(self.folder, name, *self.DEVICE)
        self.devices[name] = added
        self.addCleanup(added.log.close)
        self.addCleanup(added.end)
        with self.config.open("a", encoding="ascii") as file:
            file.write(added.config(self.USER))
        self.write_options(name)
        return added

    def write_options(self, name):
        self.on(name, "mkdir -p bobbin && cat >bobbin/options", OPTIONS)

    def on(self, name, command, feed=None):
        done = run("ssh", "-F", self.config, name, command, feed=feed)
        self.assertEqual(done.returncode, 0, f"{command}: {done.stderr}{self.devices[name].said()}")
        return done.stdout

    def deploy(self, program, *hosts, board="host", wait=10, timeout=DEADLINE):
        given = ["--program", program] if program else []
        done = run(DEPLOY, "-F", self.config, "--wait", wait, *given, board, *(hosts or ["device"]), timeout=timeout)
        return done.returncode, done.stdout + done.stderr

    def broken(self, text):
        path = self.folder / "broken"
        path.write_text(text, encoding="ascii")
        return path

    def assert_deployed(self, result):
        """The address that it printed, which answers."""
        status, output = result
        self.assertEqual(status, 0, output + self.device.said())
        urls = re.findall(r"^\w+: (http://127\.0\.0\.1:\d+/hello)$", output, re.MULTILINE)
        self.assertTrue(urls, output)
        for url in urls:
            self.assert_answers(url)
        return urls[0]

    def assert_answers(self, url):
        with urllib.request.urlopen(url, timeout=DEADLINE) as reply:
            self.assertEqual(reply.read(), b"Hello, World!\n")

    def assert_old_one_is_back(self, output):
        found = re.search(r"^device: The new program did not answer\. The old one is back: (\S+)$", output,
                          re.MULTILINE)
        self.assertTrue(found, output)
        self.assert_answers(found[1])

    def pid(self):
        return self.on("device", "cat bobbin/pid").strip()


class FromHome(Deploying):
    """Neither root nor a service manager: it runs from the home folder."""

    def test_the_program_answers(self):
        self.assert_deployed(self.deploy(BOBBIN))

    def test_a_running_program_is_replaced(self):
        self.assert_deployed(self.deploy(BOBBIN))
        first = self.pid()
        self.assert_deployed(self.deploy(BOBBIN))
        self.assertNotEqual(self.pid(), first)
        self.assertEqual(self.on("device", f"[ -d /proc/{first} ] || echo gone"), "gone\n")
        self.assertEqual(self.on("device", "ls bobbin/*.old bobbin/*.new 2>/dev/null || true"), "")

    def test_what_does_not_run_there_changes_nothing(self):
        url = self.assert_deployed(self.deploy(BOBBIN))
        first = self.pid()
        for text in ("\x7fELF, but not quite", "#!/bin/sh\nkill -ILL $$\n"):
            status, output = self.deploy(self.broken(text))
            self.assertEqual(status, 1, output)
            self.assertIn("device: The new program does not run on this device", output)
            self.assertIn("device: Nothing was changed.", output)
            self.assertEqual(self.pid(), first)
            self.assert_answers(url)

    def check_the_old_one_is_back(self, program, wait):
        self.assert_deployed(self.deploy(BOBBIN))
        status, output = self.deploy(program, wait=wait)
        self.assertEqual(status, 1, output)
        self.assert_old_one_is_back(output)
        self.assertEqual(self.on("device", "bobbin/bobbin --version"), run(BOBBIN, "--version").stdout)
        return output

    def test_a_program_that_ends_leaves_the_old_one_serving(self):
        output = self.check_the_old_one_is_back(self.broken(LEAVES), 10)
        self.assertIn("It ended, and said: no service today", output)

    def test_a_program_that_does_not_answer_leaves_the_old_one_serving(self):
        self.check_the_old_one_is_back(self.broken(DEAF), 1)

    def test_a_first_program_that_fails_leaves_nothing(self):
        status, output = self.deploy(self.broken(LEAVES))
        self.assertEqual(status, 1, output)
        self.assertIn("device: The new program did not answer, and there was no old one to put back.", output)
        self.assertEqual(self.on("device", "[ -e bobbin/bobbin ] || echo none"), "none\n")

    def test_several_devices_are_served_side_by_side(self):
        other = self.add_device("other")
        self.add_device("gone").end()
        status, output = self.deploy(BOBBIN, "device", "gone", "other")
        self.assertEqual(status, 1, output)
        self.assertIn("scripts/deploy: 1 of 3 failed", output)
        self.assertIn("gone: Cannot work on it by ssh.", output)
        urls = dict(re.findall(r"^(\w+): (http://\S+)$", output, re.MULTILINE))
        self.assertEqual(sorted(urls), ["device", "other"], output + other.said())
        for url in urls.values():
            self.assert_answers(url)


class RaspberryPiZero(Deploying):
    """By a program for its processor, which qemu is told to be: an ARM1176."""

    def test_it_gets_a_program_that_it_can_run(self):
        self.assert_deployed(self.deploy(None, board="rpi-zero", wait=30, timeout=BUILD_DEADLINE))
        command = self.on("device", f"tr '\\0' '\\n' </proc/{self.pid()}/cmdline").split("\n")
        self.assertEqual(command[:3], [device.QEMU_ARM, f"{device.HOME}/bobbin/bobbin", "serve"])
        environment = self.on("device", f"tr '\\0' '\\n' </proc/{self.pid()}/environ").split("\n")
        self.assertIn(f"QEMU_CPU={device.CPU}", environment)
        if shutil.which("readelf"):
            program = SOURCE / "build" / "deploy" / "rpi-zero" / "installed" / "bin" / "bobbin"
            self.assertRegex(run("readelf", "-A", program).stdout, r"Tag_CPU_arch: v(4T|5T|5TE|5TEJ|6|6K|6KZ)\n")

        status, output = self.deploy(self.broken(LEAVES), board="rpi-zero", wait=30)
        self.assertEqual(status, 1, output)
        self.assert_old_one_is_back(output)


class WithoutSftp(Deploying):
    DEVICE = ("--no-sftp",)

    def test_files_are_copied_all_the_same(self):
        self.assert_deployed(self.deploy(BOBBIN))


class AsService(Deploying):
    """root, and a service manager: a stand-in for systemd's."""

    USER = "root"
    DEVICE = ("--systemd",)

    def write_options(self, name):
        self.on(name, "mkdir -p /etc/default && cat >/etc/default/bobbin", OPTIONS)

    def test_it_becomes_a_service_with_its_options(self):
        self.assert_deployed(self.deploy(BOBBIN))
        unit = self.on("device", "cat /etc/systemd/system/bobbin.service")
        self.assertIn("ExecStart=/usr/local/bin/bobbin serve $BOBBIN_OPTIONS", unit)
        self.assertEqual(self.on("device", "cat /etc/default/bobbin"), OPTIONS)
        self.assert_deployed(self.deploy(BOBBIN))
        self.assertEqual(self.on("device", "ls /usr/local/bin /etc/systemd/system"),
                         "/etc/systemd/system:\nbobbin.service\n\n/usr/local/bin:\nbobbin\nsystemctl\n")

    def test_a_broken_program_leaves_the_old_one_serving(self):
        self.assert_deployed(self.deploy(BOBBIN))
        status, output = self.deploy(self.broken(LEAVES))
        self.assertEqual(status, 1, output)
        self.assert_old_one_is_back(output)
        self.assertEqual(self.on("device", "cat /usr/local/bin/bobbin | wc -c").strip(),
                         str(os.stat(BOBBIN).st_size))

    def test_a_first_program_that_fails_leaves_no_service(self):
        status, output = self.deploy(self.broken(LEAVES))
        self.assertEqual(status, 1, output)
        self.assertEqual(self.on("device", "ls /usr/local/bin /etc/systemd/system"),
                         "/etc/systemd/system:\n\n/usr/local/bin:\nsystemctl\n")


def no_device():
    """Why there can be none here."""
    missing = [name for name in (device.SSHD, "ssh", "ssh-keygen") if not shutil.which(name)]
    if not BOBBIN:
        return "BOBBIN does not name the program"
    if missing:
        return f"there is no {missing[0]}"
    if os.geteuid() != 0:
        return "an sshd of our own needs root"
    if "RaspberryPiZero" in sys.argv:
        if not device.QEMU_ARM:
            return "there is no qemu-arm"
        if not TOOLCHAIN.is_dir():
            return "there is no toolchain for it: scripts/toolchain armel-linux-musl"
    try:
        with tempfile.TemporaryDirectory() as folder:
            Device(folder, "probe").end()
    except unittest.SkipTest as reason:
        return str(reason)
    return ""


def main():
    reason = no_device()
    if reason:
        print(f"Skipped: {reason}")
        sys.exit(device.SKIPPED)
    unittest.main(verbosity=2)


if __name__ == "__main__":
    main()
