#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# x0top qos asks, says what it did, writes it down, outlives x0top, and leaves nothing behind.
set -u
# shellcheck source=tests/lib/host.sh
. "$(dirname "$0")/../lib/host.sh"
# shellcheck source=tests/lib/mesh_peer.sh
. "$(dirname "$0")/../lib/mesh_peer.sh"
x0top=${X0TOP:-./x0top}
pins=/sys/fs/bpf/x0top
ip link add x0left type veth peer name x0right
ip link set x0left up && ip link set x0right up
before=$(tc qdisc show)

is_clean() # WHEN
{
	[ "$(tc qdisc show)" = "$before" ] || fail "$1: $(tc qdisc show)"
	[ ! -e $pins ] || fail "$1: pins: $(ls $pins/*)"
	[ -z "$(tc filter show dev x0left ingress; tc filter show dev x0left egress)" ] || fail "$1: filters"
}

row() # CLASS...: the row of the list
{
	"$x0top" qos list | awk '{ $1 = $1 } 1' | grep -E "^$* "
}

# Without a yes nothing changes.
says 0 'x0top only counts: nothing is marked, policed or shaped.' qos list
for change in 'preset uplink x0left 10Mbit/s' 'mark x0left out bulk cs1' 'police x0left in bulk 1Mbit/s'; do
	# shellcheck disable=SC2086
	"$x0top" qos $change </dev/null >/run/out 2>&1 && fail "done without a yes: $change"
	grep -q '^x0top: Not done, it needs a yes: ' /run/out || fail "$change: $(cat /run/out)"
	is_clean "$change, without a yes"
done
grep -q 'What x0left receives of bulk beyond 1Mbit/s is dropped' /run/out || fail "$(cat /run/out)"

# What cannot be is said, before anything is asked.
ip link add x0foreign type veth peer name x0other
ip link set x0foreign up && tc qdisc add dev x0foreign root handle 5: pfifo
for mode in '' --yes; do
	# shellcheck disable=SC2086
	{
		for change in 'preset uplink x0none 10Mbit/s' 'mark x0none out bulk ef' 'police x0none in bulk 1Mbit/s' \
			'rate x0none bulk 1Mbit/s' 'on x0none mark'; do
			says 1 'x0top: There is no interface x0none.' qos $mode $change
		done
		for change in 'mark x0left out blue ef' 'police x0left in blue 1Mbit/s'; do
			says 1 'x0top: There is no class blue.
The classes are control, mesh, interactive, bulk, best_effort.' qos $mode $change
		done
		says 1 'x0top: There is nothing to police on x0left.
Say first what: x0top help qos.' qos $mode on x0left police
		says 1 'x0top: x0left is not shaped.
Begin with a preset: x0top help qos.' qos $mode rate x0left bulk 1Mbit/s
		says 1 'x0top: x0foreign has a qdisc of somebody else: pfifo 5:.
Remove it, if it is not needed: tc qdisc del dev x0foreign root.' qos $mode preset uplink x0foreign 10Mbit/s
		printf 'qos:\n  - preset uplink x0none 10Mbit/s\n' >/run/none.yaml
		says 1 'x0top: There is no interface x0none.' qos $mode load /run/none.yaml
	}
done
ip link del x0foreign
says 2 'x0top: "sideways" is not a direction: write in, for what is received, or out.' qos mark x0left sideways bulk ef
says 2 'x0top: "ef7" is not a code point.
Write one such as ef, af41 or 0 to 63, or none.' qos mark x0left out bulk ef7
says 1 'x0top: Nothing of that is in force on x0left.' qos off x0left
is_clean 'after what cannot be'

# Shaping.
says 0 'qos preset uplink x0left 10Mbit/s: done' qos --yes preset uplink x0left 10Mbit/s
says 0 'qos preset bulk-last x0left 20Mbit/s: done, in place of 10Mbit/s' qos --yes preset bulk-last x0left 20Mbit/s
row 'bulk out' | grep -q '^bulk out 1.00Mbit 20.0Mbit' || fail "a class: $("$x0top" qos list)"
says 0 'qos rate x0left bulk 2Mbit/s 5Mbit/s: done' qos --yes rate x0left bulk 2Mbit/s 5Mbit/s
row 'bulk out' | grep -q '^bulk out 2.00Mbit 5.00Mbit' || fail "a changed class: $("$x0top" qos list)"
says 2 'x0top: x0left sends 20Mbit/s: bulk cannot have more.' qos rate x0left bulk 21Mbit/s
says 2 'x0top: What bulk has at most is not less than what it has at least: 2Mbit/s.' \
	qos rate --yes x0left bulk 2Mbit/s 1Mbit/s

