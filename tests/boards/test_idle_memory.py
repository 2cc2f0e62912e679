"""What an idle client keeps resident, where no emulator's own memory is in the way."""

import re
import resource

import harness
from harness import EndToEnd

CLIENTS = 1000
MOST_KIB = 6


def resident_kib(pid):
    with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as file:
        return int(re.search(r"^Rss: +(\d+) kB$", file.read(), re.MULTILINE)[1])


class IdleMemory(EndToEnd):
    def setUp(self):
        if harness.EMULATOR:
            self.skipTest("the emulator's own memory would be measured")
        limits = resource.getrlimit(resource.RLIMIT_NOFILE)
        self.addCleanup(resource.setrlimit, resource.RLIMIT_NOFILE, limits)
        resource.setrlimit(resource.RLIMIT_NOFILE, (limits[1], limits[1]))
        if limits[1] < 2 * CLIENTS:
            self.skipTest(f"no more than {limits[1]} files may be open here")

    def test_a_thousand_idle_clients_keep_at_most_six_kib_each(self):
        # Not self.serve: --stack-report makes every stack resident.
        server = self.serve("--max-clients", str(CLIENTS + 8), "--backlog", "256", "--idle-timeout", "5m", "--quiet",
                            stack_report=False)
        with harness.Client(server) as first:
            first.hello()
        before = resident_kib(server.pid)
        for _ in range(CLIENTS):
            self.connect(server).hello()
        each = (resident_kib(server.pid) - before) / CLIENTS
        harness.report(f"{each:.2f} KiB resident for each of {CLIENTS} idle clients")
        self.assertLessEqual(each, MOST_KIB)


if __name__ == "__main__":
    harness.main()
