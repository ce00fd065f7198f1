#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# The units under a real systemd, which starts as the first process of namespaces of its own, with what `make
# install` installs: rules are in force before the network is up, the service gets all that it needs in its
# sandbox, and systemd reloads it, ends it and starts one anew that hangs.
set -u
# shellcheck source=tests/lib/host.sh
. "$(dirname "$0")/../lib/host.sh"
here=$(realpath "$(dirname "$0")")
program=$(realpath "${X0TOP:-./x0top}")
systemd=/usr/lib/systemd/systemd
if [ ! -x $systemd ]; then
	echo "skipped: systemd is not installed"
	exit 77
fi
work=$(mktemp -d)
group=
starter=
manager=

# Those of the machine end with its first process.
end() {
	[ -z "$manager" ] || kill -9 "$manager"
	[ -z "$starter" ] || wait "$starter" 2>/dev/null
	tries=100
	while [ -n "$group" ] && [ -d "$group" ] && [ $tries -gt 0 ]; do
		find "$group" -depth -type d -exec rmdir {} \; 2>/dev/null
		tries=$((tries - 1))
		sleep 0.05
	done
	umount "$work" 2>/dev/null
	rm -rf "$work"
}
trap end EXIT
mount -t tmpfs -o mode=0755 tmpfs "$work"

# --- what is installed and enabled
up=$work/up
make --no-print-directory -C "$here/../.." -o "$program" install DESTDIR="$up" PREFIX=/usr program="$program" \
	>"$work/log" 2>&1 || fail "make install: $(tail -n 3 "$work/log")"
units=$up/etc/systemd/system
mkdir -p "$units/test.target.wants" "$units/sysinit.target.wants" "$units/x0top.service.d"
printf '[Unit]\nRequires=basic.target network.target network-pre.target\nAfter=basic.target\n' >"$units/test.target"
ln -s /usr/lib/systemd/system/x0top.service "$units/test.target.wants/"
ln -s /usr/lib/systemd/system/x0top-rules.service "$units/sysinit.target.wants/"
printf '[Service]\nWatchdogSec=2\n' >"$units/x0top.service.d/watchdog.conf"
# What would change the machine that the test runs on, or wait for devices.
for unit in systemd-sysctl systemd-modules-load systemd-binfmt systemd-udevd systemd-udev-trigger systemd-udev-settle \
	systemd-remount-fs systemd-tmpfiles-setup-dev systemd-tmpfiles-setup systemd-sysusers systemd-update-utmp \
	systemd-random-seed systemd-hwdb-update systemd-machine-id-commit systemd-firstboot apparmor nftables; do
	ln -s /dev/null "$units/$unit.service"
done
for unit in dev-hugepages.mount dev-mqueue.mount sys-kernel-debug.mount sys-kernel-tracing.mount \
	sys-kernel-config.mount sys-fs-fuse-connections.mount proc-sys-fs-binfmt_misc.automount swap.target; do
	ln -s /dev/null "$units/$unit"
done
cat >"$up/etc/x0top/rules.yaml" <<'YAML'
interfaces: [v0]
rules:
  - drop 10.9.0.3
YAML
: >"$up/etc/fstab"
echo 0123456789abcdef0123456789abcdef >"$up/etc/machine-id"

# --- starting
hierarchy=$(findmnt -n -o TARGET -t cgroup2 | head -n 1)
if [ -z "$hierarchy" ]; then
	hierarchy=$work/cgroup
	mkdir "$hierarchy"
	mount -t cgroup2 cgroup2 "$hierarchy"
fi
group=$hierarchy/x0test-$$
mkdir "$group" || exit 1
sh -c 'echo 0 >"$1/cgroup.procs" && exec unshare --mount --pid --fork --net --cgroup --ipc --uts --propagation private \
	sh "$2/systemd-start.sh" "$3" test.target' start "$group" "$here" "$work" >"$work/out" 2>&1 </dev/null &
starter=$!

# inside COMMAND...: runs it on that machine.
inside() {
	nsenter -t "$manager" --mount --pid --net --cgroup --ipc --uts --root --wd=/ -- "$@"
}

# await COMMAND...: until it succeeds.
await() {
	tries=${TRIES:-300}
	until "$@" >/dev/null 2>&1; do
		tries=$((tries - 1))
		[ $tries -gt 0 ] || return 1
		sleep 0.1
	done
}

