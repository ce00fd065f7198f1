#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# The console scan finds each line of console-faults.txt, alone and between others, and none of
# console-clean.txt; it refuses a console that is missing or empty.
set -u

here=$(dirname "$0")
sample=$(mktemp)
trap 'rm -f "$sample"' EXIT
failures=0

check() # STATUS NAME: scans $sample
{
	sh "$here/console-scan.sh" "$sample" >/dev/null
	found=$?
	[ $found = "$1" ] && return
	echo "console scan: status $found instead of $1: $2"
	failures=$((failures + 1))
}

lines=0
while IFS= read -r line; do
	lines=$((lines + 1))
	printf '%s\n' "$line" >"$sample"
	check 1 "$line"
	# As a serial console has it: among other lines, with carriage returns.
	{ cat "$here/console-clean.txt"; printf '%s\n' "$line"; } | sed 's/$/\r/' >"$sample"
	check 1 "among others: $line"
done <"$here/console-faults.txt"
while IFS= read -r line; do
	lines=$((lines + 1))
	printf '%s\n' "$line" >"$sample"
	check 0 "$line"
done <"$here/console-clean.txt"

: >"$sample"
check 2 "an empty console"
rm -f "$sample"
check 2 "no console" 2>/dev/null

[ $failures = 0 ] || exit 1
echo "console scan: $lines lines told apart"
