#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# What sentences tell the operator to type exists: commands with their operands, by the usage of the
# command, and options. The words of actions, "rule delete 2", are no commands.
set -u

x0top=${X0TOP:-./x0top}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failures=0
commands='rules sets qos classes keys programs plugins peer probe bench lab serve fleet mapek help'

fail() {
	echo "FAILED: $*"
	failures=$((failures + 1))
}

# Usages, a line each without brackets around what is optional: "keys add FILE [NAME]" is two.
for command in $commands; do
	"$x0top" help "$command"
done >"$work/helps"
sed -nE 's/^(Usage:)? *x0top ([a-z]+ [a-z].*)$/\2/p' "$work/helps" |
	sed -E 's/  .*//; s/ \[--[^]]*\]//g; s/ --[a-z-]+ [A-Z]+//g' | awk '
	{
		full = $0; gsub(/[][]/, "", full); print full
		short = $0; while (gsub(/ ?\[[^][]*\]/, "", short)); print short
	}' | sort -u >"$work/usages"

strings() {
	grep -rhoE '"[^"]*"' core cli tui --include='*.c' | grep -v '^"Usage: \|^" *x0top '
}

# Commands with verbs: the verb and its operands, whose names may be values, %u or %s.
# "add count all" is an example of RULE, and "tcp %u interactive" of LINE.
strings | sed "s/rules add count all/rules add RULE/; s/insert 0 tcp %u interactive/insert NUMBER LINE/" |
	grep -oE 'x0top (rules|sets|qos|keys|programs|classes) [a-z]+( ([A-Z]+|%[us]))*' |
	grep -vE 'x0top (rules|sets|keys|programs|classes) (to|with|as|of|that|and|or|shows|lists|needs)\b' |
	sed 's/^x0top //' | sort -u >"$work/said"
[ "$(wc -l <"$work/said")" -ge 5 ] || fail "no sentence says a command"
while read -r said; do
	shape=$(printf '%s' "$said" | sed -E 's/(%[us]|[A-Z]+)/[A-Z]+/g')
	grep -qxE "$shape" "$work/usages" || fail "no such command, or not with these operands: x0top $said"
done <"$work/said"

# Commands at all, and options.
strings | grep -oE '(:|Try|[Rr]un|with|as root:|sudo) x0top [a-z]+' | sed 's/.* //' |
	grep -vxE 'as|with|again|without|is|was|reads|needs|takes|failed' | sort -u | while read -r command; do
	echo " $commands " | grep -q " $command " || echo "$command"
done >"$work/unknown"
[ -s "$work/unknown" ] && fail "no such command: $(paste -s -d ' ' "$work/unknown")"
"$x0top" --help >>"$work/helps"
strings | grep -oE '(^|[ "(])--[a-z][a-z-]+' | grep -oE -- '--[a-z-]+' | sort -u | while read -r option; do
	grep -qE -- "$option\b" "$work/helps" || echo "$option"
done >"$work/unknown"
[ -s "$work/unknown" ] && fail "no such option: $(paste -s -d ' ' "$work/unknown")"

# The bare words of an action are for logs, scripts and policies ("do: "): nobody can type them.
"$x0top" help verbs | awk '/^  [^ ]/ { print $1, $2 }' | sort -u >"$work/verbs"
while read -r object verb; do
	strings | grep -v '^" *do: ' | grep -E ": $object $verb( |\"|$)" && fail "\"$object $verb\" is said as if it were a command"
done <"$work/verbs"

[ "$failures" -eq 0 ] && echo "ok: $(wc -l <"$work/said") commands and all options that sentences say"
exit $((failures != 0))