is_first() {
	manager=$(cat "/proc/$starter/task/$starter/children" 2>/dev/null | tr -d ' ')
	[ -n "$manager" ] && [ "$(readlink "/proc/$manager/exe")" = "$systemd" ]
}

show() { # UNIT PROPERTY
	inside systemctl show -P "$2" "$1"
}

is() { # UNIT PROPERTY VALUE
	[ "$(show "$1" "$2")" = "$3" ]
}

state() {
	inside journalctl --no-pager -o cat -n 24 2>&1
	cat "$work/out"
}

metrics() {
	inside curl -s --max-time 5 http://127.0.0.1:26970/metrics
}

await is_first || { fail "systemd does not start: $(cat "$work/out")"; exit 1; }
await is x0top.service ActiveState active || { fail "the service is not started: $(state)"; exit 1; }
await is test.target ActiveState active || fail "the target is not reached: $(inside systemctl list-jobs)"

# --- rules before the network
is x0top-rules.service Result success || fail "the rules: $(state)"
rules=$(show x0top-rules.service ActiveEnterTimestampMonotonic)
network=$(show network-pre.target ActiveEnterTimestampMonotonic)
[ "$rules" -gt 0 ] && [ "$network" -gt 0 ] && [ "$rules" -le "$network" ] ||
	fail "the rules are in force at $rules us, the network is up at $network"
metrics >"$work/metrics"
grep -qx 'x0top_mesh_enforcing 1' "$work/metrics" || fail "the service has not adopted them: $(state)"

# --- the sandbox
is x0top.service Type notify || fail "it is not of Type=notify"
show x0top.service StatusText | grep -q . || fail "it says no status"
grep 'x0top_programs_state.*state="\(failed\|partly\)"} 1' "$work/metrics" && fail "programs fail in the sandbox"
[ "$(grep -c 'x0top_programs_state.*state="on"} 1' "$work/metrics")" -ge 5 ] ||
	fail "hardly any program runs: $(grep 'programs_state.* 1$' "$work/metrics")"
pid=$(show x0top.service MainPID)
[ "$(inside cat "/proc/$pid/status" | sed -n 's/^Uid:[[:space:]]*\([0-9]*\).*/\1/p')" != 0 ] || fail "it is root still"
# What an operator does beside it, and its trace.
inside x0top rules add drop 10.9.0.4 >"$work/log" 2>&1 || fail "rules add: $(cat "$work/log")"
await inside sh -c 'curl -s http://127.0.0.1:26970/snapshot | grep -q 10.9.0.4' || fail "it does not see another's rule"
inside grep -q '10.9.0.4.*done' /var/log/x0top.log || fail "the log: $(inside cat /var/log/x0top.log)"

# --- watchdog, reload
before=$(show x0top.service WatchdogTimestampMonotonic)
watched() {
	[ "$(show x0top.service WatchdogTimestampMonotonic)" -gt "$before" ]
}
await watched || fail "the watchdog hears nothing"
inside systemctl reload x0top >"$work/log" 2>&1 || fail "reload: $(cat "$work/log")"
await inside sh -c 'journalctl -u x0top --no-pager | grep -q "are read anew"' || fail "reload: $(state)"
[ "$(show x0top.service MainPID)" = "$pid" ] || fail "a reload starts another"
inside systemctl reload x0top-rules >"$work/log" 2>&1 || fail "reload of the rules: $(cat "$work/log"; state)"

# One that hangs is ended, and another started.
inside kill -STOP "$pid"
anew() {
	is x0top.service ActiveState active && [ "$(show x0top.service MainPID)" != "$pid" ]
}
await anew || fail "one that hangs stays: $(state)"
is x0top.service NRestarts 1 || fail "it was started $(show x0top.service NRestarts) times"
metrics | grep -qx 'x0top_mesh_enforcing 1' || fail "the next one has not adopted the rules"

# --- stop
inside systemctl stop x0top || fail "stop: $(state)"
is x0top.service Result success || fail "it ends with $(show x0top.service Result): $(state)"
inside bpftool prog list | grep -q xdp_mesh_filter || fail "enforcement has ended with the service"
inside systemctl --failed --no-legend --plain | grep x0top && fail "units have failed"
exit $((failures != 0))
