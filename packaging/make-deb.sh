#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# make-deb.sh ARCHITECTURE VERSION FOLDER [SYSROOT]: makes Debian's package of what `make install` has put
# into FOLDER/debian/x0top, beside FOLDER. With SYSROOT, the libraries are those there, of another machine.
set -eu

architecture=$1
version=$2
folder=$3
sysroot=${4:+$(cd "$4" && pwd)}
here=$(cd "$(dirname "$0")" && pwd)

# debhelper asks for the machine that it packages for.
if [ -z "${DEB_HOST_ARCH:-}" ]; then
	# It warns where this machine's compiler is not the one for that.
	CC=$(dpkg-architecture -a "$architecture" -q DEB_HOST_GNU_TYPE 2>/dev/null)-gcc
	export CC
	exec dpkg-architecture -a "$architecture" -c sh "$0" "$@"
fi

cp -R "$here"/debian/* "$folder/debian/"
# It knows where units belong in the release that it comes from.
names=
for unit in "$here"/systemd/*; do
	[ -e "$unit" ] || continue
	cp "$unit" "$folder/debian/x0top.$(basename "$unit")"
	names="$names $(basename "${unit%.*}")"
done
cd "$folder"
if [ "$(dpkg-parsechangelog -S Version)" != "$version" ]; then
	echo "make-deb: packaging/debian/changelog does not begin with version $version" >&2
	exit 1
fi
SOURCE_DATE_EPOCH=$(dpkg-parsechangelog -S Timestamp)
export SOURCE_DATE_EPOCH

dh_installdocs
dh_installchangelogs
for name in $(printf '%s\n' $names | sort -u); do
	# Nothing watches or enforces because it has been installed.
	dh_installsystemd --no-enable --name="$name"
done
dh_compress
dh_fixperms
dh_strip --no-automatic-dbgsym
dh_shlibdeps -- --warnings=1 ${sysroot:+-S"$sysroot"}
dh_installdeb
dh_gencontrol
dh_md5sums
dh_builddeb --destdir=..
