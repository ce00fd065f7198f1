#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# The order of the rooms: what a file includes, and what its object calls, lies below it or beside it,
# and no files go round in circles. Prints every violation that is not known, and every known one that
# is gone: the list below only gets shorter.
set -u
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# KIND FILE OTHER. include, call: FILE's room lies below OTHER's. room: FILE and OTHER are of two rooms
# beside each other that need each other. circle: a call by which files go round.
cat >"$work/known" <<'KNOWN'
circle cli/keys cli/keys_verify
circle cli/keys_verify cli/keys
circle core/control/apply core/control/enforcement
circle core/control/apply core/control/program_pqc
circle core/control/enforcement core/control/program_pqc
circle core/control/orchestrator core/control/apply
circle core/control/orchestrator core/control/enforcement
circle core/control/orchestrator core/control/program_pqc
circle core/control/orchestrator core/control/program_tracing
circle core/control/orchestrator core/control/program_xdp
circle core/control/orchestrator core/control/watch
circle core/control/program_pqc core/control/orchestrator
circle core/control/program_pqc core/control/program_tracing
circle core/control/program_pqc core/control/program_xdp
circle core/control/program_tracing core/control/orchestrator
circle core/control/program_xdp core/control/enforcement
circle core/control/program_xdp core/control/watch
circle core/control/watch core/control/program_xdp
circle core/lab/attacks core/lab/peers
circle core/lab/attacks core/lab/traffic
circle core/lab/peers core/lab/traffic
circle core/lab/senders core/lab/attacks
circle core/lab/senders core/lab/traffic
circle core/lab/services core/lab/traffic
circle core/lab/traffic core/lab/attacks
circle core/lab/traffic core/lab/peers
circle core/lab/traffic core/lab/senders
circle core/lab/traffic core/lab/services
circle core/pqc/bench core/pqc/bench_packets
circle core/pqc/bench_packets core/pqc/bench
circle tui/dialog tui/ui
circle tui/dialog_draw tui/dialog
circle tui/dialog_draw tui/keys
circle tui/dialog_draw tui/ui
circle tui/frame tui/dialog_draw
circle tui/frame tui/keys
circle tui/frame tui/ui
circle tui/keys tui/dialog
circle tui/keys tui/ui
circle tui/ui tui/dialog
circle tui/ui tui/frame
circle tui/ui tui/keys
circle tui/ui tui/view_classes
circle tui/ui tui/view_events
circle tui/ui tui/view_mesh
circle tui/ui tui/view_overview
circle tui/ui tui/view_packets
circle tui/ui tui/view_programs
circle tui/ui tui/view_signatures
circle tui/ui tui/view_syscalls
circle tui/ui tui/view_syscalls_secure
circle tui/view_classes tui/ui
circle tui/view_events tui/ui
circle tui/view_mesh tui/ui
circle tui/view_overview tui/ui
circle tui/view_overview tui/view_programs
circle tui/view_packets tui/ui
circle tui/view_programs tui/ui
circle tui/view_signatures tui/ui
circle tui/view_syscalls tui/ui
circle tui/view_syscalls_secure tui/ui
include core/kernel/attach_tracing.h core/control/settings.h
include core/kernel/chain.h core/control/settings.h
include core/qos/classes.h core/control/settings.h
KNOWN

/usr/bin/python3 - "${BUILD:-build}" >"$work/found" <<'PYTHON' || exit 1
import pathlib
import re
import subprocess
import sys

build = pathlib.Path(sys.argv[1])
# From the bottom up. Rooms in a line are beside each other. pqc and collect are on their way out.
order = [
    ["base"],
    ["kernel", "model"],
    ["mesh", "qos", "crypto", "peer", "pqc"],
    ["programs", "collect"],
    ["control"],
    ["mapek", "export", "lab"],
    ["tui"],
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
    print(*violation)
PYTHON

sort "$work/known" >"$work/known.sorted"
sort "$work/found" >"$work/found.sorted"
comm -13 "$work/known.sorted" "$work/found.sorted" | sed 's/^/FAILED: /' >"$work/failures"
comm -23 "$work/known.sorted" "$work/found.sorted" |
	sed 's/^/FAILED: is gone, take it out of the list: /' >>"$work/failures"
cat "$work/failures"
[ ! -s "$work/failures" ]
