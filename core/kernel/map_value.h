/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Elements of maps whose values may be larger than x0top knows them, or smaller: another version's program, or a file's,
 * has brought the map. What x0top does not know of a value it leaves out when it reads, and writes as zeroes; what a
 * smaller one lacks is zero. Not for per-CPU maps: percpu.h.
 */
#ifndef X0_KERNEL_MAP_VALUE_H
#define X0_KERNEL_MAP_VALUE_H

#include <stddef.h>
#include <stdint.h>

/* Bytes that a value may have more than x0top knows. */
enum { MAP_VALUE_GROWTH_MAX = 512 };

/* Says that there are such maps: from now on each reading and writing asks for the size. */
void map_value_expect_other_sizes(void);

/* Reads how many bytes a value of the map has; `known` without asking, where none has another size. Returns 0 or a
 * negative errno. */
int map_value_size(int map, size_t known, size_t *size);

/* Read and write an element, of which x0top knows `size` bytes. Return 0 or a negative errno. */
int map_value_read(int map, const void *key, void *value, size_t size);
int map_value_write(int map, const void *key, const void *value, size_t size);

/* The same with flags of the kernel's: BPF_F_LOCK, BPF_NOEXIST. Leave nothing of a larger value in memory. */
int map_value_read_with(int map, const void *key, void *value, size_t size, uint64_t flags);
int map_value_write_with(int map, const void *key, const void *value, size_t size, uint64_t flags);

#endif
