#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Observers of a service are replaced under traffic and system calls, by what the command line asks it for: each
# packet and each call is counted once; also where their counts have grown at their ends. REPLACEMENTS of each program at
# XDP: 2, by kprobes and by tracepoints, and 2 where the counter counts at TC; with a RATE under so many packets a second,
# by native XDP.
set -u
x0top=$(realpath "${X0TOP:-./x0top}")
# shellcheck source=tests/lib/host.sh
. "$(dirname "$0")/../lib/host.sh"
# shellcheck source=tests/lib/serve.sh
. "$(dirname "$0")/../lib/serve.sh"
# shellcheck source=tests/lib/object.sh
. "$(dirname "$0")/../lib/object.sh"
# shellcheck source=tests/lib/rounds.sh
. "$(dirname "$0")/../lib/rounds.sh"
files=/run/objects
mkdir "$files" && cp "$build"/bpf/*.bpf.o "$files" && cd "$work" || exit 1
# grown NAME HEADER MEMBER: the file of a program whose counts go on behind a member.
grown() { object "$files/$1.bpf.o" "$1" "include/$2:s/^	__u64 $3;.*/&\n	__u64 more[3];/"; }
# What the programs of the chain have together, for all of them.
object "$files/xdp_counter.bpf.o" xdp_counter "include/xdp_chain.h:s/^		stages\[XDP_STAGES_MAX\];.*/&\n	__u64 more;/" \
	"include/xdp_counter.h:s/^	__u64 vlan; .*/&\n	__u64 more[4];/" "include/wake.h:s/^	__u64 packets; .*/&\n	__u64 more;/" \
	"include/interfaces.h:s/^	struct interface_entry entries\[INTERFACE_WAYS\];/&\n	__u64 more[2];/"
grown tc_classifier tc_classifier.h 'vlan\[TRAFFIC_DIRECTIONS\]'
# And names of functions, places of interfaces and budgets of events, which are moved.
object "$files/tracepoint_net.bpf.o" tracepoint_net "include/tracepoint_net.h:s/^	__u64 hidden_from_tc;.*/&\n	__u64 more[3];/" \
	"include/tracepoint_net.h:s/^	char name\[NET_FUNCTION_LEN\];.*/&\n	char more[16];/" \
	"include/tracepoint_net.h:s/^	__u32 ifindexes\[NET_PLACES\];.*/&\n	__u32 more[2];/" \
	"tracepoint_net.bpf.c:s/^	__u64 sent;/&\n	__u64 more;/"
grown kprobe_syscall_latency syscall_latency.h 'buckets\[LATENCY_BUCKETS\]'
grown kprobe_syscall_latency_secure syscall_latency.h x32
trap 'touch "$work/stop"; [ -z "$service$witness" ] || kill $service $witness; wait; rm -rf "$work"' EXIT
observers='xdp_counter xdp_mesh_filter xdp_pqc_verify tc_classifier tracepoint_net kprobe_syscall_latency kprobe_syscall_latency_secure'

# shellcheck source=tests/lib/pair.sh
. "$tree/tests/lib/pair.sh"

# A flood that the host drops as others' after all programs have seen it; frames that find no room never came.
rate=${RATE:-0}
[ "$rate" -eq 0 ] || ethtool -K v0 gro on
came() { ip -j -s link show v0 | jq '.[].stats64.rx.packets'; }
flood() {
	[ "$rate" -eq 0 ] || ip netns exec peer "$build/tests/load/frames" p0 02:00:00:00:00:09 10.9.0.2 10.9.0.9 "$rate" stop
}

# shellcheck source=tests/lib/sender.sh
. "$tree/tests/lib/sender.sh"
# With a rate of packets: 120,000 calls a second, so that there is time for the packets.
cat >call.py <<'END'
import os, sys, time
made, began, rate = 0, time.monotonic(), 120000 if len(sys.argv) > 1 else 0
while not os.path.exists('stop'):
    for _ in range(500):
        os.sched_getparam(0)
        made += 1
    early = rate and began + made / rate - time.monotonic()
    if early > 0.002:
        time.sleep(early)
print(made)
END

