#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# The service: what it answers, to whom, what it refuses before it loads anything, and what hostile
# clients cannot do. curl, openssl and promtool ask.
set -u
x0top=${X0TOP:-./x0top}
# shellcheck source=tests/lib/host.sh
. "$(dirname "$0")/../lib/host.sh"
work=$(mktemp -d)
service=
trap 'kill $(jobs -p) 2>/dev/null; [ -z "$service" ] || kill "$service" 2>/dev/null; rm -rf "$work"' EXIT
recording=$(dirname "$0")/../unit/recordings/$(ls "$(dirname "$0")/../unit/recordings" | head -1)
url=http://127.0.0.1:26970

# start OPTION...: starts the service and waits until it answers.
start() {
	: >"$work/err"
	"$x0top" serve "$@" 2>"$work/err" &
	service=$!
	await "Serving on" || fail "the service does not start: $*: $(cat "$work/err")"
}

# await PATTERN: waits until the service has said it.
await() {
	tries=200
	until grep -q -- "$1" "$work/err"; do
		tries=$((tries - 1))
		[ "$tries" -gt 0 ] && kill -0 "$service" 2>/dev/null || return 1
		sleep 0.05
	done
}

stop() {
	kill -"${1:-TERM}" "$service" 2>/dev/null
	wait "$service"
	status=$?
	service=
	return $status
}

get() {
	curl -s --max-time 10 "$@"
}

code() {
	curl -s -o /dev/null -w '%{http_code}' --max-time 10 "$@"
}

is_code() { # CODE CURL-ARGUMENT...
	expected=$1
	shift
	got=$(code "$@")
	[ "$got" = "$expected" ] || fail "status $got, not $expected: $*"
}

# refuses SENTENCE OPTION...: it ends at once, with this in its sentence, and has loaded nothing.
refuses() {
	sentence=$1
	shift
	if timeout 10 "$x0top" serve "$@" >"$work/out" 2>&1; then
		fail "it starts: $*"
	fi
	grep -qF -- "$sentence" "$work/out" || fail "no \"$sentence\" in: $(cat "$work/out")"
	[ "$(wc -l <"$work/out")" -le 2 ] || fail "more than a sentence and a remedy: $(cat "$work/out")"
}

# --- a real host
ip link add v0 type veth peer name p0 && ip link set v0 up && ip link set p0 up
start --only xdp_counter --only xdp_mesh_filter -i v0 --delay 0.2
is_code 200 $url/
is_code 200 $url/healthz
is_code 404 $url/nothing
is_code 405 -X POST -d x=1 $url/metrics
is_code 405 -X DELETE $url/
is_code 200 -I $url/metrics
get $url/ | grep -q 'href="/metrics"' || fail "/ does not name /metrics"
get $url/healthz | grep -qx ok || fail "a good host is not ok: $(get $url/healthz)"
get $url/snapshot | jq -e '.schema and .packets.interfaces[0].name == "v0"' >/dev/null ||
	fail "/snapshot is no snapshot"
get $url/metrics >"$work/metrics"
promtool check metrics <"$work/metrics" >"$work/lint" 2>&1 || fail "promtool: $(cat "$work/lint")"
[ ! -s "$work/lint" ] || fail "promtool: $(cat "$work/lint")"
grep -q '^x0top_sample_age_seconds 0\.' "$work/metrics" || fail "no age of the sample"
get -i -H 'Accept: application/openmetrics-text;version=1.0.0;q=0.75,text/plain;version=0.0.4;q=0.5' \
	$url/metrics >"$work/open"
grep -qi '^content-type: application/openmetrics-text; version=1.0.0' "$work/open" ||
	fail "OpenMetrics is not chosen: $(head "$work/open")"
[ "$(tail -n 1 "$work/open")" = '# EOF' ] || fail "OpenMetrics has no end"
get -i -H 'Accept: application/openmetrics-text;q=0.1,*/*' $url/metrics |
	grep -qi '^content-type: text/plain; version=0.0.4' || fail "the weights of Accept are not heeded"
[ "$(timeout 2 curl -sN $url/events | grep -c '^data: {')" -ge 3 ] || fail "/events does not flow"
# A page of another site, under a name that it has made to be this address.
is_code 421 -H 'Host: evil.example' $url/snapshot
is_code 200 -H 'Host: [::1]:26970' $url/metrics

# A second instance, and no third thing that is left of it.
refuses "Cannot listen on 127.0.0.1:26970: Address already in use" --only xdp_counter -i v0

# --- what hostile clients do
# talk TEXT [SECONDS]: sends it by one connection, then prints what comes within that time.
talk() {
	timeout "${2:-5}" bash -c 'exec 3<>/dev/tcp/127.0.0.1/26970; printf "$0" >&3; cat <&3' "$1"
}

for i in $(seq 20); do # slowly, and never to the end
	talk 'GET /metrics HTTP/1.1\r\nX: y' 60 >/dev/null 2>&1 &
