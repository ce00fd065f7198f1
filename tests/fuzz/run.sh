#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# run.sh FOLDER CORPUS OPTION...: runs each fuzzer of the folder with these options of libFuzzer. The
# inputs that it found to take new paths are kept in CORPUS, and the next run goes on from there.
# EXECUTIONS, if set, is how many inputs are tried at least: it goes on in rounds until then.
set -eu

folder=$1 corpora=$2
shift 2
failed= total=0

# The types of an object with a map of each kind; prints the name of the file.
types()
{
	llvm-objcopy --dump-section ".BTF=$folder/types.btf" "$folder/../tests/plugins/maps.bpf.o" /dev/null >&2
	echo "$folder/types.btf"
}

fuzz() # PROGRAM OPTION...
{
	program=$1
	shift
	name=${program##*/fuzz_}
	case $name in
	settings) options='-max_len=4096 -seed_inputs=man/x0top.yaml.example' ;;
	policy) options='-max_len=4096 -seed_inputs=tests/unit/recordings/attacks.yaml' ;;
	json | changes | terse | fleet) options='-max_len=65536 -len_control=0' ;;
	message | peer) options='-max_len=8192 -len_control=0' ;;
	object) options="-max_len=32768 -len_control=0 -seed_inputs=$folder/../bpf/xdp_root.bpf.o" ;;
	plugin) options="-max_len=32768 -len_control=0 -seed_inputs=$folder/../tests/plugins/before.bpf.o" ;;
	btf) options="-max_len=16384 -len_control=0 -seed_inputs=$(types)" ;;
	lines) options='-max_len=256' ;;
	*) options='-max_len=4096' ;;
	esac
	# Each that looks like one is tried by a process of its own.
	fewer=
	case $name,$* in
	plugin,*-runs=*) fewer=-runs=300 ;;
	esac
	mkdir -p "$corpora/$name"
	# shellcheck disable=SC2086 # a list of words
	if "$program" -timeout=10 -print_final_stats=1 $options "$@" $fewer \
		-artifact_prefix="$folder/$name." "$corpora/$name" >"$folder/$name.log" 2>&1; then
		tried=$(sed -n 's/^stat::number_of_executed_units: *//p' "$folder/$name.log")
		total=$((total + tried))
		echo "ok: $name: $tried inputs, $(find "$corpora/$name" -type f | wc -l) kept"
	else
		echo "FAILED: $name: see $folder/$name.log"
		tail -n 40 "$folder/$name.log"
		failed="$failed $name"
	fi
}

round() # OPTION...
{
	for program in "$folder"/fuzz_*; do
		fuzz "$program" "$@"
	done
}

round "$@"
while [ -z "$failed" ] && [ "$total" -lt "${EXECUTIONS:-0}" ]; do
	round "$@"
done
echo "$total inputs tried"
[ -z "$failed" ]
