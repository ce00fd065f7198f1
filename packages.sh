#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# packages.sh SET...: installs the Debian packages of the given sets (see below) that are not there
# yet, and says which before it does. Where all are there it does nothing, and needs neither root nor
# network. packages.sh --list SET...: prints them.
set -eu

tools="make pkg-config gcc clang${CLANG_VERSION:+-$CLANG_VERSION} llvm perl dpkg-dev debian-archive-keyring"
libraries='libc6-dev libbpf-dev libelf-dev zlib1g-dev libncurses-dev libjansson-dev
	libyaml-dev libmnl-dev libcap-ng-dev libseccomp-dev libssl-dev libmicrohttpd-dev libcurl4-gnutls-dev libsqlite3-dev'
build="$tools $libraries"
unit='libcmocka-dev iproute2'
fuzz='libclang-rt-dev' # of the clang that the system has by default
guest='busybox-static iproute2 bpftool dash coreutils wireguard-tools' # what a guest has beside x0top
# The compiler for the other machine that x0top runs on.
case $(dpkg --print-architecture 2>/dev/null) in
arm64) cross='gcc-x86-64-linux-gnu' ;;
*) cross='gcc-aarch64-linux-gnu' ;;
esac
package='debhelper lintian'
chroot='debootstrap'
test="$unit $fuzz $guest $cross $package bpftrace nftables strace tmux libcap2-bin procps jq python3-jsonschema man-db bash
	clang-format lld ethtool babeld batctl prometheus curl openssl systemd cpio kmod qemu-system-x86 qemu-system-arm xz-utils python3-yaml musl"
musl='musl-tools cmake gperf'
scan='cppcheck clang-tidy'
valgrind='valgrind'
container='buildah debootstrap debian-archive-keyring iproute2 util-linux libcap2-bin jq'
bench='bpftrace iperf3 htop prometheus-node-exporter xdp-tools fastnetmon'
command -v npm >/dev/null || test="$test nodejs npm" # also comes in packages of other names

packages_of()
{
	case $1 in
	build | libraries | unit | test | guest | cross | package | chroot | musl | scan | valgrind | container | bench | fuzz)
		eval "echo \$$1" ;;
	*)
		echo "packages.sh: no such set: $1" >&2
		exit 2
		;;
	esac
}

if [ "${1:-}" = --list ]; then
	shift
	for set; do
		packages_of "$set"
	done
	exit 0
fi

if ! command -v dpkg-query >/dev/null; then
	echo "This is not a Debian system: install the packages that README.md names for yours." >&2
	echo "Then build with: make" >&2
	exit 0
fi

missing=
for set; do
	packages=$(packages_of "$set")
	for package in $packages; do
		status=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null) || status=
		[ "$status" = installed ] || missing="$missing $package"
	done
done
[ -n "$missing" ] || exit 0

echo "Packages to install:$missing"
if [ "$(id -u)" -ne 0 ]; then
	echo "Installing them takes root: sudo make deps" >&2
	exit 1
fi
export DEBIAN_FRONTEND=noninteractive

# Tests start programs of their own: the services that some packages bring stay off. What was installed
# before is not touched.
services=
for package in prometheus prometheus-node-exporter babeld; do
	case " $missing " in *" $package "*) services="$services $package" ;; esac
done
policy=/usr/sbin/policy-rc.d # invoke-rc.d(8): 101 forbids to start
if [ -n "$services" ] && [ ! -e $policy ]; then
	trap 'rm -f "$policy"' EXIT
	trap 'exit 1' INT TERM
	printf '#!/bin/sh\nexit 101\n' >$policy
	chmod 755 $policy
fi
# Another apt may be at work, as on a machine that has just started.
install='apt-get -o DPkg::Lock::Timeout=300 install -y --no-install-recommends'
# shellcheck disable=SC2086 # lists of words
if ! $install $missing >/dev/null 2>&1; then
	apt-get update
	$install $missing
fi
# shellcheck disable=SC2086
if [ -n "$services" ] && command -v systemctl >/dev/null; then
	systemctl disable $services >/dev/null 2>&1 || true # there may be no systemd at work
fi
