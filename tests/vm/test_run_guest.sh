#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# A guest that passes passes; one whose test fails, that panics, that ends
# early or that hangs fails, and shows the end of its console.
set -u

folder=${BUILD:-build}/vm
here=$(dirname "$0")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failures=0
machine=$(uname -m)
kernel=$folder/kernels/5.10

sh "$here/fetch-kernel.sh" "$machine" 5.10 "$kernel" || {
	echo "skipped: no kernel to boot"
	exit 77
}
sh "$here/make-base.sh" "$kernel" "$work/base.cpio" || exit 1

check() # STATUS TEXT SCRIPT: runs SCRIPT in a guest and expects the status, and TEXT in the output
{
	echo "$3" >"$work/guest-test"
	sh "$here/make-payload.sh" / "$work/payload.cpio" "$work/guest-test" || exit 1
	GUEST_SECONDS=${4:-60} sh "$here/run-guest.sh" "$machine" "$kernel" "$work/guest" "$work/base.cpio" \
		"$work/payload.cpio" >"$work/output" 2>&1
	status=$?
	[ $status = "$1" ] && grep -q "$2" "$work/output" && return
	echo "run-guest: status $status instead of $1, or no '$2' in the output, for: $3"
	cat "$work/output"
	failures=$((failures + 1))
}

check 0 '^all is well' 'echo all is well'
check 1 'the test failed' 'false'
check 1 'reboot: Power down' 'false'
check 1 'ended without a result' 'poweroff -f; sleep 60'
check 1 'Kernel panic - not syncing' 'echo 1 >/proc/sys/kernel/sysrq; echo c >/proc/sysrq-trigger'
check 1 'the kernel complained' 'echo "<4>WARNING: a test of the console scan" >/dev/kmsg; true'
check 124 'no end within 8 s' 'sleep 600' 8

[ $failures = 0 ] || exit 1
echo "run-guest: 7 guests ended as they should"
