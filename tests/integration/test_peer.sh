#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Two x0top peers on real sockets: exchange, 1,000 data packets, new keys, a restart, errors. In a
# network namespace without a name, which ends with this script.
set -u

if [ "$(id -u)" -ne 0 ]; then
	echo "skipped: a network namespace needs root"
	exit 77
fi
if [ -z "${IN_NAMESPACE:-}" ]; then
	IN_NAMESPACE=1 exec unshare --net sh "$0"
fi
ip link set lo up

x0top=$(realpath "${X0TOP:-./x0top}")
work=$(mktemp -d)
failures=0 one='' two=''
cleanup() {
	for pid in $one $two; do
		kill -KILL "$pid" 2>/dev/null
	done
	rm -rf "$work"
}
trap cleanup EXIT
chmod 755 "$work"
cd "$work" || exit 1

failed() {
	echo "FAILED: $1"
	failures=$((failures + 1))
}

# until_seen FILE PATTERN: waits for 20 seconds at most.
until_seen() {
	tries=200
	until grep -qE -- "$2" "$1" 2>/dev/null; do
		tries=$((tries - 1))
		if [ "$tries" -eq 0 ]; then
			failed "\"$2\" is not in $1:"
			tail -n 20 "$1"
			return
		fi
		sleep 0.1
	done
	echo "ok: $1: $2"
}

# expect STATUS PATTERN ARGUMENT...: runs x0top peer, which ends with STATUS and says PATTERN.
expect() {
	status=$1 pattern=$2
	shift 2
	"$x0top" peer "$@" >out 2>err </dev/null
	got=$?
	if [ "$got" -ne "$status" ] || ! grep -qE -- "$pattern" out err; then
		failed "x0top peer $*: status $got, not $status with \"$pattern\""
		cat out err
	elif [ "$(wc -l <err)" -gt 2 ]; then
		failed "x0top peer $*: more than a sentence and a remedy"
	else
		echo "ok: x0top peer $*"
	fi
}

mkdir trust empty
"$x0top" keys generate one --set 65 >/dev/null || exit 1
"$x0top" keys generate two --set 87 >/dev/null || exit 1
cp one.pub.pem two.pub.pem trust
# The second runs as nobody: it needs no capability.
chown 65534 two.key.pem

start_one() {
	"$x0top" peer --identity one.key.pem --trust trust --listen 127.0.0.1 --to 127.0.0.1:26971 \
		--beacon 0.5 --data 1000 --rekey 2 --prefix 10.1.0.0/16 -v >>one.log 2>&1 &
	one=$!
}
start_two() {
	setpriv --reuid 65534 --regid 65534 --clear-groups --inh-caps=-all --bounding-set=-all \
		"$x0top" peer --identity two.key.pem --trust trust --listen 127.0.0.1 --port 26971 \
		--beacon 0.5 --data 100 --prefix fd00::/8 -v >>two.log 2>&1 &
	two=$!
}

start_one
start_two
until_seen one.log 'two: authenticated by ML-DSA-87, at 127.0.0.1:26971'
until_seen two.log 'one: authenticated by ML-DSA-65, at 127.0.0.1:26970'
until_seen one.log 'two: session [0-9a-f]{8} begins'
until_seen two.log 'one: beacon; data sent [0-9]+, received [0-9]{4,}; prefixes: 10.1.0.0/16'
until_seen one.log 'two: beacon; data sent [0-9]+, received [0-9]{2,}; prefixes: fd00::/8'
until_seen two.log 'one: session [0-9a-f]{8} replaces the last: new keys'
for pid in "$one" "$two"; do
	if [ "$(sed -n 's/^CapEff:\t//p' "/proc/$pid/status")" = 0000000000000000 ]; then
		echo "ok: no capability is kept"
	else
		failed "a peer keeps capabilities: $(grep Cap "/proc/$pid/status")"
	fi
done
if grep -E 'refused|cannot|OpenSSL' one.log two.log; then
	failed "something was refused where nothing is wrong"
fi

# --- a restart ---------------------------------------------------------------------------------

kill -KILL "$two"
wait "$two" 2>/dev/null
mv two.log two-before.log
start_two
until_seen two.log 'one: session [0-9a-f]{8} begins'
until_seen two.log 'one: beacon; data sent [0-9]{2,}, received [0-9]{4,};'

# --- trust that ends ---------------------------------------------------------------------------

rm trust/one.pub.pem
kill -HUP "$two"
until_seen two.log 'Trust store reloaded'
until_seen two.log 'unknown: refused: unknown node'
cp one.pub.pem trust
kill -HUP "$two"
mv two.log two-middle.log

# --- the end -----------------------------------------------------------------------------------

for name in one two; do
	eval "pid=\$$name"
	kill -TERM "$pid"
	wait "$pid"
	status=$?
	[ "$status" -eq 0 ] || failed "$name ended with status $status"
done
one='' two=''
chown 0 two.key.pem
grep -E 'sessions, data sent' one.log two-middle.log
if grep -hE 'bad (tag|signature|header|length)|malformed|OpenSSL|Sanitizer' ./*.log; then
	failed "something was damaged on a sound network"
fi
if grep -l 'PRIVATE' ./*.log; then
	failed "a private key was printed"
fi

# --- once, over IPv6 ---------------------------------------------------------------------------

"$x0top" peer --identity one.key.pem --trust trust --port 26970 --beacon 0.5 >once.log 2>&1 &
one=$!
expect 0 'one: session [0-9a-f]{8} begins' --once --identity two.key.pem --trust trust \
	--listen ::1 --port 26971 --to '[::1]:26970' --beacon 0.5
kill -TERM "$one"
wait "$one"
one=''
until_seen once.log 'two: authenticated by ML-DSA-87, at \[::1\]:26971'

# --- errors ------------------------------------------------------------------------------------

expect 1 'Node' --once --identity one.key.pem --trust trust --to 127.0.0.1:9
expect 0 'Usage' --help
expect 2 'identity'
expect 2 'prefix' --identity one.key.pem --prefix 10.0.0.1/8
expect 2 'port' --identity one.key.pem --port 70000
expect 2 'to' --identity one.key.pem --to nowhere
expect 2 'IPv4' --identity one.key.pem --listen 127.0.0.1 --to ::1
expect 2 'nonsense' --identity one.key.pem --nonsense
expect 2 'needs a value' --identity
expect 2 'takes no' --identity one.key.pem word
expect 2 'every --to' --identity one.key.pem --once
expect 1 'none.pem' --identity none.pem --trust trust
install -m 600 two.pub.pem public
expect 1 'not a private key' --identity public --trust trust
chmod 644 one.key.pem
expect 1 'open to others' --identity one.key.pem --trust trust
chmod 600 one.key.pem
expect 1 'nowhere' --identity one.key.pem --trust nowhere
expect 1 '192.0.2.1' --identity one.key.pem --trust empty --listen 192.0.2.1

if [ "$failures" -gt 0 ]; then
	echo "$failures failed"
	exit 1
fi
echo "all passed"
