#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# scan.sh: static analysis of the C sources by cppcheck, clang-tidy and gcc -fanalyzer, and an audit
# of the libraries: do updates for their security wait? Reports are left in BUILD/security. A finding
# that is not in known.txt fails. CPPFLAGS is what the build uses.
set -u

build=${BUILD:-build}
out=$build/security
here=$(dirname "$0")
flags="-DX0_ANALYZED $CPPFLAGS -std=gnu11"
failures=0
mkdir -p "$out"
: >"$out/findings"

# Where the macros stand in for them.
sources=$(git ls-files 'core/*.c' 'cli/*.c' 'tui/*.c' | grep -v '^core/kernel/failure\.c$')

for tool in cppcheck clang-tidy gcc npm; do
	command -v $tool >/dev/null && continue
	echo "security: no $tool on this machine"
	failures=$((failures + 1))
done

# --- cppcheck: "FILE: [CHECK]" for each finding
# shellcheck disable=SC2086 # lists of words
cppcheck --quiet --std=c11 --enable=warning,portability --template='{file}: [{id}] line {line}: {message}' \
	--suppress=missingInclude -DX0_ANALYZED -DX0TOP_VERSION='"0"' -D__x86_64__ \
	'-DLIBBPF_OPTS(TYPE,NAME,...)=struct TYPE NAME' -Icore -Icli -Itui -Ibpf/include -Ibpf -I. \
	$sources >"$out/cppcheck.txt" 2>&1
grep -E '^[a-z].*: \[' "$out/cppcheck.txt" >>"$out/findings"

# --- clang-tidy
echo "$sources" | CONFIG=$here/clang-tidy.yaml FLAGS=$flags xargs -P 2 -n 8 sh -c \
	'eval clang-tidy --quiet --config-file=\"\$CONFIG\" \"\$@\" -- "$FLAGS"' clang-tidy \
	>"$out/clang-tidy.txt" 2>"$out/clang-tidy.log"
sed -n "s|^$PWD/||; s|^\([^:]*\):\([0-9]*\):[0-9]*: [a-z]*: \(.*\) \[\([^],]*\).*\]\$|\1: [\4] line \2: \3|p" \
	"$out/clang-tidy.txt" >>"$out/findings"
grep -q 'error: .*clang-diagnostic-error' "$out/clang-tidy.txt" && failures=$((failures + 1))

# --- gcc -fanalyzer
for file in $sources; do
	eval gcc -fanalyzer -O1 "$flags" -c "$file" -o /dev/null
done >"$out/fanalyzer.txt" 2>&1
sed -n 's|^\([^:]*\):\([0-9]*\):[0-9]*: warning: \(.*\) \[-W\([^]]*\)\]$|\1: [\4] line \2: \3|p' \
	"$out/fanalyzer.txt" >>"$out/findings"
grep -E ': (fatal )?error: ' "$out/fanalyzer.txt" && failures=$((failures + 1))

# --- what is known, and judged to be none
sed -n 's/^\([^#][^:]*: \[[^]]*\]\).*/\1/p' "$here/known.txt" | LC_ALL=C sort -u >"$out/known"
LC_ALL=C sort -u "$out/findings" | while read -r finding; do
	key=$(echo "$finding" | sed 's/\(^[^:]*: \[[^]]*\]\).*/\1/')
	grep -qFx "$key" "$out/known" || echo "$finding"
done >"$out/new"
if [ -s "$out/new" ]; then
	cat "$out/new"
	failures=$((failures + $(wc -l <"$out/new")))
fi

# --- dependencies
packages=$(ldd "${X0TOP:-./x0top}" | sed -n 's|.* => \(/[^ ]*\) .*|\1|p' | xargs -n 1 realpath |
	sed 's|.*/|*/|' | xargs -n 1 dpkg-query --search 2>/dev/null | sed 's/:.*//' | sort -u)
# shellcheck disable=SC2086
if apt-get --just-print --only-upgrade install $packages >"$out/packages.txt" 2>&1; then
	if grep '^Inst .*-[Ss]ecurity' "$out/packages.txt"; then
		echo "security: updates for the security of libraries wait: apt-get upgrade"
		failures=$((failures + 1))
	fi
else
	echo "security: the libraries could not be audited: $(tail -n 1 "$out/packages.txt")"
	failures=$((failures + 1))
fi
if [ -d "$build/second-signer/node_modules" ]; then
	(cd "$build/second-signer" && npm audit --audit-level=low) >"$out/npm.txt" 2>&1
	case $?$(grep -c 'found 0 vulnerabilities' "$out/npm.txt") in
	01) ;;
	*)
		echo "security: npm audit of the tests' second signer: $(tail -n 3 "$out/npm.txt")"
		failures=$((failures + 1))
		;;
	esac
fi

echo "security: $(wc -l <"$out/findings") findings, $(wc -l <"$out/known") known, $failures that fail"
[ $failures = 0 ]
