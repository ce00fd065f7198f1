#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# What a Prometheus should not answer, and addresses and options that lead to none: the fleet tells it in a
# sentence, takes what is good, and keeps what is not from the terminal and from numbers.
set -u
x0top=$(realpath "${X0TOP:-./x0top}")
# shellcheck source=tests/lib/host.sh
. "$(dirname "$0")/../lib/host.sh"
work=$(mktemp -d)
fake=
trap '[ -z "$fake" ] || kill "$fake" 2>/dev/null; rm -rf "$work"' EXIT
port=9092
url=http://127.0.0.1:$port

/usr/bin/python3 "$(dirname "$0")/prometheus-fake.py" $port 2>"$work/fake" &
fake=$!
tries=100
until curl -s -o /dev/null $url/ || [ $tries -eq 0 ]; do
	tries=$((tries - 1))
	sleep 0.1
done

# --- what can be taken
for way in good good/ good/below/it// gzip chunked; do
	timeout 30 "$x0top" fleet --json --prometheus $url/$way >"$work/json" 2>"$work/out" || fail "$way: $(cat "$work/out")"
	jq -e '(.hosts | length) == 4 and ([.hosts[] | keys | length] | unique) == [14] and
		(.hosts | map(.up) | sort) == [null, null, false, true] and
		([.hosts[] | .packets, .last_seen, .enforcing, .failed] | unique) == [null] and
		(.hosts[] | select(.up) | .instance == "[2001:db8::1]:26970" and .attention == "")' "$work/json" >/dev/null ||
		fail "$way: $(cat "$work/json")"
done
timeout 30 "$x0top" fleet --once --prometheus $url/good >"$work/table" || fail "no table"
[ "$(wc -l <"$work/table")" = 5 ] || fail "not a line for each host: $(cat -v "$work/table")"

# refuses STATUS SENTENCE OPTION...: a sentence and a remedy, nothing else, and nothing that drives a terminal.
refuses() {
	status=$1 sentence=$2
	shift 2
	timeout 30 "$x0top" fleet --once "$@" >"$work/table" 2>"$work/out"
	got=$?
	[ $got = "$status" ] || fail "status $got, not $status: $*"
	grep -qF -- "$sentence" "$work/out" || fail "no \"$sentence\" in: $(cat -v "$work/out")"
	[ "$(wc -l <"$work/out")" -le 2 ] || fail "more than a sentence and a remedy: $(cat "$work/out")"
	LC_ALL=C grep -q '[^ -~]' "$work/out" "$work/table" && fail "it drives the terminal: $(cat -v "$work/out")"
}
for way in garbage nothing deep; do
	refuses 1 'is no Prometheus: it answers something else' --prometheus $url/$way
done
refuses 1 'answers with more than 64 MB' --prometheus $url/huge
refuses 1 'sends elsewhere: to http://127.0.0.1:1/login' --prometheus $url/redirect
refuses 1 'answers with status 422: too many?[2J samples' --prometheus $url/error
refuses 1 'transfer closed' --prometheus $url/half
refuses 1 'answers with status 404' --prometheus $url/lost
refuses 1 'Prometheus has no target of the job mesh' --prometheus $url/none --job mesh
# --- a bearer token
echo sesame >"$work/token"
echo sesam >"$work/wrong"
chmod 600 "$work/token" "$work/wrong"
timeout 30 "$x0top" fleet --once --prometheus $url/bearer --token-file "$work/token" >/dev/null || fail "no bearer token"
refuses 1 'answers with status 401' --prometheus $url/bearer
refuses 1 'answers with status 401' --prometheus $url/bearer --token-file "$work/wrong"

# --- what can be told before anything is asked
for address in 'http://[::1' http:// http://127.0.0.1:99999 "$url/ x" "$url/?a=b" "$url/#a" http://a:b@127.0.0.1 ftp://x nowhere ''; do
	refuses 2 'is no address of a Prometheus' --prometheus "$address"
done
refuses 1 "http://[::1]:$port does not answer" --prometheus "http://[::1]:$port"
for window in 0s 5 s 5m3 -5m 1e3s; do
	refuses 2 '--window takes a time' --prometheus $url/good --window=$window
done
refuses 2 'Unknown option --bogus' --prometheus $url/good --bogus
refuses 2 '--job needs a value' --prometheus $url/good --job
refuses 1 'Cannot read /nowhere: No such file' --prometheus $url/good --ca-file /nowhere
refuses 1 'Cannot read /nowhere: No such file' --prometheus $url/good --token-file /nowhere
exit $((failures != 0))
