#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# The rights that x0top has after its set-up, in every mode, as /proc/PID/status tells.
set -u
x0top=${X0TOP:-./x0top}
# shellcheck source=tests/lib/host.sh
. "$(dirname "$0")/../lib/host.sh"
. "$(dirname "$0")/../lib/terminal.sh"
work=$(mktemp -d)
trap 'terminal_close; rm -rf "$work"' EXIT
ip link add v0 type veth peer name p0
ip link set v0 up
ip link set p0 up

user=$(id -u x0top 2>/dev/null || id -u nobody 2>/dev/null || echo 65534)
none=0000000000000000
# CAP_BPF, CAP_PERFMON, CAP_NET_ADMIN
three=000000c000001000

field() # PID NAME
{
	sed -n "s/^$2:[[:space:]]*//p" "/proc/$1/status" | tr '\t' ' ' | sed 's/ *$//'
}

is() # WHOSE PID NAME VALUE
{
	value=$(field "$2" "$3")
	[ "$value" = "$4" ] && return
	echo "FAILED: $1: $3 is \"$value\", not \"$4\""
	failures=$((failures + 1))
}

# Waits until a process has a seccomp filter, which is the last step.
await_filter() # PID
{
	tries=100
	while [ "$(field "$1" Seccomp)" != 2 ] && [ $tries -gt 0 ]; do
		tries=$((tries - 1))
		sleep 0.1
	done
}

has_rights() # WHOSE PID UID CAPABILITIES BOUNDING
{
	await_filter "$2"
	is "$1" "$2" Uid "$3 $3 $3 $3"
	is "$1" "$2" Groups ""
	for set in CapEff CapPrm; do
		is "$1" "$2" $set "$4"
	done
	is "$1" "$2" CapBnd "$5"
	for set in CapInh CapAmb; do
		is "$1" "$2" $set $none
	done
	is "$1" "$2" NoNewPrivs 1
	is "$1" "$2" Seccomp 2
	[ "$(stat -c %u "/proc/$2/environ")" = 0 ] || {
		echo "FAILED: $1: it can be dumped"
		failures=$((failures + 1))
	}
}

# The keeper of a process: its child of that name.
keeper_of() # PID
{
	for child in $(cat "/proc/$1/task/$1/children"); do
		[ "$(cat "/proc/$child/comm")" = x0top-keeper ] && echo "$child"
	done
}

check() # NAME PID CAPABILITIES
{
	has_rights "$1" "$2" "$user" "$3" $none
	keeper=$(keeper_of "$2")
	if [ -n "$keeper" ]; then
		is "$1: keeper" "$keeper" Uid "0 0 0 0"
		is "$1: keeper" "$keeper" CapEff 0000008000000004 # CAP_BPF, CAP_DAC_READ_SEARCH
		is "$1: keeper" "$keeper" CapBnd $none
		is "$1: keeper" "$keeper" NoNewPrivs 1
		is "$1: keeper" "$keeper" Seccomp 2
	fi
	echo "ok: $1${keeper:+, with a keeper}"
}

terminal_open 80x24 "$x0top"
terminal_expect 'xdp_counter +● on'
check "the dashboard" "$(terminal_pid)" $three
[ -n "$keeper" ] || {
	echo "FAILED: the dashboard has no keeper"
	failures=$((failures + 1))
}
terminal_keys q
terminal_expect '^STATUS=0'
terminal_close
[ ! -d "/proc/$keeper" ] || [ "$(field "$keeper" State | cut -c1)" = Z ] || {
	echo "FAILED: the keeper goes on"
	failures=$((failures + 1))
}

"$x0top" --once -d 5 --record "$work/recording" >/dev/null &
check "--once" $! $three
wait $!

terminal_open 80x24 "$x0top --replay $work/recording"
terminal_expect 'xdp_counter'
check "a replay" "$(terminal_pid)" $none
terminal_close

terminal_open 80x24 "$x0top lab"
terminal_expect 'xdp_counter +● on'
check "the lab" "$(terminal_pid)" $three
for child in $(cat "/proc/$(terminal_pid)/task/$(terminal_pid)/children"); do
	[ "$(cat "/proc/$child/comm")" != x0top-keeper ] || continue
	name=$(cat "/proc/$child/comm")
	is "$name" "$child" Uid "$user $user $user $user"
	is "$name" "$child" CapEff 0000000000003000 # CAP_NET_ADMIN, CAP_NET_RAW
	is "$name" "$child" CapBnd $none
	is "$name" "$child" NoNewPrivs 1
	is "$name" "$child" Seccomp 2
done
terminal_close

mkdir "$work/trust"
"$x0top" keys generate one --directory "$work" >/dev/null
"$x0top" keys generate two --directory "$work" >/dev/null
"$x0top" keys add "$work/two.pub.pem" --trust "$work/trust" >/dev/null
"$x0top" peer --identity "$work/one.key.pem" --trust "$work/trust" >"$work/peer" 2>&1 &
check "a peer" $! $none
locked=$(sed -n 's/^VmLck:[[:space:]]*\([0-9]*\) kB/\1/p' /proc/$!/status)
[ "$locked" -gt 0 ] || {
	echo "FAILED: a peer locks no memory for its keys"
	failures=$((failures + 1))
}
grep -q '^Max core file size  *0  *0 ' /proc/$!/limits || {
	echo "FAILED: a peer may leave a core dump: $(grep core /proc/$!/limits)"
	failures=$((failures + 1))
}
echo "ok: it locks $locked kB for its keys, and leaves no core dump"
kill -HUP $!
tries=50
while ! grep -q reloaded "$work/peer" && [ $tries -gt 0 ]; do
	tries=$((tries - 1))
	sleep 0.1
done
grep -q reloaded "$work/peer" || {
	echo "FAILED: the peer does not read its trust store again: $(cat "$work/peer")"
	failures=$((failures + 1))
}
kill $!

# Root without CAP_SETUID and CAP_SETPCAP, as in a container: it stays root, without other rights, and
# no_new_privs keeps the bounding set from giving any.
setpriv --bounding-set -all,+bpf,+perfmon,+net_admin --inh-caps -all "$x0top" --once -d 5 >/dev/null &
has_rights "root with three capabilities" $! 0 $three $three
echo "ok: root with three capabilities"
wait $!
[ $failures -eq 0 ]
