#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Two operators change the rules at once: every change that was confirmed is there, and no other.
set -u
# shellcheck source=tests/lib/host.sh
. "$(dirname "$0")/../lib/host.sh"
x0top=$(readlink -f "${X0TOP:-./x0top}")
work=/run/work
changes=8
mkdir "$work"
ip link add x0own type veth peer name x0other && ip link set x0own up && ip link set x0other up
printf 'interfaces: [x0own]\nonly: [xdp_counter, xdp_mesh_filter]\nrules:\n  - drop 10.9.0.3\n' \
	>"$work/rules.yaml"
"$x0top" --config "$work/rules.yaml" --enforce --yes --once -d 0.1 >"$work/out" 2>&1 ||
	fail "x0top --enforce: $(cat "$work/out")"

# operate NUMBER: adds rules, every second one before all others.
operate() {
	i=0
	while [ $i -lt $changes ]; do
		rule="drop 10.$1.$i.0/24"
		verb=add
		[ $((i % 2)) = 0 ] || verb='insert 0'
		# shellcheck disable=SC2086
		"$x0top" rules $verb $rule >>"$work/said.$1" 2>&1 && echo "$rule" >>"$work/confirmed.$1"
		i=$((i + 1))
	done
}

operate 1 &
operate 2
wait $!
cat "$work"/confirmed.* | sort >"$work/wanted"
"$x0top" rules list >"$work/list" || fail "rules list: $?"
grep -oE 'drop +10\.[12]\.[0-9]+\.0/24' "$work/list" | tr -s ' ' | sort >"$work/found"
echo "$(wc -l <"$work/wanted") of $((2 * changes)) changes confirmed"
[ "$(wc -l <"$work/wanted")" -eq $((2 * changes)) ] || fail "not confirmed: $(cat "$work"/said.*)"
cmp "$work/wanted" "$work/found" || fail "$(diff "$work/wanted" "$work/found")"
grep -q '10\.9\.0\.3' "$work/list" || fail "the rule that was there is gone"
# Numbers are different, and changes in the audit log as many as were confirmed.
numbers=$(grep -oE '^ *[0-9]+' "$work/list" | sort | uniq -d)
[ -z "$numbers" ] || fail "numbers twice: $numbers"
audited=$(grep -cE 'rule (add|insert) .*10\.[12]\.' /var/log/x0top.log)
[ "$audited" -eq $((2 * changes)) ] || fail "$audited changes in the audit log"
"$x0top" programs down >/dev/null || fail "programs down: $?"
exit $((failures > 0))
