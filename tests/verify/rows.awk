# SPDX-License-Identifier: BSD-2-Clause
# Turns what `x0top programs verify` prints into the rows of the two tables:
#   OBJECT elf|licence|btf|maps|section|function WHAT INSTRUCTIONS RELOCATIONS
#   load OBJECT PROGRAM VARIANT INSTRUCTIONS/STACK
# "-" is what does not apply, or, in a load, a program that the kernel refused.

function word(text)
{
	sub(/^ +/, "", text)
	gsub(" ", "_", text)
	return text == "" ? "-" : text
}

/^[^ ].*: good$/ {
	object = $0
	sub(/: good$/, "", object)
	sub(/.*\//, "", object)
	sub(/\.bpf\.o$/, "", object)
}

/^  .* ELF for / {
	split($0, fact, ", ")
	licence = fact[2]
	sub(/^licence /, "", licence)
	btf = fact[7]
	sub(/ of [0-9]+ types/, "", btf)
	print object, "elf", word(fact[1]), "-", "-"
	print object, "licence", word(licence), "-", "-"
	print object, "btf", word(btf), "-", "-"
	print object, "maps", fact[6] + 0, "-", "-"
}

/^  section / {
	print object, "section", $2, $3, $5
}

/^  function / {
	print object, "function", $2, $3, "-"
}

# "this kernel: PROGRAM N verified, stack N bytes at the deepest, VARIANT", or
# "this kernel: PROGRAM refused, VARIANT".
/^  this kernel: / {
	n = split($0, fact, ", ")
	loads = $4 ~ /^[0-9]/
	variant = n > (loads ? 2 : 1) ? fact[n] : ""
	value = "-"
	if (loads) {
		split(fact[2], stack, " ")
		value = $4 "/" stack[2] (fact[2] ~ /deepest/ ? "max" : "")
	}
	print "load", object, $3, word(variant), value
}
