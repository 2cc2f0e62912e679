"""What can be said of zephyr/ without Zephyr: its Kconfig, its YAML, the sources that it names, its sums, and that
they compile for a Cortex-M3 against headers that declare no more than Zephyr 3.4 does."""

import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

try:
    import kconfiglib
    import yaml
except ImportError as missing:
    DEBIANS = "/usr/bin/python3"  # whose the modules of Debian's packages are
    if os.path.exists(DEBIANS) and os.path.realpath(sys.executable) != os.path.realpath(DEBIANS):
        os.execv(DEBIANS, [DEBIANS, "-B", *sys.argv])
    print(f"Skipped: {missing}", flush=True)
    sys.exit(77)

SOURCE = pathlib.Path(__file__).resolve().parents[2]
ZEPHYR = SOURCE / "zephyr"
COMPILER = "arm-none-eabi-gcc"
FLAGS = ["-std=gnu11", "-ffreestanding", "-mcpu=cortex-m3", "-mthumb", "-Os", "-Wall", "-Wextra", "-Wshadow", "-Wvla",
         "-Wstrict-prototypes", "-Wmissing-prototypes", "-Wframe-larger-than=512", "-Werror", "-fsyntax-only",
         "-D__LINUX_ERRNO_EXTENSIONS__", "-DBOBBIN_PAGE_BYTES=0"]

# What Zephyr has around the module: the options that it depends on, selects and looks at; and how they depend on each
# other in newer ones, where what depends on NET_TCP cannot select POSIX_API.
AROUND = """
mainmenu "around bobbin"
config NETWORKING
	bool "NETWORKING"
config NET_TCP
	bool "NET_TCP"
	depends on NET_IPV4 || NET_IPV6
config NET_SOCKETS
	bool "NET_SOCKETS"
config NET_IPV4
	bool "NET_IPV4"
config NET_IPV6
	bool "NET_IPV6"
config POSIX_API
	bool "POSIX_API"
config POSIX_IPV6
	bool "POSIX_IPV6"
	depends on POSIX_API
	select NET_IPV6
config NET_CONTEXT_RCVTIMEO
	bool "NET_CONTEXT_RCVTIMEO"
config NET_CONTEXT_SNDTIMEO
	bool "NET_CONTEXT_SNDTIMEO"
config INIT_STACKS
	bool "INIT_STACKS"
config THREAD_MONITOR
	bool "THREAD_MONITOR"
config THREAD_STACK_INFO
	bool "THREAD_STACK_INFO"
config SNTP
	bool "SNTP"
config RTC
	bool "RTC"
config LTO
	bool "LTO"
source "%s"
"""
LOGGING = """
config $(module)_LOG_LEVEL
	int "Level of $(module-str)"
	default 2
"""

# Options whose default is not a number of core/include/bobbin/config.h, or another one.
OTHERS = ("LISTENERS", "CLIENT_STACK_SIZE", "BUFFER_SIZE", "MAX_CLIENTS", "PER_ADDRESS", "POSIX_GROUPS", "STACK_PEAKS",
          "DATE", "REASONS", "LTO")

