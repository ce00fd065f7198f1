#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# test_kernels.sh [SERIES...]: tests every kernel series of kernels.txt that the archive has, or those
# named, as many at once as there are processors: a guest is emulated by one thread. Exit: 0 all
# passed; 77 some could not be had; 1 some failed.
set -u

folder=${BUILD:-build}/vm
here=$(dirname "$0")
[ $# -gt 0 ] || set -- $(awk '$2 == "archive" { print $1 }' "$here/kernels.txt")

began=$(date +%s)
mkdir -p "$folder"
printf '%s\n' "$@" | xargs -P "$(nproc)" -I SERIES sh -c \
	'sh "$1/test-kernel.sh" SERIES; echo $? >"$2/SERIES.status"' sh "$here" "$folder"

passed='' failed='' missing=''
for series; do
	case $(cat "$folder/$series.status") in
	0) passed="$passed $series" ;;
	77) missing="$missing $series" ;;
	*) failed="$failed $series" ;;
	esac
	rm -f "$folder/$series.status"
done
echo "kernels passed:${passed:- none}, in $(($(date +%s) - began)) s"
[ -z "$failed" ] || echo "kernels FAILED:$failed"
[ -z "$missing" ] || echo "skipped, because they could not be had: kernels$missing"
[ -z "$failed" ] || exit 1
[ -z "$missing" ] || exit 77
