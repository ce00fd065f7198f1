#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Runs test programs (cmocka) and scripts, one after the other, and sums up; the guests meanwhile, in the
# time that the others leave to the processors. The log of each is in BUILD/tests/logs. A skip shows its reason; with CI=true it is a failure. Afterwards nothing may be
# left of what the tests made: namespaces, BPF programs, pins, mounts, interfaces.
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
		grep -E ' (xdp_|tc_(in|e)gress|enter_|exit_|drop_|net_|tcp_)' | sort)"
}

# The number in a line of cmocka's summary, "[  PASSED  ] 12 test(s)."
count() {
	sed -n "s/^\[  $1 *\] \([0-9]*\) test.*/\1/p" "$2" | awk '{ n += $1 } END { print n + 0 }'
}

# Runs a test, and writes its exit status and the seconds that it took.
execute() {
	start=$(date +%s)
	case $1 in
	*/test_kernels.sh) nice -n 19 timeout $((6 * limit)) sh "$1" ;;
	*.sh) timeout "$limit" sh "$1" ;;
	*) timeout "$limit" "$1" ;;
	esac >"$logs/$(basename "$1").log" 2>&1
	echo $? $(($(date +%s) - start)) >"$logs/$(basename "$1").status"
}

report() {
	name=$(basename "$1")
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
	printf '%-36s %4d passed %3d failed %3d skipped %4d s\n' "$name" "$p" "$f" "$s" "$seconds"
	if [ "$f" -gt 0 ]; then
		grep -vE '^\[ *(RUN|OK) *\]' "$log" | tail -n 100
		echo "(exit status $code, whole log in $log)"
	elif [ "$s" -gt 0 ]; then
		grep -iE 'skip' "$log" | head -n 5
	fi
}

leftovers >"$logs/before"
guests=
for test; do
	case $test in
	*/test_kernels.sh)
		guests=$test
		execute "$test" &
		;;
	esac
done
for test; do
	[ "$test" = "$guests" ] && continue
	execute "$test"
	report "$test"
done
if [ -n "$guests" ]; then
	wait
	report "$guests"
fi
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
