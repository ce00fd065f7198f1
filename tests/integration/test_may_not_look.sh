#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Who may not look at what root has done on this host is told so, with a status that is not 0, and never that
# nothing is done.
set -u
# shellcheck source=tests/lib/host.sh
. "$(dirname "$0")/../lib/host.sh"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
chmod 0755 "$work"
cp "${X0TOP:-./x0top}" "$work/x0top"
x0top=$work/x0top
mkdir "$work/own" && chown 65534 "$work/own"

# expect STATUS PATTERN COMMAND...: as an ordinary user with $capabilities; PATTERN is in what it says.
expect() {
	status=$1 pattern=$2
	shift 2
	setpriv --reuid 65534 --regid 65534 --clear-groups --inh-caps="$capabilities" \
		--ambient-caps="$capabilities" env XDG_RUNTIME_DIR="$work/own" "$x0top" "$@" >"$work/said" 2>&1 </dev/null
	got=$?
	[ "$got" -eq "$status" ] || fail "$*: exit status $got, not $status: $(head -n 3 "$work/said")"
	grep -q -- "$pattern" "$work/said" || fail "$*: \"$pattern\" is not in: $(head -n 3 "$work/said")"
}

# What nobody has done, everybody may know.
capabilities=-all
expect 0 'udp 6696 .* mesh' classes
expect 0 '0 actions of MAPE-K are taken back' mapek back
expect 1 'There is no knowledge' mapek history

ip link add v0 type veth peer name v1 && ip link set v0 up && ip link set v1 up || exit 1
"$x0top" classes add udp 7777 mesh >/dev/null || fail "root adds no line"
"$x0top" qos --yes preset uplink v0 10Mbit/s >"$work/said" 2>&1 || {
	cat "$work/said"
	echo "skipped: this kernel cannot shape"
	exit 77
}
echo something >/run/x0top.switches
chmod 0600 /run/x0top.switches

expect 3 'Cannot read /run/x0top.classes: Permission denied' classes
expect 3 'Cannot read /run/x0top.classes: Permission denied' classes --json
expect 3 'Cannot read /run/x0top.classes: Permission denied' classes save
expect 3 'Cannot read /run/x0top.switches: Permission denied' mapek back
chmod 0700 /var/lib/x0top
expect 1 'Cannot use the knowledge in .*: Permission denied' mapek history
chmod 0711 /var/lib/x0top
capabilities=-all,+bpf,+perfmon,+net_admin
expect 1 'Cannot open /sys/fs/bpf/x0top: Permission denied' qos list
expect 1 'Cannot open /sys/fs/bpf/x0top: Permission denied' qos list --json
expect 1 'Cannot open /sys/fs/bpf/x0top: Permission denied' qos save
expect 1 'Cannot open /sys/fs/bpf/x0top: Permission denied' rules list

"$x0top" programs down >/dev/null
[ "$failures" -eq 0 ]