# Shares of what is borrowed, which the kernel keeps as turns: an undone change has them again.
turns() {
	tc -d class show dev x0left | sed -n 's/^class htb \(7830:[0-9]*\) .* quantum \([0-9]*\).*/\1 \2/p' | sort
}
says 2 'x0top: "65" is not a share: write 1 to 64.' qos --yes rate x0left bulk 2Mbit/s share 65
says 0 'qos rate x0left bulk 2Mbit/s share 3: done' qos --yes rate x0left bulk 2Mbit/s share 3
says 0 'qos rate x0left mesh 2Mbit/s share 2: done' qos --yes rate x0left mesh 2Mbit/s share 2
turns >/run/turns
[ "$(awk '{ print $2 }' /run/turns | sort -n | uniq | awk 'NR == 1 { one = $1 } { printf "%.1f ", $1 / one }')" = '1.0 2.0 3.0 ' ] ||
	fail "shares: $(cat /run/turns)"
says 0 'qos rate x0left bulk 3Mbit/s 4Mbit/s share 9: done' qos --yes rate x0left bulk 3Mbit/s 4Mbit/s share 9
says 0 'qos undo: done, undone: qos rate x0left bulk 3Mbit/s 4Mbit/s share 9' qos --yes undo
[ "$(turns)" = "$(cat /run/turns)" ] || fail "shares after undo: $(turns)"
row 'bulk out' | grep -q '^bulk out 2.00Mbit 5.00Mbit' || fail "a class after undo: $("$x0top" qos list)"
says 0 'qos preset bulk-last x0left 20Mbit/s: done, in place of 20Mbit/s' qos --yes preset bulk-last x0left 20Mbit/s
says 0 'qos rate x0left bulk 2Mbit/s 5Mbit/s: done' qos --yes rate x0left bulk 2Mbit/s 5Mbit/s

"$x0top" programs list | grep -qxF '1 interfaces are shaped: x0top qos list' || fail 'programs list does not know it'
tc qdisc show dev x0left | grep -q 'htb 7830: root .* default 0x5' || fail "$(tc qdisc show dev x0left)"

# Marks and rates beside it; undoing, which can be undone; switches, which keep what was asked for.
says 0 'qos mark x0left out bulk cs1: done' qos --yes mark x0left out bulk cs1
says 0 'qos police x0left in best_effort 1Mbit/s 30kB: done' qos --yes police x0left in best_effort 1Mbit/s 30kB
row 'best_effort in' | grep -q '^best_effort in 1.00Mbit' || fail "policed: $("$x0top" qos list)"
says 0 'qos undo: done, undone: qos police x0left in best_effort 1Mbit/s 30kB' qos --yes undo
[ -z "$(row 'best_effort in')" ] || fail "undone: $("$x0top" qos list)"
says 0 'qos undo: done, undone: qos undo' qos --yes undo
row 'best_effort in' >/dev/null || fail "undone twice: $("$x0top" qos list)"
says 0 'qos off x0left police: done' qos off x0left police
"$x0top" qos list | grep -q '^x0left: mark, shape, ' || fail "police is off: $("$x0top" qos list)"
says 0 'qos on x0left police: done' qos --yes on x0left police
"$x0top" qos list | grep -q '^x0left: mark, police, shape, ' || fail "police is on: $("$x0top" qos list)"
"$x0top" qos --json list | python3 -c '
import json, sys
qos = json.load(sys.stdin)
assert qos["interfaces"][0]["rate"] == 20e6, qos
by = {(c["class"], c["direction"]): c for c in qos["classes"]}
assert by["bulk", "out"]["mark"] == "cs1" and by["bulk", "out"]["ceiling"] == 5e6, qos
assert by["best_effort", "in"]["police"] == 1e6 and by["best_effort", "in"]["rate"] is None, qos' || fail 'the JSON'

