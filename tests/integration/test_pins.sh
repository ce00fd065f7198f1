#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# What is pinned is untrusted input, and x0top says whose it is: folders of ordinary users, maps and
# programs that are not x0top's, two operators that start at once.
# LAYOUT is the folder's name, for trying this on another version.
set -u

if [ "$(id -u)" -ne 0 ]; then
	echo "skipped: pins need root"
	exit 77
fi
if [ -z "${IN_NAMESPACE:-}" ]; then
	IN_NAMESPACE=1 exec unshare --mount --net --propagation private sh "$0"
fi
x0top=$(realpath "${X0TOP:-./x0top}")
layout=${LAYOUT:-v14}
pins=/sys/fs/bpf/x0top
work=$(mktemp -d)
chmod 755 "$work"
failures=0 running=''

mount -t tmpfs tmpfs /run && mkdir -p /run/netns && mount -t tmpfs tmpfs /var/log &&
	mkdir -p /var/lib/x0top && mount -t tmpfs -o mode=0711 tmpfs /var/lib/x0top || exit 1
ip link set lo up
echo 1 >/proc/sys/net/ipv6/conf/default/disable_ipv6 2>/dev/null
ip link add v0 type veth peer name p0
ip link set v0 up
ip link set p0 up

end_running() {
	for pid in $running; do
		kill -KILL "$pid" 2>/dev/null
		wait "$pid" 2>/dev/null
	done
	running=
}
trap 'end_running; rm -rf "$work"' EXIT

printf 'interfaces: [v0]\nonly: [xdp_counter, xdp_mesh_filter]\nrules:\n  - "drop 10.9.0.3"\n' >"$work/rules.yaml"

failed() {
	echo "FAILED: $1"
	failures=$((failures + 1))
}

fresh() # MODE: an empty bpffs
{
	end_running
	rm -f /run/x0top.*
	while umount /sys/fs/bpf 2>/dev/null; do :; done
	mount -t bpf -o mode="$1" bpf /sys/fs/bpf
	ip link set dev v0 xdp off 2>/dev/null
	until_true 'no x0top on v0' no_root_on_v0
}

no_root_on_v0() { ! ip link show v0 | grep -q prog/xdp; }

until_true() # NAME COMMAND...
{
	name=$1
	shift
	tries=200
	until "$@" >/dev/null 2>&1; do
		tries=$((tries - 1))
		if [ "$tries" -eq 0 ]; then
			failed "$name: not in 10 seconds"
			return
		fi
		sleep 0.05
	done
}

once() # ARGUMENT...: a run of x0top into $work/out and $work/err
{
	timeout 60 "$x0top" --config "$work/rules.yaml" --once --json -d 0.1 "$@" >"$work/out" 2>"$work/err" </dev/null
}

program() # FIELD: of the mesh filter, in what was printed last
{
	jq -r --slurp "last | .programs[] | select(.name == \"xdp_mesh_filter\") | .$1" "$work/out"
}

is() # NAME EXPECTED FOUND
{
	if [ "$2" = "$3" ]; then
		echo "ok: $1"
	else
		failed "$1: \"$3\", not \"$2\""
	fi
}

says() # NAME FILE PATTERN
{
	if grep -qE -- "$3" "$2"; then
		echo "ok: $1"
	else
		failed "$1: \"$3\" is not in:"
		cut -c 1-600 "$2"
	fi
}

as_nobody() { setpriv --reuid 65534 --regid 65534 --clear-groups "$@"; }

# A frame to v0 as anybody on the link could send it, 10.9.0.3 to 10.9.0.1.
cat >"$work/send.py" <<'END'
import socket, sys
ip = bytes.fromhex('4500001c000000004011') + bytes(2) + bytes([10, 9, 0, int(sys.argv[1])]) + bytes([10, 9, 0, 1])
s = sum(int.from_bytes(ip[i:i+2], 'big') for i in range(0, 20, 2))
s = ~((s & 0xffff) + (s >> 16)) & 0xffff
ip = ip[:10] + s.to_bytes(2, 'big') + ip[12:]
frame = b'\xff' * 6 + b'\x02\0\0\0\0\x01' + b'\x08\0' + ip + bytes.fromhex('1388138900080000')
out = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
out.bind(('p0', 0))
seen = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(0x0800))
seen.bind(('v0', 0))
seen.settimeout(0.3)
out.send(frame + bytes(60 - len(frame)))
try:
    while seen.recv(2048)[26:30] != bytes([10, 9, 0, int(sys.argv[1])]):
        pass
    print('passes')
except socket.timeout:
    print('drops')
END
packet() { python3 "$work/send.py" "${1:-3}"; }

# --- folders of somebody else (S1) ---------------------------------------------------------------

mkdir -p "$work/victim/$layout"
echo precious >"$work/victim/$layout/file"
echo precious >"$work/victim/file"

