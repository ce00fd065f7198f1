#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# x0top rules and sets print to the letter what is in force: lists, files, answers about packets, refusals.
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
ip netns exec peer ip addr add 10.9.0.2/24 dev x0peer
ip netns exec peer ip link set x0peer up
end=$(date -u -d '+1 hour' +%Y-%m-%dT%H:%M:%SZ)

columns='NUMBER  STATE ACTION KEY                                ORIGIN     LEFT  PACKETS    BYTES    PKT/S   LAST  COMMENT'
"$x0top" rules list >"$work/out" 2>&1 && fail 'rules are listed where no filter enforces'
cp "$work/out" "$work/nothing"
nothing=$(cat "$work/nothing")
for command in 'rules save' 'rules flush' 'rules check 10.0.0.1' 'sets list' 'sets show a' 'sets add a 10.0.0.1'; do
	# shellcheck disable=SC2086
	says 1 "$nothing" $command
done
[ "$(wc -l <"$work/nothing")" -eq 2 ] || fail "what is missing, and what to do: $nothing"

"$x0top" --once --enforce --only xdp_mesh_filter -i x0rules >"$work/enforce" 2>&1 ||
	fail "enforcing: $(cat "$work/enforce")"
says 0 "/sys/fs/bpf/x0top/v14: the programs that enforce, on the interfaces of its links" programs list

# --- each change says what it did
says 0 'rule add drop 10.8.0.0/16 comment "far away": done, as rule 0' rules add drop from 10.8.0.0/16 comment far away
"$x0top" rules add off pass udp 53 until "$end" >"$work/out" 2>&1 || fail "a rule with an end: $(cat "$work/out")"
grep -qxE 'rule add off pass udp 53 for (1h|59m[0-9]+s): done, as rule 1' "$work/out" ||
	fail "what a rule with an end says: $(cat "$work/out")"
says 0 'rule add drop 10.8.1.0/24: done, as rule 2; it never decides: rule 0 matches all that it does' \
	rules add drop 10.8.1.0/24
says 0 'rule insert 0 count tcp 9: done, as rule 0' rules insert 0 count tcp 9
says 1 'x0top: Mesh rule 1 already matches 10.8.0.0/16.
Delete it first: x0top rules delete 1, or F9 in the mesh view.' rules add drop 10.8.0.0/16
for i in 1 2 3; do reaches 10.9.0.2 || fail "segment $i is not answered"; done

# --- the list: notes behind it, counts, what never decides
"$x0top" rules list >"$work/list" 2>&1 || fail "listing: $(cat "$work/list")"
sed -n 1p "$work/list" | grep -qxF "$columns" || fail "the head of the list: $(cat "$work/list")"
grep -qxE ' {5}0  on    count  tcp 9 {30}operator      - {8}3     222B {8}0 +[0-9]+s' "$work/list" ||
	fail "a rule that counted: $(cat "$work/list")"
grep -qxE ' {5}1  on    drop   10\.8\.0\.0/16 {24}operator      - {8}0       0B {8}0      -  far away' "$work/list" ||
	fail "a rule with a comment: $(cat "$work/list")"
grep -qxE ' {5}2  off   pass   udp 53 {29}operator +[0-9ms]+ +0 +0B +0 +-' "$work/list" ||
	fail "a rule with an end: $(cat "$work/list")"
sed -n '/10.8.1.0/{n;p;}' "$work/list" | grep -qxF '        never decides: rule 1 matches all that it does' ||
	fail "a rule that never decides: $(cat "$work/list")"
grep -qxE 'policy        pass   what no rule matches +[0-9.]+ +[0-9.]+.?B +[0-9.]+' "$work/list" ||
	fail "the policy: $(cat "$work/list")"
