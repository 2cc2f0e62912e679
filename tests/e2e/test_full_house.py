"""More clients than slots: the longest idle one makes room; where nobody is idle, the newcomer is told to come
back."""

import contextlib
import select
import time

import harness
from harness import HELLO, Client, EndToEnd, request

BUSY = request("/echo", "POST", "Content-Length: 4", "Expect: 100-continue")
PATIENT = ("--idle-timeout", "2m", "--request-timeout", "2m", "--body-timeout", "2m", "--send-timeout", "2m")


class House(EndToEnd):
    def rest(self, client):
        """Lets the server note that this client is idle, and since when: it does so behind the answer, and counts
        in ms. Nothing comes meanwhile."""
        self.assertFalse(select.select([client.sock], [], [], 0.05)[0])

    def idle(self, server, count, apart=True):
        """Clients that had an answer each, one after the other, and stay."""
        clients = []
        for number in range(count):
            client = self.connect(server)
            client.hello()
            clients.append(client)
            if apart or number == count - 1:
                self.rest(client)
        return clients

    def busy(self, server, count, **how):
        """Clients whose request is surely in the works: its handler waits for the body."""
        clients = []
        for _ in range(count):
            client = self.connect(server, **how)
            reply = client.ask(BUSY)
            self.assertEqual(reply.status, 100, reply)
            clients.append(client)
        return clients

    def finish(self, client):
        client.send(b"done")
        reply = client.reply()
        self.assertEqual((reply.status, reply.body), (200, b"done"))

    def assert_refused(self, server, **how):
        with Client(server, **how) as client:
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                client.send(HELLO)
            reply = client.reply()
            self.assertEqual(reply.status, 503)
            self.assertEqual(reply.field("Retry-After"), "5")
            self.assertTrue(reply.closes)
            self.assertTrue(reply.body)
            client.assert_closed(reset_too=True)


class Idle(House):
    def test_the_longest_idle_makes_room(self):
        server = self.serve("--max-clients", "4", *PATIENT)
        clients = self.idle(server, 4)
        clients[0].hello()  # now the second has been idle longest
        self.rest(clients[0])
        newcomer = self.connect(server)
        newcomer.hello()
        clients[1].assert_closed()
        for client in (clients[0], clients[2], clients[3], newcomer):
            client.hello()

    def test_one_after_the_other_makes_room_in_order(self):
        server = self.serve("--max-clients", "4", *PATIENT)
        clients = self.idle(server, 4)
        for _ in range(8):
            clients += self.idle(server, 1)
            clients.pop(0).assert_closed()
            for client in clients:
                self.assertTrue(client.is_open())
        for client in clients:
            client.hello()

    def test_the_idle_make_room_not_the_busy(self):
        server = self.serve("--max-clients", "4", *PATIENT)
        busy = self.busy(server, 3)
        idle = self.idle(server, 1)[0]
        self.connect(server).hello()
        idle.assert_closed()
        for client in busy:
            self.finish(client)

    def test_a_house_for_one_serves_one_after_the_other(self):
        server = self.serve("--max-clients", "1", *PATIENT)
        first = self.idle(server, 1)[0]
        second = self.idle(server, 1)[0]
        first.assert_closed()
        second.hello()

    def test_fresh_connections_make_room_when_they_stay_silent(self):
        server = self.serve("--max-clients", "4", *PATIENT)
        fresh = []
        for _ in range(4):
            fresh.append(self.connect(server))
            server.wait_for_line("Connected with " + fresh[-1].name().replace(".", r"\."))
            self.rest(fresh[-1])
        harness.serve_until(server)  # may be refused while they are too fresh
        closed = [client for client in fresh if not client.is_open()]
        self.assertEqual(closed, fresh[:1])


class Busy(House):
    def test_a_newcomer_is_told_to_come_back(self):
        server = self.serve("--max-clients", "4", *PATIENT)
        clients = self.busy(server, 4)
        for _ in range(10):
            self.assert_refused(server)
        self.finish(clients[0])
        harness.serve_until(server)
        for client in clients[1:]:
            self.finish(client)

    def test_a_newcomer_that_sends_nothing_is_told_too(self):
        server = self.serve("--max-clients", "2", *PATIENT)
        self.busy(server, 2)
        self.assertEqual(self.connect(server).reply().status, 503)

    def test_the_refusal_is_html_or_text_and_short(self):
        server = self.serve("--max-clients", "1", *PATIENT)
        self.busy(server, 1)
        reply = self.connect(server).ask(request("/", "GET", "Accept: text/html"))
        self.assertEqual(reply.status, 503)
        self.assertRegex(reply.field("Content-Type"), "^text/(html|plain)")
        self.assertLess(len(reply.body), 1000)

    def test_half_sent_requests_hold_their_slot_up_to_the_deadline(self):
        server = self.serve("--max-clients", "4", "--request-timeout", "500ms", "--idle-timeout", "2m")
        clients = []
        for _ in range(4):
            clients.append(self.connect(server))
            clients[-1].send(HELLO + b"GET /hel")
            self.assertEqual(clients[-1].reply().status, 200)
        refused = harness.serve_until(server)
        harness.report(f"refused {refused} times before a deadline freed a slot")
        for client in clients:
            self.assertEqual(client.reply().status, 408)
            client.assert_closed()

    def test_a_crowd_at_the_door_harms_nobody_inside(self):
        server = self.serve("--max-clients", "4", *PATIENT)
        clients = self.busy(server, 4)
        crowd = [self.connect(server) for _ in range(50)]
        for client in crowd:
            self.assertEqual(client.reply().status, 503)
        for client in clients:
            self.finish(client)
        for client in crowd:
            client.close()
        harness.serve_until(server)


