#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# test-kernel.sh MACHINE SERIES FOLDER [PART]: boots one kernel series of kernels.txt with FOLDER/payload.cpio,
# and judges; with PART 1 or 2, half of its tests, and with `machine` those of what differs between machines. The kernel is kept in FOLDER/kernels; what the guest said is left in
# FOLDER/SERIES, of a second part in FOLDER/SERIES-2. Prints a line when it has ended; if it failed, after the
# log and before what failed, in 20 lines, which are left in the file `summary` there, too.
# Exit: 0 passed; 77 the kernel cannot be had; 1 failed.
set -u

machine=$1
series=$2
folder=$3
part=${4:-}
here=$(dirname "$0")
kernel=$folder/kernels/$series
said=$folder/$series$([ "$part" != 2 ] || echo -2)
log=$said/report.log

# The kernel with all drivers has two devices, on one hub that leads nowhere, for test_link_types alone.
verified=$series
if [ -n "$part" ]; then
	GUEST_APPEND="${GUEST_APPEND:-} X0_PART=$part"
	export GUEST_APPEND
	[ "$part" != 2 ] || verified=
fi
case $series in
*-full)
	GUEST_DEVICES="-netdev hubport,id=a,hubid=0 -device virtio-net-pci,netdev=a
		-netdev hubport,id=b,hubid=0 -device e1000e,netdev=b"
	export GUEST_DEVICES
	verified=
	;;
esac

mkdir -p "$said"
rm -f "$said/summary"
sh "$here/fetch-kernel.sh" "$machine" "$series" "$kernel" || exit 77
began=$(date +%s)
sh "$here/make-base.sh" "$kernel" "$said/base.cpio" >"$log" 2>&1 &&
	sh "$here/run-guest.sh" "$machine" "$kernel" "$said" "$said/base.cpio" \
		"$folder/payload.cpio" >>"$log" 2>&1 &&
	{ [ -z "$verified" ] || sh "$here/../verify/check-verified.sh" "$here/../verify/verified.txt" \
		"$machine" "$series" "$said/test.log"; } >>"$log" 2>&1
status=$?
if [ $status = 0 ]; then
	result=passed
else
	result=FAILED
	# What failed, and, from where run-guest.sh judges, all: the end of the console is there.
	sed -nE '/^\[ *(FAILED|ERROR|LINE) *\]|^--- .*: status [^0]|^verified: |^x0top: /{p;b}
		/^guest: status|: (the test failed|no end|ended without|qemu failed|the kernel complained)/,$p' "$log"
	echo "all of it is in $log"
	awk -v parts="${part:+2}" -f "$here/summary.awk" "$here/shares.txt" "$log" >"$said/summary"
fi
echo "kernel $(cat "$kernel/release") on $machine${part:+, part $part}: $result in $(($(date +%s) - began)) s"
[ $status = 0 ] || cat "$said/summary"
[ $status = 0 ]
