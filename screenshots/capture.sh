#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# capture.sh X0TOP: makes the pictures of this folder from the lab, in a terminal of 120 by 40. Takes
# as long as the graph of the overview needs to fill: about two minutes.
set -u

x0top=$1
folder=$(dirname "$0")
export LC_ALL=C.UTF-8 TERMINAL_SECONDS=300
# shellcheck source=tests/lib/terminal.sh
. tests/lib/terminal.sh
trap terminal_close EXIT
trap 'exit 1' INT TERM

# The lab is on this host's kernel, which traces all processes: these are the calls that the lab's
# traffic makes, and few others.
calls=sendto,recvfrom,connect,accept4,sendmsg,recvmsg,epoll_wait

# What a host calls its own build of the kernel does not belong into a picture.
release=$(uname -r)
version=${release%%-*}
blank=$(printf '%*s' $((${#release} - ${#version})) '')

# picture NAME TITLE PATTERN KEY...: presses the keys, waits for the pattern, takes the picture.
picture() {
	name=$1 title=$2 pattern=$3
	shift 3
	[ $# -eq 0 ] || terminal_keys "$@"
	terminal_expect "$pattern"
	tmux -L "$terminal" capture-pane -e -N -p >"$folder/$name.screen"
	sed -i -e "s/$release/$version/" -e "1s/ \{8,\}/&$blank/" "$folder/$name.screen"
	python3 "$folder/ansi-to-svg.py" 120 "$title" <"$folder/$name.screen" >"$folder/$name.svg"
	rm "$folder/$name.screen"
}

terminal_open 120x40 "$x0top lab -d 0.5 --syscalls $calls"
picture overview 'x0top: overview' '^ +0 {1,3}[^ -~]'
picture programs 'x0top: programs' '─ xdp_mesh_filter ─' 2 Down
picture packets 'x0top: packets' '─ all received ─' 3
picture mesh 'x0top: mesh' '─ rule 2 ─' 4 Down Down
picture classes 'x0top: classes' '─ bulk by interface ─' 5 Down Down Down
picture syscalls 'x0top: system calls' '─ sendto latency ─' 6
picture signatures 'x0top: signatures' 'bad tag' 7
picture events 'x0top: events' 'Kernel drops' 8
picture mapek 'x0top: MAPE-K' 'Watched' 9 p p
terminal_keys q
terminal_expect 'STATUS=0'
