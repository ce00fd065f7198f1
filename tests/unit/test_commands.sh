#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# What each command says to a wrong line, and does with files, to the letter: without any capability.
# shellcheck disable=SC2154 # set by `says` and below
set -u
x0top=$(realpath "${X0TOP:-./x0top}")
recording=$(realpath tests/unit/recordings/layout-1.jsonl)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
failures=0
node=

# says STATUS TEXT ARGUMENT...: fails unless x0top with these arguments writes the text and ends so.
says() {
	status=$1 text=$2
	shift 2
	got=$("$x0top" "$@" 2>&1 </dev/null)
	code=$?
	if [ "$code" -ne "$status" ] || [ "$got" != "$text" ]; then
		printf 'FAILED: x0top %s: exit status %d, not %d\n%s\n--- and not:\n%s\n' "$*" "$code" "$status" "$got" "$text"
		failures=$((failures + 1))
	fi
}

# usage COMMAND ARGUMENT...: fails unless it prints the usage, as an error.
usage() {
	"$x0top" "$@" >out 2>err </dev/null
	code=$?
	"$x0top" "$1" --help >help 2>/dev/null
	if [ "$code" -ne 2 ] || [ -s out ] || ! cmp -s err help; then
		printf 'FAILED: x0top %s: exit status %d, and not its usage:\n' "$*" "$code"
		cat out err
		failures=$((failures + 1))
	fi
}

printf hello >file
head -c 3000 /dev/zero >large

usage keys
usage keys nonsense
usage keys list --set 44
usage keys list extra
usage keys add
usage keys remove a b
says 1 "x0top: There is no trust store none.
Create it with its first key: x0top keys add FILE." keys list --trust none
says 2 "x0top: There is no ML-DSA-45.
Choose 44, 65 or 87." keys generate a --set 45 --directory .
says 2 "x0top: \"../a\" cannot be the name of a key.
Use 1 to 63 of A-Z a-z 0-9 . _ and -, not starting with a dot or dash." keys generate ../a
made=$("$x0top" keys generate node-a --set 44)
node=$(printf '%s\n' "$made" | sed -n 's/^Made ML-DSA-44, node \([0-9a-f]\{16\}\)\.$/\1/p')
if [ "$made" != "Made ML-DSA-44, node $node.
Private key: ./node-a.key.pem (keep it secret).
Public key: ./node-a.pub.pem (add it on hosts that trust this node)." ]; then
	echo "FAILED: $made"
	failures=$((failures + 1))
fi
says 1 "x0top: ./node-a.key.pem exists; keys are never overwritten.
Choose another name, or remove the file." keys generate node-a --set 44 --directory .
says 1 "x0top: Cannot create nowhere/node-b.key.pem: No such file or directory." keys generate node-b --directory nowhere
says 0 "Added node-a: ML-DSA-44, node $node." keys add node-a.pub.pem --trust trust
says 0 "NAME                 SET        NODE ID          FILE
node-a               ML-DSA-44  $node trust/node-a.pub.pem" keys list --trust trust
says 0 "{
  \"schema\": \"x0top-keys/1\",
  \"directory\": \"trust\",
  \"keys\": [
    {
      \"name\": \"node-a\",
      \"set\": 44,
      \"node\": \"$node\",
      \"file\": \"node-a.pub.pem\"
    }
  ],
  \"problems\": [],
  \"problems_left_out\": 0
}" keys list --json --trust trust
says 1 "x0top: other is the same key as node-a.
Remove one of the two." keys add node-a.pub.pem other --trust trust
says 2 "x0top: \"bad/name\" cannot be the name of a key.
Use 1 to 63 of A-Z a-z 0-9 . _ and -, not starting with a dot or dash." keys add node-a.pub.pem bad/name --trust trust
says 1 "x0top: Cannot open none.pem: No such file or directory." keys add none.pem --trust trust
says 1 "x0top: There is no key none in trust.
List the keys: x0top keys list." keys remove none --trust trust
says 2 "x0top: --key is missing.
Try x0top keys --help." keys verify --native file
says 2 "x0top: --signature is missing.
Try x0top keys --help." keys verify --native --key node-a.pub.pem file
says 2 "x0top: Only one of key, signature and file can be the standard input." keys verify --native --key - --signature - file
says 1 "Refused in user space: not the length of a signature by this key." keys verify --native --key node-a.pub.pem --signature file file
says 2 "x0top: The context after hex: must be pairs of hexadecimal digits." keys verify --native --key node-a.pub.pem --signature file --context hex:0 file
says 2 "x0top: Cannot open none: No such file or directory." keys verify --native --key node-a.pub.pem --signature file --context hex: none
says 2 "x0top: file is not a public key.
Give an ML-DSA public key as PEM, DER or raw bytes." keys verify --native --key file --signature file file
says 2 "x0top: Cannot open none: No such file or directory." keys verify --native --key node-a.pub.pem --signature none file
says 2 "x0top: large is longer than 2048 bytes.
Packets carry no longer messages: use --native." keys verify --key node-a.pub.pem --signature file large
says 1 "Refused in user space: not the length of a signature by this key." keys verify --native --key node-a.pub.pem --signature large file
says 0 "Removed node-a: ML-DSA-44, node $node." keys remove node-a --trust trust

