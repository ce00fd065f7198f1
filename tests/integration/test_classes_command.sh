#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# x0top classes changes the lines of the traffic classes: a counting x0top takes them, an error changes nothing,
# each change is written down and can be undone.
set -u
# shellcheck source=tests/lib/host.sh
. "$(dirname "$0")/../lib/host.sh"
# shellcheck source=tests/lib/mesh_peer.sh
. "$(dirname "$0")/../lib/mesh_peer.sh"
x0top=${X0TOP:-./x0top}

# Compares the first lines of the list: the number, the conditions and the class.
first() {
	"$x0top" classes list | sed -n "2,$((1 + $(printf '%s\n' "$1" | wc -l)))p" |
		sed -E 's/^ +//; s/  +/ /g; s/ (yours|ARP|LLDP|SSH).*//' >/run/first
	[ "$(cat /run/first)" = "$1" ] || fail "the list: $(cat /run/first), and not $1"
}

first '0 ethertype 0x0806 control
1 ethertype 0x88cc control'
says 0 'class add udp 5060 voip: done, as line 0' classes add udp 5060 voip
says 0 'class add tcp 22 shell: done, as line 1, in place of tcp 22 interactive' classes add tcp 22 shell
says 0 'class insert 0 dscp ef egress voip: done, as line 0' classes insert 0 dscp 46 egress voip
first '0 dscp ef egress voip
1 udp 5060 voip
2 tcp 22 shell
3 ethertype 0x0806 control'
says 0 'class move 0 2: done: dscp ef egress voip' classes move 0 2
says 0 'class edit 0 udp 5060-5061 voip: done, it was udp 5060 voip' classes edit 0 udp 5060-5061 voip
says 0 'class delete 1: done: tcp 22 shell' classes delete 1
first '0 udp 5060-5061 voip
1 dscp ef egress voip
2 ethertype 0x0806 control'
"$x0top" classes list >/run/before

# What is refused, changes nothing.
says 1 'x0top: Line 0 has the same conditions: udp 5060-5061 voip.' classes add udp 5060-5061 other
says 1 'x0top: There is no line 200 of the classes.
List them with x0top classes list.' classes delete 200
says 2 'x0top: "99999" is not a port: that is a number from 1 to 65535.' classes add udp 99999 voip
printf 'classes:\n  - udp 1 a\n  - udp 99999 b\n' >/run/bad.yaml
says 2 'x0top: /run/bad.yaml, line 3, column 5: "99999" is not a port: that is a number from 1 to 65535.' \
	classes load /run/bad.yaml
"$x0top" classes list | cmp -s - /run/before || fail "what was refused changed the lines"

# Saved and loaded, they are the same, without the default line that was replaced and deleted.
mkfifo /run/pipe
says 1 'x0top: Cannot write /run/pipe: It is not a regular file.' classes save /run/pipe
echo before >/run/saved.yaml
"$x0top" classes save /run/saved.yaml || fail "not saved"
[ "$(echo /run/saved.yaml*)" = /run/saved.yaml ] || fail "left behind: $(echo /run/saved.yaml*)"
grep -qxF '  - tcp 22 none' /run/saved.yaml || fail "saved: $(cat /run/saved.yaml)"
says 0 'class reset: done, 37 lines' classes reset
first '0 ethertype 0x0806 control'
says 0 'class load /run/saved.yaml: done, 38 lines' classes load /run/saved.yaml
"$x0top" classes list | sed 's/yours//; s/ *$//' >/run/loaded
sed 's/yours//; s/ *$//' /run/before | cmp -s - /run/loaded || fail "loaded: $(cat /run/loaded)"

# Undone, one after the other.
says 0 'class undo: done: class load /run/saved.yaml' classes undo
first '0 ethertype 0x0806 control'
says 0 'class undo: done: class reset' classes undo
says 0 'class undo: done: class delete 1' classes undo
first '0 udp 5060-5061 voip
1 tcp 22 shell
2 dscp ef egress voip'
for change in 'edit 0 udp 5060-5061 voip' 'move 0 2' 'insert 0 dscp ef egress voip' 'add tcp 22 shell' \
	'add udp 5060 voip'; do
	says 0 "class undo: done: class $change" classes undo
done
says 1 'x0top: There is no change of the classes to undo.' classes undo
first '0 ethertype 0x0806 control'

