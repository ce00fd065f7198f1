#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# A remedy that says a change, "Remove it first: rule remove 2", says one that `x0top help verbs` lists.
set -u

x0top=${X0TOP:-./x0top}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$x0top" help verbs | awk '{ print $1, $2 }' | sort -u >"$work/verbs"
objects=$(cut -d ' ' -f 1 "$work/verbs" | sort -u | paste -s -d '|')
grep -rhE '"' core cli --include='*.c' | grep -oE ": ($objects) [a-z]+" | sed 's/^: //' |
	sort -u >"$work/said"
if [ "$(wc -l <"$work/said")" -lt 3 ]; then
	echo "FAILED: no remedy says a change"
	exit 1
fi
unknown=$(comm -23 "$work/said" "$work/verbs")
[ -z "$unknown" ] && exit 0
echo "FAILED: sentences say what is no verb: $unknown"
exit 1
