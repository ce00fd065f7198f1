#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# x0top as scripts call it: exit statuses, what goes to which stream, JSON by the schema.
set -u
x0top=${X0TOP:-./x0top}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failures=0

# expect NAME STATUS COMMAND...: runs it, keeping its streams in $work/out and $work/err.
expect() {
	name=$1 status=$2
	shift 2
	"$@" >"$work/out" 2>"$work/err" </dev/null
	got=$?
	if [ "$got" -ne "$status" ]; then
		echo "FAILED: $name: exit status $got, not $status"
		cat "$work/err"
		failures=$((failures + 1))
	else
		echo "ok: $name"
	fi
}

# Two sentences at most, and none of libbpf's words, unless -v is given.
expect_clean_error() {
	if grep -qE '^libbpf' "$work/err" || [ "$(wc -l <"$work/err")" -gt 2 ]; then
		echo "FAILED: $name: more than a sentence and a remedy:"
		cat "$work/err"
		failures=$((failures + 1))
	fi
}

matches() {
	if ! grep -qE -- "$2" "$work/$1"; then
		echo "FAILED: $name: \"$2\" is not in:"
		cat "$work/$1"
		failures=$((failures + 1))
	fi
}

if [ "$(id -u)" -ne 0 ]; then
	echo "skipped: the lab needs root"
	exit 77
fi

expect "help" 0 "$x0top" --help
matches out '--once'
cp "$work/out" "$work/help"
expect "help as a command" 0 "$x0top" help
cmp "$work/out" "$work/help" || failures=$((failures + 1))
expect "help of a command" 0 "$x0top" help rules
matches out '^Usage: x0top rules'
expect "help of what a command does" 0 "$x0top" help rules add
matches out '^Usage: x0top rules'
expect "help of every command" 0 sh -c "for command in lab rules sets classes qos keys peer plugins programs probe bench fleet mapek serve help; do
	'$x0top' help \$command | grep -q '^Usage: x0top' || { echo \$command >&2; exit 1; }; done"
expect "help fits 80 columns" 0 sh -c "for command in help lab serve fleet rules sets classes qos keys peer plugins programs probe bench mapek; do
	'$x0top' \$command --help | awk 'length > 79 { wide = 1; print } END { exit wide }' >&2 || exit 1; done"
expect "traffic classes" 0 "$x0top" classes
matches out '^ +2 +ethertype 0x4305 +mesh +batman-adv$'
printf 'classes:\n  - udp 7777 mesh\n  - dscp ef bulk\n  - tcp 22 none\n' >"$work/classes.yaml"
expect "traffic classes of a file" 0 "$x0top" classes --json --config "$work/classes.yaml"
expect "added, changed and removed" 0 jq -e '[.lines[] | select(.default | not) | [.number, .conditions, .class]] ==
	[[0, "udp 7777", "mesh"], [1, "dscp ef", "bulk"]] and ([.lines[] | select(.conditions == "tcp 22")] == []) and
	([.lines[].number] == [range(.lines | length)])' "$work/out"
printf 'classes:\n  - frob 1 mesh\n' >"$work/classes.yaml"
expect "a wrong class" 2 "$x0top" classes --config "$work/classes.yaml"
expect_clean_error
expect "classes takes no words" 2 "$x0top" classes all
expect "help with an unknown command" 2 "$x0top" help nonsense
expect "help with too many words" 2 "$x0top" help rules add drop
expect "version" 0 "$x0top" --version
matches out '^x0top [0-9]'
expect "unknown option" 2 "$x0top" --nonsense
expect_clean_error
matches err '--help'
expect "unknown command" 2 "$x0top" nonsense
expect "missing value" 2 "$x0top" -d
expect "delay out of range" 2 "$x0top" --once -d -1
expect "unknown program" 2 "$x0top" --once --only nonsense
matches err 'xdp_counter'
expect "missing configuration" 2 "$x0top" --once --config "$work/none"
matches err 'none'
echo 'xdp-mode: sideways' >"$work/wrong.yaml"
expect "wrong configuration" 2 "$x0top" --once --config "$work/wrong.yaml"
matches err 'wrong.yaml.*1.*sideways'

expect "lab as JSON" 0 "$x0top" lab --once --json
cp "$work/out" "$work/lab.json"
expect "the schema holds" 0 /usr/bin/python3 -m jsonschema -i "$work/lab.json" \
	core/export/x0top.schema.json
expect "top-level keys" 0 jq -e --slurpfile schema core/export/x0top.schema.json \
	'keys_unsorted == $schema[0].required' "$work/lab.json"
expect "the lab has traffic" 0 jq -e '.packets.sum.all.packets.rate > 0' "$work/lab.json"

expect "lab as metrics" 0 "$x0top" lab --metrics
cp "$work/out" "$work/lab.prom"
matches out '^x0top_packets_interfaces_all_packets_total\{interface="mesh0"\} [1-9]'
matches out '^x0top_syscalls_calls_latency_seconds_bucket\{call="read",le="\+Inf"\} [1-9]'
expect "promtool takes the metrics" 0 sh -c \
	"promtool check metrics <'$work/lab.prom' >'$work/lint' 2>&1 && [ ! -s '$work/lint' ]"
