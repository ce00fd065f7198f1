#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# fetch-kernel.sh SERIES FOLDER: puts Debian's newest cloud kernel of a series of kernels.txt into
# FOLDER: vmlinuz, lib/modules/RELEASE with modules.dep, and a file `release`. Of a series SERIES-full,
# the kernel with all modules. Does nothing if it is there already.
#
# The mirror is the one this Debian machine is configured with, whatever the form of its sources, or
# $DEBIAN_MIRROR elsewhere. apt fetches and verifies in a folder of its own, with
# the keys of the Debian archive, and nothing on the system changes.
set -eu

series=$1
folder=$2
here=$(dirname "$0")
keyring=/usr/share/keyrings/debian-archive-keyring.gpg

fail()
{
	echo "kernel $series: $*" >&2
	exit 1
}

# What the machine's own sources call the archive's main part, or, for SUITE-security, its security
# part. apt reads both forms of its sources itself.
mirrors()
{
	case $1 in
	*-security) pattern='[a-z]*-security' ;;
	*) pattern='[a-z]*' ;;
	esac
	apt-get update --print-uris 2>/dev/null |
		sed -n "s|^'\(.*\)/dists/$pattern/InRelease'.*|\1|p" | sort -u
	[ -z "${DEBIAN_MIRROR:-}" ] || echo "$DEBIAN_MIRROR"
}

# Makes a private apt that knows one suite from one mirror: SUITE MIRROR OPTIONS.
apt_prepare()
{
	rm -rf "$apt"
	mkdir -p "$apt/lists/partial" "$apt/cache/archives/partial"
	: >"$apt/status"
	echo "deb [arch=amd64 signed-by=$keyring $3] $2 $1 main" >"$apt/sources"
	cat >"$apt/configuration" <<-END
		Dir::State::lists "$apt/lists";
		Dir::State::status "$apt/status";
		Dir::Cache "$apt/cache";
		Dir::Etc::sourcelist "$apt/sources";
		Dir::Etc::sourceparts "-";
		APT::Architecture "amd64";
		APT::Architectures { "amd64"; };
		APT::Update::Error-Mode "any";
		Acquire::Languages "none";
		Acquire::AllowInsecureRepositories "false";
		#clear APT::Update::Post-Invoke;
		#clear APT::Update::Post-Invoke-Success;
	END
}

# Gets the lists of a suite of kernels.txt. apt refuses a list whose signature is not good.
lists_fetch()
{
	suite=${1%@*}
	if [ "$suite" != "$1" ]; then
		apt_prepare "$suite" "http://snapshot.debian.org/archive/debian/${1#*@}" \
			check-valid-until=no
		apt-get -c "$apt/configuration" update >>"$log" 2>&1
		return
	fi
	for mirror in $(mirrors "$suite"); do
		apt_prepare "$suite" "$mirror" ""
		apt-get -c "$apt/configuration" update >>"$log" 2>&1 && return
	done
	return 1
}

# The kernels of the series in the lists that are there, as uname -r says them, the newest first.
releases()
{
	escaped=$(echo "${series%-full}" | sed 's/\./\\./g')
	case $series in
	*-full) flavour='' others='-e -cloud- -e -rt-' ;;
	*) flavour='-cloud' others='' ;;
	esac
	apt-cache -c "$apt/configuration" pkgnames linux-image- |
		sed -n "s/^linux-image-\($escaped\.[0-9][^~]*$flavour-amd64\)\$/\1/p" |
		grep -v -e -rc $others | sort -rV
}

# From 7.3 on the image is split: the kernel and its modules are packages of their own.
packages_of()
{
	for part in image base binary modules; do
		apt-cache -c "$apt/configuration" pkgnames "linux-$part-$1" |
			grep -Fx "linux-$part-$1" || true
	done
}

# Puts the packages of a release into $folder/packages, in place of those that are there.
packages_download()
{
	rm -rf "$folder/packages.new"
	mkdir "$folder/packages.new"
	(cd "$folder/packages.new" && apt-get -c "$apt/configuration" -o APT::Sandbox::User=root \
		download $(packages_of "$1") >>"$log" 2>&1) || return
	rm -rf "$folder/packages"
	mv "$folder/packages.new" "$folder/packages"
}

# Whether the release $1 is newer than $newest.
is_newer()
{
	[ "$1" != "$newest" ] &&
		[ "$(printf '%s\n' "$newest" "$1" | sort -V | tail -n 1)" = "$1" ]
}

[ -s "$folder/release" ] && exit 0
[ "$(uname -m)" = x86_64 ] || fail "these kernels are for x86_64; this machine is $(uname -m)"
[ -r "$keyring" ] || fail "no $keyring: install debian-archive-keyring"
suites=$(awk -v series="$series" '$1 == series { for (i = 3; i <= NF; i++) print $i }' \
	"$here/kernels.txt")
[ -n "$suites" ] || fail "not in $here/kernels.txt"

rm -rf "$folder"
mkdir -p "$folder"
folder=$(cd "$folder" && pwd)
apt=$folder/apt
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
rm -rf "$apt" "$folder"/unpacked "$folder"/packages*
echo "$newest" >"$folder/release"
