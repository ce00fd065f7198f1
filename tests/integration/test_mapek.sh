#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# A flood from one address is found and limited, an address that behaves is not, and the end is in the kernel.
# Then knowledge tells what was done and why, after the service was killed.
set -u

# shellcheck source=tests/lib/host.sh
. "$(dirname "$0")/../lib/host.sh"
# shellcheck source=tests/lib/pair.sh
. "$(dirname "$0")/../lib/pair.sh"
x0top=${X0TOP:-./x0top}
# shellcheck source=tests/lib/mapek.sh
. "$(dirname "$0")/../lib/mapek.sh"

for host in 66 67 68; do ip -n peer addr add 10.9.0.$host/24 dev p0; done

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
serve -d 0.1 --config "$work/config.yaml"
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
mapek never 10.9.0.68 || fail "not spared"
await says '[.mapek.actions[] | select(.target == "10.9.0.68").state] | unique == ["undone"]' ||
	fail "it is not taken back: $(snapshot | jq -c '[.mapek.spared, .mapek.actions]')"
await says '[.mesh.rules[] | select(.origin == "mapek" and .time_left > 0)] == []' || fail "its rule stays"
kill "${senders##* }"
senders=${senders% *}

# Between two samples, 60 s apart, the kernel wakes x0top, which knows what is usual from before.
stop
serve -d 60 --config "$work/config.yaml"
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
stop KILL
await mapek explain 1 >"$work/explained"
grep -q '^Done .*rule insert 0 limit 100/s from 10.9.0.66' "$work/explained" || fail "not explained: $(cat "$work/explained")"
grep -q '^Effect .* gone; .* dropped, about 0 of them usual$' "$work/explained" || fail "no effect: $(cat "$work/explained")"
grep -q '^Because .*UDP packets .*usually' "$work/explained" || fail "no reason: $(cat "$work/explained")"
mapek history | grep -q 'anomaly .*over .*udp flood' || fail "no history"
mapek export | jq -se 'map(select(.action == 1))[0].target == "10.9.0.66"' >/dev/null ||
	fail "not exported"
mapek forget --yes || fail "not forgotten"
mapek history | grep -q 'Nothing was unusual' || fail "not forgotten"

ip netns del peer
[ "$failures" -eq 0 ] && echo "ok: a flood is limited while it lasts, at once between samples, and explained"
exit $((failures != 0))
