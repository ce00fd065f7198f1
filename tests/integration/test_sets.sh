#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Sets of mesh rules by the command line, as real packets from a namespace meet them.
set -u
# shellcheck source=tests/lib/host.sh
. "$(dirname "$0")/../lib/host.sh"
# shellcheck source=tests/lib/mesh_peer.sh
. "$(dirname "$0")/../lib/mesh_peer.sh"
x0top=${X0TOP:-./x0top}
work=/run/work
mkdir "$work"
ip netns add peer
ip link add x0sets type veth peer name x0peer netns peer
ip addr add 10.9.0.1/24 dev x0sets && ip link set x0sets up
for i in 2 3 4 5; do ip netns exec peer ip addr add "10.9.0.$i/24" dev x0peer; done
ip netns exec peer ip link set x0peer up
"$x0top" --once --enforce --only xdp_mesh_filter -i x0sets >"$work/enforce" 2>&1 ||
	fail "enforcing: $(cat "$work/enforce")"

passes() {
	reaches "$1" || reaches "$1" || fail "$2: $1 is dropped"
}

drops() {
	reaches "$1" && fail "$2: $1 passes"
}

# refused WHAT SENTENCE: the last command failed, and said this.
refused() {
	grep -qF "$2" "$work/err" || fail "$1: $(cat "$work/err")"
}

passes 10.9.0.2 'without a rule'

# --- a file, and a rule that names the set
cat >"$work/list" <<'END'
; a list as they come
10.9.0.2 ; SBL1
10.9.0.2/32	# again
10.9.0.4-10.9.0.5
2001:db8::/32
192.0.2.0/24
192.0.2.7
END
rules add drop from @blocked && fail 'a rule names a set that is not there'
refused 'a rule without its set' 'There is no set @blocked'
sets load blocked "$work/list" || fail "loading: $(cat "$work/err")"
grep -q '6 elements read' "$work/out" || fail "what was read: $(cat "$work/out")"
sets list || fail "listing: $(cat "$work/err")"
grep -qE '^blocked +prefixes +4 +file +/run/work/list$' "$work/out" || fail "the list: $(cat "$work/out")"
rules add drop from @blocked || fail "a rule that names a set: $(cat "$work/err")"
drops 10.9.0.2 'in the set'
drops 10.9.0.5 'in a range of the set'
passes 10.9.0.3 'not in the set'

# --- one element finds itself
sets test blocked 192.0.2.99 || fail "test: $(cat "$work/err")"
grep -q 'by its element 192.0.2.0/24' "$work/out" || fail "by which element: $(cat "$work/out")"
sets test blocked 192.0.3.99 && fail 'a set holds what it does not'
sets --json test @blocked 10.9.0.5 && [ "$(jq -r .element "$work/out")" = 10.9.0.4/31 ] ||
	fail "JSON of test: $(cat "$work/out" "$work/err")"
sets show blocked 2001 && [ "$(cat "$work/out")" = 2001:db8::/32 ] || fail "search: $(cat "$work/out")"
[ "$(sets --json list; jq -r '.[0].elements' "$work/out")" = 4 ] || fail "JSON: $(cat "$work/out")"

# --- single elements; a set that is named stays
sets add blocked 10.9.0.3 || fail "adding: $(cat "$work/err")"
drops 10.9.0.3 'an element that was added'
sets remove blocked 10.9.0.2 || fail "removing: $(cat "$work/err")"
passes 10.9.0.2 'an element that was removed'
sets remove blocked 10.9.0.2 && fail 'an element is removed twice'
refused 'no such element' 'has no element 10.9.0.2'
sets delete blocked && fail 'a set that a rule names is deleted'
refused 'a set in use' 'Mesh rule 0 names the set @blocked'

# --- a wrong line changes nothing, and is named
printf '10.9.0.3\n# so far\n   10.9.0.4 x\n  10.9.0.300\n' >"$work/wrong"
sets load blocked "$work/wrong" && fail 'a wrong file is loaded'
refused 'a wrong line' "$work/wrong, line 4, column 3: \"10.9.0.300\""
printf '10.9.0.3\n\033[2Jx\n' >"$work/wrong"
sets load blocked "$work/wrong" && fail 'a file with escapes is loaded'
refused 'escapes' "$work/wrong, line 2, column 1: Byte 1 of an element is no printable ASCII"
sets load blocked /dev/zero && fail 'a device is loaded'
refused 'a device' 'Cannot read the set /dev/zero'
drops 10.9.0.3 'after files that were refused'
passes 10.9.0.2 'after files that were refused'
sets load ports "$work/list" --kind ports && fail 'addresses are ports'
printf '22\n20-25\n80\n' >"$work/ports"
sets load ports "$work/ports" || fail "ports: $(cat "$work/err")"
rules add drop from @ports && fail 'addresses are looked for among ports'
refused 'the wrong kind' 'The set @ports holds ports'

# --- another file in its place; another x0top; off and on
echo 10.9.0.4 >"$work/other"
sets load blocked "$work/other" || fail "replacing: $(cat "$work/err")"
drops 10.9.0.4 'in the new set'
passes 10.9.0.3 'not in the new set'
rules off 0 || fail "off: $(cat "$work/err")"
passes 10.9.0.4 'a rule that is off'
rules list && grep -qE '^ +0 +off ' "$work/rules" || fail "listed as on: $(cat "$work/rules")"
sets add blocked 10.9.0.5 || fail "adding while off: $(cat "$work/err")"
passes 10.9.0.5 'still off'
rules on 0 || fail "on: $(cat "$work/err")"
drops 10.9.0.5 'on again'
"$x0top" --once --only xdp_mesh_filter -i x0sets >/dev/null 2>&1
sets list && grep -q '^blocked .* 2 ' "$work/out" || fail "after another x0top: $(cat "$work/out")"
drops 10.9.0.4 'after another x0top'

