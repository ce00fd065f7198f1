#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# A program file with capabilities, or setuid root: it gives an ordinary user what x0top shows, and not
# the files of others, nor BPF programs of the user's own in the kernel.
set -u
x0top=${X0TOP:-./x0top}
build=${BUILD:-build}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failures=0

if [ "$(id -u)" -ne 0 ]; then
	echo "skipped: setcap needs root"
	exit 77
fi

fail() {
	echo "FAILED: $*"
	failures=$((failures + 1))
}

# expect NAME STATUS PATTERN COMMAND...: as an ordinary user; PATTERN is in what it says.
expect() {
	name=$1 status=$2 pattern=$3
	shift 3
	setpriv --reuid 65534 --regid 65534 --clear-groups "$@" >"$work/said" 2>&1 </dev/null
	got=$?
	[ "$got" -eq "$status" ] || fail "$name: exit status $got, not $status: $(head -n 3 "$work/said")"
	grep -qE -- "$pattern" "$work/said" || fail "$name: \"$pattern\" is not in: $(head -n 3 "$work/said")"
}

if findmnt -n -o OPTIONS -T "$work" | grep -qw nosuid; then
	echo "skipped: $work is mounted nosuid, where files give no rights"
	exit 77
fi
chmod 0755 "$work"
mkdir -m 0777 "$work/objects" "$work/own"
mkdir -m 0700 "$work/secret"
cp "$build"/bpf/*.bpf.o "$work/objects/"
for file in config.yaml recording key; do
	echo 'secret: of root' >"$work/secret-$file"
	chmod 0600 "$work/secret-$file"
done
cp "$x0top" "$work/capable"
cp "$x0top" "$work/setuid"
chmod 0755 "$work/capable"
# The worst that an administrator might give: a file's own mode would not stop it.
setcap cap_bpf,cap_perfmon,cap_net_admin,cap_dac_override,cap_dac_read_search+ep "$work/capable" || {
	echo "skipped: this file system keeps no capabilities"
	exit 77
}
chmod 4755 "$work/setuid"

for file in capable setuid; do
	run=$work/$file
	expect "$file runs" 0 'tracepoint_net +on' "$run" --once --only tracepoint_net
	expect "$file: --objects" 2 'objects.*has file capabilities' "$run" --once --objects "$work/objects"
	expect "$file: programs verify" 1 'rights from its file' \
		"$run" programs verify "$work/objects/xdp_counter.bpf.o"
	expect "$file: --config" 2 'Permission denied' "$run" --once --config "$work/secret-config.yaml"
	expect "$file: --replay" 1 'Permission denied' "$run" --once --replay "$work/secret-recording"
	expect "$file: --record" 1 'Permission denied' \
		"$run" --once --only tracepoint_net --record "$work/secret-recording"
	expect "$file: --record into a folder" 1 'Permission denied' \
		"$run" --once --only tracepoint_net --record "$work/secret/recording"
	expect "$file: keys list --trust" 1 'Permission denied' "$run" keys list --trust "$work/secret"
	expect "$file: --record to an own file" 0 '.' \
		"$run" --once --only tracepoint_net --record "$work/own/$file"
	[ "$(stat -c %u "$work/own/$file")" = 65534 ] || fail "$file: the recording is not the user's"
done
[ "$(cat "$work/secret-recording")" = 'secret: of root' ] || fail "a file of root's was written to"

[ "$failures" -eq 0 ]