expect "JSON and metrics at once" 2 "$x0top" --json --metrics

expect "lab as text" 0 "$x0top" lab --once
matches out 'xdp_counter +on'
matches out 'mesh0 generic'
expect "without TERM, in a pipe" 0 sh -c "env -u TERM '$x0top' lab --once | grep -q xdp_counter"
expect "no terminal for the dashboard" 1 env -u TERM "$x0top" lab
expect_clean_error

expect "an interface that is not there" 1 "$x0top" --once -i x0nowhere
matches out 'no interface x0nowhere'
expect_clean_error
expect "no capability" 3 setpriv --reuid 65534 --regid 65534 --clear-groups "$x0top" --once
expect_clean_error
matches err 'CAP_BPF.*CAP_PERFMON.*CAP_NET_ADMIN'
expect "kprobes on this kernel, or why not" "$([ -e /sys/bus/event_source/devices/kprobe ]; echo $?)" \
	"$x0top" --once --syscalls-attach kprobe --only kprobe_syscall_latency
mkdir "$work/objects"
expect "missing objects" 1 "$x0top" --once --objects "$work/objects"
matches out "$work/objects/xdp_counter.bpf.o"
expect_clean_error

expect "recording" 0 "$x0top" lab --once --record "$work/record"
expect "replaying" 0 "$x0top" --once --replay "$work/record"
matches out 'xdp_counter +on'
matches out 'mesh0 generic'
for command in "--once --replay $work/record" "--json --replay $work/record" "--metrics --replay $work/record" \
	--help --version "help rules" "help verbs" classes "classes --json" probe "probe --json" "programs list" \
	"plugins list" "mapek policies" "qos list" "qos list --json"; do
	expect "a full disk: $command" 1 sh -c "'$x0top' $command >/dev/full"
	expect_clean_error
	matches err '^x0top: Cannot write all of the output: No space left on device\.$'
	expect "a closed pipe: $command" 0 sh -c "{ sleep 0.1; '$x0top' $command; echo \$? >'$work/status'; } | true"
	[ ! -s "$work/err" ] || matches err '^$'
	expect "its status: $command" 0 grep -x 1 "$work/status"
done
echo '{"schema": 1' >"$work/damaged"
expect "a damaged recording" 2 "$x0top" --once --replay "$work/damaged"
expect_clean_error

expect "nothing left on this host" 0 "$x0top" programs list
matches out 'left nothing'
expect "rules where nothing enforces" 1 "$x0top" rules list
expect_clean_error
expect "rules without a verb" 2 "$x0top" rules
expect "a wrong rule" 2 "$x0top" rules add drop nonsense
expect "what this kernel offers" 0 "$x0top" probe
matches out 'yes +xdp_counter +by native XDP +native'
matches out 'yes +xdp_pqc_verify +by generic XDP +generic'
matches out 'yes +tracepoint_net '
matches out 'yes +CAP_BPF'
expect "the same as JSON" 0 "$x0top" probe --json
cp "$work/out" "$work/probe.json"
expect "it has every group" 0 jq -e 'keys == ["attach_kinds", "capabilities", "helpers", "kernel",
	"machine", "map_types", "program_types", "programs", "schema", "system"] and
	all(.programs[]; .runs == "yes" or .reason != "")' "$work/probe.json"
# XDP programs attach native and generic, those of system calls by kprobe and tracepoint.
expect "it has every program, each way" 0 jq -e --slurpfile lab "$work/lab.json" \
	'[.programs[].program] == [$lab[0].programs[] |
		(.name, if .kind == "XDP" or .kind == "system calls" then .name else empty end)]' \
	"$work/probe.json"
expect "without capabilities it cannot tell" 1 setpriv --reuid 65534 --regid 65534 --clear-groups \
	"$x0top" probe
matches out 'unknown +XDP '
matches out 'no +CAP_BPF'
matches out 'needs CAP_NET_ADMIN, (CAP_PERFMON, )?CAP_BPF'
expect "only what is named" 0 "$x0top" probe xdp_counter tc_classifier
ways=$(awk '$3 == "by" { print $2, $4 }' "$work/out" | paste -sd , -)
[ "$ways" = 'xdp_counter native,xdp_counter generic,tc_classifier TC' ] || {
	echo "FAILED: probe of two programs names $ways"
	failures=$((failures + 1))
}
expect "a program that there is not" 2 "$x0top" probe nonsense
matches err 'Unknown program "nonsense"'
expect "a foreign file is no object" 1 "$x0top" programs verify "$x0top"
expect_clean_error
matches err 'is not a BPF object'
expect "programs without a verb" 2 "$x0top" programs

expect "bench without what" 2 "$x0top" bench
expect "bench without capability" 3 setpriv --reuid 65534 --regid 65534 --clear-groups "$x0top" bench pqc
expect_clean_error
matches err 'CAP_BPF'
expect "bench as JSON" 0 "$x0top" bench pqc --json
cp "$work/out" "$work/bench.json"
expect "bench has measured every row" 0 jq -e '.schema == "x0top-bench/1" and
	(.rows | length) == 31 and all(.rows[]; .median > 0)' "$work/bench.json"

[ "$failures" -eq 0 ]
