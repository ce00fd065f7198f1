#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Files that x0top is told to read: a pipe, a device or a folder is refused in words, and none makes it
# wait, whatever its depth and size.
set -u
x0top=${X0TOP:-./x0top}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failures=0

# refuses PATTERN COMMAND...: with a status that is not 0, in these words, and within 5 seconds of a processor: a busy
# host has its own pace.
refuses() {
	pattern=$1
	shift
	(ulimit -t 5 && exec timeout 30 "$@") >"$work/said" 2>&1 </dev/null
	status=$?
	if [ "$status" -eq 0 ] || [ "$status" -ge 124 ] || ! grep -qE -- "$pattern" "$work/said"; then
		echo "FAILED: $*: status $status, not \"$pattern\": $(head -n 3 "$work/said")"
		failures=$((failures + 1))
	else
		echo "ok: $(head -n 1 "$work/said" | cut -c1-100)"
	fi
}

mkfifo "$work/pipe"
mkdir "$work/folder"
"$x0top" keys generate key --directory "$work" >/dev/null || exit 1
key=$work/key.pub.pem
for file in "$work/pipe" /dev/zero /dev/tty "$work/folder"; do
	irregular='(not a|No such device|Is a|Permission)'
	[ "$file" = /dev/tty ] || irregular='(not a regular file|Is a directory)'
	refuses "$irregular" "$x0top" --once --config "$file"
	refuses "$irregular" "$x0top" --once --replay "$file"
	refuses "$irregular" "$x0top" keys add "$file" name --trust "$work/folder"
	refuses "$irregular" "$x0top" keys verify --key "$file" --signature "$key" "$key"
	refuses "$irregular" "$x0top" keys verify --key "$key" --signature "$file" "$key"
	refuses "$irregular" "$x0top" keys verify --key "$key" --signature "$key" "$file"
	refuses "$irregular" "$x0top" programs verify "$file"
	refuses "$irregular" "$x0top" peer --identity "$file" --trust "$work/folder" --listen 127.0.0.1
	refuses "$irregular" "$x0top" programs down --config "$file"
	refuses "$irregular" "$x0top" mapek back --config "$file"
	refuses "$irregular" "$x0top" mapek check --policy "$file"
	refuses "$irregular" "$x0top" mapek try --replay "$file"
	refuses "$irregular" "$x0top" rules check pcap "$file"
	for option in --token-file '--user a --password-file' --ca-file; do
		# shellcheck disable=SC2086
		refuses "$irregular" "$x0top" fleet --prometheus http://127.0.0.1:1 $option "$file"
	done
done

# A gigabyte, of which nothing is read or kept that has no place.
truncate -s 1G "$work/large"
chmod 600 "$work/large"
large='too large|larger than|longer than'
refuses "$large" "$x0top" --once --config "$work/large"
refuses "$large" "$x0top" mapek check --policy "$work/large"
refuses "$large" "$x0top" rules check pcap "$work/large"
refuses "$large" "$x0top" programs verify "$work/large"
refuses "$large" "$x0top" keys add "$work/large" name --trust "$work/folder"
refuses 'not the length' "$x0top" keys verify --native --key "$key" --signature "$work/large" "$key"
refuses "$large" "$x0top" keys verify --key "$key" --signature "$key" "$work/large"
refuses "$large" "$x0top" peer --identity "$work/large" --trust "$work/folder" --listen 127.0.0.1
for option in --token-file '--user a --password-file' --ca-file; do
	# shellcheck disable=SC2086
	refuses "$large" "$x0top" fleet --prometheus http://127.0.0.1:1 $option "$work/large"
done

# Half a megabyte of what libyaml takes quadratic time for, or the stack.
yaml() # NAME PYTHON-EXPRESSION
{
	/usr/bin/python3 -c "import sys; sys.stdout.write($2)" >"$work/$1.yaml"
	refuses "$3" "$x0top" --once --config "$work/$1.yaml"
}
yaml lists '"[" * 500000' 'line 1: More than 8 levels of lists'
yaml lines '"[\n" * 250000' 'line 9: More than 8 levels of lists'
yaml mappings '"{a: " * 125000' 'levels of lists'
yaml dashes '"- " * 250000' 'levels of lists'
yaml questions '"? " * 250000' 'levels of lists'
yaml indents '"".join(" " * i + "a:\n" for i in range(900))' 'levels of lists'
yaml anchors '"rules:\n" + "".join("- &a%d x\n" % i for i in range(50000))' 'More than 100 anchors'
yaml tags '"".join("%%TAG !%d! x\n" % i for i in range(40000)) + "---\na: 1\n"' 'More than 10 directives'
yaml aliases '"a: &a [" + "x," * 9 + "x]\n" + "".join("b%d: [*a, *a]\n" % i for i in range(9))' 'a text|setting'
yaml large '"#" * 2000000' 'too large|File too large'
yaml keys '"".join("k%d: 1\n" % i for i in range(60000))' 'k0'
yaml rules '"rules:\n" + "- drop 10.0.0.1\n" * 30000' 'line'
yaml scalar '"interval: " + "1" * 900000' 'line'
for deep in '"[" * 500000' '"{\"a\":" * 100000'; do
	/usr/bin/python3 -c "import sys; sys.stdout.write($deep)" >"$work/recording"
	refuses 'no whole sample' "$x0top" --once --replay "$work/recording"
done

# Records that are short and say to be long, and whole ones that cannot be unpacked: what is read or moved for one
# must not grow with the number of all.
/usr/bin/python3 - "$work" <<'PYTHON'
import struct
import sys
import zlib


def header(kind, number, length):
    return b"\x9bx0" + kind + struct.pack("<Id", length | number << 24, 1e9)


with open(sys.argv[1] + "/long", "wb") as file:
    file.write((header(b"C", 1, 1 << 20) + b"crc:\n") * 250000)
body = b"\xff\xff\xff\n"
whole = header(b"W", 0, len(body))
with open(sys.argv[1] + "/whole", "wb") as file:
    file.write((whole + struct.pack("<I", zlib.crc32(whole + body)) + body) * 250000)
PYTHON
for file in long whole; do
	refuses 'no whole sample' "$x0top" --once --replay "$work/$file"
	refuses 'no whole sample' "$x0top" mapek try --replay "$work/$file"
done

# Without end for a reader: a hole, also behind the begin of a recording; and lines that hold nothing.
truncate -s 100G "$work/hole"
head -c 1000 "$work/long" >"$work/begun"
truncate -s 100G "$work/begun"
for file in hole begun; do
	refuses 'no whole sample' "$x0top" --once --replay "$work/$file"
done

[ $failures -eq 0 ]
