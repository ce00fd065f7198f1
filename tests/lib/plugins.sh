# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=sh disable=SC2034 # the scripts that source it use what it sets
# For tests of plugins, behind host.sh: the examples in a folder of root's, and a watched interface with a peer.
x0top=${X0TOP:-./x0top}
build=${BUILD:-build}
work=/run/work
plugins=/run/plugins
layout=$(sed -n 's/^#define PINS_LAYOUT "\(.*\)"$/\1/p' core/kernel/pins.h)
mkdir "$work" "$plugins"
cp "$build"/examples/*.bpf.o "$plugins"
ip netns add peer
ip link add x0plugin type veth peer name x0peer netns peer
ip addr add 10.9.0.1/24 dev x0plugin && ip link set x0plugin up
ip netns exec peer ip addr add 10.9.0.2/24 dev x0peer
ip netns exec peer ip link set x0peer up
ip netns exec peer ip link set lo up

# has FILTER WHAT: what jq finds in the snapshot is true.
has() {
	jq -e "$1" "$work/json" >/dev/null || fail "$2: $(jq -c '.plugin_programs, .programs[-2:]' "$work/json")
$(cat "$work/err")"
}

# loaded NAME: whether the kernel has the program of a plugin, with this name or how it begins. bpftool shows a
# name that is too long for the kernel as the program's types have it.
loaded() {
	bpftool prog show 2>/dev/null | grep -q -e "name x0p_$1" -e "name ${1:-x0p_}"
}

# The kernel frees them a moment later.
none_loaded() {
	! loaded ''
}

# await COMMAND...: it succeeds within 20 s.
await() {
	end=$(($(date +%s) + 20))
	until "$@"; do
		[ "$(date +%s)" -lt "$end" ] || { fail "waited in vain: $*"; return 1; }
		sleep 0.1
	done
}

# start OPTION...: an x0top in the background, whose samples are in $work/json in the end.
start() {
	start_all --only xdp_counter "$@"
}

start_all() {
	"$x0top" --json -d 3 -i x0plugin "$@" >"$work/json" 2>"$work/err" &
	pid=$!
}

# finish: its snapshot; nothing of a plugin may be left in the kernel.
finish() {
	wait "$pid"
	status=$?
	await none_loaded
}

# send NUMBER PORT [HEX]: UDP from the peer.
send() {
	ip netns exec peer python3 -c '
import socket, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
for _ in range(int(sys.argv[1])):
    s.sendto(bytes.fromhex(sys.argv[3]), ("10.9.0.1", int(sys.argv[2])))' "$1" "$2" "${3:-00}"
}

# map NAME: the number of a map of this x0top: its last one of that name.
map() {
	bpftool map show | sed -n "s/^\([0-9]*\): .*  name $1  .*/\1/p" | tail -1
}
