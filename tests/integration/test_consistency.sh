#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Every number of JSON that speaks of the same packets is the same as the others, and as what the kernel,
# nftables and bpftrace count: see consistency.py.
set -u
for tool in nft bpftrace bpftool python3; do
	command -v "$tool" >/dev/null && continue
	echo "skipped: there is no $tool"
	exit 77
done
# shellcheck source=tests/lib/host.sh
. "$(dirname "$0")/../lib/host.sh"
mount -t debugfs debugfs /sys/kernel/debug 2>/dev/null
mount -t tracefs tracefs /sys/kernel/tracing 2>/dev/null
exec python3 "$(dirname "$0")/consistency.py" "${X0TOP:-./x0top}"
