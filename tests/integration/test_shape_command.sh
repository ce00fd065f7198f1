#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# x0top shape asks, says what it did, writes it down, and leaves nothing behind.
set -u
# shellcheck source=tests/lib/host.sh
. "$(dirname "$0")/../lib/host.sh"
# shellcheck source=tests/lib/mesh_peer.sh
. "$(dirname "$0")/../lib/mesh_peer.sh"
x0top=${X0TOP:-./x0top}
ip link add x0left type veth peer name x0right
ip link set x0left up && ip link set x0right up
before=$(tc qdisc show)

says 0 'No interface is shaped.' shape list
"$x0top" shape on x0left 10Mbit/s </dev/null >/run/out 2>&1 && fail 'it is shaped without a yes'
grep -q '^x0top: Not done, it needs a yes: x0left will send at most 10Mbit/s' /run/out || fail "$(cat /run/out)"
[ "$(tc qdisc show)" = "$before" ] || fail "without a yes: $(tc qdisc show)"

says 0 'shape on x0left 10Mbit/s: done' shape --yes on x0left 10Mbit/s
says 0 'shape on x0left 20Mbit/s: done, in place of 10Mbit/s' shape --yes on x0left 20Mbit/s
"$x0top" shape list >/run/out 2>&1 || fail "listing: $(cat /run/out)"
[ "$(sed -n 1p /run/out)" = x0left ] || fail "the interface: $(cat /run/out)"
awk '{ print $1, $2, $3, $4 }' /run/out | grep -qxF 'control 2Mbit/s 20Mbit/s 0B' || fail "a class: $(cat /run/out)"
[ "$(wc -l </run/out)" -eq 8 ] || fail "lines of the list: $(cat /run/out)"
"$x0top" programs list | grep -qxF '1 interfaces are shaped: x0top shape list' || fail 'programs list does not know it'
says 0 'shape off x0left: done, in place of 20Mbit/s' shape off x0left
[ "$(tc qdisc show)" = "$before" ] || fail "off: $(tc qdisc show)"
says 1 'x0top: x0left is not shaped.' shape off x0left

"$x0top" shape --yes on x0right 1Mbit/s >/run/out 2>&1 || fail "$(cat /run/out)"
"$x0top" programs down >/run/out 2>&1
grep -qxF '1 interfaces send as before x0top shaped them.' /run/out || fail "down: $(cat /run/out)"
[ "$(tc qdisc show)" = "$before" ] || fail "down: $(tc qdisc show)"

tc qdisc add dev x0left root handle 5: tbf rate 1mbit burst 5k latency 1s
theirs=$(tc qdisc show)
says 1 'x0top: x0left has a qdisc of somebody else: tbf 5:.
Remove it, if it is not needed: tc qdisc del dev x0left root.' shape --yes on x0left 1Mbit/s
"$x0top" programs down >/run/out 2>&1
[ "$(tc qdisc show)" = "$theirs" ] || fail "theirs: $(tc qdisc show)"

sed 's/.* by command line: //' /var/log/x0top.log >/run/log
[ "$(grep -c '^shape on x0left 10Mbit/s: done$' /run/log)" -eq 1 ] || fail "the log: $(cat /run/log)"
grep -qxF 'shape off x0left: done, in place of 20Mbit/s' /run/log || fail "the log: $(cat /run/log)"
grep -q '^shape on x0left 1Mbit/s: x0left has a qdisc of somebody else' /run/log || fail "the log: $(cat /run/log)"
[ "$failures" -eq 0 ]
