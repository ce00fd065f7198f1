#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# A flood from one address is found and limited, an address that behaves is not, and the end is in the kernel.
# Then knowledge tells what was done and why, after the service was killed.
set -u

cd "$(dirname "$0")/../.." || exit 1
x0top=$(realpath "${X0TOP:-./x0top}")
if [ "${1:-}" != inside ]; then
	[ "$(id -u)" -eq 0 ] || { echo "SKIPPED: needs root"; exit 77; }
	# Its own network, mounts, bpffs, /run and /var/log; all of it ends with the last process.
	exec unshare --net --mount --propagation private sh -c '
		mount -t tmpfs tmpfs /run && mount -t tmpfs tmpfs /var/log && mkdir -p /sys/fs/bpf &&
		mount -t bpf bpf /sys/fs/bpf -o mode=0700 && ip link set lo up && exec "$0" "$@"' \
		sh "$0" inside
fi

work=$(mktemp -d)
chmod 711 "$work"
failures=0
service=
senders=
fail() {
	echo "FAILED: $*"
	failures=$((failures + 1))
}
clean() {
	[ -n "$senders" ] && kill $senders 2>/dev/null
	[ -n "$service" ] && kill "$service" 2>/dev/null && wait "$service"
	"$x0top" programs down >/dev/null 2>&1
	rm -rf "$work"
}
trap clean EXIT

# Runs a command until it succeeds, for 40 seconds at most.
await() {
	end=$(($(date +%s) + 40))
	until "$@"; do
		[ "$(date +%s)" -lt "$end" ] || return 1
		sleep 0.1
	done
}

mkdir -p /run/netns
ip link add v0 type veth peer name v1
ip netns add peer
ip link set v1 netns peer
ip addr add 10.9.0.1/24 dev v0
ip link set v0 up
ip -n peer link set v1 up
for host in 66 67 68; do ip -n peer addr add 10.9.0.$host/24 dev v1; done

cat >"$work/send.py" <<'PYTHON'
import socket, sys, time
source, rate = sys.argv[1], float(sys.argv[2])
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind((source, 0))
began, sent = time.time(), 0
while True:
    s.sendto(b"x" * 100, ("10.9.0.1", 9999))
    sent += 1
    ahead = began + sent / rate - time.time()
    if ahead > 0.001:
        time.sleep(ahead)
PYTHON
echo 'rules: [count all]' >"$work/config.yaml"
cat >"$work/policy.yaml" <<'YAML'
mode: act
policies:
  - name: udp flood
    watch: udp
    from: 1500
    hold: 200ms
    calm: 1s
    do: rule insert 0 limit 100/s from {source} proto udp
    busy: 1000
    most: 4
    for: 6s
  - name: page me
    watch: udp
    from: 1500
    hold: 200ms
    calm: 1s
    run: [/bin/sh, -c, "id -u; echo $X0TOP_TARGET=$1; exit 3", sh, "{source}"]
    busy: 1000
    for: 6s
  - name: resets
    watch: resets-sent
    from: 50
    hold: 100ms
    run: [/bin/true]
    for: 6s
YAML

ip netns exec peer python3 "$work/send.py" 10.9.0.67 50 &
senders=$!
serve() {
	"$x0top" serve -i v0 -d "$1" --enforce --yes --config "$work/config.yaml" \
		--mapek-policy "$work/policy.yaml" --mapek-knowledge "$work/mapek.db" \
		--listen 127.0.0.1:26999 >"$work/log" 2>&1 &
	service=$!
}
serve 0.1

snapshot() {
	curl -s http://127.0.0.1:26999/snapshot
}
says() {
	snapshot | jq -e "$1" >/dev/null 2>&1
}
await says '.mapek.series[0].value > 10' || {
	fail "the service does not watch: $(cat "$work/log")"
	exit 1
}
# What is usual takes some samples.
learnt=$(($(date +%s) + 12))
await sh -c "[ \$(date +%s) -ge $learnt ]"
says '.mapek.found == 0' || fail "what is usual is an anomaly: $(snapshot | jq -c .mapek.anomalies)"

ip netns exec peer python3 "$work/send.py" 10.9.0.66 5000 &
senders="$senders $!"
flood=$!
await says '.mapek.in_force >= 1' || {
	fail "no action: $(snapshot | jq -c '[.mapek, .talkers.reason]')"
	exit 1
}
await says '.mesh.rules[] | select(.origin == "mapek" and .dropped.packets.total > 0)' ||
	fail "its rule drops nothing: $(snapshot | jq -c '[.mapek.actions, .mesh.rules]')"
says '[.mapek.actions[].target] | unique == ["10.9.0.66"]' ||
	fail "others are hit: $(snapshot | jq -c .mapek.actions)"
page='.mapek.actions[] | select(.policy == "page me")'
await says "$page | .ended == \"exit 3\" and (.output | test(\"^[1-9][0-9]* 10.9.0.66=10.9.0.66$\"))" ||
	fail "no hook: $(snapshot | jq -c "$page")"
