#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# bench-check passes what is as stored, fails what is worse each time, forgives what was worse once,
# and fails a row that is not measured.
set -u

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failures=0

cat >"$work/ratios.json" <<'END'
{ "rows": [
  { "part": "packets", "section": "S", "what": "cost", "unit": "ns", "ratio": 2.0, "better": "lower", "tolerance": 0.25 },
  { "part": "packets", "section": "S", "what": "speed", "unit": "M/s", "ratio": 0.8, "better": "higher", "tolerance": 0.25 } ] }
END
# Its nth run prints the nth line of $work/runs, or the last.
cat >"$work/bench" <<END
#!/bin/sh
echo run >>$work/ran
n=\$(wc -l <$work/ran)
sed -n "\${n}p" $work/runs | grep . || tail -n 1 $work/runs
END
chmod +x "$work/bench"

check() # STATUS RUNS NAME LINE...
{
	status=$1 runs=$2 name=$3
	shift 3
	: >"$work/ran"
	printf '%s\n' "$@" >"$work/runs"
	python3 tests/bench/check.py "$work/bench" "$work/ratios.json" "$work" >"$work/out" 2>&1
	got="$? $(wc -l <"$work/ran")"
	[ "$got" = "$status $runs" ] && return
	echo "bench-check: status and runs $got, not $status $runs: $name"
	cat "$work/out"
	failures=$((failures + 1))
}

rows() # COST SPEED
{
	printf '[{"section":"S","what":"cost","unit":"ns","ratio":%s},' "$1"
	printf '{"section":"S","what":"speed","unit":"M/s","ratio":%s}]\n' "$2"
}

check 0 1 "as stored" "$(rows 2.0 0.8)"
check 0 1 "better" "$(rows 0.5 3)"
check 0 1 "within the tolerance" "$(rows 2.49 0.65)"
check 1 3 "cost beyond it" "$(rows 2.51 0.8)"
check 1 3 "speed below it" "$(rows 2.0 0.63)"
check 0 2 "worse once" "$(rows 9 0.8)" "$(rows 2.0 0.8)"
check 0 2 "each worse once" "$(rows 9 0.8)" "$(rows 2.0 0.1)"
check 1 3 "not measured" '[{"section":"S","what":"cost","not_measured":"why"}]'
check 1 1 "no output" ''

# What was measured can be stored, and is then what is held to.
# Of several tries the best is stored, as it is the best that counts.
{ rows 4.0 0.3; rows 9 0.4; } | jq -s add >"$work/bench.json"
python3 tests/bench/check.py --store "$work/ratios.json" "$work"
check 0 1 "as stored anew" "$(rows 4.0 0.4)"
check 1 3 "worse than stored anew" "$(rows 4.0 0.3)"

[ "$failures" -eq 0 ] && echo "bench-check: 11 comparisons as they should be"
[ "$failures" -eq 0 ]