says 2 "x0top: fleet needs --prometheus URL.
Try x0top fleet --help." fleet
says 2 "x0top: fleet takes options alone.
Try x0top fleet --help." fleet extra
says 2 "x0top: Unknown option --nonsense.
Try x0top fleet --help." fleet --nonsense
says 2 "x0top: --window takes a time such as 30s or 5m.
Try x0top fleet --help." fleet --prometheus http://127.0.0.1:1 --window 5x
says 2 "x0top: --job takes the name of a job.
Try x0top fleet --help." fleet --prometheus http://127.0.0.1:1 --job 'a"b'
says 2 "x0top: --job needs a value.
Try x0top fleet --help." fleet --prometheus http://127.0.0.1:1 --job
says 2 "x0top: --delay takes seconds from 1 to 3600.
Try x0top fleet --help." fleet --prometheus http://127.0.0.1:1 -d 0.9
says 2 "x0top: --delay takes seconds from 1 to 3600.
Try x0top fleet --help." fleet --prometheus http://127.0.0.1:1 -d 3601
says 2 "x0top: --delay takes seconds from 1 to 3600.
Try x0top fleet --help." fleet --prometheus http://127.0.0.1:1 -d 1x
says 2 "x0top: --user and --password-file need each other.
Try x0top fleet --help." fleet --prometheus http://127.0.0.1:1 --user a
says 2 "x0top: --user and --password-file need each other.
Try x0top fleet --help." fleet --prometheus http://127.0.0.1:1 --password-file a
says 2 "x0top: --user and --token-file exclude each other.
Try x0top fleet --help." fleet --prometheus http://127.0.0.1:1 --user a --password-file file --token-file b
says 2 "x0top: \"ftp://127.0.0.1:1\" is no address of a Prometheus.
Write one such as http://127.0.0.1:9090; names and passwords by options." fleet --prometheus ftp://127.0.0.1:1 --once
says 1 "x0top: Cannot read none: No such file or directory.
Check the path, and that it has one line." fleet --prometheus http://127.0.0.1:1 --once --token-file none

usage bench
usage bench nonsense
usage bench pqc extra

says 2 "x0top probe: Unknown program \"extra\".
$("$x0top" probe --help)" probe extra

usage programs
usage programs nonsense
says 1 "x0top: file is not a BPF object: it is not an ELF file.
Name a file made by clang -target bpf." programs verify file
says 1 "x0top: Cannot open the object none: No such file or directory.
Build it with make, or correct --objects." programs verify none

usage sets
says 2 "x0top: \"nonsense\" is not a command of x0top sets.
Try x0top sets --help." sets nonsense
says 1 "x0top: Cannot read the set none: No such file or directory.
Give a regular file that can be read, of at most 16 MiB: an element a line." sets load a none

usage rules
says 2 "x0top: \"nonsense\" is not a command of x0top rules.
Try x0top rules --help." rules nonsense
says 2 "x0top: x0top rules add lacks [off] RULE.
Try x0top rules --help." rules add
says 2 "x0top: x0top rules list has an operand too many.
Try x0top rules --help." rules list extra
says 2 "x0top: x0top rules check needs a packet.
Try x0top rules --help." rules check
says 2 "x0top: \"nonsense\" is not a key for a mesh rule.
Write an IPv4 or IPv6 prefix, \"mac 02:00:00:00:00:01\", \"tcp 22\" or \"udp 6696\"." rules add drop nonsense
says 1 "x0top: Cannot read the configuration none: No such file or directory.
Name a regular file that can be read, of at most 1 MiB." rules load none
says 2 "x0top: Nothing says where rule 1 goes: NUMBER TO." rules move 1
says 2 "x0top: x0top rules flush has an operand too many.
Try x0top rules --help." rules flush x
says 2 "x0top: \"0\" is not a length of time.
Write --confirm-within 60s, 5m or 1h." rules --confirm-within 0 undo
says 2 "x0top: \"10\" is not a length of time.
Write --confirm-within 60s, 5m or 1h." rules --confirm-within 10 list

says 2 "x0top: mapek needs a word.
Try x0top mapek --help." mapek
says 2 "x0top: \"nonsense\" is not a command of x0top mapek.
Try x0top mapek --help." mapek nonsense
for command in rules sets qos classes "keys list" "programs list" "plugins list" "bench pqc" probe fleet mapek peer; do
	# shellcheck disable=SC2086 # two words
	says 2 "x0top: Unknown option --frob.
