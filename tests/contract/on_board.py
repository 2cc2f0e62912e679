"""The contract suite as an image under an emulator: its console is all there is of it."""

import re
import subprocess
import threading


def console(command, last, patience):
    """The console's lines up to one that matches `last`, or to the image's end; or what came in so many seconds."""
    lines = []
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                          text=True) as process:
        timer = threading.Timer(patience, process.kill)
        timer.start()
        try:
            for line in process.stdout:
                lines.append(line.strip())
                if re.search(last, line):
                    break
        finally:
            timer.cancel()
            process.kill()
    return lines
