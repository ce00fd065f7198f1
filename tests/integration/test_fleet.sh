#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# The fleet: many services that replay a recording, scraped by a real Prometheus, in one table; what cannot
# be reached or may not be asked is told in a sentence.
set -u
x0top=$(realpath "${X0TOP:-./x0top}")
# shellcheck source=tests/lib/host.sh
. "$(dirname "$0")/../lib/host.sh"
# shellcheck source=tests/lib/terminal.sh
. "$(dirname "$0")/../lib/terminal.sh"
recording=$(realpath "$(dirname "$0")/../unit/recordings/layout-1.jsonl")
hosts=${FLEET_HOSTS:-200}
work=$(mktemp -d)
chmod 755 "$work"
pids=
trap 'terminal_close; kill $pids 2>/dev/null; wait; rm -rf "$work"' EXIT

targets=
for i in $(seq "$hosts"); do
	port=$((21000 + i))
	"$x0top" serve --replay "$recording" --delay 1 --listen 127.0.0.1:$port 2>"$work/err$i" &
	pids="$pids $!"
	targets="$targets '127.0.0.1:$port',"
done
# One that is live, and has all that older recordings lack; and one that is down.
"$x0top" serve --lab --delay 1 --listen 127.0.0.1:26970 2>"$work/lab" &
pids="$pids $!"
cat >"$work/prometheus.yml" <<YAML
global: {scrape_interval: 1s, scrape_timeout: 1s}
scrape_configs:
  - {job_name: x0top, static_configs: [{targets: [$targets '127.0.0.1:26970', '127.0.0.1:20999']}]}
YAML
# shellcheck disable=SC2016 # a setting of bcrypt
hash=$(perl -e 'print crypt("right", q($2y$05$abcdefghijklmnopqrstuu))')
for name in prometheus other; do
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj "/CN=$name" \
		-addext subjectAltName=IP:127.0.0.1 -keyout "$work/$name.key" -out "$work/$name.pem" 2>/dev/null
done
printf 'basic_auth_users:\n  alice: %s\ntls_server_config:\n  cert_file: prometheus.pem\n  key_file: prometheus.key\n' \
	"$hash" >"$work/web.yml"
echo right >"$work/password"
echo wrong >"$work/wrong"
chmod 600 "$work/password" "$work/wrong"
prometheus --config.file="$work/prometheus.yml" --storage.tsdb.path="$work/data" --web.config.file="$work/web.yml" \
	--web.listen-address=127.0.0.1:9091 --log.level=error >"$work/log" 2>&1 &
pids="$pids $!"
url=https://127.0.0.1:9091
ca=$work/prometheus.pem

fleet() {
	timeout 30 "$x0top" fleet --prometheus $url --ca-file "$ca" --user alice --password-file "$work/password" --window 5s "$@"
}

# What drops packets by a rule, by the policy and for headers that hide them is one number. The lab refuses its first
# message some time after it started, and a rate needs two scrapes that see it.
live_works() {
	jq -e '.hosts[] | select(.instance == "127.0.0.1:26970") | .mesh_drops > 0 and .refusals > 0 and .enforcing' \
		"$work/json" >/dev/null
}

tries=300
until fleet --json >"$work/json" 2>"$work/out" && live_works &&
	[ "$(jq '[.hosts[] | select(.up and .packets != null)] | length' "$work/json")" -eq $((hosts + 1)) ]; do
	tries=$((tries - 1))
	[ $tries -gt 0 ] || break
	sleep 0.2
done
jq -e --argjson n "$hosts" '.schema == "x0top-fleet/1" and (.hosts | length) == $n + 2' "$work/json" >/dev/null ||
	fail "not all hosts are there: $(cat "$work/out" "$work/log"; head -c 600 "$work/json")"
live_works ||
	fail "the live one: $(jq -c '.hosts[] | select(.instance == "127.0.0.1:26970")' "$work/json"; cat "$work/lab")"
# What needs attention most comes first: the one that is down.
jq -e '.hosts[0] | .instance == "127.0.0.1:20999" and .attention == "down" and .up == false' "$work/json" >/dev/null ||
	fail "the one that is down is not the first: $(jq -c '.hosts[0]' "$work/json")"