Try x0top ${command%% *} --help." $command --frob
done
for command in rules sets qos classes programs plugins mapek; do
	says 2 "x0top: --config needs a value.
Try x0top $command --help." $command --config
done
says 2 "x0top: Unknown option -x.
Try x0top programs --help." programs -vx list
says 2 "x0top: Unknown option --kind.
Try x0top rules --help." rules --kind macs list
says 2 "x0top: mapek check needs --policy FILE.
Try x0top mapek --help." mapek check
says 1 "x0top: Cannot read the policies none: No such file or directory.
Name a regular file that can be read, of at most 1 MiB." mapek check --policy none
says 2 "x0top: mapek try needs --replay FILE.
Try x0top mapek --help." mapek try
says 1 "x0top: Cannot replay none: No such file or directory.
Check the path and its permissions." mapek try --replay none
says 2 "x0top: file holds no whole sample: at byte 0, it is no snapshot." mapek try --replay file
says 2 "x0top: mapek explain takes the number of an action.
Try x0top mapek --help." mapek explain
says 2 "x0top: mapek explain takes the number of an action.
Try x0top mapek --help." mapek explain x
says 2 "x0top: mapek explain takes the number of an action.
Try x0top mapek --help." mapek explain 0
says 2 "x0top: mapek never and again take a prefix, a MAC address or a node.
Try x0top mapek --help." mapek never
says 2 "x0top: \"10.1.0.1/8\" is not a prefix, a MAC address or the id of a node." mapek again 10.1.0.1/8
says 1 "x0top: There is no knowledge in none." mapek history --knowledge none
says 1 "x0top: Nothing is forgotten without a yes, or --yes." mapek forget --knowledge none
says 2 "x0top: mapek takes one word, or a word and what it is about.
Try x0top mapek --help." mapek check a b
says 2 "x0top: mapek takes one word.
Try x0top mapek --help." mapek check a
says 2 "x0top: --policy needs a value.
Try x0top mapek --help." mapek check --policy

says 2 "x0top: \"nonsense\" is not a command of x0top classes.
Try x0top classes --help." classes nonsense
says 2 "x0top: x0top classes add lacks LINE.
Try x0top classes --help." classes add

says 2 "x0top: Unknown option --nonsense.
Try x0top --help." serve --nonsense
says 2 "x0top: \"extra\" is neither an option nor a command.
Try x0top --help." serve extra
says 1 "x0top: Cannot replay none: No such file or directory.
Check the path and its permissions." serve --replay none

says 1 "x0top: Cannot open the key none: No such file or directory." peer --identity none

says 2 "x0top: \"extra\" is neither an option nor a command.
Try x0top --help." lab extra

says 1 "x0top: Cannot replay none: No such file or directory.
Check the path and its permissions." --once --replay none

says 2 "x0top: --record and --replay exclude each other.
Try x0top --help." --record a --replay b

says 2 "x0top: --delay: \"0\" is not a time between samples.
Write seconds from 0.1 to 3600, such as 1 or 0.5." --delay 0

says 2 "x0top: --delay: \"x\" is not a time between samples.
Write seconds from 0.1 to 3600, such as 1 or 0.5." -d x --once

says 2 "x0top: --interface needs a value.
Try x0top --help." --interface

says 2 "x0top: Cannot read the configuration none: No such file or directory.
Name a regular file that can be read, of at most 1 MiB." --config none --once

says 2 "x0top: --only: Unknown program \"none\".
The programs are xdp_counter, xdp_mesh_filter, xdp_pqc_verify, tracepoint_net, tc_classifier, kprobe_syscall_latency, kprobe_syscall_latency_secure." --only none --once

says 2 "x0top: \"nonsense\" is neither an option nor a command.
Try x0top --help." nonsense

"$x0top" mapek policies >built-in
n=$(grep -c "^  - name:" built-in)
says 0 "built-in: $n policies, right" mapek check --policy built-in
says 0 "1 samples, $n policies: 0 anomalies, 0 actions" mapek try --replay "$recording"

# Every help fits a terminal of 80 columns.
for command in '' lab serve fleet rules sets classes qos mapek keys peer plugins programs probe bench help; do
	# shellcheck disable=SC2086 # none or one
	wide=$("$x0top" $command --help 2>&1 | awk 'length > 80')
	[ -z "$wide" ] || {
		printf 'FAILED: x0top %s --help is wider than 80: %s\n' "$command" "$wide"
		failures=$((failures + 1))
	}
done

[ "$("$x0top" help --help)" = "$("$x0top" --help)" ] || {
	echo "FAILED: x0top help --help is not x0top --help"
	failures=$((failures + 1))
}

[ "$failures" -eq 0 ]
