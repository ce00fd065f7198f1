#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# What is done to classes is saved as a file with the classes, loaded from one, and done at the start by one.
set -u
# shellcheck source=tests/lib/host.sh
. "$(dirname "$0")/../lib/host.sh"
# shellcheck source=tests/lib/mesh_peer.sh
. "$(dirname "$0")/../lib/mesh_peer.sh"
x0top=${X0TOP:-./x0top}
ip link add x0left type veth peer name x0right
ip link set x0left up && ip link set x0right up

lines() { # the lines of qos that a save writes
	"$x0top" qos save 2>/run/err | sed -n '/^qos:/,$p' | tail -n +2 | sed 's/^  - "//; s/"$//'
}

expect() { # WHEN LINES
	[ "$(lines)" = "$2" ] || fail "$1: $(lines) $(cat /run/err)"
}

# A file with a mistake changes nothing, and says where it is.
cat >/run/bad.yaml <<'YAML'
qos:
  - mark x0left out bulk le
  - police x0left sideways bulk 1Mbit/s
YAML
says 2 'x0top: /run/bad.yaml, line 3, column 5: "sideways" is not a direction: write in, for what is received, or out.' \
	qos --yes load /run/bad.yaml
printf 'qos:\n  - off x0left\n' >/run/off.yaml
says 2 'x0top: /run/off.yaml, line 2, column 5: "off x0left" is not what is done to a class.
Write preset, rate, mark or police: x0top help qos.' \
	qos --yes load /run/off.yaml
printf 'interval: 1\n' >/run/none.yaml
says 1 'x0top: /run/none.yaml says nothing under qos.
x0top qos save writes what is done now.' qos --yes load /run/none.yaml

# Classes and what is done to them are one file.
cat >/run/qos.yaml <<'YAML'
classes:
  - udp 5060-5061 voip
qos:
  - preset mesh-first x0left 10Mbit/s
  - rate x0left voip 500kbit/s 4Mbit/s share 3
  - mark x0left out voip ef
  - police x0left in bulk 3000kbit/s 30kB
YAML
"$x0top" qos load /run/qos.yaml </dev/null >/run/out 2>&1 && fail 'loaded without a yes'
grep -q 'What /run/qos.yaml says is done to classes, 4 lines' /run/out || fail "the question: $(cat /run/out)"
says 0 'qos load /run/qos.yaml: done, 4 changes' qos --yes load /run/qos.yaml
wanted='preset mesh-first x0left 10Mbit/s
rate x0left voip 500kbit/s 4Mbit/s share 3
police x0left in bulk 3Mbit/s 30kB
mark x0left out voip ef'
expect 'loaded' "$wanted"

# Saved and loaded, it is the same; what the file does not have, ends, and an undo brings all of it back.
says 1 'x0top: Cannot write /run: Is a directory.' qos save /run
"$x0top" qos save /run/saved.yaml || fail 'not saved'
grep -qx "  - 'udp 5060-5061 voip'" /run/saved.yaml || fail "saved: $(cat /run/saved.yaml)"
printf 'qos:\n  - police x0left in bulk 3Mbit/s 30kB\n  - mark x0left out bulk le priority 3\n' >/run/other.yaml
says 0 'qos load /run/other.yaml: done, 3 changes' qos --yes load /run/other.yaml
expect 'another file' 'police x0left in bulk 3Mbit/s 30kB
mark x0left out bulk le priority 3'
"$x0top" qos undo </dev/null >/run/out 2>&1 # an interface of several lines is one
grep -q 'x0left has again what it had before: qos load /run/other.yaml. Undo it?' /run/out ||
	fail "the question about one: $(cat /run/out)"
says 0 'qos undo: done, undone: qos load /run/other.yaml' qos --yes undo
expect 'undone' "$wanted"
says 0 'qos load /run/saved.yaml: done, 0 changes' qos --yes load /run/saved.yaml

# What cannot be done leaves all as it was.
printf 'qos:\n  - mark x0left out bulk cs1\n  - rate x0left nobody 1Mbit/s\n' >/run/nobody.yaml
"$x0top" qos --yes load /run/nobody.yaml >/run/out 2>&1 && fail 'a class that there is not'
grep -q '^x0top: There is no class nobody' /run/out || fail "nobody: $(cat /run/out)"
expect 'after what cannot be done' "$wanted"

