#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# test-kernels.sh FOLDER PAYLOAD [SERIES...]: boots every kernel series of kernels.txt that the
# archive has, or those named, one after the other, with the payload, and reports. Kernels are kept
# in FOLDER. A kernel that cannot be had is said so; with CI=true it is a failure.
set -u

folder=$1
payload=$2
shift 2
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
[ -z "$missing" ] || echo "kernels NOT TESTED, because they could not be had:$missing"
[ -z "$failed" ] || echo "kernels FAILED:$failed"
[ -z "$failed" ] || exit 1
[ -z "$missing" ] || [ "${CI:-}" != true ]
