#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Reads the binary: what keeps a fault in it from being taken over is compiled and linked in.
set -u
x0top=${X0TOP:-./x0top}
build=${BUILD:-build}
failures=0
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

has() {
	if ! grep -qE -- "$2" "$work/$1"; then
		echo "FAILED: $1 has no \"$2\": $3"
		failures=$((failures + 1))
	fi
}

readelf -W -h -l "$x0top" >"$work/headers"
readelf -W -d "$x0top" >"$work/dynamic"
readelf -W --dyn-syms "$x0top" >"$work/symbols"

has headers 'Type: +DYN' 'it is no position-independent executable'
has headers 'GNU_RELRO' 'relocations stay writable'
has headers 'GNU_STACK .* RW +0x' 'its stack can be executed'
has dynamic 'FLAGS.*BIND_NOW' 'functions are bound late, in a writable table'
has dynamic 'FLAGS_1.*NOW.*PIE' 'functions are bound late, or it is no PIE'
has symbols '__stack_chk_fail' 'stacks are not protected'
has symbols '__(snprintf|memcpy|vsnprintf|read)_chk' 'lengths of buffers are not checked'
for part in kernel/object programs/settings peer/peer crypto/key; do
	object=$build/core/$part.o
	[ -f "$object" ] || continue
	nm "$object" >"$work/object"
	has object '__stack_chk_fail' "stacks of $part are not protected"
done

# The note that branches are checked: in every object of ours, and in the binary where the C library's
# start files have it, which Debian's do not.
if echo 'int main(void) { return 0; }' |
	cc -fcf-protection -x c - -o "$work/empty" 2>/dev/null; then
	for library in x0 tui cli; do
		readelf -W -n "$build/lib$library.a" >"$work/notes" 2>/dev/null
		objects=$(ar t "$build/lib$library.a" | wc -l)
		marked=$(grep -c 'IBT, SHSTK' "$work/notes")
		if [ "$marked" -ne "$objects" ]; then
			echo "FAILED: of $objects objects of lib$library.a, $marked check branches"
			failures=$((failures + 1))
		fi
	done
	if readelf -W -n "$work/empty" | grep -q 'IBT, SHSTK'; then
		readelf -W -n "$x0top" >"$work/binary"
		has binary 'IBT, SHSTK' 'its branches are not checked'
	else
		echo "the binary's note is not checked: this C library's start files have none"
	fi
else
	echo "checked branches are not tested: this compiler has none for its target"
fi

[ "$failures" -eq 0 ]
