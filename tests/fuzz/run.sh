#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# run.sh FOLDER: runs each fuzzer of the folder for FUZZ_SECONDS. The inputs that it found to take
# new paths are kept in FOLDER/corpus, and the next run goes on from there.
set -eu

folder=$1
failed=

for program in "$folder"/fuzz_*; do
	name=${program##*/fuzz_}
	case $name in
	settings) options='-max_len=4096 -seed_inputs=man/x0top.yaml.example' ;;
	json) options='-max_len=65536 -len_control=0' ;;
	message) options='-max_len=8192' ;;
	*) options='-max_len=4096' ;;
	esac
	[ -x "$program" ] || continue
	mkdir -p "$folder/corpus/$name"
	# shellcheck disable=SC2086 # a list of words
	if "$program" -max_total_time="$FUZZ_SECONDS" -timeout=10 -print_final_stats=1 $options \
		-artifact_prefix="$folder/$name." "$folder/corpus/$name" >"$folder/$name.log" 2>&1; then
		echo "ok: $name: $(sed -n 's/^stat::number_of_executed_units: *//p' "$folder/$name.log") inputs," \
			"$(find "$folder/corpus/$name" -type f | wc -l) kept"
	else
		echo "FAILED: $name: see $folder/$name.log"
		tail -n 40 "$folder/$name.log"
		failed="$failed $name"
	fi
done
[ -z "$failed" ]
