# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=sh
# For scripts of tests/integration in which the namespace "peer" sends to this host, 10.9.0.1. They set $x0top
# and $work.

answer_seconds=0.5

# sets WORDS...: x0top sets, its output in $work/out, its errors in $work/err.
sets() {
	timeout 60 "$x0top" sets "$@" >"$work/out" 2>"$work/err"
}

rules() {
	timeout 60 "$x0top" rules "$@" >"$work/rules" 2>"$work/err"
}

# reaches ADDRESS: whether a TCP segment from this address of the peer is answered, by a reset.
reaches() {
	ip netns exec peer python3 -c '
import socket, sys
s = socket.socket()
s.settimeout(float(sys.argv[2]))
s.bind((sys.argv[1], 0))
sys.exit(s.connect_ex(("10.9.0.1", 9)) != 111)' "$1" "$answer_seconds"
}

# says STATUS TEXT ARGUMENT...: fails unless x0top with these arguments writes the text and ends so.
says() {
	status=$1 text=$2
	shift 2
	got=$("$x0top" "$@" 2>&1 </dev/null)
	code=$?
	[ "$code" -eq "$status" ] && [ "$got" = "$text" ] ||
		fail "x0top $*: exit status $code, not $status: $got
--- and not:
$text"
}
