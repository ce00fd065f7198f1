#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Where plugins stand in the chain, as they and the operator say, and --only of plugins. A filter behind a plugin
# enforces without a gap, also when x0top is killed and the next one takes the plugin out.
set -u
# shellcheck source=tests/lib/host.sh
. "$(dirname "$0")/../lib/host.sh"
# shellcheck source=tests/lib/plugins.sh
. "$(dirname "$0")/../lib/plugins.sh"
cp "$build/tests/plugins/before.bpf.o" "$plugins"

# shows NAME WHAT OPTION...: what is said of a plugin of these options.
shows() {
	name=$1 what=$2
	shift 2
	"$x0top" --json -d 0.2 -i x0plugin --only xdp_counter --plugin "$plugins/dns_types.bpf.o" \
		--plugin "$plugins/before.bpf.o" "$@" >"$work/json" 2>"$work/err"
	jq -r '(.plugin_programs[] | "\(.name) behind \(.behind)"), (.programs[] | "\(.name) \(.reason)")' \
		"$work/json" | grep -q "^$name $what" ||
		fail "$name: not $what with $*: $(jq -c .plugin_programs "$work/json") $(cat "$work/err")"
}

# --- places: by a tag, by the operator, beside another plugin, and those that there are not
shows before 'behind xdp_counter$'
shows dns_types 'behind xdp_pqc_verify$'
shows before 'behind dns_types$' --plugin-place 'before last'
shows before 'behind xdp_mesh_filter$' --plugin-place 'before after xdp_mesh_filter'
shows dns_types 'behind xdp_counter$' --plugin-place 'dns_types before before'
shows dns_types '.*, and there is no such stage' --plugin-place 'dns_types before xdp_fitler'
shows dns_types '.*nothing stands before what counts' --plugin-place 'dns_types before xdp_counter'
shows dns_types '.*which waits for its place itself' --plugin-place 'dns_types before before' \
	--plugin-place 'before after dns_types'
"$x0top" --once --plugin-place 'dns_types xdp_counter' >"$work/out" 2>&1 && fail 'a place of two words'
grep -q 'is not a place of a plugin' "$work/out" || fail "two words: $(cat "$work/out")"
cat >"$work/x0top.yaml" <<YAML
only: [dns_types]
plugin-places: ['before after xdp_pqc_verify', 'none last']
plugins: [$plugins/before.bpf.o, $plugins/dns_types.bpf.o]
YAML
"$x0top" plugins list --config "$work/x0top.yaml" >"$work/out" 2>&1 && fail 'a place of no plugin'
grep -q 'XDP behind xdp_pqc_verify; of root' "$work/out" && grep -q 'no plugin of that name is a stage' "$work/out" ||
	fail "list: $(cat "$work/out")"

# --- only plugins run, if --only names them alone
"$x0top" --json -d 0.2 -i x0plugin --only dns_types --plugin "$plugins/dns_types.bpf.o" >"$work/json" 2>"$work/err"
has '[.programs[] | select(.state != "off") | .name] == ["dns_types"]' 'dns_types alone'
mkdir -p /etc/x0top && mount -t tmpfs -o mode=0755 tmpfs /etc/x0top && mkdir /etc/x0top/plugins || exit 1
cp "$plugins/dns_types.bpf.o" "$plugins/before.bpf.o" /etc/x0top/plugins
"$x0top" --json -d 0.2 -i x0plugin --only before >"$work/json" 2>"$work/err"
has '[.programs[] | select(.state != "off") | .name] == ["before"]' 'of the folder, before alone'
umount /etc/x0top
"$x0top" --once --only before >"$work/out" 2>&1 && fail '--only a plugin that there is not'
grep -q 'Unknown program "before"' "$work/out" || fail "--only none: $(cat "$work/out")"

# --- killed: the filter behind the plugin goes on, and no packet that it drops gets through meanwhile
ip netns exec peer ip addr add 10.9.0.3/24 dev x0peer
ip neigh replace 10.9.0.2 lladdr "$(ip netns exec peer ip -br link show x0peer | awk '{ print $3 }')" dev x0plugin
ip netns exec peer ip neigh replace 10.9.0.1 lladdr "$(ip -br link show x0plugin | awk '{ print $3 }')" dev x0peer
echo "rules: ['drop 10.9.0.3']" >"$work/rules.yaml"
"$x0top" --json -d 3600 -i x0plugin --only xdp_counter --only xdp_mesh_filter --enforce --yes \
	--plugin "$plugins/before.bpf.o" --config "$work/rules.yaml" >"$work/json" 2>"$work/err" &
pid=$!
await loaded drop_or && await test -d "/sys/fs/bpf/x0top/$layout"
# What the filter drops, all the time, and a receiver that says what it has got of it.
/usr/bin/python3 - "$work" <<'PYTHON' &
import pathlib
import select
import socket
import sys

work = pathlib.Path(sys.argv[1])
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(("10.9.0.1", 4500))
got = 0
while not (work / "ended").exists():
    if select.select([s], [], [], 0.05)[0]:
        got += s.recv(64) == b"dropped"
(work / "got").write_text(str(got))
PYTHON
receiver=$!
ip netns exec peer /usr/bin/python3 - "$work" <<'PYTHON' &
import pathlib
import socket
import sys

work = pathlib.Path(sys.argv[1])
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(("10.9.0.3", 0))
sent = 0
while not (work / "ended").exists():
    for _ in range(200):
        s.sendto(b"dropped", ("10.9.0.1", 4500))
    sent += 200
    (work / "sent").write_text(str(sent))
PYTHON
sender=$!
await test -s "$work/sent"
kill -9 "$pid"
wait "$pid" 2>/dev/null
loaded drop_or || fail 'the plugin has not stayed in the pinned chain'
"$x0top" --json -d 0.3 -i x0plugin --only xdp_counter --only xdp_mesh_filter >"$work/json" 2>"$work/err" ||
	fail "the next x0top: $(cat "$work/err")"
has '.programs[] | select(.name == "xdp_mesh_filter") | .adopted and .state == "on" and .enforcing' 'it is adopted'
await none_loaded
# And one that runs it again, and takes it out in order.
"$x0top" --json -d 0.3 -i x0plugin --only xdp_counter --only xdp_mesh_filter --plugin "$plugins/before.bpf.o" \
	>"$work/json" 2>"$work/err" || fail "with the plugin again: $(cat "$work/err")"
has '.plugin_programs[] | .name == "before" and .passed.total > 0' 'it is before the adopted filter'
: >"$work/ended"
wait "$sender" "$receiver"
[ "$(cat "$work/got")" = 0 ] || fail "$(cat "$work/got") of $(cat "$work/sent") packets that are dropped got through"
"$x0top" programs down >/dev/null || fail 'programs down'
none_loaded || fail 'a program of a plugin is left'
exit $((failures > 0))
