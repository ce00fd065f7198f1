#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Boots the kernels of kernels.txt that have all modules with BUILD/vm/mesh.cpio. Exit: 0 passed; 77 a kernel
# cannot be had; 1 failed.
set -u

here=$(dirname "$0")
folder=${BUILD:-build}/vm
series=$(awk '$3 == "full" { print $1 }' "$here/kernels.txt")
kernel=$folder/kernels/$series

if ! sh "$here/fetch-kernel.sh" x86_64 "$series" "$kernel"; then
	echo "skipped: kernel $series could not be had"
	exit 77
fi
MODULES=$here/mesh/modules.txt sh "$here/make-base.sh" "$kernel" "$kernel/base.cpio" &&
	sh "$here/run-guest.sh" x86_64 "$kernel" "$folder/$series" "$kernel/base.cpio" "$folder/mesh.cpio"
