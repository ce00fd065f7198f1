#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# What a kill leaves at every call that changes something: see faults.py. With the names of verbs as
# arguments, only those; else two halves side by side, each in namespaces of its own.
set -u

if [ "$(id -u)" -ne 0 ]; then
	echo "skipped: it needs root"
	exit 77
fi
if ! command -v strace >/dev/null; then
	echo "skipped: there is no strace"
	exit 77
fi
if [ -z "${IN_NAMESPACE:-}" ]; then
	export IN_NAMESPACE=1 PART=0/1
	[ $# -eq 0 ] || exec unshare --mount --net --propagation private sh "$0" "$@"
	PART=0/2 unshare --mount --net --propagation private sh "$0" &
	PART=1/2 unshare --mount --net --propagation private sh "$0"
	status=$?
	wait $! && exit $status
	exit 1
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mount -t tmpfs tmpfs /run && mkdir -p /run/netns && mount -t tmpfs tmpfs /var/log &&
	mkdir -p /var/lib/x0top && mount -t tmpfs -o mode=0711 tmpfs /var/lib/x0top &&
	mount -t bpf -o mode=0700 bpf /sys/fs/bpf || exit 1
echo 1 >/proc/sys/net/ipv6/conf/default/disable_ipv6 2>/dev/null
ip link set lo up
ip link add v0 type veth peer name p0
ip link set v0 up
ip link set p0 up
cat >"$work/rules.yaml" <<END
interfaces: [v0]
only: [xdp_counter, xdp_mesh_filter]
rules:
  - drop 10.9.0.3
  - drop 10.9.5.0/24
  - drop 10.9.5.5
END
python3 "$(dirname "$0")/faults.py" "$work" "$@"
