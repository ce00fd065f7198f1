#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# BPF objects of the operator's, as programs of x0top: packets of a namespace meet them in the chain, what they
# count and drop is shown as theirs, and nothing of them is left.
set -u
# shellcheck source=tests/lib/host.sh
. "$(dirname "$0")/../lib/host.sh"
# shellcheck source=tests/lib/plugins.sh
. "$(dirname "$0")/../lib/plugins.sh"

# Without tracefs nobody knows the number of a tracepoint.
umount /sys/kernel/debug /sys/kernel/tracing 2>/dev/null
if [ ! -e /sys/kernel/tracing/events ]; then
	"$x0top" --once --only xdp_counter --plugin "$plugins/run_queue.bpf.o" >"$work/text" 2>&1
	tr -s ' \n' ' ' <"$work/text" | grep -q 'tracefs is not mounted -> As root: mount -t tracefs' ||
		fail "no tracefs: $(grep -A3 run_queue "$work/text")"
fi
mount -t tracefs tracefs /sys/kernel/tracing 2>/dev/null

# --- an ordinary XDP program that only looks: the verifier proves that it passes all
start --plugin "$plugins/dns_types.bpf.o"
await loaded dns_types
question=123401000001000000000000
name=0378306d03746f7000
send 7 53 "${question}${name}001c0001"
send 2 53 "${question}${name}000f0001"
send 5 54 "${question}${name}001c0001"
bpftool -j map dump id "$(map questions)" >"$work/map"
finish
[ "$status" -eq 0 ] || fail "exit status $status: $(cat "$work/err")"
has '.programs[] | select(.name == "dns_types") | .state == "on" and .kind == "XDP" and .enforcer == false and
	(.attached | contains("x0plugin"))' 'the program is listed'
has '.plugin_programs[0] | .name == "dns_types" and .drops == false and .passed.total >= 14 and .dropped.total == 0' \
	'it passes, and its packets are counted'
has '.programs[] | select(.name == "dns_types") | .runs.total >= 14' 'its runs are counted'
/usr/bin/python3 - "$work/map" <<'PYTHON' || fail "types of questions: $(head -c 300 "$work/map")"
import json, sys
number = lambda digits: int.from_bytes(bytes(int(digit, 16) for digit in digits), sys.byteorder)
sums = {
    number(element["key"]): sum(number(one["value"]) for one in element["values"])
    for element in json.load(open(sys.argv[1]))
}
AAAA, MX = 28, 15
sys.exit((sums[AAAA], sums[MX], sum(sums.values())) != (7, 2, 9))
PYTHON

# --- tracing: what happens is seen
start --plugin "$plugins/connect_latency.bpf.o" --plugin "$plugins/run_queue.bpf.o"
await loaded connect && await loaded switched
/usr/bin/python3 -c '
import socket
server = socket.create_server(("127.0.0.1", 0))
for _ in range(3):
    socket.create_connection(server.getsockname()).close()'
bpftool -j map dump id "$(map connects)" >"$work/connects"
bpftool -j map dump id "$(map run_queue)" >"$work/waits"
finish
grep -q '"connections":3' "$work/connects" || fail "connections: $(cat "$work/connects")"
grep -q '"runs":' "$work/waits" || fail "waits: $(head -c 300 "$work/waits")"
has '[.programs[] | select(.state == "on" and .kind == "tracepoint" and .runs.total > 0)] | length >= 2' 'tracing'
has '.programs[] | select(.name == "run_queue") | .attached | contains("sched/sched_switch")' 'where it is attached'

# --- what this kernel may lack says so
cp "$build/tests/plugins/entry.bpf.o" "$build/tests/plugins/probe.bpf.o" "$plugins"
start -d 0.3 --plugin "$plugins/entry.bpf.o" --plugin "$plugins/probe.bpf.o"
finish
has '.programs[] | select(.name == "entry") | .state == "on" or (.reason | contains("this kernel has no fentry"))' 'fentry'
has '.programs[] | select(.name == "probe") | .state == "on" or (.reason | contains("this kernel has no kprobes"))' 'kprobe'

# --- killed while the chain is pinned: it goes on with the plugin until the next x0top looks
"$x0top" --json -d 3600 -i x0plugin --only xdp_mesh_filter --enforce --yes --plugin "$plugins/dns_types.bpf.o" \
	>"$work/json" 2>"$work/err" &
pid=$!
await loaded dns_types && await test -d "/sys/fs/bpf/x0top/$layout"
kill -9 "$pid"
wait "$pid" 2>/dev/null
"$x0top" --json -d 0.2 -i x0plugin --only xdp_mesh_filter >"$work/json" 2>"$work/err" || fail "$(cat "$work/err")"
has '.programs[] | select(.name == "xdp_mesh_filter") | .adopted and .state == "on"' 'the chain is adopted'
await none_loaded
"$x0top" programs down >/dev/null || fail 'programs down'

# --- where nothing may be changed, none that could drop runs
start -d 0.3 --readonly --plugin "$build/tests/plugins/tc_drop.bpf.o" --plugin "$plugins/dns_types.bpf.o"
finish
has '(.programs[] | select(.name == "tc_drop") | .state == "failed" and (.reason | contains("--readonly"))) and
	(.programs[] | select(.name == "dns_types") | .state == "on")' '--readonly'

