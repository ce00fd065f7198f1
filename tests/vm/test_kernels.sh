#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# test_kernels.sh [SERIES...]: tests every `archive` kernel of kernels.txt and in brief the `machine` ones, with
# ALL_KERNELS=1 these whole and every `kernels` one, too, or the series named, of all machines or of $MACHINES, one
# more at once than there are processors: a guest is emulated by one thread, which waits a sixth of its time. The
# last kernel is tested by two guests, half each, so that no processor waits for the other. Ends with what failed
# in each. Exit: 0 all passed; 77 some could not be had; 1 some failed.
set -u

build=${BUILD:-build}
here=$(dirname "$0")
list=$build/vm/list
mkdir -p "$build/vm"

# MACHINE SERIES FOLDER PART of each, PART 0 being all of it, and `machine` what differs between machines: another machine's are in the folder of its build.
awk -v series="$*" -v machines="${MACHINES:-}" -v own="$(uname -m)" -v build="$build" \
	-v all="${ALL_KERNELS:-}" '
function wanted(name, names) {
	return index(" " names " ", " " name " ") > 0
}
/^[^#]/ && (machines == "" || wanted($2, machines)) &&
	(series == "" ? $3 == "archive" || $3 == "machine" || ($3 == "kernels" && all) : wanted($1, series)) {
	if (row != "")
		print row, part
	row = $2 " " $1 " " build ($2 == own ? "" : "/" $2 "-linux-gnu") "/vm"
	part = $3 == "machine" && series == "" && !all ? $3 : 0
}
END {
	if (row != "")
		print row, (part == 0 ? 1 "\n" row " " 2 : part)
}' "$here/kernels.txt" >"$list"
[ -s "$list" ] || {
	echo "no such kernels in $here/kernels.txt: $* ${MACHINES:-}" >&2
	exit 1
}

export TSC_KHZ
TSC_KHZ=$("$build/vm/tsc_khz" 2>/dev/null)
began=$(date +%s)
xargs -P $(($(nproc) + 1)) -L 1 sh -c \
	'sh "$1/test-kernel.sh" "$2" "$3" "$4" "${5#0}"; echo $? >"$4/$3.$5.status"' sh "$here" <"$list"

passed='' failed='' missing='' summaries=''
while read -r machine series folder part; do
	case $part in
	0) name=$machine/$series said=$series ;;
	machine) name=$machine/$series,brief said=$series ;;
	1) name=$machine/$series,1 said=$series ;;
	2) name=$machine/$series,2 said=$series-2 ;;
	esac
	case $(cat "$folder/$series.$part.status") in
	0) passed="$passed $name" ;;
	77) missing="$missing $name" ;;
	*) failed="$failed $name" summaries="$summaries $folder/$said/summary" ;;
	esac
	rm -f "$folder/$series.$part.status"
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