class PerAddress(House):
    def test_one_address_gets_no_more_than_its_share(self):
        server = self.serve("--per-address", "2", *PATIENT)
        clients = self.busy(server, 2)
        self.assert_refused(server)
        self.assert_refused(server, source=server.neighbour(1))
        other = self.busy(server, 2, source=server.neighbour(2))
        self.assert_refused(server, source=server.neighbour(2))
        for client in clients + other:
            self.finish(client)
            client.close()
        harness.serve_until(server)
        harness.serve_until(server, source=server.neighbour(2))

    @harness.only_on_the_systems_stack("nobody comes over its loopback")
    def test_loopback_may_take_the_whole_house_by_default(self):
        server = self.serve("--max-clients", "64", *PATIENT)
        clients = self.idle(server, 64, apart=False)
        for client in clients:
            client.hello()


class Echo(House):
    """The same rules where the protocol is the echo's."""

    def test_the_longest_idle_makes_room(self):
        server = self.serve("--max-clients", "3", "--idle-timeout", "2m", command="echo")
        clients = []
        for _ in range(4):
            client = self.connect(server)
            client.send(b"hi")
            self.assertEqual(client.take(7), b"OK...hi")
            self.rest(client)
            clients.append(client)
        clients[0].assert_closed()
        for client in clients[1:]:
            client.send(b"still")
            self.assertEqual(client.take(10), b"OK...still")

    def test_where_nobody_is_idle_the_newcomer_reads_busy(self):
        server = self.serve("--max-clients", "2", "--idle-timeout", "2m", "--send-timeout", "2m", command="echo")
        clients = []
        for _ in range(2):
            client = self.connect(server, receive_buffer=4096)
            client.sock.setblocking(False)
            while select.select([], [client.sock], [], 0.5)[1]:  # until the server is stuck in its reply
                with contextlib.suppress(BlockingIOError):
                    client.sock.send(b"x" * 65536)
            clients.append(client)
        newcomer = self.connect(server)
        self.assertTrue(newcomer.take_until(b"\n").startswith(b"BUSY"))
        newcomer.assert_closed()
        for client in clients:
            client.close()
        deadline = harness.Deadline()
        answer = b""
        while answer != b"OK...x" and not deadline.passed():
            with Client(server) as client, contextlib.suppress(BrokenPipeError, ConnectionResetError):
                client.send(b"x")
                answer = client.take(6)
        self.assertEqual(answer, b"OK...x")

    def test_one_address_gets_no_more_than_its_share(self):
        server = self.serve("--per-address", "2", "--idle-timeout", "2m", command="echo")
        clients = []
        for number in (2, 1, 1, 1):
            client = self.connect(server, source=server.neighbour(number))
            client.send(b"hi")
            self.assertEqual(client.take(7), b"OK...hi")
            self.rest(client)
            clients.append(client)
        clients.pop(1).assert_closed()  # the third of its address took its place, not that of the other's
        for client in clients:
            client.send(b"still")
            self.assertEqual(client.take(10), b"OK...still")


class Promptness(House):
    """Full size. The goal for both is 100 ms on a quiet machine; what is asserted is only that nobody waits for a
    timeout."""

    def test_room_is_made_promptly(self):
        server = self.serve("--max-clients", "64", *PATIENT)
        self.idle(server, 64, apart=False)
        begin = time.monotonic()
        self.connect(server).hello()
        taken = time.monotonic() - begin
        harness.report(f"served {taken * 1000:.1f} ms after knocking at a house of 64 idle clients")
        self.assertLess(taken, 2)

    def test_the_refusal_comes_promptly(self):
        server = self.serve("--max-clients", "64", *PATIENT)
        self.busy(server, 64)
        begin = time.monotonic()
        self.assert_refused(server)
        taken = time.monotonic() - begin
        harness.report(f"refused {taken * 1000:.1f} ms after knocking at a house of 64 busy clients")
        self.assertLess(taken, 2)


if __name__ == "__main__":
    harness.main()
