"""No function that a client's thread may stand on has a large frame, one of unknown size, or calls itself again."""

import pathlib
import re
import subprocess
import sys
import tempfile

import hygiene

LIMIT = 256  # bytes

# file:function -> (bytes, why it may)
ALLOWED = {
    "core/log.c:log_put_line": (352, "a line of 200 bytes, at start only and on the caller's own stack"),
    "port/posix/files.c:open_by_walk": (400, "a name of 255 bytes, cut from its path; only openat stands above it"),
    "port/posix/linux/threads.c:port_thread_start": (448, "pthread_attr_t and two sigset_t; only the door calls it"),
}


INCLUDE = ("core", "core/include", "port/include", "port/posix", "port/posix/linux")


def compile_to(folder, path, *options):
    target = pathlib.Path(folder, hygiene.name(path).replace("/", "-") + ".o")
    done = subprocess.run([*hygiene.CC, *hygiene.CFLAGS, "-std=c11", "-w", "-c", *options, *hygiene.DEFINITIONS,
                           "-D_GNU_SOURCE", "-D_FILE_OFFSET_BITS=64",
                           *(f"-I{hygiene.SOURCE / i}" for i in INCLUDE),
                           "-o", str(target), str(path)], cwd=folder, capture_output=True, text=True, check=False)
    return target if done.returncode == 0 else sys.exit(done.stderr)


def check_frames(folder, path):
    """Each function by itself: what is inlined where differs from compiler to compiler. The build bounds what comes
    of that with -Wframe-larger-than."""
    usage = compile_to(folder, path, "-O2", "-fno-inline", "-fstack-usage").with_suffix(".su")
    for line in usage.read_text(encoding="utf-8").splitlines():
        place, size, kind = line.rsplit("\t", 2)
        function = f"{hygiene.name(path)}:{place.rsplit(':', 1)[-1]}"
        limit = ALLOWED.get(function, (LIMIT, ""))[0]
        if kind not in ("static", "dynamic,bounded"):
            yield f"{function}: a frame whose size is not known beforehand ({kind})"
        if int(size) > limit:
            yield f"{function}: a frame of {size} bytes; {limit} are the limit"


def calls(folder, path):
    """(caller, callee) of a file; a function of the file alone has the file in its name."""
    graph = compile_to(folder, path, "-O0", "-fcallgraph-info").with_suffix(".ci")
    text = graph.read_text(encoding="utf-8")
    return re.findall(r'edge: \{ sourcename: "([^"]*)" targetname: "([^"]*)"', text)


def check_recursion(edges):
    callees = {}
    for caller, callee in edges:
        callees.setdefault(caller, set()).add(callee)
    for start in sorted(callees):
        seen, todo = set(), list(callees[start])
        while todo:
            function = todo.pop()
            if function not in seen:
                seen.add(function)
                todo += callees.get(function, ())
        if start in seen:
            yield f"{start} calls itself, if by others"


def found(function):
    file, name = function.split(":")
    return re.search(rf"\b{name}\(", (hygiene.SOURCE / file).read_text(encoding="utf-8"))


def has_call_graphs(folder):
    probe = subprocess.run([*hygiene.CC, "-fcallgraph-info", "-x", "c", "-c", "-o", "probe.o", "-"], input="int i;",
                           cwd=folder, capture_output=True, text=True, check=False)
    return probe.returncode == 0


def main():
    paths = hygiene.sources("core/*.c", "port/posix/**/*.c")
    complaints = []
    with tempfile.TemporaryDirectory() as folder:
        for path in paths:
            complaints += check_frames(folder, path)
        if has_call_graphs(folder):
            edges = [edge for path in paths for edge in calls(folder, path)]
            if not any(callee == "http_parse" for _, callee in edges):
                complaints.append("The call graph is not what it was taken for.")
            complaints += check_recursion(edges)
        else:
            print("This compiler writes no call graphs (-fcallgraph-info): recursion was not looked for.")
    complaints += [f"{function} is on the list of large frames, but is not there"
                       for function in ALLOWED if not found(function)]
    hygiene.end(complaints)


main()
