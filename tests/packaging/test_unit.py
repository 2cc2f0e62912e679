"""The systemd units: hardened, and the program does its work under their filter of system calls."""

import contextlib
import ctypes
import ctypes.util
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))
import harness  # pylint: disable=wrong-import-position

PACKAGING = pathlib.Path(__file__).resolve().parents[2] / "packaging"
SERVICE = PACKAGING / "bobbin.service"
EXPOSURE = 1.2
SKIPPED = 77

SCMP_ACT_ALLOW, SCMP_ACT_EPERM = 0x7fff0000, 0x00050001


def analyze(*arguments):
    done = subprocess.run(["systemd-analyze", *map(str, arguments)], capture_output=True, text=True, check=False,
                          timeout=harness.DEADLINE, env={**os.environ, "NO_COLOR": "1", "SYSTEMD_PAGER": "cat"})
    return done


def settings(name):
    return [line.partition("=")[2] for line in SERVICE.read_text(encoding="ascii").splitlines()
            if line.startswith(name + "=")]


def expand(name, seen):
    """The system calls of a set such as @system-service; sets name others."""
    if not name.startswith("@"):
        return {name}
    if name not in seen:
        seen[name] = set()
        done = analyze("syscall-filter", name)
        done.check_returncode()
        for line in done.stdout.splitlines()[1:]:
            word = line.strip()
            if word and not word.startswith("#"):
                seen[name] |= expand(word, seen)
    return seen[name]


def allowed():
    calls, seen = set(), {}
    for value in settings("SystemCallFilter"):
        named = set().union(*(expand(word, seen) for word in value.lstrip("~").split()))
        calls = calls - named if value.startswith("~") else calls | named
    return calls | {"execve"}  # systemd's own, before the filter


def filtered_runner(folder):
    """A program that becomes another one under the filter. It is one of its own, as a filter cannot be left."""
    path = pathlib.Path(folder, "filtered.py")
    path.write_text(f"""import ctypes, os, sys
library = ctypes.CDLL("libseccomp.so.2")
library.seccomp_init.restype = ctypes.c_void_p
filter = ctypes.c_void_p(library.seccomp_init({SCMP_ACT_EPERM}))
for name in {sorted(allowed())!r}:
    number = library.seccomp_syscall_resolve_name(name.encode())
    if number >= 0:
        library.seccomp_rule_add_exact(filter, {SCMP_ACT_ALLOW}, number, 0)
if library.seccomp_load(filter) != 0:
    sys.exit("the filter could not be loaded")
os.execvp(sys.argv[1], sys.argv[1:])
""", encoding="ascii")
    return [sys.executable, str(path)]


class Units(unittest.TestCase):
    def test_the_service_is_exposed_as_little_as_promised(self):
        done = analyze("security", "--offline=true", SERVICE)
        found = re.search(r"Overall exposure level for \S+: ([\d.]+)", done.stdout)
        self.assertTrue(found, done.stdout + done.stderr)
        harness.report(f"exposure of bobbin.service: {found[1]}")
        self.assertLessEqual(float(found[1]), EXPOSURE, done.stdout)

    def test_systemd_understands_every_line(self):
        with tempfile.TemporaryDirectory() as folder:
            for name in ("bobbin.service", "bobbin.socket"):
                text = (PACKAGING / name).read_text(encoding="ascii")
                text = text.replace("/usr/bin/bobbin", "/bin/true").replace("Documentation=man:bobbin(1)\n", "")
                pathlib.Path(folder, name).write_text(text, encoding="ascii")
            done = analyze("verify", *(pathlib.Path(folder, name) for name in ("bobbin.service", "bobbin.socket")))
        said = [line for line in (done.stdout + done.stderr).splitlines() if "bobbin" in line]
        self.assertEqual((done.returncode, said), (0, []), done.stderr)

    def test_the_socket_and_the_server_agree_on_the_port(self):
        text = (PACKAGING / "bobbin.socket").read_text(encoding="ascii")
        self.assertIn("\nListenStream=1234\n", text)
        self.assertRegex(harness.run("serve", "--help").stdout, r"--port N .*\(1234\)\n")
        self.assertIn("<port>1234</port>", (PACKAGING / "bobbin.avahi").read_text(encoding="ascii"))


class UnderTheFilter(harness.EndToEnd):
    def setUp(self):
        if not ctypes.util.find_library("seccomp"):
            self.skipTest("there is no libseccomp")
        if harness.EMULATOR:
            self.skipTest("the emulator has system calls of its own")
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.prefix = filtered_runner(folder.name)

    def test_it_serves_files_logs_and_leaves(self):
        (self.folder / "page.html").write_text("a page", encoding="ascii")
        log = self.folder / "access.log"
        server = self.serve("--root", str(self.folder), "--list", "--access-log", str(log), "--max-clients", "8",
                            prefix=self.prefix)
        with contextlib.ExitStack() as stack:
            clients = [stack.enter_context(harness.Client(server)) for _ in range(8)]
            for client in clients:
                client.hello()
                self.assertEqual(client.ask(harness.request("/page.html")).body, b"a page")
                self.assertEqual(client.ask(harness.request("/")).status, 200)
        log.rename(self.folder / "old.log")
        server.send_signal(signal.SIGHUP)
        server.stop()
        self.assertTrue((self.folder / "old.log").read_text(encoding="ascii").count("\n") >= 24)

    def test_the_filter_filters(self):
        done = subprocess.run([*self.prefix, "nice", "-n", "1", "true"], capture_output=True, text=True, check=False,
                              timeout=harness.DEADLINE)
        self.assertIn("not permitted", done.stderr)


def main():
    if not shutil.which("systemd-analyze"):
        print("Skipped: there is no systemd-analyze")
        sys.exit(SKIPPED)
    unittest.main(verbosity=2)


if __name__ == "__main__":
    main()
