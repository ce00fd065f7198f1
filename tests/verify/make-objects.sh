#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# make-objects.sh FOLDER: prints the table objects.txt from the reports that verify.sh left.
set -eu

here=$(dirname "$0")
cat <<-END
	# SPDX-License-Identifier: BSD-2-Clause
	# What is in each object: its sections with code, and its global functions, which are its programs and
	# what they call. Made by \`make objects-table\` with Debian 12's clang 14 after a review of what changed.
	#
END
{
	echo '# object what name instructions relocations'
	for report in "$1"/*.txt; do
		awk -f "$here/rows.awk" "$report" | grep -v '^load '
	done
} | sed 's/^# object/#object/; s/ /\t/g; s/^#object/# object/' | expand -t 34,46,84,100
