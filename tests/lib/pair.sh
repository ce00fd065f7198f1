# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=sh
# A veth pair, for a script on a host of its own: v0 here with 10.9.0.1, p0 in the namespace peer with 10.9.0.2. Nothing
# passes but what the script sends.
ip netns add peer
ip link add v0 type veth peer name p0 netns peer
for side in '' 'ip netns exec peer'; do
	$side sysctl -qw net.ipv6.conf.all.disable_ipv6=1
done
ip link set v0 up && ip netns exec peer ip link set p0 up
ip addr add 10.9.0.1/24 dev v0 && ip netns exec peer ip addr add 10.9.0.2/24 dev p0
ip neigh replace 10.9.0.2 dev v0 lladdr "$(ip netns exec peer ip -j link show p0 | jq -r '.[].address')"
ip netns exec peer ip neigh replace 10.9.0.1 dev p0 lladdr "$(ip -j link show v0 | jq -r '.[].address')"
