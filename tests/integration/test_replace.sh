#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Programs of the XDP chain are replaced while they enforce: by files, by the built-in object, by the next x0top.
# What does not fit, does not load, or is not root's leaves all as it was. REPLACEMENTS under traffic: 16; with a
# RATE beside a flood of so many packets a second, which a rule drops, by native XDP.
set -u
# shellcheck source=tests/lib/host.sh
. "$(dirname "$0")/../lib/host.sh"
# shellcheck source=tests/lib/object.sh
. "$(dirname "$0")/../lib/object.sh"
# shellcheck source=tests/lib/rounds.sh
. "$(dirname "$0")/../lib/rounds.sh"
x0top=$(realpath "${X0TOP:-./x0top}")
layout=$(sed -n 's/^#define PINS_LAYOUT "\(.*\)"$/\1/p' core/kernel/pins.h)
pins=/sys/fs/bpf/x0top/$layout
work=/run/work
mkdir "$work" && cd "$work" || exit 1
# shellcheck source=tests/lib/traffic.sh
. "$tree/tests/lib/traffic.sh"

mesh=xdp_mesh_filter.bpf.c
# The same to packets, and another program to the kernel.
object same.bpf.o xdp_mesh_filter "$mesh:s/^	__u64 bytes = packet->bytes;/&\n	if (bytes == 0xfffffff1)\n		return XDP_ABORTED;/"
object passes.bpf.o xdp_mesh_filter "$mesh:s/^	if \(verdict == XDP_DROP\)/	if (verdict == XDP_TX)/"
object aborts.bpf.o xdp_mesh_filter "$mesh:s/^	if \(!packet->counted\) \{/	if (control->enforce)\n		return XDP_ABORTED;\n&/"
object shrunk.bpf.o xdp_mesh_filter "include/traffic_count.h:s/__u64 bytes/__u32 bytes/"
object renamed.bpf.o xdp_mesh_filter "include/xdp_mesh_filter.h:s/no_match; /no_rule; /" "$mesh:s/totals->no_match/totals->no_rule/"
object refused.bpf.o xdp_mesh_filter "$mesh:s/^	__u64 bytes = packet->bytes;/	__u64 bytes = *(volatile __u64 *)(totals + 9);/"
# Counts that have grown at their ends, as another version's; and what else has grown.
object grown.bpf.o xdp_mesh_filter "include/xdp_mesh_filter.h:s/^	__u64 last; .*/&\n	__u64 more[2];/" \
	"include/xdp_mesh_filter.h:s/^	struct traffic_count spared; .*/&\n	__u64 more;/" \
	"$mesh:s/^	counts->last = clock->now;/&\n	counts->more[1]++;/"
object grown-aborts.bpf.o xdp_mesh_filter "include/xdp_mesh_filter.h:s/^	struct traffic_count spared; .*/&\n	__u64 more, then[4];/" \
	"$mesh:s/^	if \(!packet->counted\) \{/	if (control->enforce)\n		return XDP_ABORTED;\n&/"
object grown-flows.bpf.o xdp_mesh_filter "include/mesh_tables.h:s/^	__u64 packets, bytes;/&\n	__u64 more;/"
object grown-chain.bpf.o xdp_mesh_filter "include/xdp_chain.h:s/^		stages\[XDP_STAGES_MAX\];.*/&\n	__u64 more;/" \
	"include/xdp_counter.h:s/^	__u64 vlan; .*/&\n	__u64 more[4];/" "include/wake.h:s/^	__u64 packets; .*/&\n	__u64 more;/"
object grown-chain-aborts.bpf.o xdp_mesh_filter "include/xdp_chain.h:s/^		stages\[XDP_STAGES_MAX\];.*/&\n	__u64 more, then[2];/" \
	"$mesh:s/^	if \(!packet->counted\) \{/	if (control->enforce)\n		return XDP_ABORTED;\n&/"
