#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# The fleet on a screen: hosts of a Prometheus that is played, the past of one of them, and what goes wrong meanwhile.
set -u
x0top=$(realpath "${X0TOP:-./x0top}")
# shellcheck source=tests/lib/host.sh
. "$(dirname "$0")/../lib/host.sh"
# shellcheck source=tests/lib/terminal.sh
. "$(dirname "$0")/../lib/terminal.sh"
fake=
trap 'terminal_close; kill $fake 2>/dev/null' EXIT
port=9093
url=http://127.0.0.1:$port

play() {
	/usr/bin/python3 "$(dirname "$0")/prometheus-fake.py" $port 2>/dev/null &
	fake=$!
	tries=200
	until curl -s -o /dev/null $url/ || [ $tries -eq 0 ]; do
		tries=$((tries - 1))
		sleep 0.05
	done
}
play

terminal_open 120x30 "$x0top fleet --prometheus $url/good -d 1"
terminal_expect '4 hosts, [0-9]* need attention'
terminal_expect '^down.*:1 .* down '

# A server that is gone is said, and one that is back is asked again.
kill $fake
wait $fake 2>/dev/null
terminal_expect 'does not answer'
play
tries=$((deadline * 10))
while terminal_screen | grep -q 'does not answer' && [ $tries -gt 0 ]; do
	tries=$((tries - 1))
	sleep 0.1
done
[ $tries -gt 0 ] || fail "it is not asked again: $(terminal_screen)"

# The past of the host that is found by a filter.
terminal_keys F4
terminal_keys -l 2001
terminal_expect '^\[2001:db8::1\]:26970'
terminal_keys Enter
terminal_keys Enter
terminal_expect 'END +1h00m +120/120 20[0-9-]+ [0-9:]+  HISTORY'
terminal_expect ' 4 CPUs  load -  up 2h00m'
terminal_keys + +
terminal_expect 'END +15m +120/120'
terminal_keys -
terminal_expect 'END +30m +120/120'
terminal_keys Left
terminal_expect 'PAUSED +30m +119/120'
terminal_keys Space
terminal_expect 'PLAY|END'
terminal_keys Home
terminal_expect ' 30m +1/120'
terminal_keys End
terminal_expect 'END +30m'
terminal_keys t
terminal_expect 'This is the past: nothing can be changed'
terminal_keys Escape
terminal_keys Escape
terminal_expect 'Enter History'

kill -TERM "$(terminal_pid)"
terminal_expect 'STATUS=0'
terminal_close

# What is chosen is asked for at once, not with the next turn.
terminal_open 120x30 "$x0top fleet --prometheus $url/good -d 300"
terminal_expect '4 hosts, [0-9]* need attention'
terminal_keys F4
terminal_keys -l 2001
terminal_expect '^\[2001:db8::1\]:26970'
terminal_keys Enter
terminal_keys Enter
terminal_expect '120/120 .* HISTORY'
kill -TERM "$(terminal_pid)"
terminal_expect 'STATUS=0'
exit $((failures != 0))
