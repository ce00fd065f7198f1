#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# The documents say what the program does: the manual page is well formed, the completion has every
# option and subcommand, what the README and the manual show works, and no link is broken.
set -u

x0top=${X0TOP:-./x0top}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0

# check WHAT COMMAND...: runs a command that must succeed and print nothing.
check() {
	what=$1
	shift
	if "$@" >"$work/output" 2>&1 && [ ! -s "$work/output" ]; then
		echo "ok: $what"
		return
	fi
	echo "FAILED: $what"
	cat "$work/output"
	failed=1
}

markdown() {
	find . -name '*.md' -not -path './build/*' -not -path './.git/*'
}

# --- the manual ------------------------------------------------------------------------------------

lint_groff() {
	for page in man/*.[78]; do
		LC_ALL=C.UTF-8 MANWIDTH=80 man --warnings -E UTF-8 -l "$page" >/dev/null
	done
}

lint_mandoc() {
	mandoc -T lint -W warning man/*.[78]
}

if command -v man >/dev/null; then
	check 'man has no warning for the manual' lint_groff
else
	echo 'man is not installed: not linted by it'
fi
if command -v mandoc >/dev/null; then
	check 'mandoc has no warning for the manual' lint_mandoc
else
	echo 'mandoc is not installed: not linted by it'
fi

# Each thing that the threat model says an attacker cannot do is followed by the tests that try it.
threats_have_tests() {
	awk '
		/^\.Ss What he cannot do/ { inside = 1; next }
		/^\.Ss/ { inside = 0 }
		!inside { next }
		/^\.It|^\.El/ { if (open && !tests) print "no test: " text; open = /^\.It/; tests = 0; text = "" }
		/^\.\\" test: / { tests++; print substr($0, 11) > tried; next }
		open && text == "" && !/^\./ { text = $0 }
	' tried="$work/tried" man/x0top-pqc.7
	[ "$(wc -l <"$work/tried")" -ge 10 ] || echo 'the threat model names hardly any tests'
	while IFS=: read -r file name; do
		grep -qE "^static void $name\(void \*\*state\)$" "$file" 2>/dev/null &&
			grep -qE "(cmocka_unit_test|cmocka_unit_test_setup|TEST|test)\($name[,)]" "$file" || echo "no such test: $file:$name"
	done <"$work/tried"
}

check 'each threat has its tests' threats_have_tests

# --- the configuration files -----------------------------------------------------------------------

# The options are read before the version is printed, so this reads the file and starts nothing.
accepts() {
	"$x0top" --config "$1" --version >/dev/null
}

refuses() {
	! accepts "$1" 2>/dev/null
}

sed -n '/^An example:/,/^\.Ed/p' man/x0top.8 | sed -e '/^\./d' -e '1d' >"$work/example.yaml"
check 'the example in the manual is not empty' [ -s "$work/example.yaml" ]
check 'x0top reads the example in the manual' accepts "$work/example.yaml"
check 'x0top reads man/x0top.yaml.example' accepts man/x0top.yaml.example
sed 's/^interval:.*/interval: never/' "$work/example.yaml" >"$work/wrong.yaml"
check 'x0top refuses the example with a mistake in it' refuses "$work/wrong.yaml"

classes_agree() {
	sed -n '/^\.Sh TRAFFIC CLASSES/,/^\.Ed/p' man/x0top.8 | sed '1,/^\.Bd/d; /^\.Ed/d' >"$work/classes"
	"$x0top" classes | diff "$work/classes" -
}
check 'the manual has the table of traffic classes' classes_agree

# What a type's newest kernel says in the table that test_link_types tests; rows as the manual has them.
attaching() {
	awk '/^[0-9]/ && !/not watched/ {
		sub(/ \|.*/, "")
		what = $0
		sub(/^[^ ]+ +[^ ]+ +[^ ]+ +/, "", what)
		if (what ~ /^it: rx-lro off/)
			what = "LRO off"
		if (what ~ /^peer: .*segmentation off.* MTU [0-9]+ at most/)
			what = "peer: TSO off, MTU limited"
		cell[$2, $3] = what
		link[$2]
	}
	END {
		for (name in link)
			print ".It " name " Ta " cell[name, "TC"] " Ta " cell[name, "generic"] " Ta " cell[name, "native"]
	}' tests/integration/attach-table.txt | sort
}
attaching_agrees() {
	attaching >"$work/attaching"
	sed -n '/^\.Ss What attaching changes/,/^\.El/p' man/x0top.8 | grep '^\.It [a-z]' | sort |
		diff - "$work/attaching"
}
check 'the manual has the table of what attaching changes' attaching_agrees

