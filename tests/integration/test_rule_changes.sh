#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Changes of mesh rules by the command line: notes, policy, files, undo, and what keeps the operator connected.
set -u
# shellcheck source=tests/lib/host.sh
. "$(dirname "$0")/../lib/host.sh"
x0top=$(realpath "${X0TOP:-./x0top}")
log=/var/log/x0top.log
work=/run/work
mkdir "$work"
unset SSH_CONNECTION
ip netns add peer
ip link add x0rules type veth peer name x0peer netns peer
ip addr add 10.9.0.1/24 dev x0rules && ip link set x0rules up
ip netns exec peer ip addr add 10.9.0.2/24 dev x0peer && ip netns exec peer ip link set x0peer up
"$x0top" --once --enforce --only xdp_mesh_filter -i x0rules >"$work/enforce" 2>&1 ||
	fail "enforcing: $(cat "$work/enforce")"

# rules WORDS...: x0top rules, its output in $work/out, its errors in $work/err.
rules() {
	timeout 60 "$x0top" rules "$@" >"$work/out" 2>"$work/err" </dev/null
}

must() {
	rules "$@" || fail "rules $*: $(cat "$work/err")"
}

# refused SENTENCE WORDS...: the command fails, and says this.
refused() {
	said=$1
	shift
	rules "$@" && fail "rules $* is done: $(cat "$work/out")"
	grep -qF -- "$said" "$work/err" || fail "rules $* says: $(cat "$work/err")"
}

# reaches PORT: whether a TCP segment of the peer is answered, by a reset.
reaches() {
	ip netns exec peer python3 -c '
import socket, sys
s = socket.socket()
s.settimeout(0.4)
sys.exit(s.connect_ex(("10.9.0.1", int(sys.argv[1]))) != 111)' "$1"
}

passes() {
	reaches "$1" || reaches "$1" || fail "$2: port $1 is dropped"
}

drops() {
	reaches "$1" && fail "$2: port $1 passes"
}

drops_again() {
	! reaches 9
}

# until SECONDS COMMAND...: waits until the command succeeds.
until_done() {
	end=$(($(date +%s) + $1))
	shift
	until "$@"; do
		[ "$(date +%s)" -lt "$end" ] || return 1
	done
}

keys() {
	rules list --json
	jq -r '.rules[].key' "$work/out" | tr '\n' ';'
}

# --- the list
must add drop tcp 9 for 1h comment '"nobody listens"'
must add limit 20/s burst 5 tcp 10
must add drop tcp 9 in x0rules for 1m origin feed
grep -q 'it never decides: rule 0 matches all that it does' "$work/out" || fail "adding what never decides: $(cat "$work/out")"
drops 9 'a rule with notes'
must list
grep -qE '^ +0 +on +drop +tcp 9 +operator +(1h|59m..s) .* [0-9]+s +nobody listens$' "$work/out" || fail "the list: $(cat "$work/out")"
grep -qE '^ +1 +on +limit +20/s burst 5 +tcp 10 +operator +- ' "$work/out" || fail "the list: $(cat "$work/out")"
grep -qE '^ +never decides: rule 0 matches all that it does' "$work/out" || fail "the list: $(cat "$work/out")"
must list --json
jq -e '.policy == "pass" and .rules[0].comment == "nobody listens" and .rules[0].origin == "operator"
	and .rules[0].time_left > 3500 and .rules[0].traffic.packets.total > 0 and .rules[0].last_match > 1e9
	and .rules[1].limit == "20/s burst 5" and .rules[1].time_left == null and .rules[1].last_match == null
	and .rules[2].shadowed_by == 0 and .rules[2].origin == "feed"' "$work/out" >/dev/null || fail "JSON: $(cat "$work/out")"
refused 'Mesh rule 0 already matches tcp 9' add pass tcp 9
must add pass tcp 9 in x0rules
grep -q 'as rule 2' "$work/out" || fail "an operator's rule in place of a feed's: $(cat "$work/out")"
[ "$(keys)" = 'tcp 9;tcp 10;tcp 9 in x0rules;' ] || fail "the feed's rule stays: $(keys)"
must flush

# --- a rule that expires, while no x0top runs
# A busy host may take longer than the rule.
dropped=
for seconds in 2 8 30; do
	must flush
	must add drop tcp 9 for ${seconds}s
	reaches 9 && continue
	dropped=1
	break
