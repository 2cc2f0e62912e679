"""The Debian packages: lintian finds no error; what is installed works, is removed, and leaves nothing when purged.

Those of this machine are made, and those of the architectures whose toolchains are ready."""

import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))
import harness  # pylint: disable=wrong-import-position

SOURCE = pathlib.Path(__file__).resolve().parents[2]
PACKAGES = SOURCE / "build" / "packages"
BUILD_DEADLINE = 600.0
SKIPPED = 77

EMULATORS = {"arm64": ["qemu-aarch64"], "armhf": ["qemu-arm", "-cpu", "arm1176"],
             "armel": ["qemu-arm", "-cpu", "arm926"], "riscv64": ["qemu-riscv64"]}

# The toolchain of the program, and the compiler of the library.
FOREIGN = {"arm64": ("aarch64-linux-musl", "aarch64-linux-gnu-gcc"),
           "armhf": ("armel-linux-musl", "arm-linux-gnueabihf-gcc"),
           "armel": ("armel-linux-musl", "arm-linux-gnueabi-gcc"),
           "riscv64": ("riscv64-linux-musl", "riscv64-linux-gnu-gcc")}

PROGRAM = {"etc/avahi/services/bobbin.service", "etc/default/bobbin", "usr/bin/bobbin",
           "usr/lib/systemd/system/bobbin.service", "usr/lib/systemd/system/bobbin.socket",
           "usr/share/doc/bobbin/changelog.Debian.gz", "usr/share/doc/bobbin/copyright",
           "usr/share/man/man1/bobbin.1.gz"}


