#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Whoever may not look says so, and not that there is nothing; a second x0top says who owns the chain.
set -u
# shellcheck source=tests/lib/host.sh
. "$(dirname "$0")/../lib/host.sh"
x0top=$(readlink -f "${X0TOP:-./x0top}")
# shellcheck source=tests/lib/terminal.sh
. tests/lib/terminal.sh
work=/run/work
mkdir "$work"
# A name that is short wherever this is built: who owns the chain is told by its command line, which is cut.
ln -s "$x0top" /run/x0top
x0top=/run/x0top
cp "$x0top" "$work/x0top"
cp "$x0top" "$work/capable"
setcap cap_bpf,cap_perfmon,cap_net_admin+ep "$work/capable" || exit 1
ip link add x0own type veth peer name x0other && ip link set x0own up && ip link set x0other up
printf 'rules:\n  - drop 10.9.0.3\n' >"$work/rules.yaml"
trap 'terminal_close; rm -f /tmp/x0top-65534.*' EXIT

# as_nobody STATUS PATTERN COMMAND...: an ordinary user runs it; it says the pattern, and not "nothing".
as_nobody() {
	status=$1 pattern=$2
	shift 2
	setpriv --reuid 65534 --regid 65534 --clear-groups "$@" >"$work/out" 2>"$work/err" </dev/null
	got=$?
	[ "$got" -eq "$status" ] || fail "$*: status $got, not $status"
	grep -q -- "$pattern" "$work/err" || fail "$*: \"$pattern\" is not in: $(cat "$work/err")"
	grep -iE 'left nothing|Removed|No mesh filter' "$work/out" "$work/err" &&
		fail "$*: says that there is nothing"
}

for folder in 'a folder' 'no folder'; do
	echo "--- an ordinary user: $folder"
	for command in 'programs list' 'programs down'; do
		# shellcheck disable=SC2086
		as_nobody 3 'which this process lacks' "$work/x0top" $command
	done
	as_nobody 3 'may not load BPF programs' "$work/x0top" rules list
	[ "$folder" = 'no folder' ] || {
		for command in 'programs list' 'programs down' 'rules list' 'rules delete 0'; do
			# shellcheck disable=SC2086
			as_nobody 1 'Cannot open /sys/fs/bpf/x0top: Permission denied' "$work/capable" $command
		done
		as_nobody 1 'Cannot open /root/x: Permission denied' "$work/x0top" keys list --trust /root/x
		while umount /sys/fs/bpf 2>/dev/null; do :; done
	}
done
as_nobody 0 'Cannot tell whether a killed x0top has left TC filters' "$work/capable" programs list
setpriv --reuid 65534 --regid 65534 --clear-groups "$work/x0top" probe --json >"$work/out" &&
	fail "probe: status 0"
jq -e '[.programs[].runs] | unique == ["unknown"]' "$work/out" >/dev/null ||
	fail "probe says of programs that it may not try that they do not run"
mount -t bpf bpf /sys/fs/bpf -o mode=0700 || exit 1

# second: what a second x0top says, with the alerts of its snapshot in $work/out.
second() {
	"$x0top" --once --json -d 0.1 "$@" >"$work/out" 2>"$work/err" </dev/null &&
		fail "a second x0top that cannot have the chain: status 0"
	jq -r '.alerts[] | .sentence + " -> " + .remedy' "$work/out" >"$work/alerts"
}

owner() {
	pid=$(cut -d ' ' -f 1 /run/x0top.lock)
	grep -q "owns the XDP chain of this host: process $pid, since [0-9:]* ($x0top $1).* -> This one attaches no XDP program" \
		"$work/alerts" || fail "who owns the chain: $(cat "$work/alerts")"
	[ "$(grep -c 'owns the XDP chain' "$work/alerts")" -eq 1 ] ||
		fail "one cause, several alerts: $(cat "$work/alerts")"
}

echo "--- beside one that observes"
terminal_open 80x24 "$x0top -i x0own"
terminal_expect 'xdp_counter +● on'
second
owner '-i x0own'
grep -q 'xdp_counter, xdp_mesh_filter and 1 more failed' "$work/alerts" || fail "$(cat "$work/alerts")"
terminal_keys q
terminal_expect '^STATUS=0'
terminal_close

echo "--- beside one that enforces, on fewer interfaces"
terminal_open 80x24 "$x0top -i x0own --config $work/rules.yaml --enforce"
terminal_expect 'xdp_mesh_filter +● enforcing'
second
owner "-i x0own --config $work/rules.yaml --enforce"
jq -e '.programs[] | select(.name == "xdp_counter") | .state == "partly" and (.reason | length > 0)' \
	"$work/out" >/dev/null || fail "runs partly, for no reason"
terminal_keys q
terminal_expect '^STATUS=0'
terminal_close
"$x0top" --once --json -d 0.1 --readonly >"$work/out" 2>"$work/err" </dev/null &&
	fail "read-only, with an interface that is not enforced on: status 0"
jq -r '.alerts[].sentence' "$work/out" | grep -q 'x0other: x0top was started with --readonly' ||
	fail "read-only: $(jq -c .alerts "$work/out")"

echo "--- a missing interface is one alert"
"$x0top" programs down >"$work/out" || fail "programs down: $(cat "$work/out")"
"$x0top" --once --json -d 0.1 -i x0own -i x0nowhere >"$work/out" 2>"$work/err" </dev/null
jq -e '.alerts | length == 1 and (.[0].sentence | test("There is no interface x0nowhere")) and .[0].end == null
	and .[0].count == 1 and .[0].severity == "warning" and (.[0].remedy | length > 0)' "$work/out" >/dev/null ||
	fail "alerts: $(jq -c .alerts "$work/out")"

[ "$failures" -eq 0 ] && echo "ok: who may not look, and who does not own"
exit $((failures != 0))
