#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# What MAPE-K does to classes, real packets say: it polices one, marks one, changes the rate of one, and switches a mode.
# It ends in time; if x0top is killed, at once; if what would do that is killed as well, on a word, or with the next x0top,
# with MAPE-K or without. What an operator has ended with programs down is left alone, and his last change is his to undo.
set -u

# shellcheck source=tests/lib/host.sh
. "$(dirname "$0")/../lib/host.sh"
# shellcheck source=tests/lib/pair.sh
. "$(dirname "$0")/../lib/pair.sh"
x0top=${X0TOP:-./x0top}
# shellcheck source=tests/lib/mapek.sh
. "$(dirname "$0")/../lib/mapek.sh"

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
enforces() {
	says "[.programs[] | select(.name == \"xdp_mesh_filter\").enforcing] == [$1]"
}
watch() {
	serve $only -d 0.1
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
act() {
	watch
	flood
}
# What would take it back is killed, too.
kill_all() {
	kill -9 $(pgrep -P "$service" -x x0top-back) || fail "nobody would take it back"
	stop KILL
}
# Takes a snapshot with MAPE-K off, and asks it.
once() {
	"$x0top" --once --json -i v0 -d 0.1 $only --mapek off >"$work/once" 2>"$work/error"
	jq -e "[.programs[] | select(.name == \"xdp_mesh_filter\").enforcing] == [$1]" "$work/once" >/dev/null
}
# history STATE: whether knowledge has all of the last four actions so.
history() {
	mapek history >"$work/history"
	[ "$(grep action "$work/history" | head -4 | grep -c "  $1 ")" -eq 4 ]
}
took_back() {
	for action in 'enforce on xdp_mesh_filter' 'qos police v0 in best_effort none' 'qos mark v0 out best_effort none' \
		'qos rate v0 bulk 2Mbit/s 20Mbit/s share 1'; do
		grep -q "by adoption: $action: done" /var/log/x0top.log || return 1
	done
}
preset() {
	"$x0top" qos --yes preset uplink v0 20Mbit/s >"$work/out" 2>&1
}
undoes_the_preset() {
	"$x0top" qos --yes undo >"$work/out" 2>&1
	grep -q 'undone: qos preset uplink v0 20Mbit/s' "$work/out" && preset
}

preset || fail "$(cat "$work/out")"
is_over "at first"
[ "$failures" -eq 0 ] || exit 1
policies 2s
act
await says '.mapek.in_force == 0' || fail "it does not end: $(snapshot | jq -c .mapek.actions)"
# The sample in which MAPE-K gives it back was taken before.
await enforces true || fail "a mode stays"
is_over "in time"
grep -q 'by mapek: qos rate v0 bulk 3Mbit/s: done' /var/log/x0top.log || fail "no rate was changed: $(cat /var/log/x0top.log)"
stop
undoes_the_preset || fail "an operator's change is not his to undo any more"
grep adoption /var/log/x0top.log && fail "what has ended is taken back once more"

policies 1h
act
stop KILL
await took_back || fail "a kill leaves something: $(cat /var/log/x0top.log)"
is_over "after a kill"
history over || fail "history says otherwise: $(cat "$work/history")"

: >/var/log/x0top.log
act
"$x0top" mapek back >"$work/out" 2>&1 && fail "what runs is taken back: $(cat "$work/out")"
grep -q '^x0top: Another x0top owns' "$work/out" || fail "$(cat "$work/out")"
kill_all
is_done "after two kills"
history 'in force' || fail "history says otherwise: $(cat "$work/history")"
once true || fail "two kills leave a mode: $(jq -c .programs "$work/once") $(cat "$work/error")"
is_over "the next x0top"
history over || fail "history says otherwise: $(cat "$work/history")"
grep -q 'took back what MAPE-K had done before a kill: ' "$work/error" || fail "it is not said: $(cat "$work/error")"
took_back || fail "the audit log lacks it: $(cat /var/log/x0top.log)"
[ "$("$x0top" mapek back)" = '0 actions of MAPE-K are taken back' ] || fail "it is taken back twice"

: >/var/log/x0top.log
act
kill_all
"$x0top" programs down >"$work/out" 2>&1 || fail "$(cat "$work/out")"
once false || fail "programs down is taken back: $(cat "$work/error")"

ip netns del peer
[ "$failures" -eq 0 ] && echo "ok: what MAPE-K does to classes ends in time, and after a kill"
exit $((failures != 0))
