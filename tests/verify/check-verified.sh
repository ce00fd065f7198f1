#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# check-verified.sh TABLE MACHINE SERIES REPORT: compares what `x0top programs verify` said on a kernel, in
# REPORT, with verified.txt: a program with "-" there must be refused, one with numbers must load,
# with at most a quarter more instructions verified and more stack (compilers differ). A column
# SERIES/MACHINE is for that machine alone, the others are for all. A series that is not in the table is
# held to its neighbours there: what the earlier one loads it has to load, with at most what the greater
# of both says. Exit: 0 all as the table says.
set -eu

awk -f "$(dirname "$0")/rows.awk" "$4" | awk -v machine="$2" -v series="$3" '
function rank(version, parts) {
	split(version, parts, ".")
	return parts[1] * 1000 + parts[2]
}
function fault(text) {
	print "verified: " text
	faults++
}
function check_number(name, what, found, limit) {
	if (limit != "" && found > limit * 1.25 + 16)
		fault(name ": " found " " what ", the table says " limit)
}
# Raises the limits to an entry INSTRUCTIONS/STACK. STACKmax is of the deepest chain of calls, else the
# stack is of all functions: only the same can be compared.
function raise_limits(entry, is_deepest, part) {
	if (entry == "-")
		return
	split(entry, part, "/")
	if (part[1] + 0 > instructions + 0)
		instructions = part[1] + 0
	if ((part[2] ~ /max/) == is_deepest && part[2] + 0 > stack + 0)
		stack = part[2] + 0
}
function check_numbers(name, found, part) {
	split(found, part, "/")
	instructions = stack = ""
	raise_limits(earlier[name], part[2] ~ /max/)
	raise_limits(later[name], part[2] ~ /max/)
	check_number(name, "instructions verified", part[1] + 0, instructions)
	check_number(name, "bytes of stack", part[2] + 0, stack)
}
FNR == NR && /^# object/ {
	for (i = 5; i <= NF; i++) {
		if ($i == series "/" machine) {
			first = last = i
			series = $i
			break
		}
		if ($i ~ "/")
			continue
		if (rank($i) <= rank(series))
			first = i
		if (rank($i) >= rank(series) && !last)
			last = i
	}
	first = first ? first : last
	last = last ? last : first
	known = $first (first == last ? "" : " and " $last)
	next
}
FNR == NR {
	if ($0 !~ /^#/ && NF) {
		earlier[$1 " " $2 " " $3] = $(first - 1)
		later[$1 " " $2 " " $3] = $(last - 1)
	}
	next
}
$1 == "load" {
	name = $2 " " $3 " " $4
	verified[name] = 1
	n++
	if (!(name in earlier))
		fault(name ": not in the table; it has " $5)
	else if (earlier[name] == "-" && $5 != "-" && known == series)
		fault(name ": loads, which the table does not expect")
	else if (earlier[name] != "-" && $5 == "-")
		fault(name ": refused")
	else if ($5 != "-")
		check_numbers(name, $5)
}
END {
	for (name in earlier)
		if (!(name in verified))
			fault(name ": in the table, but was not verified")
	if (!faults)
		print "verified: " n " programs as the table says for " known
	exit faults > 0
}' "$1" -