object grown-shorts.bpf.o xdp_mesh_filter "include/mesh_tables.h:s/^	__u32 words\[MESH_SHORT_WAYS \+ 1\];/&\n	__u32 more;/"
# Rules, sets, limits and what says which of them are in force.
rows=include/xdp_mesh_filter.h
object grown-rules.bpf.o xdp_mesh_filter "$rows:s|^	__u32 set; .. number of the rules.*|&\n	__u32 more[3];|" \
	"$rows:s/^		\[MESH_COMMENT_LEN\]; .*/&\n	__u64 more[3];/" "$rows:s/^	__u32 sets_size; .*/&\n	__u32 more[4];/" \
	"$rows:s/^	__u8 bytes\[MESH_SET_PIECE_LEN\];/&\n	__u8 more[16];/" "include/gcra.h:s/^	__u64 burst; .. how far.*/&\n	__u64 more;/"
head -c 3000 same.bpf.o >cut.bpf.o
[ "$rate" -eq 0 ] && mode=auto || mode=native
printf 'interfaces: [v0]\nxdp-mode: %s\nonly: [xdp_counter, xdp_mesh_filter]\nrules:\n  - "drop 10.9.0.3"\n' \
	$mode >rules.yaml

once() { "$x0top" --config rules.yaml --once --json -d 0.1 "$@" >answer 2>said; }
replace() { $nice "$x0top" programs replace --yes xdp_mesh_filter "$@" >said 2>&1; }
# is WHAT EXPECTED FOUND
is() { [ "$2" = "$3" ] || fail "$1: \"$3\", not \"$2\": $(cat said)"; }
says() { # WHAT TEXT: it is said
	grep -qF -- "$2" said || fail "$1: \"$2\" is not said, but: $(cat said)"
}
stage_tag() { bpftool -j prog show id "$(stage_id)" | jq -r .tag; }
mesh_filter() { jq -r --slurp "last | .programs[] | select(.name == \"xdp_mesh_filter\") | .$1" answer; }
stage_id() { # of the mesh filter, the only program in the pinned chain
	bpftool -j map dump pinned "$pins/xdp_chain" | jq '.[] | .formatted | select(.key == 0) | .value'
}

# --- by a file ----------------------------------------------------------------------------------------------------

replace same.bpf.o && fail 'nothing enforces, and yet it is replaced'
says 'without anything pinned' 'No mesh filter enforces on this host'
once --enforce || fail "enforcing: $(cat said)"
is 'it enforces' true "$(mesh_filter enforcing)"
own=$(mesh_filter tag) id=$(stage_id)
is 'nothing took its place' '' "$(mesh_filter replaced_by)"

replace same.bpf.o || fail "replacing: $(cat said)"
says 'what was done' "program replace xdp_mesh_filter $work/same.bpf.o: done"
[ "$(stage_id)" != "$id" ] || fail 'the chain has the same program'
grep -q "by command line: program replace xdp_mesh_filter $work/same.bpf.o: done" /var/log/x0top.log ||
	fail "it is not in the audit log: $(cat /var/log/x0top.log)"
"$x0top" programs list >said
says 'programs list' "xdp_mesh_filter is replaced by $work/same.bpf.o, tag "
"$x0top" rules list >said || fail "rules are there no more: $(cat said)"
says 'the rules' '10.9.0.3'

# --- the next x0top has the same file -------------------------------------------------------------------------------

once || fail "the next one: $(cat said)"
is 'it enforces on' 'true true' "$(mesh_filter enforcing) $(mesh_filter adopted)"
is 'by the same file' "$work/same.bpf.o" "$(mesh_filter replaced_by)"
[ "$(mesh_filter tag)" != "$own" ] || fail 'it has the tag of the built-in program'

# --- what is refused stays out ----------------------------------------------------------------------------------------