# counts: of packets by each program that counts them, and of calls, in the service's last sample; of packets that went
# through each stage of the chain: at TC, through the counter alone.
counts() {
	get "$url/snapshot" | jq -c '[(.programs[] | select(.name | IN("xdp_counter", "xdp_mesh_filter", "xdp_pqc_verify")) | .runs.total),
		([.packets.interfaces[] | select(.name == "v0") | .all.packets.total] | add),
		([.tc.interfaces_classes[] | select(.interface == "v0") | .directions.ingress.packets.total] | add),
		([.net_events.interfaces[] | select(.name == "v0") | .received.packets.total] | add),
		([.syscalls.calls[] | select(.name == "sched_getparam") | .calls.total] | add)] | map(. // 0)'
}
# Waits until two samples say the same: all is counted.
settled() {
	last=
	for _ in $(seq 100); do
		now=$(counts)
		[ "$now" != "$last" ] || break
		last=$now
		sleep 0.5
	done
	echo "$now"
}
# Under a flood the kernel calls no BPF program for some of the events that it reports to ftrace: on 6.18, 256 of some
# 10 million, more while it is busy. So one that is never replaced counts beside: of what it sees, the others lose nothing.
witness=
begin_witness() {
	[ "$rate" -gt 0 ] || return
	# A host has one service: this one's /run is its own.
	unshare -m sh -c 'mount -t tmpfs none /run && exec "$@"' - "$x0top" serve --readonly --only tracepoint_net -i v0 \
		--delay 0.2 --listen 127.0.0.1:26971 2>"$work/witness" &
	witness=$!
	for _ in $(seq 200); do
		! grep -q 'Serving on' "$work/witness" || return
		sleep 0.05
	done
	fail "the one that is not replaced does not start: $(cat "$work/witness")"
}
witnessed() {
	get http://127.0.0.1:26971/snapshot | jq '[.net_events.interfaces[] | select(.name == "v0") | .received.packets.total] | add // 0'
}
end_witness() { # PACKETS: that came. Prints how many of them the kernel reported to BPF programs
	[ -n "$witness" ] || {
		echo "$1"
		return
	}
	echo $(($(witnessed) - was))
	kill "$witness"
}
lost() { get "$url/snapshot" | jq -c '[.self.losses[] | select(.what | test("exit not seen|no state")) | select(.count.total > 0) | .what]'; }

