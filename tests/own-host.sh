#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# own-host.sh COMMAND...: runs it, as root, on a host of its own: see lib/host.sh; bpffs is not mounted.
# shellcheck source=tests/lib/host.sh
. "$(dirname "$0")/lib/host.sh"
umount /sys/fs/bpf # x0top mounts it where it needs it, and so do tests
unset X0_INSIDE # a script that wants a host of its own makes one
exec "$@"
