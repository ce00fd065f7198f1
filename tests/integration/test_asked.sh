#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# What was asked for and is not in force is an error; what may cut the operator off is asked about, by
# whichever way it was asked for, and it is in the audit log under whoever asked.
set -u
# shellcheck source=tests/lib/host.sh
. "$(dirname "$0")/../lib/host.sh"
x0top=${X0TOP:-./x0top}
log=/var/log/x0top.log
work=/run/work
mkdir "$work"
ip link add x0asked type veth peer name x0peer && ip link set x0asked up && ip link set x0peer up
printf 'rules:\n  - drop 10.9.0.3\n  - off drop tcp 22\n' >"$work/rules.yaml"
unset SSH_CONNECTION

# once OPTION...: the filter alone. Its output is in $work/out and $work/err.
once() {
	timeout 60 "$x0top" --once -d 0.1 --only xdp_mesh_filter -i x0asked --config "$work/rules.yaml" \
		"$@" >"$work/out" 2>"$work/err" </dev/null
}

# --- asked for, and not in force
mount -o remount,ro /sys/fs/bpf || exit 1
once --enforce
[ $? -eq 1 ] || fail "enforcing without pins is no error"
grep -q 'Not in force: enforce on xdp_mesh_filter' "$work/err" || fail "stderr: $(cat "$work/err")"
grep -q 'partly' "$work/out" || fail "the text does not show it: $(cat "$work/out")"
once --enforce --json
jq -e '.programs[] | select(.name == "xdp_mesh_filter") | .state == "partly" and (.enforcing | not)
	and (.reason | startswith("Not in force"))' "$work/out" >/dev/null || fail "JSON does not show it"
once --json || fail "observing with the same pins: $(cat "$work/err")"
mount -o remount,rw /sys/fs/bpf || exit 1

# --- asked for on interfaces that are not there: on all of them, then on one of two
once --enforce -i x0later
[ $? -eq 1 ] || fail "enforcing on one of two interfaces is no error"
grep -qx 'x0top: xdp_mesh_filter does not enforce everywhere: There is no interface x0later.' "$work/err" ||
	fail "one of two: $(cat "$work/err")"
"$x0top" programs down >/dev/null || fail "taking it down"
ip link set x0asked down && ip link set x0peer down
timeout 60 "$x0top" --once -d 0.1 --enforce --pqc-mode enforce >/dev/null 2>"$work/err" </dev/null
[ $? -eq 1 ] || fail "enforcing on no interface is no error"
for name in xdp_mesh_filter xdp_pqc_verify; do
	grep -qx "x0top: $name does not enforce: No network interface is up." "$work/err" ||
		fail "$name on none: $(cat "$work/err")"
done
"$x0top" programs down >/dev/null || fail "taking it down"
ip link set x0asked up && ip link set x0peer up

# --- programs that the operator named, and that do not run
named() { # SENTENCE OPTION...
	sentence=$1
	shift
	timeout 60 "$x0top" --once -d 0.1 -i x0asked "$@" >"$work/out" 2>"$work/err" </dev/null
	[ $? -eq 1 ] || fail "$*: no error"
	grep -qx "x0top: $sentence" "$work/err" || fail "$*: $(cat "$work/err")"
}
mkfifo "$work/fifo.bpf.o"
named "fifo failed: Cannot open $work/fifo.bpf.o: It is not a regular file." --plugin "$work/fifo.bpf.o"
named 'xdp_counter failed: XDP is turned off by --xdp-mode off.' --only xdp_counter --xdp-mode off
timeout 60 "$x0top" --once -d 0.1 -i x0asked --xdp-mode off >"$work/out" 2>"$work/err" </dev/null ||
	fail "XDP that is off as asked: $(cat "$work/err")"
grep -q 'failed' "$work/out" && fail "what is off as asked has failed: $(cat "$work/out")"

# --- knowledge that cannot be used: MAPE-K does not act, as it was asked to
mkfifo "$work/knowledge"
ip link set lo up
timeout 60 "$x0top" serve --mapek act --mapek-knowledge "$work/knowledge" --listen 127.0.0.1:9100 >"$work/out" 2>"$work/err" </dev/null &
serving=$!
tries=100
until curl -s -o "$work/health" -w '%{http_code}' http://127.0.0.1:9100/healthz >"$work/code" || [ $tries -eq 0 ]; do
	tries=$((tries - 1))
	sleep 0.1
done
sentence='MAPE-K only advises: whom it is to spare is not known: Cannot use the knowledge in'
{ [ "$(cat "$work/code")" = 503 ] && grep -q "^failing: $sentence" "$work/health"; } ||
	fail "knowledge that is a FIFO: $(cat "$work/code" "$work/health" "$work/err")"
grep -q "^x0top: $sentence" "$work/err" || fail "knowledge that is a FIFO: $(cat "$work/err")"
kill "$serving"
wait "$serving"