# Several interfaces are one change: what cannot be done on the second leaves the first as it was, and one undo brings
# all of it back, also in time.
printf 'qos:\n  - mark x0left out bulk cs1\n  - preset uplink x0right 5Mbit/s\n  - rate x0right nobody 1Mbit/s\n' >/run/two.yaml
"$x0top" qos --yes load /run/two.yaml >/run/out 2>&1 && fail 'a class that there is not, on the second'
expect 'after what cannot be done on the second' "$wanted"
[ -z "$(tc qdisc show dev x0right | grep htb)" ] || fail "the second is shaped: $(tc qdisc show dev x0right)"
sed -i '$d' /run/two.yaml
both='preset uplink x0right 5Mbit/s
mark x0left out bulk cs1'
says 0 'qos load /run/two.yaml: done, 5 changes' qos --yes load /run/two.yaml
expect 'two interfaces' "$both"
"$x0top" qos undo </dev/null >/run/out 2>&1
grep -q 'x0left, and 1 more, have again what they had before: qos load /run/two.yaml. Undo it?' /run/out ||
	fail "the question: $(cat /run/out)"
says 0 'qos undo: done, undone: qos load /run/two.yaml' qos --yes undo
expect 'both are undone' "$wanted"
"$x0top" qos --yes --confirm-within 1s load /run/two.yaml >/run/out 2>&1 || fail "to be confirmed: $(cat /run/out)"
for _ in $(seq 100); do
	[ "$(lines)" = "$wanted" ] && break
	sleep 0.1
done
expect 'not confirmed' "$wanted"

# One that is gone is no obstacle to it, and would have again what it had.
ip link add x0other type veth peer name x0end && ip link set x0other up
sed 's/preset uplink x0right 5Mbit\/s/mark x0other out bulk le/' /run/two.yaml >/run/gone.yaml
says 0 'qos load /run/gone.yaml: done, 5 changes' qos --yes load /run/gone.yaml
ip link del x0other
says 0 'qos undo: done, undone: qos load /run/gone.yaml' qos --yes undo
expect 'one is gone' "$wanted"
ip link add x0other type veth peer name x0end && ip link set x0other up
"$x0top" --once -d 0.1 --only tc_classifier >/run/out 2>&1
expect 'it is back' "$wanted"
ip link del x0other

# The end of a container, which nothing watches by itself, is one by a file, in time, and by undo, as by its name.
ip netns add box
ip link add x0box type veth peer name x0inner netns box && ip link set x0box up
police='police x0box in bulk 1Mbit/s'
boxed() {
	lines | grep x0box
}
printf 'qos:\n  - %s\n' "$police" >/run/box.yaml
says 0 'qos load /run/box.yaml: done, 1 changes' qos --yes load /run/box.yaml
says 0 'qos undo: done, undone: qos load /run/box.yaml' qos --yes undo
[ -z "$(boxed)" ] || fail "a container's: $(boxed)"
says 0 'qos undo: done, undone: qos undo' qos --yes undo
[ "$(boxed)" = "$police" ] || fail "a container's, again: $(boxed)"
"$x0top" qos --yes --confirm-within 1s off x0box >/run/out 2>&1 || fail "to be confirmed: $(cat /run/out)"
for _ in $(seq 100); do
	[ "$(boxed)" = "$police" ] && break
	sleep 0.1
done
[ "$(boxed)" = "$police" ] || fail "a container's, in time: $(boxed)"
ip link del x0box

# At the start: not where something is done already, and not where nothing may be changed.
"$x0top" --once --config /run/other.yaml >/run/out 2>&1
expect 'started with another file' "$wanted"
"$x0top" programs down >/run/out 2>&1
"$x0top" --once --readonly --config /run/qos.yaml >/run/out 2>&1
expect 'started to look only' ''
"$x0top" --once --config /run/qos.yaml >/run/out 2>&1
expect "started: $(cat /run/out)" "$wanted"
grep -q 'by configuration: qos preset mesh-first x0left 10Mbit/s: done' /var/log/x0top.log || fail "the log: $(cat /var/log/x0top.log)"

# The lines that give packets their class are in the snapshot.
"$x0top" --json --config /run/qos.yaml 2>/run/err | python3 -c '
import json, sys
lines = json.load(sys.stdin)["tc"]["lines"]
assert lines[0] == {"number": 0, "conditions": "udp 5060-5061", "class": "voip", "packets": "", "own": True}, lines[0]
assert lines[1]["packets"] == "ARP" and not lines[1]["own"] and len(lines) == 38, lines' || fail "the lines: $(cat /run/err)"
"$x0top" programs down >/run/out 2>&1
[ "$failures" -eq 0 ]
