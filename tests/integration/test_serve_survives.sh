#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# What a service outlives: clients that send without end or close one half, interfaces and namespaces that go away
# while it answers, a clock that jumps, and a day.
set -u
x0top=$(realpath "${X0TOP:-./x0top}")
# shellcheck source=tests/lib/host.sh
. "$(dirname "$0")/../lib/host.sh"
here=$(realpath "$(dirname "$0")")
work=$(mktemp -d)
chmod 755 "$work"
service=
trap 'kill $service 2>/dev/null; wait; ip netns del gone 2>/dev/null; rm -rf "$work"' EXIT
url=http://127.0.0.1:26970

get() {
	curl -s --max-time 10 "$@"
}

# await SECONDS COMMAND...: until it succeeds.
await() {
	tries=$(($1 * 10))
	shift
	until "$@" >/dev/null 2>&1; do
		tries=$((tries - 1))
		[ $tries -gt 0 ] && kill -0 "$service" 2>/dev/null || return 1
		sleep 0.1
	done
}

says() { # JQ-EXPRESSION: whether the snapshot is so
	get $url/snapshot | jq -e "$1"
}

resident() {
	sed -n 's/^VmRSS:[^0-9]*\([0-9]*\).*/\1/p' "/proc/$service/status"
}

descriptors() {
	find "/proc/$service/fd" -type l | wc -l
}

cc=${CC:-cc}
$cc -shared -fPIC -O1 -D_GNU_SOURCE "$here/clock-shift.c" -o "$work/shift.so" -ldl || fail "the clock cannot be shifted"
# shift SECONDS
shift_clock() {
	/usr/bin/python3 -c 'import struct, sys; sys.stdout.buffer.write(struct.pack("d", float(sys.argv[1])))' "$1" \
		1<>"$work/seconds"
}
shift_clock 0
ip netns add gone
ip link add v0 type veth peer name p0 && ip link set v0 up && ip link set p0 up
ip link add v1 type veth peer name p1 netns gone && ip link set v1 up && ip -n gone link set p1 up
env LD_PRELOAD="$work/shift.so" CLOCK_SHIFT="$work/seconds" "$x0top" serve -i v0 -i v1 --only xdp_counter --only tracepoint_net \
	--delay 0.2 --record "$work/recording" 2>"$work/err" &
service=$!
await 20 get -f $url/metrics || fail "it does not start: $(cat "$work/err")"
await 5 says '[.packets.interfaces[].name] | contains(["v0", "v1"])' || fail "not both are watched"
get $url/metrics | grep -q '^x0top_serve_connections_cut_total 0$' || fail "it says that it cut those that it answered"

# --- a million headers
before=$(resident)
timeout 20 bash -c 'exec 3<>/dev/tcp/127.0.0.1/26970
	{ printf "GET /metrics HTTP/1.1\r\n"; yes "$(printf "X: y\r")" | head -n 1000000; } >&3 2>/dev/null
	head -n 1 <&3' >"$work/headers" 2>/dev/null
grep -q '^HTTP/1.1 431' "$work/headers" || fail "a million headers: $(cat "$work/headers")"
get -f $url/healthz >/dev/null || fail "no answer after a million headers"
[ $(($(resident) - before)) -lt 2048 ] || fail "headers are kept: $before kB, then $(resident) kB"

# --- half-closed: whoever has asked gets its answers, and nobody lingers who will ask for none
cat >"$work/half.py" <<'PYTHON'
import socket
import sys
import time

WHOLE = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"
KINDS = [  # what is sent, and how many answers are due
    (b"", 0),
    (b"GET /hea", 0),
    (b"GET /healthz HTTP/1.1\r\nHost: local", 0),
    (WHOLE, 1),
    (WHOLE + b"GET /hea", 1),
    (WHOLE * 500, 500),
]
for late in False, True:
    halves = []
    for text, due in KINDS:
        half = socket.create_connection(("127.0.0.1", 26970), 10)
        half.sendall(text)
        halves.append((half, text, due))
    if late:
        halves[3][0].recv(1, socket.MSG_PEEK)
    for half, text, due in halves:
        half.shutdown(socket.SHUT_WR)
    begun = time.monotonic()
    for half, text, due in halves:
        answer = b""
        while more := half.recv(65536):
            answer += more
        if answer.count(b"HTTP/1.1 200") != due:
            sys.exit(f"{answer.count(b'HTTP/1.1')} answers to {text[:99]}: {answer[:99]}")
    if time.monotonic() - begun > 8:
        sys.exit("they linger")
