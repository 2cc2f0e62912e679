"""What a reviewer would otherwise count by hand: columns, lines of a file, lines of a function."""

import re

import hygiene

COLUMNS = 118
FILE_LINES = 400
FUNCTION_LINES = 60
HEADER_LINES = 150

# file -> (lines, why it may be longer)
LONG_FILES = {}


def functions(lines):
    """Line number and length of each body; both braces stand in the first column."""
    start = None
    for number, line in enumerate(lines, 1):
        if line == "{":
            start = number
        elif line == "}" and start:
            yield start, number - start + 1
            start = None


def check(path):
    name = hygiene.name(path)
    text = path.read_text(encoding="utf-8")
    lines = text.split("\n")
    limit = LONG_FILES.get(name, (HEADER_LINES if "include" in path.parts else FILE_LINES, ""))[0]
    if len(lines) - 1 >= limit:
        yield f"{name}: {len(lines) - 1} lines; it should have fewer than {limit}"
    if not text.endswith("\n") or text.endswith("\n\n"):
        yield f"{name}: does not end in one newline"
    for number, line in enumerate(lines, 1):
        if "\t" in line:
            yield f"{name}:{number}: a tab"
        if len(line) > COLUMNS:
            yield f"{name}:{number}: {len(line)} columns; {COLUMNS} are the limit"
        if re.search(r"\s$", line):
            yield f"{name}:{number}: space at the end"
    for start, length in functions(lines):
        if length >= FUNCTION_LINES:
            yield f"{name}:{start}: a body of {length} lines; it should have fewer than {FUNCTION_LINES}"


def main():
    hygiene.end([complaint for path in hygiene.sources("core/**/*.[ch]", "port/**/*.[ch]", "app/**/*.[ch]",
                                                       "boards/**/*.[ch]", "tests/**/*.[ch]", "zephyr/**/*.[ch]")
                 for complaint in check(path)])


main()
