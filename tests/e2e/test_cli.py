"""The command line: options, their wrong values, help, the start lines, and where it can and cannot listen."""

import os
import re
import shutil
import socket
import subprocess
import unittest

import harness
from harness import Client, EndToEnd, run

SERVE_OPTIONS = ("port", "bind", "backlog", "max-clients", "stack", "buffer", "per-address", "idle-timeout",
                 "request-timeout", "body-timeout", "send-timeout", "min-rate", "max-body", "max-head", "access-log",
                 "stack-report", "name", "quiet")
ECHO_OPTIONS = ("port", "bind", "backlog", "max-clients", "stack", "buffer", "per-address", "idle-timeout",
                "send-timeout", "min-rate", "stack-report", "quiet")

COMMANDS = ("serve", "echo") if harness.TAP else ("serve", "echo", "connect")
has_connect = harness.only_on_the_systems_stack("this program has no `connect`")

NUMBERS = ("", "x", "-1", "12x", "0x10", "1.5", " 5", "5 ", "99999999999999999999")
SIZES = ("", "x", "-1K", "16Q", "16 K", "16K ", "K", "1.5K", "0", "16KB", "99999999999999999999", "99999999999G")
TIMES = ("", "15", "s", "-1s", "15x", "15 s", "1.5s", "0s", "0ms", "99999999999999999999s", "15ss")
WRONG = (
    ("--port", (*NUMBERS, "65536", "http")),
    ("--backlog", (*NUMBERS, "0")),
    ("--max-clients", (*NUMBERS, "0", "65536")),
    ("--stack", (*SIZES, "512", "1023", "65M")),
    ("--buffer", (*SIZES, "511", "17M")),
    ("--per-address", NUMBERS),
    ("--idle-timeout", TIMES),
    ("--request-timeout", TIMES),
    ("--body-timeout", TIMES),
    ("--send-timeout", TIMES),
    ("--min-rate", SIZES),
    ("--max-body", ("", "x", "-1K", "16Q", "1.5K", "99999999999999999999")),
    ("--max-head", ("", "x", "-1K", "16Q", "1.5K", "99999999999999999999")),
)


class Help(unittest.TestCase):
    def test_help_names_the_commands(self):
        for arguments in (("--help",), ("-h",), ("help",)):
            with self.subTest(arguments=arguments):
                done = run(*arguments)
                self.assertEqual((done.returncode, done.stderr), (0, ""))
                self.assertEqual(re.findall(r"(?m)^  (serve|echo|connect)\b", done.stdout), list(COMMANDS))

    def test_help_names_every_option_of_a_command(self):
        for command, options in zip(COMMANDS, (SERVE_OPTIONS, ECHO_OPTIONS, ())):
            for arguments in ((command, "--help"), ("help", command), (command, "-h")):
                with self.subTest(arguments=arguments):
                    done = run(*arguments)
                    self.assertEqual((done.returncode, done.stderr), (0, ""))
                    self.assertIn(f"Usage: {harness.PROGRAM} {command} ", done.stdout)
                    for option in options:
                        self.assertIn(f"--{option}", done.stdout)

    def test_help_fits_a_terminal(self):
        for arguments in (("--help",), ("help", "serve"), ("help", "echo"), ("help", "connect")):
            for line in run(*arguments).stdout.splitlines():
                self.assertLessEqual(len(line), 80, line)

    def test_version(self):
        for option in ("--version", "-V"):
            done = run(option)
            self.assertEqual((done.returncode, done.stderr), (0, ""))
            self.assertRegex(done.stdout, r"\Abobbin \d+\.\d+\.\d+\n")

    def test_help_into_a_full_device_fails(self):
        if not os.path.exists("/dev/full"):
            self.skipTest("no /dev/full")
        with open("/dev/full", "wb") as full:
            done = subprocess.run(harness.command_line("--help"), stdout=full, stderr=subprocess.PIPE,
                                  timeout=harness.DEADLINE, check=False)
        self.assertNotEqual(done.returncode, 0)


