#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# make-verified.sh FOLDER: prints the table verified.txt from the logs that test_kernels.sh left.
set -eu

folder=$1
here=$(dirname "$0")
set -- $(awk '$2 == "x86_64" && $3 == "archive" { print $1 }' "$here/../vm/kernels.txt")

cat <<-END
	# SPDX-License-Identifier: BSD-2-Clause
	# Instructions that each kernel's verifier walks through, of 1,000,000 at most, and bytes of stack.
	# "/888" is of all functions of the program together; "/432max", which kernels say from 7.3 on, of
	# the deepest chain of calls, for which 512 is the limit. "-": refused.
	# Made by \`make verified-table\` with Debian 12's clang 14 after a review of what changed.
	#
END
for series; do
	awk -f "$here/rows.awk" "$folder/$series/test.log" | sed -n "s/^load /$series /p"
done | awk -v all="$*" '
{
	name = $2 "\t" $3 "\t" $4
	if (!(name in row))
		names[++n] = name
	row[name] = row[name] "\t" $5
}
END {
	gsub(" ", "\t", all)
	print "# object\tprogram\tvariant\t" all
	for (i = 1; i <= n; i++)
		print names[i] row[names[i]]
}' | expand -t 34,56,70,82,94,106
