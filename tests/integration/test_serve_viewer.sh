#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Dashboards beside a service look at its samples: no second set of programs, and what their operators ask
# for is done by the service, and logged as theirs.
set -u
x0top=$(readlink -f "${X0TOP:-./x0top}")
# shellcheck source=tests/lib/host.sh
. "$(dirname "$0")/../lib/host.sh"
# shellcheck source=tests/lib/terminal.sh
. "$(dirname "$0")/../lib/terminal.sh"
work=$(mktemp -d)
chmod 755 "$work"
service=
trap 'terminal_close; kill $service 2>/dev/null; wait; rm -rf "$work"' EXIT
log=/var/log/x0top.log

# start OPTION...: starts a service and waits until it answers.
start() {
	: >"$work/err"
	"$x0top" serve "$@" 2>"$work/err" &
	service=$!
	tries=200
	until grep -q 'Serving on' "$work/err"; do
		tries=$((tries - 1))
		[ $tries -gt 0 ] && kill -0 $service 2>/dev/null || break
		sleep 0.05
	done
}

ip link add v0 type veth peer name p0 && ip link set v0 up && ip link set p0 up
start -i v0 --only xdp_counter --only xdp_mesh_filter --delay 0.3
[ "$(stat -c '%a %U' /run/x0top.sock)" = '660 root' ] || fail "the socket is open to others: $(ls -l /run/x0top.sock)"

terminal_open 120x40 "$x0top"
terminal_expect 'samples of the service'
terminal_expect 'xdp_counter .*on'
viewer=$(terminal_pid)
[ "$(find "/proc/$viewer/fd" -lname 'anon_inode:bpf*' | wc -l)" = 0 ] || fail "the viewer has programs of its own"
[ "$(grep -c . "/proc/$viewer/task/$viewer/children")" = 0 ] || fail "the viewer has a keeper"
[ "$(sed -n 's/^CapPrm:[[:space:]]*//p' "/proc/$viewer/status")" = 0000000000000000 ] ||
	fail "the viewer has kept rights"

# An action that is done at once, and one that the service asks about first or not: by the viewer's user.
terminal_keys t
terminal_expect 'program off xdp_counter: done|xdp_counter .*off'
grep -qE "x0top\[$viewer\] .*uid 0 \(root\) by key: program off xdp_counter: done" $log ||
	fail "the log does not tell whose key it was: $(cat $log)"
curl -s http://127.0.0.1:26970/metrics | grep -q 'x0top_programs_state{program="xdp_counter",state="off"} 1' ||
	fail "the service has not done it"
terminal_keys t
terminal_expect 'xdp_counter .* on'

# Enforcing, which the service does and pins.
terminal_keys 4
terminal_expect OBSERVING
terminal_keys e
terminal_expect 'They keep dropping after'
terminal_keys y
terminal_expect ENFORCING
grep -qE "x0top\[$viewer\] .*by key: enforce on xdp_mesh_filter: done" $log || fail "enforcing: $(cat $log)"

# Samples of the service have flows while a dashboard shows them, and no longer.
"$x0top" rules add count all >"$work/out" || fail "rules add: $(cat "$work/out")"
looking() {
	bpftool map dump pinned /sys/fs/bpf/x0top/v*/mesh_looking | tr -d ' \n' | grep -q '"dimensions":4294967295'
}
terminal_keys p
terminal_expect 'Lost by the flow table'
looking || fail "nobody looks: $(bpftool map dump pinned /sys/fs/bpf/x0top/v*/mesh_looking)"
terminal_keys 1
terminal_expect 'TIME/RUN'
tries=100
while looking && [ $tries -gt 0 ]; do
	tries=$((tries - 1))
	sleep 0.05
done
[ $tries -gt 0 ] || fail "somebody looks still"
terminal_keys 4
terminal_expect ENFORCING

terminal_keys e
terminal_expect 'Stop dropping'
terminal_keys y
terminal_expect OBSERVING

# A service that ends is told of, and so is the terminal.
kill "$service"
wait "$service"
terminal_expect 'The service that this dashboard looked at has ended'
terminal_expect 'STATUS=1'
terminal_close

# --- who may not open the socket has a dashboard of its own, or none
start -i v0 --only xdp_counter --delay 0.3
# A socket that a killed service has left is taken over, and a second service is refused in a sentence.
timeout 10 "$x0top" serve -i v0 --only xdp_counter --listen 127.0.0.1:26971 >"$work/out" 2>&1 &&
	fail "a second service starts"
grep -q '^x0top: Another x0top serves this host' "$work/out" || fail "a second service: $(cat "$work/out")"
# Bytes that mean nothing end the connection, and nothing else.
bash -c 'for i in 1 2 3 4 5 6 7 8 9 10 11 12; do
	printf "\377\377\377\377\377\377\377\377junk" | timeout 1 curl -s --unix-socket /run/x0top.sock http://localhost/ --data-binary @- >/dev/null
done'
kill -0 "$service" || fail "junk ends the service"
terminal_open 120x40 "$x0top"
terminal_expect 'samples of the service'
kill -9 "$service"
wait "$service" 2>/dev/null
terminal_expect 'STATUS=1'
terminal_close
start -i v0 --only xdp_counter --delay 0.3
grep -q 'Serving on' "$work/err" || fail "the socket of a killed one is in the way: $(cat "$work/err")"
exit $((failures != 0))