done
[ -n "$dropped" ] || fail 'before its time is over: port 9 passes'
until_done 40 reaches 9 || fail 'a rule outlives its time'
must list
grep -qE '^ +0 +on +drop +tcp 9 +operator +over' "$work/out" || fail "what has expired: $(cat "$work/out")"
timeout 20 "$x0top" --once -d 0.1 --only xdp_mesh_filter -i x0rules >"$work/once" 2>&1
must list
grep -q 'tcp 9' "$work/out" && fail "x0top does not forget what has expired: $(cat "$work/out")"
grep -q 'by time: rule expire: done, 1 rule: drop tcp 9' $log || fail "it is not logged: $(tail -2 $log)"
refused 'The time of the mesh rule is over' add drop tcp 9 until 2001-01-01T00:00:00Z

must expire
grep -qx 'rule expire: done, 0 rules' "$work/out" || fail "nothing has expired: $(cat "$work/out")"

# --- the policy; ARP passes all the same
must add pass tcp 9
must policy drop
grep -q 'it was pass' "$work/out" || fail "the policy before: $(cat "$work/out")"
ip netns exec peer ip neigh flush dev x0peer
passes 9 'a rule that passes'
drops 10 'the policy'
must list
grep -qE '^policy +drop .* [1-9][0-9]* ' "$work/out" || fail "the policy in the list: $(cat "$work/out")"
must policy pass
passes 10 'the policy pass'
refused '"count" is not a policy' policy count
must flush

# --- files: what is saved is what is loaded
refused 'A comment has no quotes in it' add drop tcp 9 comment 'a"b'
must add drop tcp 9 comment "it's: here # yes"
must add off limit 10Mbit/s udp 20-30
must add pass 10.9.0.0/24 for 2d origin feed
refused 'Only MAPE-K adds rules of the origin mapek' add pass 10.9.1.0/24 for 2d origin mapek
must insert 1 count arp
must policy drop
printf '10.7.0.0/16\n10.8.0.1 # one host\n' >"$work/foes"
"$x0top" sets load foes "$work/foes" >/dev/null || fail "sets load"
cp "$work/foes" /run/other && "$x0top" sets load friends /run/other >/dev/null && "$x0top" sets add friends 10.9.0.7 >/dev/null ||
	fail "sets add"
must add drop from @foes
must add pass from @friends tcp 10
must save "$work/saved.yaml"
must save
cmp -s "$work/out" "$work/saved.yaml" || fail "saving to the standard output"
must --yes flush
must load "$work/saved.yaml"
grep -q ', 6 rules in place of 0, and 2 sets' "$work/out" || fail "loading: $(cat "$work/out")"
grep -q 'by command line: rule load .*saved.yaml: done, 6 rules in place of 0, .*; rules \([0-9a-f]\{8\}\), before [0-9a-f]\{8\}; new: 0 .*, 1 count arp.*, 2 off limit' $log ||
	fail "what was loaded is not in the log: $(tail -n 1 $log)"
grep -q 'by command line: rule flush: done, 6 rules; .*; gone: 0 .*, 1 count arp' $log ||
	fail "what was flushed is not in the log: $(grep flush $log)"
hash=$(sed -n '$s/.*; rules \([0-9a-f]*\), before.*/\1/p' $log)
grep -q "rule flush: done, 6 rules; .*; rules [0-9a-f]*, before $hash;" $log ||
	fail "the same rules have another hash: $(tail -n 2 $log)"
grep -q 'set add friends 10.9.0.7: done; @friends 3 [0-9a-f]*, before 2 [0-9a-f]*$' $log ||
	fail "what was added to a set is not in the log: $(grep 'set add' $log)"
