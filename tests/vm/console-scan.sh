#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# console-scan.sh FILE: prints the lines of a kernel console that tell of a fault of the kernel:
# warnings, BUG, oops, panics, lockdep, RCU and hung-task reports, sanitizers, leaks. Exit: 0 none,
# 1 some, 2 there is no console to read.
set -u

[ -s "$1" ] || { echo "no console in $1"; exit 2; }

# A message starts after its time stamp, which may be missing. "WARNING:" and "BUG:" count only
# there: boot messages such as "Spectre V2 : WARNING: ..." speak of the processor.
start='^(<[0-9]+>)?(\[ *[0-9]+\.[0-9]+\](\[ *[TC][0-9]+\])? *)?'
faults="${start}-+\[ cut here \]-+|${start}WARNING: |${start}BUG: |${start}(watchdog|rcu): (BUG|INFO): |${start}INFO: (task |rcu_)"
faults="$faults|${start}(general protection fault|divide error|invalid opcode|stack segment|double fault|int3)[:,]"
faults="$faults|${start}kernel BUG at |${start}Oops: |Kernel panic - not syncing|${start}Call Trace:"
faults="$faults|${start}(KASAN|UBSAN|KFENCE|KCSAN|KMSAN): |${start}=+\$|refcount_t: "
faults="$faults|unregister_netdevice: waiting for |${start}(list_add|list_del) corruption"
faults="$faults|page allocation failure|${start}Out of memory: |invoked oom-killer|segfault at "
faults="$faults|${start}traps: .* (trap|general protection)|scheduling while atomic|soft lockup|hard LOCKUP"
! tr -d '\r' <"$1" | grep -aE "$faults"