hook=$(snapshot | jq -r "$page | .output" | head -1 | cut -d' ' -f1)
[ "$hook" != "$(awk '/^Uid:/ { print $2 }' "/proc/$service/status")" ] || fail "the hook is x0top's own user, $hook"
await says '.mapek.actions[] | select(.policy == "udp flood") | .relief > 0.8 and .honest == 0' ||
	fail "it does not help: $(snapshot | jq -c .mapek.actions)"
grep -q 'by mapek: rule insert 0 limit' /var/log/x0top.log || fail "the audit log lacks it: $(cat /var/log/x0top.log)"

# It lasts, and is renewed; then it ends, and the rule with it.
await says '[.mapek.actions[0].time_left, .mapek.actions[0].state] | .[0] < 5 and .[1] == "in force"' ||
	fail "its time does not pass"
kill "$flood"
senders=${senders% *}
await says '.mapek.in_force == 0' || fail "it does not end: $(snapshot | jq -c .mapek.actions)"
await says '[.mesh.rules[] | select(.origin == "mapek" and .time_left > 0)] == []' || fail "its rule stays"

# An operator has one spared, while it runs: what is in force is taken back, and stays so.
ip netns exec peer python3 "$work/send.py" 10.9.0.68 5000 &
senders="$senders $!"
await says '.mesh.rules[] | select(.origin == "mapek" and (.key | test("10.9.0.68")))' || fail "no second action"
"$x0top" mapek never 10.9.0.68 --knowledge "$work/mapek.db" || fail "not spared"
await says '[.mapek.actions[] | select(.target == "10.9.0.68").state] | unique == ["undone"]' ||
	fail "it is not taken back: $(snapshot | jq -c '[.mapek.spared, .mapek.actions]')"
await says '[.mesh.rules[] | select(.origin == "mapek" and .time_left > 0)] == []' || fail "its rule stays"
kill "${senders##* }"
senders=${senders% *}

# Between two samples, 60 s apart, the kernel wakes x0top, which knows what is usual from before.
kill "$service" && wait "$service"
serve 60
await says '.mapek.series[0]' || fail "the service does not come back: $(cat "$work/log")"
says '.mapek.spared[0].target == "10.9.0.68/32" and (.mapek.actions[] | select(.target == "10.9.0.68").state == "undone")' ||
	fail "it has forgotten what was undone: $(snapshot | jq -c '[.mapek.spared, .mapek.actions]')"
: >/var/log/x0top.log
ip netns exec peer python3 "$work/send.py" 10.9.0.66 5000 &
senders="$senders $!"
await grep -q 'by mapek: rule insert 0 limit .* 10.9.0.66' /var/log/x0top.log || fail "no glance: $(cat /var/log/x0top.log)"
kill "${senders##* }"
senders=${senders% *}

# What the kernel has no limit for is found between them, too: connections to a closed port.
cat >"$work/connect.py" <<'PYTHON'
import socket, time
while True:
    s = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    s.connect_ex(("10.9.0.1", 9))
    s.close()
    time.sleep(0.001)
PYTHON
ip netns exec peer python3 "$work/connect.py" &
senders="$senders $!"
await grep -q 'by mapek: mapek run resets' /var/log/x0top.log || fail "no glance at resets: $(cat /var/log/x0top.log)"
kill "${senders##* }"
senders=${senders% *}

[ "$(stat -c %a "$work/mapek.db")" = 600 ] || fail "others may read the knowledge"
kill -9 "$service"
wait "$service" 2>/dev/null
service=
await "$x0top" mapek explain 1 --knowledge "$work/mapek.db" >"$work/explained"
grep -q '^Done .*rule insert 0 limit 100/s from 10.9.0.66' "$work/explained" || fail "not explained: $(cat "$work/explained")"
grep -q '^Effect .* gone; .* dropped, about 0 of them usual$' "$work/explained" || fail "no effect: $(cat "$work/explained")"
grep -q '^Because .*UDP packets .*usually' "$work/explained" || fail "no reason: $(cat "$work/explained")"
"$x0top" mapek history --knowledge "$work/mapek.db" | grep -q 'anomaly .*over .*udp flood' || fail "no history"
"$x0top" mapek export --knowledge "$work/mapek.db" | jq -se 'map(select(.action == 1))[0].target == "10.9.0.66"' >/dev/null ||
	fail "not exported"
"$x0top" mapek forget --yes --knowledge "$work/mapek.db" || fail "not forgotten"
"$x0top" mapek history --knowledge "$work/mapek.db" | grep -q 'Nothing was unusual' || fail "not forgotten"

ip netns del peer
[ "$failures" -eq 0 ] && echo "ok: a flood is limited while it lasts, at once between samples, and explained"
exit $((failures != 0))
