# SPDX-License-Identifier: BSD-2-Clause
"""Which test runs which line, by gcov."""

import json
import os
import struct
import subprocess

COUNTERS = 0x01A10000


def counted(path):
    """Is any counter of a .gcda file not zero? gcc writes those that all are as a negative length."""
    with open(path, "rb") as file:
        data = file.read()
    at = 16
    while at + 8 <= len(data):
        tag, length = struct.unpack_from("<Ii", data, at)
        if tag == COUNTERS and length > 0:
            return True
        at += 8 + max(length, 0)
    return False


def lines_run(tree, folder, objects):
    """By the counters below `folder`, {file: [lines that were run, lines that were not]} of the files in `tree`;
    `objects` is the folder of its build."""
    files = []
    below = os.path.join(folder, os.path.join(tree, objects).lstrip("/"))
    for where, _, names in os.walk(below):
        for name in names:
            path = os.path.join(where, name[:-5])
            notes = os.path.join(tree, objects, os.path.relpath(path, below)) + ".gcno"
            if name.endswith(".gcda") and os.path.exists(notes) and counted(path + ".gcda"):
                if not os.path.exists(path + ".gcno"):
                    os.symlink(notes, path + ".gcno")
                files.append(path + ".gcda")
    if not files:
        return {}
    reports = subprocess.run(["gcov", "--json-format", "--stdout", *files], cwd=tree, capture_output=True, text=True,
                             check=True).stdout
    lines = {}
    for report in reports.splitlines():
        for file in json.loads(report)["files"]:
            path = os.path.relpath(os.path.join(tree, file["file"]), tree)
            run, known = lines.setdefault(path, (set(), set()))
            known.update(line["line_number"] for line in file["lines"])
            run.update(line["line_number"] for line in file["lines"] if line["count"] > 0)
    return {path: [sorted(run), sorted(known - run)] for path, (run, known) in lines.items()
            if not path.startswith(("..", "tests/"))}