must save "$work/again.yaml"
cmp -s "$work/saved.yaml" "$work/again.yaml" || fail "saved again it differs: $(diff "$work/saved.yaml" "$work/again.yaml")"
must load "$work/saved.yaml"
must list
grep -q ' feed ' "$work/out" || fail "origins are lost: $(cat "$work/out")"
sed 's/origin feed/origin mapek/' "$work/saved.yaml" >"$work/mapek.yaml"
must load "$work/mapek.yaml"
must list
grep -q ' mapek ' "$work/out" || fail "what MAPE-K has done is lost: $(cat "$work/out")"
must undo
{
	printf 'rules:\n'
	for i in $(seq 810); do printf '  - drop 10.10.%d.%d\n' $((i / 250)) $((i % 250)); done
	printf '  - drop 10.10.0.300\n'
} >"$work/wrong.yaml"
refused "$work/wrong.yaml, line 812, column 5: \"10.10.0.300\"" load "$work/wrong.yaml"
printf 'rules:\n  - pass all\n  - drop from @nobody\n' >"$work/wrong.yaml"
refused "$work/wrong.yaml, line 3, column 5: There is no set @nobody" load "$work/wrong.yaml"
printf 'rules:\n  - drop mac @foes\n' >"$work/wrong.yaml"
refused "$work/wrong.yaml, line 2, column 5: The set @foes holds prefixes" load "$work/wrong.yaml"
: >"$work/wrong.yaml" # it was cut
refused "$work/wrong.yaml says nothing of rules" load "$work/wrong.yaml"
must save "$work/again.yaml"
cmp -s "$work/saved.yaml" "$work/again.yaml" || fail "a wrong file changes something"
refused 'Cannot read' load "$work/none.yaml"

# --- a set that was edited, and is too large for the file: it gets one beside it
seq 20000 | awk '{ printf "10.20.%d.%d\n", int($1 / 250), $1 % 250 }' >"$work/many"
"$x0top" sets load many "$work/many" >/dev/null && "$x0top" sets add many 10.30.0.1 >/dev/null ||
	fail "a large set"
must add count from @many
refused 'Name a file: x0top rules save FILE' save
(cd "$work" && "$x0top" rules save large.yaml) 2>"$work/err" || fail "a large set: $(cat "$work/err")"
[ "$(grep -c '^10' "$work/large.yaml.many")" -eq 20001 ] || fail "the file of a large set"
must --yes flush
"$x0top" sets delete many >/dev/null || fail "sets delete"
must load "$work/large.yaml"
"$x0top" sets test many 10.30.0.1 >/dev/null || fail "a large set is not what it was"
"$x0top" sets remove many 10.20.0.1 >/dev/null || fail "sets remove"
must save "$work/large.yaml"
grep -q '^10.20.0.1$' "$work/large.yaml.many" && fail "saved again, a large set is as before"
must policy pass
must flush

# --- undo, ten deep, across processes
for port in 1 2 3 4 5 6 7 8 9 10 11 12; do must add drop tcp $port; done
all=$(keys)
must delete 11
must undo
grep -q 'undone: rule delete 11' "$work/out" || fail "what is undone: $(cat "$work/out")"
[ "$(keys)" = "$all" ] || fail "undoing a deletion: $(keys)"
for port in 12 11 10 9 8 7 6 5 4; do
	must undo
	grep -q "undone: rule add drop tcp $port;" "$work/out" || fail "undoing: $(cat "$work/out")"
done
passes 9 'an addition undone'
[ "$(keys)" = 'tcp 1;tcp 2;tcp 3;' ] || fail "nine deep: $(keys)"
refused 'There is no change to undo' undo
must policy drop
must --yes flush
must undo
[ "$(keys)" = 'tcp 1;tcp 2;tcp 3;' ] || fail "undoing a flush: $(keys)"
must undo
passes 9 'a policy undone'
printf 'rules: [drop tcp 77]\n' >"$work/one.yaml"
must load "$work/one.yaml"
must undo
grep -q "undone: rule load $work/one.yaml" "$work/out" || fail "undoing a load: $(cat "$work/out")"
[ "$(keys)" = 'tcp 1;tcp 2;tcp 3;' ] || fail "undoing a load: $(keys)"
printf 'sets:\n  lent: {elements: [10.40.0.1]}\n' >"$work/lent.yaml"
cat "$work/one.yaml" >>"$work/lent.yaml"
must load "$work/lent.yaml"
"$x0top" sets test lent 10.40.0.1 >/dev/null || fail "a set that is loaded with rules"
must undo
"$x0top" sets list 2>&1 | grep -q '^lent' && fail "undoing a load leaves its set: $("$x0top" sets list)"
must off 1
must undo
must list
grep -qE '^ +1 +on' "$work/out" || fail "undoing a switch: $(cat "$work/out")"
must move 0 7
must undo
[ "$(keys)" = 'tcp 1;tcp 2;tcp 3;' ] || fail "undoing a move: $(keys)"
"$x0top" sets add foes 10.44.0.0/16 >/dev/null || fail "sets add"
must undo
grep -q 'undone: set add foes 10.44.0.0/16' "$work/out" || fail "undoing an element: $(cat "$work/out")"
"$x0top" sets test foes 10.44.0.1 >/dev/null && fail "the element stays"
chmod 666 /run/x0top.undo
refused 'Cannot read what there is to undo' undo
rm /run/x0top.undo
must flush

