#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# A recording of the lab in a real terminal: it looks like one, and keys move through it; and what
# --once and --json print of it, also where it is damaged.
set -u
# shellcheck source=tests/lib/terminal.sh
. tests/lib/terminal.sh
x0top=${X0TOP:-./x0top}
work=$(mktemp -d)
trap 'terminal_close; rm -rf "$work"' EXIT

if [ "$(id -u)" -ne 0 ]; then
	echo "skipped: the lab needs root"
	exit 77
fi

fail() {
	echo "FAILED: $*"
	exit 1
}

# equal WHAT EXPECTED GOT
equal() {
	[ "$2" = "$3" ] || fail "$1 is $3, not $2"
	echo "ok: $1"
}

echo "--- the lab is recorded"
terminal_open 80x24 "$x0top lab -d 0.2 --record $work/r"
terminal_expect 'xdp_counter +● on'
samples=0
tries=100
while [ "$samples" -lt 20 ] && [ "$tries" -gt 0 ]; do
	tries=$((tries - 1))
	sleep 0.1
	samples=$("$x0top" --replay "$work/r" --json 2>/dev/null | wc -l)
done
terminal_keys q
terminal_expect '^STATUS=0'
terminal_close
samples=$("$x0top" --replay "$work/r" --json | wc -l)
[ "$samples" -ge 20 ] || fail "only $samples samples"
size=$(stat -c %s "$work/r")
echo "$samples samples, $((size / samples)) bytes each"

echo "--- every sample is a line of JSON, and holds by the schema"
"$x0top" --replay "$work/r" --json >"$work/all" || fail "--json of a replay"
jq -e -s 'length == '"$samples"' and ([.[].time] | . == sort)' "$work/all" >"$work/out" ||
	fail "the times of the samples"
tail -n 1 "$work/all" >"$work/last"
/usr/bin/python3 -m jsonschema -i "$work/last" core/export/x0top.schema.json || fail "the schema"
equal "the last one" "$(jq -c ".time * 1000 | floor" "$work/last")" \
	"$("$x0top" --once --json --replay "$work/r" | jq -c ".time * 1000 | floor")"

echo "--- it looks like a recording"
terminal_open 80x24 "$x0top --replay $work/r"
terminal_expect "LAB .*[0-9]+/$samples 20[0-9-]+ [0-9:]+ +REPLAY"
terminal_keys Left # pauses, also at the end, where Space would begin again
terminal_expect 'PAUSED'
terminal_keys Home
terminal_expect " 1/$samples 20"
terminal_keys Right Right Right
terminal_expect " 4/$samples 20"
terminal_keys Left
terminal_expect " 3/$samples 20"
terminal_keys End
terminal_expect "END +$samples/$samples 20"
terminal_expect 'End of the recording'
terminal_keys '{'
terminal_expect "PAUSED +$((samples - samples / 10))/$samples 20"
terminal_keys '['
terminal_expect " 1/$samples 20"

echo "--- a rate is the same forwards and backwards"
rate() {
	terminal_screen | sed -n 's/.*Packets .* \([0-9.KM]*\/s\) .*dropped.*/\1/p'
}
terminal_keys Right Right Right Right
terminal_expect " 5/$samples 20"
forwards=$(rate)
terminal_keys Right Right Left Left
terminal_expect " 5/$samples 20"
equal "the rate of sample 5" "$forwards" "$(rate)"
[ -n "$forwards" ] || fail "no rate of packets"

echo "--- speed, and playing to the end"
terminal_keys + + + + + + +
terminal_expect 'PAUSED +x64 '
terminal_keys Space
terminal_expect "END +x64 $samples/$samples 20"
terminal_keys -
terminal_expect 'x32 '

echo "--- at a pace of its own"
tail -n 2 "$work/all" | jq -c -s '.[0].time -= 1000 | .[]' >"$work/gap"
jq -c '.self.interval = 1000' "$work/gap" >"$work/slow"
terminal_close
terminal_open 80x24 "$x0top --replay $work/slow -d 0.5"
terminal_expect 'END +2/2 20'
terminal_close
terminal_open 80x24 "$x0top --replay $work/r"
terminal_expect "$samples 20"
terminal_keys Left

echo "--- nothing can be changed, and no key says that it could"
terminal_keys 4
terminal_expect 'RULE'
terminal_keys t
terminal_expect 'This is a recording: nothing can be changed'
terminal_screen | tail -n 1 | grep -E 'Enforce|Toggle|Menu|Add' && fail "keys are offered"
terminal_keys Escape
terminal_keys '?'
terminal_expect 'A recording: grey keys are disabled'
terminal_keys Escape
terminal_keys q
terminal_expect '^STATUS=0'
terminal_close

echo "--- a recording that was cut goes on, and loses one sample"
# In the last sample; behind it are what repairs others, and a line feed each.
/usr/bin/python3 - "$work/r" <<'END'
import os, sys
data = open(sys.argv[1], "rb").read()
at = data.index(b"\n") + 1
while at < len(data):
    if data[at + 3] != ord("P"):
        last = at
    at += 20 + int.from_bytes(data[at + 4:at + 7], "little") + 1
os.truncate(sys.argv[1], last + 40)
END
"$x0top" --once --json --replay "$work/r" >"$work/out" 2>"$work/err" || fail "a cut recording"
grep -q '1 damaged sample of .* left out' "$work/err" || fail "$(cat "$work/err")"
equal "the last whole one" "$(tail -n 2 "$work/all" | head -n 1 | jq -c ".time * 1000 | floor")" \
	"$(jq -c ".time * 1000 | floor" "$work/out")"
"$x0top" lab --once -d 0.2 --record "$work/r" >"$work/out" 2>"$work/err" || fail "recording on"
grep -q 'was cut' "$work/err" || fail "nothing is said of the cut: $(cat "$work/err")"
equal "samples" $((samples + 1)) "$("$x0top" --replay "$work/r" --json 2>"$work/err" | wc -l)"
terminal_open 80x24 "$x0top --replay $work/r"
terminal_expect '1 damaged sample of'
terminal_keys q
terminal_expect '^STATUS=0'
terminal_close

echo "--- the limit ends a recording, and the dashboard goes on"
terminal_open 80x24 "$x0top lab -d 0.1 --record $work/limited --record-limit 100k"
terminal_expect 'The recording has ended: .* would exceed 100kB'
terminal_keys 8 / recording Enter
terminal_expect 'action +The recording has ended'
terminal_keys Escape 3
terminal_expect 'mesh0 +up +[1-9]'
terminal_keys q
terminal_expect '^STATUS=0'
[ "$(stat -c %s "$work/limited")" -le 100000 ] || fail "the limit was exceeded"
