#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# The busiest flows and sources in JSON and text, of real packets; and why there are none without a rule.
set -u
x0top=$(readlink -f "${X0TOP:-./x0top}")
# shellcheck source=tests/lib/host.sh
. "$(dirname "$0")/../lib/host.sh"
work=$(mktemp -d)
sender=
trap 'kill $sender 2>/dev/null; wait; ip netns del x0talk 2>/dev/null; ip link del t0 2>/dev/null; rm -rf "$work"' EXIT

ip netns add x0talk
ip link add t0 type veth peer name t1 netns x0talk || fail "no veth"
ip addr add 10.97.0.1/24 dev t0 && ip link set t0 up
ip netns exec x0talk sh -c 'ip link set lo up; ip addr add 10.97.0.2/24 dev t1; ip link set t1 up'
# Twice as many to port 7001 as to 7002, until it is ended.
ip netns exec x0talk python3 -c '
import socket, time
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(("10.97.0.2", 7000))
while True:
    for port in 7001, 7001, 7002:
        s.sendto(b"x" * 58, ("10.97.0.1", port))
    time.sleep(0.005)
' &
sender=$!

# json OPTION...: what --json says of the talkers, into $work/json.
json() {
	"$x0top" -i t0 --only xdp_mesh_filter --json "$@" >"$work/json" 2>"$work/err" ||
		fail "--json $*: $(cat "$work/err")"
}

# says EXPRESSION: whether it is true of the JSON, as `s`.
says() {
	if python3 -c 'import json, sys
s = json.load(open(sys.argv[1]))
t = s["talkers"]
if not (eval(sys.argv[2])): sys.exit(json.dumps(t)[:2000])' "$work/json" "$1"; then
		echo "ok: $1"
	else
		fail "not so: $1"
	fi
}

echo "--- without a rule nothing is attached, and flows are not known"
json
says 'not t["available"] and t["flows"] == []'
says '"Without a rule" in t["reason"] and "rules add count all" in t["remedy"]'
[ "$("$x0top" -i t0 --only xdp_mesh_filter --once | grep -c 'BUSIEST FLOWS')" = 1 ] || fail "no reason in text"

echo "--- a rule that counts is enough"
cat >"$work/rules.yaml" <<EOF
rules: [ drop udp 7002, count all ]
EOF
json --config "$work/rules.yaml"
says 't["available"] and t["reason"] == ""'
says '(t["flows"][0]["source"], t["flows"][0]["source_port"], t["flows"][0]["protocol"]) == ("10.97.0.2", 7000, "udp")'
says '(t["flows"][0]["destination"], t["flows"][0]["destination_port"]) == ("10.97.0.1", 7001)'
says 't["flows"][0]["interface"] == "t0" and t["flows"][0]["action"] == "pass" and t["flows"][0]["rule"] is None'
says '(t["flows"][1]["destination_port"], t["flows"][1]["action"], t["flows"][1]["rule"]) == (7002, "drop", 0)'
says '1.9 < t["flows"][0]["traffic"]["packets"]["total"] / t["flows"][1]["traffic"]["packets"]["total"] < 2.1'
says 't["flows"][0]["traffic"]["bytes"]["total"] == 100 * t["flows"][0]["traffic"]["packets"]["total"]'
says 't["flows"][0]["traffic"]["packets"]["rate"] > 0 and t["lost"]["packets"]["total"] == 0'
says 't["sources"][0]["address"] == "10.97.0.2"'
says 't["sources"][0]["traffic"]["packets"]["total"] >= sum(f["traffic"]["packets"]["total"] for f in t["flows"] if f["source"] == "10.97.0.2")'

echo "--- neighbours have the packets that came from them"
json --config "$work/rules.yaml" --neighbours kernel
says '[n["traffic"]["packets"]["total"] for n in s["neighbours"]["neighbours"] if n["address"] == "10.97.0.2"][0] > 0'

echo "--- metrics have no flows, and nobody looks for them"
"$x0top" -i t0 --only xdp_mesh_filter --config "$work/rules.yaml" --metrics | grep -q 'talkers_flows' && fail "flows are metrics"
exit $((failures != 0))
