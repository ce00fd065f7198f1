#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# make-base.sh KERNEL OUTPUT: writes a cpio archive with the init of the guests and the modules of
# modules.txt, or of the file $MODULES, for the kernel that fetch-kernel.sh put into the folder KERNEL.
set -eu

kernel=$1
output=$2
here=$(dirname "$0")
release=$(cat "$kernel/release")
root=$(mktemp -d)
chmod 755 "$root" # it becomes the / of the guest
trap 'rm -rf "$root"' EXIT

mkdir -p "$root/modules"
cp "$here/init" "$root/init"
chmod 755 "$root/init"

# What a module depends on comes before it; a module that is built in is not listed.
sed '/^#/d' "${MODULES:-$here/modules.txt}" | while read -r module; do
	/sbin/modprobe -C /dev/null -d "$kernel" -S "$release" --show-depends "$module" ||
		echo "$release has no $module" >&2
done | sed -n 's/^insmod \([^ ]*\).*/\1/p' | awk '!seen[$0]++' | while read -r file; do
	name=$(basename "$file")
	case $name in
	*.xz) xz -dc "$file" >"$root/modules/${name%.xz}" ;;
	*.zst) zstd -qdc "$file" >"$root/modules/${name%.zst}" ;;
	*) cp "$file" "$root/modules/$name" ;;
	esac
	name=${name%.xz}
	echo "/modules/${name%.zst}" >>"$root/modules/order"
done
(cd "$root" && find . | cpio --quiet -o -H newc -R 0:0) >"$output.new"
mv "$output.new" "$output"
