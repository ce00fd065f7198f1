#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# The service: what it answers, to whom, what it refuses before it loads anything, and what hostile
# clients cannot do. curl, openssl and promtool ask.
set -u
x0top=${X0TOP:-./x0top}
# shellcheck source=tests/lib/host.sh
. "$(dirname "$0")/../lib/host.sh"
# shellcheck source=tests/lib/serve.sh
. "$(dirname "$0")/../lib/serve.sh"

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

# --- a disk that is full ends the recording, and not the service.
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
