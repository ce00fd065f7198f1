#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Debian's package of each machine that was built for, and `make install`: lintian accepts it, it holds what
# it should, and nothing is enabled. `make test-deb` installs it, which takes too long for `make test`.
set -u

build=${BUILD:-build}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failures=0

fail()
{
	echo "FAILED: $*"
	failures=$((failures + 1))
}

# FOLDER ARGUMENTS...: `make install` of what is built, whatever it was built with.
install_into()
{
	destination=$1
	shift
	make --no-print-directory -o "$program" install DESTDIR="$destination" "$@" >"$work/log" 2>&1 ||
		fail "make install $*: $(tail -n 3 "$work/log")"
}

files_below()
{
	(cd "$1" && find . ! -type d | sort)
}

# --- make install, and uninstall

program=$build/x0top
install_into "$work/root"
for place in sbin/x0top share/man/man8/x0top.8 share/bash-completion/completions/x0top; do
	[ -f "$work/root/usr/local/$place" ] || fail "make install puts no $place into /usr/local"
done
cmp -s "$program" "$work/root/usr/local/sbin/x0top" || fail "another x0top is installed"
for unit in packaging/systemd/*.service; do
	[ -e "$unit" ] || continue
	grep -q '/usr/sbin/x0top' "$unit" || fail "$unit does not start /usr/sbin/x0top"
	grep -q '/usr/sbin/x0top' "$work/root/usr/local/lib/systemd/system/${unit##*/}" &&
		fail "$unit starts /usr/sbin/x0top from /usr/local"
done
echo "an operator's" >"$work/root/etc/x0top/own"
echo 'interval: 2' >"$work/root/etc/x0top/x0top.yaml"
install_into "$work/root"
grep -qx 'interval: 2' "$work/root/etc/x0top/x0top.yaml" || fail "make install takes away what was configured"
make --no-print-directory uninstall DESTDIR="$work/root" >"$work/log" 2>&1 || fail "make uninstall: $(cat "$work/log")"
[ "$(files_below "$work/root" | tr '\n' ' ')" = './etc/x0top/own ./etc/x0top/x0top.yaml ' ] || fail "make uninstall leaves: $(files_below "$work/root")"

# --- the package

package_check() # ARCHITECTURE [CROSS=MACHINE SYSROOT]
{
	architecture=$1
	folder=$work/$architecture
	sysroot=${3:-}
	install_into "$folder/debian/x0top" PREFIX=/usr units= ${2:-}
	(cd "$folder/debian/x0top" && find etc usr ! -type d) >"$work/expected"
	version=$("$build/x0top" --version | sed 's/^x0top //')
	sh packaging/make-deb.sh "$architecture" "$version" "$folder" $sysroot >"$work/log" 2>&1 ||
		fail "make-deb.sh for $architecture: $(tail -n 3 "$work/log")"
	deb=$work/x0top_${version}_$architecture.deb
	[ -f "$deb" ] || return

	lintian --fail-on error,warning "$deb" >"$work/log" 2>/dev/null || fail "lintian: $(cat "$work/log")"
	[ ! -s "$work/log" ] || cat "$work/log"
	[ "$(dpkg-deb -f "$deb" Architecture)" = "$architecture" ] || fail "$deb is of another architecture"
	dpkg-deb -f "$deb" Depends | grep -q 'libbpf1.*libc6.*libncursesw6' ||
		fail "$architecture depends on $(dpkg-deb -f "$deb" Depends)"
	dpkg-deb -c "$deb" | grep -v '^d' >"$work/files"
	grep -v ' root/root ' "$work/files" && fail "files of others than root"
	grep -E '^.([rwx-]{2}[sS]|[rwx-]{5}[sStT]|[rwx-]{7}w)' "$work/files" && fail "files with more rights than they need"
	while read -r file; do
		grep -qE " \./$file(\.gz)?\$" "$work/files" || fail "$architecture lacks $file"
	done <"$work/expected"

	mkdir -p "$work/control" && dpkg-deb -e "$deb" "$work/control"
	for unit in packaging/systemd/*; do
		[ -e "$unit" ] || continue
		grep -qE "lib/systemd/system/${unit##*/}\$" "$work/files" || fail "$architecture lacks the unit $unit"
	done
	# But for one that was enabled when the package was removed.
	awk '/was-enabled/ { again = 1 } / enable / && !again { exit 1 }' "$work/control/postinst" ||
		fail "installing it enables a service"
	dpkg-deb -x "$deb" "$work/unpacked"
	readelf -S "$work/unpacked/usr/sbin/x0top" | grep '\.debug_info' && fail "$architecture has debugging information"
	sh packaging/make-deb.sh "$architecture" 99 "$folder" $sysroot >"$work/log" 2>&1 &&
		fail "a version that the changelog does not have"
	echo "$(basename "$deb"): $(wc -l <"$work/files") files, $(du -k "$deb" | cut -f1) KB"
}

case $(uname -m) in
aarch64) package_check arm64 ;;
*) package_check amd64 ;;
esac
for machine in x86_64 aarch64; do
	program=$build/$machine-linux-gnu/x0top
	[ -e "$program" ] || continue
	[ $machine = aarch64 ] && architecture=arm64 || architecture=amd64
	package_check $architecture CROSS=$machine "$build/$machine-linux-gnu/sysroot"
done

[ "$failures" -eq 0 ]
