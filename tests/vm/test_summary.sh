#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# What is said last of a failed guest names the tests that failed, with what cmocka says of them, those that
# were killed or never ended, those that took too long, and faults of the kernel; in 20 lines.
set -u

here=$(dirname "$0")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failures=0

check() # WHAT LINE...: the summary of $work/report has these lines, and no more than 20
{
	what=$1
	shift
	awk -f "$here/summary.awk" "$here/shares.txt" "$work/report" >"$work/summary"
	for line; do
		grep -qF "$line" "$work/summary" && continue
		echo "$what: '$line' is missing in:"
		cat "$work/summary"
		failures=$((failures + 1))
	done
	[ "$(wc -l <"$work/summary")" -le 20 ] && return
	echo "$what: $(wc -l <"$work/summary") lines"
	failures=$((failures + 1))
}

absent() # WHAT TEXT
{
	! grep -q "$2" "$work/summary" && return
	echo "$1: '$2' is in:"
	cat "$work/summary"
	failures=$((failures + 1))
}

passing() # SECONDS of test_lab
{
	cat <<-EOT
		[==========] lab: Running 1 test(s).
		[ RUN      ] a_good_one
		[       OK ] a_good_one
		--- ./test_lab: status 0 in $1 s
	EOT
}

failing()
{
	cat <<-EOT
		[ RUN      ] counts_are_exact
		[  ERROR   ] --- 0x1 != 0x2
		[   LINE   ] --- tests/integration/test_one.c:12: error: Failure!
		[  FAILED  ] counts_are_exact
		[==========] one: 1 test(s) run.
		[  PASSED  ] 0 test(s).
		[  FAILED  ] one: 1 test(s), listed below:
		[  FAILED  ] counts_are_exact

		 1 FAILED TEST(S)
		--- ./$1: status 1 in 2 s
	EOT
}

judged()
{
	echo "5.10.0: $1; the end of its console (console.log):"
	echo "[    9.000000] reboot: Power down"
}

{ passing 3; failing test_one; echo "guest: status 1"; judged "the test failed"; } >"$work/report"
check "one failed" "test_one: status 1 in 2 s" "[  ERROR   ] --- 0x1 != 0x2" "test_one.c:12: error" \
	"[  FAILED  ] counts_are_exact" "5.10.0: the test failed:"
absent "one failed" "a_good_one\|test_lab\|Power down\|listed below"

{
	passing 3
	printf '[ RUN      ] waits_for_ever\r\nwhat it said\r\n--- ./test_watch: status 137 in 300 s\r\n'
	echo "guest: status 1"
	judged "the test failed"
} >"$work/report"
check "one was killed" "test_watch: status 137 in 300 s, killed, in waits_for_ever" "what it said" \
	"test_watch took 300 s of 303, where 7 in 100 are usual"

{ passing 3; echo "[ RUN      ] hangs"; echo "[   90.000000] Kernel panic - not syncing: oops"; judged "ended without a result; the kernel complained"; } >"$work/report"
check "the kernel panicked" "the test after test_lab did not end, in hangs" "Kernel panic - not syncing: oops" \
	"ended without a result; the kernel complained"

{ passing 40; echo "guest: status 0"; echo "[   90.000000] WARNING: something"; judged "the kernel complained"; } >"$work/report"
check "all passed" "WARNING: something" "the kernel complained" "test_lab took 40 s of 40"

{ echo "6.12 has no slip"; judged "no end within 8 s"; } >"$work/report"
check "it never began" "no test ended" "5.10.0: no end within 8 s:"
absent "it never began" "slip"

{ for i in 1 2 3 4 5 6 7 8 9; do failing test_$i; done; echo "guest: status 9"; judged "the test failed"; } >"$work/report"
check "many failed" "test_1: status 1" "5.10.0: the test failed:"

{ passing 3; echo "guest: status 0"; echo "verified: mldsa_verify x -: refused"; } >"$work/report"
check "a program was refused" "verified: mldsa_verify x -: refused"

[ $failures = 0 ] || exit 1
echo "summary: 7 reports of guests in 20 lines each"
