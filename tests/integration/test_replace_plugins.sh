#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Plugins of a service are replaced by other files while packets and system calls go on: each is seen by one of the two,
# with the same maps, or larger ones to which all is carried over. What does not fit leaves the old one in place. REPLACEMENTS of each: 6.
set -u
x0top=$(realpath "${X0TOP:-./x0top}")
# shellcheck source=tests/lib/host.sh
. "$(dirname "$0")/../lib/host.sh"
# shellcheck source=tests/lib/serve.sh
. "$(dirname "$0")/../lib/serve.sh"
# shellcheck source=tests/lib/object.sh
. "$(dirname "$0")/../lib/object.sh"
trap 'touch "$work/stop"; [ -z "$service" ] || kill "$service"; wait; rm -rf "$work"' EXIT
files=/run/plugins
mkdir $files && cp "$build"/tests/plugins/*.bpf.o $files && cd "$work" || exit 1
# shellcheck source=tests/lib/sender.sh
. "$tree/tests/lib/sender.sh"

# shellcheck source=tests/lib/pair.sh
. "$tree/tests/lib/pair.sh"
cat >call.py <<'END'
import ctypes, os
call = ctypes.CDLL(None).syscall
made = 0
while not os.path.exists('stop'):
    for _ in range(500):
        call(987)
        made += 1
print(made)
END
packets() { ip -j -s link show v0 | jq -c '[.[].stats64 | .rx.packets, .rx.packets + .tx.packets]'; }
# What the plugins have counted: the stage all that came, the TC programs what was sent, too; and the calls, by each map and
# by a variable.
counts() {
	get "$url/snapshot" | jq -c 'def row($name): [.plugin_programs[] | select(.name == $name)][0];
		def verdicts: .passed.total + .dropped.total;
		def cell($map; $n): .plugins as $p | [$p.maps | to_entries[] | select(.value.plugin == "calls" and (.value.name | test($map)))][0].key as $m |
			[$p.rows[] | select(.map == $m)][0].cells[$n] // "0" | tonumber;
		[(row("before") | verdicts), (row("tc_drop") | verdicts), cell("counts"; 1), cell("by_hash"; 1), cell("by_cpu"; 1), cell("bss"; 0)]'
}
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
replace() { "$x0top" programs replace "$@" >said 2>&1; }
says() { grep -qF -- "$2" said || fail "$1: \"$2\" is not said, but: $(cat said)"; }
refused() { # NAME FILE SENTENCE
	replace "$1" "$files/$2.bpf.o" && fail "$1 is replaced by $2"
	says "$1 by $2" "$3"
}
plugin() { get "$url/snapshot" | jq -r ".programs[] | select(.name == \"$1\") | .$2"; }

start -i v0 --delay 0.2 --only xdp_counter --plugin $files/calls.bpf.o --plugin $files/before.bpf.o --plugin $files/tc_drop.bpf.o
counts >/dev/null
before=$(settled) were=$(packets)
ip netns exec peer python3 send.py 10.9.0.2 >sent & sender=$!
python3 call.py >made & caller=$!
for i in $(seq "${REPLACEMENTS:-6}"); do
	case $((i % 3)) in
	0) next=built-in ;;
	1) next=$files/calls_next.bpf.o ;;
	2) next=$files/calls_grown.bpf.o ;;
	esac
	replace calls "$next" || fail "calls, $i: $(cat said)"
	grep -q "^program replace calls $next: done by the service, loaded and in its place after " said || fail "calls: $(cat said)"
	replace --yes before $files/before.bpf.o || fail "before, $i: $(cat said)"
	replace --yes tc_drop $files/tc_drop.bpf.o || fail "tc_drop, $i: $(cat said)"
done
replace calls $files/calls_grown.bpf.o || fail "calls: $(cat said)"
[ "$(plugin calls replaced_by)" = "$files/calls_grown.bpf.o" ] || fail "calls is of $(plugin calls replaced_by)"

replace before $files/before.bpf.o </dev/null && fail 'nobody is asked whether packets may be dropped'
says 'the question' 'What takes the place of before may drop'

# What does not fit is refused, and the old one goes on.
refused calls calls_other 'calls does not fit the maps in force: counts.calls: u64 became u32'
refused calls calls 'calls does not fit the maps in force: counts.more: is gone'
refused calls before 'before.bpf.o cannot take the place of calls: it has other kinds of programs'
refused calls refused 'refused'
cp $files/calls.bpf.o $files/loose.bpf.o && chmod 666 $files/loose.bpf.o
refused calls loose 'loose.bpf.o is writable for other users'
object $files/larger.bpf.o xdp_counter 'include/xdp_counter.h:s/^	__u64 vlan; .*/&\n	__u64 more;/'
refused xdp_counter larger 'xdp_counter has larger maps of the chain, and the plugin before in it cannot change with them'
replace calls built-in || fail "built-in: $(cat said)"
[ "$(plugin calls replaced_by)" = '' ] || fail "calls is of $(plugin calls replaced_by)"

touch stop
wait "$sender" "$caller"
after=$(settled)
got=$(jq -nc --argjson a "$after" --argjson b "$before" '[$a, $b] | transpose | map(.[0] - .[1])')
expected=$(jq -nc --argjson a "$(packets)" --argjson b "$were" --argjson made "$(cat made)" \
	'([$a, $b] | transpose | map(.[0] - .[1])) + [$made, $made, $made, $made]')
[ "$got" = "$expected" ] || fail "counted are $got, not $expected"
[ "$(cat sent)" -gt 1000 ] && [ "$(cat made)" -gt 1000 ] || fail "only $expected came"

# On trial, one that drops more is taken back.
rm stop
ip netns exec peer python3 send.py 10.9.0.2 >sent & sender=$!
replace --yes --canary 60 before $files/before_all.bpf.o || fail "on trial: $(cat said)"
for _ in $(seq 100); do
	grep -qE 'by time: program take-back before: done: of [0-9]+ runs [0-9]+ dropped a packet, ' /var/log/x0top.log && break
	sleep 0.1
done
grep -q 'by time: program take-back before: done: of ' /var/log/x0top.log || fail "it is not taken back: $(tail -n 2 /var/log/x0top.log)"
for _ in $(seq 50); do
	[ "$(plugin before replaced_by)" = "$files/before.bpf.o" ] && break
	sleep 0.1
done
[ "$(plugin before replaced_by)" = "$files/before.bpf.o" ] || fail "the old one is not back, but $(plugin before replaced_by)"
touch stop
wait "$sender"
stop || fail "the service ends with $?: $(cat err)"
"$x0top" programs replace --yes calls $files/calls.bpf.o >said 2>&1 && fail 'a plugin that nobody runs is replaced'
says 'a plugin that nobody runs' 'A plugin lives in the x0top that runs it'
[ "$failures" -eq 0 ] && echo "$(basename "$0"): all passed"
exit $((failures > 0))
