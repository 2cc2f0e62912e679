"""A full house on the board, by qemu's user networking: four at once, the next is told so; the idle make room; the
slow hold up nobody; a console that nobody reads and a cable that is pulled end nothing."""

import select
import time

import device
import harness
from harness import HELLO, request


class House(device.OneBoard):
    def rest(self, client):
        """Lets the board note that this client is idle; nothing comes meanwhile."""
        self.assertFalse(select.select([client.sock], [], [], 0.05)[0])

    def test_four_are_served_at_once_and_the_fifth_is_told_that_the_house_is_full(self):
        clients = self.busy(device.CLIENTS)
        for _ in range(20):
            self.assert_refused()
        for client in reversed(clients):
            self.finish(client)
        self.rest(client)
        with self.client() as client:
            client.hello()

    def test_the_longest_idle_makes_room(self):
        clients = []
        for _ in range(device.CLIENTS):
            clients.append(self.client())
            clients[-1].hello()
            self.rest(clients[-1])
        newcomer = self.client()
        newcomer.hello()
        clients[0].assert_closed(reset_too=True)
        for client in clients[1:]:
            client.hello()

    def test_half_a_request_delays_nobody(self):
        dawdlers = [self.client() for _ in range(device.CLIENTS - 1)]
        for client in dawdlers:
            client.hello()
            client.send(HELLO[:20])
        worst = 0
        for _ in range(200):
            begin = time.monotonic()
            with self.client() as client:
                reply = client.ask(HELLO)
            if reply.status != 503: # the last place may still be that of who came before
                self.assertEqual(reply.status, 200)
            worst = max(worst, time.monotonic() - begin)
        harness.report(f"slowest of 200 answers beside {len(dawdlers)} halves of requests: {worst * 1000:.0f} ms")
        self.assertLess(worst, 2)
        for client in dawdlers:
            client.send(HELLO[20:])
            self.assertEqual(client.reply().status, 200)

    def test_a_body_byte_by_byte_delays_nobody(self):
        slow, = self.busy(1)
        for byte in b"done":
            slow.send(bytes([byte]))
            for _ in range(10):
                self.assertEqual(self.ask(HELLO).status, 200)
        self.assertEqual(slow.reply().body, b"done")

    def test_a_client_that_does_not_read_delays_nobody(self):
        greedy = self.client(receive_buffer=2048)
        greedy.sock.settimeout(0.2)
        try:
            greedy.send(request("/", "GET") * 4000)
        except TimeoutError:
            pass # as it should: the board reads no further
        for _ in range(50):
            self.assertEqual(self.ask(HELLO).status, 200)

    def test_an_echo_client_stays_while_the_house_is_full(self):
        talker = self.client(device.ECHO)
        talker.send(b"hi")
        self.assertEqual(talker.take(7), b"OK...hi")
        clients = self.busy(device.CLIENTS)
        talker.send(b"ho")
        self.assertEqual(talker.take(7), b"OK...ho")
        for client in clients:
            self.finish(client)

    def test_a_console_that_nobody_reads_stops_nobody(self):
        self.board.may_read.clear()
        client = self.client()
        for _ in range(2000):
            client.hello()
        before = len(self.board.lines)
        self.board.may_read.set()
        client.hello()
        self.board.wait_for_line(r"\(\d+ lines lost\)", before)

    def test_a_cable_that_is_pulled_and_put_back(self):
        client = self.client()
        client.hello()
        self.board.ask_qemu("set_link", name="net", up=False)
        client.send(HELLO)
        self.assertFalse(select.select([client.sock], [], [], 1.2)[0])
        self.board.ask_qemu("set_link", name="net", up=True)
        self.assertEqual(client.reply().body, b"Hello, World!\n")
        self.assertEqual(self.ask(HELLO).status, 200)


if __name__ == "__main__":
    device.main()
