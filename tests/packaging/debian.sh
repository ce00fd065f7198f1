#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# debian.sh SUITE...: installs BUILD/x0top_*.deb in a new Debian of each SUITE, made by debootstrap from this
# machine's mirror, tries it there, and purges it: then all is as it was. As root. The base of a suite is
# kept in BUILD/debian; nothing on the system changes.
set -eu

build=${BUILD:-build}
here=$(dirname "$0")
. "$here/../../archive.sh"
mkdir -p "$build/debian"
folder=$(cd "$build/debian" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' INT TERM
architecture=$(dpkg --print-architecture)
package=$(ls -t "$build"/x0top_*_"$architecture".deb | head -n 1)

fail()
{
	echo "FAILED: $*" >&2
	exit 1
}

[ "$(id -u)" -eq 0 ] || fail "a chroot needs root"

# A Debian in $folder/SUITE.tar, by the first mirror that has it.
base_make()
{
	[ ! -s "$folder/$1.tar" ] || return 0
	for mirror in $(archive_mirrors "$1"); do
		rm -rf "$work/$1"
		debootstrap --variant=minbase "$1" "$work/$1" "$mirror" >"$folder/$1.log" 2>&1 || continue
		tar -C "$work/$1" -cf "$folder/$1.tar.new" .
		mv "$folder/$1.tar.new" "$folder/$1.tar"
		return
	done
	fail "no Debian $1: $(tail -n 1 "$folder/$1.log")"
}

for suite; do
	base_make "$suite"
	root=$work/root
	mkdir "$root"
	tar -C "$root" -xf "$folder/$suite.tar"
	# apt reaches the mirror as it does here.
	cp /etc/resolv.conf "$root/etc/"
	apt-config dump | grep -E '^Acquire::http' >"$root/etc/apt/apt.conf.d/90here" || true
	cp "$package" "$here/inside.sh" "$root/root/"
	unshare --mount --pid --fork --propagation private sh "$here/enter.sh" "$root" >"$folder/$suite.log" 2>&1 || {
		cat "$folder/$suite.log"
		fail "$suite: all of it is in $folder/$suite.log"
	}
	grep '^ok:' "$folder/$suite.log"
	rm -rf "$root"
	echo "$(basename "$package"): installed, tried and purged in Debian $suite"
done
