# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=sh
# A host of its own for a script that sources this first: /run, /var/log, bpffs and the network, which
# end with it. The script begins anew in there.

if [ "$(id -u)" -ne 0 ]; then
	echo "skipped: a host of its own needs root"
	exit 77
fi
[ "${X0_INSIDE:-}" = 1 ] ||
	exec env X0_INSIDE=1 unshare --mount --net --propagation private sh "$0" "$@"
mkdir -p /sys/fs/bpf
mount -t tmpfs -o mode=0755 tmpfs /run && mkdir -p /run/netns &&
	mount -t tmpfs -o mode=0755 tmpfs /var/log &&
	mkdir -p /var/lib/x0top && mount -t tmpfs -o mode=0711 tmpfs /var/lib/x0top &&
	mount -t bpf -o mode=0700 bpf /sys/fs/bpf && ip link set lo up || exit 1

failures=0

fail() {
	echo "FAILED: $*"
	failures=$((failures + 1))
}