# --- the completion --------------------------------------------------------------------------------

"$x0top" --help >"$work/help"

# completions WORD...: what the completion offers for the last word, one a line, sorted.
completions() {
	X0TOP=$x0top bash -c '
		source completion/x0top.bash
		COMP_WORDS=("$X0TOP" "$@")
		COMP_CWORD=$#
		_x0top
		[ ${#COMPREPLY[@]} -eq 0 ] || printf "%s\n" "${COMPREPLY[@]}"' _ "$@" | sort
}

# offers EXPECTED WORD...: the completion offers exactly these words.
offers() {
	printf '%s\n' "$1" | tr ' ' '\n' | sort >"$work/expected"
	shift
	completions "$@" >"$work/offered"
	diff "$work/expected" "$work/offered"
}

# usage COMMAND...: the words that may follow a command, from the usage lines of its help.
usage() {
	"$@" --help | sed -n "s/ | /|/g; s/^\(Usage:\|      \) ${*##*/} \([a-z|]*\).*/\2/p" | tr '|' '\n' |
		grep . | sort -u | tr '\n' ' '
}

options=$(sed -n 's/^  *\(-[^ ,]*\)\(, --[a-z-]*\)\{0,1\}.*/\1\2/p' "$work/help" | tr ',\n' '  ' | tr -s ' ')
options=${options% }
commands=$(usage "$x0top")
# What the help of rules has: its commands, and its options.
rules=$({ "$x0top" rules --help && echo --help; } |
	sed -n 's/^  x0top rules \([a-z-]*\) .*/\1/p; /^Usage:/p; /^--help/p' |
	grep -oE '^[a-z][a-z-]*|--[a-z-]+' | sort -u | tr '\n' ' ')
keys=$(usage "$x0top" keys)
programs=$(usage "$x0top" programs)
bench=$(usage "$x0top" bench)
check 'the help names options' [ "$(echo "$options" | wc -w)" -gt 10 ]
check 'the help names subcommands' [ "$(echo "$commands" | wc -w)" -ge 3 ]
check 'every option is completed' offers "$options" -
check 'every option is completed behind lab' offers "$options" lab -
check 'every subcommand is completed' offers "$commands$options" ''
check 'help: every subcommand is completed' offers "${commands% }" help ''
check 'rules: every word is completed' offers "${rules% }" rules ''
check 'keys: every word is completed' offers "$keys--help" keys ''
check 'keys: every option of verify is completed' offers \
	"$("$x0top" keys --help | grep -A 1 ' keys verify ' | grep -o -- '--[a-z]*' | tr '\n' ' ')--verbose" \
	keys verify -
check 'programs: every word is completed' offers "$programs--help" programs ''
check 'bench: every word is completed' offers "$bench--help" bench ''
check 'bench: every option is completed' offers \
	"$("$x0top" bench --help | grep ' bench pqc ' | grep -o -- '--[a-z]*' | tr '\n' ' ' | sed 's/ $//')" \
	bench pqc -
check 'classes: every option is completed' offers "$("$x0top" classes --help | sed -n 1p |
	grep -o -- '--[a-z]*' | tr '\n' ' ')--help" classes -
check 'rules add: actions' offers 'count drop limit off pass' rules add ''
check 'rules --config: behind a file' offers 'count drop limit off pass' rules --config file add ''
check 'programs down: its option' offers '--config' programs down ''
conditions='from to mac tcp udp proto port sport ethertype vlan in'
notes='burst for until origin comment'
check 'rules add drop: conditions and notes' offers \
	"$conditions unreadable arp nd dhcp all $notes" rules add drop ''
check 'rules insert: behind its number' offers 'count drop limit off pass' rules insert 3 ''
check 'rules change: behind off' offers 'count drop limit pass' rules change 3 off ''
check 'rules add: interfaces' offers lo rules add drop in lo
check 'rules add: origins' offers 'feed file mapek operator' rules add drop all origin ''
check 'rules check: a packet' offers "$conditions pcap" rules check ''
check 'rules check in: interfaces' offers lo rules check in lo
check 'rules check pcap: files' offers README.md rules check in lo pcap READ
check 'rules load: files' offers README.md rules load READ
check 'rules policy' offers 'drop pass' rules policy ''
check 'rules only-neighbours' offers 'off on' rules only-neighbours ''
check 'rules undo: nothing follows' [ -z "$(completions rules undo '')" ]
check 'sets: every word is completed' offers "list show test $("$x0top" help verbs |
	sed -n 's/^ *set \([a-z]*\).*/\1/p' | tr '\n' ' ')--config --confirm-within --help --json --kind --yes" sets ''
