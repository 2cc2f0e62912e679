"""The core includes what a freestanding compiler has, and knows no system by name."""

import re

import hygiene

FREESTANDING = {"limits.h", "stdalign.h", "stdatomic.h", "stdbool.h", "stddef.h", "stdint.h"}
CORE = FREESTANDING | {"string.h"}
CONTRACT = {"stddef.h", "stdint.h"}

SYSTEM = re.compile(r"\b(_*(linux|unix|gnu_linux|APPLE|MACH|FreeBSD|NetBSD|OpenBSD|WIN32|WIN64|CYGWIN|ZEPHYR|"
                    r"GLIBC|UCLIBC|NEWLIB|PICOLIBC|ANDROID|posix|POSIX\w*|FREERTOS\w*|LWIP\w*)_*|CONFIG_(?!H\b)\w+|"
                    r"ESP_PLATFORM)\b", re.IGNORECASE)


def lines(path):
    """Number and text of each logical line, without comments."""
    text = path.read_text(encoding="utf-8").replace("\\\n", " ")
    text = re.sub(r"/\*.*?\*/", lambda comment: "\n" * comment[0].count("\n"), text, flags=re.DOTALL)
    return enumerate((line.split("//")[0] for line in text.split("\n")), 1)


def check(path, allowed):
    for number, line in lines(path):
        where = f"{hygiene.name(path)}:{number}"
        system = re.match(r"\s*#\s*include\s*<([^>]*)>", line)
        own = re.match(r'\s*#\s*include\s*"([^"]*)"', line)
        if system and system[1] not in allowed:
            yield f"{where}: includes <{system[1]}>; allowed are {', '.join(sorted(allowed))}"
        elif own and not any((hygiene.SOURCE / folder / own[1]).is_file()
                             for folder in ("core", "core/include", "port/include")):
            yield f'{where}: "{own[1]}" is neither of the core nor of the port\'s contract'
        condition = re.match(r"\s*#\s*(if|ifdef|ifndef|elif)\b(.*)", line)
        if condition and SYSTEM.search(condition[2]):
            yield f"{where}: asks for a system; what differs belongs in a port"


def main():
    complaints = []
    for path in hygiene.sources("core/*.[ch]", "core/include/bobbin/*.h"):
        complaints += check(path, CORE)
    for path in hygiene.sources("port/include/*.h"):
        complaints += check(path, CONTRACT)
    hygiene.end(complaints)


main()