# --- trust: another could have written it
cp "$plugins/dns_types.bpf.o" "$plugins/mine.bpf.o"
chown 1000 "$plugins/mine.bpf.o"
ln -s dns_types.bpf.o "$plugins/link.bpf.o"
mkdir -m 0777 "$plugins/open"
cp "$plugins/dns_types.bpf.o" "$plugins/open/dns.bpf.o"
cp "$plugins/dns_types.bpf.o" "$plugins/loose.bpf.o" && chmod 0664 "$plugins/loose.bpf.o"
start -d 0.3 --plugin "$plugins/mine.bpf.o" --plugin "$plugins/link.bpf.o" --plugin "$plugins/open/dns.bpf.o" \
	--plugin "$plugins/loose.bpf.o" --plugin "$plugins/none.bpf.o"
finish
[ "$status" -eq 1 ] || fail "exit status $status with plugins that failed"
refused() {
	has ".programs[] | select(.name == \"$1\") | .state == \"failed\" and (.reason | contains(\"$2\"))" "$1 is refused"
}
refused mine 'belongs to user 1000'
refused link 'is a symbolic link'
refused dns 'is writable for other users'
refused loose 'is writable for other users'
refused none 'No such file'
has '.programs[] | select(.name == "xdp_counter") | .state == "on"' 'the others run'

# --- TC: a direction each, and what passes goes on to the programs behind it
cp "$build/tests/plugins/tc_drop.bpf.o" "$plugins"
start --plugin "$plugins/tc_drop.bpf.o" --only tc_classifier
await loaded tc
send 6 4444
send 9 4445
finish
has '.programs[] | select(.name == "tc_drop") | .state == "on" and .kind == "TC" and .enforcer and
	(.attached | test("x0plugin (TCX|clsact)"))' 'TC is listed'
has '.plugin_programs[0] | .dropped.total == 6 and .passed.total >= 9' 'TC: verdicts'
if bpftool net show dev x0plugin 2>/dev/null | grep -q x0p_; then fail 'a filter is left'; fi

# --- signatures: where there are keys, only what they have signed
mkdir -p /etc/x0top && mount -t tmpfs -o mode=0755 tmpfs /etc/x0top || exit 1
mkdir /etc/x0top/plugin-keys /etc/x0top/plugins
(cd "$work" && "$x0top" keys generate author && "$x0top" keys generate other) >/dev/null || fail 'no keys'
cp "$plugins/run_queue.bpf.o" /etc/x0top/plugins
"$x0top" plugins list >"$work/list" || fail "list: $(cat "$work/list")"
grep -q 'run_queue.*plugins/run_queue.bpf.o' "$work/list" && grep -q 'tracing; of root' "$work/list" ||
	fail "list: $(cat "$work/list")"
cp "$work/author.pub.pem" /etc/x0top/plugin-keys && chmod 666 /etc/x0top/plugin-keys/author.pub.pem
"$x0top" plugins sign /etc/x0top/plugins/run_queue.bpf.o --key "$work/author.key.pem" >/dev/null || fail 'sign'
"$x0top" plugins list >"$work/list" && fail 'a key that anybody can write'
grep -q 'author.pub.pem is writable for other users' "$work/list" || fail "a key that anybody can write: $(cat "$work/list")"
rm /etc/x0top/plugins/run_queue.bpf.o.sig && chmod 644 /etc/x0top/plugin-keys/author.pub.pem
"$x0top" plugins list >"$work/list" && fail 'one that is not signed is listed as good'
grep -q 'is not signed' "$work/list" || fail "not signed: $(cat "$work/list")"
"$x0top" plugins sign /etc/x0top/plugins/run_queue.bpf.o --key "$work/other.key.pem" >/dev/null || fail 'sign'
"$x0top" plugins check /etc/x0top/plugins/run_queue.bpf.o >"$work/list" 2>&1 && fail 'signed by another'
grep -q 'No key in /etc/x0top/plugin-keys has signed' "$work/list" || fail "by another: $(cat "$work/list")"
"$x0top" plugins sign /etc/x0top/plugins/run_queue.bpf.o --key "$work/author.key.pem" >/dev/null || fail 'sign'
"$x0top" plugins check /etc/x0top/plugins/run_queue.bpf.o >"$work/list" 2>&1 || fail "signed: $(cat "$work/list")"
grep -q 'signed by author' "$work/list" || fail "signed: $(cat "$work/list")"
start_all
await loaded switched
finish
has '.plugin_programs[] | .name == "run_queue" and .signer == "author"' 'one of the folder runs'
printf x >>/etc/x0top/plugins/run_queue.bpf.o
start_all -d 0.3
finish
refused run_queue 'has signed'
chmod 0777 /etc/x0top/plugin-keys
"$x0top" plugins list >"$work/list" && fail 'keys that anybody can add'
umount /etc/x0top

# --- what stands in the kernel's verifier's way
head -c 3000 "$plugins/dns_types.bpf.o" >"$plugins/short.bpf.o"
: >"$plugins/empty.bpf.o"
cp /bin/true "$plugins/true.bpf.o"
start -d 0.3 --plugin "$plugins/short.bpf.o" --plugin "$plugins/empty.bpf.o" --plugin "$plugins/true.bpf.o"
finish
refused short 'beyond its end'
refused empty 'is empty'
refused true 'ELF file for another machine'

exit $((failures > 0))
