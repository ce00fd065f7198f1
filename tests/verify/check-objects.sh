#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# check-objects.sh TABLE REPORT: compares what `x0top programs verify` said of one object, in REPORT,
# with objects.txt: the same facts, sections with code, and global functions; of instructions and
# relocations at most a quarter more (compilers differ). Exit: 0 all as the table says.
set -eu

awk -f "$(dirname "$0")/rows.awk" "$2" | awk '
function fault(text) {
	print text
	faults++
}
function check_number(key, what, found, limit) {
	if (limit != "-" && found > limit * 1.25 + 16)
		fault(key ": " found " " what ", the table says " limit)
}
FNR == NR {
	if ($0 !~ /^#/ && NF) {
		instructions[$1 " " $2 " " $3] = $4
		relocations[$1 " " $2 " " $3] = $5
	}
	next
}
$1 != "load" {
	object = $1
	key = $1 " " $2 " " $3
	seen[key] = 1
	if (!(key in instructions)) {
		fault(key ": not in the table")
		next
	}
	check_number(key, "instructions", $4, instructions[key])
	check_number(key, "relocations", $5, relocations[key])
}
END {
	for (key in instructions)
		if (index(key, object " ") == 1 && !(key in seen))
			fault(key ": in the table, but not in the object")
	if (object == "")
		fault("there is no report of an object")
	exit faults > 0
}' "$1" -