PYTHON
timeout 30 /usr/bin/python3 "$work/half.py" 2>"$work/out" || fail "half-closed: $(cat "$work/out")"
get -f $url/healthz >/dev/null || fail "no answer after half-closed connections"

# --- an interface goes, and a namespace with the other end of one
is() { # INTERFACE STATE
	says "[.links.links[] | select(.name == \"$1\") | .state] == [\"$2\"]"
}
ip link del v0
await 10 is v0 absent || fail "an interface that is gone: $(get $url/snapshot | jq -c .links.links)"
ip netns del gone
await 10 is v1 absent || fail "a namespace is gone, and its link: $(get $url/snapshot | jq -c .links.links)"
kill -0 $service && get $url/healthz >/dev/null || fail "it is not well without them: $(cat "$work/err")"
ip link add v0 type veth peer name p0 && ip link set v0 up && ip link set p0 up
ip link add v1 type veth peer name p1 && ip link set v1 up && ip link set p1 up
await 10 is v0 up || fail "an interface that is back is not watched"
await 10 get -f $url/healthz || fail "it is not well with them: $(get $url/healthz)"

# --- a clock that jumps, on by ten years and back by a day
get -N $url/events >"$work/events" &
events=$!
await 10 grep -q '"schema"' "$work/events" || fail "no events"
now=$(date +%s)
for jump in 315360000 -86400; do
	shift_clock "$jump"
	await 10 says "(.time - $now - ($jump)) as \$off | \$off > -5 and \$off < 600" || fail "the time does not follow: $(get $url/snapshot | jq .time)"
	says '.self.interval > 0.1 and .self.interval < 5' >/dev/null || fail "an interval of $(get $url/snapshot | jq .self.interval)"
	says '[.. | .rate? // empty | select(. < 0)] == []' >/dev/null || fail "rates below zero"
	age=$(get $url/metrics | sed -n 's/^x0top_sample_age_seconds //p')
	awk -v age="$age" 'BEGIN { exit !(age >= 0 && age < 5) }' || fail "the sample is $age s old"
	get -f $url/healthz >/dev/null || fail "it is not well: $(get $url/healthz)"
	seen=$(grep -c '"schema"' "$work/events")
	more() {
		[ "$(grep -c '"schema"' "$work/events")" -gt $((seen + 2)) ]
	}
	await 10 more || fail "samples stand still after a jump of $jump s"
done
kill $events
kill -0 $service || fail "it has ended: $(cat "$work/err")"
kill $service
wait $service || fail "it ends with status $?: $(cat "$work/err")"

# --- a day of samples, one a second, of what was recorded above: in a small part of it, with a scrape now and then
samples() {
	get $url/metrics | sed -n 's/^x0top_serve_samples_total //p'
}
reaches() {
	count=$(samples)
	[ "${count:-0}" -ge "$1" ]
}
env LD_PRELOAD="$work/shift.so" TIMER_SPEED=100000 "$x0top" serve --replay "$work/recording" --delay 1 2>"$work/err" &
service=$!
await 20 get -f $url/metrics || fail "the replay does not start: $(cat "$work/err")"
get $url/snapshot >/dev/null
await 60 reaches 3600 || fail "an hour takes too long: $count samples"
before=$(resident)
open=$(descriptors)
await 240 reaches 86400 || fail "a day takes too long: $count samples"
get $url/snapshot >/dev/null
flat() {
	[ "$(descriptors)" -le "$open" ]
}
await 5 flat || fail "after an hour $open descriptors, after a day $(descriptors)"
[ $(($(resident) - before)) -lt 512 ] || fail "after an hour $before kB, after a day $(resident) kB"
kill $service
wait $service || fail "the replay ends with status $?: $(cat "$work/err")"
exit $((failures != 0))