check 'sets load: files' offers README.md sets load a READ
check 'sets load: kinds' offers 'macs nodes ports prefixes' sets load a b ''
check 'sets feed: a list of sources' offers 'kernel,signed' sets feed a kernel,si
check 'sets feed: kinds' offers 'macs nodes ports prefixes' sets feed a kernel ''
check 'modes' offers 'native' --xdp-mode n
check 'modes behind =' offers 'native' --xdp-mode = n
check 'programs' offers 'xdp_counter xdp_mesh_filter xdp_pqc_verify' --only xdp
check 'interfaces' offers lo -i lo
check 'lists of system calls' offers 'read,writev' --syscalls read,writev

# --- the Markdown ----------------------------------------------------------------------------------

# Each "make TASK" is a target of the Makefile or of a file that it includes.
tasks_exist() {
	markdown | xargs grep -ohE '`(sudo )?make [a-z-]+|^ +(sudo )?make [a-z-]+' |
		sed 's/.*make //' | sort -u >"$work/tasks"
	[ -s "$work/tasks" ] || echo 'no task is named'
	while read -r task; do
		grep -qE "^([a-z-]+ )*$task( [a-z-]+)*:" Makefile ./*/*.mk ./*/*/*.mk 2>/dev/null ||
			echo "make $task: no such target"
	done <"$work/tasks"
}

# Each option that stands on a line with x0top is one of x0top's.
options_exist() {
	markdown | xargs grep -hE '(^|[^a-z])x0top( |$)' | grep -oE '(^|[ `])--[a-z-]+' | tr -d ' `' |
		sort -u >"$work/used"
	{ cat "$work/help" && "$x0top" help rules; } >"$work/helps"
	while read -r option; do
		grep -qE -- "$option( |\$)" "$work/helps" || echo "$option: no such option"
	done <"$work/used"
}

# Links and pictures that are no addresses are files.
links_exist() {
	markdown | while read -r document; do
		{
			grep -oE '\]\([^)]+\)' "$document" | sed 's/^](//; s/)$//'
			grep -oE '(src|href)="[^"]+"' "$document" | sed 's/^[a-z]*="//; s/"$//'
		} | sed 's/#.*//' | grep -vE '^[a-z]+:|^$' | while read -r link; do
			[ -e "$(dirname "$document")/$link" ] || echo "$document: $link does not exist"
		done
	done
}

# The README's table has each package that a build on Debian installs.
packages_are_named() {
	sh packages.sh --list build | xargs printf '%s\n' | sed 's/^clang-[0-9]*$/clang/' |
		while read -r package; do
			grep -qE "^\|( [^|]*)? ?$package[ |]" README.md || echo "README.md lacks $package"
		done
}

# Each folder that holds sources is in ARCHITECTURE.md.
folders_are_named() {
	for folder in */ core/*/ bpf/*/ tests/*/; do
		case $folder in
		build/) ;;
		*) grep -qF "$(basename "$folder")/" ARCHITECTURE.md || echo "ARCHITECTURE.md lacks $folder" ;;
		esac
	done
}

# Each path in ARCHITECTURE.md is there; N and P stand for names, and core/ may be left out.
paths_exist() {
	grep -oE '`[a-z_]+/[A-Za-z_/.]+\.([ch]|sh|txt|json|\[ch\])`' ARCHITECTURE.md | tr -d '`' |
		grep -vE '(^|[/_])[NP][._]' | sed 's/\[ch\]$/c/' | sort -u |
		while read -r path; do
			[ -e "$path" ] || [ -e "core/$path" ] || echo "ARCHITECTURE.md: there is no $path"
		done
}

check 'the README names the packages' packages_are_named
check 'paths in ARCHITECTURE.md exist' paths_exist
check 'ARCHITECTURE.md names the folders' folders_are_named
check 'there is a README' [ -s README.md ]
check 'make targets in the Markdown exist' tasks_exist
check 'options in the Markdown exist' options_exist
check 'links in the Markdown lead somewhere' links_exist
exit "$failed"