refused() { # WHAT FILE SENTENCE
	id=$(stage_id)
	replace "$2" && fail "$1 is no mistake"
	says "$1" "$3"
	is "$1: the old one stays" "$id" "$(stage_id)"
}
refused 'a narrower member' shrunk.bpf.o 'xdp_mesh_filter does not fit the maps in force: '
says 'the member' '.bytes: u64 became u32'
refused 'a renamed member' renamed.bpf.o 'mesh_filter_totals.no_match: is no_rule now'
refused 'compiled rules of another size' grown-shorts.bpf.o 'mesh_shorts.more: is new, and such a map is not carried over: '
says 'why' 'x0top computes where compiled rules lie in it'
refused 'a program that the verifier refuses' refused.bpf.o 'Cannot load xdp_mesh_filter: '
refused 'another program' "$build/bpf/xdp_counter.bpf.o" 'cannot take the place of xdp_mesh_filter: it lacks the program xdp_mesh_filter'
refused 'a file that was cut' cut.bpf.o 'cut.bpf.o is '
refused 'a folder' . 'it is not a regular file'
refused 'a file that is not there' nothing.bpf.o 'No such file or directory'
cp same.bpf.o loose.bpf.o && chmod 666 loose.bpf.o
refused 'a file that others write' loose.bpf.o 'loose.bpf.o is writable for other users'
cp same.bpf.o nobody.bpf.o && chown 65534 nobody.bpf.o
refused 'a file of somebody else' nobody.bpf.o 'nobody.bpf.o belongs to user 65534, not to root'
mkdir -m 777 open && cp same.bpf.o open/
refused 'a file in a folder that others write' open/same.bpf.o 'open is writable for other users'
"$x0top" programs replace --verbose --yes xdp_mesh_filter refused.bpf.o >said 2>&1
says 'the line that the verifier refused' 'invalid access to map value'
"$x0top" programs replace xdp_mesh_filter same.bpf.o >said 2>&1 </dev/null && fail 'nobody says yes, and it is done'
says 'the question' 'xdp_mesh_filter protects this host'
"$x0top" programs replace xdp_mesh_filter nothing.bpf.o >said 2>&1 </dev/null && fail 'a file that is not there is taken'
says 'that, and no question' 'No such file or directory'
"$x0top" programs replace --yes tc_classifier same.bpf.o >said 2>&1 && fail 'an observer that nobody runs is replaced'
says 'an observer' 'tc_classifier does not enforce: it lives in the x0top that runs it'
"$x0top" programs replace --yes nothing same.bpf.o >said 2>&1 && fail 'nothing is replaced'
says 'an unknown program' 'Unknown program nothing'

# --- a file that changes later is not taken for the same --------------------------------------------------------------

cp same.bpf.o changing.bpf.o
replace changing.bpf.o || fail "replacing: $(cat said)"
id=$(stage_id)
cat passes.bpf.o >changing.bpf.o
once && fail 'a file that has changed is no matter'
is 'what is in force stays' "$id" "$(stage_id)"
jq -r --slurp 'last | .alerts[].sentence' answer >said
says 'a file that has changed' "$work/changing.bpf.o has changed since xdp_mesh_filter was replaced by it"
replace built-in || fail "built-in: $(cat said)"
once || fail "built-in again: $(cat said)"
is 'the built-in one is back' "$own " "$(mesh_filter tag) $(mesh_filter replaced_by)"

# --- under traffic: none passes that a rule drops, each is counted once -----------------------------------------------

was=$(decided) before=$(came)
begin_traffic
begin_flood
rounds "${REPLACEMENTS:-16}"
while next_round; do
	[ $((round % 2)) -eq 0 ] && next=built-in || next=same.bpf.o
	id=$(stage_id)
	replace $next || fail "replacement $round: $(cat said)"
	[ "$(stage_id)" != "$id" ] || fail "replacement $round: the chain has the same program"
