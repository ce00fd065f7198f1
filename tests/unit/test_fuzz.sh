#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# A short run of each fuzzer, the same each time. `make fuzz` runs longer, and elsewhere each time.
set -u
build=${BUILD:-build}
clang=${CLANG:-clang}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

echo 'int LLVMFuzzerTestOneInput(const char *d, long n); int LLVMFuzzerTestOneInput(const char *d, long n) { return d && n ? 0 : 0; }' >"$work/none.c"
if ! "$clang" -fsanitize=fuzzer,address "$work/none.c" -o "$work/none" >"$work/log" 2>&1; then
	echo "skipped: $clang cannot link libFuzzer: $(tail -n 1 "$work/log")"
	exit 77
fi
make -s BUILD="$build" SANITIZE= fuzz-programs || exit 1
sh tests/fuzz/run.sh "$build/fuzz" "$work/corpus" -seed=1 -runs=2000
