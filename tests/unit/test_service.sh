#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# The unit of systemd: it is well formed, and exposes no more than it must.
set -u
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
unit=packaging/systemd/x0top.service
failures=0

if ! command -v systemd-analyze >/dev/null; then
	echo "skipped: systemd-analyze is not installed"
	exit 77
fi

# verify looks for the program and for the manual, which are not installed here.
sed "s|^ExecStart=/usr/sbin/x0top|ExecStart=$(realpath "${X0TOP:-./x0top}")|; /^Documentation=/d" $unit \
	>"$work/x0top.service"
if ! systemd-analyze verify "$work/x0top.service" >"$work/out" 2>&1 || grep -q x0top.service "$work/out"; then
	echo "FAILED: systemd-analyze verify: $(cat "$work/out")"
	failures=1
fi
# In tenths.
if ! systemd-analyze security --offline=true --threshold=30 $unit >"$work/out" 2>&1; then
	echo "FAILED: it is exposed more than 3.0: $(tail -n 1 "$work/out")"
	failures=1
fi
exit $failures
