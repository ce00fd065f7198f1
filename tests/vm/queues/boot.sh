#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Boots a kernel that has fq_codel and cake with BUILD/vm/queues.cpio. Exit: 0 measured; 77 the kernel cannot be had;
# 1 failed.
set -u

vm=$(dirname "$0")/..
folder=${BUILD:-build}/vm
series=6.12
kernel=$folder/kernels/$series

sh "$vm/fetch-kernel.sh" x86_64 "$series" "$kernel" || exit 77
MODULES=$vm/queues/modules.txt sh "$vm/make-base.sh" "$kernel" "$kernel/queues.cpio" &&
	sh "$vm/run-guest.sh" x86_64 "$kernel" "$folder/queues" "$kernel/queues.cpio" "$folder/queues.cpio"
