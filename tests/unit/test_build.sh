#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# The build itself: what a failed one leaves, what other flags rebuild, warnings with both compilers, formatting, licences.
set -u
build=${BUILD:-build}
failures=0

fail() {
	echo "FAILED: $*"
	failures=$((failures + 1))
}

# --- a failed compilation says why, and leaves the previous object as it was
copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT
mkdir -p "$copy/bpf"
cp "$build/bpf/xdp_root.bpf.o" "$copy/bpf/"
cat >"$copy/clang" <<'SCRIPT'
#!/bin/sh
echo "xdp_root.bpf.c:1: error: as this test wants it" >&2
for last; do :; done
echo damaged >"$last"
exit 1
SCRIPT
chmod +x "$copy/clang"
if make --no-print-directory BUILD="$copy" CLANG="$copy/clang" -W bpf/xdp_root.bpf.c \
	"$copy/bpf/xdp_root.bpf.o" >"$copy/log" 2>&1; then
	fail "a compiler that fails did not fail the build"
fi
grep -q 'as this test wants it' "$copy/log" || fail "the build does not say why it failed"
cmp "$build/bpf/xdp_root.bpf.o" "$copy/bpf/xdp_root.bpf.o" ||
	fail "a failed compilation changed the object"

# --- other flags, and another compiler, build anew; the same ones build nothing
other=$copy/other
mkdir -p "$other/bpf"
ln -s "$PWD/$build/openssl" "$other/openssl"
cat >"$copy/cc" <<'SCRIPT'
#!/bin/sh
echo "cc $*" >>"$(dirname "$0")/calls"
exec cc "$@"
SCRIPT
cat >"$copy/clang" <<'SCRIPT'
#!/bin/sh
echo "clang $*" >>"$(dirname "$0")/calls"
exec clang "$@"
SCRIPT
cat >"$copy/arm64-cc" <<'SCRIPT'
#!/bin/sh
[ "$1" != -dumpmachine ] || exec echo aarch64-linux-gnu
exec "$(dirname "$0")/cc" "$@"
SCRIPT
chmod +x "$copy/cc" "$copy/arm64-cc"

# built ARGUMENTS...: what a make with these calls the compilers with
built() {
	rm -f "$copy/calls"
	make --no-print-directory BUILD="$other" CC="$copy/cc" CLANG="$copy/clang" "$@" \
		"$other/core/base/words.o" "$other/bpf/xdp_root.bpf.o" >"$copy/log" 2>&1 ||
		fail "make $* fails: $(tail -n 3 "$copy/log")"
	grep -E ' -c (core|bpf)/' "$copy/calls" 2>/dev/null
}

rebuilds() {
	name=$1 calls=$2
	shift 2
	for words; do
		echo "$calls" | grep -qE -- "$words" || fail "$name: no compiler was called with $words"
	done
}

rebuilds "first build" "$(built)" '^cc .*core/base/words' '^clang .*bpf/xdp_root'
[ -z "$(built)" ] || fail "the same flags build anew: $(cat "$copy/calls")"
calls=$(built CFLAGS=-O1 CPPFLAGS=-DOTHER)
rebuilds "CFLAGS=-O1 CPPFLAGS=-DOTHER" "$calls" '^cc .*-std=gnu11 ' '^cc .*-Wshadow ' '^cc .*-Icore ' \
	'^cc .*-DOTHER ' '^cc .*-O1 '
echo "$calls" | grep -q '^clang' && fail "flags for C build BPF objects anew"
rebuilds "CFLAGS with a quote" "$(built CFLAGS="-O1 -DQUOTED='\"a b\"'")" '-DQUOTED='
[ -z "$(built CFLAGS="-O1 -DQUOTED='\"a b\"'")" ] || fail "the same quoted flags build anew"
calls=$(built BPF_CFLAGS=-O3 CFLAGS="-O1 -DQUOTED='\"a b\"'")
rebuilds "BPF_CFLAGS=-O3" "$calls" '^clang .*-target bpf .*-O3 '
echo "$calls" | grep -q '^cc .*words' && fail "flags for BPF objects build C anew"
ln -s cc "$copy/another-cc"
rebuilds "another compiler" "$(built CC="$copy/another-cc")" '^cc .*core/base/words'

