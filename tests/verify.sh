#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# verify.sh OBJECT...: verifies the compiled objects: `x0top programs verify` finds each sound, its
# functions are those of objects.txt, llvm-objdump disassembles as many instructions as it counted,
# and what the verifier of the running kernel walks through is what tests/vm/verified.txt says. The
# disassembly stays in BUILD/verify. Without root, the kernel is not asked, and that is said.
set -u

build=${BUILD:-build}
x0top=${X0TOP:-./x0top}
here=$(dirname "$0")
out=$build/verify
failures=0
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
	sed -n "s/^  function \([^ ]*\) .*/$name \1/p" "$report" | LC_ALL=C sort >"$out/functions"
	sed -n "/^$name /p" "$here/objects.txt" | LC_ALL=C sort >"$out/expected"
	cmp -s "$out/functions" "$out/expected" ||
		fault "$name: its functions are not those of objects.txt:" \
			"$(diff "$out/expected" "$out/functions")"
	llvm-objdump --disassemble "$object" >"$out/$name.s" || fault "$name: cannot be disassembled"
	counted=$(awk '/^  section/ { n += $3 } END { print n + 0 }' "$report")
	disassembled=$(count_disassembled "$out/$name.s")
	[ "$counted" = "$disassembled" ] ||
		fault "$name: $counted instructions, but llvm-objdump shows $disassembled"
	grep -v '^  this kernel' "$report"
done

if [ "$(id -u)" != 0 ]; then
	echo "verify: not asked of this kernel's verifier, for that takes root"
else
	"$build/vm/guest_trials" >"$out/trials" || fault "$(tail -n 1 "$out/trials")"
	series=$(uname -r | sed 's/^\([0-9]*\.[0-9]*\).*/\1/')
	sh "$here/vm/check-verified.sh" "$here/vm/verified.txt" "$series" "$out/trials" ||
		failures=$((failures + 1))
fi
echo
sed -n '/^# object/{s/^# //p;d}; /^[^#]/p' "$here/vm/verified.txt"
[ $failures = 0 ] || exit 1
echo "verify: $# objects are sound"
