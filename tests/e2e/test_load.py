"""Many clients, many connections, and nothing left behind."""

import hashlib
import os
import random
import threading

import harness
from harness import HELLO, Client, EndToEnd, request


class Crowd:
    """Runs work(number) on so many threads that start together; what went wrong is in `failures`."""

    def __init__(self, count, work):
        self.failures = []
        self.work = work
        self.start = threading.Barrier(count)
        self.threads = [threading.Thread(target=self._run, args=(number,)) for number in range(count)]

    def _run(self, number):
        try:
            self.start.wait(harness.DEADLINE)
            self.work(number)
        except BaseException as error:  # pylint: disable=broad-except
            self.failures.append(f"{number}: {error!r}")

    def run(self, test):
        before = threading.stack_size(256 * 1024)
        try:
            for thread in self.threads:
                thread.start()
        finally:
            threading.stack_size(before)
        for thread in self.threads:
            thread.join(3 * harness.DEADLINE)
        test.assertFalse(any(thread.is_alive() for thread in self.threads), "clients are stuck")
        test.assertEqual(self.failures, [])


def wait_until_descriptors_are(test, server, client, count):
    """Polls with requests on a connection that stays."""
    deadline = harness.Deadline()
    while server.descriptors() > count and not deadline.passed():
        client.hello()
    test.assertLessEqual(server.descriptors(), count)


CROWD = min(200 if harness.UNDER_VALGRIND else 500, harness.MOST_CLIENTS)  # valgrind has 500 threads at most


class Load(EndToEnd):
    def test_five_hundred_clients_at_once_are_all_served(self):
        server = self.serve("--max-clients", str(min(512, harness.MOST_CLIENTS)), "--backlog", "512", "--quiet")
        all_here = threading.Barrier(CROWD)

        def work(_):
            with Client(server) as client:
                client.hello()
                all_here.wait(2 * harness.DEADLINE)
                for _ in range(10):
                    client.hello()

        Crowd(CROWD, work).run(self)
        harness.assert_next_client_is_served(server)

    def test_more_clients_than_slots_are_served_or_told_to_come_back(self):
        server = self.serve("--max-clients", "16", "--backlog", "128", "--quiet")
        served = []

        def work(_):
            deadline = harness.Deadline(2 * harness.DEADLINE)
            left = 5
            while left:
                if deadline.passed():
                    raise AssertionError("starved")
                # A keep-alive client may be asked to leave between two requests; one that asks at once is served
                # or refused.
                try:
                    with Client(server) as client:
                        reply = client.ask(HELLO)
                except (BrokenPipeError, ConnectionResetError):
                    raise AssertionError("reset instead of an answer") from None
                if reply.status == 200:
                    left -= 1
                elif reply.status != 503:
                    raise AssertionError(f"neither served nor refused: {reply}")
            served.append(1)

        Crowd(64, work).run(self)
        self.assertEqual(len(served), 64)

    def test_sixty_four_clients_mixed(self):
        server = self.serve("--max-clients", str(min(128, harness.MOST_CLIENTS)), "--backlog", "128", "--quiet")

        def work(number):
            dice = random.Random(number)
            client = Client(server)
            try:
                for _ in range(30):
                    kind = dice.randrange(8)
                    body = dice.randbytes(dice.randrange(1, 20000))
                    if kind == 0:
                        client.hello()
                    elif kind == 1:
                        reply = client.ask(request("/echo", "POST", body=body))
                        assert reply.status == 200 and reply.body == body, reply
                    elif kind == 2:
                        data = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in (body[:5], body[5:]) if part)
                        reply = client.ask(request("/echo", "PUT", "Transfer-Encoding: chunked",
                                                   body=data + b"0\r\n\r\n"))
                        assert reply.status == 200 and reply.body == body, reply
                    elif kind == 3:
                        assert client.ask(request("/nope", "POST", body=body)).status == 405
                    elif kind == 4:
                        assert client.ask(request("/", "HEAD")).status == 200
                    elif kind == 5:
                        client.send(HELLO * 16)
                        for _ in range(16):
                            assert client.reply().status == 200
                    else:
                        data, status = ((b"BAD\r\n\r\n", 400) if kind == 6 else
                                        (request("/hello", "GET", "Connection: close"), 200))
                        assert client.ask(data, "GET").status == status
                        client.assert_closed()
                        client.close()
                        client = Client(server)
            finally:
                client.close()

        Crowd(64, work).run(self)
        harness.assert_next_client_is_served(server)

    def test_large_bodies_side_by_side(self):
        server = self.serve("--quiet")
        body = os.urandom(1024 * 1024)
        digest = hashlib.sha256(body).digest()

        def work(_):
            with Client(server) as client:
                head = request("/echo", "POST", f"Content-Length: {len(body)}")
                sender = threading.Thread(target=client.send, args=(head + body,))
                sender.start()
                reply = client.reply()
                sender.join(harness.DEADLINE)
                assert hashlib.sha256(reply.body).digest() == digest

        Crowd(16, work).run(self)


class Leaks(EndToEnd):
    def check_threads(self, server, clients):
        """One each, one at the door, and the main one; a stack of its own has one for the device, one for timers."""
        if not harness.STACK and not harness.EMULATOR:  # those have threads of their own
            self.assertLessEqual(server.thread_count(), clients + 2 + (2 if harness.TAP else 0))

    def test_a_thousand_connections_leave_nothing_behind(self):
        server = self.serve("--quiet")
        keeper = self.connect(server)
        keeper.hello()
        with Client(server) as client:
            client.hello()
        before = server.descriptors()
        for number in range(1000):
            with Client(server) as client:
                if number % 4 == 0:
                    self.assertEqual(client.ask(request("/nope", "GET", "Connection: close")).status, 404)
                elif number % 4 == 1:
                    client.send(b"GET /half")
                elif number % 4 == 2:
                    self.assertEqual(client.ask(b"x\r\n\r\n").status, 400)
                else:
                    client.hello()
        wait_until_descriptors_are(self, server, keeper, before)
        self.check_threads(server, 64)

    def test_a_full_house_has_no_more_threads_than_slots(self):
        server = self.serve("--max-clients", "32", "--quiet")
        before = server.descriptors()
        clients = []
        for _ in range(32):
            clients.append(self.connect(server))
            clients[-1].hello()
        self.check_threads(server, 32)
        for _ in range(20):
            harness.assert_next_client_is_served(server)
        self.check_threads(server, 32)
        for client in clients:
            client.close()
        last = self.connect(server)
        last.hello()
        wait_until_descriptors_are(self, server, last, before + 1)


if __name__ == "__main__":
    harness.main()
