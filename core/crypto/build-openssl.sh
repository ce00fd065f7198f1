#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Builds a static libcrypto of the OpenSSL 3.5 LTS series into DIRECTORY, for systems whose own is
# older: ML-DSA and ML-KEM came with 3.5. The sources are Debian's package, from the mirror that
# this machine is configured for, checked by apt against the archive's signatures. apt works in a
# directory of its own: nothing of the system is changed, and no privilege is needed.
#
# usage: build-openssl.sh DIRECTORY
#   leaves DIRECTORY/include and DIRECTORY/lib/libcrypto.a
set -eu

suite=trixie # the Debian release that carries the 3.5 series
keyring=/usr/share/keyrings/debian-archive-keyring.gpg

fail()
{
	echo "build-openssl: $1" >&2
	echo "build-openssl: $2" >&2
	exit 1
}

[ $# -eq 1 ] || fail "one argument is wanted, the directory to build in" "see the head of $0"
mkdir -p "$1"
directory=$(cd "$1" && pwd)
apt=$directory/apt

for tool in apt-get dpkg-source perl make cc; do
	command -v $tool >/dev/null || fail "$tool is missing" \
		"run \`make deps\`, or install OpenSSL 3.5 or later with its development files"
done
[ -r $keyring ] || fail "$keyring is missing: the sources could not be checked" \
	"install debian-archive-keyring, or OpenSSL 3.5 or later with its development files"

# The mirrors of this machine's own Debian release, in whatever format its sources are written, also
# carry the other releases. `code` and `code-security` become $suite and $suite-security.
code=$(. /etc/os-release && echo "${VERSION_CODENAME:-}")
mkdir -p "$apt/lists/partial" "$apt/cache/archives/partial" "$apt/empty"
apt-get indextargets --format '$(RELEASE) $(REPO_URI)' 'Created-By: Packages' |
	sort -u | while read -r release uri; do
	case $release in
	"$code" | "$code-security")
		echo "deb-src [signed-by=$keyring] $uri $suite${release#"$code"} main" ;;
	esac
done >"$apt/sources.list"
[ -s "$apt/sources.list" ] || fail "no Debian mirror among this machine's apt sources" \
	"install OpenSSL 3.5 or later with its development files"

private_apt() # apt-get|apt-cache ARGUMENTS...
{
	command=$1
	shift
	"$command" -qq -o Dir::Etc::SourceList="$apt/sources.list" -o Dir::Etc::SourceParts="$apt/empty" \
		-o Dir::Etc::Preferences=/dev/null -o Dir::Etc::PreferencesParts="$apt/empty" \
		-o Dir::State="$apt" -o Dir::State::Lists="$apt/lists" -o Dir::State::status=/dev/null \
		-o Dir::Cache="$apt/cache" -o Acquire::Languages=none -o APT::Sandbox::User= \
		-o Acquire::AllowInsecureRepositories=false -o APT::Get::AllowUnauthenticated=false "$@"
}

private_apt apt-get update || fail "the package archive cannot be read" \
	"check the network, or install OpenSSL 3.5 or later with its development files"
rm -rf "$directory/source"
mkdir "$directory/source"
cd "$directory/source"
# A mirror may list an update whose files it does not hold yet: then the next older version will do.
for version in $(private_apt apt-cache showsrc --only-source openssl |
	sed -n 's/^Version: //p' | sort -ruV); do
	private_apt apt-get source "openssl=$version" && break
done >"$directory/fetch.log" 2>&1
[ -d openssl-3.*/ ] ||
	fail "the OpenSSL sources cannot be fetched: $(tail -n 1 "$directory/fetch.log")" \
		"check the network"
cd openssl-3.*/

# The flags of x0top's own code: see the Makefile.
hardening='-fPIC -fstack-protector-strong -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2'
cc -fcf-protection -x c -c /dev/null -o /dev/null 2>/dev/null && hardening="$hardening -fcf-protection"

# libcrypto alone, without what x0top has no use for and what would want a configuration file.
log=$directory/build.log
{
	./Configure --prefix="$directory" --libdir=lib --openssldir=/nonexistent no-shared no-tests \
		no-apps no-docs no-module no-legacy no-engine no-autoload-config no-ssl no-tls no-dtls \
		no-quic no-cmp no-cms no-ts no-ct no-ocsp no-comp no-afalgeng no-sock \
		$hardening &&
		make -s -j"$(nproc)" build_generated && make -s -j"$(nproc)" libcrypto.a
} >"$log" 2>&1 || fail "OpenSSL could not be built; the end of $log is:
$(tail -n 5 "$log")" "report it with that file"
mkdir -p "$directory/lib"
cp -R include "$directory/"
mv libcrypto.a "$directory/lib/"
cd "$directory"
rm -rf source apt
