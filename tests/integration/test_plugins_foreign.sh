#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Programs that nobody here has written, as plugins in the chain: all objects of Debian's xdp-tools and libxdp. Their
# verdicts are in force, their maps are shown, what cannot be one says why, and nothing of them is left.
set -u
# shellcheck source=tests/lib/host.sh
. "$(dirname "$0")/../lib/host.sh"
objects=
for folder in /usr/lib/*/bpf; do
	[ ! -e "$folder/xdpfilt_alw_ip.o" ] || objects=$folder
done
if [ -z "$objects" ]; then
	echo 'skipped: xdp-tools is not installed'
	exit 77
fi
# shellcheck source=tests/lib/plugins.sh
. "$(dirname "$0")/../lib/plugins.sh"

# --- each is good, or says why it cannot be one
for object in "$objects"/xdp*.o "$objects"/xsk*.o; do
	"$x0top" plugins check "$object" >"$work/check" 2>&1
	case $object in
	*/xdpdump_bpf.o) grep -q 'Cannot load xdpdump_bpf: it attaches to func, and this kernel has none' "$work/check" || fail "$object: $(cat "$work/check")" ;;
	*/xdp-dispatcher.o) grep -q 'has 2 XDP programs' "$work/check" || fail "$object: $(cat "$work/check")" ;;
	*) grep -q ': good$' "$work/check" || fail "$object: $(cat "$work/check")" ;;
	esac
done

# --- those that pass what nobody names, one behind the other: each sees what the one before it has passed
set --
for name in xdpdump_xdp xdpfilt_alw_all xdpfilt_alw_eth xdpfilt_alw_ip xdpfilt_alw_tcp xdpfilt_alw_udp \
	xsk_def_xdp_prog xsk_def_xdp_prog_5.3; do
	[ ! -e "$objects/$name.o" ] || set -- "$@" --plugin "$objects/$name.o"
done
start --plugin "$plugins/dns_types.bpf.o" "$@" --plugin-place 'xdpfilt_alw_ip before xdp_mesh_filter'
await loaded xsk_def # the last one
send 10 4000
# An address as a source, to be dropped: of the two with such a map, xdpfilt_alw_ip is the last to be loaded.
bpftool map update id "$(map filter_ipv4)" key 10 9 0 2 value 1 0 0 0 0 0 0 0 || fail 'no element'
send 20 4000
finish
[ "$status" -eq 0 ] || fail "exit status $status: $(cat "$work/err")"
has '[.programs[] | select(.name | test("^(xdpdump_xdp|xdpfilt_|xsk_def)")) | .state] | all(. == "on")' \
	'all run'
has '.plugin_programs[] | select(.name == "xdpfilt_alw_ip") | .behind == "xdp_counter" and .drops and
	.dropped.total >= 20 and .passed.total >= 10' 'xdp-filter drops at its place, counted as its own'
# Between two reads a packet may come: of neighbours, for one.
has '(.plugin_programs[] | select(.name == "xdpfilt_alw_ip") | .passed.total) as $passed |
	[.plugin_programs[] | select(.name != "xdpfilt_alw_ip") | .passed.total] |
	all(. >= 10 and . <= $passed + 5)' 'the stages behind it see what it passes'
has '.packets.sum.verdicts.drop.packets.total >= 20' 'the counter has its verdicts'
has '[.plugins.maps[] | select(.plugin == "xdpfilt_alw_all") | .name] | contains(["filter_ports", "filter_ipv4"])' \
	'their maps are shown'
has '.plugins as $p | [$p.rows[] | select($p.maps[.map].name == "filter_ipv4") | .cells[0]] | length > 0' \
	'and what is in them'
# Their maps ask to be pinned; the kernel has its own two files there.
pins=$(find /sys/fs/bpf -mindepth 1 ! -name '*.debug')
[ -z "$pins" ] || fail "pins are left: $pins"

# --- those that drop what nobody names: a stage behind them sees nothing of what comes all the time
ip netns exec peer /usr/bin/python3 - "$work" <<'PYTHON' &
import pathlib
import socket
import sys
import time

work = pathlib.Path(sys.argv[1])
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
while not (work / "ended").exists():
    s.sendto(b"dropped", ("10.9.0.1", 4000))
    (work / "sending").touch()
    time.sleep(0.01)
PYTHON
sender=$!
await test -e "$work/sending"
for kind in all eth ip tcp udp; do
	"$x0top" --json -d 0.3 -i x0plugin --only xdp_counter --plugin "$objects/xdpfilt_dny_$kind.o" \
		--plugin "$plugins/dns_types.bpf.o" >"$work/json" 2>"$work/err"
	has ".plugin_programs | map({ (.name): . }) | add | .xdpfilt_dny_$kind.dropped.total > 0 and
		.xdpfilt_dny_$kind.passed.total == 0 and .dns_types.passed.total == 0" "xdpfilt_dny_$kind drops all"
done
: >"$work/ended"
wait "$sender"
exit $((failures > 0))
