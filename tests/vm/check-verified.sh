#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# check-verified.sh TABLE SERIES LOG: compares what guest_trials said on a kernel, in LOG, with
# verified.txt: a program with "-" there must be refused, one with a number must load, with at most
# a quarter more instructions verified (compilers differ). A series that is not in the table is held
# to the next earlier one; there, what that one refuses may load. Exit: 0 all as the table says.
set -eu

awk -v series="$2" '
function rank(version, parts) {
	split(version, parts, ".")
	return parts[1] * 1000 + parts[2]
}
FNR == NR && /^# object/ {
	for (i = 5; i <= NF; i++)
		if (rank($i) <= rank(series) && (!column || rank($i) > rank(known))) {
			column = i - 1
			known = $i
		}
}
FNR == NR {
	if ($0 !~ /^#/ && NF)
		expected[$1 " " $2 " " $3] = $column
	next
}
$1 == "trial" {
	name = $2 " " $3 " " $4
	tried[name] = 1
	n++
	if (!(name in expected))
		fault(name ": not in the table; it has " $5)
	else if (expected[name] == "-" && $5 != "-" && known == series)
		fault(name ": loads, which the table does not expect")
	else if (expected[name] != "-" && $5 == "-")
		fault(name ": refused")
	else if (expected[name] != "-" && $5 > expected[name] * 1.25 + 16)
		fault(name ": " $5 " instructions verified, the table says " expected[name])
}
function fault(text) {
	print "verified: " text
	faults++
}
END {
	for (name in expected)
		if (!(name in tried))
			fault(name ": in the table, but was not tried")
	if (!faults)
		print "verified: " n " programs as the table says for " known
	exit faults > 0
}' "$1" "$3"
