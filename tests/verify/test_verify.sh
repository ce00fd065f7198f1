#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# The objects that were built are what the tables say, as `make verify` has it, and a table that says
# otherwise, or an object that is damaged, fails it.
set -u

build=${BUILD:-build}
here=$(dirname "$0")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failures=0

verify() # STATUS TEXT OBJECT...
{
	wanted=$1 text=$2
	shift 2
	sh "$here/verify.sh" "$@" >"$work/output" 2>&1
	status=$?
	[ $status = "$wanted" ] && grep -qF "$text" "$work/output" && return
	echo "FAILED: status $status, not $wanted, or no \"$text\" in:"
	cat "$work/output"
	failures=$((failures + 1))
}

verify 0 'objects are sound' "$build"/bpf/*.bpf.o
[ "$(ls "$build/verify"/*.s | wc -l)" = "$(ls bpf/*.bpf.c | wc -l)" ] || {
	echo "FAILED: not every object was disassembled"
	failures=$((failures + 1))
}

# Of one object alone, the others were not verified: that is a fault of its own.
export OBJECTS_TABLE="$work/objects" VERIFIED_TABLE="$work/verified"
grep -E '^(# object|xdp_root)' "$here/objects.txt" >"$work/objects"
grep -E '^(# object|xdp_root)' "$here/verified.txt" >"$work/verified"
verify 0 '1 objects are sound' "$build/bpf/xdp_root.bpf.o"
sed -i 's/function    xdp_root/function    other/' "$work/objects"
verify 1 'function other: in the table, but not in the object' "$build/bpf/xdp_root.bpf.o"
cp "$here/objects.txt" "$work/objects"
[ "$(id -u)" != 0 ] || {
	sed -i 's/^\(xdp_root .*-  *\)[0-9].*/\110 10 10 10/' "$work/verified"
	verify 1 'instructions verified, the table says 10' "$build/bpf/xdp_root.bpf.o"
}
head -c 3000 "$build/bpf/xdp_root.bpf.o" >"$work/xdp_root.bpf.o"
verify 1 'is damaged' "$work/xdp_root.bpf.o"

[ "$failures" -eq 0 ]
