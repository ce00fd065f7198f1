#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# fetch-kernel.sh MACHINE SERIES FOLDER: puts Debian's newest cloud kernel of a series of kernels.txt
# for a machine into FOLDER: vmlinuz, lib/modules/RELEASE with modules.dep, and a file `release`. Of a
# series SERIES-full, the kernel with all modules. Does nothing if it is there already. What it fetches is verified with the keys of the Debian archive, and
# nothing on the system changes.
set -eu

machine=$1
series=$2
folder=$3
here=$(dirname "$0")
. "$here/../../archive.sh"
. "$here/machine.sh"

fail()
{
	echo "kernel $series for $machine: $*" >&2
	exit 1
}

# Gets the lists of a suite of kernels.txt, and of no other.
lists_fetch()
{
	archive_open "$folder/apt" "$architecture"
	case $1 in
	*@*) archive_add_from deb "${1%@*}" "http://snapshot.debian.org/archive/debian/${1#*@}" \
		check-valid-until=no ;;
	*) archive_add deb "$1" ;;
	esac >>"$log"
}

# The kernels of the series in the lists that are there, as uname -r says them, the newest first.
releases()
{
	escaped=$(echo "${series%-full}" | sed 's/\./\\./g')
	case $series in
	*-full) flavour='' others='-e -cloud- -e -rt-' ;;
	*) flavour='-cloud' others='' ;;
	esac
	archive_apt apt-cache pkgnames linux-image- |
		sed -n "s/^linux-image-\($escaped\.[0-9][^~]*$flavour-$architecture\)\$/\1/p" |
		grep -v -e -rc $others | sort -rV
}

# From 7.3 on the image is split: the kernel and its modules are packages of their own.
packages_of()
{
	for part in image base binary modules; do
		archive_apt apt-cache pkgnames "linux-$part-$1" |
			grep -Fx "linux-$part-$1" || true
	done
}

# Puts the packages of a release into $folder/packages, in place of those that are there.
packages_download()
{
	rm -rf "$folder/packages.new"
	mkdir "$folder/packages.new"
	(cd "$folder/packages.new" && archive_apt apt-get download $(packages_of "$1") >>"$log" 2>&1) || return
	rm -rf "$folder/packages"
	mv "$folder/packages.new" "$folder/packages"
}

# Whether the release $1 is newer than $newest.
is_newer()
{
	[ "$1" != "$newest" ] &&
		[ "$(printf '%s\n' "$newest" "$1" | sort -V | tail -n 1)" = "$1" ]
}

# Two tests may want one at once.
mkdir -p "$(dirname "$folder")"
exec 9>"$folder.lock"
flock 9
[ -s "$folder/release" ] && exit 0
[ -r "$archive_keyring" ] || fail "no $archive_keyring: install debian-archive-keyring"
suites=$(awk -v series="$series" -v machine="$machine" \
	'$1 == series && $2 == machine { for (i = 4; i <= NF; i++) print $i }' "$here/kernels.txt")
[ -n "$suites" ] || fail "not in $here/kernels.txt"

rm -rf "$folder"
mkdir -p "$folder"
folder=$(cd "$folder" && pwd)
log=$folder/fetch.log

newest=
for suite in $suites; do
	if ! lists_fetch "$suite"; then
		echo "kernel $series: cannot get suite $suite: $(grep "^E:" "$log" | head -n 1)" >&2
		continue
	fi
	# A mirror may list a kernel before it holds it: then the one before will do.
	for release in $(releases); do
		is_newer "$release" || break
		if packages_download "$release"; then
			newest=$release
			break
		fi
		echo "kernel $series: cannot download $release: $(grep "^E:" "$log" | tail -n 1)" >&2
	done
done
[ -n "$newest" ] || fail "no suite of $here/kernels.txt has it"

for package in "$folder"/packages/*.deb; do
	dpkg-deb --extract "$package" "$folder/unpacked"
done
# /usr is merged in newer packages.
for modules in "$folder/unpacked/lib/modules" "$folder/unpacked/usr/lib/modules"; do
	if [ -d "$modules/$newest" ]; then
		mkdir -p "$folder/lib"
		mv "$modules" "$folder/lib/"
	fi
done
for image in "$folder/unpacked/boot/vmlinuz-$newest" \
	"$folder/lib/modules/$newest/vmlinuz"; do
	[ -f "$image" ] && cp "$image" "$folder/vmlinuz"
done
[ -f "$folder/vmlinuz" ] || fail "no vmlinuz in the packages of $newest"
/sbin/depmod -b "$folder" "$newest"
rm -rf "$archive" "$folder"/unpacked "$folder"/packages*
echo "$newest" >"$folder/release"
