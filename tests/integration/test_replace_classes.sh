#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# The classifier, which is pinned while it acts, is replaced by a file under traffic: each packet is marked by one of
# the two, and the next x0top has the same file.
set -u
# shellcheck source=tests/lib/host.sh
. "$(dirname "$0")/../lib/host.sh"
# shellcheck source=tests/lib/object.sh
. "$(dirname "$0")/../lib/object.sh"
x0top=$(realpath "${X0TOP:-./x0top}")
work=/run/work
mkdir "$work" && cd "$work" || exit 1
# shellcheck source=tests/lib/traffic.sh
. "$tree/tests/lib/traffic.sh"
object same.bpf.o tc_classifier 'tc_classifier.bpf.c:s/^	run_begin\(runs\);/	if (skb->len == 0xfffffff1)\n		return TC_ACT_UNSPEC;\n&/'
# What says what is done to classes has grown, too.
object grown.bpf.o tc_classifier 'include/class_act.h:s/^	struct class_timing timings.*/&\n	__u64 more[2];/' \
	'include/class_act.h:s/^		   \[CLASS_NAME_LEN\]; .*/&\n	__u64 more;/' 'include/tc_classifier.h:s/^	__u32 number; .. of the bank.*/&\n	__u64 more;/'
printf 'interfaces: [v0]\nonly: [tc_classifier]\n' >only.yaml

once() { "$x0top" --config only.yaml --once --json -d 0.1 >answer 2>said; }
replace() { "$x0top" programs replace --yes tc_classifier "$@" >said 2>&1; }
is() { [ "$2" = "$3" ] || fail "$1: \"$3\", not \"$2\": $(cat said)"; }
classifier() { jq -r --slurp "last | .programs[] | select(.name == \"tc_classifier\") | .$1" answer; }

value_size() { bpftool -j map show pinned "$(echo /sys/fs/bpf/x0top/v*)/$1" | jq .bytes_value; }
# Without what is counted.
qos() { "$x0top" qos list | awk "{ print \$1, \$2, \$3, \$4 }"; }

"$x0top" qos --yes mark v0 in best_effort 8 >said 2>&1 || fail "marking: $(cat said)"
once || fail "once: $(cat said)"
is 'nothing took its place' 'true ' "$(classifier enforcing) $(classifier replaced_by)"
own=$(classifier tag)

begin_traffic
replace same.bpf.o || fail "replacing: $(cat said)"
"$x0top" programs list >said
grep -qF "tc_classifier is replaced by $work/same.bpf.o, tag " said || fail "it is not listed: $(cat said)"
once || fail "the next one: $(cat said)"
is 'the next one has the same file' "true $work/same.bpf.o" "$(classifier enforcing) $(classifier replaced_by)"
[ "$(classifier tag)" != "$own" ] || fail 'it has the tag of the built-in one'
size=$(value_size class_acts) acts=$(qos)
replace grown.bpf.o || fail "replacing: $(cat said)"
is 'larger maps are pinned' $((size + 16)) "$(value_size class_acts)"
is 'what is done to classes stays' "$acts" "$(qos)"
"$x0top" qos --yes mark v0 out best_effort 8 >said 2>&1 || fail "marking: $(cat said)"
once || fail "the next one: $(cat said)"
is 'the next one has the same file' "true $work/grown.bpf.o" "$(classifier enforcing) $(classifier replaced_by)"
"$x0top" qos --yes undo >said 2>&1 || fail "undo: $(cat said)"
is 'undone' "$acts" "$(qos)"
replace built-in || fail "built-in: $(cat said)"
once || fail "built-in again: $(cat said)"
is 'the built-in one is back' "true $own " "$(classifier enforcing) $(classifier tag) $(classifier replaced_by)"
is 'the larger maps stay' "$((size + 16)) $acts" "$(value_size class_acts) $(qos)"
end_traffic
read -r one other <received
is 'each packet passes' "$((2 * $(cat sent)))" "$((one + other))"
is 'each packet is marked' "$((one + other))" "$(cat marked)"
[ "$(cat sent)" -gt 1000 ] || fail "only $(cat sent) packets were sent"

# A file that has changed is not taken for the same: what is in force stays, and can be replaced.
cp same.bpf.o changing.bpf.o
replace changing.bpf.o || fail "replacing: $(cat said)"
cat "$build/bpf/tc_classifier.bpf.o" >changing.bpf.o
once && fail 'a file that has changed is no matter'
jq -r --slurp 'last | .alerts[].sentence' answer >said
grep -qF "$work/changing.bpf.o has changed since tc_classifier was replaced by it" said || fail "it says $(cat said)"
replace same.bpf.o || fail "replacing: $(cat said)"
once || fail "the next one: $(cat said)"
is 'another file is in its place' "true $work/same.bpf.o" "$(classifier enforcing) $(classifier replaced_by)"

# --- taken down by another while it asks
mkfifo terminal
script -qec "$x0top programs replace tc_classifier same.bpf.o" /dev/null <terminal >asked 2>&1 &
asking=$!
exec 7>terminal
for _ in $(seq 100); do grep -q 'in its place' asked && break; sleep 0.1; done
"$x0top" programs down >said 2>&1 || fail "down: $(cat said)"
echo y >&7
exec 7>&-
wait "$asking"
grep -qF 'tc_classifier was taken down meanwhile: nothing was changed' asked || fail "it was replaced: $(cat asked)"
[ ! -e /sys/fs/bpf/x0top ] || fail "pins: $(find /sys/fs/bpf/x0top)"

# What acts no more is remembered no more.
once || fail "after programs down: $(cat said)"
is 'nothing is remembered' 'false ' "$(classifier enforcing) $(classifier replaced_by)"
[ ! -e /sys/fs/bpf/x0top ] || fail "programs down leaves $(find /sys/fs/bpf/x0top)"
[ "$failures" -eq 0 ] && echo "$(basename "$0"): all passed"
exit $((failures > 0))
