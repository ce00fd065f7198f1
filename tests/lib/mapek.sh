# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=sh
# A service with MAPE-K, and questions to it, for a script that has sourced host.sh and set $x0top. $senders are processes
# that end with it.

work=$(mktemp -d)
chmod 711 "$work" # who keeps knowledge is an ordinary user
url=127.0.0.1:26999
service=
senders=

clean() {
	[ -z "$senders" ] || kill $senders 2>/dev/null
	stop
	"$x0top" programs down >/dev/null 2>&1
	rm -rf "$work"
}
trap clean EXIT

# serve OPTION...: starts it on v0, by the policies in $work/policy.yaml.
serve() {
	"$x0top" serve -i v0 --enforce --yes --mapek-policy "$work/policy.yaml" --mapek-knowledge "$work/mapek.db" \
		--listen $url "$@" >"$work/log" 2>&1 &
	service=$!
}

# stop [SIGNAL]: ends it, and waits for that.
stop() {
	[ -z "$service" ] || { kill -"${1:-TERM}" "$service" && wait "$service"; } 2>/dev/null
	service=
}

# await COMMAND...: runs it until it succeeds, for 40 seconds at most.
await() {
	end=$(($(date +%s) + 40))
	until "$@"; do
		[ "$(date +%s)" -lt "$end" ] || return 1
		sleep 0.05
	done
}

snapshot() {
	curl -s http://$url/snapshot
}

# says FILTER: whether that is so, in words of jq.
says() {
	snapshot | jq -e "$1" >/dev/null 2>&1
}

# mapek WORD...: x0top mapek about what this service knows.
mapek() {
	"$x0top" mapek "$@" --knowledge "$work/mapek.db"
}
