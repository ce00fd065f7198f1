#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# The dashboard on a lab mesh in a real terminal, driven by keys, and how it leaves the terminal.
set -u
# shellcheck source=tests/lib/terminal.sh
. tests/lib/terminal.sh
x0top=${X0TOP:-./x0top}
trap terminal_close EXIT

if [ "$(id -u)" -ne 0 ]; then
	echo "skipped: the lab needs root"
	exit 77
fi

echo "--- every view of the lab, at 80x24"
terminal_open 80x24 "$x0top lab -d 0.5"
terminal_expect 'xdp_counter +● on +3 generic'
terminal_expect 'xdp_mesh_filter +● enforcing'
terminal_expect 'xdp_pqc_verify'
terminal_expect 'Packets .* [1-9][0-9.]*K?/s'
terminal_keys 3
terminal_expect 'mesh0 +up +[0-9].* generic +[0-9]'
terminal_keys 4
terminal_expect 'drop +10.88.7.0/24'
terminal_keys 5
terminal_expect '^interactive +[0-9]'
terminal_keys 6
terminal_expect '^sendto +[0-9]'
terminal_keys 8
terminal_expect '(dropped on|TCP re)'

echo "--- a program is switched off and on again by a key"
terminal_keys 2
terminal_keys Home
terminal_keys t
terminal_expect 'xdp_counter +○ off'
terminal_keys t
terminal_expect 'xdp_counter +● on'

echo "--- a rule too"
terminal_keys 4
terminal_expect 'RULE'
terminal_keys End
terminal_keys t
terminal_expect 'rule on 7: done'
terminal_keys t
terminal_expect 'rule off 7: done'

echo "--- a flow becomes a rule, by the form; it is changed, moved and deleted"
terminal_keys p
terminal_expect '^[0-9a-f.:]+ +[0-9a-f.:]+ .* [1-9][0-9.]*K? +[0-9.]+[kM]bit'
terminal_keys Enter
terminal_expect 'rule add drop from [^ ]+ to [^ ]+ .*in mesh[0-2]'
terminal_keys Up Up Up 50m
terminal_expect 'for 50m'
terminal_keys Down 'seen by a test' Enter
terminal_keys P
terminal_expect 'RULE'
terminal_keys End
terminal_expect '^ +8 .*drop'
terminal_keys c
terminal_expect 'rule change 8 drop '
terminal_expect 'seen by a test'
terminal_keys Right
terminal_expect 'rule change 8 pass'
terminal_keys Enter
terminal_expect '^ +8 .*pass'
terminal_keys K
terminal_expect 'rule move 8 7: done'
terminal_keys d
terminal_expect 'rule delete 7: done'
terminal_keys u
terminal_expect 'rule undo: done'
terminal_expect '^ +7 .*pass'
terminal_keys u u
terminal_expect '^ +8 .*drop'
terminal_keys u
terminal_expect '1/8|8/8'

echo "--- an enforcer asks first, and No is the default"
terminal_keys e
terminal_expect 'Stop dropping'
terminal_keys Enter
terminal_expect 'ENFORCING'
terminal_keys e
terminal_expect 'Stop dropping'
terminal_keys y
terminal_expect 'OBSERVING'

echo "--- help, resize, pause, quit"
terminal_keys '?'
terminal_expect 'Any key closes the help'
terminal_keys Escape
tmux -L "$terminal" resize-window -x 150 -y 50
terminal_expect '^ 1 Overview .* 9 MAPEK'
terminal_keys Space
terminal_expect 'PAUSED'
tmux -L "$terminal" resize-window -x 40 -y 10
terminal_expect '[0-9]+ ?x ?[0-9]+|too small'
tmux -L "$terminal" resize-window -x 80 -y 24
terminal_keys q
terminal_expect '^STATUS=0'
terminal_close

before=$(mktemp)
for signal in TERM INT SEGV; do
	echo "--- the terminal after SIG$signal"
	terminal_open 80x24 "stty -a > $before; $x0top; stty -a | diff - $before && echo SAME"
	terminal_expect 'xdp_counter'
	kill -s $signal "$(terminal_pid)"
	terminal_expect '^SAME'
	if terminal_screen | grep -q 'xdp_counter'; then
		echo "FAILED: the dashboard is still on the screen"
		exit 1
	fi
	terminal_close
done
rm -f "$before"

echo "--- SIGHUP reloads the trusted keys; a terminal that goes ends the dashboard"
trust=$(mktemp -d)
mkdir "$trust/store"
terminal_open 80x24 "$x0top --trust $trust/store"
terminal_expect 'xdp_pqc_verify +● observing'
"$x0top" keys generate walnut --directory "$trust" >"$trust/log" &&
	"$x0top" keys add "$trust/walnut.pub.pem" --trust "$trust/store" >>"$trust/log" || {
	cat "$trust/log"
	exit 1
}
kill -s HUP "$(terminal_pid)"
terminal_expect 'keys reload: done'
terminal_keys 7
terminal_expect '^walnut .*ML-DSA-65'
pid=$(terminal_pid)
terminal_close
tries=50
while [ -d "/proc/$pid" ] && [ "$tries" -gt 0 ]; do
	tries=$((tries - 1))
	sleep 0.1
done
[ ! -d "/proc/$pid" ] || {
	echo "FAILED: the dashboard goes on without a terminal"
	exit 1
}
rm -rf "$trust"

for term in linux vt100; do
	echo "--- no key bar stays behind on TERM=$term"
	terminal_open 80x24 "$x0top" TERM=$term
	terminal_expect 'xdp_counter'
	terminal_expect 'Help .*Quit'
	terminal_keys q
	terminal_expect 'STATUS=0'
	if terminal_screen | grep -q 'Help .*Quit'; then
		echo "FAILED: the key bar is still on the screen"
		terminal_screen
		exit 1
	fi
	terminal_close
done

echo "--- terminals that cannot do it"
terminal_open 80x24 "$x0top" TERM=dumb
terminal_expect 'TERM|terminal'
terminal_expect '^STATUS=[12]'
terminal_close
terminal_open 80x24 "$x0top lab" LC_ALL=C
terminal_expect 'xdp_counter +[*] on'
terminal_keys q
terminal_expect '^STATUS=0'
