# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=sh disable=SC2034 # the scripts that source this use them
# Rounds of a script, which says every ten seconds how far it is.

# Beside a flood that takes all processors, what is tried comes before the flood: else it waits for the verifier's share
# of them.
[ "${RATE:-0}" -eq 0 ] && nice= || nice='nice -n -10'

rounds() { # COUNT: begins them
	round=0 rounds=$1
	rounds_began=$(date +%s) rounds_said=$(date +%s)
}

# Sets $round, from 1 on; fails after the last.
next_round() {
	now=$(date +%s)
	if [ $((now - rounds_said)) -ge 10 ]; then
		echo "$round of $rounds rounds in $((now - rounds_began)) s"
		rounds_said=$now
	fi
	round=$((round + 1))
	[ "$round" -le "$rounds" ]
}