fresh 1777
as_nobody ln -s "$work/victim" $pins
"$x0top" programs down >"$work/out" 2>"$work/err"
is 'behind a link nothing is deleted' 'precious precious' "$(cat "$work/victim/file" "$work/victim/$layout/file" | tr '\n' ' ' | sed 's/ $//')"
says 'a link is refused in words' "$work/err" 'x0top: it is a symbolic link and belongs to user 65534'
once
says 'it is said without a screen' "$work/err" 'belongs to user 65534'
once --enforce
is 'nothing is pinned behind a link' '1' "$(ls "$work/victim/$layout" | wc -l)"
is 'nothing enforces then' 'false' "$(program enforcing)"

fresh 1777
as_nobody mkdir $pins
once --enforce
is 'in a folder of somebody else nothing is pinned' '' "$(ls -A $pins)"
is 'nothing enforces then' 'passes' "$(packet)"
"$x0top" programs down >"$work/out" 2>"$work/err"
says 'whose it is is said' "$work/err" 'belongs to user 65534'
says 'and what to do' "$work/err" 'chmod 0700 /sys/fs/bpf'

fresh 1777
as_nobody mkdir -p $pins/v99
once
is "another user's v99 switches nothing off" 'false' "$(jq --slurp 'last | .self.readonly' "$work/out")"

fresh 0700
chmod 0777 /sys/fs/bpf # mounting adds the sticky bit
once --enforce
is 'where everybody may rename, nothing is pinned' 'passes' "$(packet)"
is 'and nothing is left' '' "$(ls -A $pins 2>/dev/null)"

fresh 1777
once --enforce
is 'a sticky folder of root is good enough' 'drops' "$(packet)"
is 'its pins are closed to others' '700 700' "$(stat -c %a $pins $pins/$layout | tr '\n' ' ' | sed 's/ $//')"
as_nobody rm -rf $pins 2>/dev/null
is 'an ordinary user cannot end it' 'drops' "$(packet)"
chmod 0770 $pins/$layout
once
says 'a folder that others can write to is refused' "$work/err" 'is writable for others'
chmod 0700 $pins/$layout

# As in a container: an ordinary user, to whom root gave a folder and the program its capabilities.
fresh 0701
mkdir -m 0700 $pins
chown 65534 $pins
cp "$x0top" "$work/x0top"
setcap cap_bpf,cap_perfmon,cap_net_admin+ep "$work/x0top"
as_nobody "$work/x0top" --config "$work/rules.yaml" --once --json -d 0.1 --enforce >"$work/out" 2>"$work/err" </dev/null
is 'with capabilities and a folder of his own, an ordinary user enforces' 'true drops' "$(program pinned) $(packet)"
as_nobody "$work/x0top" programs down >"$work/out" 2>"$work/err" || failed "$(cat "$work/err")"
is 'and ends it' '' "$(ls -A $pins)"
until_true 'the interface is free' no_root_on_v0
rm -f /tmp/x0top-65534.*

# --- pins of an older or newer layout ------------------------------------------------------------

for other in v1 v99; do
	fresh 0700
	mkdir -p $pins/$other
	once --enforce
	says "a layout $other is refused in words" "$work/err" "another version of x0top are in .*/$other: this one changes nothing"
	is 'and left' "$other" "$(ls $pins)"
done

# --- maps and programs that are not x0top's (S2) -------------------------------------------------

enforcing() { # an x0top has enforced, and ended
	fresh 0700
	once --enforce
	[ "$(program enforcing)" = true ] || failed 'enforcing to begin with'
	ls -l $pins/$layout | sed 's/^[^ ]* *[^ ]* *[^ ]* *[^ ]* *[^ ]* *//' | sort >"$work/before"
}

refused() # NAME PATTERN: it is refused, untouched, and can be removed
{
	find $pins/$layout | sort >"$work/before"
	once
	status=$?
	find $pins/$layout | sort >"$work/after"
	[ $status -lt 128 ] || failed "$1: killed by signal $((status - 128))"
	says "$1: said which pin" "$work/err" "$2"
	cmp -s "$work/before" "$work/after" || failed "$1: pins were changed"
	is "$1: nothing may be changed" 'true' "$(jq --slurp 'last | .self.readonly' "$work/out")"
	is "$1: nothing is adopted" 'false' "$(program adopted)"
	"$x0top" rules add drop 10.9.0.4 >"$work/out" 2>"$work/err"
	says "$1: a remedy" "$work/err" 'x0top programs down'
	"$x0top" programs down >"$work/out" 2>"$work/err" || failed "$1: programs down"
	is "$1: programs down leaves nothing" '' "$(ls -A $pins 2>/dev/null)"
	until_true "$1: the interface is free" no_root_on_v0
}

# NAME TYPE KEY VALUE ENTRIES FLAGS
while read -r map type key value entries flags what; do
	enforcing
	rm -f $pins/$layout/"$map"
	# shellcheck disable=SC2086 # words
	bpftool map create $pins/$layout/"$map" type "$type" key "$key" value "$value" entries "$entries" \
		name "$(echo "$map" | cut -c 1-15)" ${flags:+flags $flags} || failed "bpftool makes $map"
	refused "$map of another $what" "pin $map does not match this x0top: its $what is"