taken_back() { # NAME WHAT CHANGE: on trial, an object changed so is taken back, for WHAT
	object "$files/bad.bpf.o" "$1" "$3"
	"$x0top" programs replace --canary 60 "$1" "$files/bad.bpf.o" >said 2>&1 || fail "$1 on trial: $(cat said)"
	for _ in $(seq 100); do
		grep -qE "by time: program take-back $1: done: of [0-9]+ $2, [0-9.]+% before" /var/log/x0top.log && break
		sleep 0.1
	done
	grep "program take-back $1: " /var/log/x0top.log >said || fail "$1 is not taken back: $(tail -n 2 /var/log/x0top.log)"
	for _ in $(seq 50); do
		get "$url/snapshot" | jq -e ".programs[] | select(.name == \"$1\") | .replaced_by == \"\" and .canary_left == 0" >/dev/null &&
			return
		sleep 0.1
	done
	fail "$1: the old one is not back"
}
trials() { # of programs that see nothing, or lose what they see
	rm -f stop
	ip netns exec peer python3 send.py 10.9.0.2 >sent & sender=$!
	python3 call.py >made & caller=$!
	taken_back xdp_counter 'packets [0-9]+ did not pass' \
		'xdp_counter.bpf.c:s/^	if \(packet->stages\[XDP_COUNTER\]\.runs\+\+.*/	return TC_ACT_UNSPEC;\n&/'
	taken_back tc_classifier 'packets [0-9]+ were dropped, or not seen' \
		'tc_classifier.bpf.c:s/^	run_begin\(runs\);/	return TC_ACT_UNSPEC;\n&/'
	taken_back tracepoint_net 'events [0-9]+ were lost' \
		'tracepoint_net.bpf.c:s/^	place &= NET_PLACES - 1;/&\n	all->interfaces_full++;/'
	taken_back kprobe_syscall_latency 'calls [0-9]+ were lost' \
		'include/syscall_trace.bpf.h:s/^	if \(record->now.start && record->now.by == .*/	if (number)/'
	"$x0top" programs replace --canary 1 tc_classifier "$files/tc_classifier.bpf.o" >said 2>&1 || fail "on trial: $(cat said)"
	for _ in $(seq 50); do
		grep -q 'by time: program keep tc_classifier: done' /var/log/x0top.log && break
		sleep 0.1
	done
	grep -q 'by time: program keep tc_classifier: done' /var/log/x0top.log || fail "one that does as well is not kept: $(tail -n 2 /var/log/x0top.log)"
	touch stop
	wait "$sender" "$caller"
}
tried() { # WAY MODE COUNT: replaces each program by a file and back, under traffic
	start -i v0 --delay 0.2 --syscalls sched_getparam --syscalls-attach "$1" --xdp-mode "$2" $(printf -- '--only %s ' $observers)
	[ -z "$nice" ] || renice -n -10 -p "$service" >/dev/null || fail "$1: the service gets no higher priority"
	begin_witness
	before=$(settled) were=$(came) was=0
	[ -z "$witness" ] || was=$(witnessed)
	rm -f stop
	flood >frames & flooder=$!
	ip netns exec peer python3 send.py 10.9.0.2 >sent & sender=$!
	# shellcheck disable=SC2046
	python3 call.py $([ "$rate" -eq 0 ] || echo paced) >made & caller=$!
	rounds "$3"
	while next_round; do
		for name in $observers; do
			[ $((round % 2)) -eq 0 ] && next=built-in || next=$files/$name.bpf.o
			$nice "$x0top" programs replace "$name" "$next" >said 2>&1 || fail "$1, $round: $(cat said)"
			grep -q "^program replace $name $next: done by the service" said || fail "$1: $(cat said)"
			tail -n 1 /var/log/x0top.log | grep -q "program replace $name $next: done" ||
				fail "$1: the audit log has $(tail -n 1 /var/log/x0top.log)"
		done
	done
	touch stop
	wait "$sender" "$caller" "$flooder"
	after=$(settled) there=$(($(came) - were))
	[ "$rate" -gt 0 ] || [ "$there" -eq "$(cat sent)" ] || fail "$1: $there packets came of $(cat sent)"
	awk -v n="$there" -v c="$(cat made)" '{ printf "%.0f packets and %.0f calls a second for %.0f s\n", n / $2, c / $2, $2 }' frames
	got=$(jq -nc --argjson a "$after" --argjson b "$before" '[$a, $b] | transpose | map(.[0] - .[1])')
	reported=$(end_witness "$there")
	witness=
	awk -v n="$there" -v r="$reported" 'BEGIN { exit !(r > 0.995 * n) }' || fail "$1: of $there packets, $reported are reported"
	[ "$2" = auto ] && stages=0,0 || stages=$there,$there
	expected="[$there,$stages,$there,$there,$reported,$(cat made)]"
	[ "$got" = "$expected" ] || fail "$1: counted are $got, not $expected"
	[ "$(lost)" = '[]' ] || fail "$1: lost are $(lost)"
	[ "$(cat sent)" -gt 1000 ] && [ "$(cat made)" -gt 1000 ] || fail "$1: only $expected were sent"
	get "$url/snapshot" | jq -r '.programs[] | select(.state != "off") | "\(.name) \(.state) \(.reason)"' >said
	grep -vE ' on $|^xdp_pqc_verify partly ' said && fail "$1: not all run"
	[ "$2" != auto ] || trials
	stop || fail "the service ends with $?"
}

[ "$rate" -eq 0 ] && mode=generic || mode=native
tried tracepoint $mode "${REPLACEMENTS:-2}"
tried tracepoint auto 2
if grep -q ' register_kprobe$' /proc/kallsyms; then
	tried kprobe $mode "${REPLACEMENTS:-2}"
else
	echo 'not tried: this kernel has no kprobes'
fi
[ "$failures" -eq 0 ] && echo "$(basename "$0"): all passed"
exit $((failures > 0))
