#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# The maps of a plugin that x0top itself has loaded: in text, JSON, metrics, a recording and its replay.
set -u
# shellcheck source=tests/lib/host.sh
. "$(dirname "$0")/../lib/host.sh"
mount -t tracefs tracefs /sys/kernel/tracing 2>/dev/null
x0top=${X0TOP:-./x0top}
build=${BUILD:-build}
work=/run/work
mkdir "$work" /run/plugins
ip link add x0plugin type veth peer name x0peer
ip link set x0plugin up && ip link set x0peer up
cp "$build"/examples/run_queue.bpf.o "$build"/tests/plugins/maps.bpf.o /run/plugins

# run OPTION...: one x0top with both plugins, and nothing else of its own.
run() {
	"$x0top" --once --only tracepoint_net --plugin /run/plugins/run_queue.bpf.o \
		--plugin /run/plugins/maps.bpf.o "$@" 2>"$work/err"
}

has() {
	jq -e "$1" "$work/json" >/dev/null || fail "$2: $(jq -c '.plugins.maps' "$work/json")
$(cat "$work/err")"
}

run >"$work/text" || fail "it ends with $?: $(cat "$work/err")"
grep -q '^run_queue run_queue (per-CPU LRU hash): [0-9]' "$work/text" || fail "no map: $(cat "$work/text")"
grep -q '^  *name  *runs  *runs/s' "$work/text" || fail "no columns: $(cat "$work/text")"
grep -q '^maps programs (program array): not shown' "$work/text" || fail 'nothing says why one is not shown'

run --json >"$work/json"
has '.plugins.available' 'maps are there'
has '[.plugins.maps[] | select(.plugin == "run_queue" and .name == "run_queue")][0] | .entries > 0 and .whole' \
	'all entries are read'
has '.plugins as $p | $p.rows | length > 0 and all(.[];
	(.cells | length) == ([$p.columns[] | select(.map == 0)] | length) or .map != 0)' 'a cell for each column'
has '[.plugins.histograms[].buckets[]] | length > 0' 'histograms have counts'

run --metrics >"$work/metrics"
grep -q '^x0top_plugin_map_run_queue_run_queue_runs_total{key_name="' "$work/metrics" ||
	fail "no counter among metrics"
grep -q '^x0top_plugin_map_run_queue_run_queue_times_seconds_bucket{key_name=".*le="' "$work/metrics" ||
	fail "no histogram among metrics"

# What was recorded shows the same.
run --record "$work/recording" >"$work/text" || fail "it ends with $?: $(cat "$work/err")"
"$x0top" --once --replay "$work/recording" >"$work/replayed" || fail 'it cannot be replayed'
sed -n '/^MAPS OF PLUGINS/,/^X0TOP/p' "$work/text" >"$work/shown"
sed -n '/^MAPS OF PLUGINS/,/^X0TOP/p' "$work/replayed" | cmp -s - "$work/shown" ||
	fail "a replay differs: $(cat "$work/replayed")"
[ -s "$work/shown" ] || fail 'nothing is shown'

# A service reads them once it is asked for metrics.
"$x0top" serve --listen unix:/run/x0.http -d 0.2 -i x0plugin --only tracepoint_net \
	--plugin /run/plugins/run_queue.bpf.o >"$work/served" 2>&1 &
pid=$!
end=$(($(date +%s) + 20))
until curl -s --unix-socket /run/x0.http http://localhost/metrics | grep -q '^x0top_plugin_map_run_queue'; do
	[ "$(date +%s)" -lt "$end" ] || { fail "nothing of plugins is served: $(cat "$work/served")"; break; }
	sleep 0.1
done
kill "$pid"
wait "$pid"
exit $((failures > 0))
