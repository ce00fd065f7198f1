#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Lines of classes may name a control group: what its processes send is of the class, and what others send is not.
set -u
# shellcheck source=tests/lib/host.sh
. "$(dirname "$0")/../lib/host.sh"
# shellcheck source=tests/lib/mesh_peer.sh
. "$(dirname "$0")/../lib/mesh_peer.sh"
x0top=${X0TOP:-./x0top}
mount -t cgroup2 none /sys/fs/cgroup 2>/run/err || {
	echo "skipped: no control groups of version 2: $(cat /run/err)"
	exit 77
}
group=x0top-test-$$
root=/sys/fs/cgroup/$group
mkdir "$root" "$root/inner" "$root-other" || exit 1
ip link add x0left type veth peer name x0right
ip addr add 10.98.0.1/24 dev x0left && ip link set x0left up && ip link set x0right up
ip neigh add 10.98.0.2 lladdr 02:00:00:00:00:02 dev x0left

says 2 'x0top: What is received is of no cgroup yet: leave "ingress" away.' classes add cgroup "$group" ingress outer
says 2 'x0top: "a/../b" cannot be a cgroup: write its path, as system.slice/ssh.service, of up to 63 characters and 8 levels.' \
	classes add cgroup a/../b outer
says 0 "class add cgroup $group outer: done, as line 0" classes add cgroup "/$group" outer
says 0 "class insert 0 cgroup $group/inner inner: done, as line 0" classes insert 0 egress cgroup "$group/inner" inner
says 0 'class add cgroup a\x2db c: done, as line 2' classes add 'cgroup a\x2db' c
"$x0top" classes save /run/saved.yaml && says 0 'class load /run/saved.yaml: done, 40 lines' classes load /run/saved.yaml
says 0 'class delete 2: done: cgroup a\x2db c' classes delete 2
says 1 "x0top: Line 1 has the same conditions: cgroup $group outer." classes insert 0 cgroup "$group" again
"$x0top" serve --only tc_classifier -i x0left -d 0.1 --listen 127.0.0.1:9797 >/run/out 2>&1 &
serve=$!

# Sends UDP packets, as a process in a group.
send() # GROUP PACKETS PORT
{
	python3 - "$1" "$2" "$3" <<'PYTHON'
import os, socket, sys
group, packets, port = sys.argv[1:]
if group:
    with open(f"/sys/fs/cgroup/{group}/cgroup.procs", "w") as f:
        f.write(str(os.getpid()))
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(("10.98.0.1", int(port)))
for _ in range(int(packets)):
    s.sendto(b"x", ("10.98.0.2", 9999))
PYTHON
}

sent() # CLASS: packets that were sent in it
{
	curl -s http://127.0.0.1:9797/snapshot | python3 -c '
import json, sys
for c in json.load(sys.stdin)["tc"]["classes"]:
    if c["name"] == sys.argv[1]:
        print(c["directions"]["egress"]["packets"]["total"])' "$1" 2>/dev/null
}

wait_for() # CLASS PACKETS
{
	for _ in $(seq 30); do
		[ "$(sent "$1")" = "$2" ] && return
		sleep 0.1
	done
	fail "sent in $1: $(sent "$1"), and not $2: $(cat /run/out)"
}

# Which line decides about what a process would send, also one in a group within: asked of the kernel, without a process.
mkdir "$root/inner/deep" "$root/inner/deep/er"
says 0 "Line 1, cgroup $group outer, decides
The packet is of the class outer" classes check 10.98.0.1 udp 9999 cgroup "$group"
for path in "$group/inner" "/$group/inner/deep/er"; do
	says 0 "Line 0, cgroup $group/inner inner, decides
The packet is of the class inner" classes check 10.98.0.1 udp 9999 cgroup "$path"
done
for words in "cgroup $group-other" egress; do
	# shellcheck disable=SC2086
	says 0 'No line matches
The packet is of the class best_effort' classes check 10.98.0.1 udp 9999 $words
done
says 1 "x0top: There is no cgroup $group/none." classes check 10.98.0.1 cgroup "$group/none"
says 1 "x0top: There is no cgroup $group/../$group." classes check 10.98.0.1 cgroup "$group/../$group"
says 2 'x0top: What is received is of no cgroup yet: leave "ingress" away.' classes check 10.98.0.1 cgroup "$group" ingress
says 2 'x0top: Write cgroup and its path.' classes check 10.98.0.1 cgroup
rmdir "$root/inner/deep/er" "$root/inner/deep"

wait_for outer 0
send "$group" 3 4000
wait_for outer 3
send "$group/inner" 5 4001
wait_for inner 5
send "$group-other" 7 4002
send "" 11 4000 # of the same flow as the first, by another
wait_for best_effort 18
wait_for outer 3

# A line whose group is gone matches nothing, and says so; one that comes back is found.
rmdir "$root/inner"
"$x0top" programs list >/dev/null 2>&1
send "$group" 1 4003
wait_for outer 4
mkdir "$root/inner"
sleep 0.3
send "$group/inner" 2 4004
wait_for inner 7

# What is within a group that one line names is its, too.
says 0 "class delete 0: done: cgroup $group/inner inner" classes delete 0
sleep 0.3
send "$group/inner" 9 4005
wait_for outer 13
kill "$serve"
wait "$serve" 2>/dev/null
rmdir "$root/inner" "$root" "$root-other"
[ "$failures" -eq 0 ]
