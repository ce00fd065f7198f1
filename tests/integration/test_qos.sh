#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# What x0top qos does to real packets: code points, sums, rates, and the delay of what is urgent.
set -u
# shellcheck source=tests/lib/host.sh
. "$(dirname "$0")/../lib/host.sh"
x0top=${X0TOP:-./x0top}
tool=$(dirname "$0")/qos.py
ip netns add peer
ip link add x0left type veth peer name x0right netns peer
ip addr add 10.9.0.1/24 dev x0left
ip addr add fd09::1/64 dev x0left nodad
ip link set x0left up
ip -n peer addr add 10.9.0.2/24 dev x0right
ip -n peer addr add fd09::2/64 dev x0right nodad
ip -n peer link set x0right up
ip -n peer link set lo up
ip neigh replace 10.9.0.2 lladdr "$(ip -n peer -br link show x0right | awk '{ print $3 }')" dev x0left nud permanent
ip -6 neigh replace fd09::2 lladdr "$(ip -n peer -br link show x0right | awk '{ print $3 }')" dev x0left nud permanent

qos() {
	"$x0top" qos --yes "$@" >/run/qos 2>&1 </dev/null || fail "qos $*: $(cat /run/qos)"
}

await_peer() {
	for _ in $(seq 200); do
		grep -q ready /run/peer && return
		sleep 0.05
	done
	fail "the peer: $(cat /run/peer)"
}

peer() { # WORDS...: in the background, its output in /run/peer, until it is ready
	: >/run/peer
	ip netns exec peer python3 "$tool" "$@" >/run/peer 2>&1 &
	peer=$!
	await_peer
}

counts() { # CLASS WAY FIELD: the total of a counter
	"$x0top" qos --json list | python3 -c '
import json, sys
for c in json.load(sys.stdin)["classes"]:
    if c["class"] == sys.argv[1] and c["direction"] == sys.argv[2]:
        print(c[sys.argv[3]]["total"])' "$1" "$2" "$3"
}

# Code points of what is sent: IPv4, IPv6, VLAN, parts of datagrams, all sums.
qos mark x0left out bulk 33
peer check-frames x0right 33
python3 "$tool" send-frames x0left
wait "$peer"
[ "$(grep -c . /run/peer)" -eq 2 ] && grep -q done /run/peer || fail "marked as they are sent: $(sort /run/peer | uniq -c | head)"
[ "$(counts bulk out marked)" = 64 ] || fail "$(counts bulk out marked) are counted as marked, not 64"
qos off x0left

# Of what is received, seen by who captures there: before TC, so the receiver is a socket.
qos mark x0left in bulk ef
ip netns exec peer python3 - <<'PYTHON' &
import socket, time
time.sleep(1)
for family, to, level, option in ((socket.AF_INET, "10.9.0.1", 0, 1), (socket.AF_INET6, "fd09::1", 41, 67)):
    s = socket.socket(family, socket.SOCK_DGRAM)
    s.setsockopt(level, option, 10 << 2)
    for size in (1, 100, 1400, 4000):  # the last in parts
        s.sendto(bytes(size), (to, 7000))
PYTHON
timeout 20 python3 - >/run/out 2>&1 <<'PYTHON' || fail "marked as they are received: $(cat /run/out)"
import socket, struct
for family, at, level, wants, got in ((socket.AF_INET, "10.9.0.1", 0, 13, 1), (socket.AF_INET6, "fd09::1", 41, 66, 67)):
    s = socket.socket(family, socket.SOCK_DGRAM)
    s.bind((at, 7000))
    s.setsockopt(level, wants, 1)
    s.settimeout(10)
    globals()[f"s{level}"] = s
for s, got in ((s0, 1), (s41, 67)):
    for size in (1, 100, 1400, 4000):
        data, notes, _, _ = s.recvmsg(8192, 256)
        tos = [n[2][0] for n in notes if n[1] == got]
        assert len(data) == size and tos == [46 << 2], (size, len(data), tos)
PYTHON
wait
[ "$(counts bulk in marked)" -ge 8 ] || fail "marked in: $("$x0top" qos list)"
qos off x0left

away() { # WAY WORDS...: runs the tool where packets of this way come from
	way=$1
	shift
	if [ "$way" = in ]; then
		exec ip netns exec peer python3 "$tool" "$@"
	else
		exec python3 "$tool" "$@"
	fi
}

