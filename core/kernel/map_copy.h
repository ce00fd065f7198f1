/* SPDX-License-Identifier: BSD-2-Clause */
/* Copies what user space has written into a map to another one, whose values are larger. */
#ifndef X0_KERNEL_MAP_COPY_H
#define X0_KERNEL_MAP_COPY_H

/*
 * Copies all elements that both maps have room for, arrays or hashes with the same keys; what is behind them in the
 * larger values is zero. Nobody may write to either meanwhile; of what a program writes, the last moment may be
 * missing. Returns 0, or a negative errno: -EOPNOTSUPP for maps of other types.
 */
int map_copy(int from, int to);

#endif
