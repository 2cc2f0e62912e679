"""Each header that others include compiles by itself: as C11, the public ones as C++17 too."""

import os
import pathlib
import shutil
import subprocess
import tempfile

import hygiene

STRICT = ["-Wall", "-Wextra", "-Wpedantic", "-Werror", "-fsyntax-only"]
INCLUDE = [f"-I{hygiene.SOURCE / folder}" for folder in ("core/include", "port/include")]


def check(command, header, file):
    """Twice, so that the guard is looked at too."""
    file.write_text(f'#include "{header}"\n#include "{header}"\n', encoding="ascii")
    done = subprocess.run([*command, *STRICT, *INCLUDE, *hygiene.DEFINITIONS, str(file)], capture_output=True,
                          text=True, check=False)
    if done.returncode != 0:
        yield f"{header} does not stand alone: {' '.join(command)}\n{done.stderr}"


def main():
    public = [f"bobbin/{path.name}" for path in hygiene.sources("core/include/bobbin/*.h")]
    contract = [path.name for path in hygiene.sources("port/include/*.h")]
    cxx = os.environ.get("CXX", "")
    complaints = []
    with tempfile.TemporaryDirectory() as folder:
        for header in public + contract:
            complaints += check([*hygiene.CC, *hygiene.CFLAGS, "-std=c11"], header, pathlib.Path(folder, "alone.c"))
        if shutil.which(cxx):
            for header in public:
                complaints += check([cxx, "-std=c++17"], header, pathlib.Path(folder, "alone.cpp"))
        else:
            print("There is no C++ compiler: C++ was not looked at.")
    hygiene.end(complaints)


main()