there() { # WAY WORDS...: in the background where they go to, its output in /run/peer, until it is ready
	way=$1
	shift
	if [ "$way" = out ]; then
		peer "$@"
		return
	fi
	: >/run/peer
	python3 "$tool" "$@" >/run/peer 2>&1 &
	peer=$!
	await_peer
}

# Rates within 5 %: UDP, sent and received, small and large, IPv4 and IPv6, one flow and eight, parted by the kernel.
rate() { # WAY BITS TEXT VERSION SIZE FLOWS SECONDS SEGMENTS [BURST]
	to_host=$([ "$1" = out ]; echo $?)
	# shellcheck disable=SC2086
	qos police x0left "$1" best_effort "$3" ${9:-}
	for try in 1 2 3; do
		there "$1" receive "$4" "$7" "$5" "$to_host"
		(away "$1" flood "$4" "$5" "$6" "$2" "$to_host" "$8") &
		flood=$!
		wait "$peer"
		had=$(tail -n 1 /run/peer)
		kill "$flood" 2>/dev/null
		wait "$flood" 2>/dev/null
		echo "$1 $3, IPv$4, $5 bytes, $6 flows, $8 at once: $had bit/s"
		python3 -c 'import sys; sys.exit(not 0.95 < float(sys.argv[1]) / float(sys.argv[2]) < 1.05)' "$had" "$2" && break
		[ "$try" -lt 3 ] || fail "police $1 $3, IPv$4, $5 bytes, $6 flows: $had bit/s"
	done
	qos off x0left
}
rate out 100000 100kbit/s 4 100 1 3 1 5kB
rate in 1000000 1Mbit/s 6 500 8 1.5 1 5kB
rate out 10000000 10Mbit/s 4 1400 1 1 1
rate in 100000000 100Mbit/s 4 1400 8 1 20
rate out 1000000000 1Gbit/s 6 1400 8 1 40
rate in 1000000000 1Gbit/s 4 1400 1 1 40

# TCP, with and without segmentation by the kernel: all of it right, and never more than the rate, and what was saved
# before: 200 ms, so that 2 s have 22 Mbit/s.
tcp() { # WAY VERSION
	to_host=$([ "$1" = out ]; echo $?)
	qos police x0left "$1" best_effort 20Mbit/s
	there "$1" tcp-receive "$2" "$to_host"
	(away "$1" tcp-send "$2" 2 "$to_host")
	wait "$peer"
	had=$(tail -n 1 /run/peer)
	echo "TCP, $1, IPv$2, GSO $gso: $had of 20 Mbit/s"
	case $had in
	*right) python3 -c 'import sys; sys.exit(not 10e6 < float(sys.argv[1]) < 23e6)' "${had% *}" ||
		fail "TCP, $1, IPv$2, GSO $gso: $had" ;;
	*) fail "TCP, $1, IPv$2, GSO $gso: $had" ;;
	esac
	qos off x0left
}
for gso in on off; do
	ethtool -K x0left gso $gso tso $gso >/dev/null 2>&1
	ip netns exec peer ethtool -K x0right gso $gso tso $gso >/dev/null 2>&1
	tcp out 4
	tcp out 6
	tcp in 6
done
ip netns exec peer ethtool -K x0right gso on tso on >/dev/null 2>&1
ethtool -K x0left gso on tso on >/dev/null 2>&1

# What is urgent passes bulk.
ip netns exec peer python3 "$tool" echo 4 >/dev/null 2>&1 &
echo=$!
qos preset uplink x0left 10Mbit/s
for try in 1 2 3; do
	python3 "$tool" flood 4 1400 4 20000000 0 1 &
	flood=$!
	sleep 1
	p99=$(python3 "$tool" ask 4 200)
	kill "$flood" 2>/dev/null
	wait "$flood" 2>/dev/null
	echo "control's 99th percentile under a flood, at 10 Mbit/s: $p99 ms"
	python3 -c 'import sys; sys.exit(not float(sys.argv[1]) <= 5)' "$p99" && break
	[ "$try" -lt 3 ] || fail "control waits $p99 ms"
done
"$x0top" qos --json list | python3 -c '
import json, sys
by = {c["class"]: c for c in json.load(sys.stdin)["classes"]}
assert by["control"]["passed"]["total"] > 0 and by["best_effort"]["borrowed"]["total"] > 0, by
assert by["best_effort"]["queue_dropped"]["total"] > 0, by' || fail 'the classes that HTB has counted'
kill "$echo"
qos off x0left
[ "$failures" -eq 0 ]