class Mistakes(unittest.TestCase):
    def check(self, *arguments):
        done = run(*arguments)
        self.assertEqual((done.returncode, done.stdout), (2, ""), f"{arguments}: {done.stderr}")
        self.assertTrue(done.stderr.startswith("bobbin: "), done.stderr)
        return done.stderr

    def test_unknown_things_lead_to_help(self):
        for arguments in (("spin",), ("--spin",), ("-z",), ("serve", "--spin"), ("echo", "-z"), ("connect", "--spin"),
                          ("echo", "--access-log", "-"), ("help", "spin")):
            with self.subTest(arguments=arguments):
                error = self.check(*arguments)
                self.assertRegex(error, rf"Try '{harness.PROGRAM} [^']*(--help|help)[^']*'\.\n\Z")

    def test_no_command_tells_the_commands(self):
        done = run()
        self.assertIn(done.returncode, (0, 2))
        self.assertRegex(done.stdout + done.stderr, r"serve|--help")

    def test_arguments_too_many_or_too_few(self):
        for arguments in (("serve", "1234"), ("serve", "-p", "0", "x"), ("echo", "x"), ("connect",),
                          ("connect", "a", "1", "b"), ("serve", "--stack"), ("serve", "-p"), ("serve", "--quiet=1")):
            with self.subTest(arguments=arguments):
                self.check(*arguments)

    def test_options_are_spelled_as_everywhere(self):
        for arguments, complaint in (
                (("serve", "--m=1"), "unknown or ambiguous option '--m=1'"),
                (("serve", "-qp0", "--", "-h"), "only options go here, and here is '-h'"),
                (("serve", "x", "-q", "-p0"), "only options go here, and here is 'x'"),
                (("serve", "-"), "only options go here, and here is '-'"),
                (("serve", "-qz"), "unknown option '-z'"), (("serve", "-qp"), "a value is missing behind '-qp'"),
                (("serve", "--port"), "a value is missing behind '--port'"),
                (("serve", "--quiet="), "no value goes with '--quiet='"),
                (("serve", "-p=1"), "--port: '=1' is not a number"),
                (("serve", "--port", "--quiet"), "--port: '--quiet' is not a number")):
            with self.subTest(arguments=arguments):
                self.assertTrue(self.check(*arguments).startswith(f"bobbin: {complaint}"))
        self.assertEqual(run("serve", "a", "--hel").stdout, run("serve", "--help").stdout)

    @has_connect
    def test_options_of_connect_stand_where_they_like(self):
        self.assertTrue(self.check("connect", "a", "--", "-h").startswith("bobbin: '-h' is not a port"))
        self.assertEqual(run("connect", "a", "--hel").stdout, run("connect", "--help").stdout)

    @harness.only_on_the_systems_stack("its sockets are no files")
    def test_more_clients_than_the_system_allows_files_is_an_error_with_advice(self):
        limit = "ulimit -n 64; test $(id -u) -ne 0 || exec setpriv --bounding-set=-sys_resource \"$@\"; exec \"$@\""
        if not shutil.which("setpriv"):
            self.skipTest("no setpriv")
        if harness.UNDER_VALGRIND:
            self.skipTest("valgrind tells the program of another limit")
        done = run("serve", "-p", "0", "--max-clients", "1000", prefix=("sh", "-c", limit, "sh"))
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        self.assertEqual(done.stderr, "bobbin: --max-clients 1000 needs 1018 open files, and this system allows 64\n"
                                      "Try --max-clients 46, or raise the limit (ulimit -Hn).\n")

    def test_a_wrong_value_names_option_value_and_what_it_takes(self):
        for option, values in WRONG:
            for value in values:
                for command in ("serve", "echo"):
                    if command == "echo" and option[2:] not in ECHO_OPTIONS:
                        continue
                    with self.subTest(command=command, option=option, value=value):
                        error = self.check(command, "-p", "0", "--bind", "127.0.0.1", f"{option}={value}")
                        self.assertRegex(error, rf"\Abobbin: {option}: '{re.escape(value)}' .*it takes \S")
                        self.assertEqual(error.count("\n"), 1)

    def test_the_example_of_the_manual(self):
        self.assertEqual(self.check("serve", "--stack", "16Q"),
                         "bobbin: --stack: '16Q' is not a size; it takes bytes such as 16K, from 4K to 64M\n")

    def test_a_time_without_unit_names_the_units(self):
        self.assertRegex(self.check("serve", "--idle-timeout", "15"), r"15s|\bms\b")

    def test_the_short_port_option_is_checked_too(self):
        self.assertRegex(self.check("serve", "-p", "65536"), r"\Abobbin: (--port|-p): '65536' ")

    def test_a_wrong_address_is_named(self):
        for value in ("nonsense", "1.2.3", "300.0.0.1", "::g", ""):
            with self.subTest(value=value):
                done = run("serve", "-p", "0", "--bind", value)
                self.assertIn(done.returncode, (1, 2))
                self.assertIn(value, done.stderr)
                self.assertIn("bobbin: ", done.stderr)

    def test_more_addresses_than_it_takes_is_an_error(self):
        binds = [part for i in range(1, 30) for part in ("--bind", f"127.0.0.{i}")]
        done = run("serve", "-p", "0", *binds)
        self.assertIn(done.returncode, (1, 2))
        self.assertIn("--bind", done.stderr)

    @has_connect
    def test_a_wrong_port_of_connect_is_named(self):
        for value in ("0", "65536", "http", "-1"):
            self.assertIn(value, self.check("connect", "--", "localhost", value))


