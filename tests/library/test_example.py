"""The program of README.md, as a reader would take it: copied out, built on the installed library, asked."""

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
import tempfile
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
SENSOR = b"48312\n"


def skip(reason):
    print(f"Skipped: {reason}")
    sys.exit(SKIPPED)


def example(name):
    """The text between the fences that follow its mark."""
    found = re.findall(rf"^<!-- example: {re.escape(name)} -->\n+```\w+\n(.*?)^```$",
                       (SOURCE / "README.md").read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    if len(found) != 1:
        sys.exit(f"README.md has {len(found)} examples called {name}, instead of one")
    return found[0]


def run(*command, **how):
    done = subprocess.run(command, capture_output=True, text=True, timeout=BUILD_DEADLINE, check=False, **how)
    if done.returncode != 0:
        sys.exit(f"{shlex.join(map(str, command))} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    return done.stdout


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
def running(program, sensor):
    """The port that the example says it serves on."""
    prefix = ["setpriv", "--pdeathsig", "KILL"] if shutil.which("setpriv") else []
    process = subprocess.Popen(  # pylint: disable=consider-using-with
        [*prefix, str(program), "0", str(sensor)], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE)
    try:
        url = re.fullmatch(r"http://localhost:(\d+)/temperature\n", first_line(process))
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


def ask(port, method="GET", target="/temperature"):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=DEADLINE)
    try:
        connection.request(method, target)
        reply = connection.getresponse()
        return reply.status, reply.read()
    finally:
        connection.close()


def check(program, folder):
    sensor = folder / "sensor"
    sensor.write_bytes(SENSOR)
    with running(program, sensor) as port:
        answers = [ask(port), ask(port, "HEAD"), ask(port, target="/"), ask(port, "POST")]
        sensor.unlink()
        answers.append(ask(port))
    statuses = [status for status, _ in answers]
    if answers[0] != (200, SENSOR) or statuses != [200, 200, 404, 405, 503]:
        sys.exit(f"{program} answers {answers}")
    print(f"{program.relative_to(folder)} serves")


def with_cmake(folder, installed):
    source = folder / "hello"
    source.mkdir()
    (source / "hello.c").write_text(example("hello.c"), encoding="utf-8")
    (source / "CMakeLists.txt").write_text(example("CMakeLists.txt"), encoding="utf-8")
    flags = [*CFLAGS, *STRICT]
    run(CMAKE, "-S", source, "-B", source / "build", f"-DCMAKE_PREFIX_PATH={installed}",
        f"-DCMAKE_C_COMPILER={CC[0]}", f"-DCMAKE_C_FLAGS={shlex.join(flags)}")
    cache = (source / "build" / "CMakeCache.txt").read_text(encoding="utf-8")
    if f"bobbin_DIR:PATH={installed}/" not in cache:
        sys.exit("CMake found another bobbin than the one just installed")
    run(CMAKE, "--build", source / "build")
    check(source / "build" / "hello", folder)


def with_pkg_config(folder, installed):
    places = [str(path.parent) for path in installed.rglob("bobbin.pc")]
    environment = {**os.environ, "PKG_CONFIG_PATH": ":".join(places)}
    flags = run("pkg-config", "--cflags", "--libs", "bobbin", env=environment).split()
    if f"-I{installed}/include" not in [os.path.normpath(flag) for flag in flags]:
        sys.exit(f"pkg-config does not name the installed headers, but {flags}: is its prefix where the file is?")
    program = folder / "hello-by-pkg-config"
    run(*CC, *CFLAGS, *STRICT, folder / "hello" / "hello.c", *flags, "-o", program)
    check(program, folder)


def main():
    if not BUILD:
        skip("BOBBIN_BUILD does not name a build folder")
    if os.environ.get("BOBBIN_CROSS"):
        skip("the library is for another machine than this")
    if os.environ.get("BOBBIN_SANITIZE"):
        skip("the example's stacks are too small for sanitizers")
    with tempfile.TemporaryDirectory(prefix="bobbin-example-") as name:
        folder = pathlib.Path(name).resolve()
        installed = folder / "installed"
        run(CMAKE, "--install", BUILD, "--prefix", installed)
        with_cmake(folder, installed)
        if not shutil.which("pkg-config"):
            skip("there is no pkg-config; with CMake it works")
        with_pkg_config(folder, installed)


main()
