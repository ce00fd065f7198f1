#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Prints an assembler file that holds the given BPF objects and a table of them, as
# kernel/object.h declares it: { name, begin, end } for each, and an empty entry at the end.
set -eu

echo '	.section .rodata'
for object; do
	name=$(basename "$object" .bpf.o)
	printf '\t.balign 8\nobject_%s:\n\t.incbin "%s"\nobject_%s_end:\n' "$name" "$object" "$name"
	printf 'name_%s:\n\t.asciz "%s"\n' "$name" "$name"
done
printf '\t.section .data.rel.ro,"aw"\n\t.balign 8\n\t.global objects_embedded\nobjects_embedded:\n'
for object; do
	name=$(basename "$object" .bpf.o)
	printf '\t.quad name_%s, object_%s, object_%s_end\n' "$name" "$name" "$name"
done
printf '\t.quad 0, 0, 0\n\t.section .note.GNU-stack,"",%%progbits\n'

# The linker drops the note that all branches are checked unless every object has it.
cat <<'END'
#ifdef __x86_64__
	.section .note.gnu.property,"a"
	.balign 8
	.long 4, 16, 5
	.asciz "GNU"
	.long 0xc0000002, 4, 3, 0
#endif
END
