#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Sets of mesh rules that follow neighbours and routes, as real packets from a namespace meet them: while an
# x0top runs, after it was killed, and when a source goes away.
set -u
# shellcheck source=tests/lib/host.sh
. "$(dirname "$0")/../lib/host.sh"
# shellcheck source=tests/lib/mesh_peer.sh
. "$(dirname "$0")/../lib/mesh_peer.sh"
answer_seconds=0.3
x0top=${X0TOP:-./x0top}
work=/run/work
mkdir "$work"
ip netns add peer
ip link add x0feeds type veth peer name x0peer netns peer
ip addr add 10.9.0.1/24 dev x0feeds && ip link set x0feeds up
ip netns exec peer ip link set lo up
ip netns exec peer ip addr add 10.9.0.2/24 dev x0peer
for i in 5 6 7; do ip netns exec peer ip addr add "10.8.0.$i/32" dev lo; done
ip netns exec peer ip link set x0peer up
ip route add 10.8.0.0/24 via 10.9.0.2
mac=$(ip netns exec peer cat /sys/class/net/x0peer/address)
"$x0top" --once --enforce --only xdp_mesh_filter -i x0feeds >"$work/enforce" 2>&1 ||
	fail "enforcing: $(cat "$work/enforce")"

# run [SOURCE]: an x0top that owns the chain, in the background.
run() {
	"$x0top" --once -d 3600 --only xdp_mesh_filter -i x0feeds "$@" >"$work/running" 2>&1 &
	pid=$!
}

# end SIGNAL: ends it.
end() {
	kill "-$1" "$pid"
	wait "$pid" 2>/dev/null
}

# until WHAT COMMAND...: the command holds within a minute and a half.
until_holds() {
	what=$1 end=$(($(date +%s) + 90))
	shift
	until "$@"; do
		[ "$(date +%s)" -lt "$end" ] || { fail "$what"; return; }
	done
}

is_dropped() {
	! reaches "$1"
}

holds() {
	sets test "$1" "$2"
}

lacks() {
	! sets test "$1" "$2"
}

says() {
	sets list && grep -q "$1" "$work/out"
}

# --- the kernel's neighbours
rules add pass from @near && fail 'a rule names a set that is not there'
sets feed near elsewhere && fail 'a set follows what is nothing'
grep -q 'is nothing that a set can follow' "$work/err" || fail "no such source: $(cat "$work/err")"
sets feed near kernel || fail "feed: $(cat "$work/err")"
rules add pass from @near || fail "a rule of it: $(cat "$work/err")"
rules add drop from 10.8.0.0/16 || fail "the other rule: $(cat "$work/err")"
run
until_holds '10.8.0.5 is no neighbour, and passes' is_dropped 10.8.0.5
ip neigh replace 10.8.0.5 lladdr "$mac" dev x0feeds nud permanent
until_holds 'the set does not follow a new neighbour' reaches 10.8.0.5
reaches 10.8.0.6 && fail 'no neighbour, and it passes'
ip neigh del 10.8.0.5 dev x0feeds
until_holds 'the set does not follow a neighbour that is gone' is_dropped 10.8.0.5

# --- routes, and MACs
sets feed far routes || fail "routes: $(cat "$work/err")"
sets feed macs kernel macs || fail "MACs: $(cat "$work/err")"
ip route add 10.77.0.0/16 via 10.9.0.2
until_holds 'a new route' holds far 10.77.3.4
ip route del 10.77.0.0/16
until_holds 'a route that is gone' lacks far 10.77.3.4
until_holds 'the MAC of a neighbour' holds macs "$mac"

# --- what is the operator's stays his
echo 10.8.0.7 >"$work/list"
sets load own "$work/list" || fail "loading: $(cat "$work/err")"
sets feed own kernel && fail 'a feed takes a set of the operator'
grep -q "The set @own is the operator's: no feed changes it" "$work/err" ||
	fail "a set of the operator's: $(cat "$work/err")"
sets add near 10.8.0.6 && fail 'somebody adds to a set that follows'
holds own 10.8.0.7 || fail 'the set of the operator has changed'

# --- an x0top that is killed leaves its last set; the next one goes on
ip neigh replace 10.8.0.5 lladdr "$mac" dev x0feeds nud permanent
until_holds 'before the kill' reaches 10.8.0.5
end KILL
ip neigh del 10.8.0.5 dev x0feeds
reaches 10.8.0.5 || fail 'the last set does not stay in force'
run
until_holds 'the next x0top does not follow' is_dropped 10.8.0.5

# --- a source that goes away leaves its last good set, and it is said
end TERM
echo 10.8.0.6 >"$work/nodes"
sets feed near kernel,file || fail "two sources: $(cat "$work/err")"
run --neighbours kernel --neighbours "file=$work/nodes"
until_holds 'an address of the file' reaches 10.8.0.6
rm "$work/nodes"
until_holds 'a lost source is not said' says '^near .*stale since 2'
reaches 10.8.0.6 || fail 'the last good set of a file does not stay'
end TERM
run --neighbours kernel --neighbours "file=$work/nodes"
ip neigh replace 10.8.0.5 lladdr "$mac" dev x0feeds nud permanent
until_holds 'another x0top follows the source that is there' reaches 10.8.0.5
reaches 10.8.0.6 || fail 'another x0top forgets the last good set'
says '^near .*stale since 2' || fail "it is no more said: $(cat "$work/out")"
echo 10.8.0.7 >"$work/nodes"
until_holds 'a source that is back' reaches 10.8.0.7
until_holds 'what it does not say any more' is_dropped 10.8.0.6
says 'stale' && fail "a source that is back is called stale: $(cat "$work/out")"
end TERM

