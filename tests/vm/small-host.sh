#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# small-host.sh [SERIES...]: on a host of 128 MB, `x0top --small` runs all its programs, in little of it: on
# a kernel that counts what maps could take at most, as before 6.4, and on one that counts what they take.
set -u

build=${BUILD:-build}
here=$(dirname "$0")
machine=$(uname -m)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

cp "$here/small-test" "$work/guest-test"
sh "$here/make-payload.sh" / "$work/payload.cpio" "$work/guest-test" "${X0TOP:-$build/x0top}" || exit 1
[ $# -gt 0 ] || set -- 5.10 6.12
for series; do
	kernel=$build/vm/kernels/$series
	sh "$here/fetch-kernel.sh" "$machine" "$series" "$kernel" || {
		echo "skipped: no kernel $series to boot"
		exit 77
	}
	sh "$here/make-base.sh" "$kernel" "$work/base.cpio" || exit 1
	GUEST_MEGABYTES=128 GUEST_SECONDS=200 sh "$here/run-guest.sh" "$machine" "$kernel" "$work/guest" \
		"$work/base.cpio" "$work/payload.cpio" || exit 1
done
