#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# make-verified.sh FOLDER: prints the table verified.txt from the logs that test_kernels.sh left.
set -eu

folder=$1
here=$(dirname "$0")
set -- $(awk '$2 == "archive" { print $1 }' "$here/kernels.txt")

cat <<-END
	# SPDX-License-Identifier: BSD-2-Clause
	# Instructions that each kernel's verifier walks through; the limit is 1,000,000. "-": refused.
	# Made by \`make verified-table\` with Debian 12's clang 14 after a review of what changed.
	#
END
for series; do
	sed -n "s/^trial /$series /p" "$folder/$series/test.log"
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
}' | expand -t 34,54,68,76,84,92
