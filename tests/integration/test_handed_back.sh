#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# What an ifb hands back was judged before: by generic XDP, too, it is counted, limited and verified once, also after
# x0top has ended or was killed, and with the maps of another version. What a container's ifb has marked is no such packet.
# Nothing of that stays behind.
set -u
# shellcheck source=tests/lib/host.sh
. "$(dirname "$0")/../lib/host.sh"
# shellcheck source=tests/lib/object.sh
. "$(dirname "$0")/../lib/object.sh"
x0top=$(realpath "${X0TOP:-./x0top}")
pins=/sys/fs/bpf/x0top/$(sed -n 's/^#define PINS_LAYOUT "\(.*\)"$/\1/p' core/kernel/pins.h)
running='' peer='' container=''
cleanup() {
	for pid in $running $peer $container; do
		kill -KILL "$pid" 2>/dev/null # it may have ended
	done
}
trap cleanup EXIT
mkdir /run/work /run/work/trust && cd /run/work || exit 1

ip netns add peer
ip link add v0 type veth peer name w0 netns peer || exit 1
for link in v0 w0; do
	in=$([ $link = v0 ] || echo ip netns exec peer)
	$in sysctl -qw net.ipv6.conf.$link.disable_ipv6=1
done
ip addr add 10.1.0.1/24 dev v0 && ip link set v0 up
ip -n peer addr add 10.1.0.2/24 dev w0 && ip -n peer link set w0 up
if ! ip link add ifb7 type ifb || ! ip link set ifb7 up || ! tc qdisc add dev v0 ingress ||
	! tc filter add dev v0 parent ffff: protocol all u32 match u32 0 0 action mirred egress redirect dev ifb7; then
	echo "skipped: this kernel lacks ifb, u32 or mirred"
	exit 77
fi

is() { # WHAT EXPECTED FOUND
	if [ "$2" = "$3" ]; then
		echo "ok: $1: $3"
	else
		fail "$1: \"$3\", not \"$2\": $(cat said)"
	fi
}

# How many of 300 datagrams come to a socket, each twice to the interface.
arrive() {
	python3 - <<'TEST'
import socket, subprocess
to = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
to.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
to.bind(("10.1.0.1", 9))
subprocess.run(["ip", "netns", "exec", "peer", "python3", "-c", """
import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
for i in range(300):
    s.sendto(b"x" * 100, ("10.1.0.1", 9))"""])
to.settimeout(0.5)
n = 0
try:
    while to.recv(200):
        n += 1
except TimeoutError:
    print(n)
TEST
}

