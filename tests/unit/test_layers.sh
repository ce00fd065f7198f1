#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Checks the order of the rooms: a file includes files and its object calls functions of its own room or
# of rooms below, and files form no circles. Prints each violation: KIND FILE OTHER.
#   include, call  FILE's room lies below OTHER's
#   room           FILE's and OTHER's rooms are beside each other and need each other
#   circle         FILE's call of OTHER is part of a circle
set -u

/usr/bin/python3 - "${BUILD:-build}" <<'PYTHON'
import pathlib
import re
import subprocess
import sys

build = pathlib.Path(sys.argv[1])
# From the bottom up. Rooms in a line are beside each other.
order = [
    ["base"],
    ["kernel", "model"],
    ["mesh", "neighbours", "qos", "crypto", "peer"],
    ["programs"],
    ["plugins"],
    ["control"],
    ["mapek", "export", "lab", "fleet"],
    ["tui", "serve"],
    ["cli"],
]
rank = {room: level for level, rooms in enumerate(order) for room in rooms}
sources = sorted(
    path
    for pattern in ("core/*/*.[ch]", "tui/*.[ch]", "cli/*.[ch]")
    for path in pathlib.Path().glob(pattern)
)
violations = set()


def room(name):
    parts = name.split("/")
    return parts[1] if parts[0] == "core" else parts[0]


def check(kind, name, other, sideways):
    mine, theirs = room(name), room(other)
    if mine not in rank:
        violations.add(("unknown", name, mine))
    elif rank.get(theirs, 0) > rank[mine]:
        violations.add((kind, name, other))
    elif theirs in rank and theirs != mine and rank[theirs] == rank[mine]:
        sideways.setdefault((mine, theirs), set()).add((name, other))


def two_ways(sideways):
    for (mine, theirs), pairs in sideways.items():
        if (theirs, mine) in sideways:
            violations.update(("room", *pair) for pair in pairs)


def symbols(path):
    """Returns what an object defines and what it needs."""
    defined, needed = set(), set()
    lines = subprocess.run(["nm", path], check=True, capture_output=True, text=True).stdout
    for line in lines.splitlines():
        *_, kind, name = line.split()
        if kind == "U":
            needed.add(name)
        elif kind.isupper():
            defined.add(name)
    return defined, needed


def calls():
    """Returns, for each file, the files whose functions or data it uses."""
    tables = {}
    for path in sources:
        name = str(path.with_suffix(""))
        if path.suffix == ".c":
            if not (build / name).with_suffix(".o").exists():
                sys.exit(f"{build / name}.o is not built")
            tables[name] = symbols((build / name).with_suffix(".o"))
    owner = {symbol: name for name, (defined, _) in tables.items() for symbol in defined}
    return {
        name: {owner[symbol] for symbol in needed if symbol in owner} - {name}
        for name, (_, needed) in tables.items()
    }


def reachable(graph, start):
    seen, todo = set(), [start]
    while todo:
        for other in graph[todo.pop()] - seen:
            seen.add(other)
            todo.append(other)
    return seen


sideways = {}
for path in sources:
    for included in re.findall(r'^#include "([a-z]+/[^"]+)"', path.read_text(), re.MULTILINE):
        if included.split("/")[0] in rank or pathlib.Path("core", included).exists():
            prefix = "" if included.split("/")[0] in ("tui", "cli") else "core/"
            check("include", str(path), prefix + included, sideways)
two_ways(sideways)

graph = calls()
sideways = {}
reach = {name: reachable(graph, name) for name in graph}
for name, others in graph.items():
    for other in others:
        check("call", name, other, sideways)
        if name in reach[other]:
            violations.add(("circle", name, other))
two_ways(sideways)

for violation in sorted(violations):
    print("FAILED:", *violation)
sys.exit(bool(violations))
PYTHON
