"""The program of README.md, as a reader would take it: copied out, built on the installed library, asked."""

import os
import pathlib
import re
import shlex
import shutil
import sys
import tempfile

import library
from library import CC, CFLAGS, CMAKE, SOURCE, STRICT, run, skip

SENSOR = b"48312\n"


def example(name):
    """The text between the fences that follow its mark."""
    found = re.findall(rf"^<!-- example: {re.escape(name)} -->\n+```\w+\n(.*?)^```$",
                       (SOURCE / "README.md").read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    if len(found) != 1:
        sys.exit(f"README.md has {len(found)} examples called {name}, instead of one")
    return found[0]


def ask(port, method="GET", target="/temperature"):
    reply = library.ask(port, target, method)
    return reply.status, reply.body


def check(program, folder):
    sensor = folder / "sensor"
    sensor.write_bytes(SENSOR)
    with library.running(program, "0", sensor, path="/temperature") as port:
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
    library.skip_where_nothing_can_run()
    with tempfile.TemporaryDirectory(prefix="bobbin-example-") as name:
        folder = pathlib.Path(name).resolve()
        installed = folder / "installed"
        library.install(installed)
        with_cmake(folder, installed)
        if not shutil.which("pkg-config"):
            skip("there is no pkg-config; with CMake it works")
        with_pkg_config(folder, installed)


main()