[ "$(wc -l <"$work/list")" -eq 7 ] || fail "lines of the list: $(cat "$work/list")"
"$x0top" rules --json list >"$work/json" || fail "listing as JSON: $?"
[ "$(jq -c '[.policy, .enforcing, (.rules | length)], (.rules[0] | [.number, .action, .key, .traffic.packets.total,
	.traffic.bytes.total, .enabled]), .rules[1].comment, .rules[3].shadowed_by, .rules[0].shadowed_by' "$work/json" |
	tr '\n' ' ')" = '["pass",true,4] [0,"count","tcp 9",3,222,true] "far away" 1 null ' ] ||
	fail "the list as JSON: $(cat "$work/json")"

# --- which rule decides about a packet
says 0 'Rule 1, drop 10.8.0.0/16 comment "far away", decides
  10.8.0.0/16: 10.8.0.1
The packet is dropped' rules check 10.8.0.1 udp 53
says 0 'Rule 0, count tcp 9, counts it
No rule matches: the policy is pass
The packet passes' rules check 10.7.0.1 tcp 9
says 1 'x0top: There is no interface nowhere.' rules check 10.8.0.1 in nowhere
[ "$("$x0top" rules --json check 10.8.0.1 tcp 9 in x0rules |
	jq -c '[.rule, .dropped, .counted, [.conditions[].value]]')" = '[1,true,[0],["10.8.0.1"]]' ] ||
	fail "an answer as JSON: $("$x0top" rules --json check 10.8.0.1 tcp 9 in x0rules)"
says 1 "x0top: Cannot read the capture $work/none: No such file or directory." rules check pcap "$work/none"
for words in pcap 'in x0rules pcap'; do
	# shellcheck disable=SC2086
	says 2 'x0top: Nothing says which capture the packet is from.
Write [in INTERFACE] pcap FILE[:NUMBER].' rules check $words
done
says 2 'x0top: A packet of a capture has no other words.
Write [in INTERFACE] pcap FILE[:NUMBER].' rules check pcap "$work/none" udp 53

# --- what changes nothing takes no place among the changes that can be undone
"$x0top" rules off 2 >"$work/out" 2>&1
grep -qxE 'rule off 2: done: pass udp 53 for (1h|59m[0-9]+s), as it is' "$work/out" || fail "off once more: $(cat "$work/out")"
says 0 'rule move 3 3: done: drop 10.8.1.0/24, as it is; it never decides: rule 1 matches all that it does' rules move 3 3
says 0 'rule policy pass: done, it was pass: what no rule matches passes' rules policy pass
echo 192.0.2.0/24 >"$work/same"
"$x0top" sets load same "$work/same" >"$work/out" 2>&1 || fail "a set: $(cat "$work/out")"
says 0 "set load same $work/same: done, 1 element read" sets load same "$work/same"
"$x0top" rules undo >"$work/out" 2>&1
grep -q "undone: set load same $work/same; gone: @same" "$work/out" || fail "what is undone: $(cat "$work/out")"
"$x0top" rules undo >"$work/out" 2>&1
grep -q 'undone: rule insert 0 count tcp 9' "$work/out" || fail "what is undone: $(cat "$work/out")"
says 0 'rule insert 0 count tcp 9: done, as rule 0' rules insert 0 count tcp 9

# --- a file has the rules and their sets, of which a long one has a file of its own
printf '192.0.2.0/24\n192.0.2.7\n' >"$work/short"
for i in 1 2 3 4; do seq -f "10.$i.0.%.0f/32" 1 2 199; done >"$work/long"
"$x0top" sets load short "$work/short" >"$work/out" 2>&1 || fail "a set: $(cat "$work/out")"
"$x0top" sets load long "$work/long" >"$work/out" 2>&1 || fail "a long set: $(cat "$work/out")"
says 0 'rule add drop from @short: done, as rule 4' rules add drop @short
says 0 'rule add drop from @long: done, as rule 5' rules add drop @long
"$x0top" sets add short 198.51.100.1 >"$work/out" 2>&1 || fail "an element: $(cat "$work/out")"
"$x0top" sets add long 10.5.0.1/32 >"$work/out" 2>&1 || fail "an element: $(cat "$work/out")"
echo 10.5.0.1/32 >>"$work/long"
says 0 "$(printf '%-25s %-9s %8s  %-9s %s\n' NAME KIND ELEMENTS ORIGIN SOURCE short prefixes 2 file edited \
	long prefixes 401 file edited)" sets list
