#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# The objects are what the tables of tests/verify say, which `make verify` compares.
set -u
build=${BUILD:-build}
sh tests/verify/verify.sh "$build"/bpf/*.bpf.o >"$build/verify.log" 2>&1 && exit 0
grep '^verif' "$build/verify.log"
echo "FAILED: the tables differ: review what changed, then make objects-table, or make verified-table"
exit 1