# --- a change that would cut the operator's own connection asks, and can be undone
operator() {
	SSH_CONNECTION='10.9.0.3 40000 10.9.0.1 22' timeout 60 "$x0top" "$@" >"$work/out" 2>"$work/err"
}
operator sets add blocked 10.9.0.3 && fail 'the operator is cut off without a yes'
refused 'a set that cuts' 'drops your own SSH connection from 10.9.0.3'
passes 10.9.0.3 'what was refused'
echo 10.9.0.0/24 >"$work/wide"
operator sets load blocked "$work/wide" && fail 'a file cuts the operator off without a yes'
operator sets --yes add blocked 10.9.0.3 || fail "with a yes: $(cat "$work/err")"
drops 10.9.0.3 'with a yes'
operator rules undo || fail "undo: $(cat "$work/err")"
passes 10.9.0.3 'after undo'

# --- size: 100,000 elements; more than there is room for
seq 0 99999 | awk '{ printf "11.%d.%d.%d\n", $1 / 65536, $1 / 256 % 256, $1 % 256 }' >"$work/many"
echo 10.9.0.2 >>"$work/many"
sets load blocked "$work/many" || fail "many: $(cat "$work/err")"
drops 10.9.0.2 'among 100,000'
passes 10.9.0.4 'among 100,000'
seq 0 299999 | awk '{ printf "11.%d.%d.%d\n", $1 / 65536, $1 / 256 % 256, $1 % 256 }' >"$work/toomany"
sets load more "$work/toomany" && fail 'too many elements are loaded'
refused 'too many' 'A set holds at most 262144 elements'
drops 10.9.0.2 'after too many were refused'
rules delete 0 && sets delete blocked && sets delete ports || fail "deleting: $(cat "$work/err")"
sets list && [ "$(wc -l <"$work/out")" -eq 1 ] || fail "sets are left: $(cat "$work/out")"
"$x0top" programs down >/dev/null || fail 'programs down'

# --- of a configuration, with the rules that name them
cat >"$work/config.yaml" <<END
sets:
  blocked: {file: $work/other}
  few: {elements: [10.9.0.3, "10.9.0.2-10.9.0.3"]}
  near: {feed: kernel}
rules:
  - drop from @blocked
  - drop from @few
END
configured() {
	"$x0top" --once -d 0.1 --only xdp_mesh_filter -i x0sets --config "$work/config.yaml" "$@" >/dev/null 2>"$work/err"
}
configured --enforce || fail "a configuration: $(cat "$work/err")"
drops 10.9.0.4 'a file of the configuration'
drops 10.9.0.3 'elements of the configuration'
passes 10.9.0.5 'none of the configuration'
sets list && [ "$(awk 'NR > 1 { print $1, $2, $3, $4 }' "$work/out" | sort | head -n 2 | paste -s -d ,)" = \
	'blocked prefixes 1 file,few prefixes 1 file' ] || fail "its sets: $(cat "$work/out")"
echo '  more: {elements: [22]}' >"$work/more"
sed -i "/^sets:/r $work/more" "$work/config.yaml"
configured && fail 'a set that the adopted filter lacks is no error'
grep -q 'Not in force: the set @more' "$work/err" || fail "a set that is not in force: $(cat "$work/err")"
"$x0top" programs down >/dev/null || fail 'programs down'
echo 10.9.0.400 >"$work/other"
configured --enforce && fail 'a wrong file of a configuration is no error'
grep -q "$work/other, line 1, column 1" "$work/err" || fail "which line: $(cat "$work/err")"
"$x0top" programs down >/dev/null
for wrong in 'a: {}' 'a: {file: x, feed: kernel}' 'a: {feed: nothing}' 'a: {elements: [x]}' 'a: [1]' \
	'"a b": {file: x}' 'a: {kind: nodes, elements: [22]}' 'a: {size: 2}'; do
	printf 'sets:\n  %s\n' "$wrong" >"$work/config.yaml"
	configured && fail "this is taken: $wrong"
	grep -q "$work/config.yaml, line 2" "$work/err" || fail "$wrong: $(cat "$work/err")"
done

# --- a host of little memory has room for fewer elements, and says so; those in force stay
prefixes() {
	seq "$1" | awk '{ printf "11.%d.%d.0/24\n", $1 / 128, $1 % 128 * 2 }'
}
"$x0top" --once -d 0.1 --enforce --small --only xdp_mesh_filter -i x0sets >/dev/null 2>"$work/err" ||
	fail "enforcing with --small: $(cat "$work/err")"
prefixes 4000 >"$work/list"
sets load most "$work/list" || fail "4,000 elements: $(cat "$work/err")"
prefixes 20000 >"$work/list"
sets load more "$work/list" && fail '20,000 elements have room in a small map'
refused 'no room' 'more elements than there is room for'
sets load most "$work/list" && fail '20,000 elements have room in a small map, in place of 4,000'
sets list && [ "$(awk 'NR > 1 { print $1, $3 }' "$work/out")" = 'most 4000' ] || fail "what is in force: $(cat "$work/out")"
"$x0top" programs down >/dev/null
[ "$failures" -eq 0 ]
