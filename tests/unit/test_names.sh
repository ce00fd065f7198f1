#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# No string names a program outside its module: whoever is not the module asks the list of types.
set -u
cd "$(dirname "$0")/../.." || exit 1
names=$(sed -n 's/^	&program_\(.*\),$/\1/p' core/programs/programs.c)
if [ "$(echo "$names" | wc -l)" -lt 7 ]; then
	echo "the list of programs is not found"
	exit 1
fi
status=0
for name in $names; do
	# The names of maps ("xdp_counters") and of settings' files are other words.
	found=$(grep -rnE "\"[^\"]*\b$name\b[^\"]*\"" core tui cli --include='*.c' --include='*.h' |
		grep -vE "^core/programs/$name(_[a-z]+)?\.[ch]:" | grep -vE ':[0-9]+:#include ')
	[ -z "$found" ] && continue
	echo "strings name $name outside its module:"
	echo "$found"
	status=1
done
exit "$status"
