#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# x0top calls nothing that glibc has and musl has not: such a system call is made by syscall(2). What glibc puts in
# place of a call, to check it, and what stands in the sources for glibc alone, is none of that.
set -u
x0top=${X0TOP:-${BUILD:-build}/x0top}
musl=$(echo /lib/*-linux-musl/libc.so)
of_glibc='__[a-z_]*_chk|__openat_2|malloc_trim|mallopt|(get|make|swap)context'

if [ ! -e "$musl" ]; then
	echo "skipped: there is no musl"
	exit 77
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
nm -D --undefined-only "$x0top" | sed -n 's/.* U \([A-Za-z_0-9]*\)@GLIBC.*/\1/p' | sort -u >"$work/called"
nm -D --defined-only "$musl" | awk '{ print $3 }' | sort -u >"$work/there"
[ -s "$work/called" ] || {
	echo "FAILED: $x0top calls nothing of glibc"
	exit 1
}
lacking=$(comm -23 "$work/called" "$work/there" | grep -vxE "$of_glibc")
[ -z "$lacking" ] || {
	echo "FAILED: musl has not: $lacking"
	exit 1
}
