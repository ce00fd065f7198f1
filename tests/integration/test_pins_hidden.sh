#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Behind a fresh /sys, as ip netns exec makes one, nobody is told that nothing enforces while something does; without it,
# and where no x0top is on an interface, the answers are as ever.
set -u
# shellcheck source=tests/lib/host.sh
. "$(dirname "$0")/../lib/host.sh"
x0top=$(realpath "${X0TOP:-./x0top}")
ip link add v0 type veth peer name p0 && ip link set v0 up && ip link set p0 up || exit 1

# expect STATUS TEXT COMMAND...: behind a fresh /sys
expect() {
	status=$1 text=$2
	shift 2
	unshare --mount sh -c 'umount -l /sys && mount -t sysfs sysfs /sys && exec "$@"' sh "$x0top" "$@" \
		>/run/out 2>&1 </dev/null
	got=$?
	if [ "$got" -ne "$status" ] || ! grep -qF -- "$text" /run/out; then
		fail "$*: status $got, not $status with \"$text\": $(cat /run/out)"
	fi
}

expect 0 'has left nothing' programs list
expect 0 'Removed 0 pins' programs down
expect 1 'No mesh filter enforces' rules list

echo 'rules: [drop 10.9.0.3]' >/run/rules.yaml
"$x0top" --once -d 0.1 --enforce --yes --only xdp_mesh_filter -i v0 --config /run/rules.yaml >/run/out 2>&1 ||
	fail "enforcing: $(cat /run/out)"
for command in 'programs list' 'programs down' 'rules list' 'sets list' 'rules add drop 10.9.0.4'; do
	# shellcheck disable=SC2086
	expect 1 "x0top's XDP program is on v0" $command
	grep -qF 'use nsenter -n/run/netns/NAME' /run/out || fail "$command: no remedy: $(cat /run/out)"
done
"$x0top" rules list | grep -qF '10.9.0.3' || fail "the host itself does not see the rule"
"$x0top" programs down >/run/out || fail "$(cat /run/out)"
expect 0 'has left nothing' programs list
[ "$failures" -eq 0 ]
