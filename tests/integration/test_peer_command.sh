#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# x0top peer, twice on the loopback: what each prints of the other, of a stranger, and of its trust store.
set -u
# shellcheck source=tests/lib/host.sh
. "$(dirname "$0")/../lib/host.sh"
x0top=$(realpath "${X0TOP:-./x0top}")
work=/run/work
mkdir "$work" && cd "$work" && mkdir trust-a trust-b || exit 1

make_key() {
	"$x0top" keys generate "$1" --set "$2" | sed -n "s/^Made ML-DSA-$2, node \([0-9a-f]*\)\.\$/\1/p"
}

# prints FILE LINE: fails unless one line of the file is this regular expression.
prints() {
	grep -qxE "$2" "$1" || fail "$1 lacks \"$2\": $(cat "$1")"
}

# await FILE LINE: waits until it is printed.
await() {
	for _ in $(seq 200); do
		grep -qxE "$2" "$1" && return
		sleep 0.05
	done
	fail "$1 never says \"$2\": $(cat "$1")"
}

a=$(make_key a 44) b=$(make_key b 65) c=$(make_key c 44)
"$x0top" keys add b.pub.pem --trust trust-a >out || fail "$(cat out)"
"$x0top" keys add a.pub.pem --trust trust-b >out || fail "$(cat out)"
listen_a='--identity a.key.pem --trust trust-a --listen 127.0.0.1 --port 7001'
listen_b='--identity b.key.pem --trust trust-b --listen 127.0.0.1 --port 7002'

# shellcheck disable=SC2086
stdbuf -oL "$x0top" peer $listen_a --beacon 0.1 --data 50 -v >a.out 2>&1 &
peer=$!
await a.out "Node $a at 127\.0\.0\.1:7001, trusting 1 key"
# shellcheck disable=SC2086
"$x0top" peer $listen_b --to 127.0.0.1:7001 --beacon 0.1 --prefix 10.1.0.0/16 --prefix fd00::/8 -v --once >b.out 2>&1 ||
	fail "the other has no session: $(cat b.out)"
prints b.out "Node $b at 127\.0\.0\.1:7002, trusting 1 key"
prints b.out 'a: authenticated by ML-DSA-44, at 127\.0\.0\.1:7001'
prints b.out 'a: session [0-9a-f]{8} begins'
prints b.out 'a: 1 sessions, data sent 0, received [0-9]+'
grep -q refused b.out && fail "something is refused: $(cat b.out)"
await a.out 'b: authenticated by ML-DSA-65, at 127\.0\.0\.1:7002'
await a.out 'b: beacon; data sent [0-9]+, received 0; prefixes: 10\.1\.0\.0/16 fd00::/8'
await a.out 'b: session [0-9a-f]{8} begins'
[ "$(grep -o 'session [0-9a-f]*' a.out)" = "$(grep -o 'session [0-9a-f]*' b.out)" ] ||
	fail "two sessions: $(cat a.out b.out)"

# --- nobody answers a node that is not trusted, and its refusals are told
timeout -s INT 1 "$x0top" peer --identity c.key.pem --trust trust-b --listen 127.0.0.1 --port 7003 --to 127.0.0.1:7001 \
	--translated nobody --beacon 0.1 >c.out 2>&1
prints c.out "Node $c at 127\.0\.0\.1:7003, trusting 1 key"
prints c.out 'x0top: --translated nobody: no trusted node has this name'
prints c.out 'a: 0 sessions, data sent 0, received 0'
await a.out 'unknown: refused: unknown node \([0-9]+ more, [0-9]+ in all\)'

# --- its trust store is read again, and its end is orderly
"$x0top" keys add c.pub.pem --trust trust-a >out || fail "$(cat out)"
kill -HUP "$peer"
await a.out 'Trust store reloaded'
kill -TERM "$peer"
wait "$peer" || fail "a signal ends it with $?"
prints a.out 'b: 1 sessions, data sent [1-9][0-9]*, received 0'
prints a.out 'c: 0 sessions, data sent 0, received 0'
prints a.out 'refused: unknown node: [0-9]+'

# --- what cannot be had
# shellcheck disable=SC2086
"$x0top" peer $listen_b --trust none >out 2>&1 && fail 'no trust store is no matter'
[ "$(cat out)" = 'x0top: There is no trust store none.
Create it with its first key: x0top keys add FILE.' ] || fail "no trust store: $(cat out)"
"$x0top" peer --identity b.key.pem --trust trust-b --listen 192.0.2.1 >out 2>&1 && fail 'an address of another host is had'
[ "$(cat out)" = 'x0top: Cannot receive packets at 192.0.2.1:26970: Cannot assign requested address.
Choose another address or port.' ] || fail "an address of another host: $(cat out)"
[ "$failures" -eq 0 ]
