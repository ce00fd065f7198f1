#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Every number of JSON that speaks of the same packets is the same as the others, and as what the kernel,
# nftables and bpftrace count: see consistency.py.
set -u
if [ "$(id -u)" -ne 0 ]; then
	echo "skipped: network namespaces need root"
	exit 77
fi
for tool in nft bpftrace bpftool python3; do
	command -v "$tool" >/dev/null && continue
	echo "skipped: there is no $tool"
	exit 77
done
# Mounts and networks of its own, which end with it.
[ "${X0_INSIDE:-}" = 1 ] ||
	exec env X0_INSIDE=1 unshare --mount --net --propagation private sh "$0"
mount -t tmpfs tmpfs /run && mkdir -p /run/netns && mount -t tmpfs tmpfs /var/log || exit 1
mkdir -p /sys/fs/bpf
mount -t bpf bpf /sys/fs/bpf -o mode=0700 || exit 1
mount -t debugfs debugfs /sys/kernel/debug 2>/dev/null
mount -t tracefs tracefs /sys/kernel/tracing 2>/dev/null
exec python3 "$(dirname "$0")/consistency.py" "${X0TOP:-./x0top}"
