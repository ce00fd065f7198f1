#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Nodes whose signatures were verified, as rules meet them: real beacons of x0top peer from a namespace reach
# xdp_pqc_verify, a set of nodes and a set that follows the source "signed" then hold their addresses, and real
# packets meet rules and lines of the traffic classes by these. A node that is trusted but not named, and one with a key
# that nobody trusts, stay outside.
set -u
# shellcheck source=tests/lib/host.sh
. "$(dirname "$0")/../lib/host.sh"
# shellcheck source=tests/lib/mesh_peer.sh
. "$(dirname "$0")/../lib/mesh_peer.sh"
x0top=$(realpath "${X0TOP:-./x0top}")
work=/run/work
mkdir "$work" "$work/trust"
cd "$work" || exit 1
ip netns add peer
ip link add x0nodes type veth peer name x0peer netns peer
ip addr add 10.9.0.1/24 dev x0nodes && ip link set x0nodes up
ip netns exec peer ip link set lo up
for i in 2 3 4; do ip netns exec peer ip addr add "10.9.0.$i/24" dev x0peer; done
ip netns exec peer ip link set x0peer up
for name in host named other stranger; do
	"$x0top" keys generate "$name" --set 44 >/dev/null || exit 1
	chmod 600 "$name.key.pem"
done
cp host.pub.pem named.pub.pem other.pub.pem trust
echo 'identity: /run/work/host.key.pem' >config

# until_holds WHAT COMMAND...: the command holds within some seconds.
until_holds() {
	what=$1 deadline=$(($(date +%s) + 20))
	shift
	until "$@"; do
		[ "$(date +%s)" -lt "$deadline" ] || { fail "$what"; return; }
	done
}

# beacons NAME ADDRESS: a node there, in the background.
beacons() {
	ip netns exec peer "$x0top" peer --identity "$1.key.pem" --trust trust --listen "$2" \
		--to 10.9.0.1:26970 --beacon 0.3 >"$1.log" 2>&1 &
	pids="$pids $!"
}

holds() {
	sets test "$1" "$2"
}

is_dropped() {
	! reaches "$1"
}

pids=
trap 'kill $pids 2>/dev/null' EXIT
"$x0top" --once --enforce --pqc-mode enforce --yes --trust trust -i x0nodes \
	--only xdp_mesh_filter --only xdp_pqc_verify >enforce 2>&1 || fail "enforcing: $(cat enforce)"
"$x0top" serve --listen 127.0.0.1:9555 -d 0.5 --config config --trust trust -i x0nodes --only xdp_mesh_filter --only xdp_pqc_verify --only tc_classifier \
	>running 2>&1 &
pids=$!
id=$("$x0top" keys list --json --trust trust | jq -r '.keys[] | select(.name == "named") | .node')
echo "$id # the node that rules name" >nodes
sets load friends nodes nodes || fail "a set of nodes: $(cat err)"
sets feed checked signed || fail "a set that follows signatures: $(cat err)"
rules add pass udp 26970 || fail "a way for signatures: $(cat err)"
rules add count from @checked || fail "a rule by signatures: $(cat err)"
rules add pass from @friends || fail "a rule by nodes: $(cat err)"
rules add drop from 10.9.0.0/24 || fail "the rule behind: $(cat err)"
"$x0top" classes insert 0 tcp 9 from @friends friend >out 2>&1 || fail "a line by nodes: $(cat out)"

friends() { # what was received of the class
	curl -s http://127.0.0.1:9555/snapshot |
		jq '.tc.classes[] | select(.name == "friend") | .directions.ingress.packets.total'
}

has_friends() { # once it is sent to
	reaches 10.9.0.2
	[ "$(friends)" -gt 0 ] 2>/dev/null
}

reaches 10.9.0.2 && fail "without a signature, a node is known"

# --- a signature opens the way, to the node that is named alone
beacons named 10.9.0.2
until_holds 'a verified node does not match its set' reaches 10.9.0.2
until_holds 'a verified node is in no class by its set' has_friends
beacons other 10.9.0.3
beacons stranger 10.9.0.4
until_holds 'a verified node is not in the set of all' holds checked 10.9.0.3
holds friends 10.9.0.2 || fail 'the set does not say where its node is'
reaches 10.9.0.3 && fail 'a trusted node matches a set that does not name it'
reaches 10.9.0.4 && fail 'a node without trust matches'
holds checked 10.9.0.4 && fail 'a node without trust is in the set of all'
sets list && grep -q '^checked .* 2 ' out || fail "the set of all: $(cat out)"
counted() {
	[ "$("$x0top" rules list --json | jq '.rules[] | select(.number == 1) | .traffic.packets.total // .packets')" -gt 0 ]
}
until_holds 'the rule by signatures has no packet' counted

# --- who signs no more is known for a while, and then no longer
grep -h 'refused' named.log other.log && fail 'something sound was refused'
[ "$failures" -eq 0 ]
