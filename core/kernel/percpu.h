/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads and clears elements of per-CPU maps of 64-bit counts. */
#ifndef X0_KERNEL_PERCPU_H
#define X0_KERNEL_PERCPU_H

#include <stddef.h>
#include <stdint.h>

#include "kernel/map_value.h"

/* Bytes; no kernel takes a larger value of a per-CPU map: PCPU_MIN_UNIT_SIZE, with pages of 64 KiB. */
enum { PERCPU_VALUE_MAX = 1 << 16 };

/* A buffer for one element on all CPUs, used for every read. */
struct percpu {
	uint64_t *values;
	size_t words; /* the largest value that fits, in 64-bit words a CPU */
	int cpus; /* possible CPUs, as the kernel copies them */
};

#define PERCPU_CPUS "/sys/devices/system/cpu/possible" /* where libbpf reads the number of CPUs */

/* Makes room for values of up to `size` bytes a CPU, and MAP_VALUE_GROWTH_MAX more, which costs memory as far as values are read.
 * Returns 0 or a negative errno: -ENOMEM, or that of reading PERCPU_CPUS. */
int percpu_open(struct percpu *percpu, size_t size);

/* Frees the buffer. */
void percpu_close(struct percpu *percpu);

/* Reads an element of a per-CPU map, the first `size` bytes of it, 64-bit counts, and writes the sum over the
 * CPUs to `sum`. Returns 0, or a negative errno with *sum zeroed. */
int percpu_sum(const struct percpu *percpu, int map, const void *key, void *sum, size_t size);

/* Returns the largest value over the CPUs of word `word` of the element of `size` bytes that
 * percpu_sum() has just read. */
uint64_t percpu_largest(const struct percpu *percpu, size_t size, size_t word);

/* Zeroes an element of a per-CPU map on all CPUs. Returns 0, or a negative errno: -E2BIG if there is
 * no room for its value. */
int percpu_clear(const struct percpu *percpu, int map, const void *key);

/* Adds element `from` of a per-CPU array of counts to element `to`, CPU by CPU, and zeroes it; nothing may
 * count in either meanwhile. Returns 0, or a negative errno: -E2BIG if there is no room for two values. */
int percpu_move(const struct percpu *percpu, int map, uint32_t from, uint32_t to);

/* Adds an element of zeroes to a per-CPU hash. Returns as percpu_clear(), and -EEXIST if there is one. */
int percpu_add(const struct percpu *percpu, int map, const void *key);

#endif
