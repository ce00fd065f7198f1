#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Runs test programs (cmocka) and scripts in four lanes, and sums up: those that need the host for themselves, one after
# the other; beside them those to which a host of their own will do, as far as namespaces make one; in the time that
# these leave to the processors, those that touch nothing of the host; and those that boot guests in what is left. The log of each
# is in BUILD/tests/logs. A skip shows its reason; with CI=true it is a failure. Afterwards nothing may be left of what
# the tests made: namespaces, BPF programs, pins, mounts, interfaces.
set -u

build=${BUILD:-build}
logs=$build/tests/logs
limit=${TEST_SECONDS:-300}
passed=0 failed=0 skipped=0
mkdir -p "$logs"
export CMOCKA_MESSAGE_OUTPUT=stdout

# What the tests must leave as it was.
leftovers() {
	echo "namespaces: $(ip netns list 2>/dev/null | sort)"
	echo "interfaces: $(ip -o link | cut -d: -f2 | sort)"
	echo "mounts: $(sort /proc/self/mountinfo | cut -d' ' -f5-)"
	echo "pins: $(find /sys/fs/bpf -mindepth 1 2>/dev/null | sort)"
	echo "programs: $(bpftool prog show 2>/dev/null | sed -n 's/^[0-9]*: \([a-z_]*\)  name \([a-z0-9_]*\).*/\1 \2/p' |
		grep -E ' (x0p_|xdp_|tc_(in|e)gress|enter_|exit_|drop_|net_|tcp_)' | sort)"
}

# The number in a line of cmocka's summary, "[  PASSED  ] 12 test(s)."
count() {
	sed -n "s/^\[  $1 *\] \([0-9]*\) test.*/\1/p" "$2" | awk '{ n += $1 } END { print n + 0 }'
}

# Tests of two folders may have one name.
name_of() {
	echo "$(basename "$(dirname "$1")")/$(basename "$1")"
}

# The lanes, as options of nice(1), and how much longer a test may take there.
lane_host='0 1' lane_own='0 1' lane_apart='10 2' lane_guests='19 6'

lane_of() {
	case $1 in
	*/vm/*) echo guests ;;
	*/unit/* | "$build"/tests/tui/* | */faults/*) echo apart ;;
	# Plugins have no pins: scripts look for theirs among all programs of the kernel.
	*/test_plugin* | */test_systemd.sh) echo host ;;
	*/test_fuzz.sh) echo host ;; # the others would wait for its lane for two minutes
	*/integration/test_[r-z]*.sh) echo own ;; # as long as all programs together
	*.sh) echo host ;;
	*) echo own ;;
	esac
}

# Runs a test, NICENESS TIMES TEST, and writes its exit status and the seconds that it took.
execute() {
	name=$(name_of "$3")
	mkdir -p "$logs/$(dirname "$name")"
	start=$(date +%s)
	own=
	[ "$(lane_of "$3")" != own ] || [ "$(id -u)" -ne 0 ] || own="sh $(dirname "$0")/own-host.sh"
	case $3 in
	*.sh) nice -n "$1" timeout $(($2 * limit)) sh "$3" ;;
	*) nice -n "$1" timeout $(($2 * limit)) $own "$3" ;;
	esac >"$logs/$name.log" 2>&1
	echo $? $(($(date +%s) - start)) >"$logs/$name.new"
	mv "$logs/$name.new" "$logs/$name.status"
}

# Runs the tests of a lane: LANE NICENESS TIMES TEST...
run_lane() {
	lane=$1 niceness=$2 times=$3
	shift 3
	for test; do
		[ "$(lane_of "$test")" != "$lane" ] || execute "$niceness" "$times" "$test"
	done
	echo ended >"$logs/$lane.lane"
}

report() {
	name=$(name_of "$1")
	log=$logs/$name.log
	read -r code seconds <"$logs/$name.status"
	p=$(count PASSED "$log") f=$(count FAILED "$log") s=$(count SKIPPED "$log")
	case $1 in
	*.sh)
		p=0 f=0 s=0
		case $code in
		0) p=1 ;;
		77) s=1 ;;
		*) f=1 ;;
		esac
		;;
	esac
	[ "$code" -eq 0 ] || [ "$code" -eq 77 ] || [ "$f" -gt 0 ] || f=1
	passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
	printf '%-44s %4d passed %3d failed %3d skipped %4d s\n' "$name" "$p" "$f" "$s" "$seconds"
	if [ "$f" -gt 0 ]; then
		grep -vE '^\[ *(RUN|OK) *\]' "$log" | tail -n 100
		echo "(exit status $code, whole log in $log)"
	elif [ "$s" -gt 0 ]; then
		grep -iE 'skip' "$log" | head -n 5
	fi
}

leftovers >"$logs/before"
rm -f "$logs"/*/*.status "$logs"/*.lane
# shellcheck disable=SC2086 # two words
{
	run_lane guests $lane_guests "$@" &
	run_lane apart $lane_apart "$@" &
	run_lane own $lane_own "$@" &
	run_lane host $lane_host "$@" &
}
for lane in host own apart guests; do
	for test; do
		[ "$(lane_of "$test")" = $lane ] || continue
		until [ -e "$logs/$(name_of "$test").status" ] || [ -e "$logs/$lane.lane" ]; do
			sleep 0.2
		done
		report "$test"
	done
done
wait
# The kernel frees programs and namespaces a little after the process that held them.
tries=50
until leftovers >"$logs/after" && cmp -s "$logs/before" "$logs/after" || [ "$tries" -eq 0 ]; do
	tries=$((tries - 1))
	sleep 0.2
done
if ! diff "$logs/before" "$logs/after"; then
	echo "The tests left something behind (see above)."
	failed=$((failed + 1))
else
	passed=$((passed + 1))
fi
if [ "${CI:-}" = true ] && [ "$skipped" -gt 0 ]; then
	echo "In CI a skip is a failure."
	failed=$((failed + skipped))
fi
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]