# The next x0top adopts it, and one that is killed leaves it.
"$x0top" --once >/run/out 2>&1
grep -qE '^  tc_classifier +on' /run/out && grep -q '^x0left: mark, police, shape' /run/out || fail "the next x0top: $(cat /run/out)"
"$x0top" qos list | grep -q '^x0left: mark, police, shape, ' || fail "after it: $("$x0top" qos list)"

# A change that is not confirmed is undone, also without x0top.
"$x0top" qos --yes --confirm-within 2s police x0left in bulk 3Mbit/s </dev/null >/run/out 2>&1
grep -q '^It is undone in [12] s, unless x0top qos confirm keeps it$' /run/out || fail "$(cat /run/out)"
row 'bulk in' >/dev/null || fail 'it is not there at first'
for _ in $(seq 100); do
	[ -z "$(row 'bulk in')" ] && break
	sleep 0.1
done
[ -z "$(row 'bulk in')" ] || fail 'it is not undone'
"$x0top" qos --yes --confirm-within 60s police x0left in bulk 3Mbit/s >/run/out 2>&1 || fail "$(cat /run/out)"
# Another change in its place would keep it for good.
"$x0top" qos --yes police x0left in bulk none >/run/out 2>&1 && fail "another change: $(cat /run/out)"
grep -q '^x0top: Another change waits for a confirm.$' /run/out || fail "another change: $(cat /run/out)"
says 0 'qos confirm: done' qos confirm
says 1 'x0top: No change waits for a confirm.' qos rollback

# Both processes that wait for that are killed: an x0top that runs undoes it, or the next one.
watchers() {
	pgrep -x x0top-rollback | while read -r pid; do
		[ "$(readlink /proc/self/ns/net)" != "$(readlink "/proc/$pid/ns/net")" ] || echo "$pid"
	done
}
for _ in $(seq 100); do
	[ -z "$(watchers)" ] && break
	sleep 0.1
done
"$x0top" qos --yes --confirm-within 1s police x0left in bulk 4Mbit/s >/run/out 2>&1 || fail "$(cat /run/out)"
for _ in $(seq 100); do
	[ "$(watchers | wc -l)" -eq 2 ] && break
	sleep 0.1
done
# shellcheck disable=SC2046
kill -9 $(watchers)
row 'bulk in' | grep -q '4.00Mbit' || fail 'both are killed: it is not there'
"$x0top" --once -d 3 --only tc_classifier -i x0left >/run/out 2>&1
row 'bulk in' | grep -q '3.00Mbit' || fail "both are killed, and nobody has undone it: $("$x0top" qos list)"
grep -q 'by time: qos rollback: done, undone: qos police x0left in bulk 4Mbit/s' /var/log/x0top.log ||
	fail "it is not logged: $(tail -n 3 /var/log/x0top.log)"

# All of it ends, as it was.
says 0 'qos off x0left: done, in place of 20Mbit/s' qos off x0left
is_clean 'off'
"$x0top" qos --yes preset uplink x0right 1Mbit/s >/run/out 2>&1 || fail "$(cat /run/out)"
"$x0top" qos --yes mark x0left in control ef >/run/out 2>&1 || fail "$(cat /run/out)"
"$x0top" programs down >/run/out 2>&1
grep -qxF '1 interfaces send as before x0top shaped them.' /run/out || fail "down: $(cat /run/out)"
is_clean 'programs down'

