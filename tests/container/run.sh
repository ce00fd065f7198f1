#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Builds Dockerfile.ebpf and runs the image, as root, with buildah in a storage of its own under
# BUILD/container; no daemon takes part. BASE names the base image; without it a Debian is made by
# debootstrap from the mirror of this machine, and no registry is needed.
set -eu

suite=trixie
folder=$(mkdir -p "${BUILD:-build}/container" && cd "${BUILD:-build}/container" && pwd)
image=localhost/x0top
work=$(mktemp -d)
containers=
storage="--root $folder/storage --runroot $work/run --storage-driver vfs"
namespace=x0container-$$

fail()
{
	echo "container: $*" >&2
	exit 1
}

# chroot isolation: containers within containers, and hosts without a container runtime, have it.
oci()
{
	command=$1
	shift
	# shellcheck disable=SC2086 # a list of words
	nice buildah $storage "$command" "$@"
}

finish()
{
	for container in $containers; do
		oci rm "$container" >/dev/null || true
	done
	ip netns del "$namespace" 2>/dev/null || true
	rm -rf "$work"
}
trap finish EXIT
trap 'exit 1' INT TERM

[ "$(id -u)" -eq 0 ] || fail "buildah's chroot isolation, debootstrap and BPF need root"

# What the machine's own sources call the main archive; it carries every suite.
mirror()
{
	code=$(. /etc/os-release && echo "${VERSION_CODENAME:-}")
	apt-get indextargets --format '$(RELEASE) $(REPO_URI)' 'Created-By: Packages' |
		sed -n "s/^$code //p" | head -n 1
}

base_make()
{
	oci inspect --type image localhost/debian:$suite >/dev/null 2>&1 && return
	echo "--- base: Debian $suite by debootstrap"
	debootstrap --variant=minbase "$suite" "$work/base" "$(mirror)" >"$folder/debootstrap.log" ||
		fail "no base: $(tail -n 1 "$folder/debootstrap.log")"
	container=$(oci from scratch)
	oci add -q "$container" "$work/base" / >/dev/null
	oci commit -q --rm "$container" localhost/debian:$suite >/dev/null
	rm -rf "$work/base"
}

# The image's own user, entry point and file capabilities, with the capabilities of README.md.
run() # OPTIONS... -- ARGUMENTS...
{
	options=
	while [ "$1" != -- ]; do
		options="$options $1"
		shift
	done
	shift
	# shellcheck disable=SC2086 # a list of words
	nsenter --net="/run/netns/$namespace" buildah $storage run --isolation chroot $options \
		"$container" -- /usr/local/bin/x0top "$@"
}

check() # NAME COMMAND...
{
	name=$1
	shift
	"$@" || fail "FAILED: $name"
	echo "ok: $name"
}

image_says()
{
	[ "$(jq "$1" "$work/image.json")" = true ]
}

snapshot_is_live()
{
	[ -s "$work/snapshot" ] &&
		jq -e '[.programs[] | select(.state == "on")] | length >= 6' "$work/snapshot" >/dev/null ||
		fail "too few programs run: $(jq -c '[.programs[] | [.name, .state, .reason]]' "$work/snapshot")"
}

[ -n "${BASE:-}" ] || {
	base_make
	BASE=localhost/debian:$suite
}
echo "--- image from $BASE"
oci build --isolation chroot --format docker --build-arg BASE="$BASE" -t $image \
	-f Dockerfile.ebpf . >"$folder/build.log" 2>&1 || {
	tail -n 20 "$folder/build.log"
	fail "the image cannot be built: whole log in $folder/build.log"
}
grep -E '^[0-9]+ passed, ' "$folder/build.log" || echo "the unit tests are of an earlier build"

echo "--- what the image says"
oci inspect --type image "$image" >"$work/image.json"
check "a user without privileges" image_says '.Docker.config.User == "x0top"'
check "a health check" image_says '.Docker.config.Healthcheck.Test[:3] == ["CMD", "/usr/local/bin/x0top", "--once"]'
check "the dashboard is what it runs" image_says '.Docker.config.Entrypoint == ["/usr/local/bin/x0top"]'
# What Docker's own profile has since 20.10, and Debian 12's lacks: CAP_BPF and CAP_PERFMON are enough
# for these two calls.
jq '.syscalls[].names -= ["bpf", "perf_event_open"] |
	.syscalls += [{ names: ["bpf", "perf_event_open"], action: "SCMP_ACT_ALLOW" }]' \
	/usr/share/containers/seccomp.json >"$work/seccomp.json"
container=$(oci from --security-opt seccomp="$work/seccomp.json" "$image")
containers=$container
root=$(oci mount "$container")
du -sk "$root" | awk '{ printf "%d MiB\n", $1 / 1024 }'
check "file capabilities" test "$(getcap "$root/usr/local/bin/x0top" | cut -d' ' -f2)" = \
	cap_net_admin,cap_perfmon,cap_bpf=ep
for tool in clang gcc make setcap; do
	check "no $tool" test -z "$(find "$root/usr/bin" "$root/usr/sbin" -name "$tool")"
done

echo "--- what it does, on a veth pair of its own"
ip netns add "$namespace"
ip -n "$namespace" link set lo up
ip -n "$namespace" link add mesh0 type veth peer name mesh1
ip -n "$namespace" link set mesh0 up
ip -n "$namespace" link set mesh1 up
three='--cap-add CAP_BPF --cap-add CAP_PERFMON --cap-add CAP_NET_ADMIN'
check "runs as its user" test "$(oci run --isolation chroot "$container" -- id -u)" = 10001
# shellcheck disable=SC2086
run $three -- --once --json >"$work/snapshot" 2>"$work/errors" ||
	fail "FAILED: not all programs run: $(cat "$work/errors")"
check "programs are loaded" snapshot_is_live
# While another x0top runs, as it does in a container whose health somebody checks.
# shellcheck disable=SC2086
run $three -- --once --delay 20 >"$work/other" 2>&1 &
other=$!
until ip -n "$namespace" -d link show mesh0 | grep -q ' xdp'; do
	kill -0 $other || fail "FAILED: no x0top runs: $(cat "$work/other")"
	sleep 0.2
done
# shellcheck disable=SC2046,SC2086
run $three -- $(jq -r '.Docker.config.Healthcheck.Test[2:][]' "$work/image.json") >"$work/health" 2>&1 ||
	fail "FAILED: the health check: $(cat "$work/health")"
echo "ok: the health check"
check "beside another x0top" wait $other
if run -- --once >"$work/refused" 2>&1; then
	fail "FAILED: it ran without its capabilities"
fi
check "without them it does not start" grep -q 'operation not permitted' "$work/refused"
echo "container: all passed"
