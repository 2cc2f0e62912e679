"""The figures: each case starts a fresh server, loads it, ends it."""
import contextlib
import json
import os
import re
import shutil
import subprocess
import tempfile
import time

from .servers import Running, ServerError, end_group, free_port, start_group

CAPACITY = 128        # clients the servers are started for, but where said
IDLE_CLIENTS = 1000
IDLE_CAPACITY = 1024  # room to spare: nobody should be sent away
MANY_CLIENTS = 10000
CLOSE_CONNECTIONS = 16
PIPELINED_CONNECTIONS = 16
DEPTH = 16
# Name, bytes, connections: served as NAME.bin.
FILES = [("1k", 1024, 64), ("100k", 100 * 1024, 16), ("100m", 100 * 1024 * 1024, 2)]
CHUNK = 1024 * 1024
SETTLE_S = 0.15       # threads that just answered go back to sleep


class Bench:
    def __init__(self, load, seconds, root=None):
        self.load_program = load
        self.seconds = seconds
        self.root = root  # of the group "files"

    def load(self, mode, *arguments, timeout, while_held=None):
        """Runs the load generator; while_held is called before hold ends."""
        process = start_group([self.load_program, mode, *map(str, arguments)],
                              stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, text=True)
        try:
            if while_held:
                line = process.stdout.readline()
                if line:
                    time.sleep(SETTLE_S)
                    while_held()
                _, errors = process.communicate(timeout=timeout)
            else:
                line, errors = process.communicate(timeout=timeout)
        except subprocess.TimeoutExpired as late:
            raise ServerError(f"load {mode}: no end in {timeout} s") from late
        finally:
            end_group(process)
        if process.returncode or not line:
            raise ServerError(errors.strip() or f"load {mode} failed")
        return json.loads(line)

    def rate(self, server, *arguments, root=None):
        with Running(server, CAPACITY, root) as running:
            result = self.load("rate", "--port", running.port, "--pid", running.pid,
                               "--duration", int(self.seconds * 1000),
                               "--warmup", int(min(self.seconds / 4, 0.3) * 1000),
                               *arguments, timeout=self.seconds + 20)
            running.check_alive()
            return result

    def keep(self, connections):
        def measure(server):
            result = self.rate(server, "--connections", connections)
            return {f"keep{connections}_rate": result["rate"],
                    f"keep{connections}_cpu_us": result["cpu_us"],
                    f"keep{connections}_p99_us": result["p99_us"]}
        return measure

    def close(self, server):
        result = self.rate(server, "--connections", CLOSE_CONNECTIONS, "--close")
        return {"close_rate": result["rate"], "close_cpu_us": result["cpu_us"]}

    def pipelined(self, server):
        result = self.rate(server, "--connections", PIPELINED_CONNECTIONS, "--depth", DEPTH)
        return {"pipelined_rate": result["rate"], "pipelined_cpu_us": result["cpu_us"]}

    def file(self, name, connections):
        def measure(server):
            result = self.rate(server, "--connections", connections, "--path", f"/{name}.bin",
                               "--body-file", os.path.join(self.root, name + ".bin"),
                               root=self.root)
            if name == "100m":
                return {"file100m_rate": result["mib_rate"],
                        "file100m_cpu_us": result["cpu_us_mib"]}
            return {f"file{name}_rate": result["rate"], f"file{name}_cpu_us": result["cpu_us"]}
        return measure

    def start(self, server):
        folder = tempfile.mkdtemp(prefix="bobbin-bench-")
        try:
            port = 0 if server.prints_address else free_port()
            where = ["--port", port] if port else []
            return self.load("start", *where, "--", *server.command(None, port, folder),
                             timeout=30)
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def memory(self, server):
        """
        At rest: by default capacity, before any client. A client's share with
        its thread is what 1,000 clients add to that; where all threads start
        at once, it is divided by the threads that were added.
        """
        with Running(server) as running:
            time.sleep(SETTLE_S)
            rest = running.resident_kib()
        with Running(server, IDLE_CAPACITY) as running:
            time.sleep(SETTLE_S)
            before = running.resident_kib()
            after = []
            held = self.load("hold", "--port", running.port, "--connections", IDLE_CLIENTS,
                             timeout=30, while_held=lambda: after.append(running.resident_kib()))
            running.check_alive()
        if held["answered"] != IDLE_CLIENTS:
            raise ServerError(f"{held['answered']} of {IDLE_CLIENTS} idle clients were answered")
        added = IDLE_CAPACITY - server.threads_at_rest if server.threads_at_rest else IDLE_CLIENTS
        return {"rest_kib": rest, "idle_kib": (after[0] - before) / IDLE_CLIENTS,
                "client_kib": (after[0] - rest) / added}

    def many(self, server):
        if server.name != "bobbin":
            return {}
        with Running(server, MANY_CLIENTS) as running:
            resident = []
            held = self.load("hold", "--port", running.port, "--connections", MANY_CLIENTS,
                             "--again", "--timeout", 60000, timeout=90,
                             while_held=lambda: resident.append(running.resident_kib()))
            running.check_alive()
        return {"many_answered": held["answered"], "many_resident_kib": resident[0]}

    def cases(self):
        """Groups that --figures can name, and their cases in order."""
        return {"start": [("start", self.start)],
                "keep": [(f"keep-alive {c}", self.keep(c)) for c in (2, 16, 64)],
                "close": [("new connections", self.close)],
                "pipelined": [("pipelined", self.pipelined)],
                "files": [(f"file of {name}", self.file(name, connections))
                          for name, _, connections in FILES],
                "memory": [("memory", self.memory)],
                "many": [("10,000 clients", self.many)]}


@contextlib.contextmanager
def made_files(parent):
    """A folder with FILES of random bytes, on the disk before it is used; removed at the end."""
    folder = tempfile.mkdtemp(prefix="files-", dir=parent)
    try:
        for name, length, _ in FILES:
            with open(os.path.join(folder, name + ".bin"), "wb") as file:
                for at in range(0, length, CHUNK):
                    file.write(os.urandom(min(CHUNK, length - at)))
                file.flush()
                os.fsync(file.fileno())
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def size(server):
    """The program and its own library, stripped; libc and such do not count."""
    files = [server.program]
    if server.own_library:
        needed = subprocess.run(["ldd", server.program], stdout=subprocess.PIPE, text=True,
                                check=False).stdout
        found = re.search(server.own_library + r"\S* => (\S+)", needed)
        if found:
            files.append(os.path.realpath(found.group(1)))
    total = 0
    with tempfile.TemporaryDirectory() as folder:
        for file in files:
            copy = os.path.join(folder, "stripped")
            shutil.copyfile(file, copy)
            done = subprocess.run(["strip", copy], stderr=subprocess.PIPE, text=True, check=False)
            if done.returncode:
                raise ServerError(done.stderr)
            total += os.path.getsize(copy)
    return {"stripped_bytes": total}
