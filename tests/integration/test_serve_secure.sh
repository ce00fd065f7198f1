#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Who may ask the service, and how it proves itself: certificates, users and tokens of --web-config, and what it
# refuses before it loads anything. curl and openssl ask.
set -u
x0top=${X0TOP:-./x0top}
# shellcheck source=tests/lib/host.sh
. "$(dirname "$0")/../lib/host.sh"
# shellcheck source=tests/lib/serve.sh
. "$(dirname "$0")/../lib/serve.sh"

# --- what is refused
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

# --- users and tokens
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

# --- certificates of clients
printf 'tls_server_config:\n  cert_file: one.pem\n  key_file: one.key\n  client_ca_file: two.pem\n  client_auth_type: RequireAndVerifyClientCert\n' \
	>"$work/client.yml"
start --replay "$recording" --web-config "$work/client.yml" --listen 192.0.2.1:26970
is_code 403 -k https://192.0.2.1:26970/metrics
is_code 200 -k --cert "$work/two.pem" --key "$work/two.key" https://192.0.2.1:26970/metrics
stop

# --- versions of TLS
# offers MINIMUM MAXIMUM: a service of these versions, or of any.
offers() {
	printf 'tls_server_config:\n  cert_file: one.pem\n  key_file: one.key\n' >"$work/versions.yml"
	[ -z "$1" ] || echo "  min_version: $1" >>"$work/versions.yml"
	[ -z "$2" ] || echo "  max_version: $2" >>"$work/versions.yml"
	start --replay "$recording" --web-config "$work/versions.yml"
}
offers '' ''
is_code 200 -k --tlsv1.2 --tls-max 1.2 $secure/metrics
is_code 200 -k --tlsv1.3 $secure/metrics
is_code 000 -k --tls-max 1.1 --ciphers 'DEFAULT@SECLEVEL=0' $secure/metrics
stop
offers TLS13 ''
is_code 000 -k --tlsv1.2 --tls-max 1.2 $secure/metrics
is_code 200 -k --tlsv1.3 $secure/metrics
stop
offers '' TLS12
is_code 200 -k --tlsv1.2 --tls-max 1.2 $secure/metrics
is_code 000 -k --tlsv1.3 $secure/metrics
stop
exit $((failures != 0))