done
end_traffic
end_flood "$before"
read -r passed dropped <received
is 'no packet passes that a rule drops' 0 "$dropped"
is 'each packet passes, or is dropped and counted once' "$(($(came) - before))" "$(($(decided) - was + passed))"
[ "$rate" -gt 0 ] || is 'each packet passes' "$(cat sent)" "$passed"
[ "$(cat sent)" -gt 1000 ] || fail "only $(cat sent) packets were sent"

# --- counts that have grown at their ends are carried over, and the way back goes on with them ----------------------------

value_size() { bpftool -j map show pinned "$pins/$1" | jq .bytes_value; }
was=$(decided) size=$(value_size mesh_rule_counts)
# Killed before the larger map takes the place of its pin: the next x0top has the counts of the smaller one.
strace -f -qq -o calls -e trace=renameat,renameat2 -e inject=renameat,renameat2:signal=KILL "$x0top" programs replace --yes \
	xdp_mesh_filter grown.bpf.o >said 2>&1 && fail 'nobody killed it'
grep -q 'mesh_rule_counts-new' calls || fail "killed before: $(cat calls)"
is 'killed: the smaller map is pinned' "$size $was" "$(value_size mesh_rule_counts) $(decided)"
once || fail "after a kill: $(cat said)"
is 'the next one carries over' "$((size + 16)) $was $work/grown.bpf.o" \
	"$(value_size mesh_rule_counts) $(decided) $(mesh_filter replaced_by)"
[ ! -e "$pins/mesh_rule_counts-new" ] || fail "pins are left: $(ls "$pins")"
replace built-in || fail "built-in: $(cat said)"
begin_traffic
until [ "$(decided)" -gt $((was + 200)) ]; do sleep 0.05; done
replace grown.bpf.o || fail "replacing: $(cat said)"
grown=$(decided)
replace built-in || fail "built-in: $(cat said)"
end_traffic
[ "$grown" -gt $((was + 200)) ] || fail "counts begin anew: $grown after $was"
is 'larger maps are pinned' $((size + 16)) "$(value_size mesh_rule_counts)"
is 'grown: each packet passes, or none' "$(cat sent) 0" "$(cat received)"
is 'grown: each dropped packet is counted once' "$(cat sent)" "$(($(decided) - was))"
once || fail "the next one: $(cat said)"
is 'the next one has the larger maps' "$own $(($(cat sent) + was))" "$(mesh_filter tag) $(decided)"

# --- so are flows, whose packets are decided again ----------------------------------------------------------------------

flow_size=$(value_size mesh_flows) was=$(decided)
begin_traffic
until [ "$(decided)" -gt $((was + 200)) ]; do sleep 0.05; done
replace grown-flows.bpf.o || fail "replacing: $(cat said)"
once || fail "grown flows: $(cat said)"
replace built-in || fail "built-in: $(cat said)"
end_traffic
is 'a larger flow table is pinned' $((flow_size + 8)) "$(value_size mesh_flows)"
is 'grown flows: each packet passes, or none' "$(cat sent) 0" "$(cat received)"
is 'grown flows: each dropped packet is counted once' "$(cat sent)" "$(($(decided) - was))"

# --- so are rules, sets and limits, which go on to be changed ---------------------------------------------------------

rules() { "$x0top" rules list --json | jq -c '[.rules[] | [.number, .key, .comment, .enabled, (.traffic.packets.total // 0)]]'; }
sets() { "$x0top" sets show listed; }
change() { "$x0top" "$@" >said 2>&1 || fail "$*: $(cat said)"; }
seq -f '10.20.0.%.0f' 200 >listed
change sets load listed "$work/listed"
change rules --yes add drop from @listed
change rules --yes add limit 5/s 10.9.0.4 comment '"slow"'
change rules --yes add drop 10.9.0.5
change rules off 3
# Killed before the larger maps take the places of their pins: the next x0top has the rules of the smaller ones.
expected=$(rules) listed=$(sets)
strace -f -qq -o calls -e trace=renameat,renameat2 -e inject=renameat,renameat2:signal=KILL "$x0top" programs replace --yes \
	xdp_mesh_filter grown-rules.bpf.o >said 2>&1 && fail 'nobody killed it'