done
is_code 200 $url/metrics
is_code 431 -H "X: $(head -c 40000 /dev/zero | tr '\0' x)" $url/metrics
[ "$(talk 'GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\nGET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n' |
	grep -c '^HTTP/1.1 200')" = 2 ] || fail "pipelined requests are not both answered"
talk '\0\377GET\r\r\n\n HTTP\r\n\r\n' >/dev/null
for i in $(seq 50); do
	get $url/metrics >/dev/null &
done
is_code 200 $url/metrics
# A thousand connections that say nothing: whoever asks gets an answer all the same.
bash -c 'ulimit -n 2000; for i in $(seq 1000); do exec {fd}<>/dev/tcp/127.0.0.1/26970; done; echo open; sleep 60' \
	>"$work/many" 2>&1 &
many=$!
tries=100
until grep -q open "$work/many" || [ $tries -eq 0 ]; do
	tries=$((tries - 1))
	sleep 0.1
done
grep -q open "$work/many" || fail "a thousand connections: $(cat "$work/many")"
is_code 200 $url/metrics
get $url/metrics >"$work/metrics"
[ "$(sed -n 's/^x0top_serve_connections //p' "$work/metrics")" -le 200 ] || fail "it keeps a thousand connections"
[ "$(sed -n 's/^x0top_serve_connections_cut_total //p' "$work/metrics")" -ge 800 ] || fail "it does not count those that it cut"
kill $many
[ "$(find "/proc/$service/fd" | wc -l)" -lt 400 ] || fail "it keeps descriptors"
kill -0 "$service" || fail "it has ended"

# An interface goes away.
ip link del v0
sleep 0.3
is_code 200 $url/metrics
stop || fail "it does not end well: $status"

# --- with no more capabilities than the unit of systemd leaves it
ip link add v0 type veth peer name p0 && ip link set v0 up && ip link set p0 up
capabilities=$(sed -n 's/^CapabilityBoundingSet=//p' "$(dirname "$0")/../../packaging/systemd/x0top.service" |
	tr ' ' ',' | sed 's/CAP_/+/g' | tr '[:upper:]' '[:lower:]')
: >"$work/err"
setpriv --bounding-set "-all,$capabilities" "$x0top" serve -i v0 --delay 0.2 2>"$work/err" &
service=$!
await "Serving on" || fail "the unit's capabilities do not suffice: $(cat "$work/err")"
get $url/metrics | grep 'x0top_programs_state.*state="failed"} 1' && fail "the unit's capabilities do not suffice"
stop
ip link del v0

# --- enforcement that was asked for and is not in force
ip link add v0 type veth peer name p0 && ip link set v0 up && ip link set p0 up
start --only xdp_mesh_filter -i v0 --enforce --delay 0.2
is_code 200 $url/healthz
get $url/metrics | grep -qx 'x0top_mesh_enforcing 1' || fail "it does not enforce"
"$x0top" programs down >/dev/null 2>&1
tries=100
while [ "$(code $url/healthz)" != 503 ] && [ $tries -gt 0 ]; do
	tries=$((tries - 1))
	sleep 0.1
done
is_code 503 $url/healthz
get $url/healthz | grep -q '^failing: ' || fail "/healthz does not say what fails: $(get $url/healthz)"
stop

# --- certificates, users and tokens
cd "$work" || exit 1
for name in one two; do
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj "/CN=$name" \
		-addext 'subjectAltName=IP:127.0.0.1' -keyout $name.key -out $name.pem 2>/dev/null
	chmod 600 $name.key
done
# shellcheck disable=SC2016 # a setting of bcrypt
hash=$(perl -e 'print crypt("right", q($2y$05$abcdefghijklmnopqrstuu))')
echo sesame >token
chmod 600 token
printf 'http_server_config:\n  headers:\n    X-Frame-Options: deny\ntls_server_config:\n  cert_file: one.pem\n  key_file: one.key\nbasic_auth_users:\n  alice: %s\ntoken_file: token\n' \
	"$hash" >web.yml
