# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=sh
# A service, and curl that asks it, for scripts that have sourced host.sh and set $x0top.

work=$(mktemp -d)
service=
trap 'kill $(jobs -p) 2>/dev/null; [ -z "$service" ] || kill "$service" 2>/dev/null; rm -rf "$work"' EXIT
recording=$(dirname "$0")/../unit/recordings/layout-1.jsonl
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
