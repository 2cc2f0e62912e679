"""10,000 requests over a wire that loses 5% of the frames each way, delays by 20 ms and reorders: no wrong byte, none
lost, no slot stuck. The wire is ours (wire.c): not every kernel has netem."""

import collections
import os
import random
import signal
import subprocess
import threading

import harness
import tap

REQUESTS = int(os.environ.get("BOBBIN_LOSS_REQUESTS", "10000"))
CLIENTS = 48
A_CONNECTION = 20  # requests
PATIENCE = ("60s", "--send-timeout", "60s", "--body-timeout", "60s", "--idle-timeout", "60s")


class BadWire(tap.Tap):
    """The program's device is on a switch with one end of the wire; the other end is the kernel's."""

    def __init__(self, *terms):
        super().__init__()
        ends = [f"{self.name}-{end}" for end in ("near", "far")]
        tap.run(*(f"tuntap add {end} mode tap" for end in ends))
        self.wire = subprocess.Popen(  # pylint: disable=consider-using-with
            ["setpriv", "--pdeathsig", "KILL", os.environ["BOBBIN_WIRE"], *ends, *map(str, terms)],
            stdout=subprocess.PIPE, text=True)
        if self.wire.stdout.readline() != "ready\n":
            raise AssertionError("the wire does not start")
        tap.run(f"link add name {self.name}-sw type bridge forward_delay 0",
                f"address flush dev {self.name}",
                f"link set {self.name} master {self.name}-sw",
                f"link set {ends[1]} master {self.name}-sw",
                f"address add {self.network}.1/24 dev {ends[0]}",
                *(f"link set {device} up" for device in (*ends, f"{self.name}-sw")))
        self.said = ""

    def remove(self):
        self.wire.send_signal(signal.SIGTERM)
        self.said = self.wire.communicate(timeout=harness.DEADLINE)[0].strip()
        tap.run(f"link delete {self.name}-sw", *(f"link delete {self.name}-{end}" for end in ("near", "far")))
        super().remove()


class Loss(harness.EndToEnd):
    def ask_some(self, server, dice):
        """One connection's worth. Each third request carries a body, which has to come back."""
        with harness.Client(server) as client:
            client.sock.settimeout(90)  # lwIP's timers tick every 500 ms, and double
            for _ in range(A_CONNECTION):
                if dice.random() < 2 / 3:
                    client.hello()
                    continue
                body = dice.randbytes(dice.randrange(1, 6000))
                reply = client.ask(harness.request("/echo", "POST", body=body))
                self.assertEqual((reply.status, reply.body == body), (200, True))

    def test_every_request_is_answered_right(self):
        device = BadWire(5, 20, 25, 1)
        server = self.serve("--request-timeout", *PATIENCE, "--max-clients", "60", "-q", device=device)
        left = collections.deque(range(REQUESTS // A_CONNECTION))
        failures = []

        def work():
            while left and not failures:
                try:
                    seed = left.popleft()
                except IndexError:
                    return
                try:
                    self.ask_some(server, random.Random(seed))
                except BaseException as error:  # pylint: disable=broad-exception-caught
                    failures.append(f"connection {seed}: {error!r}")

        workers = [threading.Thread(target=work) for _ in range(CLIENTS)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        self.assertEqual(failures, [])
        self.assert_no_slot_is_stuck(server)
        server.stop()
        harness.report(f"{REQUESTS} requests; frames: {device.said}")

    def assert_no_slot_is_stuck(self, server):
        """As many as it serves are greeted while all of them are connected."""
        clients = [self.connect(server) for _ in range(60)]
        for client in clients:
            client.sock.settimeout(90)
        for client in clients:
            client.hello()
        for client in clients:
            client.close()


if __name__ == "__main__":
    harness.main()
