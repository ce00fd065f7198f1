#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# A peer that was written from man/x0top-pqc.7 alone, in another language with another library, and
# x0top: keys and data with x0top peer in all three parameter sets, both ways, and through the
# verifier of a host that enforces. In network namespaces without names, which end with this script.
set -u

if [ "$(id -u)" -ne 0 ]; then
	echo "skipped: network namespaces need root"
	exit 77
fi
build=$(realpath "${BUILD:-build}")
if [ ! -d "$build/second-signer/node_modules" ] || ! command -v node >/dev/null; then
	echo "skipped: it needs node and npm, then \`make second-signer\`"
	exit 77
fi
if [ -z "${IN_NAMESPACE:-}" ]; then
	IN_NAMESPACE=1 exec unshare --net --mount --propagation private sh "$0"
fi
ip link set lo up

x0top=$(realpath "${X0TOP:-./x0top}")
peer="$build/second-signer/peer.mjs"
work=$(mktemp -d)
failures=0 ours='' second='' host=''
cleanup() {
	for pid in $ours $second $host; do
		kill -KILL "$pid" 2>/dev/null
	done
	rm -rf "$work"
}
trap cleanup EXIT
cd "$work" || exit 1

failed() {
	echo "FAILED: $1"
	failures=$((failures + 1))
}

# Waits until a file is there and not empty.
until_there() {
	tries=200
	until [ -s "$1" ] || [ "$tries" -eq 0 ]; do
		tries=$((tries - 1))
		sleep 0.1
	done
}

# make_ours SET: a new key of this host.
make_ours() {
	rm -f ours.*
	"$x0top" keys generate ours --set "$1" >/dev/null || exit 1
}

# start_second ROLE SET ADDRESS PEER SEND RECEIVE: its key is in trust/ when it returns. It waits for
# a line in the FIFO `go`.
start_second() {
	rm -f second.pub.pem trust/second.pub.pem go
	mkfifo go
	# On one CPU: loopback keeps the order of what one CPU sends, and of no more.
	taskset -c "$cpu" node "$peer" "$1" "$2" second.pub.pem ours.pub.pem "$3" "$4" "$5" "$6" 1 \
		<go >second.log 2>&1 &
	second=$!
	exec 3>go
	until_there second.pub.pem
	cp second.pub.pem trust/second.pub.pem
}

# Datagrams that the kernel lost, because their receiver did not get to run.
lost() {
	awk '/^Udp: [0-9]/ { n += $6 } /^Udp6RcvbufErrors/ { n += $2 } END { print n + 0 }' \
		/proc/net/snmp /proc/net/snmp6
}

let_go() {
	echo >&3
	exec 3>&-
	wait "$second"
	status=$?
	second=''
	[ "$status" -eq 0 ]
}

cpu=$(taskset -cp $$ | sed 's/.*: \([0-9]*\).*/\1/')
mkdir trust

# --- with x0top peer -----------------------------------------------------------------------------

# exchange ROLE SET LOCAL ADDRESS: 200 data packets each way. ADDRESS is LOCAL as it stands before a port.
exchange() {
	start_second "$1" "$2" "$4:26971" "$4:26970" 200 200
	"$x0top" peer --identity ours.key.pem --trust trust --listen "$3" --to "$4:26971" \
		--beacon 0.5 --data 500 -v >ours.log 2>&1 &
	ours=$!
	until_there ours.log # it listens: of a message sent before, the first fragments would be missing
	let_go || echo "$1, ML-DSA-$2, $3: $(cat second.log)"
	kill "$ours"
	wait "$ours"
	ours=''
	[ "$status" -eq 0 ] || return 1
	grep -q 'second: session [0-9a-f]* begins' ours.log || return 1
	# The first of its data packets is empty.
	received=$(sed -n 's/.*second: [0-9]* sessions, data sent [0-9]*, received \([0-9]*\).*/\1/p' ours.log | tail -n 1)
	[ "${received:-0}" -ge 199 ] && ! grep -qE 'refused|cannot' ours.log
}

# try_exchange ...: once more while the kernel, and neither peer, loses what was sent.
try_exchange() {
	for try in 1 2 3; do
		lost_before=$(lost)
		if exchange "$@"; then
			echo "ok: $1, ML-DSA-$2, $3: $(tail -n 1 second.log); x0top peer received $received"
			return
		fi
		[ "$(lost)" -gt "$lost_before" ] || break
		echo "try $try: the kernel lost $(($(lost) - lost_before)) datagrams"
	done
	failed "$1, ML-DSA-$2, $3: x0top peer says: $(cat ours.log)"
}
for set in 44 65 87; do # each side has a key of this set, and checks signatures of it
	make_ours $set
	try_exchange initiate $set 127.0.0.1 127.0.0.1
	try_exchange respond $set ::1 '[::1]'
done

# --- through the verifier ------------------------------------------------------------------------

mount -t tmpfs tmpfs /run && mount -t tmpfs tmpfs /var/log &&
	mkdir -p /var/lib/x0top && mount -t tmpfs -o mode=0711 tmpfs /var/lib/x0top &&
	mount -t bpf bpf /sys/fs/bpf -o mode=0700 || exit 1
ip link add left type veth peer name right
unshare --net sleep 600 &
host=$!
tries=100 # until the process has a namespace of its own: before, it is in this one
until [ "$(readlink "/proc/$host/ns/net")" != "$(readlink /proc/self/ns/net)" ] || [ "$tries" -eq 0 ]; do
	tries=$((tries - 1))
	sleep 0.1
done
ip link set right netns "$host"
nsenter --net="/proc/$host/ns/net" ip addr add 10.9.0.2/24 dev right
nsenter --net="/proc/$host/ns/net" ip link set right up
ip addr add 10.9.0.1/24 dev left
ip link set left up
ethtool -K left tx off >/dev/null # node has no way to ask for complete checksums

cat >host.yaml <<END
identity: $work/ours.key.pem
trust: $work/trust
END
start_second initiate 87 10.9.0.1:26970 10.9.0.2:26970 200 1
nsenter --net="/proc/$host/ns/net" "$x0top" --config host.yaml --only xdp_pqc_verify -i right \
	--pqc-mode enforce --yes --once --json -d 8 >host.json 2>host.err &
ours=$!
tries=100 # until the verifier is attached
until nsenter --net="/proc/$host/ns/net" ip link show right | grep -q xdp || [ "$tries" -eq 0 ]; do
	tries=$((tries - 1))
	sleep 0.1
done
let_go || failed "through the verifier: $(cat second.log)"
wait "$ours"
ours=''
node - <<'END' || failed "the verifier: $(cat host.err second.log)"
const { pqc } = JSON.parse(require('fs').readFileSync('host.json'));
const results = Object.fromEntries(Object.entries(pqc.results).map(([name, count]) => [name, count.total]));
console.log('the verifier:', JSON.stringify(results));
const refused = Object.entries(results).filter(([name, total]) =>
	total > 0 && !['message accepted', 'data accepted', 'fragment buffered'].includes(name));
process.exit(results['data accepted'] >= 200 && results['message accepted'] >= 1 && refused.length === 0 ? 0 : 1);
END
"$x0top" programs down >/dev/null

[ "$failures" -eq 0 ] || exit 1
echo "a peer that was written from the manual and x0top understand each other"
