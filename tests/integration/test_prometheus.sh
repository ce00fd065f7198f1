#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# A real Prometheus scrapes the service of a lab: each expression of the dashboard returns data, and each
# rule for recording has a series.
set -u
x0top=$(realpath "${X0TOP:-./x0top}")
# shellcheck source=tests/lib/host.sh
. "$(dirname "$0")/../lib/host.sh"
packaging=$(realpath "$(dirname "$0")/../../packaging/prometheus")
work=$(mktemp -d)
service=
prometheus=
trap 'kill $service $prometheus 2>/dev/null; wait; rm -rf "$work"' EXIT
api=http://127.0.0.1:9091/api/v1

cat >"$work/prometheus.yml" <<YAML
global: {scrape_interval: 500ms, scrape_timeout: 500ms, evaluation_interval: 500ms}
rule_files: [rules.yml]
scrape_configs:
  - {job_name: x0top, static_configs: [{targets: ['127.0.0.1:26970']}]}
YAML
# What is of five minutes for people is of two seconds here.
sed 's/\[5m\]/[2s]/' "$packaging/x0top.rules.yml" >"$work/rules.yml"

"$x0top" serve --lab --delay 0.5 2>"$work/err" &
service=$!
prometheus --config.file="$work/prometheus.yml" --storage.tsdb.path="$work/data" \
	--web.listen-address=127.0.0.1:9091 --log.level=error >"$work/log" 2>&1 &
prometheus=$!

# query EXPRESSION: prints how many series it returns.
query() {
	curl -s --max-time 5 "$api/query" --data-urlencode "query=$1" | jq '.data.result | length' 2>/dev/null ||
		echo 0
}

# await SECONDS EXPRESSION: waits until it returns data.
await() {
	tries=$(($1 * 5))
	until [ "$(query "$2")" -gt 0 ] 2>/dev/null; do
		tries=$((tries - 1))
		[ $tries -gt 0 ] || return 1
		sleep 0.2
	done
}

await 40 'rate(x0top_pqc_verifications_total[2s]) > 0' ||
	fail "nothing is scraped: $(cat "$work/err" "$work/log"; curl -s "$api/targets" | jq -c '.data.activeTargets[].lastError')"
jq -r '.panels[].targets[].expr' "$packaging/x0top-dashboard.json" |
	sed 's/\$__rate_interval/2s/g; s/\$instance/.*/g' >"$work/expressions"
[ "$(wc -l <"$work/expressions")" -ge 20 ] || fail "the dashboard has hardly any expression"
while read -r expression; do
	await 5 "$expression" || fail "no data: $expression"
done <"$work/expressions"
sed -n 's/^ *- record: //p' "$work/rules.yml" | while read -r record; do
	await 5 "$record" || echo "$record"
done >"$work/missing"
[ ! -s "$work/missing" ] || fail "rules without a series: $(cat "$work/missing")"

# All that a lab has, by promtool.
curl -s http://127.0.0.1:26970/metrics >"$work/metrics"
promtool check metrics <"$work/metrics" >"$work/lint" 2>&1 || fail "promtool: $(cat "$work/lint")"
[ ! -s "$work/lint" ] || fail "promtool: $(cat "$work/lint")"
# No process, no address, no free text, and no number of series that only rises.
grep -E '(pid|thread|address|key|comment)="|="[0-9]+\.[0-9]+\.[0-9]+\.[0-9]+|="[0-9a-f:]*::' "$work/metrics" | grep -v '^#' | head -n 3 >"$work/named"
[ ! -s "$work/named" ] || fail "labels name processes or addresses: $(cat "$work/named")"

# Prometheus asks for OpenMetrics, and understands all of it.
[ "$(query 'up == 1')" = 1 ] || fail "the service is not up"
[ "$(query 'count({__name__=~"x0top_.*"}) > 500')" = 1 ] || fail "hardly any series"
# One that hangs in the middle of a scrape.
kill -STOP $prometheus
for i in 1 2 3 4 5; do
	curl -s -o /dev/null --max-time 5 http://127.0.0.1:26970/metrics || fail "no answer while another hangs"
done
kill -CONT $prometheus
await 10 'x0top_sample_age_seconds < 2' || fail "it is not scraped again"
exit $((failures != 0))
