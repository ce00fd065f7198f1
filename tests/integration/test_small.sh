#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# `x0top --small` runs all its programs in 8 MB, and their maps take 4 MB. On hosts that have no more than 128 MB:
# tests/vm/small-host.sh.
set -u
test=$(realpath "$(dirname "$0")/../vm/small-test")
x0top=$(realpath "${X0TOP:-./x0top}")
# shellcheck source=tests/lib/host.sh
. "$(dirname "$0")/../lib/host.sh"

ip link add dummy0 type veth peer name peer0
mkdir /run/work && cd /run/work && ln -s "$x0top" x0top && TMPDIR=/run/work sh "$test"