# --- only neighbours may talk on the mesh ports: one switch
end_rules() {
	rules delete 0 && rules delete 1 && sets delete near && sets delete far && sets delete macs &&
		sets delete own
}
end_rules || fail "clearing: $(cat "$work/err")"
python3 -c '
import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(("10.9.0.1", 6696))
while True:
    s.sendto(b"x", s.recvfrom(9)[1])' &
echo_pid=$!

# talks ADDRESS: whether a datagram from this address to a mesh port is answered.
talks() {
	ip netns exec peer python3 -c '
import socket, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.settimeout(0.3)
s.bind((sys.argv[1], 0))
s.sendto(b"x", ("10.9.0.1", 6696))
s.recvfrom(9)' "$1" 2>/dev/null
}

is_silent() {
	! talks "$1"
}

until_holds 'without the switch, nobody talks' talks 10.8.0.5
ip neigh flush all >/dev/null
ip link set x0feeds arp off && ip neigh del 10.8.0.5 dev x0feeds 2>/dev/null
ip neigh flush all >/dev/null
rules only-neighbours on && fail 'without a neighbour, all are shut out'
grep -q 'No neighbour is known' "$work/err" || fail "without a neighbour: $(cat "$work/err")"
ip link set x0feeds arp on
ip neigh replace 10.9.0.2 lladdr "$mac" dev x0feeds nud permanent
rules only-neighbours on || fail "the switch: $(cat "$work/err")"
talks 10.9.0.2 || fail 'a neighbour does not talk'
talks 10.8.0.5 && fail 'somebody else talks'
reaches 10.8.0.5 || fail 'other ports are shut'
run
ip neigh replace 10.8.0.5 lladdr "$mac" dev x0feeds nud permanent
until_holds 'a new neighbour talks' talks 10.8.0.5
ip neigh del 10.8.0.5 dev x0feeds
until_holds 'who is no neighbour any more is silent' is_silent 10.8.0.5
end TERM
rules only-neighbours off || fail "off: $(cat "$work/err")"
talks 10.8.0.5 || fail 'switched off, it is silent'
sets list && [ "$(wc -l <"$work/out")" -eq 1 ] || fail "sets are left: $(cat "$work/out")"
rules list && grep -q mesh-ports "$work/rules" && fail "rules are left: $(cat "$work/rules")"
kill "$echo_pid"

# --- a source that lies: a million neighbours, escapes in their names, and an end in mid-line
cat >"$work/liar.py" <<'END'
import socket, threading, time
# Made once: a busy host has 5 seconds for the whole list.
LIES = b"".join(b"add neighbour %x address fd00::%x:%x if m\n" % (i, i >> 16, i & 65535)
                for i in range(1, 1000001))
def lie(c):
    c.sendall(b"BABEL 1.0\nversion babeld-1.12.1\nhost h\nmy-id 02:00\nok\n")
    c.recv(100)
    c.sendall(b"add neighbour \x1b]0;x address fd00::9 if \x1b[2J\n")
    c.sendall(LIES)
    c.sendall(b"ok\nadd neighbour 1 addr")
    time.sleep(3600)
s = socket.socket(socket.AF_UNIX)
s.bind("/run/babeld.sock")
s.listen(4)
while True:
    threading.Thread(target=lie, args=(s.accept()[0],), daemon=True).start()
END
run
python3 "$work/liar.py" 2>/dev/null &
liar=$!
sets feed lies babel || fail "a feed of a liar: $(cat "$work/err")"
until_holds 'what a liar says is bounded' says '^lies .* 16384 '
until_holds 'that it ends in mid-line' says '^lies .*stale since'
reaches 10.9.0.2 || fail 'a liar stops others'
LC_ALL=C grep -q "$(printf '\033')" "$work/out" && fail 'escapes come out'
leaves_out() {
	"$x0top" --once --json -d 2 --only tc_classifier -i x0feeds --neighbours babel >"$work/out" 2>/dev/null
	jq -e '.neighbours.sources[] | select(.name == "babel") | .left_out > 900000' "$work/out" >/dev/null
}
until_holds 'what is left out is not said' leaves_out
jq -r '.alerts[].sentence' "$work/out" | grep -q 'entries of babel are left out' ||
	fail "no alert says it: $(jq -c .alerts "$work/out")"
end TERM
kill "$liar"
# Names with escapes from the kernel, and lines from a file.
evil=$(printf 'e\033[31mX')
ip link add "$evil" type veth peer name x0evil && ip link set "$evil" up && ip link set x0evil up &&
	ip neigh add 10.44.0.9 lladdr "$mac" dev "$evil" nud permanent || fail 'an interface with an escape in its name'
printf 'addr\033[31m 10.3.3.3\n10.45.0.9 %s if \033]0;x\007\n10.45.0.10\n' "$mac" >"$work/nodes"
for format in --json ''; do
	"$x0top" --once $format -d 1 --only tc_classifier -i x0feeds --neighbours kernel \
		--neighbours "file=$work/nodes" >"$work/out" 2>&1
	grep -q '10.44.0.9' "$work/out" || fail "a neighbour on an interface with an escape in its name: $(cat "$work/out")"
	grep -q '10.45.0.10' "$work/out" || fail "a wrong line of a file keeps the others out: $(cat "$work/out")"
	LC_ALL=C grep -q "$(printf '\033')" "$work/out" && fail "escapes come out $format"
done
ip link del "$evil"
grep -q 'by feed: set follow near: done' /var/log/x0top.log || fail 'the audit log lacks the feed'
[ "$failures" -eq 0 ]
