#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# A forged message of ICMP, that the path takes packets of 576 bytes alone, has no message of x0top peer cut into fragments;
# it has those of another program cut, on the same host and to the same address.
set -u
# shellcheck source=tests/lib/host.sh
. "$(dirname "$0")/../lib/host.sh"
x0top=$(realpath "${X0TOP:-./x0top}")
folder=$(realpath "$(dirname "$0")")
peer='' other=''
cleanup() {
	for pid in $peer $other; do
		kill "$pid" 2>/dev/null # it may have ended
	done
}
trap cleanup EXIT

unshare --net sleep 100 &
other=$!
tries=100 # until the process has a namespace of its own
until [ "$(readlink "/proc/$other/ns/net")" != "$(readlink /proc/self/ns/net)" ] || [ "$tries" -eq 0 ]; do
	tries=$((tries - 1))
	sleep 0.1
done
ip link add left type veth peer name right netns "$other"
ip addr add 10.9.0.1/24 dev left && ip link set left up
nsenter --net="/proc/$other/ns/net" sh -c 'ip addr add 10.9.0.2/24 dev right && ip link set right up'

mkdir /run/trust && "$x0top" keys generate one --set 65 --directory /run >/dev/null || exit 1
cp /run/one.pub.pem /run/trust
"$x0top" peer --identity /run/one.key.pem --trust /run/trust --listen 10.9.0.1 --to 10.9.0.2 --beacon 0.2 \
	>/run/log 2>&1 </dev/null &
peer=$!
nsenter --net="/proc/$other/ns/net" timeout 60 /usr/bin/python3 "$folder/forged_mtu.py" "/proc/$$/ns/net" ||
	fail "$(cat /run/log)"
[ "$failures" -eq 0 ]
