#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# On a host of 128 MB, `x0top --small` runs all its programs, in little of it. Before 6.4 a kernel says of a map
# that takes memory as it is filled what it could take at most.
set -u

build=${BUILD:-build}
here=$(dirname "$0")
machine=$(uname -m)
kernel=$build/vm/kernels/6.12
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

sh "$here/fetch-kernel.sh" "$machine" 6.12 "$kernel" || {
	echo "skipped: no kernel to boot"
	exit 77
}
cp "$here/small-test" "$work/guest-test"
sh "$here/make-base.sh" "$kernel" "$work/base.cpio" &&
	sh "$here/make-payload.sh" / "$work/payload.cpio" "$work/guest-test" "${X0TOP:-$build/x0top}" || exit 1
GUEST_MEGABYTES=128 GUEST_SECONDS=200 sh "$here/run-guest.sh" "$machine" "$kernel" "$work/guest" \
	"$work/base.cpio" "$work/payload.cpio"