# Your own connection: also after a yes. Where it comes in, by its port; where it may be in a tunnel, in any class.
own='Your own connection may be in the class'
floor='below 64kbit/s.'
ip addr add 10.9.0.1/24 dev x0left
"$x0top" qos --yes police x0left in interactive 8kbit/s >/run/out 2>&1 || fail "$(cat /run/out)"
"$x0top" qos --yes off x0left police >/run/out 2>&1 || fail "$(cat /run/out)"
(
	failures=0
	SSH_CONNECTION='10.9.0.2 40000 10.9.0.1 22'
	export SSH_CONNECTION
	says 1 "x0top: $own interactive: it is not policed $floor" qos police x0left in interactive 63kbit/s
	says 1 "x0top: $own interactive: it is not policed $floor" qos --yes police x0left out interactive 63kbit/s
	says 1 "x0top: $own bulk: it is not policed $floor" qos --yes police x0right in bulk 63kbit/s
	says 1 "x0top: $own interactive: it is not policed $floor" qos --yes on x0left police
	says 0 'qos off x0left: done' qos off x0left
	says 0 'qos police x0left in bulk 8kbit/s: done' qos --yes police x0left in bulk 8kbit/s
	# Nor does it come into that class by another line.
	comes="x0top: Your own connection may come into the class bulk, which has less than 64kbit/s.
Give it one before: x0top classes insert 0 tcp 22 interactive."
	says 1 "$comes" classes insert 0 tcp 22 bulk
	says 1 "$comes" classes add 10.9.0.0/16 bulk
	says 0 'class add udp 22 bulk: done, as line 0' classes add udp 22 bulk
	says 0 'class insert 0 tcp 22 interactive: done, as line 0, in place of tcp 22 interactive' \
		classes insert 0 tcp 22 interactive
	says 0 'class add 10.9.0.0/16 bulk: done, as line 2' classes add 10.9.0.0/16 bulk
	says 1 "$comes" classes move 0 5
	says 0 'class undo: done: class add 10.9.0.0/16 bulk' classes undo
	says 0 'class reset: done, 37 lines' classes reset
	says 0 'qos preset uplink x0left 1Mbit/s: done' qos --yes preset uplink x0left 1Mbit/s
	says 1 "x0top: $own interactive: it is not shaped $floor" qos --yes rate x0left interactive 8kbit/s 63kbit/s
	says 0 'qos rate x0left bulk 8kbit/s 9kbit/s: done' qos --yes rate x0left bulk 8kbit/s 9kbit/s
	says 0 'qos off x0left: done, in place of 1Mbit/s' qos off x0left
	says 0 'qos police x0left in interactive 64kbit/s: done' qos --yes police x0left in interactive 64kbit/s
	exit "$failures"
) || fail 'the own connection'
"$x0top" qos --yes police x0left in interactive 8kbit/s >/run/out 2>&1 || fail "$(cat /run/out)"
"$x0top" qos --yes police x0left in interactive 1Mbit/s >/run/out 2>&1 || fail "$(cat /run/out)"
(
	failures=0
	SSH_CONNECTION='10.9.0.2 40000 10.9.0.1 22'
	export SSH_CONNECTION
	says 1 "x0top: $own interactive: it is not policed $floor" qos --yes undo
	exit "$failures"
) || fail 'undoing it'
"$x0top" qos off x0left >/run/out 2>&1 || fail "$(cat /run/out)"

tc qdisc add dev x0left root handle 5: tbf rate 1mbit burst 5k latency 1s
theirs=$(tc qdisc show)
says 1 'x0top: x0left has a qdisc of somebody else: tbf 5:.
Remove it, if it is not needed: tc qdisc del dev x0left root.' qos --yes preset uplink x0left 1Mbit/s
[ ! -e $pins ] || fail "pins beside theirs: $(ls $pins/*)"
"$x0top" programs down >/run/out 2>&1
[ "$(tc qdisc show)" = "$theirs" ] || fail "theirs: $(tc qdisc show)"

sed 's/.* by command line: //' /var/log/x0top.log >/run/log
[ "$(grep -c '^qos preset uplink x0left 10Mbit/s: done$' /run/log)" -eq 1 ] || fail "the log: $(cat /run/log)"
grep -qxF 'qos off x0left: done, in place of 20Mbit/s' /run/log || fail "the log: $(cat /run/log)"
grep -q '^qos preset uplink x0left 1Mbit/s: x0left has a qdisc of somebody else' /run/log || fail "the log: $(cat /run/log)"
grep -q 'by time: qos rollback: done, undone: qos police x0left in bulk 3Mbit/s' /var/log/x0top.log || fail "the log: $(cat /var/log/x0top.log)"
[ "$failures" -eq 0 ]
