#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# run-guest.sh MACHINE KERNEL OUTPUT ARCHIVE...: boots the kernel in the folder KERNEL with the archives
# as its file system, by software emulation, and leaves console.log and test.log in OUTPUT. The test's
# output goes to stdout. Exit: 0 the test passed and the console is clean; 1 not; 124 no end within
# GUEST_SECONDS (1500). GUEST_DEVICES: options of qemu, in place of no network.
set -eu

machine=$1
kernel=$2
output=$3
shift 3
here=$(dirname "$0")
. "$here/machine.sh"
seconds=${GUEST_SECONDS:-1500}
release=$(cat "$kernel/release")
mkdir -p "$output"
cat "$@" >"$output/initramfs"

# oops=panic: a guest that has gone wrong ends at once. The rest saves time: attaching and detaching wait for
# grace periods, which rcu_expedited shortens; an emulator speculates nothing that would have to be mitigated;
# no page of a guest holds what another one may not see; and its ciphers need not be tested again.
options='panic=-1 oops=panic rcupdate.rcu_cpu_stall_timeout=60 rcupdate.rcu_expedited=1 mitigations=off
	init_on_alloc=0 cryptomgr.notests=1'
status=0
# shellcheck disable=SC2086 # lists of words
timeout --kill-after=5 "$seconds" $emulator -smp 2 -m "${GUEST_MEGABYTES:-1024}" \
	-nodefaults -display none -no-reboot ${GUEST_DEVICES:--nic none} \
	-serial "file:$output/console.log" -chardev "file,id=line,path=$output/test.log" \
	-device "$line_device,chardev=line" -kernel "$kernel/vmlinuz" -initrd "$output/initramfs" \
	-append "console=$console LINE=$line loglevel=7 $(echo $options $clock) ${GUEST_APPEND:-}" \
	</dev/null >"$output/qemu.log" 2>&1 || status=$?
rm -f "$output/initramfs"

cat "$output/test.log"
failure=
if [ "$status" = 124 ]; then
	failure="no end within $seconds s"
elif [ "$status" != 0 ]; then
	failure="qemu failed with status $status: $(tail -n 1 "$output/qemu.log")"
elif ! grep -q '^guest: status ' "$output/test.log"; then
	failure="ended without a result"
elif ! grep -qx 'guest: status 0' "$output/test.log"; then
	failure="the test failed"
fi
if ! sh "$here/console-scan.sh" "$output/console.log"; then
	failure="${failure:+$failure; }the kernel complained"
fi
[ -z "$failure" ] && exit 0
echo "$release: $failure; the end of its console ($output/console.log):"
tail -n 40 "$output/console.log"
[ "$status" = 124 ] && exit 124
exit 1
