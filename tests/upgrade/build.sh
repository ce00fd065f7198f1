#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# build.sh FOLDER [COMMIT]: builds x0top of an older commit there; without one, of the last with other programs.
set -eu
folder=$1 commit=${2:-}
layout=$(sed -n 's/^#define PINS_LAYOUT "\(.*\)"$/\1/p' core/kernel/pins.h)
[ -n "$commit" ] || commit=$(git log -n 1 --format=%H -- bpf)^
rm -rf "$folder" && mkdir -p "$folder/build"
git archive "$commit" | tar -x -C "$folder"
grep -q "^#define PINS_LAYOUT \"$layout\"$" "$folder/core/kernel/pins.h" ||
	{ echo "$commit has another layout than $layout, and would change nothing: name another with OLD=" >&2; exit 1; }
[ ! -d build/openssl ] || cp -al build/openssl "$folder/build/"
${MAKE:-make} -C "$folder" BUILD=build SANITIZE= x0top >"$folder/log" 2>&1 || { tail -n 20 "$folder/log" >&2; exit 1; }