# --- no lock-out, by any path
export SSH_CONNECTION='10.9.0.2 40000 10.9.0.1 22'
ask='your own SSH connection'
refused "$ask" add drop tcp 22
refused "$ask" policy drop
must add pass 10.9.0.2
must add drop 10.9.0.0/24
must policy drop
refused "$ask" delete 0
refused "$ask" off 0
refused "$ask" move 0 5
refused "$ask" insert 0 drop mac 02:00:00:00:00:01
refused "$ask" flush
refused "$ask" load "$work/saved.yaml"
refused 'drop arp) drops what is needed by your own SSH connection' add drop arp
must --yes add drop arp
must delete 2
printf 'rules: [drop 10.9.0.0/24]\n' >"$work/cuts.yaml"
refused "$ask" load "$work/cuts.yaml"
must insert 1 pass tcp 22
must delete 0
must undo
must --yes off 0
must --yes flush
must undo
must undo
must policy pass
must flush
must --yes add drop all
must flush
refused "$ask" undo
must --yes undo
must policy pass
must flush
# A question that was answered is none about the next rule; what passes the connection may be all that does.
must --yes add drop mac 02:00:00:00:00:01
must add drop udp 9
refused '(drop tcp 22) drops your own' add drop tcp 22
must flush
must add pass in x0rules
must --yes policy drop
must add drop udp 9
refused "$ask" delete 0
refused "$ask" off 0
must policy pass
must flush
# Who rolls back has perhaps come since.
unset SSH_CONNECTION
must add drop tcp 22
must --confirm-within 1h delete 0
export SSH_CONNECTION='10.9.0.2 40000 10.9.0.1 22'
refused "$ask" rollback
must --yes rollback
must flush
export SSH_CONNECTION='fe80::1%x0rules 40000 fe80::2%x0rules 22'
refused "$ask" add drop fe80::/10
refused 'needed by your own SSH connection' add drop nd
unset SSH_CONNECTION

# --- a change that waits for a confirm
must --confirm-within 2s add drop tcp 9
grep -q 'It is undone in [12] s, unless x0top rules confirm keeps it' "$work/out" || fail "what it says: $(cat "$work/out")"
drops 9 'a change that waits'
refused 'Another change waits for a confirm' --confirm-within 2s add drop tcp 10
until_done 15 reaches 9 || fail 'it is not undone'
until_done 5 grep -q 'rule rollback: done, undone: rule add drop tcp 9;' $log || fail "it is not logged: $(tail -3 $log)"
refused 'No change waits for a confirm' confirm
must --confirm-within 2s add drop tcp 9
must confirm
must --confirm-within 1s add drop tcp 10
until_done 15 reaches 10 || fail 'the second is not undone'
drops 9 'a change that is confirmed'
must flush

# watchers: the processes of this host that wait to undo something: the one that works, and the one behind it.
watchers() {
	pgrep -x x0top-rollback | while read -r pid; do
		[ "$(readlink /proc/self/ns/net)" != "$(readlink "/proc/$pid/ns/net")" ] || echo "$pid"
	done
}

two_watch() {
	[ "$(watchers | wc -l)" -eq 2 ]
}

nobody_watches() {
	[ -z "$(watchers)" ]
}

until_done 10 nobody_watches || fail "who has undone something stays"
must --confirm-within 1h policy drop
until_done 10 two_watch || fail "who waits to undo it: $(watchers)"
# Until then others make no change: undone, it would take that with it. What changes nothing is none.
printf 'rules: [pass tcp 10]\n' >"$work/waits.yaml"
for change in 'add count tcp 77' 'policy pass' "load $work/waits.yaml"; do
	# shellcheck disable=SC2086
	refused 'Another change waits for a confirm' $change
done
echo 10.9.0.77 >"$work/waits.txt"
"$x0top" sets load foes "$work/waits.txt" 2>&1 | grep -q 'Another change waits for a confirm' || fail "a set is loaded meanwhile"
must policy drop
must list
grep -q 'A change waits for a confirm, and others for its end' "$work/err" || fail "what a list says: $(cat "$work/err")"
must rollback
until_done 10 nobody_watches || fail "the process that undoes stays"
grep -q 'undone: rule policy drop' "$work/out" || fail "rolling back: $(cat "$work/out")"
passes 9 'rolled back at once'

