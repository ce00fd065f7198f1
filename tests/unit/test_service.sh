#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# The units of systemd: they are well formed, and expose no more than they must.
set -u
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failures=0

if ! command -v systemd-analyze >/dev/null; then
	echo "skipped: systemd-analyze is not installed"
	exit 77
fi

# verify looks for the program and for the manual, which are not installed here.
for unit in packaging/systemd/*.service; do
	name=${unit##*/}
	sed -E "s|^(Exec[A-Za-z]+=)/usr/sbin/x0top|\1$(realpath "${X0TOP:-./x0top}")|; /^Documentation=/d" "$unit" \
		>"$work/$name"
	if ! systemd-analyze verify "$work/$name" >"$work/out" 2>&1 || grep -q "$name" "$work/out"; then
		echo "FAILED: systemd-analyze verify $name: $(cat "$work/out")"
		failures=1
	fi
	# In tenths.
	if ! systemd-analyze security --offline=true --threshold=30 "$unit" >"$work/out" 2>&1; then
		echo "FAILED: $name is exposed more than 3.0: $(tail -n 1 "$work/out")"
		failures=1
	fi
done
exit $failures