fleet --once >"$work/table" || fail "no table"
[ "$(grep -c '^127.0.0.1:2' "$work/table")" -eq $((hosts + 2)) ] || fail "the table: $(cat "$work/table")"
[ "$(awk 'length > 120' "$work/table" | wc -l)" = 0 ] || fail "the table is too wide"

# --- in a sentence
refuses() { # STATUS SENTENCE ARGUMENT...
	status=$1 sentence=$2
	shift 2
	timeout 30 "$x0top" fleet "$@" >"$work/out" 2>&1
	got=$?
	[ $got = "$status" ] || fail "status $got, not $status: $*"
	grep -qF -- "$sentence" "$work/out" || fail "no \"$sentence\" in: $(cat "$work/out")"
}
refuses 2 'fleet needs --prometheus URL' --once
refuses 2 'is no address of a Prometheus' --once --prometheus nowhere
refuses 1 "does not answer: Failed to connect" --once --prometheus http://127.0.0.1:1
refuses 1 'Name the authority of its certificate by --ca-file' --once --prometheus $url
refuses 1 'Name the authority of its certificate by --ca-file' --once --prometheus $url --ca-file "$work/other.pem"
# It answers with status 400, and may reset the connection before that is read, as it has not read all itself.
refuses 1 'Prometheus at http://127.0.0.1:9091 ' --once --prometheus http://127.0.0.1:9091
grep -qE 'answers with status 400|does not answer: .*reset' "$work/out" || fail "HTTP to a port of TLS: $(cat "$work/out")"
refuses 1 'answers with status 401' --once --prometheus $url --ca-file "$ca"
refuses 1 'answers with status 401' --once --prometheus $url --ca-file "$ca" --user alice --password-file "$work/wrong"
refuses 1 'answers with status 405' --once --prometheus http://127.0.0.1:21001
refuses 2 '--job takes the name' --once --prometheus $url --job '"} or up{'
refuses 2 '--user and --password-file need each other' --once --prometheus $url --user alice
chmod 644 "$work/password"
refuses 2 'holds a secret, and others can read' --once --prometheus $url --user alice --password-file "$work/password"
chmod 600 "$work/password"

# --- on the screen
terminal_open 120x30 "$x0top fleet --prometheus $url --ca-file $ca --user alice --password-file $work/password --window 5s -d 1"
terminal_expect "$((hosts + 2)) hosts, [0-9]* need attention"
terminal_expect '127.0.0.1:20999 .* down '
terminal_keys F4
terminal_keys -l 26970
terminal_expect '^127.0.0.1:26970'
terminal_keys Enter
# --- its history, in the usual views
terminal_keys Enter
terminal_expect 'END +1h00m +[0-9]+/[0-9]+ 20[0-9-]+ [0-9:]+  HISTORY'
terminal_expect 'xdp_mesh_filter +. enforcing +- '
terminal_keys + + +
terminal_expect 'END +7m +([3-9]|[1-9][0-9]+)/[0-9]+ '
terminal_keys 3
terminal_expect '^mesh0 +up +[1-9][0-9.K]* '
terminal_expect 'ipv4 +[1-9]'
terminal_keys 4
terminal_expect ' 2 . on +drop +- +[1-9]'
terminal_expect 'not among metrics'
terminal_keys 5
terminal_expect '^control +[0-9.]+ +[0-9.]+k?bit'
terminal_keys 6
terminal_expect '^read +[0-9.K]+ .*[0-9.]+[nu]s +[0-9.]+[nu]s '
terminal_keys 7
terminal_expect 'ML-DSA-44 . for '
terminal_expect 'not among metrics'
terminal_keys Left
terminal_expect 'PAUSED +7m '
terminal_keys End
terminal_expect 'END +7m '
terminal_keys Home
terminal_expect 'PAUSED +7m +1/'
terminal_keys 4 t
terminal_expect 'This is the past: nothing can be changed'
terminal_keys Escape
terminal_keys Escape
terminal_expect 'Enter History'
terminal_keys q
terminal_expect 'STATUS=0'
exit $((failures != 0))