# The sample's sums add up; each of these does not.
IMPOSSIBLE = (
    ({"BOBBIN_MAX_CLIENTS": 5}, "5 clients + 1 at the door = 6, and CONFIG_MAX_PTHREAD_COUNT is 5"),
    ({"POSIX_THREAD_THREADS_MAX": 4}, "4 clients + 1 at the door = 5, and CONFIG_POSIX_THREAD_THREADS_MAX is 4"),
    ({"POSIX_MAX_FDS": 8}, "5 threads + 1 listeners + 3 of stdio = 9, and CONFIG_POSIX_MAX_FDS is 8"),
    ({"ZVFS_OPEN_MAX": 8}, "5 threads + 1 listeners + 3 of stdio = 9, and CONFIG_ZVFS_OPEN_MAX is 8"),
    ({"ZVFS_OPEN_MAX": 0, "ZVFS_OPEN_ADD_SIZE_NET": 5, "ZVFS_OPEN_ADD_SIZE_POSIX": 3},
     "5 threads + 1 listeners + 3 of stdio = 9, and CONFIG_ZVFS_OPEN_ADD_SIZE_* is 8"),
    ({"ZVFS_OPEN_MAX": 8, "ZVFS_OPEN_ADD_SIZE_NET": 16, "ZVFS_OPEN_IGNORE_MIN": "y"},
     "5 threads + 1 listeners + 3 of stdio = 9, and CONFIG_ZVFS_OPEN_MAX is 8"),
    ({"NET_SOCKETS_POLL_MAX": 0}, "1 listeners = 1, and CONFIG_NET_SOCKETS_POLL_MAX is 0"),
    ({"NET_MAX_CONTEXTS": 6}, "5 threads + 1 listeners + 1 that comes = 7, and CONFIG_NET_MAX_CONTEXTS is 6"),
    ({"NET_MAX_CONTEXTS": 11, "NET_TCP_TIME_WAIT_DELAY": 1500},
     "5 threads + 1 listeners + 1 that comes + 5 in TIME_WAIT = 12, and CONFIG_NET_MAX_CONTEXTS is 11"),
    ({"NET_MAX_CONN": 6}, "5 threads + 1 listeners + 1 that comes = 7, and CONFIG_NET_MAX_CONN is 6"),
    ({"NET_PKT_RX_COUNT": 11}, "7 connections + 5 on their way = 12, and CONFIG_NET_PKT_RX_COUNT is 11"),
    ({"NET_PKT_TX_COUNT": 12}, "7 connections + 5 on their way + 1 of ARP = 13, and CONFIG_NET_PKT_TX_COUNT is 12"),
    ({"NET_BUF_RX_COUNT": 60}, "5 threads * 1280 of window + 1500 of a packet = 7900 bytes"),
    ({"NET_BUF_TX_COUNT": 60}, "5 threads * 1280 of window + 1500 of a packet = 7900 bytes"),
    ({"NET_TCP_MAX_RECV_WINDOW_SIZE": 0}, "5 threads * 3413 of window + 1500 of a packet = 18565 bytes"),
    ({"BOBBIN_POSIX_GROUPS": "y", "POSIX_API": "n"}, "CONFIG_POSIX_THREADS is not"),
)


def kconfig():
    with tempfile.TemporaryDirectory() as folder:
        top = pathlib.Path(folder)
        (top / "subsys" / "logging").mkdir(parents=True)
        (top / "subsys" / "logging" / "Kconfig.template.log_config").write_text(LOGGING)
        (top / "Kconfig").write_text(AROUND % (ZEPHYR / "Kconfig"))
        os.environ["srctree"] = folder
        return kconfiglib.Kconfig("Kconfig", warn_to_stderr=False)


def configuration(path):
    return dict(re.findall(r"(?m)^CONFIG_(\w+)=(.*)$", path.read_text()))


