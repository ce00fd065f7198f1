#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# sysroot.sh MACHINE FOLDER PACKAGE...: unpacks Debian's packages for another MACHINE (aarch64, x86_64),
# with all that they depend on, into FOLDER: of the release that this machine runs, so that the
# libraries are the same. Nothing is installed. FOLDER appears when it is complete.
set -eu

machine=$1
folder=$2
shift 2
. "$(dirname "$0")/../archive.sh"
log=$folder.log

fail()
{
	echo "sysroot for $machine: $*" >&2
	exit 1
}

case $machine in
aarch64) architecture=arm64 ;;
x86_64) architecture=amd64 ;;
*) fail "x0top runs on aarch64 and x86_64" ;;
esac
[ -r "$archive_keyring" ] || fail "no $archive_keyring: install debian-archive-keyring"
code=$(. /etc/os-release && echo "${VERSION_CODENAME:-}")

rm -rf "$folder" "$folder.new"
mkdir -p "$folder.new/DEBIAN"
trap 'rm -rf "$folder.new" "$folder.apt"' EXIT
archive_open "$folder.apt" "$architecture"
archive_add deb "$code" >"$log" || fail "no mirror has the suite $code: $(grep '^E:' "$log" | head -n 1)"
# A release that is not out yet has none of these.
archive_add deb "$code-updates" >>"$log" || true
archive_add deb "$code-security" >>"$log" || true
archive_apt apt-get install -y --download-only --no-install-recommends "$@" >>"$log" 2>&1 ||
	fail "cannot get the packages: $(grep '^E:' "$log" | head -n 1)"
for package in "$archive"/cache/archives/*.deb; do
	dpkg-deb --extract "$package" "$folder.new"
	# What it says of its libraries, where dpkg-shlibdeps reads it for `make deb`.
	dpkg-deb --control "$package" "$folder.apt/control"
	for file in shlibs symbols; do
		[ ! -e "$folder.apt/control/$file" ] || cat "$folder.apt/control/$file" >>"$folder.new/DEBIAN/$file"
	done
	rm -r "$folder.apt/control"
done
# A compiler follows links on this machine.
find "$folder.new" -type l -lname '/*' | while read -r link; do
	to=$(readlink "$link")
	ln -sfn "$(realpath -ms --relative-to="$(dirname "$link")" "$folder.new$to")" "$link"
done
mv "$folder.new" "$folder"
