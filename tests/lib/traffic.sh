# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=sh
# Traffic for a script in a host and a folder of its own, with $x0top and $build: numbered packets of two senders in a
# namespace come to v0, and a rule of the script's drops those of 10.9.0.3; with a RATE beside a flood of theirs, by
# live frames.
rate=${RATE:-0}

# shellcheck source=tests/lib/pair.sh
. "$tree/tests/lib/pair.sh"
ip netns exec peer ip addr add 10.9.0.3/24 dev p0

# shellcheck source=tests/lib/sender.sh
. "$tree/tests/lib/sender.sh"
cat >receive.py <<'END'
import os, socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.setsockopt(socket.SOL_SOCKET, 33, 64 << 20) # SO_RCVBUFFORCE
s.bind(('10.9.0.1', 4000))
s.setsockopt(socket.IPPROTO_IP, socket.IP_RECVTOS, 1)
s.settimeout(1)
seen = {'10.9.0.2': 0, '10.9.0.3': 0}
marked = 0 # with the code point 8
open('ready', 'w')
while True:
    try:
        _, (tos,), _, sender = s.recvmsg(64, 64)
        seen[sender[0]] += 1
        marked += tos[2][0] >> 2 == 8
    except TimeoutError:
        if os.path.exists('stopped'):
            break
print(*seen.values())
print(marked, file=open('marked', 'w'))
END
# The flood's frames find no room behind a veth pair at times: the kernel says how many came.
came() { ip -j -s link show v0 | jq '.[].stats64.rx.packets'; }
begin_flood() {
	rm -f stop
	echo '0 1' >flood
	[ "$rate" -eq 0 ] && return
	ip netns exec peer "$build/tests/load/frames" p0 "$(ip -j link show v0 | jq -r '.[].address')" \
		10.9.0.3 10.9.0.1 "$rate" stop >flood & flood=$!
}
end_flood() {
	[ "$rate" -eq 0 ] || wait "$flood"
	read -r frames seconds <flood
	awk -v n="$(($(came) - $1))" -v of="$frames" -v s="$seconds" \
		'BEGIN { if (of > 0) printf "%.0f packets a second came for %.0f s\n", n / s, s }'
}
begin_traffic() {
	rm -f stop stopped ready
	python3 receive.py >received & receiver=$!
	until [ -e ready ]; do sleep 0.01; done
	ip netns exec peer python3 send.py 10.9.0.2 10.9.0.3 >sent & sender=$!
}
end_traffic() {
	touch stop
	wait "$sender"
	touch stopped
	wait "$receiver"
}
decided() { "$x0top" rules list --json | jq '[.rules[] | select(.key | test("10.9.0.3"))][0].traffic.packets.total // 0'; }
