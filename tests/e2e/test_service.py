"""What it and a service manager say to each other: readiness, a watchdog that is answered only while the door turns,
and sockets that were opened for it (sd_notify(3), sd_listen_fds(3))."""

import fcntl
import os
import re
import resource
import select
import signal
import socket
import sys
import tempfile
import unittest

import harness
from harness import DEADLINE, EndToEnd, request

BUSY = request("/echo", "POST", "Content-Length: 4", "Expect: 100-continue")
BEAT = 0.1  # seconds between answers to the watchdog
WATCHDOG = f"WATCHDOG_USEC={int(BEAT * 2 * 1000000)}"
# Moves descriptors to 3, 4, ..., and becomes the program.
HAND_OVER = """
import os, sys
end = sys.argv.index("--")
for new, old in enumerate(sys.argv[1:end], 3):
    os.dup2(int(old), new)
os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS=str(end - 1))
os.execvp(sys.argv[end + 1], sys.argv[end + 1:])
"""
SILENCE = 10 * BEAT  # so long nothing comes where something would come each BEAT


class Manager:
    """The manager's end of NOTIFY_SOCKET."""

    def __init__(self, address):
        self.address = address
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.sock.bind(address.replace("@", "\0", 1))
        self.sock.settimeout(DEADLINE)

    def next(self):
        try:
            return self.sock.recv(4096).decode("ascii").split("\n")
        except socket.timeout:
            raise AssertionError(f"the manager was told nothing for {DEADLINE} s") from None

    def wait_for(self, message):
        deadline = harness.Deadline()
        while message not in self.next():
            if deadline.passed():
                raise AssertionError(f"the manager was never told {message}")

    def wait_for_silence(self):
        """What was said before it fell silent."""
        messages, deadline = [], harness.Deadline()
        while select.select([self.sock], [], [], SILENCE)[0]:
            messages += self.next()
            if deadline.passed():
                raise AssertionError("the manager is told on and on")
        return messages

    def assert_beats(self, count=5):
        for _ in range(count):
            self.wait_for("WATCHDOG=1")


class Managed(EndToEnd):
    def manager(self, abstract=False):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        name = os.path.join(folder.name, "notify")
        manager = Manager("@" + name if abstract else name)
        self.addCleanup(manager.sock.close)
        return manager

    def serve_managed(self, manager, *options, environment=(), **how):
        return self.serve(*options, prefix=["env", f"NOTIFY_SOCKET={manager.address}", *environment], **how)


class Notify(Managed):
    def test_readiness_and_the_end_are_told(self):
        for abstract in (False, True):
            for command in ("serve", "echo"):
                with self.subTest(abstract=abstract, command=command):
                    manager = self.manager(abstract)
                    server = self.serve_managed(manager, command=command)
                    self.assertEqual(manager.next(), ["READY=1", f"STATUS=Listening on port {server.port}"])
                    server.stop()
                    self.assertEqual(manager.wait_for_silence(), ["STOPPING=1"])

    def test_a_manager_that_is_gone_harms_nobody(self):
        manager = self.manager()
        server = self.serve_managed(manager, environment=[WATCHDOG])
        manager.assert_beats(1)
        manager.sock.close()
        os.unlink(manager.address)
        harness.assert_next_client_is_served(server)

    def test_a_socket_of_an_unknown_kind_is_left_alone(self):
        for name in ("", "@", "vsock:2:1234", "/" + "x" * 200):
            with self.subTest(name=name):
                server = self.serve(prefix=["env", f"NOTIFY_SOCKET={name}", WATCHDOG])
                harness.assert_next_client_is_served(server)
                server.stop()


