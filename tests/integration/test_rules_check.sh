#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# x0top rules check: the kernel's own tables say which rule decides about a packet, why, and by which element
# of which set; the same becomes of a real packet, and no count moves.
set -u
# shellcheck source=tests/lib/host.sh
. "$(dirname "$0")/../lib/host.sh"
x0top=${X0TOP:-./x0top}
work=/run/work
mkdir "$work"
ip netns add peer
ip link add x0check type veth peer name x0peer netns peer
sysctl -qw net.ipv6.conf.x0check.disable_ipv6=1 2>/dev/null
ip addr add 10.9.0.1/24 dev x0check && ip link set x0check up
for i in 2 3; do ip netns exec peer ip addr add "10.9.0.$i/24" dev x0peer; done
ip netns exec peer ip link set x0peer up
"$x0top" --once --enforce --only xdp_mesh_filter -i x0check >"$work/enforce" 2>&1 ||
	fail "enforcing: $(cat "$work/enforce")"

change() {
	timeout 60 "$x0top" "$@" >"$work/out" 2>"$work/err" || fail "$*: $(cat "$work/err")"
}

# check FILTER EXPECTED WORDS...: what jq finds in the answer about this packet.
check() {
	filter=$1 expected=$2
	shift 2
	timeout 60 "$x0top" rules --json check "$@" >"$work/answer" 2>"$work/err" ||
		fail "check $*: $(cat "$work/err")"
	found=$(jq -c "$filter" "$work/answer")
	[ "$found" = "$expected" ] || fail "check $*: $filter is $found, not $expected"
}

# refused SENTENCE WORDS...: it is refused, with this sentence.
refused() {
	sentence=$1
	shift
	timeout 60 "$x0top" rules check "$@" >"$work/out" 2>"$work/err" && fail "check $* is answered"
	grep -qF "$sentence" "$work/err" || fail "check $*: $(cat "$work/err")"
}

check '.rule' null 10.9.0.2 to 10.9.0.1 tcp 22
printf '10.9.0.2/31\nfd00::/8\n192.0.2.0/24\n' >"$work/list"
printf '20-25\n80\n' >"$work/ports"
printf '02:00:00:00:00:07\n' >"$work/macs"
change sets load listed "$work/list"
change sets load ports "$work/ports"
change sets load macs "$work/macs"
change rules add count from @listed
change rules add drop from @listed tcp @ports in x0check
change rules add pass mac @macs
change rules add drop ethertype 0x88b5
change rules add limit 1/s udp 53

check '[.rule, .dropped, .counted]' '[1,true,[0]]' 10.9.0.2 to 10.9.0.1 tcp 22 in x0check
check '[.conditions[] | .element]' '["10.9.0.2/31",null,"20-25",null]' 10.9.0.3 tcp 22 in x0check
check '[.rule, .conditions[0].element]' '[1,"fd00::/8"]' fd00::7 tcp 80 in x0check
check '[.rule, .dropped, .counted]' '[null,false,[0]]' 10.9.0.2 tcp 22 in lo
check '[.rule, .dropped]' '[null,false]' 10.9.0.2 to 10.9.0.1 tcp 26 in x0check
check '[.rule, .conditions[0].element]' '[2,"02:00:00:00:00:07"]' mac 02:00:00:00:00:07 ethertype 0x88b5
check '[.rule, .dropped]' '[3,true]' ethertype 0x88b5 vlan 9
check '[.rule, .dropped]' '[4,false]' 10.7.0.1 udp 53
check '[.rule, .dropped]' '[4,false]' '10.7.0.1 udp 53'

# --- a rule that is off decides nothing; one toggled is asked about as it is now
change rules off 1
check '.rule' null 10.9.0.2 to 10.9.0.1 tcp 22 in x0check
change rules on 1
check '.rule' 1 10.9.0.2 to 10.9.0.1 tcp 22 in x0check