@harness.only_on_the_systems_stack("it has one address, and every port")
class Listening(EndToEnd):
    def test_a_port_in_use_is_an_error_with_advice(self):
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
            for command in ("serve", "echo"):
                done = run(command, "-p", str(port), "--bind", "127.0.0.1")
                self.assertEqual((done.returncode, done.stdout), (1, ""))
                self.assertRegex(done.stderr, rf"\Abobbin: cannot listen on 127\.0\.0\.1 port {port}: \S.*\n"
                                 r"Another program listens there; try another port, such as --port \d+ "
                                 r"\(or 0 for any\)\.\n\Z")

    def test_an_address_of_another_machine_is_an_error_with_advice(self):
        done = run("serve", "-p", "0", "--bind", "192.0.2.1")  # RFC 5737: nobody's
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        self.assertRegex(done.stderr, r"\Abobbin: cannot listen on 192\.0\.2\.1 port 0: \S.*\n"
                         r"It is not an address of this machine\.\n\Z")

    def test_a_port_that_needs_root_is_an_error_with_advice(self):
        with open("/proc/sys/net/ipv4/ip_unprivileged_port_start", encoding="ascii") as file:
            if int(file.read()) <= 1:
                self.skipTest("here everybody may listen on low ports")
        prefix = ()
        if os.geteuid() == 0:
            if not shutil.which("setpriv"):
                self.skipTest("root, without setpriv")
            prefix = ("setpriv", "--bounding-set", "-net_bind_service")
        done = run("serve", "-p", "1", "--bind", "127.0.0.1", prefix=prefix)
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        self.assertRegex(done.stderr, r"\Abobbin: cannot listen on 127\.0\.0\.1 port 1: Permission denied\n"
                         r"Ports under 1024 need root or CAP_NET_BIND_SERVICE; try --port 1234\.\n\Z")

    def test_one_bad_address_of_several_is_named(self):
        done = run("serve", "-p", "0", "--bind", "127.0.0.1", "--bind", "192.0.2.1")
        self.assertEqual(done.returncode, 1)
        self.assertIn("192.0.2.1", done.stderr)

    def test_a_port_of_a_server_that_left_is_free_at_once(self):
        server = self.serve()
        client = self.connect(server)
        client.hello()
        server.stop()  # it closed first: its side stays in TIME_WAIT
        again = self.serve(listen=("-p", str(server.port), "--bind", "127.0.0.1"))
        harness.assert_next_client_is_served(again)

    def test_two_servers_share_no_port(self):
        server = self.serve()
        done = run("serve", "-p", str(server.port), "--bind", "127.0.0.1")
        self.assertEqual(done.returncode, 1)

    def test_several_addresses_share_the_picked_port(self):
        server = self.serve(listen=("-p", "0", "--bind", "127.0.0.1", "--bind", "127.0.0.5"))
        lines = server.start_lines()
        self.assertIn(f"  http://127.0.0.1:{server.port}/hello", lines)
        self.assertIn(f"  http://127.0.0.5:{server.port}/hello", lines)
        for address in ("127.0.0.1", "127.0.0.5"):
            with Client(server, address=address) as client:
                client.hello()
        with self.assertRaises(ConnectionRefusedError):
            Client(server, address="127.0.0.6")

    def test_ipv6_only(self):
        if not harness.has_ipv6():
            self.skipTest("no ::1 here")
        server = self.serve(listen=("-p", "0", "--bind", "::1"))
        self.assertIn(f"  http://[::1]:{server.port}/hello", server.start_lines())
        client = self.connect(server, address="::1")
        client.hello()
        server.wait_for_line(re.escape(f"Connected with {client.name()}"))
        server.wait_for_line(re.escape(f'{client.name()} "GET /hello HTTP/1.1" 200 14'))
        with self.assertRaises(ConnectionRefusedError):
            Client(server)

    def test_both_families_side_by_side(self):
        if not harness.has_ipv6():
            self.skipTest("no ::1 here")
        server = self.serve(listen=("-p", "0", "--bind", "::1", "--bind", "127.0.0.1"))
        for address in ("127.0.0.1", "::1"):
            self.connect(server, address=address).hello()

    def test_every_address_of_both_families_by_default(self):
        server = self.serve(listen=("-p", "0"))
        clients = [self.connect(server)]
        if harness.has_ipv6():
            clients.append(self.connect(server, address="::1"))
        for client in clients:
            client.hello()
            server.wait_for_line(re.escape(f"Connected with {client.name()}"))