says 0 192.0.2.0/24 sets show short 192
says 2 'x0top: x0top sets list has an operand too many.
Try x0top sets --help.' sets list extra
says 2 'x0top: x0top sets test lacks NAME ELEMENT.
Try x0top sets --help.' sets test short
says 2 'x0top: x0top sets load lacks NAME FILE [KIND].
Try x0top sets --help.' sets load
says 2 'x0top: Write NAME SOURCES [KIND].' sets feed short
says 2 'x0top: "frob" is not a command of x0top sets.
Try x0top sets --help.' sets frob
rules="# Mesh rules of x0top, for --config and for loading.
policy: pass
sets:
  short: {kind: prefixes, elements: ['192.0.2.0/24', '198.51.100.1/32']}
  long: {kind: prefixes, file: '$work/saved/rules.yaml.long'}
rules:
  - 'count tcp 9 origin operator'
  - 'drop 10.8.0.0/16 origin operator comment \"far away\"'
  - 'off pass udp 53 until $end origin operator'
  - 'drop 10.8.1.0/24 origin operator'
  - 'drop from @short origin operator'
  - 'drop from @long origin operator'"
mkdir "$work/saved"
says 0 '' rules save "$work/saved/rules.yaml"
[ "$(cat "$work/saved/rules.yaml")" = "$rules" ] || fail "the file of rules: $(cat "$work/saved/rules.yaml")"
grep -v '^#' "$work"/saved/*long* | cmp -s - "$work/long" || fail "the file of a set: $(ls "$work/saved")"
[ "$(find "$work/saved" -name '*.new')" = '' ] || fail "left behind: $(ls "$work/saved")"
says 1 "x0top: Cannot write $work/none/rules: No such file or directory." rules save "$work/none/rules"
# What is no file stays what it is.
mkfifo "$work/pipe"
says 1 "x0top: Cannot write $work/pipe: It is not a regular file." rules save "$work/pipe"
[ -p "$work/pipe" ] || fail 'a pipe was replaced'

# --- a change that waits for its confirm
"$x0top" rules --yes --confirm-within 1m off 1 >"$work/out" 2>&1 || fail "a change to confirm: $(cat "$work/out")"
sed -n 1p "$work/out" | grep -qxF 'rule off 1: done: drop 10.8.0.0/16 comment "far away"' &&
	sed -n 2p "$work/out" | grep -qxE 'It is undone in (60|[45][0-9]) s, unless x0top rules confirm keeps it' ||
	fail "what a change to confirm says: $(cat "$work/out")"
is_on() {
	"$x0top" rules --json list | jq '.rules[1].enabled'
}
[ "$(is_on)" = false ] || fail 'the change is not made'
"$x0top" rules rollback >"$work/out" 2>&1 || fail "rolling back: $(cat "$work/out")"
[ "$(is_on)" = true ] || fail 'the change is not undone'
says 1 'x0top: No change waits for a confirm.' rules confirm

# --- what was saved is loaded again
"$x0top" rules --yes flush >"$work/out" 2>&1 || fail "flushing: $(cat "$work/out")"
"$x0top" rules --yes load "$work/saved/rules.yaml" >"$work/out" 2>&1 || fail "loading: $(cat "$work/out")"
says 0 "$("$x0top" --version)" --version
"$x0top" rules save "$work/saved/rules.yaml" || fail 'saving again'
sed 's/ origin [a-z]*//' "$work/saved/rules.yaml" >"$work/again"
printf '%s\n' "$rules" | sed 's/ origin [a-z]*//' | cmp - "$work/again" || fail "what was loaded: $(cat "$work/again")"

says 0 "$("$x0top" programs down | sed 's/^Removed [0-9]* pins and 0 TC filters\.$/ok/' | grep -x ok >"$work/down" &&
	echo 'x0top has left nothing on this host.')" programs list
[ "$failures" -eq 0 ]
