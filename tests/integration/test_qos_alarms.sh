#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# A class of a shaped link whose packets do not leave, and one that has less than its rate, are alerts; one that has it
# is none. Somebody has put a slower queue into the class: so a link behaves that is slower than what it is shaped to.
set -u
# shellcheck source=tests/lib/host.sh
. "$(dirname "$0")/../lib/host.sh"
x0top=${X0TOP:-./x0top}
ip link add x0left type veth peer name x0right
ip addr add 10.97.0.1/24 dev x0left && ip link set x0left up && ip link set x0right up
ip neigh add 10.97.0.2 lladdr 02:00:00:00:00:02 dev x0left
"$x0top" qos --yes preset uplink x0left 10Mbit/s >/run/out 2>&1 || fail "$(cat /run/out)"

slow() { # RATE BURST: what leaves the class of bulk, which has 1 Mbit/s
	tc qdisc replace dev x0left parent 7830:4 handle 99: tbf rate "$1" burst "$2" limit 200000 2>/run/err
}
slow 100bit 1100 || {
	"$x0top" programs down >/dev/null 2>&1
	echo "skipped: this kernel has no tbf: $(cat /run/err)"
	exit 77
}

send() { # PACKETS: of bulk, af11, of 1042 bytes
	python3 - "$1" <<'PYTHON'
import socket, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.setsockopt(socket.IPPROTO_IP, socket.IP_TOS, 10 << 2)
for _ in range(int(sys.argv[1])):
    s.sendto(bytes(1000), ("10.97.0.2", 9999))
PYTHON
}

look() { # SECONDS: two samples of a link on which packets wait
	timeout 60 "$x0top" --once --only tc_classifier -i x0left -d "$1" >/run/once 2>&1
}

# The burst is gone at once; the next packet leaves after more than a minute.
send 60
look 0.3
grep -q 'The class bulk starves on x0left: [0-9.]*.B wait, and nothing of it is sent' /run/once ||
	fail "a class that starves: $(cat /run/once)"
[ "$("$x0top" qos --json list | jq -r '.classes[] | select(.class == "bulk" and .direction == "out") | .waiting > 50000')" = true ] ||
	fail "what waits: $("$x0top" qos list)"

slow 250kbit 2000
send 180 # for more than 5 s
look 0.5
grep -q 'The class bulk on x0left has .*bit/s of its 1.*bit/s, and more waits' /run/once ||
	fail "a class that is short of its rate: $(cat /run/once)"
grep -q 'The class .* starves' /run/once && fail "a class that is slow starves: $(cat /run/once)"

# It has its rate: packets wait, and no more is promised.
tc qdisc replace dev x0left parent 7830:4 handle 98: pfifo limit 1000
tc class change dev x0left classid 7830:4 parent 7830:ff htb rate 1mbit ceil 1mbit prio 7
send 150
look 0.5
grep -q 'The class bulk' /run/once && fail "a class that has its rate: $(cat /run/once)"
"$x0top" programs down >/run/out 2>&1 || fail "$(cat /run/out)"
[ "$failures" -eq 0 ]
