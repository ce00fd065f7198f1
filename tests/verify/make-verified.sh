#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# make-verified.sh BUILD: prints the table verified.txt from the logs that test_kernels.sh left: of the
# x86_64 kernels that it boots, which the others are held to as well, and of those that differ.
set -eu

build=$1
here=$(dirname "$0")
set -- $(awk '$2 == "x86_64" && ($3 == "archive" || $3 == "kernels") { print $1 } $3 == "named" { print $1 "/" $2 }' "$here/../vm/kernels.txt")

folder_of() # SERIES[/MACHINE]
{
	machine=x86_64
	[ "${1#*/}" = "$1" ] || machine=${1#*/}
	[ "$machine" = "$(uname -m)" ] || machine_folder=/$machine-linux-gnu
	echo "$build${machine_folder:-}/vm/${1%/*}"
}

for series; do
	[ -r "$(folder_of "$series")/test.log" ] || {
		echo "There is no log of kernel $series. Boot it: make test-kernels KERNELS=${series%/*}" >&2
		exit 1
	}
done
cat <<-END
	# SPDX-License-Identifier: BSD-2-Clause
	# Instructions that each kernel's verifier walks through, of 1,000,000 at most, and bytes of stack.
	# "/888" is of all functions of the program together; "/432max", which kernels say from 7.3 on, of
	# the deepest chain of calls, for which 512 is the limit. "-": refused.
	# A column with a machine is for that alone, where it differs; the others are for both.
	# Made by \`make verified-table\` with Debian 12's clang 14 after a review of what changed.
	#
END
for series; do
	awk -f "$here/rows.awk" "$(folder_of "$series")/test.log" | sed -n "s|^load |$series |p"
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
}' | expand -t 34,56,70,82,94,106,120
