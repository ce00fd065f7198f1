# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=sh
# Objects of programs as another version would have them. For a script in a working directory of its own, with fail();
# it sources this in the folder of x0top's sources.
tree=$(pwd) build=$(realpath "${BUILD:-build}")

# object FILE NAME CHANGE...: builds the object of a program from the sources, as each CHANGE, SOURCE:EXPRESSION of
# sed, changes them.
object() {
	file=$1 name=$2
	shift 2
	rm -rf sources && cp -r "$tree/bpf" sources
	for change; do
		sed -i -E "${change#*:}" "sources/${change%%:*}"
		cmp -s "sources/${change%%:*}" "$tree/bpf/${change%%:*}" && fail "$change changes nothing"
	done
	sed -e "s|-Ibpf/include -Ibpf -I[^ ]*|-Isources/include -Isources -I$build/bpf|" -e 's/^ccache //' \
		"$build/bpf/flags" >flags
	# shellcheck disable=SC2046 # words
	$(cat flags) -c "sources/$name.bpf.c" -o "$file" || fail "building $file"
	llvm-strip -g "$file" 2>/dev/null
}
