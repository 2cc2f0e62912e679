"""How it leaves: idle clients at once, requests in flight when they are done, always with every thread joined."""

import re
import signal

import harness
from harness import HELLO, EndToEnd, request

BUSY = request("/echo", "POST", "Content-Length: 4", "Expect: 100-continue")
PATIENT = ("--idle-timeout", "2m", "--request-timeout", "2m", "--body-timeout", "2m")


class Leaving(EndToEnd):
    def guests(self, server):
        """An idle client, a silent one, and one whose request is in the works."""
        silent = self.connect(server)
        server.wait_for_line(re.escape(f"Connected with {silent.name()}"))
        idle = self.connect(server)
        idle.hello()
        busy = self.connect(server)
        self.assertEqual(busy.ask(BUSY).status, 100)
        return silent, idle, busy

    def test_without_clients(self):
        for number in (signal.SIGTERM, signal.SIGINT):
            for command in ("serve", "echo"):
                self.serve(command=command).stop(number)

    def test_idle_clients_are_closed_while_a_request_in_flight_is_finished(self):
        for number in (signal.SIGTERM, signal.SIGINT):
            with self.subTest(number=number):
                server = self.serve(*PATIENT)
                silent, idle, busy = self.guests(server)
                server.send_signal(number)
                silent.assert_closed()
                idle.assert_closed()
                self.assertIsNone(server.process.poll(), "it left before its last request")
                busy.send(b"done")
                reply = busy.reply()
                self.assertEqual((reply.status, reply.body), (200, b"done"))
                self.assertTrue(reply.closes)
                busy.assert_closed()
                self.assertEqual(server.wait_for_exit(), 0)

    def test_nobody_new_is_let_in(self):
        server = self.serve(*PATIENT)
        _, idle, busy = self.guests(server)
        server.send_signal(signal.SIGTERM)
        idle.assert_closed()
        try:
            with harness.Client(server) as late:
                late.send(HELLO)
                self.assertEqual(late.take_all(), b"")
        except (ConnectionRefusedError, ConnectionResetError, BrokenPipeError):
            pass
        busy.send(b"done")
        self.assertEqual(busy.reply().body, b"done")

    def test_half_a_head_is_in_flight_too(self):
        server = self.serve(*PATIENT)
        client = self.connect(server)
        idle = self.connect(server)
        idle.hello()
        client.send(HELLO + HELLO[:10])
        self.assertEqual(client.reply().status, 200)
        server.send_signal(signal.SIGTERM)
        idle.assert_closed()
        client.send(HELLO[10:])
        reply = client.reply()
        self.assertEqual(reply.status, 200)
        self.assertTrue(reply.closes)
        client.assert_closed()

    def test_who_never_finishes_does_not_keep_it(self):
        server = self.serve(*PATIENT)
        self.guests(server)
        server.stop()

    def test_a_second_signal_ends_it_now(self):
        for number in (signal.SIGTERM, signal.SIGINT):
            with self.subTest(number=number):
                server = self.serve(*PATIENT)
                _, idle, _ = self.guests(server)
                server.send_signal(number)
                idle.assert_closed()  # the first one has arrived
                server.send_signal(number)
                self.assertEqual(server.wait_for_exit(), -number)
                server.kill()

    def test_echo_clients_are_closed(self):
        server = self.serve("--idle-timeout", "2m", command="echo")
        clients = [self.connect(server) for _ in range(5)]
        for client in clients:
            client.send(b"hi")
            self.assertEqual(client.take(7), b"OK...hi")
        server.send_signal(signal.SIGTERM)
        for client in clients:
            client.assert_closed()
        self.assertEqual(server.wait_for_exit(), 0)

    def test_a_full_house_leaves(self):
        server = self.serve("--max-clients", "64", *PATIENT)
        clients = [self.connect(server) for _ in range(64)]
        for client in clients:
            client.hello()
        server.send_signal(signal.SIGTERM)
        for client in clients:
            client.assert_closed()
        self.assertEqual(server.wait_for_exit(), 0)


class Harmless(EndToEnd):
    def test_a_broken_pipe_harms_nobody(self):
        server = self.serve()
        for _ in range(20):
            client = harness.Client(server, receive_buffer=4096)
            client.send(request("/echo", "POST", "Content-Length: 10000000") + b"x" * 50000)
            client.sock.setsockopt(harness.socket.SOL_SOCKET, harness.socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
            client.close()
            harness.assert_next_client_is_served(server)
        server.send_signal(signal.SIGPIPE)
        harness.assert_next_client_is_served(server)


if __name__ == "__main__":
    harness.main()
