#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# The audit log of the real command line: what the environment cannot forge, and a log that cannot be
# written.
set -u
# shellcheck source=tests/lib/host.sh
. "$(dirname "$0")/../lib/host.sh"
x0top=${X0TOP:-./x0top}
log=/var/log/x0top.log
work=/run/work
mkdir "$work"
ip link add x0audit type veth peer name x0peer && ip link set x0audit up && ip link set x0peer up
"$x0top" --once --enforce --only xdp_mesh_filter -i x0audit >"$work/enforce" 2>&1 ||
	fail "enforcing: $(cat "$work/enforce")"

# add PORT [VARIABLE=VALUE...]: adds a rule for it by the command line, with this environment.
add() {
	port=$1
	shift
	env "$@" timeout 20 "$x0top" rules add drop tcp "$port" >"$work/out" 2>"$work/err"
}

add 1001 USER="x
forged line" SUDO_USER="x
forged line" || fail "adding a rule: $(cat "$work/err")"
grep -q 'forged' $log && fail "the environment is in the log: $(cat $log)"
grep -qE 'uid [0-9]+( \([a-z]+\))? (as uid 0 \(root\) )?by command line: rule add drop tcp 1001: done, as rule 0$' \
	$log || fail "the log does not say who: $(cat $log)"
add 1002 SUDO_USER="$(printf 'x%.0s' $(seq 1000))"
[ "$(tr -d '[:print:]\n' <$log | wc -c)" -eq 0 ] || fail "there is more than text in the log"
[ ! -s "$work/err" ] || fail "a change that is logged warns: $(cat "$work/err")"

# --- a log that cannot be written
mount -o remount,ro /var/log || exit 1
add 1003 || fail "a log that cannot be written stops a change: $(cat "$work/err")"
grep -q "not in the audit log $log: Read-only file system" "$work/err" ||
	fail "stderr does not say that a change was not logged: $(cat "$work/err")"
"$x0top" rules list | grep -q 'tcp 1003' || fail "the rule is not there"
mount -o remount,rw /var/log
rm $log
mkfifo $log
add 1004 || fail "a pipe as the log stops a change"
grep -q "not in the audit log" "$work/err" || fail "a pipe as the log goes unnoticed"

# --- by `audit: required` of a file, what cannot be logged is refused
printf 'audit: required\n' >"$work/required.yaml"
"$x0top" rules --config "$work/required.yaml" add drop tcp 1005 2>"$work/err" &&
	fail "a rule that cannot be logged is added"
grep -q "Refused, because $log cannot be written" "$work/err" || fail "refusal: $(cat "$work/err")"
"$x0top" rules list | grep -q 'tcp 1005' && fail "a refused rule is there"
"$x0top" programs down --config "$work/required.yaml" >"$work/out" 2>"$work/err" &&
	fail "programs down is done without a log: $(cat "$work/out")"
"$x0top" rules list | grep -q 'tcp 1001' || fail "a refused programs down has removed the rules"
rm $log
"$x0top" rules --config "$work/required.yaml" add drop tcp 1006 || fail "a rule that can be logged"
"$x0top" rules --config "$work/none.yaml" list 2>"$work/err"
[ $? -eq 2 ] || fail "a missing file is no wrong command line: $(cat "$work/err")"
"$x0top" programs list --config "$work/required.yaml" 2>/dev/null && fail "programs list takes --config"

"$x0top" programs down --config "$work/required.yaml" >/dev/null || fail "programs down with a log"
grep -q 'programs down: done' $log || fail "programs down is not logged: $(cat $log)"
[ "$failures" -eq 0 ]
