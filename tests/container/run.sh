#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Builds Dockerfile.ebpf and runs the image, in a storage of its own under BUILD/container. BASE names
# the base image; without one a Debian is made by debootstrap, from this machine's own mirror: the
# build then needs no registry.
set -eu
echo "not yet" >&2
exit 1
