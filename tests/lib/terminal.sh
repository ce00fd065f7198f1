# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=sh
# A terminal for tests that drive x0top as a person would: tmux, with a server of its own. Nothing
# waits for a fixed time: screens are polled until they match.

terminal= # the server of the terminal that is open: a new one each time, so that none is awaited
terminals=0
deadline=${TERMINAL_SECONDS:-20}

# terminal_open WIDTHxHEIGHT COMMAND [VARIABLE=VALUE]: runs a command in a new terminal, which stays
# open and shows the command's exit status.
terminal_open() {
	terminals=$((terminals + 1))
	terminal=x0test-$$-$terminals
	tmux -L "$terminal" -f /dev/null new-session -d -x "${1%x*}" -y "${1#*x}" \
		"env ${3:-LC_ALL=C.UTF-8} sh -c '$2; echo STATUS=\$?; exec cat'"
}

terminal_close() {
	tmux -L "$terminal" kill-server 2>/dev/null
}

terminal_keys() {
	tmux -L "$terminal" send-keys "$@"
}

terminal_screen() {
	tmux -L "$terminal" capture-pane -p
}

# The process that a terminal runs: the child of its shell.
terminal_pid() {
	pgrep -P "$(tmux -L "$terminal" list-panes -F '#{pane_pid}')" -x x0top
}

# terminal_expect PATTERN: waits until a line of the screen matches (grep -E), or fails the test.
terminal_expect() {
	tries=$((deadline * 10))
	until terminal_screen | grep -qE -- "$1"; do
		tries=$((tries - 1))
		if [ "$tries" -le 0 ]; then
			echo "FAILED: the screen never showed: $1"
			terminal_screen
			exit 1
		fi
		sleep 0.1
	done
	echo "ok: $1"
}