class StartLines(EndToEnd):
    def test_serve(self):
        server = self.serve()
        lines = server.start_lines()
        self.assertRegex(lines[0], rf"\Abobbin \d+\.\d+\.\d+ serves on port {server.port}\. In a browser:\Z")
        self.assertEqual(lines[1:-1], server.places("/hello"))

    def test_echo(self):
        server = self.serve(command="echo")
        lines = server.start_lines()
        self.assertRegex(lines[0], rf"\Abobbin \d+\.\d+\.\d+ echoes on port {server.port}\. To talk to it:\Z")
        self.assertEqual(lines[1:-1], server.places())

    @harness.only_on_the_systems_stack("it has one address")
    def test_every_address_that_can_be_typed_is_listed(self):
        server = self.serve(listen=("-p", "0"))
        urls = server.start_lines()[1:-1]
        self.assertTrue(urls)
        for url in urls:
            self.assertRegex(url, rf"\A  http://(localhost|[\d.]+|\[[0-9a-f:]+\]):{server.port}/hello\Z")
            self.assertNotRegex(url, r"//127\.|\[::1\]|\[fe80:|//0\.0\.0\.0|\[::\]|//169\.254\.")
        self.assertEqual(len(set(urls)), len(urls))
        self.assertEqual([u for u in urls if "[" in u], urls[sum("[" not in u for u in urls):], "IPv4 comes first")

    def in_a_network(self, script, *options):
        """Starts in a network namespace that lives as long as the server."""
        if os.geteuid() != 0 or not shutil.which("unshare") or not shutil.which("ip"):
            self.skipTest("needs root, unshare and ip")
        check = subprocess.run(["unshare", "-n", "sh", "-ec", script], capture_output=True, check=False,
                               timeout=harness.DEADLINE)
        if check.returncode != 0:
            self.skipTest(f"no such network here: {check.stderr.decode().strip()}")
        return self.serve(*options, listen=("-p", "0"),
                          prefix=("unshare", "-n", "sh", "-ec", script + '\nexec "$@"', "sh"))

    @harness.only_on_the_systems_stack("the system's addresses are not its own")
    def test_localhost_is_listed_where_there_is_no_other(self):
        server = self.in_a_network("ip link set lo up")
        self.assertEqual(server.start_lines()[1:-1], [f"  http://localhost:{server.port}/hello"])

    @harness.only_on_the_systems_stack("the system's addresses are not its own")
    def test_addresses_of_interfaces_that_are_up_are_listed(self):
        server = self.in_a_network("ip link set lo up\n"
                                   "ip link add one type veth peer name two\n"
                                   "ip addr add 10.77.0.7/24 dev one\n"
                                   "ip addr add 169.254.7.7/16 dev one\n"
                                   "ip -6 addr add 2001:db8::7/64 dev one nodad\n"
                                   "ip addr add 10.78.0.7/24 dev two\n"
                                   "ip link set one up\n"
                                   "ip link set two up\n"
                                   "ip link add cold type veth peer name under\n"
                                   "ip addr add 10.79.0.7/24 dev cold")
        port = server.port
        urls = server.start_lines()[1:-1]
        self.assertEqual(sorted(urls[:2]), [f"  http://10.77.0.7:{port}/hello", f"  http://10.78.0.7:{port}/hello"])
        self.assertEqual(urls[2:], [f"  http://[2001:db8::7]:{port}/hello"])

    def test_the_memory_adds_up(self):
        amount = r"(\d+\.\d [KM]iB)"
        pattern = re.compile(rf"Memory: (\d+) clients? x \({amount} stack \+ {amount} buffer \+ {amount} "
                             rf"bookkeeping\) \+ 1 at the door \+ {amount} server = {amount}")
        units = {"KiB": 1, "MiB": 1024, "K": 1, "M": 1024}
        stack = harness.STACK or "16K"
        for clients, buffer in ((64, "4K"), (1, "1K"), (8, "4K"),
                                (min(200, harness.MOST_CLIENTS), "16K")):
            with self.subTest(clients=clients, buffer=buffer):
                server = self.serve("--max-clients", str(clients), "--buffer", buffer, "--stack", stack)
                match = pattern.fullmatch(server.start_lines()[-1])
                self.assertTrue(match, server.start_lines()[-1])
                parts = [float(text[:-4]) * units[text[-3:]] for text in match.groups()[1:]]
                self.assertEqual((int(match[1]), parts[0], parts[1]), (clients, int(stack[:-1]) * units[stack[-1]],
                                                                       int(buffer[:-1]) * units[buffer[-1]]))
                rounded = 0.051 * (clients + 2) + 0.051 * units[match[6][-3:]]
                self.assertLessEqual(abs((clients + 1) * sum(parts[:3]) + parts[3] - parts[4]), rounded)
                server.stop()

    def test_a_stack_under_the_systems_minimum_is_an_error_not_a_crash(self):
        done = run("serve", "-p", "0", "--bind", "127.0.0.1", "--stack", "1K", "--version")
        self.assertGreaterEqual(done.returncode, 0)
        self.assertLessEqual(done.returncode, 2)


class Options(EndToEnd):
    def test_every_option_at_once(self):
        server = self.serve("--backlog", "5", "--max-clients", "3", "--buffer", "2K", "--per-address", "3",
                            "--idle-timeout", "2m", "--request-timeout", "1500ms", "--body-timeout", "3s",
                            "--send-timeout", "4s", "--min-rate", "2K", "--max-body", "2M", "--max-head", "8K",
                            "--access-log", "-", "--name", "box", "--quiet")
        harness.assert_next_client_is_served(server)

    def test_options_may_be_written_with_an_equals_sign_or_shortened(self):
        server = self.serve("--max-clients=2", "--idle=20s", "-q")
        self.assertIn("Memory: 2 clients", server.start_lines()[-1])

    def test_the_default_port_is_1234(self):
        self.assertRegex(run("help", "serve").stdout, r"(?s)--port.*1234")

    @unittest.skipIf(harness.EMULATOR, "an emulator has descriptors of its own")
    def test_the_program_reads_no_descriptor_that_it_was_not_given(self):
        server = self.serve()
        self.assertLessEqual(server.descriptors(), 3 + 1 + 3)  # standard ones, a listener, what waiting needs


if __name__ == "__main__":
    harness.main()
