#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Runs test programs under valgrind: no invalid access, no jump on what nobody has written, no leak.
set -u

logs=${BUILD:-build}/valgrind
passed=0 failed=0
mkdir -p "$logs"
for test; do
	name=$(basename "$test")
	start=$(date +%s)
	if valgrind --quiet --error-exitcode=99 --leak-check=full --errors-for-leak-kinds=definite \
		--track-fds=no --child-silent-after-fork=yes "$test" >"$logs/$name.log" 2>&1; then
		passed=$((passed + 1))
		result=passed
	else
		failed=$((failed + 1))
		result=FAILED
	fi
	printf '%-36s %s %4d s\n' "$name" $result $(($(date +%s) - start))
	[ $result = passed ] || grep -vE '^\[ *(RUN|OK) *\]' "$logs/$name.log" | tail -n 40
done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
