#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# What MAPE-K does to classes, real packets say: it polices one, marks one, changes the rate of one, and switches a mode.
# It ends in time. If x0top was killed, the next one takes it back, with MAPE-K or without; what an operator has ended with
# programs down is left alone.
set -u

cd "$(dirname "$0")/../.." || exit 1
x0top=$(realpath "${X0TOP:-./x0top}")
if [ "${1:-}" != inside ]; then
	[ "$(id -u)" -eq 0 ] || { echo "SKIPPED: needs root"; exit 77; }
	exec unshare --net --mount --propagation private sh -c '
		mount -t tmpfs tmpfs /run && mount -t tmpfs tmpfs /var/log && mkdir -p /sys/fs/bpf &&
		mount -t bpf bpf /sys/fs/bpf -o mode=0700 && ip link set lo up && exec "$0" "$@"' \
		sh "$0" inside
fi

work=$(mktemp -d)
chmod 711 "$work"
failures=0
service=
fail() {
	echo "FAILED: $*"
	failures=$((failures + 1))
}
clean() {
	[ -n "$service" ] && kill "$service" 2>/dev/null && wait "$service"
	"$x0top" programs down >/dev/null 2>&1
	rm -rf "$work"
}
trap clean EXIT

await() {
	end=$(($(date +%s) + 40))
	until "$@"; do
		[ "$(date +%s)" -lt "$end" ] || return 1
		sleep 0.05
	done
}

mkdir -p /run/netns
ip link add v0 type veth peer name v1
ip netns add peer
ip link set v1 netns peer
ip addr add 10.9.0.1/24 dev v0
ip link set v0 up
ip -n peer addr add 10.9.0.2/24 dev v1
ip -n peer link set v1 up

# Sends packets of 1,000 bytes to the host, a millisecond apart, and one back. Prints how many of 100 arrive, and the code
# point of the one. "flood": 2,000, one behind the other, of which nothing is said.
cat >"$work/probe.py" <<'PYTHON'
import ctypes, socket, sys, time
def bound(address):
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.bind((address, 9999))
    s.settimeout(0.3)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 400000)
    return s
host = bound("10.9.0.1")
with open("/run/netns/peer") as namespace:
    if ctypes.CDLL(None).setns(namespace.fileno(), 0x40000000) < 0:
        sys.exit("no namespace")
peer = bound("10.9.0.2")
peer.setsockopt(socket.IPPROTO_IP, 13, 1)  # IP_RECVTOS
flood = sys.argv[1:] == ["flood"]
for i in range(2000 if flood else 100):
    peer.sendto(b"x" * 1000, ("10.9.0.1", 9999))
    if not flood:
        time.sleep(0.001)
if flood:
    sys.exit()
arrived = 0
try:
    while host.recv(2000):
        arrived += 1
except TimeoutError:
    pass
host.sendto(b"y", ("10.9.0.2", 9999))
tos = peer.recvmsg(10, 100)[1][0][2][0]
print(arrived, tos >> 2)
PYTHON
probe() {
	python3 "$work/probe.py" >"$work/probed" 2>&1
	read -r arrived dscp <"$work/probed"
}
is_done() {
	probe
	[ "$arrived" -le 50 ] && [ "$dscp" -eq 8 ] || fail "$1: packets are as before: $(cat "$work/probed")"
	says_rate 3000000 || fail "$1: bulk has another rate: $(tc class show dev v0)"
}
is_over() {
	probe
	[ "$arrived" -ge 95 ] && [ "$dscp" -eq 0 ] || fail "$1: packets are policed or marked: $(cat "$work/probed")"
	says_rate 2000000 || fail "$1: bulk has another rate: $(tc class show dev v0)"
}
# What the kernel has: bulk is the class that waits for all others.
says_rate() {
	tc class show dev v0 | grep -q "prio 7 rate $(($1 / 1000000))Mbit ceil 20Mbit"
}

