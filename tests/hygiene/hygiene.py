"""What the tests of this folder share: where the sources are, and how a test ends."""

import os
import pathlib
import shlex
import sys

SKIPPED = 77
SOURCE = pathlib.Path(os.environ.get("BOBBIN_SOURCE") or pathlib.Path(__file__).resolve().parents[2])
CFLAGS = shlex.split(os.environ.get("CFLAGS", ""))
CC = shlex.split(os.environ.get("CC") or "cc")
DEFINITIONS = [d if d.startswith("-D") else f"-D{d}" for d in shlex.split(os.environ.get("BOBBIN_DEFINITIONS", ""))]


def sources(*patterns):
    """Files by patterns from the source folder; each pattern has to match something."""
    found = []
    for pattern in patterns:
        files = sorted(SOURCE.glob(pattern))
        if not files:
            sys.exit(f"{pattern} matches no file of {SOURCE}")
        found += files
    return found


def name(path):
    return str(path.relative_to(SOURCE))


def skip(reason):
    print(f"Skipped: {reason}")
    sys.exit(SKIPPED)


def end(complaints):
    """Ends the test; with complaints it failed."""
    for complaint in complaints:
        print(complaint)
    sys.exit(1 if complaints else 0)
