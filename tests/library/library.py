"""What the tests of this folder share: bobbin installed, programs built on it, asked and ended."""

import contextlib
import http.client
import os
import pathlib
import re
import select
import shlex
import shutil
import signal
import subprocess
import sys
import time

SKIPPED = 77
DEADLINE = 60.0  # seconds; for a line or an exit
BUILD_DEADLINE = 240.0

SOURCE = pathlib.Path(os.environ.get("BOBBIN_SOURCE") or pathlib.Path(__file__).resolve().parents[2])
BUILD = os.environ.get("BOBBIN_BUILD", "")
CMAKE = os.environ.get("CMAKE") or "cmake"
CC = shlex.split(os.environ.get("CC") or "cc")
CFLAGS = shlex.split(os.environ.get("CFLAGS", ""))
STRICT = ["-std=c11", "-Wall", "-Wextra", "-Werror"]


def skip(reason):
    print(f"Skipped: {reason}")
    sys.exit(SKIPPED)


def skip_where_nothing_can_run():
    if not BUILD:
        skip("BOBBIN_BUILD does not name a build folder")
    if os.environ.get("BOBBIN_CROSS"):
        skip("the library is for another machine than this")
    if os.environ.get("BOBBIN_SANITIZE"):
        skip("the examples' stacks are too small for sanitizers")


def run(*command, **how):
    done = subprocess.run(command, capture_output=True, text=True, timeout=BUILD_DEADLINE, check=False, **how)
    if done.returncode != 0:
        sys.exit(f"{shlex.join(map(str, command))} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    return done.stdout


def install(folder):
    run(CMAKE, "--install", BUILD, "--prefix", folder)


def first_line(process):
    end, line = time.monotonic() + DEADLINE, b""
    while not line.endswith(b"\n"):
        ready = select.select([process.stdout], [], [], max(0.0, end - time.monotonic()))[0]
        data = os.read(process.stdout.fileno(), 1) if ready else b""
        if not data:
            process.kill()
            sys.exit(f"the example said no more than {line!r}; stderr: {process.communicate()[1]}")
        line += data
    return line.decode()


@contextlib.contextmanager
def running(*command, path="/"):
    """The port that the example says it serves on, as http://localhost:PORT and the path."""
    prefix = ["setpriv", "--pdeathsig", "KILL"] if shutil.which("setpriv") else []
    process = subprocess.Popen(  # pylint: disable=consider-using-with
        [*prefix, *map(str, command)], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    try:
        url = re.fullmatch(rf"http://localhost:(\d+){re.escape(path)}\n", first_line(process))
        if not url:
            sys.exit("the first line is not the URL")
        yield int(url[1])
        process.send_signal(signal.SIGTERM)
        process.wait(DEADLINE)
    finally:
        process.kill()
        errors = process.communicate()[1]
    if process.returncode not in (0, -signal.SIGTERM) or errors:
        sys.exit(f"the example ended with {process.returncode}: {errors}")


def ask(port, target="/", method="GET", **fields):
    """The reply, whose body is read; fields as Accept_Encoding="gzip"."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=DEADLINE)
    try:
        connection.putrequest(method, target, skip_accept_encoding=True)
        for name, value in fields.items():
            connection.putheader(name.replace("_", "-"), value)
        connection.endheaders()
        reply = connection.getresponse()
        reply.body = reply.read()
        return reply
    finally:
        connection.close()
