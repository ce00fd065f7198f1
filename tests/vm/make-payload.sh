#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# make-payload.sh OUTPUT FILE...: writes a cpio archive with the files in /x0 of the guest, BPF
# objects in /x0/build/bpf, the tools that the tests call and those of $TOOLS, and the shared libraries of them all where
# they are on this host.
set -eu

output=$1
shift
root=$(mktemp -d)
chmod 755 "$root" # it becomes the / of the guest
trap 'rm -rf "$root"' EXIT

# Copies the libraries of a program, and the loader, to the same place in the guest.
copy_libraries()
{
	ldd "$1" 2>/dev/null | sed -n 's|^[^/]*\(/[^ ]*\) (.*|\1|p' | while read -r library; do
		[ -e "$root$library" ] && continue
		mkdir -p "$root$(dirname "$library")"
		cp -L "$library" "$root$library"
	done
}

mkdir -p "$root/x0/build/bpf" "$root/bin" "$root/usr/sbin"
for file; do
	case $file in
	*.bpf.o) cp "$file" "$root/x0/build/bpf/" ;;
	*)
		cp "$file" "$root/x0/"
		copy_libraries "$file"
		;;
	esac
done
# busybox has some of these, with less in them, and its sh prefers its own.
# shellcheck disable=SC2086 # a list of words
for tool in sh ip tc bpftool truncate ${TOOLS:-}; do
	path=$(PATH=$PATH:/usr/sbin:/sbin command -v $tool) || {
		echo "no $tool on this host" >&2
		exit 1
	}
	cp -L "$path" "$root/usr/sbin/$tool"
	copy_libraries "$path"
done
ln -s /usr/sbin/sh "$root/bin/sh"
(cd "$root" && find . | cpio --quiet -o -H newc -R 0:0) >"$output.new"
mv "$output.new" "$output"
