#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# test_kernels.sh [SERIES...]: tests every `archive` kernel of kernels.txt, with ALL_KERNELS=1 every `kernels`
# one, too, or the series named, of all machines or of $MACHINES, as many at once as there are processors: a guest is emulated by one
# thread. Ends with what failed in each. Exit: 0 all passed; 77 some could not be had; 1 some failed.
set -u

build=${BUILD:-build}
here=$(dirname "$0")
list=$build/vm/list
mkdir -p "$build/vm"

# MACHINE SERIES FOLDER of each: another machine's are in the folder of its build.
awk -v series="$*" -v machines="${MACHINES:-}" -v own="$(uname -m)" -v build="$build" \
	-v all="${ALL_KERNELS:-}" '
function wanted(name, names) {
	return index(" " names " ", " " name " ") > 0
}
/^[^#]/ && (machines == "" || wanted($2, machines)) &&
	(series == "" ? $3 == "archive" || ($3 == "kernels" && all) : wanted($1, series)) {
	print $2, $1, build ($2 == own ? "" : "/" $2 "-linux-gnu") "/vm"
}' "$here/kernels.txt" >"$list"
[ -s "$list" ] || {
	echo "no such kernels in $here/kernels.txt: $* ${MACHINES:-}" >&2
	exit 1
}

began=$(date +%s)
xargs -P "$(nproc)" -L 1 sh -c \
	'sh "$1/test-kernel.sh" "$2" "$3" "$4"; echo $? >"$4/$3.status"' sh "$here" <"$list"

passed='' failed='' missing='' summaries=''
while read -r machine series folder; do
	case $(cat "$folder/$series.status") in
	0) passed="$passed $machine/$series" ;;
	77) missing="$missing $machine/$series" ;;
	*) failed="$failed $machine/$series" summaries="$summaries $folder/$series/summary" ;;
	esac
	rm -f "$folder/$series.status"
done <"$list"
echo "kernels passed:${passed:- none}, in $(($(date +%s) - began)) s"
[ -z "$failed" ] || echo "kernels FAILED:$failed"
[ -z "$missing" ] || echo "skipped, because they could not be had: kernels$missing"
for summary in $summaries; do
	echo "$(dirname "$summary"):"
	cat "$summary"
done
[ -z "$failed" ] || exit 1
[ -z "$missing" ] || exit 77
