#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# test_kernels.sh [SERIES...]: boots every kernel series of kernels.txt that the archive has, or those
# named, one after the other, with BUILD/vm/payload.cpio, and reports. Kernels are kept in BUILD/vm.
# Exit: 0 all passed; 77 some could not be had; 1 some failed.
set -u

folder=${BUILD:-build}/vm
payload=$folder/payload.cpio
here=$(dirname "$0")
[ $# -gt 0 ] || set -- $(awk '$2 == "archive" { print $1 }' "$here/kernels.txt")
failed=
missing=
passed=

for series; do
	kernel=$folder/kernels/$series
	if ! sh "$here/fetch-kernel.sh" "$series" "$kernel"; then
		missing="$missing $series"
		continue
	fi
	release=$(cat "$kernel/release")
	echo "--- kernel $release"
	began=$(date +%s)
	if sh "$here/make-base.sh" "$kernel" "$kernel/base.cpio" &&
		sh "$here/run-guest.sh" "$kernel" "$folder/$series" "$kernel/base.cpio" "$payload" &&
		sh "$here/check-verified.sh" "$here/verified.txt" "$series" \
			"$folder/$series/test.log"; then
		passed="$passed $release"
		result=passed
	else
		failed="$failed $release"
		result=FAILED
	fi
	echo "--- kernel $release: $result in $(($(date +%s) - began)) s"
done

echo "kernels passed:${passed:- none}"
[ -z "$failed" ] || echo "kernels FAILED:$failed"
[ -z "$missing" ] || echo "skipped, because they could not be had: kernels$missing"
[ -z "$failed" ] || exit 1
[ -z "$missing" ] || exit 77
