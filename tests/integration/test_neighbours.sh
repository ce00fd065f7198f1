#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# The neighbour table of real neighbours: the kernel's, and three nodes of babeld with a route that moves. See
# neighbours.py.
set -u
if [ "$(id -u)" -ne 0 ]; then
	echo "skipped: network namespaces need root"
	exit 77
fi
for tool in babeld jq python3; do
	command -v "$tool" >/dev/null && continue
	echo "skipped: there is no $tool"
	exit 77
done
# Mounts and networks of its own, which end with it.
[ "${X0_INSIDE:-}" = 1 ] ||
	exec env X0_INSIDE=1 unshare --mount --net --propagation private sh "$0"
mount -t tmpfs tmpfs /run && mkdir -p /run/netns && mount -t tmpfs tmpfs /var/log &&
	mkdir -p /var/lib/x0top && mount -t tmpfs -o mode=0711 tmpfs /var/lib/x0top || exit 1
mkdir -p /sys/fs/bpf
mount -t bpf bpf /sys/fs/bpf -o mode=0700 || exit 1
ip link set lo up
exec python3 "$(dirname "$0")/neighbours.py" "${X0TOP:-./x0top}"
