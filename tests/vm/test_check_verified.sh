#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# The comparison with the table of verified instructions finds what it is for.
set -u

here=$(dirname "$0")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failures=0
n=0

cat >"$work/table" <<-END
	# object	program	variant	5.10	6.1	7
	one	enter	-	-	100	200
	one	exit	LRU	1000	1000	1000
END

check() # STATUS TEXT SERIES LINE...
{
	wanted=$1
	text=$2
	series=$3
	shift 3
	printf '%s\n' "$@" >"$work/log"
	output=$(sh "$here/check-verified.sh" "$work/table" "$series" "$work/log")
	status=$?
	n=$((n + 1))
	case "$status $output" in
	"$wanted "*"$text"*) return ;;
	esac
	echo "check-verified: status $status, '$output', for: $series $*"
	failures=$((failures + 1))
}

good='trial one exit LRU 1000 16'
check 0 '2 programs' 6.1 'trial one enter - 100 16' "$good"
check 0 '2 programs' 5.10 'trial one enter - - -' 'why' "$good"
check 0 '2 programs' 7 'trial one enter - 250 16' "$good"
check 0 'for 6.1' 6.12 'trial one enter - 100 16' "$good"
check 0 'for 5.10' 5.15 'trial one enter - 100 16' "$good"
check 1 'refused' 6.1 'trial one enter - - -' "$good"
check 1 'does not expect' 5.10 'trial one enter - 100 16' "$good"
check 1 'the table says 200' 7 'trial one enter - 267 16' "$good"
check 1 'was not tried' 6.1 "$good"
check 1 'not in the table' 6.1 'trial one enter - 100 16' "$good" 'trial two enter - 9 9'
[ $failures = 0 ] || exit 1
echo "check-verified: $n comparisons as they should be"
