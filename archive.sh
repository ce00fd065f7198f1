# SPDX-License-Identifier: BSD-2-Clause
# Sourced by what takes packages from Debian's archive. apt works in a folder of its own, without
# privileges, and checks all against the archive's signatures: nothing on the system changes.

archive_keyring=/usr/share/keyrings/debian-archive-keyring.gpg

# Makes FOLDER the private apt of a Debian ARCHITECTURE, with no suites.
archive_open()
{
	rm -rf "$1"
	mkdir -p "$1/lists/partial" "$1/cache/archives/partial"
	archive=$(cd "$1" && pwd)
	: >"$archive/status"
	: >"$archive/sources"
	cat >"$archive/configuration" <<-END
		Dir::State::lists "$archive/lists";
		Dir::State::status "$archive/status";
		Dir::State::extended_states "$archive/extended_states";
		Dir::Cache "$archive/cache";
		Dir::Etc::sourcelist "$archive/sources";
		Dir::Etc::sourceparts "-";
		Dir::Etc::preferences "/dev/null";
		Dir::Etc::preferencesparts "$archive/cache";
		APT::Architecture "$2";
		APT::Architectures { "$2"; };
		APT::Sandbox::User "root";
		APT::Update::Error-Mode "any";
		APT::Get::List-Cleanup "false";
		APT::Get::AllowUnauthenticated "false";
		Acquire::Languages "none";
		Acquire::AllowInsecureRepositories "false";
		#clear APT::Update::Post-Invoke;
		#clear APT::Update::Post-Invoke-Success;
	END
}

# Runs apt-get or apt-cache there.
archive_apt()
{
	archive_command=$1
	shift
	"$archive_command" -c "$archive/configuration" "$@"
}

# Adds the SUITE of a MIRROR: TYPE (deb, deb-src) SUITE MIRROR OPTIONS. Says on stdout what apt says.
archive_add_from()
{
	echo "$1 [signed-by=$archive_keyring ${4:-}] $3 $2 main" >"$archive/candidate"
	archive_apt apt-get -o Dir::Etc::sourcelist="$archive/candidate" update 2>&1 || return
	cat "$archive/candidate" >>"$archive/sources"
}

# The mirrors of this machine's own sources, in whatever form they are written, for the archive's main
# part or, for SUITE-security, its security part; then $DEBIAN_MIRROR.
archive_mirrors()
{
	case $1 in
	*-security) archive_part='[a-z]*-security' ;;
	*) archive_part='[a-z]*' ;;
	esac
	apt-get update --print-uris 2>/dev/null |
		sed -n "s|^'\(.*\)/dists/$archive_part/InRelease'.*|\1|p" | sort -u
	[ -z "${DEBIAN_MIRROR:-}" ] || echo "$DEBIAN_MIRROR"
}

# Adds the SUITE from the first mirror that has it: TYPE SUITE.
archive_add()
{
	for archive_mirror in $(archive_mirrors "$2"); do
		archive_add_from "$1" "$2" "$archive_mirror" && return
	done
	return 1
}
