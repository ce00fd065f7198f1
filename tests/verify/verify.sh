#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# verify.sh OBJECT...: verifies the compiled objects: `x0top programs verify` finds each sound, what is
# in it is what objects.txt says, llvm-objdump disassembles as many instructions as it counted, and what
# the verifier of the running kernel walks through is what verified.txt says. Reports and disassembly
# stay in BUILD/verify. Without root, the kernel is not asked, and that is said.
set -u

build=${BUILD:-build}
x0top=${X0TOP:-./x0top}
here=$(dirname "$0")
objects_table=${OBJECTS_TABLE:-$here/objects.txt}
verified_table=${VERIFIED_TABLE:-$here/verified.txt}
out=$build/verify
failures=0
rm -rf "$out"
mkdir -p "$out"

fault()
{
	echo "verify: $*"
	failures=$((failures + 1))
}

# Instructions of 8 bytes; a load of 64 bits is one line and two of them.
count_disassembled()
{
	awk '/^ *[0-9]+:\t/ { n++ } /^ *[0-9]+:\t.* ll$/ { n++ } END { print n + 0 }' "$1"
}

for object; do
	name=$(basename "$object" .bpf.o)
	report=$out/$name.txt
	if ! "$x0top" programs verify "$object" >"$report" 2>&1; then
		fault "$(cat "$report")"
		continue
	fi
	differences=$(sh "$here/check-objects.sh" "$objects_table" "$report") || fault "$differences"
	llvm-objdump --disassemble "$object" >"$out/$name.s" || fault "$name: cannot be disassembled"
	counted=$(awk '/^  section/ { n += $3 } END { print n + 0 }' "$report")
	disassembled=$(count_disassembled "$out/$name.s")
	[ "$counted" = "$disassembled" ] ||
		fault "$name: $counted instructions, but llvm-objdump shows $disassembled"
	cat "$report"
done

if [ "$(id -u)" != 0 ]; then
	echo "verify: not asked of this kernel's verifier, for that takes root"
else
	series=$(uname -r | sed 's/^\([0-9]*\.[0-9]*\).*/\1/')
	cat "$out"/*.txt >"$out/all"
	sh "$here/check-verified.sh" "$verified_table" "$(uname -m)" "$series" "$out/all" || failures=$((failures + 1))
fi
echo
sed -n '/^# object/{s/^# //p;d}; /^[^#]/p' "$verified_table"
[ $failures = 0 ] || exit 1
echo "verify: $# objects are sound"
