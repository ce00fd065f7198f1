#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# make-payload.sh ROOT OUTPUT FILE...: writes a cpio archive with the files in /x0 of the guest, BPF
# objects in /x0/build/bpf, tables where they are here, busybox, the tools that the tests call and those of $TOOLS, and the shared libraries of them all.
# Tools and libraries are those below ROOT: / or the sysroot of another machine.
set -eu

from=${1%/}
output=$2
shift 2
root=$(mktemp -d)
chmod 755 "$root" # it becomes the / of the guest
trap 'rm -rf "$root"' EXIT

fail()
{
	echo "make-payload: $*" >&2
	exit 1
}

# What a program asks for: its loader, and the names of its libraries.
needs()
{
	readelf -ld "$1" 2>/dev/null |
		sed -n 's|.*program interpreter: \(.*\)]|\1|p; s|.*(NEEDED).*\[\(.*\)]|\1|p'
}

# Where a library of that name is, below $from.
find_library()
{
	case $1 in
	/*) echo "$1" ;;
	*) find "$from/lib/" "$from/usr/lib/" -maxdepth 2 -name "$1" -path "*$multiarch*" |
		sed "s|^$from||" | head -n 1 ;;
	esac
}

# Copies the libraries of a program, and theirs, and the loader, to the same place in the guest.
copy_libraries()
{
	needs "$1" | while read -r name; do
		library=$(find_library "$name")
		[ -n "$library" ] || fail "no $name for $1"
		[ -e "$root$library" ] && continue
		mkdir -p "$root$(dirname "$library")"
		cp -L "$from$library" "$root$library"
		copy_libraries "$from$library"
	done
}

tool()
{
	for folder in /usr/bin /usr/sbin /bin /sbin; do
		[ ! -e "$from$folder/$1" ] || { echo "$from$folder/$1"; return; }
	done
	fail "no $1 below $from/"
}

busybox=$(tool busybox)
[ -z "$(needs "$busybox")" ] || fail "$busybox is not static: install busybox-static"
case $(readelf -h "$busybox") in
*AArch64*) multiarch=aarch64-linux-gnu ;;
*X86-64*) multiarch=x86_64-linux-gnu ;;
esac

mkdir -p "$root/x0/build/bpf" "$root/bin" "$root/usr/sbin"
cp -L "$busybox" "$root/bin/busybox"
for file; do
	case $file in
	*.bpf.o) cp "$file" "$root/x0/build/bpf/" ;;
	*.txt) install -D "$file" "$root/x0/$file" ;; # a table, where the tests look for it
	*)
		cp "$file" "$root/x0/"
		copy_libraries "$file"
		# A guest is slow to unpack what it does not need.
		llvm-strip "$root/x0/$(basename "$file")" 2>/dev/null || true # a script has none
		;;
	esac
done
# busybox has some of these, with less in them, and its sh prefers its own.
# shellcheck disable=SC2086 # a list of words
for name in dash ip tc bpftool truncate ${TOOLS:-}; do
	path=$(tool $name)
	cp -L "$path" "$root/usr/sbin/$name"
	copy_libraries "$path"
done
ln -s /usr/sbin/dash "$root/bin/sh"
(cd "$root" && find . | cpio --quiet -o -H newc -R 0:0) >"$output.new"
mv "$output.new" "$output"
