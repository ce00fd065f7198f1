#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Builds a static libcrypto of the OpenSSL 3.5 LTS series into DIRECTORY, for systems whose own is
# older: ML-DSA and ML-KEM came with 3.5. The sources are Debian's package, from the mirror that
# this machine is configured for, checked by apt against the archive's signatures. apt works in a
# directory of its own: nothing of the system is changed, and no privilege is needed.
#
# usage: build-openssl.sh DIRECTORY
#   leaves DIRECTORY/include and DIRECTORY/lib/libcrypto.a, made by $CC and $AR for the machine that $CC
#   makes code for
set -eu

unset MAKEFLAGS MAKEOVERRIDES # x0top's flags are not OpenSSL's
suite=trixie # the Debian release that carries the 3.5 series
CC=${CC:-cc}
AR=${AR:-ar}
. "$(dirname "$0")/../../archive.sh"

fail()
{
	echo "build-openssl: $1" >&2
	echo "build-openssl: $2" >&2
	exit 1
}

[ $# -eq 1 ] || fail "one argument is wanted, the directory to build in" "see the head of $0"
mkdir -p "$1"
directory=$(cd "$1" && pwd)

for tool in apt-get dpkg-source perl make ${CC%% *}; do
	command -v $tool >/dev/null || fail "$tool is missing" \
		"run \`make deps\`, or install OpenSSL 3.5 or later with its development files"
done
[ -r "$archive_keyring" ] || fail "$archive_keyring is missing: the sources could not be checked" \
	"install debian-archive-keyring, or OpenSSL 3.5 or later with its development files"

case $($CC -dumpmachine) in
x86_64-*) machine=linux-x86_64 ;;
aarch64-*) machine=linux-aarch64 ;;
*) fail "$CC makes code for $($CC -dumpmachine)" "x0top runs on x86_64 and aarch64" ;;
esac

# The mirrors of this machine's own release also carry the other releases.
archive_open "$directory/apt" "$(dpkg --print-architecture)"
archive_add deb-src $suite >"$directory/fetch.log" || fail "the package archive cannot be read" \
	"check the network, or install OpenSSL 3.5 or later with its development files"
archive_add deb-src $suite-security >>"$directory/fetch.log" || true
rm -rf "$directory/source"
mkdir "$directory/source"
cd "$directory/source"
# A mirror may list an update whose files it does not hold yet: then the next older version will do.
for version in $(archive_apt apt-cache showsrc --only-source openssl |
	sed -n 's/^Version: //p' | sort -ruV); do
	archive_apt apt-get source "openssl=$version" && break
done >>"$directory/fetch.log" 2>&1
[ -d openssl-3.*/ ] ||
	fail "the OpenSSL sources cannot be fetched: $(tail -n 1 "$directory/fetch.log")" \
		"check the network"
cd openssl-3.*/

# The flags of x0top's own code: see the Makefile.
hardening='-fPIC -fstack-protector-strong -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2'
for flag in -fcf-protection -mbranch-protection=standard; do
	$CC $flag -x c -c /dev/null -o /dev/null 2>/dev/null && hardening="$hardening $flag"
done

# libcrypto alone, without what x0top has no use for and what would want a configuration file. Each algorithm
# that is left out is less to compile; those below are all that 3.5 lets one leave out.
unused='aria bf blake2 camellia cast chacha cmac des dh dsa ec2m gost idea md4 mdc2 multiblock nextprotoneg ocb
	poly1305 rc2 rc4 rfc3779 rmd160 scrypt seed siv slh-dsa sm2 sm3 sm4 srp whirlpool argon2 http deprecated
	ui-console'
log=$directory/build.log
{
	CC="$CC" AR="$AR" ./Configure $machine --prefix="$directory" --libdir=lib --openssldir=/nonexistent no-shared no-tests \
		no-apps no-docs no-module no-legacy no-engine no-autoload-config no-ssl no-tls no-dtls \
		no-quic no-cmp no-cms no-ts no-ct no-ocsp no-comp no-afalgeng no-sock \
		$(printf 'no-%s ' $unused) \
		$hardening &&
		make -s -j"$(nproc)" build_generated && make -s -j"$(nproc)" libcrypto.a
} >"$log" 2>&1 || fail "OpenSSL could not be built; the end of $log is:
$(tail -n 5 "$log")" "report it with that file"
mkdir -p "$directory/lib"
cp -R include "$directory/"
mv libcrypto.a "$directory/lib/"
cd "$directory"
rm -rf source apt
