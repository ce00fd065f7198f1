#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# What an x0top that runs briefly makes of a trust store, its spoilt files, and this host's own key.
set -u
# shellcheck source=tests/lib/host.sh
. "$(dirname "$0")/../lib/host.sh"
x0top=$(realpath "${X0TOP:-./x0top}")
work=/run/work
mkdir "$work" && cd "$work" && mkdir trust || exit 1
ip netns add peer
ip link add x0keys type veth peer name x0peer netns peer
ip link set x0keys up && ip netns exec peer ip link set x0peer up

# Makes a key, and writes its node.
make_key() {
	"$x0top" keys generate "$1" --set "$2" | sed -n "s/^Made ML-DSA-$2, node \([0-9a-f]*\)\.\$/\1/p"
}

# run OPTION...: its answer in `answer`, what it says beside that in `said`.
run() {
	"$x0top" --once --json -d 0.1 --only xdp_pqc_verify -i x0keys "$@" >answer 2>said
}

# is FILTER EXPECTED: what jq finds in the answer.
is() {
	found=$(jq -c "$1" answer)
	[ "$found" = "$2" ] || fail "$1 is $found, not $2: $(cat said)"
}

own=$(make_key own 65) small=$(make_key small 44) big=$(make_key big 87)

run --trust none && fail 'a trust store that is not there is no matter'
is '[.alerts[] | [.severity, .sentence, .remedy]]' '[["warning","xdp_pqc_verify runs partly: There is no trust store none","Create it with its first key: x0top keys add FILE"]]'
is '[.pqc.available, .pqc.nodes]' '[true,[]]'

# --- a key, and files that are none: the rest is used
"$x0top" keys add small.pub.pem --trust trust >said || fail "adding: $(cat said)"
echo rubbish >trust/bad.pub.pem
run --trust trust && fail 'a file that is not used is no matter'
is '[.pqc.nodes[] | [.name, .node, .set, .sequence, .address]]' "[[\"small\",\"$small\",\"ML-DSA-44\",null,\"\"]]"
is '[.programs[] | select(.name == "xdp_pqc_verify") | [.state, .reason, .remedy]]' \
	'[["partly","1 file of trust is not used: bad.pub.pem is not a public key in PEM","Convert it to PEM: x0top keys add FILE NAME"]]'
is '[.net_events.events[].text]' '["key not used: bad.pub.pem is not a public key in PEM"]'
echo rubbish >trust/worse.pub.pem
run --trust trust
is '[.programs[] | select(.name == "xdp_pqc_verify").reason]' \
	'["2 files of trust are not used: bad.pub.pem is not a public key in PEM"]'
is '.net_events.events | length' 2
rm trust/bad.pub.pem trust/worse.pub.pem

# --- each set
"$x0top" keys add big.pub.pem --trust trust >said || fail "adding: $(cat said)"
"$x0top" keys add own.pub.pem --trust trust >said || fail "adding: $(cat said)"
run --trust trust || fail "three keys: $(cat said)"
is '[.pqc.nodes[] | [.name, .node, .set]]' \
	"[[\"big\",\"$big\",\"ML-DSA-87\"],[\"own\",\"$own\",\"ML-DSA-65\"],[\"small\",\"$small\",\"ML-DSA-44\"]]"
is .alerts '[]'

# --- this host's own node
printf 'trust: %s/trust\nidentity: %s/own.key.pem\ntranslated: [big]\n' "$work" "$work" >own.yaml
run --config own.yaml || fail "an identity: $(cat said)"
is .alerts '[]'
is '.pqc.nodes | length' 3
printf 'trust: %s/trust\nidentity: %s/none.key.pem\n' "$work" "$work" >none.yaml
run --config none.yaml && fail 'an identity that is not there is no matter'
is '[.alerts[].sentence]' '["xdp_pqc_verify runs partly: Cannot open the key /run/work/none.key.pem: No such file or directory"]'
[ "$failures" -eq 0 ]