# Behind the silence, anything is a flood.
policies() {
	cat >"$work/policy.yaml" <<YAML
mode: act
least: 5/s
policies:
  - {name: filter off, watch: udp, from: 2000, score: 0, hold: 0ms, do: enforce off xdp_mesh_filter, for: $1}
  - {name: police, watch: udp, from: 2000, score: 0, hold: 0ms, do: qos police v0 in best_effort 64kbit/s 3kB, for: $1}
  - {name: mark, watch: udp, from: 2000, score: 0, hold: 0ms, do: qos mark v0 out best_effort cs1, for: $1}
  - {name: rate, watch: udp, from: 2000, score: 0, hold: 0ms, do: qos rate v0 bulk 3Mbit/s, for: $1}
YAML
}
only="--only xdp_counter --only xdp_mesh_filter --only tc_classifier"
snapshot() {
	curl -s http://127.0.0.1:26999/snapshot
}
says() {
	snapshot | jq -e "$1" >/dev/null 2>&1
}
enforces() {
	says "[.programs[] | select(.name == \"xdp_mesh_filter\").enforcing] == [$1]"
}
serve() {
	"$x0top" serve -i v0 $only -d 0.1 --enforce --yes --mapek-policy "$work/policy.yaml" --mapek-knowledge "$work/mapek.db" \
		--listen 127.0.0.1:26999 >"$work/log" 2>&1 &
	service=$!
	await says '.mapek.series[0].high >= 0 and .mapek.in_force == 0' || fail "it does not watch: $(cat "$work/log")"
}
# On a busy host, a sample may be so long that it is none: then there is another one.
is_flooded() {
	python3 "$work/probe.py" flood
	says '.mapek.in_force == 4' || { sleep 0.3; says '.mapek.in_force == 4'; }
}
flood() {
	await is_flooded && return
	fail "it does not act: $(snapshot | jq -c .mapek.actions)"
	exit 1
}
act_and_kill() {
	serve
	flood
	kill -9 "$service"
	wait "$service" 2>/dev/null
	service=
}
# Takes a snapshot with MAPE-K off, and asks it.
once() {
	"$x0top" --once --json -i v0 -d 0.1 $only --mapek off >"$work/once" 2>"$work/error"
	jq -e "[.programs[] | select(.name == \"xdp_mesh_filter\").enforcing] == [$1]" "$work/once" >/dev/null
}

"$x0top" qos --yes preset uplink v0 20Mbit/s >"$work/out" 2>&1 || fail "$(cat "$work/out")"
is_over "at first"
[ "$failures" -eq 0 ] || exit 1
policies 2s
serve
flood
await says '.mapek.in_force == 0' || fail "it does not end: $(snapshot | jq -c .mapek.actions)"
# The sample in which MAPE-K gives it back was taken before.
await enforces true || fail "a mode stays"
is_over "in time"
grep -q 'by mapek: qos rate v0 bulk 3Mbit/s: done' /var/log/x0top.log || fail "no rate was changed: $(cat /var/log/x0top.log)"
kill "$service" && wait "$service"
service=

policies 1h
act_and_kill
is_done "after a kill"
once true || fail "a kill leaves a mode: $(jq -c .programs "$work/once") $(cat "$work/error")"
is_over "the next x0top"
grep -q 'took back what MAPE-K had done before a kill: ' "$work/error" || fail "it is not said: $(cat "$work/error")"
for action in 'enforce on xdp_mesh_filter' 'qos police v0 in best_effort none' 'qos mark v0 out best_effort none' \
	'qos rate v0 bulk 2Mbit/s 20Mbit/s share 1'; do
	grep -q "by adoption: $action: done" /var/log/x0top.log || fail "the audit log lacks $action: $(cat /var/log/x0top.log)"
done

act_and_kill
"$x0top" programs down >"$work/out" 2>&1 || fail "$(cat "$work/out")"
once false || fail "programs down is taken back: $(cat "$work/error")"

ip netns del peer
[ "$failures" -eq 0 ] && echo "ok: what MAPE-K does to classes ends in time, and after a kill"
exit $((failures != 0))
