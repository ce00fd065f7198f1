#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# What is counted at TC are the packets that arrive: also those that tc_classifier then drops, whichever of the two
# was attached first, by TCX and in a clsact qdisc.
set -u
# shellcheck source=tests/lib/host.sh
. "$(dirname "$0")/../lib/host.sh"
x0top=${X0TOP:-./x0top}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

ip netns add peer
ip link add v0 type veth peer name w0 netns peer || exit 1
ip netns exec peer sysctl -qw net.ipv6.conf.all.disable_ipv6=1
sysctl -qw net.ipv6.conf.v0.disable_ipv6=1
ip addr add 10.1.0.1/24 dev v0 && ip link set v0 up
ip -n peer addr add 10.1.0.2/24 dev w0 && ip -n peer link set w0 up

send() {
	ip netns exec peer python3 -c '
import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
for i in range(300):
    s.sendto(b"x" * 100, ("10.1.0.1", 9))'
}

# observe WHAT OPTION...: leaves in $work/json what x0top says while the datagrams arrive.
observe() {
	what=$1
	shift
	"$x0top" --json -d 3 -i v0 "$@" >"$work/json" 2>"$work/err" </dev/null &
	pid=$!
	sleep 1.5
	send
	wait "$pid" || fail "$what: status $?: $(cat "$work/err")"
}

# count ATTACHED OPTION...: while datagrams arrive, of which the classifier drops most.
count() {
	attached=$1
	shift
	observe "$attached" "$@"
	python3 - "$work/json" "$attached" <<'END' || fail "$attached: $*"
import json, sys
s = json.load(open(sys.argv[1]))
row = [i for i in s["packets"]["interfaces"] if i["name"] == "v0"][0]
tc = [i for i in s["tc"]["interfaces"] if i["name"] == "v0"][0]
counted = s["packets"]["sum"]["transports"]["udp"]["packets"]["total"]
dropped = s["net_events"]["dropped_by_x0top"]["total"]
print(row["hook"], tc["attached"], "counted", counted, "dropped", dropped)
sys.exit(not (row["hook"] == "TC" and tc["attached"] == sys.argv[2] and counted == 300 and dropped > 200))
END
}

kind=TCX
case $(uname -r) in 5.* | 6.[0-5].*) kind=clsact ;; esac
printf 'qos:\n  - "police v0 in best_effort 8kbit/s 2kB"\n' >"$work/qos.yaml"
count $kind --config "$work/qos.yaml" # the counter was first
count $kind                          # the classifier was: it is adopted
"$x0top" programs down >/dev/null

# What an ifb hands back is received again, in the kernel's words, and counts once. With XDP: test_handed_back.sh.
if ip link add ifb7 type ifb && ip link set ifb7 up && tc qdisc add dev v0 ingress &&
	tc filter add dev v0 parent ffff: protocol all u32 match u32 0 0 action mirred egress redirect dev ifb7; then
	observe "an ifb"
	python3 - "$work/json" <<'END' || fail "an ifb"
import json, sys
s = json.load(open(sys.argv[1]))
received = [i for i in s["net_events"]["interfaces"] if i["name"] == "v0"][0]["received"]["packets"]["total"]
counted = [i for i in s["packets"]["interfaces"] if i["name"] == "v0"][0]["all"]["packets"]["total"]
print("behind an ifb: received", received, "counted", counted)
sys.exit(not (300 <= received <= 310 and 300 <= counted <= 310))
END
	ip link del ifb7
	tc qdisc del dev v0 ingress
else
	echo "not tested: this kernel lacks ifb, u32 or mirred"
fi

i=0
while [ "$i" -lt 20 ]; do # so many that clsact is used
	ip link add "m$i" type veth peer name "k$i" && ip link set "m$i" up || exit 1
	set -- "$@" -i "m$i"
	i=$((i + 1))
done
count clsact --config "$work/qos.yaml" "$@"
count clsact "$@"
"$x0top" programs down >/dev/null

[ "$failures" -eq 0 ]