# An x0top that counts takes the change.
ip link add x0left type veth peer name x0right
ip addr add 10.98.0.1/24 dev x0left && ip link set x0left up && ip link set x0right up
ip neigh add 10.98.0.2 lladdr 02:00:00:00:00:02 dev x0left
printf 'classes:\n  - udp 7000 seven\n' >/run/config.yaml
"$x0top" serve --only tc_classifier -i x0left -d 0.1 --config /run/config.yaml \
	--listen 127.0.0.1:9798 >/run/out 2>&1 &
counting=$!
# Waits up to 20 s for a command to succeed.
wait_until() {
	tries=200
	while [ "$tries" -gt 0 ]; do
		$1 && return 0
		tries=$((tries - 1))
		sleep 0.1
	done
	return 1
}
counted() {
	curl -s http://127.0.0.1:9798/metrics |
		grep -q "^x0top_tc_classes_directions_packets_total{class=\"$1\",direction=\"egress\"} $2\$"
}
wait_until "counted seven 0" || fail "it does not count: $(cat /run/out)"
send() {
	python3 -c 'import socket, sys
socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", ("10.98.0.2", int(sys.argv[1])))' "$1"
}
send 7000
wait_until "counted seven 1" || fail "what the configuration names is not counted"
first '0 udp 7000 seven
1 ethertype 0x0806 control'
"$x0top" classes insert 0 udp 7000 to 10.98.0.2 egress changed >/dev/null || fail "not inserted"
wait_until "counted changed 0" || fail "the change is not taken"
send 7000
wait_until "counted changed 1" || fail "the changed line does not decide"
counted seven 1 || fail "the line before decided, too"
kill "$counting"
wait "$counting"

# What was changed stays, and a configuration that says otherwise is told so.
"$x0top" --once --only tc_classifier -i x0left -d 0.1 >/run/out 2>&1
grep -q 'The lines of the classes are those of x0top' /run/out || fail "not told: $(head -20 /run/out)"
grep -q '^  changed egress' /run/out || fail "the change is lost: $(cat /run/out)"

# The kernel's program answers which line decides.
"$x0top" classes reset >/dev/null || fail "not reset"
"$x0top" classes add 10.98.0.0/24 udp 7000 dscp ef egress voip >/dev/null || fail "not added"
"$x0top" classes add on x0left ingress in >/dev/null || fail "not added"
says 0 'Line 0, 10.98.0.0/24 udp 7000 dscp ef egress voip, decides
The packet is of the class voip' classes check 10.98.0.7 udp 7000 dscp ef egress
says 0 'Line 1, in x0left ingress in, decides
The packet is of the class in' classes check 10.98.0.7 udp 7000 dscp ef on x0left ingress
says 0 'No line matches
The packet is of the class best_effort' classes check 10.98.0.7 udp 7000 egress
says 0 'Line 11, tcp 22 interactive, decides
The packet is of the class interactive' classes check fd00::1 tcp 40000 sport 22
[ "$("$x0top" classes check --json 10.98.0.7 proto ospf | jq -r '.class')" = control ] || fail "no answer in JSON"
says 2 'x0top: Write dscp and a code point.' classes check 10.1.0.1 dscp
says 2 'x0top: x0top classes check needs a packet.
Try x0top classes --help.' classes check

# All words in one, as scripts quote them.
says 0 'Line 0, 10.98.0.0/24 udp 7000 dscp ef egress voip, decides
The packet is of the class voip' classes check '10.98.0.7 udp 7000 dscp ef on x0left egress'
says 2 'x0top: Write dscp and a code point.' classes check '10.1.0.1 dscp'
"$x0top" classes reset >/dev/null

# A set that a line names stays.
"$x0top" --once --enforce --only xdp_mesh_filter -i x0left >/run/out 2>&1 || fail "enforcing: $(cat /run/out)"
printf '10.98.0.2\n' >/run/list
"$x0top" sets load phones /run/list >/run/out 2>&1 || fail "a set: $(cat /run/out)"
"$x0top" classes insert 0 to @phones phones >/run/out 2>&1 || fail "a line with a set: $(cat /run/out)"
says 1 'x0top: Line 0 of the traffic classes names the set @phones.
Delete the line first: x0top classes delete 0.' sets delete phones
"$x0top" classes delete 0 >/run/out 2>&1 || fail "not deleted: $(cat /run/out)"
"$x0top" sets delete phones >/run/out 2>&1 || fail "the set is not deleted: $(cat /run/out)"

grep -q 'by command line: class add tcp 22 shell: done, as line 1' /var/log/x0top.log || fail "the log: $(cat /var/log/x0top.log)"
ip link delete x0left
[ "$failures" -eq 0 ]