# descendants PID NAME: those of a process, with that name.
descendants() {
	for child in $(pgrep -P "$1"); do
		[ "$(cat "/proc/$child/comm" 2>/dev/null)" != "$2" ] || echo "$child"
		descendants "$child" "$2"
	done
}

is_there() {
	[ -n "$(descendants "$script" x0top)" ]
}

# x0top is killed while it waits for the answer, and before it has said anything
mkfifo "$work/terminal"
for moment in said begun; do
	script -qec "$x0top rules --confirm-within 3s add drop tcp 9" /dev/null <"$work/terminal" >"$work/script" 2>&1 &
	script=$!
	exec 8>"$work/terminal"
	until_done 20 is_there || fail "x0top does not start: $(cat "$work/script")"
	[ $moment = begun ] || until_done 20 grep -q 'Keep it' "$work/script" || fail "no question: $(cat "$work/script")"
	watcher=$(descendants "$script" x0top-rollback)
	for pid in $(descendants "$script" x0top); do kill -9 "$pid"; done
	exec 8>&-
	wait "$script"
	until_done 20 reaches 9 || fail "killed ($moment): it is not undone"
	for pid in $watcher; do
		until_done 10 sh -c "! kill -0 $pid 2>/dev/null" || fail "the process that undoes stays"
	done
	must list
	grep -q 'tcp 9' "$work/out" && fail "killed ($moment): the rule is there"
done

# Both processes that wait are killed: an x0top that runs undoes it.
must --confirm-within 1s add drop tcp 9
until_done 10 two_watch || fail "who waits: $(watchers)"
# shellcheck disable=SC2046
kill -9 $(watchers)
"$x0top" --once -d 5 --only xdp_mesh_filter -i x0rules >"$work/once" 2>&1
passes 9 'both were killed, and an x0top runs'
grep -q 'by time: rule rollback: done, undone: rule add drop tcp 9;' $log || fail "it is not logged: $(tail -3 $log)"

# --- sets, and an undoing, wait as well
must add drop from @foes
passes 9 'before the set has the peer'
sets() {
	timeout 60 "$x0top" sets "$@" >"$work/out" 2>"$work/err" </dev/null || fail "sets $*: $(cat "$work/err")"
}
sets --confirm-within 2s add foes 10.9.0.2
grep -q 'It is undone in [12] s, unless x0top rules confirm keeps it' "$work/out" || fail "of sets: $(cat "$work/out")"
drops 9 'a set that waits'
until_done 15 reaches 9 || fail "a set is not undone"
sets --confirm-within 60s add foes 10.9.0.2
must confirm
must --confirm-within 2s undo
grep -q 'undone: set add foes 10.9.0.2' "$work/out" && grep -q 'It is undone in' "$work/out" ||
	fail "an undoing that waits: $(cat "$work/out")"
passes 9 'an undoing that waits'
until_done 15 drops_again || fail "an undoing is not undone"
must --confirm-within 60s undo
must confirm
passes 9 'an undoing that is confirmed'
must undo
grep -q 'undone: rule add drop from @foes' "$work/out" || fail "what a confirmed undoing leaves: $(cat "$work/out")"

# --- at boot: the unit's command on an interface that is not up yet
"$x0top" programs down >/dev/null || fail "programs down"
ip link set x0rules down
printf 'interfaces: [x0rules]\npolicy: drop\nrules: [pass tcp 10]\n' >"$work/boot.yaml"
# shellcheck disable=SC2046
$(sed -n "s|^ExecStart=/usr/sbin/x0top|$x0top|p" "$(dirname "$0")/../../packaging/systemd/x0top-rules.service" |
	sed "s|/etc/x0top/rules.yaml|$work/boot.yaml|") >"$work/out" 2>&1 || fail "at boot: $(cat "$work/out")"
ip link set x0rules up
until_done 5 reaches 10 || fail "at boot: what a rule passes is dropped"
drops 9 'at boot, the policy'

# --- the audit log has what was before
grep -q 'rule policy drop: done, it was pass' $log || fail "the policy before is not logged"
grep -q 'rule delete 11: done: drop tcp 12$' $log || fail "the rule that is gone is not logged: $(grep delete $log)"
"$x0top" programs down >/dev/null || fail "programs down"
[ "$failures" -eq 0 ]
