#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# A rule for a port, and the policy, cannot be passed by hiding the port: real packets to a socket, which gets them all
# where nothing is filtered.
set -u
# shellcheck source=tests/lib/host.sh
. "$(dirname "$0")/../lib/host.sh"
x0top=${X0TOP:-./x0top}
folder=$(dirname "$0")
ip link add in type veth peer name out
for name in all default in; do echo 0 >/proc/sys/net/ipv4/conf/$name/rp_filter; done
echo 1 >/proc/sys/net/ipv6/conf/out/disable_ipv6
ip addr add 10.9.0.1/24 dev in && ip addr add fd00::1/64 dev in nodad && ip link set in up && ip link set out up
mac=$(ip -j link show in | jq -r '.[].address')

# expect WAYS WHEN: which ways came through
expect() {
	got=$(python3 "$folder/hidden_ports.py" "$mac")
	[ "$got" = "$1" ] || fail "$2: $got
--- and not:
$1"
}

# counts KEY...: packets of the mesh filter since it began
counts() {
	"$x0top" --json --only xdp_mesh_filter -i in | jq -c ".mesh | [$1] | map(.packets.total)"
}

others='other4 other6'
all="ipv4 ipv6 8ext 9ext 20ext 4tags 5tags fragments4 fragments6 atomic cut $others"
expect "$all" 'without a filter'

# Dropped by the rule: 7, fragments by their first. Unreadable: 9ext, 20ext, 5tags, and both parts of cut.
"$x0top" --once --enforce --only xdp_mesh_filter -i in >/run/out 2>&1 || fail "enforcing: $(cat /run/out)"
"$x0top" rules add drop udp 7777 >/run/out || fail "a rule: $(cat /run/out)"
expect "$others" 'with a rule for the port'
[ "$(counts .dropped,.unreadable,.refused,.passed)" = '[7,5,0,0]' ] ||
	fail "counts with a rule: $(counts .dropped,.unreadable,.refused,.passed)"
"$x0top" rules list >/run/out
grep -qE '^policy +drop +unreadable, by no rule +5 ' /run/out || fail "the list: $(cat /run/out)"

# Later fragments have no ports, so that they are refused, too.
for change in 'delete 0' 'add pass udp 8888' '--yes policy drop'; do
	# shellcheck disable=SC2086
	"$x0top" rules $change >/run/out || fail "rules $change: $(cat /run/out)"
done
expect "$others" 'with the policy'
[ "$(counts .unreadable,.refused,.passed)" = '[10,9,2]' ] ||
	fail "counts with the policy: $(counts .unreadable,.refused,.passed)"

"$x0top" programs down >/run/out || fail "$(cat /run/out)"
[ "$failures" -eq 0 ]
