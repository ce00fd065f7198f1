#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Sets that follow the kernel's neighbours, and the switch made of them, as an x0top finds them that runs briefly.
set -u
# shellcheck source=tests/lib/host.sh
. "$(dirname "$0")/../lib/host.sh"
# shellcheck source=tests/lib/mesh_peer.sh
. "$(dirname "$0")/../lib/mesh_peer.sh"
x0top=${X0TOP:-./x0top}
work=/run/work
mkdir "$work"
ip netns add peer
ip link add x0rules type veth peer name x0peer netns peer
ip addr add 10.9.0.1/24 dev x0rules && ip link set x0rules up
ip netns exec peer ip link set x0peer up
"$x0top" --once --enforce --only xdp_mesh_filter -i x0rules >"$work/enforce" 2>&1 ||
	fail "enforcing: $(cat "$work/enforce")"

neighbour() {
	ip neigh "$1" "10.9.0.$2" lladdr "02:00:00:00:00:0$2" dev x0rules || fail "neighbour $2"
}

# sets_are NEAR MACS: what the two sets hold.
sets_are() {
	says 0 "$1" sets show near
	says 0 "$2" sets show macs
}

says 1 'x0top: No neighbour is known: all packets to the mesh ports would be dropped.
See which sources there are: x0top --once; or make the set @neighbours of a file: x0top sets load NAME FILE.' \
	rules only-neighbours on
neighbour add 5
says 2 'x0top: "elsewhere" is nothing that a set can follow.
Write, with commas between them, kernel, batman-adv, babel, wireguard, signed, file, routes or all.' \
	sets feed near elsewhere
"$x0top" sets feed near kernel >"$work/out" 2>&1 || fail "a feed: $(cat "$work/out")"
grep -qxE 'set feed near kernel: done, 1 element; new: @near 1 [0-9a-f]{8}' "$work/out" ||
	fail "what a feed says: $(cat "$work/out")"
"$x0top" sets feed macs kernel macs >"$work/out" 2>&1 || fail "a feed of MACs: $(cat "$work/out")"
says 1 'x0top: The set @near follows kernel: nobody else changes it.' sets add near 10.9.0.6
sets_are 10.9.0.5/32 02:00:00:00:00:05
"$x0top" rules only-neighbours on >"$work/out" 2>&1 || fail "the switch: $(cat "$work/out")"
says 0 "$(printf '%-25s %-9s %8s  %-9s %s\n' NAME KIND ELEMENTS ORIGIN SOURCE near prefixes 1 feed kernel \
	macs macs 1 feed kernel neighbours prefixes 1 feed all mesh-ports ports 4 operator only-neighbours)" sets list
"$x0top" rules save >"$work/saved" || fail 'saving'
sed -n '/^rules:/,$p' "$work/saved" >"$work/rules"
[ "$(cat "$work/rules")" = "rules:
  - 'pass from @neighbours udp @mesh-ports origin operator'
  - 'drop udp @mesh-ports origin operator'" ] || fail "the rules of the switch: $(cat "$work/saved")"
grep -q "near: .*feed: 'kernel'" "$work/saved" || fail "a feed is saved as such: $(cat "$work/saved")"

# --- a neighbour for another: while it runs, an x0top follows
neighbour del 5
neighbour add 7
"$x0top" --once -d 0.1 --only xdp_mesh_filter -i x0rules --neighbours kernel >"$work/out" 2>&1
sets_are 10.9.0.7/32 02:00:00:00:00:07
says 0 10.9.0.7/32 sets show neighbours
neighbour add 8
sets_are 10.9.0.7/32 02:00:00:00:00:07
"$x0top" --once -d 0.1 --only xdp_mesh_filter -i x0rules --neighbours kernel >"$work/out" 2>&1
sets_are '10.9.0.7/32
10.9.0.8/32' '02:00:00:00:00:07
02:00:00:00:00:08'
for n in '1 element' '2 elements'; do
	[ "$(grep -c "by feed: set follow near: done, $n\$" /var/log/x0top.log)" = 1 ] ||
		fail "the audit log: $(grep feed /var/log/x0top.log)"
done

"$x0top" rules only-neighbours off >"$work/out" 2>&1 || fail "the switch off: $(cat "$work/out")"
says 0 "$(printf '%-25s %-9s %8s  %-9s %s\n' NAME KIND ELEMENTS ORIGIN SOURCE near prefixes 2 feed kernel \
	macs macs 2 feed kernel)" sets list
"$x0top" rules save | grep -q '@' && fail 'a rule of the switch is left'
[ "$failures" -eq 0 ]
