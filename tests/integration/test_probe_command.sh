#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# x0top probe says the same as text and as JSON, about each program in each way; programs verify lists each object.
set -u
# shellcheck source=tests/lib/host.sh
. "$(dirname "$0")/../lib/host.sh"
x0top=${X0TOP:-./x0top}
build=${BUILD:-build}
work=/run/work
mkdir "$work"
programs='kprobe_syscall_latency kprobe_syscall_latency_secure tc_classifier tracepoint_net xdp_counter xdp_mesh_filter
xdp_pqc_verify'

# --- probe
"$x0top" probe >"$work/text" 2>"$work/err" || fail "probe: $? $(cat "$work/err")"
"$x0top" probe --json >"$work/json" 2>"$work/err" || fail "probe --json: $? $(cat "$work/err")"
[ -s "$work/err" ] && fail "on stderr: $(cat "$work/err")"
[ "$(jq -r '[.schema, .kernel, .machine] | join(" ")' "$work/json")" = "x0top-probe/1 $(uname -r) $(uname -m)" ] ||
	fail "the head: $(head -n 4 "$work/json")"
[ "$(head -n 1 "$work/text")" = "Linux $(uname -r) on $(uname -m)" ] || fail "the head: $(head -n 1 "$work/text")"
[ "$(jq -r '[.programs[].program] | unique | join(" ")' "$work/json")" = \
	"$(echo "$programs" | tr '\n' ' ' | sed 's/ $//')" ] ||
	fail "programs: $(jq -r .programs[].program "$work/json")"
jq -e '[.programs[] | select(.program == "xdp_counter") | [.way, .runs, .attached, .reason]] ==
	[["native XDP", "yes", "native", ""], ["generic XDP", "yes", "generic", ""]]' "$work/json" >/dev/null ||
	fail "ways of xdp_counter: $(jq -c .programs "$work/json")"
jq -e 'all(.programs[]; (.runs == "yes") == (.reason == "") and (.runs == "yes") == (.attached != ""))' \
	"$work/json" >/dev/null || fail "what does not run has a reason: $(jq -c .programs "$work/json")"
jq -e '[.map_types, .program_types, .helpers, .attach_kinds, .capabilities, .system] | all(.[]; length > 0)' \
	"$work/json" >/dev/null || fail "groups of features: $(jq -c keys "$work/json")"
[ "$(jq '.map_types | length' "$work/json")" -gt 5 ] || fail "map types: $(jq -c .map_types "$work/json")"
# Notes hold numbers that change.
cut -c1-37 "$work/text" | grep -E '^  (yes|no|unknown)' | sed 's/ *$//' | LC_ALL=C sort >"$work/features"
jq -r '(.map_types, .program_types, .helpers, .attach_kinds, .capabilities, .system) | .[] | [.state, .name] | @tsv' \
	"$work/json" | while IFS='	' read -r state name; do printf '  %-8s %.26s\n' "$state" "$name"; done >"$work/said"
jq -r '.programs[] | [.runs, .program] | @tsv' "$work/json" |
	while IFS='	' read -r state name; do printf '  %-8s %.26s\n' "$state" "$name"; done >>"$work/said"
LC_ALL=C sort "$work/said" | cmp - "$work/features" || fail "features: $(LC_ALL=C sort "$work/said" | diff - "$work/features")"
jq -r '.programs[] | [.runs, .program, .way, .attached] | @tsv' "$work/json" | while IFS='	' read -r state name way how; do
	line=$(printf '  %-8s %-30s by %-12s %s' "$state" "$name" "$way" "$how")
	grep -qxF "$line" "$work/text" || echo "$line"
done >"$work/missing"
[ -s "$work/missing" ] && fail "the text lacks: $(cat "$work/missing")"
[ "$(ip -o link | grep -cv ': lo:')" -eq 0 ] || fail "left: $(ip -o link)"

# --- programs verify
"$x0top" programs verify >"$work/text" 2>"$work/err" || fail "verify: $? $(cat "$work/err")"
for object in "$build"/bpf/*.bpf.o; do
	name=$(basename "$object" .bpf.o)
	grep -qx "$name: good" "$work/text" || fail "verify does not list $name: $(grep good "$work/text")"
done
[ "$(grep -c ': good$' "$work/text")" -eq "$(find "$build/bpf" -name '*.bpf.o' | wc -l)" ] ||
	fail "objects: $(grep good "$work/text")"
grep -qE '^  function xdp_mesh_filter +[0-9]+ instructions$' "$work/text" || fail "functions: $(cat "$work/text")"

# A file by its name alone, whose end says whether the kernel is asked; a damaged one.
cp "$build/bpf/tc_classifier.bpf.o" "$work/mine"
"$x0top" programs verify "$work/mine" >"$work/out" 2>&1 || fail "a file: $(cat "$work/out")"
grep -qx "$work/mine: good" "$work/out" || fail "a file: $(cat "$work/out")"
sed -n '/^tc_classifier: good/,/: good/p' "$work/text" | sed '1d' | grep -v ': good' >"$work/built-in"
[ "$(sed -n 2p "$work/out")" = "$(head -n 1 "$work/built-in")" ] || fail "the file is another: $(cat "$work/out")"
head -c 3000 "$work/mine" >"$work/cut.bpf.o"
"$x0top" programs verify "$work/cut.bpf.o" "$work/mine" >"$work/out" 2>"$work/err" && fail 'a cut file is good'
grep -q "$work/cut.bpf.o" "$work/err" || fail "a cut file: $(cat "$work/err")"
grep -qx "$work/mine: good" "$work/out" || fail "the one behind it: $(cat "$work/out")"
[ "$failures" -eq 0 ]
