#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# upgrade.sh OLDER: two x0tops, built from two commits, take over from each other what enforces, under traffic: each
# packet passes or is dropped, and counted once, none passes that a rule drops, and each that passes is marked by its class.
# Between them, a service of each.
# UPGRADES of each: 5.
set -u
# shellcheck source=tests/lib/host.sh
. "$(dirname "$0")/../lib/host.sh"
x0top=$(realpath "${X0TOP:-./x0top}") older=$(realpath "$1") tree=$(pwd) build=$(realpath "${BUILD:-build}")
work=/run/work
mkdir "$work" && cd "$work" || exit 1
# shellcheck source=tests/lib/traffic.sh
. "$tree/tests/lib/traffic.sh"
[ "$rate" -eq 0 ] && mode=auto || mode=native
printf 'interfaces: [v0]\nxdp-mode: %s\nonly: [xdp_counter, xdp_mesh_filter, tc_classifier]\nrules:\n  - "drop 10.9.0.3"\n' \
	$mode >rules.yaml
cmp -s "$x0top" "$older" && fail 'both are the same binary'

# takes BINARY: it takes over what enforces, and leaves it.
takes() {
	"$1" --config rules.yaml --once --json -d 0.1 >answer 2>said || fail "$1: $(cat said)"
	found=$(jq -r --slurp 'last | .programs[] | select(.name == "xdp_mesh_filter") | "\(.state) \(.enforcing) \(.adopted) \(.tag)"' answer)
	case $found in
	'on true true '*) ;;
	*) fail "$1: the mesh filter is $found" ;;
	esac
}
# serves BINARY: its service takes over, answers, and ends.
serves() {
	"$1" serve --config rules.yaml --listen 127.0.0.1:26970 2>said & service=$!
	tries=200
	until curl -sf --max-time 5 http://127.0.0.1:26970/snapshot >answer; do
		tries=$((tries - 1))
		[ "$tries" -gt 0 ] && kill -0 "$service" 2>/dev/null || { fail "$1 does not serve: $(cat said)"; break; }
		sleep 0.05
	done
	jq -e '.programs[] | select(.name == "xdp_mesh_filter") | .enforcing and .adopted' answer >/dev/null ||
		fail "the service of $1 does not enforce"
	kill "$service"
	wait "$service" || fail "the service of $1 ends with $?"
}

"$older" --config rules.yaml --once --json -d 0.1 --enforce >answer 2>said || fail "enforcing: $(cat said)"
"$older" qos --yes mark v0 in best_effort 8 >said 2>&1 || fail "marking: $(cat said)"
was=$(decided) before=$(came)
begin_traffic
begin_flood
for _ in $(seq "${UPGRADES:-5}"); do
	takes "$x0top"
	takes "$older"
	serves "$x0top"
	serves "$older"
done
takes "$x0top"
end_traffic
end_flood "$before"
read -r passed dropped <received
[ "$dropped" -eq 0 ] || fail "$dropped packets passed that a rule drops"
[ "$(cat marked)" -eq "$passed" ] || fail "$passed packets passed, $(cat marked) of them are marked"
counted=$(($(decided) - was + passed)) there=$(($(came) - before))
[ "$counted" -eq "$there" ] || fail "$there packets came, $counted passed or were dropped and counted"
[ "$rate" -gt 0 ] || [ "$passed" -eq "$(cat sent)" ] || fail "$passed packets passed of $(cat sent)"
[ "$(cat sent)" -gt 1000 ] || fail "only $(cat sent) packets were sent"
"$x0top" programs down >said || fail "programs down: $(cat said)"
[ ! -e /sys/fs/bpf/x0top ] || fail "programs down leaves $(find /sys/fs/bpf/x0top)"
[ "$failures" -eq 0 ] && echo "$(basename "$0"): all passed, $there packets came"
exit $((failures > 0))
