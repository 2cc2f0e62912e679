"""The two programs of the lab: the echo that answers "OK..." and what it got, and the client that talks to it."""

import os
import select
import socket
import subprocess
import threading
import time

import harness
from harness import Client, EndToEnd, OneServer, run

OK = b"OK..."
MIB = 1024 * 1024


def start_connect(test, *arguments):
    """`bobbin connect` with pipes that stay open."""
    process = subprocess.Popen(harness.command_line("connect", *arguments), stdin=subprocess.PIPE,
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, bufsize=0)

    def end():
        if process.poll() is None:
            process.kill()
        process.wait()
        for stream in (process.stdin, process.stdout, process.stderr):
            stream.close()

    test.addCleanup(end)
    return process


def read_from(process, size):
    """What it prints next; b"" at its end."""
    ready, _, _ = select.select([process.stdout], [], [], harness.DEADLINE)
    if not ready:
        raise AssertionError("connect printed nothing")
    return os.read(process.stdout.fileno(), size)


class Echo(OneServer):
    COMMAND = "echo"
    OPTIONS = ("--max-clients", "64")

    def talk(self, client, data):
        client.send(data)
        self.assertEqual(client.take(len(OK) + len(data)), OK + data)

    def test_answers_ok_and_the_bytes(self):
        client = self.client()
        for data in (b"oi", b"oi\n", b"x", b"\r\n", b"GET /hello HTTP/1.1\r\n\r\n", b"OK..."):
            self.talk(client, data)

    def test_answers_every_byte_there_is(self):
        client = self.client()
        self.talk(client, b"\0")
        self.talk(client, b"a\0b")
        self.talk(client, bytes(range(256)))
        for byte in range(256):
            self.talk(client, bytes([byte]))

    def test_answers_until_the_client_leaves(self):
        client = self.client()
        for number in range(500):
            self.talk(client, b"%d" % number)
        client.half_close()
        client.assert_closed()

    def test_a_client_that_says_nothing_gets_nothing(self):
        client = self.client()
        client.half_close()
        client.assert_closed()

    def test_a_half_closed_client_gets_its_answer(self):
        client = self.client()
        client.send(b"last")
        client.half_close()
        self.assertEqual(client.take_all(), OK + b"last")

    def test_a_big_stream_comes_back(self):
        # How it is cut into pieces is TCP's affair; without O, K and dots the answers' marks can be taken out.
        data = os.urandom(4 * MIB).translate(bytes(b if b not in b"OK." else 0 for b in range(256)))
        client = self.client()

        def send():
            client.send(data)
            client.half_close()

        thread = threading.Thread(target=send)
        thread.start()
        got = client.take_all()
        thread.join(harness.DEADLINE)
        self.assertTrue(got.startswith(OK))
        self.assertEqual(got.replace(OK, b""), data)

    def test_many_talk_at_once(self):
        failures = []

        def talk(number):
            try:
                with Client(self.server) as client:
                    for turn in range(50):
                        data = b"%d:%d" % (number, turn)
                        client.send(data)
                        got = client.take(len(OK) + len(data))
                        if got != OK + data:
                            failures.append((data, got))
            except (AssertionError, OSError) as error:
                failures.append((number, error))

        threads = [threading.Thread(target=talk, args=(number,)) for number in range(60)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(harness.DEADLINE)
        self.assertEqual(failures, [])

    def test_one_who_is_silent_holds_nobody_up(self):
        self.client()
        self.talk(self.client(), b"hi")


class Deadlines(EndToEnd):
    def test_a_silent_client_is_closed(self):
        server = self.serve("--idle-timeout", "1s", command="echo")
        begin = time.monotonic()
        client = self.connect(server)
        client.assert_closed()
        self.assertGreaterEqual(time.monotonic() - begin, 0.95)
        client = self.connect(server)
        client.send(b"hi")
        self.assertEqual(client.take(7), OK + b"hi")
        client.assert_closed()

    def test_a_client_that_never_reads_is_cut(self):
        server = self.serve("--send-timeout", "300ms", "--idle-timeout", "2m", "--max-clients", "1", command="echo")
        client = self.connect(server, receive_buffer=4096)
        client.sock.setblocking(False)
        deadline = harness.Deadline()
        cut = False
        while not cut and not deadline.passed():
            select.select([], [client.sock], [], deadline.left())
            try:
                client.sock.send(b"x" * 65536)
            except BlockingIOError:
                pass
            except (BrokenPipeError, ConnectionResetError):
                cut = True
        self.assertTrue(cut)
        answer = b""
        while answer != OK + b"x" and not deadline.passed():
            try:
                with Client(server) as newcomer:
                    newcomer.send(b"x")
                    answer = newcomer.take(6)
            except (BrokenPipeError, ConnectionResetError):
                pass
        self.assertEqual(answer, OK + b"x")


has_connect = harness.only_on_the_systems_stack("this program has no `connect`")


@has_connect
class ConnectToEcho(OneServer):
    COMMAND = "echo"

    def check(self, *arguments, feed=b"oi\n"):
        done = run("connect", *arguments, feed=feed)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        return done.stdout.encode("latin-1")

    def test_prints_what_comes_back(self):
        for host in ("localhost", "127.0.0.1"):
            with self.subTest(host=host):
                self.assertEqual(self.check(host, str(self.server.port)), b"OK...oi\n")

    def test_the_last_line_needs_no_end(self):
        self.assertEqual(self.check("localhost", str(self.server.port), feed=b"oi"), b"OK...oi")

    def test_nothing_typed_is_nothing_printed(self):
        self.assertEqual(self.check("localhost", str(self.server.port), feed=b""), b"")

    def test_many_lines_all_come_back(self):
        lines = b"".join(b"line %d\n" % number for number in range(2000))
        self.assertEqual(self.check("localhost", str(self.server.port), feed=lines).replace(OK, b""), lines)

    def test_a_line_longer_than_any_buffer_comes_back(self):
        line = b"x" * 300000 + b"\n"
        self.assertEqual(self.check("localhost", str(self.server.port), feed=line).replace(OK, b""), line)

    def test_bytes_of_any_kind_come_back(self):
        data = bytes(byte for byte in range(256) if byte not in b"OK.") + b"\n"
        self.assertEqual(self.check("localhost", str(self.server.port), feed=data).replace(OK, b""), data)

    def test_lines_and_answers_take_turns(self):
        process = start_connect(self, "127.0.0.1", str(self.server.port))
        for line in (b"one\n", b"two\n", b"three\n"):
            process.stdin.write(line)
            got = b""
            while len(got) < len(OK + line):
                piece = read_from(process, 100)
                self.assertTrue(piece)
                got += piece
            self.assertEqual(got, OK + line)
        process.stdin.close()
        self.assertEqual(read_from(process, 100), b"")
        self.assertEqual(process.wait(harness.DEADLINE), 0)


@has_connect
class ConnectToOthers(EndToEnd):
    def listen(self, address="127.0.0.1"):
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        listener = socket.create_server((address, 0), family=family)
        listener.settimeout(harness.DEADLINE)
        self.addCleanup(listener.close)
        return listener, str(listener.getsockname()[1])

    def accept(self, listener):
        peer, _ = listener.accept()
        peer.settimeout(harness.DEADLINE)
        self.addCleanup(peer.close)
        return peer

    def test_speaks_ipv6(self):
        if not harness.has_ipv6():
            self.skipTest("no ::1 here")
        server = self.serve(command="echo", listen=("-p", "0", "--bind", "::1"))
        done = run("connect", "::1", str(server.port), feed=b"oi\n")
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "OK...oi\n", ""))

    def test_tries_every_address_of_a_name(self):
        # Whichever of ::1 and 127.0.0.1 localhost means first, the server has only this one.
        server = self.serve(command="echo")
        self.assertEqual(run("connect", "localhost", str(server.port), feed=b"oi\n").stdout, "OK...oi\n")

    def test_a_line_goes_out_when_it_is_complete(self):
        listener, port = self.listen()
        process = start_connect(self, "127.0.0.1", port)
        peer = self.accept(listener)
        process.stdin.write(b"first\n")
        self.assertEqual(peer.recv(100), b"first\n")

    def test_it_prints_what_comes_before_a_line_ends(self):
        listener, port = self.listen()
        process = start_connect(self, "127.0.0.1", port)
        peer = self.accept(listener)
        peer.sendall(b"login: ")
        self.assertEqual(read_from(process, 100), b"login: ")

    def test_it_ends_when_the_server_leaves_although_nothing_was_typed(self):
        listener, port = self.listen()
        process = start_connect(self, "127.0.0.1", port)
        peer = self.accept(listener)
        peer.sendall(b"bye\n")
        peer.close()
        self.assertEqual(read_from(process, 100), b"bye\n")
        self.assertEqual(read_from(process, 100), b"")
        self.assertEqual(process.wait(harness.DEADLINE), 0)

    def test_it_half_closes_and_prints_what_still_comes(self):
        listener, port = self.listen()
        process = start_connect(self, "127.0.0.1", port)
        peer = self.accept(listener)
        process.stdin.write(b"question\n")
        process.stdin.close()
        got = b""
        while piece := peer.recv(100):
            got += piece
        self.assertEqual(got, b"question\n")
        peer.sendall(b"late answer\n")
        peer.close()
        self.assertEqual(read_from(process, 100), b"late answer\n")
        self.assertEqual(process.wait(harness.DEADLINE), 0)

    def test_a_server_that_resets_ends_it(self):
        listener, port = self.listen()
        process = start_connect(self, "127.0.0.1", port)
        peer = self.accept(listener)
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
        peer.close()
        self.assertIn(process.wait(harness.DEADLINE), (0, 1))

    def check_failure(self, pattern, *arguments):
        done = run("connect", *arguments, timeout=60)
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        self.assertRegex(done.stderr, rf"\Abobbin: cannot connect to {pattern}\n\Z")

    def test_a_refused_port_is_one_clear_line(self):
        with socket.socket() as unheard:
            unheard.bind(("127.0.0.1", 0))  # ours, and nobody listens
            port = unheard.getsockname()[1]
            for host in ("127.0.0.1", "localhost"):
                self.check_failure(f"{host} port {port}: Connection refused", host, str(port))

    def test_an_unknown_host_is_one_clear_line(self):
        self.check_failure(r"nohost\.invalid port 1234: \S[^\n]*", "nohost.invalid")  # RFC 6761 §6.4


if __name__ == "__main__":
    harness.main()