def run(*command, check=True, **how):
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, check=False,
                          timeout=BUILD_DEADLINE, **how)
    if check and done.returncode != 0:
        words = " ".join(map(str, command))
        raise AssertionError(f"{words} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    return done.stdout


def newest(architecture):
    """The two packages of an architecture."""
    found = {}
    for path in PACKAGES.glob(f"*_{architecture}.deb"):
        name = path.name.partition("_")[0]
        if name not in found or path.stat().st_mtime > found[name].stat().st_mtime:
            found[name] = path
    return found


def fields(path):
    lines = run("dpkg-deb", "-f", path).splitlines()
    return dict(line.split(": ", 1) for line in lines if re.match(r"[\w-]+: ", line))


def contents(path):
    """Names of the files, and all of what dpkg-deb lists."""
    lines = run("dpkg-deb", "-c", path).splitlines()
    return {line.split("./", 1)[1] for line in lines if not line.startswith("d")}, lines


def setUpModule():  # pylint: disable=invalid-name
    toolchains = pathlib.Path(os.environ.get("BOBBIN_TOOLCHAINS") or SOURCE / "build" / "toolchains")
    native = run("dpkg", "--print-architecture").strip()
    foreign = [architecture for architecture, (abi, compiler) in FOREIGN.items() if architecture != native
               and (toolchains / abi / "ready").exists() and shutil.which(compiler)]
    run(SOURCE / "scripts" / "package", native, *foreign)


class OfThisMachine(unittest.TestCase):
    native = ""
    packages = {}

    @classmethod
    def setUpClass(cls):
        cls.native = run("dpkg", "--print-architecture").strip()
        cls.packages = newest(cls.native)

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="bobbin-deb-")
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name)
        for name in ("var/lib/dpkg/info", "var/lib/dpkg/updates", "etc", "var/log/private"):
            (self.root / name).mkdir(parents=True)
        (self.root / "var/lib/dpkg/status").touch()

    def dpkg(self, *arguments):
        """In a root of its own, where nothing else is installed; its scripts run here and are told so."""
        run("dpkg", f"--root={self.root}", "--force-script-chrootless", "--force-depends", "--force-not-root",
            f"--log={self.root}/dpkg.log", *arguments, env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"})

    def files(self):
        """Those that are not dpkg's own."""
        return {str(path.relative_to(self.root)) for path in self.root.rglob("*")
                if (path.is_symlink() or not path.is_dir()) and "var/lib/dpkg" not in str(path)} - {"dpkg.log"}

    def test_they_hold_what_they_should(self):
        files, lines = contents(self.packages["bobbin"])
        self.assertEqual(files, PROGRAM)
        for line in lines:
            self.assertRegex(line, r"^(drwxr-xr-x|-rwxr-xr-x|-rw-r--r--) root/root ")
        files, _ = contents(self.packages["libbobbin-dev"])
        names = {path.rpartition("/")[2] for path in files}
        wanted = {"bobbin.h", "libbobbin-core.a", "libbobbin-port.a", "bobbin.pc", "bobbinConfig.cmake"}
        self.assertTrue(wanted <= names, names)
        self.assertIn("libc6", fields(self.packages["bobbin"])["Depends"])

    def test_what_is_installed_serves_and_is_removed_and_purged(self):
        self.dpkg("-i", self.packages["bobbin"], self.packages["libbobbin-dev"])
        self.assertTrue(PROGRAM <= self.files())
        wanted = self.root / "etc/systemd/system/multi-user.target.wants/bobbin.service"
        self.assertTrue(wanted.is_symlink(), "the service is not enabled")
        self.assertEqual(run(self.root / "usr/bin/bobbin", "--version"), run(harness.BOBBIN, "--version"))
        (self.root / "var/log/private/bobbin").mkdir()
        (self.root / "var/log/private/bobbin/access.log").touch()

        self.dpkg("-r", "bobbin", "libbobbin-dev")
        left = self.files()
        self.assertTrue({"etc/default/bobbin", "etc/avahi/services/bobbin.service"} <= left)
        self.assertFalse([name for name in left if name.startswith("usr/")], left)

        self.dpkg("-P", "bobbin", "libbobbin-dev")
        self.assertEqual(self.files(), set())
        self.assertEqual([path for path in self.root.rglob("*bobbin*") if "var/lib/dpkg" not in str(path)], [])

    def test_options_and_being_disabled_outlive_an_upgrade(self):
        self.dpkg("-i", self.packages["bobbin"])
        default = self.root / "etc/default/bobbin"
        default.write_text('BOBBIN_OPTIONS="--port 8080"\n', encoding="ascii")
        wanted = self.root / "etc/systemd/system/multi-user.target.wants/bobbin.service"
        wanted.unlink()
        self.dpkg("-i", "--force-confold", self.packages["bobbin"])
        self.assertEqual(default.read_text(encoding="ascii"), 'BOBBIN_OPTIONS="--port 8080"\n')
        self.assertFalse(wanted.exists())


class OfAllArchitectures(unittest.TestCase):
    def packages(self):
        found = sorted(PACKAGES.glob("*.deb"))
        self.assertTrue(found)
        return found

    def test_lintian_finds_no_error(self):
        if not shutil.which("lintian"):
            self.skipTest("there is no lintian")
        done = subprocess.run(["lintian", "--allow-root", "--fail-on", "error", *map(str, self.packages())],
                              capture_output=True, text=True, check=False, timeout=BUILD_DEADLINE)
        harness.report(done.stdout)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_each_is_for_the_machine_that_it_names(self):
        machines = {"amd64": "X86-64", "arm64": "AArch64", "armhf": "ARM", "armel": "ARM", "riscv64": "RISC-V"}
        for path in self.packages():
            architecture = fields(path)["Architecture"]
            if fields(path)["Package"] != "bobbin":
                continue
            with self.subTest(package=path.name), tempfile.TemporaryDirectory() as folder:
                run("dpkg-deb", "-x", path, folder)
                program = pathlib.Path(folder, "usr/bin/bobbin")
                header = run("readelf", "-h", "-A", program)
                self.assertRegex(header, rf"Machine: .*{machines[architecture]}")
                if machines[architecture] == "ARM":  # Raspberry Pi OS calls ARMv6 armhf
                    self.assertRegex(header, r"Tag_CPU_arch: v(4T|5T|5TE|6)\b")
                emulator = EMULATORS.get(architecture)
                if emulator and shutil.which(emulator[0]):
                    self.assertIn("--port N", run(*emulator, program, "serve", "--help"))
                if architecture != run("dpkg", "--print-architecture").strip():
                    self.assertNotIn("INTERP", run("readelf", "-l", program))
                    self.assertNotIn("Depends", fields(path))


def main():
    missing = [name for name in ("dpkg-deb", "cpack", "dpkg-shlibdeps", "readelf", "gzip") if not shutil.which(name)]
    if missing:
        print(f"Skipped: there is no {missing[0]}")
        sys.exit(SKIPPED)
    unittest.main(verbosity=2)


if __name__ == "__main__":
    main()