class Kconfig(unittest.TestCase):
    def setUp(self):
        self.tree = kconfig()
        self.ours = {name: symbol for name, symbol in self.tree.syms.items() if re.match("BOBBIN(_|$)", name)}

    def set(self, **values):
        for name in ("NETWORKING", "NET_IPV4", "BOBBIN"):
            self.tree.syms[name].set_value(2)
        for name, value in values.items():
            self.assertTrue(self.tree.syms[name].set_value(value), (name, value))

    def test_parses_without_a_warning(self):
        self.assertEqual(self.tree.warnings, [])

    def test_each_option_says_what_it_is_for_and_in_what_unit(self):
        for name, symbol in self.ours.items():
            if name == "BOBBIN_LOG_LEVEL":
                continue
            node = symbol.nodes[0]
            self.assertTrue(node.prompt, name)
            self.assertTrue(node.help or name == "BOBBIN_GRACE_MS", name)
            if re.search("_(SIZE|HEAD|LINE|BODY)$", name):
                self.assertIn("bytes", node.prompt[0], name)
            if name.endswith("_MS"):
                self.assertIn("ms", node.prompt[0], name)

    def test_y_alone_brings_what_it_needs(self):
        self.set()
        for name in ("BOBBIN", "NET_TCP", "NET_SOCKETS", "POSIX_API", "NET_CONTEXT_RCVTIMEO",
                     "NET_CONTEXT_SNDTIMEO"):
            self.assertEqual(self.tree.syms[name].str_value, "y", name)

    def test_the_posix_groups_of_newer_zephyr_go_without_its_whole_api(self):
        self.set(BOBBIN_POSIX_GROUPS=2)
        self.assertEqual(self.tree.syms["POSIX_API"].str_value, "n")

    def test_defaults_are_those_of_the_core(self):
        self.set()
        header = (SOURCE / "core" / "include" / "bobbin" / "config.h").read_text()
        limits = dict(re.findall(r"#define BOBBIN_(\w+) (\d+)\n", header))
        for name, symbol in self.ours.items():
            short = name.removeprefix("BOBBIN_")
            if name not in ("BOBBIN", "BOBBIN_LOG_LEVEL") and short not in OTHERS:
                self.assertEqual(symbol.str_value, limits[short], name)

    def test_replies_have_a_date_where_somebody_sets_the_clock(self):
        self.set()
        self.assertEqual(self.tree.syms["BOBBIN_DATE"].str_value, "n")
        self.set(SNTP=2)
        self.assertEqual(self.tree.syms["BOBBIN_DATE"].str_value, "y")

    def test_zephyrs_own_lto_is_not_done_twice(self):
        self.set()
        self.assertEqual(self.tree.syms["BOBBIN_LTO"].str_value, "y")
        self.set(LTO=2)
        self.assertEqual(self.tree.syms["BOBBIN_LTO"].str_value, "n")

    def test_values_outside_their_range_are_not_taken(self):
        self.set(BOBBIN_BUFFER_SIZE="16", BOBBIN_MAX_CLIENTS="0", BOBBIN_REQUEST_TIMEOUT_MS="0")
        self.assertEqual([self.tree.syms["BOBBIN_" + name].str_value
                          for name in ("BUFFER_SIZE", "MAX_CLIENTS", "REQUEST_TIMEOUT_MS")], ["960", "4", "10000"])

    def test_cmake_and_the_sources_know_the_same_options(self):
        used = set()
        for path in (*ZEPHYR.glob("*.cmake"), ZEPHYR / "CMakeLists.txt", *ZEPHYR.glob("port/*"),
                     *ZEPHYR.glob("include/**/*.h"), *ZEPHYR.glob("sample/**/*.[ch]"),
                     *ZEPHYR.glob("sample/**/*.conf")):
            used |= set(re.findall(r"CONFIG_(BOBBIN\w*)", path.read_text()))
        self.assertEqual(used, set(self.ours))


class Files(unittest.TestCase):
    def test_the_module_names_what_is_there(self):
        module = yaml.safe_load((ZEPHYR / "module.yml").read_text())
        self.assertEqual(module["name"], "bobbin")
        self.assertTrue((SOURCE / module["build"]["cmake"] / "CMakeLists.txt").is_file())
        self.assertTrue((SOURCE / module["build"]["kconfig"]).is_file())
        for folder in module["samples"]:
            self.assertTrue((SOURCE / folder / "sample.yaml").is_file())

    def test_the_sample_is_one_for_twister(self):
        sample = yaml.safe_load((ZEPHYR / "sample" / "sample.yaml").read_text())
        self.assertTrue(sample["sample"]["name"])
        self.assertTrue(sample["tests"])
        self.assertNotIn("platform_allow", sample["common"])  # the board's name is not the same in all versions
        # Of this board's 4 MiB Zephyr 3.4 does not tell twister, which then takes it for 128 KiB and leaves all out.
        self.assertNotIn("min_ram", sample["common"])
        for test in sample["tests"].values():
            self.assertNotIn("hostfwd", str(test["extra_configs"]))

    def test_the_sources_that_cmake_names_exist_and_none_is_forgotten(self):
        text = (ZEPHYR / "CMakeLists.txt").read_text()
        named = set(re.findall(r"\$\{bobbin\}/(port/\S+\.c)", text)) | \
            {"zephyr/" + name for name in re.findall(r"(?<![/\w])(port/\w+\.c)", text)}
        for name in named:
            self.assertTrue((SOURCE / name).is_file(), name)
        self.assertLessEqual({f"zephyr/port/{path.name}" for path in ZEPHYR.glob("port/*.c")}, named)
        for name in re.findall(r"EXCLUDE REGEX \"/\(([\w|]+)\)", text)[0].split("|"):
            self.assertTrue((SOURCE / "core" / (name + ".c")).is_file(), name)

    def test_nothing_is_zephyrs(self):
        for path in ZEPHYR.glob("**/*"):
            if path.is_file():
                self.assertNotRegex(path.read_text(), "SPDX|Linux Foundation", path)


