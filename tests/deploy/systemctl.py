#!/usr/bin/python3
"""The part of systemctl that packaging/on-device uses, for a device without systemd: it reads the unit, starts what
it names, and hears from it by NOTIFY_SOCKET, as the real one does."""

import os
import pathlib
import select
import shlex
import signal
import socket
import subprocess
import sys

UNIT = pathlib.Path("/etc/systemd/system/bobbin.service")
STATE = pathlib.Path("/run/bobbin-state")
START_TIMEOUT = 20


def setting(name):
    values = [line.partition("=")[2] for line in UNIT.read_text(encoding="ascii").splitlines()
              if line.startswith(name + "=")]
    return values[-1] if values else ""


def command():
    options = []
    path = pathlib.Path(setting("EnvironmentFile").lstrip("-"))
    for line in path.read_text(encoding="ascii").splitlines():
        if line.startswith("BOBBIN_OPTIONS="):
            options = shlex.split(shlex.split(line.partition("=")[2])[0])
    return [word for part in setting("ExecStart").split()
            for word in (options if part == "$BOBBIN_OPTIONS" else [part])]


def stop():
    if not STATE.exists():
        return
    pid = int(STATE.read_text(encoding="ascii").split("\n")[0])
    STATE.unlink()
    try:
        handle = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    os.kill(pid, signal.SIGTERM)
    if not select.select([handle], [], [], START_TIMEOUT)[0]:
        os.kill(pid, signal.SIGKILL)


def restart():
    stop()
    address = f"/run/bobbin-notify.{os.getpid()}"
    manager = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    manager.bind(address)
    manager.settimeout(START_TIMEOUT)
    null = subprocess.DEVNULL
    process = subprocess.Popen(command(), stdin=null, stdout=null, stderr=null, start_new_session=True,
                               env={**os.environ, "NOTIFY_SOCKET": address})
    handle = os.pidfd_open(process.pid)
    ready, _, _ = select.select([manager, handle], [], [], START_TIMEOUT)
    message = manager.recv(4096).decode("ascii") if manager in ready else ""
    STATE.write_text(f"{process.pid}\n{message}", encoding="ascii")
    if "READY=1" not in message.split("\n"):
        stop()
        sys.exit("Job for bobbin.service failed.")


def main():
    words = [word for word in sys.argv[1:] if word not in ("-q", "bobbin", "--now")]
    if words == ["restart"]:
        restart()
    elif words == ["disable"]:
        stop()
    elif words == ["show", "-p", "StatusText", "--value"]:
        lines = STATE.read_text(encoding="ascii").split("\n") if STATE.exists() else []
        print("".join(line[len("STATUS="):] for line in lines if line.startswith("STATUS=")))
    elif words not in (["daemon-reload"], ["enable"]):
        sys.exit(f"not a call that this stand-in knows: {sys.argv}")


main()
