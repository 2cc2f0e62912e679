"""How deep any client's stack was used over the whole suite: `stack_peaks.py begin` before it, `end` behind it.

Each server of the suite adds a line to the file that BOBBIN_STACK_PEAKS names: peak, cap, command line."""

import os
import pathlib
import sys

peaks = pathlib.Path(os.environ["BOBBIN_STACK_PEAKS"])
if sys.argv[1] == "begin":
    peaks.unlink(missing_ok=True)
    sys.exit()
lines = peaks.read_text(encoding="ascii").splitlines() if peaks.exists() else []
if not lines:
    print("no server was run to its end")
    sys.exit(77)
deepest = max(lines, key=lambda line: int(line.split()[0]) / int(line.split()[1]))
peak, cap, command = deepest.split(" ", 2)
print(f"{len(lines)} servers; the deepest stack took {peak} of {cap} bytes: bobbin {command}")
sys.exit(0 if int(peak) * 2 <= int(cap) else "more than half of the cap")
