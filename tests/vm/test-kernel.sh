#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# test-kernel.sh MACHINE SERIES FOLDER: boots one kernel series of kernels.txt with FOLDER/payload.cpio,
# and judges. The kernel is kept in FOLDER/kernels; what the guest said is left in FOLDER/SERIES. Prints
# a line when it has ended; if it failed, after the log and before what failed, in 20 lines, which are left in
# FOLDER/SERIES/summary, too. Exit: 0 passed; 77 the kernel cannot be had; 1 failed.
set -u

machine=$1
series=$2
folder=$3
here=$(dirname "$0")
kernel=$folder/kernels/$series
log=$folder/$series/report.log

# The kernel with all drivers has two devices, on one hub that leads nowhere, for test_link_types alone.
verified=$series
case $series in
*-full)
	GUEST_DEVICES="-netdev hubport,id=a,hubid=0 -device virtio-net-pci,netdev=a
		-netdev hubport,id=b,hubid=0 -device e1000e,netdev=b"
	export GUEST_DEVICES
	verified=
	;;
esac

mkdir -p "$folder/$series"
rm -f "$folder/$series/summary"
sh "$here/fetch-kernel.sh" "$machine" "$series" "$kernel" || exit 77
began=$(date +%s)
sh "$here/make-base.sh" "$kernel" "$kernel/base.cpio" >"$log" 2>&1 &&
	sh "$here/run-guest.sh" "$machine" "$kernel" "$folder/$series" "$kernel/base.cpio" \
		"$folder/payload.cpio" >>"$log" 2>&1 &&
	{ [ -z "$verified" ] || sh "$here/../verify/check-verified.sh" "$here/../verify/verified.txt" \
		"$machine" "$series" "$folder/$series/test.log"; } >>"$log" 2>&1
status=$?
if [ $status = 0 ]; then
	result=passed
else
	result=FAILED
	# What failed, and, from where run-guest.sh judges, all: the end of the console is there.
	sed -nE '/^\[ *(FAILED|ERROR|LINE) *\]|^--- .*: status [^0]|^verified: |^x0top: /{p;b}
		/^guest: status|: (the test failed|no end|ended without|qemu failed|the kernel complained)/,$p' "$log"
	echo "all of it is in $log"
	awk -f "$here/summary.awk" "$here/shares.txt" "$log" >"$folder/$series/summary"
fi
echo "kernel $(cat "$kernel/release") on $machine: $result in $(($(date +%s) - began)) s"
[ $status = 0 ] || cat "$folder/$series/summary"
[ $status = 0 ]