class Watchdog(Managed):
    def serve_watched(self, *options, **how):
        manager = self.manager()
        server = self.serve_managed(manager, *options, environment=[WATCHDOG], **how)
        manager.wait_for("READY=1")
        manager.assert_beats(1)
        return manager, server

    def test_an_idle_server_answers(self):
        manager, server = self.serve_watched()
        manager.assert_beats()
        server.send_signal(signal.SIGHUP)
        manager.assert_beats()

    def test_a_full_house_of_busy_clients_is_alive(self):
        manager, server = self.serve_watched("--max-clients", "2", "--body-timeout", "2m")
        for _ in range(2):
            self.assertEqual(self.connect(server).ask(BUSY).status, 100)
        for _ in range(3):
            manager.assert_beats()
            with harness.Client(server) as newcomer:
                self.assertEqual(newcomer.ask(harness.HELLO).status, 503)

    def test_a_stopped_process_does_not_answer(self):
        manager, server = self.serve_watched()
        os.kill(server.pid, signal.SIGSTOP)
        os.waitpid(server.pid, os.WUNTRACED)
        manager.wait_for_silence()
        os.kill(server.pid, signal.SIGCONT)
        manager.assert_beats()

    def test_a_door_that_lets_nobody_in_does_not_answer(self):
        manager, server = self.serve_watched(stderr=r"bobbin: warning: cannot accept clients: [^\n]*\n")
        limits = resource.prlimit(server.pid, resource.RLIMIT_NOFILE)
        most = max(int(number) for number in os.listdir(f"/proc/{server.pid}/fd") if int(number) < 500) + 1
        resource.prlimit(server.pid, resource.RLIMIT_NOFILE, (most, limits[1]))
        # Descriptors below the highest may be free still.
        clients = [self.connect(server) for _ in range(most)]
        for client in clients:
            client.send(BUSY)
        manager.wait_for_silence()
        resource.prlimit(server.pid, resource.RLIMIT_NOFILE, limits)
        manager.assert_beats()
        harness.assert_next_client_is_served(server)

    def test_another_process_watchdog_is_not_ours(self):
        for environment in ([WATCHDOG, "WATCHDOG_PID=1"], ["WATCHDOG_USEC=soon"], ["WATCHDOG_USEC=0"]):
            with self.subTest(environment=environment):
                manager = self.manager()
                server = self.serve_managed(manager, environment=environment)
                manager.wait_for("READY=1")
                self.assertEqual(manager.wait_for_silence(), [])
                server.stop()


class Handed(EndToEnd):
    """Sockets opened by somebody else."""

    def listener(self, address="127.0.0.1"):
        sock = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET)
        self.addCleanup(sock.close)
        sock.bind((address, 0))
        sock.listen(16)
        return sock

    def serve_on(self, *socks, options=(), **how):
        # Numbers that the new ones (3, 4, ...) do not overwrite.
        numbers = [fcntl.fcntl(sock, fcntl.F_DUPFD, 20) for sock in socks]
        for number in numbers:
            self.addCleanup(os.close, number)
        return self.serve(*options, prefix=[sys.executable, "-c", HAND_OVER, *map(str, numbers), "--"],
                          pass_fds=numbers, **how)

    def test_they_take_the_place_of_address_and_port(self):
        one, two = self.listener(), self.listener("127.0.0.2")
        server = self.serve_on(one, two, options=("-p", "1"))
        self.assertEqual(server.port, one.getsockname()[1])
        for sock in (one, two):
            host, port = sock.getsockname()
            self.assertIn(f"  http://{host}:{port}/hello", server.start_lines())
            with harness.Client(port, address=host) as client:
                client.hello()

    @unittest.skipUnless(harness.has_ipv6(), "there is no IPv6")
    def test_ipv6_too(self):
        sock = self.listener("::1")
        self.serve_on(sock)
        with harness.Client(sock.getsockname()[1], address="::1") as client:
            client.hello()

    def test_clients_that_come_between_two_servers_wait(self):
        sock = self.listener()
        first = self.serve_on(sock)
        harness.assert_next_client_is_served(first)
        first.stop()
        between = self.connect(sock.getsockname()[1])
        between.send(harness.HELLO)
        self.serve_on(sock)
        self.assertEqual(between.reply().status, 200)

    def test_many_clients_and_the_end(self):
        sock = self.listener()
        server = self.serve_on(sock, options=("--max-clients", "8"))
        clients = [self.connect(server) for _ in range(8)]
        for _ in range(3):
            for client in clients:
                client.hello()
        server.stop()
        for client in clients:
            client.assert_closed()

    def test_those_of_another_process_are_not_ours(self):
        server = self.serve(prefix=["env", "LISTEN_PID=1", "LISTEN_FDS=1"])
        harness.assert_next_client_is_served(server)

    def test_what_does_not_listen_is_named(self):
        script = 'exec 3</dev/null; export LISTEN_PID=$$ LISTEN_FDS=1; exec "$@"'
        for names, said in (("", ""), ("web:other", ", 'web',")):
            done = harness.run("serve", prefix=["env", f"LISTEN_FDNAMES={names}", "sh", "-c", script, "sh"])
            self.assertEqual(done.returncode, 1)
            self.assertEqual(done.stderr, f"bobbin: socket 1 of those handed over (LISTEN_FDS){said} "
                                          "is no TCP socket that listens\n")

    def test_too_many_are_refused(self):
        script = 'export LISTEN_PID=$$ LISTEN_FDS=999; exec "$@"'
        done = harness.run("serve", prefix=["sh", "-c", script, "sh"])
        self.assertEqual(done.returncode, 1)
        self.assertTrue(re.fullmatch(r"bobbin: 999 sockets were handed over \(LISTEN_FDS\), and \d+ can be "
                                     r"listened on\n", done.stderr), done.stderr)


if __name__ == "__main__":
    harness.main()