watch() { # SECONDS OPTION...: starts x0top; its answer comes after so long
	seconds=$1
	shift
	"$x0top" --json -d "$seconds" -i v0 "$@" >answer 2>said </dev/null &
	running=$!
	sleep 1.5
}
end() { # [SIGNAL]
	[ $# -eq 0 ] || kill "-$1" "$running"
	wait "$running" 2>/dev/null
	running=''
}
# How many programs of the tracepoint are attached that write what the chain on v0 reads; other hosts have theirs.
attached() {
	bpftool -j prog >programs
	scratch=$(jq ".[] | select(.id == $(ip -j -d link show v0 | jq '.[0].xdp.prog.id // 0')).map_ids[]" programs |
		while read -r map; do bpftool -j map show id "$map"; done | jq 'select(.name == "xdp_packet").id')
	bpftool -j link | jq "[.[] | select(.tp_name == \"netif_receive_skb\").prog_id]" >linked
	jq --slurpfile linked linked "[.[] | select(.id as \$id | \$linked[0] | index(\$id)) |
		select(.name == \"xdp_handed_back\" and (.map_ids | index(${scratch:-0}))).id]" programs >ours
	jq length ours
}
ends() { # WHAT: what attached() saw last is detached; the kernel takes a while to end a link
	tries=50
	until [ $tries -eq 0 ] || ! for id in $(jq '.[]' ours); do bpftool prog show id "$id"; done 2>/dev/null | grep -q .; do
		tries=$((tries - 1))
		sleep 0.1
	done
	is "$1" true "$([ $tries -gt 0 ] && [ -s ours ] && echo true)"
}

# --- seen, and no more -----------------------------------------------------------------------------

watch 4 --only xdp_counter --only tracepoint_net --xdp-mode generic
is 'it is told' 1 "$(attached)"
is 'observed, all arrive' 300 "$(arrive)"
end
is 'counted once' 300 "$(jq .packets.sum.transports.udp.packets.total answer)"
is 'handed back, for all that' true "$(jq '[.net_events.interfaces[] | select(.name == "v0").handed_back.total][0] >= 300' answer)"
is 'and no alert' 0 "$(jq '[.alerts[] | select(.sentence | test("twice"))] | length' answer)"
ends 'observing leaves nothing'

watch 3 --only xdp_counter --xdp-mode native
is 'native XDP, which sees them once, needs nothing' 0 "$(attached)"
end

mkdir without && cp "$build"/bpf/*.bpf.o without && rm without/xdp_handed_back.bpf.o
watch 4 --only xdp_counter --only tracepoint_net --xdp-mode generic --objects without
arrive >twice
end
is 'where it is refused, two are counted' 600 "$(jq .packets.sum.transports.udp.packets.total answer)"
is 'which an alert says' 1 "$(jq '[.alerts[] | select(.sentence | test("judges .* of v0 twice"))] | length' answer)"

# --- limits, also without x0top ------------------------------------------------------------------------

cat >rules.yaml <<'RULES'
interfaces: [v0]
only: [xdp_counter, xdp_mesh_filter]
rules:
  - limit 1/s burst 310 udp 9
RULES
limited() { # WHAT: 300 of the burst of 310 arrive; twice judged 155 would
	sleep 1
	"$x0top" rules --yes off 0 >said 2>&1 && "$x0top" rules --yes delete 0 >said 2>&1 &&
		"$x0top" rules --yes add limit 1/s burst 310 udp 9 >said 2>&1 || fail "$1: a new limit: $(cat said)"
	is "$1" 300 "$(arrive)"
	is "$1: the burst has an end" true "$([ "$(arrive)" -lt 30 ] && echo true)"
}
"$x0top" --config rules.yaml --once --enforce --yes >answer 2>said || fail "enforcing: $(cat said)"
is 'its end leaves it to the chain' 1 "$(attached)"
limited 'a limit counts once, without x0top'
watch 60 --config rules.yaml
is 'the next x0top takes its place' 1 "$(attached)"
limited 'adopted'
end KILL
is 'and leaves it as it is killed' 1 "$(attached)"
limited 'after a kill'

object grown-chain.bpf.o xdp_mesh_filter "include/xdp_chain.h:s/^		stages\[XDP_STAGES_MAX\];.*/&\n	__u64 more;/" \
	"include/xdp_counter.h:s/^	__u64 vlan; .*/&\n	__u64 more[4];/" "include/wake.h:s/^	__u64 packets; .*/&\n	__u64 more;/"
"$x0top" programs replace --yes xdp_mesh_filter grown-chain.bpf.o >said 2>&1 || fail "replacing: $(cat said)"
is 'with the maps of another version it is another' 1 "$(attached)"
limited 'with the maps of another version'

"$x0top" programs down >said 2>&1 || fail "programs down: $(cat said)"
ends 'nothing is left'
is 'and no pin' '' "$(ls "$pins" 2>/dev/null)"

# --- the verifier --------------------------------------------------------------------------------------

"$x0top" keys generate one --set 65 >said && "$x0top" keys generate two --set 65 >said && cp one.pub.pem two.pub.pem trust
ip netns exec peer "$x0top" peer --identity two.key.pem --trust trust --listen 10.1.0.2 --to 10.1.0.1 --beacon 0.5 --data 200 \
	>two.log 2>&1 </dev/null &
peer=$!
printf 'identity: %s\n' "$PWD/one.key.pem" >node.yaml
watch 8 --config node.yaml --only xdp_counter --only xdp_pqc_verify --trust trust --pqc-mode enforce --yes
end
verified() { jq ".pqc.results[\"$1\"].total" answer; }
echo "data accepted $(verified 'data accepted'), replayed $(verified replayed)"
is 'good data passes' true "$([ "$(verified 'data accepted')" -gt 300 ] && echo true)"
is 'and is no replay of itself' 0 "$(verified replayed)"
"$x0top" programs down >said 2>&1

# --- an ifb of somebody else ------------------------------------------------------------------------------

# A container's ifb marks what it sends, and a veth lets the mark through. In $1, a user and network namespace of an
# ordinary user, they wait in the ifb until no filter is there that would take the mark away.
cat >container.sh <<'CONTAINER'
until ip link show w2 >/dev/null 2>&1; do sleep 0.1; done
ip addr add 10.2.0.2/24 dev w2 && ip link set w2 up && ip link set lo up
ip link add ifb0 type ifb && ip link set ifb0 up && tc qdisc add dev ifb0 root tbf rate 8kbit burst 1600 limit 1000000
ping -c 1 -W 1 10.2.0.1 >/dev/null
until [ -e attached ]; do sleep 0.1; done
tc qdisc add dev w2 clsact
tc filter add dev w2 egress protocol ip u32 match ip dst 10.2.0.1/32 action mirred egress redirect dev ifb0
python3 - <<'SEND'
import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.sendto(b"x" * 1400, ("10.2.0.1", 7))  # takes the burst
for i in range(50):
    s.sendto(b"forged", ("10.2.0.1", 9))
    s.sendto(b"forged", ("10.2.0.1", 26970))
SEND
tc qdisc del dev w2 clsact
tc qdisc change dev ifb0 root tbf rate 1gbit burst 1600000 limit 1000000
sleep 100
CONTAINER
chmod 755 . && chmod 644 container.sh
setpriv --reuid 65534 --regid 65534 --clear-groups unshare -Urn sh container.sh >container.log 2>&1 </dev/null &
container=$!
sleep 0.5
ip link add v2 type veth peer name w2 && ip addr add 10.2.0.1/24 dev v2 && ip link set v2 up && ip link set w2 netns "$container"
printf 'rules:\n  - "drop udp 9"\n' >drop.yaml
watch 10 -i v2 --only xdp_counter --only xdp_mesh_filter --only xdp_pqc_verify --only tracepoint_net --config drop.yaml \
	--enforce --trust trust --pqc-mode enforce --yes
touch attached
python3 - <<'RECEIVE' >arrived
import socket, time
sockets = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for i in range(2)]
for s, port in zip(sockets, (9, 26970)):
    s.bind(("10.2.0.1", port))
    s.settimeout(0.1)
time.sleep(6)
n = 0
for s in sockets:
    try:
        while s.recv(2000):
            n += 1
    except TimeoutError:
        pass
print(n)
RECEIVE
end
is "nothing forged passes by a container's ifb" 0 "$(cat arrived)"
is 'all is judged' true "$(jq '.packets.interfaces[] | select(.name == "v2").verdicts.drop.packets.total >= 100' answer)"
is 'and nothing counts as handed back' 0 "$(jq '.net_events.interfaces[] | select(.name == "v2").handed_back.total' answer)"
is 'that TC does not see it is an alert' true "$(jq '[.alerts[] | select(.subject | test("an ifb of their sender"))] | length == 1' answer)"
kill "$container"
"$x0top" programs down >said 2>&1

# --- interfaces that go -----------------------------------------------------------------------------------

ip link add v1 type veth peer name w1 && ip link set v1 up && ip link set w1 up
watch 60 -i v1 --config rules.yaml --enforce --yes
is 'attached' 1 "$(attached)"
is 'pinned beside the links' 1 "$(find "$pins" -name xdp_handed_back | wc -l)"
ip link del v0 && ip link del v1
ends 'without interfaces it ends'
is 'with its pin' 0 "$(find "$pins" -name xdp_handed_back | wc -l)"
end KILL
"$x0top" programs down >said 2>&1

[ "$failures" -eq 0 ]