calls=$(built CC="$copy/arm64-cc")
rebuilds "a compiler for another machine" "$calls" '^clang .*-D__TARGET_ARCH_arm64 .*bpf/xdp_root' \
	'^clang .*/usr/include/aarch64-linux-gnu'

# --- a machine that x0top does not run on is told, before anything is compiled
for machine in arm-linux-gnueabihf mipsel-linux-gnu i686-linux-gnu aarch64_be-linux-gnu; do
	printf '#!/bin/sh\necho %s\n' $machine >"$copy/cc-$machine"
	chmod +x "$copy/cc-$machine"
	if make --no-print-directory BUILD="$other" CC="$copy/cc-$machine" x0top >"$copy/log" 2>&1 ||
		! grep -q "x0top runs on x86_64 and aarch64 alone, and not on \"$machine\"" "$copy/log"; then
		fail "no word of the machine $machine: $(cat "$copy/log")"
	fi
done
if make --no-print-directory BUILD="$other" CROSS=mips x0top >"$copy/log" 2>&1 ||
	! grep -q 'and not on "mips"' "$copy/log"; then
	fail "no word of CROSS=mips: $(cat "$copy/log")"
fi

# --- no BPF source includes the C library's headers: they differ for the machine that BPF is
for source in bpf/*.bpf.c; do
	if grep -q 'gnu/stubs' "$build/bpf/$(basename "$source" .c).d"; then
		fail "$source includes headers of the C library"
	fi
done

# --- no warnings, by either compiler (a clone without its history has no list of files)
git ls-files '*.c' | grep -v '\.bpf\.c$' >"$copy/sources"

# built_by FOLDER COMPILER: the sources whose objects gcc has made: warnings would lie beside them.
built_by() {
	for word in "$2" "$(sed 's/ -D_GNU_SOURCE.*//' "$1/flags")"; do
		$word --version 2>/dev/null | grep -q 'Free Software' || return
	done
	while read -r source; do
		[ "$1/${source%.c}.o" -nt "$source" ] && echo "$source"
	done <"$copy/sources"
}

# no_warnings NAME FOLDER COMPILER MAKE_ARGUMENTS...: what is built has none, and compiling the rest gives none
no_warnings() {
	name=$1 folder=$2 compiler=$3
	shift 3
	built_by "$folder" "$compiler" >"$copy/built"
	while read -r source; do
		[ ! -e "$folder/${source%.c}.o.said" ] || cat "$folder/${source%.c}.o.said"
	done <"$copy/built" >"$copy/log"
	rest=$(grep -vxFf "$copy/built" "$copy/sources" | tr '\n' ' ')
	[ -z "$rest" ] || make --no-print-directory "$@" CC="$compiler -fsyntax-only -Werror" FILES="$rest" \
		check-warnings >>"$copy/log" 2>&1 || echo "(the compiler failed)" >>"$copy/log"
	if grep -qE 'warning|error|failed' "$copy/log"; then
		fail "$name warns:"
		head -n 20 "$copy/log"
	fi
}
no_warnings gcc "$build" gcc
no_warnings clang "$build" clang
for machine in x86_64 aarch64; do
	[ ! -e "$build/$machine-linux-gnu/sysroot/ready.mk" ] ||
		no_warnings "gcc for $machine" "$build/$machine-linux-gnu" "$machine-linux-gnu-gcc" CROSS=$machine
done

# --- formatting, by the version that the project uses
if clang-format --version | grep -q 'version 14'; then
	make --no-print-directory check-format >"$copy/log" 2>&1 || {
		fail "clang-format would change:"
		grep -o '^[^:]*\.[ch]:[0-9]*' "$copy/log" | head -n 20
	}
else
	echo "formatting is not checked: it is done with clang-format 14"
fi

# --- every file says its licence, itself or in REUSE.toml
git ls-files | grep -vE '^(LICENSE|core/export/.*\.json|packaging/.*\.json|packaging/debian/(changelog|copyright)|tests/.*\.(txt|x0top|jsonl(\.xz)?|json)|screenshots/.*)$' |
	while read -r file; do
		head -n 3 "$file" | grep -q 'SPDX-License-Identifier:' || echo "$file"
	done >"$copy/unlicensed"
[ ! -s "$copy/unlicensed" ] || fail "without a licence: $(cat "$copy/unlicensed")"

[ "$failures" -eq 0 ]
