#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# The comparisons with the tables of objects and of verified instructions find what they are for.
set -u

here=$(dirname "$0")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failures=0
n=0

cat >"$work/verified" <<-END
	# object	program	variant	5.10	6.1	7	5.10/arm
	one	enter	-	-	100/16	200/32max	10/16
	one	exit	LRU	1000/24	1000/24	1500/32max	-
END
cat >"$work/objects" <<-END
	# object	what	name	instructions	relocations
	one	elf	64-bit_ELF_for_BPF	-	-
	one	licence	"GPL"	-	-
	one	btf	BTF_with_line_information	-	-
	one	maps	2	-	-
	one	section	xdp	100	10
	one	function	enter	100	-
	two	maps	9	-	-
END

check() # STATUS TEXT COMMAND...: which gets $work/report as its last argument
{
	wanted=$1 text=$2
	shift 2
	output=$(sh "$@" "$work/report" 2>&1)
	status=$?
	n=$((n + 1))
	case "$status $output" in
	"$wanted "*"$text"*) return ;;
	esac
	echo "FAILED: status $status, '$output', not $wanted, '$text', for:"
	cat "$work/report"
	failures=$((failures + 1))
}

# --- verified instructions

verified() # STATUS TEXT SERIES PROGRAM...
{
	wanted=$1 text=$2 machine=${3%/*} series=${3#*/}
	shift 3
	{
		printf 'build/bpf/one.bpf.o: good\n'
		[ $# -eq 0 ] || printf '  this kernel: %s\n' "$@"
	} >"$work/report"
	check "$wanted" "$text" "$here/check-verified.sh" "$work/verified" "$machine" "$series"
}

exit='exit 1000 verified, stack 24 bytes in all functions, LRU'
enter='enter 100 verified, stack 16 bytes in all functions'
verified 0 '2 programs' 6.1 "$enter" "$exit"
verified 0 '2 programs' 5.10 'enter refused' "$exit"
verified 1 'exit LRU: refused' 6.1 "$enter" 'exit refused, LRU'
verified 0 '2 programs' 7 'enter 250 verified, stack 56 bytes at the deepest' "$exit"
verified 1 'does not expect' 5.10 "$enter" "$exit"
verified 1 'enter -: refused' 6.1 'enter refused' "$exit"
verified 1 'enter -: refused' 6.1 'enter not asked' "$exit"
verified 1 'the table says 200' 7 'enter 267 verified, stack 32 bytes at the deepest' "$exit"
verified 1 'stack, the table says 32' 7 'enter 200 verified, stack 57 bytes at the deepest' "$exit"
verified 1 'was not verified' 6.1 "$exit"
verified 1 'was not verified' 6.1
verified 1 'not in the table' 6.1 "$enter" "$exit" 'exit 9 verified, stack 9 bytes in all functions'

# A column of one machine alone.
verified 0 'for 5.10/arm' arm/5.10 'enter 10 verified, stack 16 bytes in all functions' 'exit refused, LRU'
verified 1 'enter -: refused' arm/5.10 'enter refused' 'exit refused, LRU'
verified 1 'exit LRU: loads' arm/5.10 'enter 10 verified, stack 16 bytes in all functions' "$exit"
verified 0 'for 6.1' arm/6.1 "$enter" "$exit"

# Between the kernels of the table, before and after them.
verified 0 'for 6.1 and 7' 6.12 "$enter" "$exit"
verified 0 'for 6.1 and 7' 6.5 "$enter" 'exit 1891 verified, stack 24 bytes in all functions, LRU'
verified 1 'the table says 1500' 6.5 "$enter" 'exit 1892 verified, stack 24 bytes in all functions, LRU'
verified 0 'for 5.10 and 6.1' 5.15 'enter refused' "$exit"
verified 0 'for 5.10 and 6.1' 5.15 "$enter" "$exit"
verified 1 'the table says 100' 5.15 'enter 142 verified, stack 16 bytes in all functions' "$exit"
verified 0 'for 7' 7.4 "$enter" "$exit"
verified 0 'for 5.10' 5.4 'enter refused' "$exit"

# --- objects

objects() # STATUS TEXT SED-SCRIPT: of a report that is as the table says, with this change
{
	sed "$3" >"$work/report" <<-'END'
		build/bpf/one.bpf.o: good
		  64-bit ELF for BPF, licence "GPL", 9 sections, 9 symbols, 9 relocations, 2 maps, BTF of 5 types with line information
		  section xdp    100 instructions, 10 relocations
		  function enter    100 instructions
		  this kernel: enter    100 verified, stack 16 bytes in all functions
	END
	check "$1" "$2" "$here/check-objects.sh" "$work/objects"
}

objects 0 '' ''
objects 0 '' 's/xdp    100/xdp 141/; s/10 relocations/28 relocations/'
objects 1 'elf 32-bit_ELF_for_BPF: not in the table' 's/64-bit/32-bit/'
objects 1 'licence "Proprietary": not in the table' 's/"GPL"/"Proprietary"/'
objects 1 'btf BTF: not in the table' 's/ with line information//'
objects 1 'maps 3: not in the table' 's/2 maps/3 maps/'
objects 1 '142 instructions, the table says 100' 's/xdp    100/xdp 142/'
objects 1 '29 relocations, the table says 10' 's/10 relocations/29 relocations/'
objects 1 'section xdp: in the table, but not in the object' 's/section xdp/section tc/'
objects 1 'function enter: in the table, but not in the object' '/function/d'
objects 1 'function exit: not in the table' 's/function enter/function exit/'
objects 1 'no report' 'd'

[ $failures = 0 ] || exit 1
echo "tables: $n comparisons as they should be"