grep -q 'mesh_.*-new' calls || fail "killed before: $(cat calls)"
once || fail "after a kill: $(cat said)"
is 'killed: the rules and sets are there' "$expected $listed" "$(rules) $(sets)"
expected=$(rules) listed=$(sets) rule_size=$(value_size mesh_rules) was=$(decided)
begin_traffic
until [ "$(decided)" -gt "$was" ]; do sleep 0.05; done
replace grown-rules.bpf.o || fail "replacing: $(cat said)"
end_traffic
is 'grown rules: none passes that is dropped' "$(cat sent) 0" "$(cat received)"
is 'grown rules: each dropped packet is counted once' "$(cat sent)" "$(($(decided) - was))"
without_counts() { echo "$1" | jq -c '[.[] | .[:4]]'; }
is 'grown rules are the same' "$(without_counts "$expected")" "$(without_counts "$(rules)")"
is 'grown sets are the same' "$listed" "$(sets)"
is 'larger maps are pinned' "$((rule_size + 24)) 4032 40 40 28" \
	"$(value_size mesh_rules) $(value_size mesh_sets) $(value_size mesh_banks) $(value_size mesh_limits) $(value_size mesh_filter_control)"
change rules --yes add drop 10.9.0.6
change sets add listed 10.21.0.1
change rules on 3
change rules undo
is 'it is off again by its undo' false "$(rules | jq '.[3][3]')"
expected=$(without_counts "$(rules)") listed=$(sets)
once || fail "the next one: $(cat said)"
is 'the next one has the rules' "$work/grown-rules.bpf.o $expected" "$(mesh_filter replaced_by) $(without_counts "$(rules)")"
is 'the next one has the sets' "$listed" "$(sets)"
replace built-in || fail "built-in: $(cat said)"
is 'built-in again: the rules' "$expected" "$(without_counts "$(rules)")"
change rules --yes delete 2

# --- so is what all programs of the chain have: they change together --------------------------------------------------

root_id() { bpftool -j link show pinned "$(ls -d "$pins"/xdp_link_* | head -n 1)" | jq .prog_id; }
chain_sizes() { echo "$(value_size xdp_packet) $(value_size xdp_counters)"; }
chain_map() { bpftool -j map show pinned "$pins/xdp_chain" | jq .id; }
packet_size=$(value_size xdp_packet) counters_size=$(value_size xdp_counters)
was=$(decided) root=$(root_id) chain=$(chain_map)
# Killed before a larger map takes the place of its pin, when packets go through the new chain already.
strace -f -qq -o calls -e trace=renameat,renameat2 -e inject=renameat,renameat2:signal=KILL "$x0top" programs replace --yes \
	xdp_mesh_filter grown-chain.bpf.o >said 2>&1 && fail 'nobody killed it'
grep -q 'xdp_.*-new' calls || fail "killed before: $(cat calls)"
[ "$(root_id)" != "$root" ] || fail 'killed before packets go through the new chain'
begin_traffic
once || fail "after a kill: $(cat said)"
end_traffic
is 'killed: the smaller maps and their chain are in force' "$packet_size $counters_size $chain" "$(chain_sizes) $(chain_map)"
is 'killed: the root begins that chain' 1 \
	"$(bpftool -j prog show id "$(root_id)" | jq "[.map_ids[] | select(. == $chain)] | length")"