done <<-END
	mesh_filter_control array 4 12000 1 0 value size
	mesh_rules array 4 24000 1024 0 value size
	mesh_rules hash 4 24 1024 0 type
	mesh_banks hash 64 16 2 0 type
	mesh_limits array 4 32 8 0 entries
	mesh_banks array 4 24 2 1024 flags
	mesh_rule_counts percpu_array 4 40 8 0 entries
	pqc_control array 4 12000 1 0 value size
END

enforcing
bpftool map create /sys/fs/bpf/other type array key 4 value 4 entries 1 name mesh_filter_con
mv /sys/fs/bpf/other $pins/$layout/mesh_rules 2>/dev/null
refused 'another map in its place' "pin mesh_rules does not match this x0top"

enforcing
rm $pins/$layout/mesh_rules
refused 'a map that is missing' 'pin mesh_rules is missing'

enforcing
link=$(ls $pins/$layout | grep xdp_link | head -n 1)
rm "$pins/$layout/$link"
bpftool map create "$pins/$layout/$link" type percpu_array key 4 value 8 entries 1 name fake
refused 'a map in the place of a link' "pin $link does not match this x0top: it is not an XDP link"

enforcing
link=$(ls $pins/$layout | grep xdp_link | head -n 1)
rm $pins/$layout/mesh_rules
mv "$pins/$layout/$link" $pins/$layout/mesh_rules
refused 'a link in the place of a map' 'pin mesh_rules is a link, not a map'

cat >"$work/foreign.bpf.c" <<'END'
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
SEC("xdp") int xdp_mesh_filter(struct xdp_md *ctx) { return XDP_PASS; }
char _license[] SEC("license") = "GPL";
END
clang="clang${CLANG_VERSION:+-$CLANG_VERSION}"
"$clang" -O2 -g -target bpf -idirafter "/usr/include/$(uname -m)-linux-gnu" -c "$work/foreign.bpf.c" -o "$work/foreign.bpf.o"
stage_of() { # the place in the chain that leads to the mesh filter
	bpftool -j map dump pinned $pins/$layout/xdp_chain | jq -r '.[] | select(.value != null) | .key[0]' | while read -r key; do
		id=$(bpftool -j map lookup pinned $pins/$layout/xdp_chain key hex "$(printf %02x $((key)))" 00 00 00 | jq -r '.value | if type == "array" then (.[0:4] | map(ltrimstr("0x")) | reverse | join("")) else tostring end')
		name=$(bpftool -j prog show id $((0x$id)) | jq -r .name)
		[ "$name" = xdp_mesh_filter ] && echo $((key))
	done
}

enforcing
at=$(stage_of | head -n 1)
bpftool prog load "$work/foreign.bpf.o" /sys/fs/bpf/foreign
bpftool map update pinned $pins/$layout/xdp_chain key hex "$(printf %02x "$at")" 00 00 00 value pinned /sys/fs/bpf/foreign
once || failed "a program of the right name: $(cat "$work/err")"
says 'another program of the right name is told' "$work/err" "another version's xdp_mesh_filter was in force: this x0top's takes its place"
is 'and it enforces' true "$(program enforcing)"
is 'by its own program' drops "$(packet)"
rm /sys/fs/bpf/foreign

enforcing
bpftool prog load "${BUILD:-build}/bpf/xdp_root.bpf.o" /sys/fs/bpf/foreign
bpftool map update pinned $pins/$layout/xdp_chain key hex "$(printf %02x "$at")" 00 00 00 value pinned /sys/fs/bpf/foreign
refused 'a program of another name' 'The XDP chain holds the program xdp_root \(id [0-9]*\)'

# --- two operators (C1, C2) ----------------------------------------------------------------------

# The maps that the program behind a link uses are those that are pinned beside it.
belong_together() {
	link=$(bpftool -j link show pinned "$(ls -d $pins/$layout/xdp_link_* | head -n 1)" | jq .prog_id)
	chain=$(bpftool -j map show pinned $pins/$layout/xdp_chain | jq .id)
	bpftool -j prog show id "$link" | jq -e ".map_ids | index($chain) != null" >/dev/null
}

pairs=${PAIRS:-30} wrong=0
for pair in $(seq "$pairs"); do
	fresh 0700
	for side in a b; do
		timeout 60 "$x0top" --config "$work/rules.yaml" --enforce --once --json -d 0.1 \
			>"$work/$side.out" 2>"$work/$side.err" </dev/null &
		running="$running $!"
	done
	# shellcheck disable=SC2086 # process ids
	wait $running
	running=
	if ! belong_together || [ "$(packet)" != drops ]; then
		wrong=$((wrong + 1))
	fi
done
is "of $pairs pairs that start at once, one enforces" 0 "$wrong"

[ "$failures" -eq 0 ] || echo "$failures failures"
[ "$failures" -eq 0 ]