class Sums(unittest.TestCase):
    def run_sums(self, version="3.4.conf", **changed):
        values = {"BOBBIN_LISTENERS": 1, "NET_BUF_DATA_SIZE": 128, "NET_SOCKETS_POLL_MAX": 3,
                  **configuration(ZEPHYR / "sample" / "prj.conf"),
                  **configuration(ZEPHYR / "sample" / "versions" / version), **changed}
        return subprocess.run(["cmake", *[f"-DCONFIG_{name}={value}" for name, value in values.items()], "-P",
                               ZEPHYR / "sums.cmake"], capture_output=True, text=True, check=False)

    def test_those_of_the_sample_add_up(self):
        for path in (ZEPHYR / "sample" / "versions").iterdir():
            done = self.run_sums(path.name)
            self.assertEqual((done.returncode, done.stderr), (0, ""))

    def test_impossible_ones_end_the_build_and_are_told(self):
        for changed, text in IMPOSSIBLE:
            with self.subTest(changed=changed):
                done = self.run_sums(**changed)
                self.assertNotEqual(done.returncode, 0)
                self.assertIn(text, " ".join(done.stderr.split()))


@unittest.skipUnless(shutil.which(COMPILER), f"there is no {COMPILER}")
class Compiles(unittest.TestCase):
    def compile(self, paths, *flags):
        done = subprocess.run([COMPILER, *FLAGS, *flags, "-I", SOURCE / "core" / "include", "-I",
                               SOURCE / "port" / "include", *paths], capture_output=True, text=True, check=False)
        self.assertEqual((done.returncode, done.stderr), (0, ""))

    def test_the_core_does_freestanding(self):
        # -fsyntax-only tells nothing of frames.
        for flags in ((), ("-DBOBBIN_IPV6=0", "-DBOBBIN_DATE=0", "-DBOBBIN_REASONS=0", "-DBOBBIN_LOG_LEVEL=0")):
            self.compile(sorted((SOURCE / "core").glob("*.c")), "-I", SOURCE / "core", "-DBOBBIN_CLIENT_BYTES=392",
                         "-DBOBBIN_LISTENERS=1", "-DBOBBIN_SERVER_BYTES=432", *flags)

    def test_the_port_does_with_what_zephyr_3_4_declares(self):
        include = pathlib.Path(__file__).parent / "include"
        posix = [SOURCE / "port" / "posix" / name for name in ("address.c", "clocks.c", "errors.c", "sockets.c")]
        posix.append(SOURCE / "port" / "shared" / "no_pages.c")
        self.compile([*posix, *sorted(ZEPHYR.glob("port/*.c"))], "-I", include, "-I", SOURCE / "port" / "posix", "-I",
                     ZEPHYR / "port", "-DCONFIG_BOBBIN_LISTENERS=1", "-DCONFIG_BOBBIN_LOG_LEVEL=2",
                     "-DCONFIG_BOBBIN_MAX_CLIENTS=4", "-DCONFIG_NET_MAX_CONTEXTS=16",
                     "-DCONFIG_IDLE_STACK_SIZE=320")


if __name__ == "__main__":
    unittest.main(verbosity=2)
