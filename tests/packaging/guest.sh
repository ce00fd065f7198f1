#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# guest.sh MACHINE SUITE...: does what debian.sh does with the package for another MACHINE, in guests that are
# emulated: debootstrap unpacks a Debian here and configures it there, once, which takes minutes. As root.
# BUILD is the folder of that machine. The disk is kept in BUILD/debian.
set -eu

machine=$1
shift
build=${BUILD:-build}
here=$(dirname "$0")
. "$here/../../archive.sh"
. "$here/../vm/machine.sh"
mkdir -p "$build/debian"
folder=$(cd "$build/debian" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' INT TERM
package=$(ls -t "$build"/x0top_*_"$architecture".deb | head -n 1)

fail()
{
	echo "FAILED: $*" >&2
	exit 1
}

[ "$(id -u)" -eq 0 ] || fail "a Debian is unpacked as root"

# The names of what the package depends on, of the first choice each, and what the service opens.
dependencies()
{
	for field in Depends Recommends; do
		dpkg-deb -f "$package" $field
	done | tr ',\n' '\n\n' | sed 's/|.*//; s/(.*//; s/ //g; /^$/d' | sort -u | paste -sd,
}

# A disk with a Debian that is yet to be configured.
disk_make() # SUITE DISK
{
	for mirror in $(archive_mirrors "$1"); do
		rm -rf "$work/$1"
		debootstrap --foreign --arch="$architecture" --variant=minbase --include="$(dependencies)" \
			"$1" "$work/$1" "$mirror" >"$folder/$1.log" 2>&1 || continue
		truncate -s 1G "$2"
		mke2fs -q -F -t ext4 -d "$work/$1" "$2"
		rm -rf "$work/$1"
		return
	done
	fail "no Debian $1: $(tail -n 1 "$folder/$1.log")"
}

kernel=$build/vm/kernels/6.1
sh "$here/../vm/fetch-kernel.sh" "$machine" 6.1 "$kernel"
printf '%s\n' veth sch_ingress cls_bpf virtio_pci virtio_blk overlay >"$work/modules.txt"
MODULES=$work/modules.txt sh "$here/../vm/make-base.sh" "$kernel" "$work/base.cpio"
sh "$here/../vm/make-payload.sh" "$build/sysroot" "$work/payload.cpio" "$here/guest-test" "$here/enter.sh" \
	"$here/inside.sh" "$package"
for suite; do
	disk=$folder/$suite.ext4
	if [ -s "$disk" ]; then
		mv "$disk" "$disk.new"
	else
		disk_make "$suite" "$disk.new"
	fi
	status=0
	GUEST_SECONDS=2400 GUEST_DEVICES="-nic none -drive file=$disk.new,format=raw,if=virtio" \
		sh "$here/../vm/run-guest.sh" "$machine" "$kernel" "$folder/$suite" \
		"$work/base.cpio" "$work/payload.cpio" >"$folder/$suite.log" 2>&1 || status=$?
	# One that is not configured is of no use again.
	if debugfs -R 'stat /debootstrap' "$disk.new" 2>&1 | grep -q 'not found'; then
		mv "$disk.new" "$disk"
	else
		rm -f "$disk.new"
	fi
	[ $status = 0 ] || {
		cat "$folder/$suite.log"
		fail "$suite: all of it is in $folder/$suite.log"
	}
	grep '^ok:' "$folder/$suite.log"
	echo "$(basename "$package"): installed, tried and purged in Debian $suite on $machine, emulated"
done