# --- asked by the file: rules and enforcing are actions of the configuration
printf 'enforce: true\n' >>"$work/rules.yaml"
once || fail "enforcing by the file: $(cat "$work/err")"
grep -q 'by configuration: rule add drop 10.9.0.3/32: done' $log || fail "rules are not logged: $(cat $log)"
grep -q 'by configuration: rule add off drop tcp 22: done' $log || fail "rules that are off are not logged"
grep -q 'by configuration: enforce on xdp_mesh_filter: done' $log || fail "enforcing is not logged"

# --- what cuts the operator's own connection
export SSH_CONNECTION='192.0.2.7 40000 192.0.2.1 22'
rules() {
	timeout 20 "$x0top" rules "$@" >"$work/out" 2>"$work/err" </dev/null
}
rules on 1 && fail "a rule that cuts the operator off needs no yes"
grep -q 'your own SSH connection from 192.0.2.7. Continue?$' "$work/err" || fail "it is not said: $(cat "$work/err")"
grep -q -- '--yes' "$work/err" || fail "the remedy is not said: $(cat "$work/err")"
rules list
grep -qE '^ +1 +off' "$work/out" || fail "it was done all the same: $(cat "$work/out")"
rules add drop 192.0.2.0/24 && fail "adding a rule that cuts the operator off needs no yes"
rules add drop 192.0.3.0/24 || fail "a harmless rule is refused: $(cat "$work/err")"
rules --yes on 1 || fail "--yes: $(cat "$work/err")"
rules delete 1 || fail "deleting: $(cat "$work/err")"

# --- a new rule comes behind the others, whatever numbers are free, and its number is told
rules add drop tcp 2323 || fail "adding: $(cat "$work/err")"
grep -qx 'rule add drop tcp 2323: done, as rule 3' "$work/out" || fail "its number: $(cat "$work/out")"
rules delete 3 && rules add drop tcp 2324 && grep -q 'as rule 3$' "$work/out" ||
	fail "behind the last one: $(cat "$work/out")"
rules delete 3 || fail "deleting: $(cat "$work/err")"
rules add drop 10.9.0.3 && fail "a rule is there twice"
grep -qx 'Delete it first: x0top rules delete 0, or F9 in the mesh view.' "$work/err" || fail "$(cat "$work/err")"
rules delete && fail "delete without a number"
grep -q 'Try x0top rules --help' "$work/err" || fail "$(cat "$work/err")"
rules frob 1 && fail "frob is a command"
grep -q '"frob" is not a command of x0top rules' "$work/err" || fail "$(cat "$work/err")"

rules add limit 99/s 192.0.2.0/24 && fail "a limit that starves the connection needs no yes"
grep -q "(limit 192.0.2.0/24) starves your own SSH connection from 192.0.2.7" "$work/err" ||
	fail "what starves: $(cat "$work/err")"

# --- what keeps that connection: a rule that passes it, where another drops it
rules add pass 192.0.2.7 || fail "a rule that passes is refused: $(cat "$work/err")"
number=$(rules list; awk '/192.0.2.7/ { print $1 }' "$work/out")
rules delete "$number" || fail "no rule drops the connection, and a yes is wanted: $(cat "$work/err")"
rules add pass 192.0.2.7 && rules --yes add drop 192.0.2.0/24 || fail "adding: $(cat "$work/err")"
number=$(rules list; awk '/192.0.2.7/ { print $1 }' "$work/out")
for verb in delete off; do
	rules "$verb" "$number" && fail "rules $verb cuts the operator off and needs no yes"
	grep -q "drop 192.0.2.0/24) drops your own SSH connection from 192.0.2.7" "$work/err" ||
		fail "rules $verb does not say it: $(cat "$work/err")"
done
rules list
grep -qE "^ +$number +on +pass" "$work/out" || fail "it was done all the same: $(cat "$work/out")"
rules --yes off "$number" || fail "--yes: $(cat "$work/err")"
"$x0top" programs down >"$work/out" 2>&1 || fail "programs down: $(cat "$work/out")"
grep -q 'by command line: programs down: done' $log || fail "programs down is not logged: $(cat $log)"
printf 'rules:\n  - drop tcp 22\n' >"$work/rules.yaml"
once --enforce && fail "enforcing what cuts the operator off needs no yes"
grep -q 'your own SSH connection' "$work/err" || fail "it is not said: $(cat "$work/err")"
once --enforce --yes || fail "--enforce --yes: $(cat "$work/err")"
"$x0top" programs down >/dev/null || fail "programs down"

# --- what a kill left: pins that enforce nothing go, and the log says so
printf 'rules:\n  - drop 10.9.0.3\n' >"$work/rules.yaml"
once --enforce || fail "enforcing: $(cat "$work/err")"
bpftool map update pinned /sys/fs/bpf/x0top/v*/mesh_filter_control key 0 0 0 0 \
	value 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 ||
	fail "the pinned control cannot be written"
once || fail "starting on pins that enforce nothing: $(cat "$work/err")"
grep -q 'by adoption: pins remove: done' $log || fail "removing pins is not logged: $(cat $log)"
[ -e /sys/fs/bpf/x0top ] && fail "the pins stay"

[ "$failures" -eq 0 ]