cd - >/dev/null || exit 1
secure=https://127.0.0.1:26970
ip link add dev d0 type veth peer name d1 && ip addr add 192.0.2.1/24 dev d0
refuses "192.0.2.1:26970 is beyond this host" --listen 192.0.2.1:26970
refuses ":26970 is beyond this host" --listen :26970
refuses '"nowhere" is no address to listen on' --listen nowhere
refuses '[fe80::1%d0]:26970 is beyond this host' --listen '[fe80::1%d0]:26970'
refuses 'is no address to listen on' --listen '[fe80::1%none]:26970'
long=$(head -c 108 /dev/zero | tr '\0' x)
refuses "A local socket's path has at most 107 bytes" --listen "unix:/$long"
refuses 'An address to listen on has up to 115 characters' --listen "unix:/$long$long"
refuses 'Make its folder, or choose another' --listen unix:/nowhere/x0.http
refuses "token: it is there, and no socket" --listen "unix:$work/token"
[ "$(cat "$work/token")" = sesame ] || fail "listening removes what is no socket"
refuses "Cannot listen on 192.0.2.9:26970" --listen 192.0.2.9:26970 --web-config "$work/web.yml"
sed 's/one.key/two.key/' "$work/web.yml" >"$work/other.yml"
refuses "one.pem does not fit the key" --web-config "$work/other.yml"
openssl ec -in "$work/one.key" -aes128 -passout pass:x -out "$work/locked.key" 2>/dev/null && chmod 600 "$work/locked.key"
sed 's/one.key/locked.key/' "$work/web.yml" >"$work/other.yml"
refuses "one.pem has a key with a password" --web-config "$work/other.yml"
chmod 644 "$work/token"
refuses "token holds a secret, and others can read" --web-config "$work/web.yml"
chmod 600 "$work/token"
chmod 644 "$work/one.key"
refuses "one.key holds a secret, and others can read" --web-config "$work/web.yml"
chmod 600 "$work/one.key"
echo 'tls_server_config: [1' >"$work/bad.yml"
refuses "bad.yml, line" --web-config "$work/bad.yml"
echo 'tls_server_confg: {}' >"$work/bad.yml"
refuses 'line 1: Unknown key "tls_server_confg"' --web-config "$work/bad.yml"
refuses "none.yml: No such file" --web-config "$work/none.yml"
refuses "serve excludes --once" --once

start --replay "$recording" --delay 0.2 --web-config "$work/web.yml" --listen 192.0.2.1:26970 --listen 127.0.0.1:26970
is_code 401 -k $secure/metrics
is_code 401 -k -u alice:wrong $secure/metrics
is_code 429 -k -u alice:right $secure/metrics
sleep 1.1
is_code 200 -k -u alice:right $secure/metrics
is_code 200 -k -u alice:right $secure/metrics # remembered
is_code 200 -k -H 'Authorization: Bearer sesame' $secure/metrics
is_code 401 -k -H 'Authorization: Bearer sesam' $secure/metrics
is_code 401 -k -H 'Authorization: Basic !!!' $secure/metrics
is_code 200 --cacert "$work/one.pem" -u alice:right $secure/healthz
get -k -u alice:right -D - -o /dev/null $secure/ >"$work/headers"
grep -qi '^x-frame-options: deny' "$work/headers" || fail "a header of the file is not sent: $(cat "$work/headers")"
grep -qi '^x-content-type-options: nosniff' "$work/headers" || fail "a usual header is lost"
# A file that is wrong leaves the one before in force; a certificate that is renewed is used.
cp "$work/web.yml" "$work/good.yml"
echo 'basic_auth_users: {bob: plain}' >"$work/web.yml"
kill -HUP "$service"
await "no hash of bcrypt" || fail "a bad file goes unnoticed: $(cat "$work/err")"
grep -q "stays in force" "$work/err" || fail "it does not say what stays"
is_code 200 --cacert "$work/one.pem" -u alice:right $secure/metrics
get -k -u alice:right $secure/healthz | grep -q "no hash of bcrypt" || fail "/healthz does not tell"
cp "$work/good.yml" "$work/web.yml"
cp "$work/two.key" "$work/one.key"
cp "$work/two.pem" "$work/one.pem"
tries=100
until [ "$(code --cacert "$work/two.pem" -u alice:right $secure/metrics)" = 200 ] || [ $tries -eq 0 ]; do
	tries=$((tries - 1))
	sleep 0.1
done
is_code 200 --cacert "$work/two.pem" -H 'Authorization: Bearer sesame' $secure/metrics
stop || fail "it does not end well: $status"

# Client certificates.
printf 'tls_server_config:\n  cert_file: one.pem\n  key_file: one.key\n  client_ca_file: two.pem\n  client_auth_type: RequireAndVerifyClientCert\n' \
	>"$work/client.yml"
start --replay "$recording" --web-config "$work/client.yml" --listen 192.0.2.1:26970
is_code 403 -k https://192.0.2.1:26970/metrics
is_code 200 -k --cert "$work/two.pem" --key "$work/two.key" https://192.0.2.1:26970/metrics
stop

# A disk that is full ends the recording, and not the service.
mkdir "$work/small" && mount -t tmpfs -o size=4k tmpfs "$work/small"
start --only xdp_counter --delay 0.1 --record "$work/small/recording" --listen unix:/run/x0.http
await 'Cannot record to .*No space left' || fail "a full disk goes unnoticed: $(cat "$work/err")"
is_code 200 --unix-socket /run/x0.http http://localhost/metrics
get --unix-socket /run/x0.http http://localhost/healthz | grep -q 'Cannot record' || fail "/healthz: a full disk"
stop
umount "$work/small"

# A local socket.
start --replay "$recording" --listen unix:/run/x0.http
is_code 200 --unix-socket /run/x0.http http://localhost/metrics
[ "$(stat -c %a /run/x0.http)" = 660 ] || fail "the local socket is open to all"
stop

exit $((failures != 0))
