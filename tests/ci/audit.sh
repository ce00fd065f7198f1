#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# audit.sh PROGRAM REPORT: known faults in what x0top is made with. The shared libraries that it is
# linked with have to be the newest of their Debian release, which is where security fixes go; npm's
# advisories must say nothing of what signs for the tests. Exit: 0, or 1 for a finding.
#
# A registry without advisories (a mirror) cannot be asked: that is said, and fails on the hosting
# service, whose registry has them.
set -u

program=$1 report=$2
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failures=0
: >"$report"

say()
{
	echo "$*" | tee -a "$report"
}

finding()
{
	say "FINDING: $*"
	failures=$((failures + 1))
}

# --- shared libraries
packages=$(sh "$here/../container/library-packages.sh" "$program")
[ -n "$packages" ] || finding "no package is known for what $program is linked with"
if [ "$(id -u)" -eq 0 ] && ! apt-get update >"$work/update" 2>&1; then
	finding "the package archive cannot be read: $(grep -m 1 '^[EW]:' "$work/update")"
fi
# The hosting service's image may be older than its archive, which says nothing of x0top.
if [ "${CI:-}" = true ] && [ "$(id -u)" -eq 0 ]; then
	apt-get install -y --only-upgrade $packages >"$work/upgrade" 2>&1 ||
		finding "the libraries cannot be upgraded: $(tail -n 1 "$work/upgrade")"
fi
n=0
for package in $packages; do
	n=$((n + 1))
	installed=$(dpkg-query -W -f '${Version}' "$package")
	newest=$(apt-cache policy "$package" | sed -n 's/^  Candidate: //p')
	[ "$installed" = "$newest" ] || finding "$package is $installed; the archive has $newest"
done
say "$n shared libraries' packages compared with the archive"

# --- libcrypto, where it was built here
version=$(sed -n 's/^# *define OPENSSL_VERSION_STR "\(.*\)"/\1/p' \
	"${BUILD:-build}/openssl/include/openssl/opensslv.h" 2>/dev/null)
[ -z "$version" ] || say "not compared: libcrypto $version, built from Debian's sources: \`make clean\` gets the newest"

# --- npm
cp "$here"/../second-signer/package*.json "$work"
if (cd "$work" && npm audit --audit-level=low) >"$work/npm" 2>&1; then
	say "npm: $(grep vulnerabilities "$work/npm")"
elif grep -q 'audit endpoint returned an error' "$work/npm"; then
	say "npm: not checked, because this registry has no advisories: $(grep -m 1 'warn audit' "$work/npm")"
	[ "${GITHUB_ACTIONS:-}" != true ] || failures=$((failures + 1))
else
	finding "npm: $(cat "$work/npm")"
fi

[ "$failures" -eq 0 ]
