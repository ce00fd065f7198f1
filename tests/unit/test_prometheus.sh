#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# The rules for Prometheus: promtool reads them, and series as they could be give what they must. Their
# metrics, and those of the dashboard, are metrics that x0top has.
set -u
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failures=0

fail() {
	echo "FAILED: $*"
	failures=1
}

if ! command -v promtool >/dev/null; then
	echo "skipped: promtool is not installed"
	exit 77
fi
cp packaging/prometheus/x0top.rules.yml tests/unit/prometheus-rules.yml "$work"
promtool check rules "$work/x0top.rules.yml" >"$work/out" 2>&1 || fail "check: $(cat "$work/out")"
promtool test rules "$work/prometheus-rules.yml" >"$work/out" 2>&1 || fail "test: $(cat "$work/out")"

# Each alert is tried.
sed -n 's/^ *- alert: //p' "$work/x0top.rules.yml" | while read -r alert; do
	grep -q "alertname: $alert\$" "$work/prometheus-rules.yml" || echo "$alert"
done >"$work/untried"
[ ! -s "$work/untried" ] || fail "alerts without a test: $(cat "$work/untried")"

sed -n 's/^\.It Sy //p' man/x0top-metrics.7 >"$work/names"
[ "$(wc -l <"$work/names")" -gt 100 ] || fail "the manual lists hardly any metrics"
{
	sed -n 's/^ *expr: *//p; s/^  *\(([a-z].*\|+ .*\|histogram.*\)$/\1/p' "$work/x0top.rules.yml"
	jq -r '.panels[].targets[].expr' packaging/prometheus/x0top-dashboard.json
} | grep -oE '(^|[^:a-z0-9_])x0top_[a-z0-9_]+' | grep -o 'x0top_.*' | sort -u >"$work/used"
[ "$(wc -l <"$work/used")" -gt 20 ] || fail "hardly any metrics are used"
while read -r name; do
	grep -qx -e "$name" -e "${name%_bucket}" -e "${name%_sum}" -e "${name%_count}" "$work/names" ||
		fail "x0top has no metric $name"
done <"$work/used"
exit $failures
