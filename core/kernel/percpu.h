/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads and clears elements of per-CPU maps of 64-bit counts. */
#ifndef X0_KERNEL_PERCPU_H
#define X0_KERNEL_PERCPU_H

#include <stddef.h>
#include <stdint.h>

/* A buffer for one element on all CPUs, used for every read. */
struct percpu {
	uint64_t *values;
	size_t words; /* the largest value that fits, in 64-bit words a CPU */
	int cpus; /* possible CPUs, as the kernel copies them */
};

/* Allocates the buffer for values of up to `size` bytes per CPU. Returns 0 or a negative errno. */
int percpu_open(struct percpu *percpu, size_t size);

/* Frees the buffer. */
void percpu_close(struct percpu *percpu);

/* Reads an element of a per-CPU map, `size` bytes of 64-bit counts, and writes the sum over the
 * CPUs to `sum`. Returns 0, or a negative errno with *sum zeroed. */
int percpu_sum(const struct percpu *percpu, int map, const void *key, void *sum, size_t size);

/* Zeroes an element of a per-CPU map on all CPUs. Returns 0 or a negative errno. */
int percpu_clear(const struct percpu *percpu, int map, const void *key);

#endif