# --- the same becomes of a real packet; a check moves no count
reaches() {
	ip netns exec peer python3 -c '
import socket, sys
s = socket.socket()
s.settimeout(0.3)
s.bind((sys.argv[1], 0))
sys.exit(s.connect_ex(("10.9.0.1", int(sys.argv[2]))) != 111)' "$@"
}
reaches 10.9.0.2 22 && fail 'a packet passes that is dropped by the check'
reaches 10.9.0.3 26 || fail 'a packet is dropped that passes by the check'
counts() {
	"$x0top" --once --json -d 0.1 --only xdp_mesh_filter -i x0check |
		jq -c '[.mesh.rules[].traffic.packets.total]'
}
before=$(counts)
for i in 1 2 3; do check '.dropped' true 10.9.0.2 to 10.9.0.1 tcp 22 in x0check; done
[ "$(counts)" = "$before" ] || fail "checks are counted: $(counts), before $before"
"$x0top" rules check 10.9.0.3 tcp 22 in x0check >"$work/out"
printf '%s\n' 'Rule 0, count from @listed, counts it' \
	'Rule 1, drop from @listed tcp @ports in x0check, decides' \
	'  from @listed: 10.9.0.3, by the element 10.9.0.2/31' '  proto tcp: 6' \
	'  port @ports: 22, by the element 20-25' '  in x0check: x0check' 'The packet is dropped' |
	cmp -s - "$work/out" || fail "as text: $(cat "$work/out")"

# --- frames of captures: pcap and pcapng, of either byte order
python3 - "$work" <<'END'
import struct, sys
work = sys.argv[1]
def frame(source, port):
    ip = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 40, 0, 0, 64, 6, 0, bytes(source), bytes([10, 9, 0, 1]))
    return b"\2\0\0\0\0\1\2\0\0\0\0\2\x08\0" + ip + struct.pack(">HHIIBBHHH", 1000, port, 0, 0, 0x50, 2, 0, 0, 0)
frames = [frame([10, 9, 0, 2], 22), frame([10, 9, 0, 2], 26), frame([192, 0, 2, 9], 80)]
for order, name in ("<", "little"), (">", "big"):
    pcap = struct.pack(order + "IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535, 1)
    ng = struct.pack(order + "IIIHHqI", 0x0a0d0d0a, 28, 0x1a2b3c4d, 1, 0, -1, 28)
    ng += struct.pack(order + "IIHHII", 1, 20, 1, 0, 0, 20)
    for f in frames:
        pcap += struct.pack(order + "IIII", 1, 0, len(f), len(f)) + f
        padded = f + bytes(-len(f) % 4)
        size = 32 + len(padded)
        ng += struct.pack(order + "IIIIIII", 6, size, 0, 0, 0, len(f), len(f)) + padded
        ng += struct.pack(order + "I", size)
    open(f"{work}/{name}.pcap", "wb").write(pcap)
    open(f"{work}/{name}.pcapng", "wb").write(ng)
    open(f"{work}/cut.{name}.pcap", "wb").write(pcap[:-1])
    open(f"{work}/cut.{name}.pcapng", "wb").write(ng[:-1])
open(f"{work}/short.pcap", "wb").write(
    struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535, 1) + struct.pack("<IIII", 1, 0, 9, 9) + frames[0][:9])
open(f"{work}/wifi.pcap", "wb").write(
    struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535, 105) + struct.pack("<IIII", 1, 0, 4, 4) + b"abcd")
END
for capture in little.pcap big.pcap little.pcapng big.pcapng; do
	check '.rule' 1 in x0check pcap "$work/$capture"
	check '.rule' 1 "in x0check pcap $work/$capture"
	check '.rule' null in x0check pcap "$work/$capture:2"
	check '[.rule, .conditions[0].element]' '[1,"192.0.2.0/24"]' in x0check pcap "$work/$capture:3"
	check '.rule' null pcap "$work/$capture:1"
	refused "$work/$capture has no frame 4" pcap "$work/$capture:4"
	refused "is no capture, or damaged" pcap "$work/cut.$capture:4"
done
refused 'is not of Ethernet, but of link type 105' pcap "$work/wifi.pcap"
refused "Frame 1 of $work/short.pcap has 9 bytes, and no header of Ethernet" pcap "$work/short.pcap"
refused 'is no capture' pcap "$work/list"
refused 'Cannot read the capture /dev/zero' pcap /dev/zero
refused 'A packet has one address and one port' 10.9.0.0/24 tcp 22
refused 'A packet has one address and one port' from @listed
refused 'There is no interface nosuch' 10.9.0.2 in nosuch
refused 'is not a key for a mesh rule' 10.9.0.2 sideways
"$x0top" programs down >/dev/null || fail 'programs down'
[ "$failures" -eq 0 ]
