#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Functions fit a screen and files have one subject: measures every function and file outside tests.
set -u
cd "$(dirname "$0")/../.." || exit 1

/usr/bin/python3 - <<'PYTHON'
import pathlib
import re
import statistics
import sys

FUNCTION_MAX, MEDIAN_MAX, FILE_MAX = 50, 12, 500
sources = sorted(path for top in ("bpf", "core", "tui", "cli") for path in pathlib.Path(top).rglob("*.[ch]"))
sizes = []
failed = False


def fail(text):
    global failed
    failed = True
    print("FAILED:", text)


for path in sources:
    lines = path.read_text().splitlines()
    if len(lines) > FILE_MAX:
        fail(f"{path} has {len(lines)} lines, more than {FILE_MAX}")
    start = None
    for number, line in enumerate(lines):
        # clang-format puts the braces of a function, and those alone, into the first column.
        if line == "{" and re.search(r"[)\w]$", lines[number - 1]):
            start = number
        elif line == "}" and start is not None:
            sizes.append(number - start - 1)
            if sizes[-1] > FUNCTION_MAX:
                fail(f"{path}:{start} has a function of {sizes[-1]} lines, more than {FUNCTION_MAX}")
            start = None
if len(sizes) < 1000:
    fail(f"only {len(sizes)} functions were found")
if statistics.median(sizes) > MEDIAN_MAX:
    fail(f"the median of {len(sizes)} functions is {statistics.median(sizes)} lines, more than {MEDIAN_MAX}")
print(f"{len(sizes)} functions, median {statistics.median(sizes):.0f} lines, longest {max(sizes)}")
sys.exit(failed)
PYTHON