is 'killed: none passes that is dropped' "$(cat sent) 0" "$(cat received)"
was=$(decided)
begin_traffic
until [ "$(decided)" -gt $((was + 200)) ]; do sleep 0.05; done
replace grown-chain.bpf.o || fail "replacing: $(cat said)"
grown=$(decided)
replace built-in || fail "built-in: $(cat said)"
end_traffic
[ "$grown" -gt $((was + 200)) ] || fail "counts begin anew: $grown after $was"
is 'larger maps of the chain are pinned' "$((packet_size + 8)) $((counters_size + 32))" "$(chain_sizes)"
[ "$(chain_map)" != "$chain" ] || fail 'the chain is the same map'
is 'grown chain: each packet passes, or none' "$(cat sent) 0" "$(cat received)"
is 'grown chain: each dropped packet is counted once' "$(cat sent)" "$(($(decided) - was))"
once || fail "the next one: $(cat said)"
is 'the next one goes on with them' "$own $((packet_size + 8)) true" "$(mesh_filter tag) $(value_size xdp_packet) $(mesh_filter enforcing)"
begin_traffic
until [ "$(decided)" -gt $((was + 2000)) ]; do sleep 0.1; done
tag=$(stage_tag)
replace --canary 60 grown-chain-aborts.bpf.o && fail 'one that aborts is kept with larger maps of the chain'
says 'it is taken back' 'The old xdp_mesh_filter is back: of '
is 'the old one is loaded again' "$tag" "$(stage_tag)"
is 'with the larger map' $((packet_size + 24)) "$(value_size xdp_packet)"
end_traffic
once || fail "the next one: $(cat said)"

# --- one that decides otherwise does ------------------------------------------------------------------------------------

replace passes.bpf.o || fail "replacing: $(cat said)"
begin_traffic
end_traffic
is 'another decides' "$(cat sent) $(cat sent)" "$(cat received)"
replace built-in || fail "built-in: $(cat said)"

# --- on trial: what lets fewer packets pass is taken back, also after a kill ---------------------------------------------

begin_traffic
until [ "$(decided)" -gt $((was + 2000)) ]; do sleep 0.1; done
id=$(stage_id)
replace --canary 60 aborts.bpf.o && fail 'one that aborts is kept'
says 'it is taken back' 'The old xdp_mesh_filter is back: of '
is 'the old one is back' "$id" "$(stage_id)"
tag=$(stage_tag)
replace --canary 60 grown-aborts.bpf.o && fail 'one that aborts is kept with larger maps'
says 'it is taken back' 'The old xdp_mesh_filter is back: of '
is 'the old one is loaded again' "$tag" "$(stage_tag)"
grep -q 'by time: program take-back xdp_mesh_filter: done: of ' /var/log/x0top.log ||
	fail "it is not in the audit log: $(tail -n 3 /var/log/x0top.log)"
replace --canary 2 same.bpf.o || fail "on trial: $(cat said)"
says 'one that does as well stays' 'program keep xdp_mesh_filter: done: of '
"$x0top" programs list >said
says 'and is noted' "xdp_mesh_filter is replaced by $work/same.bpf.o, tag "
id=$(stage_id)
"$x0top" programs replace --yes --canary 60 xdp_mesh_filter built-in >trial 2>&1 & trial=$!
until grep -qs ': done' trial; do sleep 0.1; done
kill -INT $trial
wait $trial && fail 'an interrupted trial is no failure'
is 'interrupted, the old one is back' "$id" "$(stage_id)"
"$x0top" programs replace --yes --canary 60 xdp_mesh_filter built-in >trial 2>&1 & trial=$!
until [ "$(stage_id)" != "$id" ]; do sleep 0.05; done
kill -KILL $trial
wait $trial
end_traffic
once || fail "after a kill: $(cat said)"
is 'after a kill the old one is back' "$work/same.bpf.o" "$(mesh_filter replaced_by)"
"$x0top" programs replace --yes --canary 0 xdp_mesh_filter built-in >said 2>&1 && fail 'no time is a trial'
says 'no time' 'is not a number of seconds'
replace built-in || fail "built-in: $(cat said)"

# --- the next version: its programs take the places of what another left ------------------------------------------------

