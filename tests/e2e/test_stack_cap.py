"""The cap is real: each client thread stands on the stack that was promised, and below it lies a guard."""

import os
import re

import harness
from harness import EndToEnd

CLIENTS = 8
STACK, BUFFER = 16 * 1024, 4 * 1024
MAP_LINE = re.compile(r"([0-9a-f]+)-([0-9a-f]+) (\S{4}) ")


def mappings(pid):
    with open(f"/proc/{pid}/maps", encoding="utf-8") as file:
        matches = [MAP_LINE.match(line) for line in file]
    return [(int(match[1], 16), int(match[2], 16), match[3]) for match in matches]


def stack_pointers(pid):
    """Of the threads beside the main one that wait in a system call."""
    found = []
    for task in os.listdir(f"/proc/{pid}/task"):
        if int(task) != pid:
            with open(f"/proc/{pid}/task/{task}/syscall", encoding="ascii") as file:
                words = file.read().split()
            if len(words) >= 3 and words[0] != "running":
                found.append(int(words[-2], 16))
    return found


class StackCap(EndToEnd):
    def setUp(self):
        if harness.EMULATOR:
            self.skipTest("the emulator's own mappings would be measured")
        if harness.STACK:
            self.skipTest("this build needs larger stacks")

    def full_house(self):
        server = self.serve("--stack", "16K", "--buffer", "4K", "--max-clients", str(CLIENTS))
        for _ in range(CLIENTS):
            self.connect(server).hello()
        return server

    def client_stacks(self, server):
        """The stack pointers inside memory that begins right above a guard, as (pointer, start of it)."""
        maps = mappings(server.pid)
        guards = {end for _, end, access in maps if access == "---p"}
        found = []
        for pointer in stack_pointers(server.pid):
            for start, end, access in maps:
                if start <= pointer < end and access == "rw-p" and start in guards:
                    found.append((pointer, start))
        return found

    def test_each_thread_stands_on_its_own_capped_stack_above_a_guard(self):
        server = self.full_house()
        try:
            stack_pointers(server.pid)
        except PermissionError as error:
            self.skipTest(f"the system does not tell: {error}")
        # A thread that is just on its way into its system call tells no pointer: ask again.
        deadline = harness.Deadline()
        stacks = self.client_stacks(server)
        while len(stacks) < CLIENTS and not deadline.passed():
            stacks = self.client_stacks(server)
        self.assertGreaterEqual(len(stacks), CLIENTS)
        self.assertEqual(len({start for _, start in stacks}), len(stacks), "two threads in one mapping")
        page = os.sysconf("SC_PAGE_SIZE")
        for pointer, start in stacks:
            self.assertLessEqual(pointer - start, STACK + page, "the stack is larger than the cap")

    def test_what_lies_between_two_guards_is_a_stack_and_a_buffer_and_no_more(self):
        server = self.full_house()
        most = STACK + BUFFER + 1024 + 2 * os.sysconf("SC_PAGE_SIZE")  # bookkeeping, and ends rounded up to pages
        deadline = harness.Deadline()
        sizes = []
        while len(sizes) < CLIENTS and not deadline.passed():
            starts = {start for _, start in self.client_stacks(server)}
            maps = mappings(server.pid)
            sizes = [end - start for (start, end, _), (_, _, above) in zip(maps, maps[1:])
                     if start in starts and above == "---p"]
        self.assertGreaterEqual(len(sizes), CLIENTS)  # one more thread stands at the door
        for size in sizes:
            self.assertLessEqual(size, most)
            self.assertGreaterEqual(size, STACK)

    def test_the_peak_is_told_and_at_most_half(self):
        server = self.full_house()
        server.stop()  # asserts the half
        match = re.fullmatch(r"Stack: (\d+) of (\d+) bytes used at most", server.lines[-1])
        self.assertTrue(match, server.lines[-1])
        self.assertEqual(int(match[2]), STACK)
        self.assertGreater(int(match[1]), 0)
        harness.report(server.lines[-1])


if __name__ == "__main__":
    harness.main()
