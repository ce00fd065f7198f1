#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Tries policies on a recording of the lab's attacks: what is found and what would be done is right, and the
# same each time. The recording was made by
#	x0top serve --lab --attack all --mapek off --record FILE
# and holds, of each sample, what MAPE-K can watch. UPDATE_SCREENS=1 writes what is expected.
set -u

cd "$(dirname "$0")/../.." || exit 1
x0top=$(realpath "${X0TOP:-./x0top}")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failures=0
fail() {
	echo "FAILED: $*"
	failures=$((failures + 1))
}

xz -dc tests/unit/recordings/attacks.jsonl.xz >"$work/recording" || exit 1
try() {
	"$x0top" mapek try --replay "$work/recording" --policy tests/unit/recordings/attacks.yaml
}
try >"$work/first" || fail "the recording is not tried"
TZ=Asia/Tokyo try >"$work/second"
cmp "$work/first" "$work/second" || fail "the second time it says something else"
[ -z "${UPDATE_SCREENS:-}" ] || cp "$work/first" tests/unit/recordings/attacks.txt
diff tests/unit/recordings/attacks.txt "$work/first" || fail "it says something else than expected"

# Of each attack, its 12 seconds and one of the rest: what begins, and what would be done.
lines() {
	awk -v from="2026-11-28T$1Z" -v until="2026-11-28T$2Z" '$1 >= from && $1 <= until' "$work/first"
}
begins() {
	lines "$1" "$2" | grep -q "begins: $3: " || fail "$4: no anomaly \"$3\""
}
does() {
	lines "$1" "$2" | grep -q "would do [0-9]*: $3 " || fail "$4: nobody would do \"$3\""
}
does_nothing() {
	lines "$1" "$2" | grep 'would do' && fail "$3: that would be done"
}
begins 10:15:04 10:15:17 'udp flood' 'UDP from one'
begins 10:15:04 10:15:17 'one source' 'UDP from one'
does 10:15:04 10:15:17 'rule add limit 500/s from 10.99.0.1 proto udp for 2m' 'UDP from one'
begins 10:15:40 10:15:53 'udp flood of many' 'UDP from many'
begins 10:15:40 10:15:53 'sources of many' 'UDP from many'
does 10:15:40 10:15:53 'rule add limit 2000/s mac 02:88:00:00:03:01 proto udp for 2m' 'UDP from many'
begins 10:16:16 10:16:29 'tcp flood' 'SYN from one'
does 10:16:16 10:16:29 'rule add limit 1000/s from 10.99.0.1 proto tcp for 2m' 'SYN from one'
begins 10:16:52 10:17:05 'tcp flood of many' 'SYN from many'
begins 10:16:52 10:17:05 'sources of many' 'SYN from many'
does 10:16:52 10:17:05 'rule add limit 4000/s mac 02:88:00:00:03:01 proto tcp for 2m' 'SYN from many'
begins 10:17:28 10:17:41 'port scan' 'a port scan'
begins 10:17:28 10:17:41 'ports of a scan' 'a port scan'
begins 10:18:04 10:18:17 'replay storm' 'replays'
begins 10:18:40 10:18:53 'drip' 'a slow drip'
begins 10:19:16 10:19:29 'refused' 'forged beacons'
begins 10:19:52 10:20:05 'refused' 'a bad node'
begins 10:20:28 10:20:41 'crowd' 'a flash crowd'
does_nothing 10:17:06 10:21:03 'a scan, replays, a drip, forgers and an honest crowd'

# Before the first attack there is nothing.
does_nothing 00:00:00 10:15:03 'usual traffic'
lines 00:00:00 10:15:03 | grep begins && fail "usual traffic: that is an anomaly"

# Another order of the same policies, and other ones, are other lines; a damaged recording is a failure.
"$x0top" mapek try --replay "$work/recording" | cmp -s - "$work/first" && fail "policies change nothing"
head -c 3000 "$work/recording" >"$work/cut"
"$x0top" mapek try --replay "$work/cut" >/dev/null 2>&1 && fail "a cut recording is whole"

[ "$failures" -eq 0 ] && echo 'ok: attacks of the lab are found, answered and left alone as they should be'
exit $((failures != 0))