object grown-more.bpf.o xdp_mesh_filter "include/xdp_mesh_filter.h:s/^	__u64 last; .*/&\n	__u64 more[2], then[7];/"
mkdir objects && cp "$build"/bpf/*.bpf.o objects && cp grown-more.bpf.o objects/xdp_mesh_filter.bpf.o
object objects/xdp_root.bpf.o xdp_root 'xdp_root.bpf.c:s/^	packet->dropped = 0;/&\n	if (packet->frame == 7)\n		return XDP_ABORTED;/'
was=$(decided) root=$(root_id) id=$(stage_id)
begin_traffic
once --objects objects || fail "another version: $(cat said)"
[ "$(root_id)" != "$root" ] && [ "$(stage_id)" != "$id" ] || fail 'the programs of the other version stay'
once || fail "this version again: $(cat said)"
end_traffic
is 'this version again' "$own" "$(mesh_filter tag)"
is 'an upgrade: larger maps are pinned' $((size + 72)) "$(value_size mesh_rule_counts)"
is 'an upgrade: each packet passes, or none' "$(cat sent) 0" "$(cat received)"
is 'an upgrade: each dropped packet is counted once' "$(cat sent)" "$(($(decided) - was))"

"$x0top" programs down >said || fail "programs down: $(cat said)"

# --- so is what the verifier of signatures enforces -------------------------------------------------------------------

rows=include/xdp_pqc_verify.h
object grown-verifier.bpf.o xdp_pqc_verify "$rows:s/^	struct pqc_budget common_budget.*/&\n	__u64 more[2];/" \
	"$rows:s/^	struct pqc_window window;/&\n	__u64 more;/" "$rows:s/^	__u64 refused_there;.*/&\n	__u64 more[3];/" \
	"$rows:s/^	__u8 bytes\[PQC_MESSAGE_MAX\];/&\n	__u8 more[64];/" 'include/mldsa.h:s/^	__u32 matrix.*;/&\n	__u32 more[2];/'
printf 'interfaces: [v0]\nonly: [xdp_pqc_verify]\npqc-mode: enforce\npqc-port: [4001, 4002]\n' >rules.yaml
verifier() {
	jq -c --slurp 'last | [.pqc.mode, .pqc.ports, (.programs[] | select(.name == "xdp_pqc_verify") | .enforcing),
		(.pqc.sessions[] | [.node, .traffic.packets.total, .replayed.total])]' answer
}
ones() { seq -s ' ' "$1" | sed 's/[0-9][0-9]*/1/g'; }
once || fail "enforcing: $(cat said)"
session_size=$(value_size pqc_sessions)
# shellcheck disable=SC2046 # numbers
bpftool map update pinned "$pins/pqc_sessions" key $(ones "$(bpftool -j map show pinned "$pins/pqc_sessions" | jq .bytes_key)") \
	value $(ones "$session_size") || fail 'no session'
once || fail "with a session: $(cat said)"
was=$(verifier) size=$(value_size pqc_control)
"$x0top" programs replace --yes xdp_pqc_verify grown-verifier.bpf.o >said 2>&1 || fail "replacing: $(cat said)"
is 'verifier: larger maps are pinned' "$((size + 16)) $((session_size + 8))" "$(value_size pqc_control) $(value_size pqc_sessions)"
echo "$was" | grep -q '7234017283807667[0-9],7234017283807667[0-9]' || fail "its session is not shown: $was"
printf 'interfaces: [v0]\nonly: [xdp_pqc_verify]\n' >rules.yaml
once || fail "the next one: $(cat said)"
is 'verifier: it enforces the same' "$was" "$(verifier)"

"$x0top" programs down >said || fail "programs down: $(cat said)"
[ ! -e /sys/fs/bpf/x0top ] || fail "programs down leaves $(find /sys/fs/bpf/x0top)"
[ "$failures" -eq 0 ] && echo "$(basename "$0"): all passed"
exit $((failures > 0))
