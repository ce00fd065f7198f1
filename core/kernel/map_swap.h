/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Writes a value that begins with a spin lock, if it is still what was read: a program in the kernel compares and stores
 * under the lock, under which others change it.
 */
#ifndef X0_KERNEL_MAP_SWAP_H
#define X0_KERNEL_MAP_SWAP_H

#include <stdint.h>

struct map_swap {
	int arguments; /* an array of one: the key, filled up to a word, then the two values */
	int program;
	uint32_t key_size, key_words, n;
	uint64_t *element; /* of `arguments` */
	uint64_t *expected,
		*wanted; /* n words each, within that; the first, which has the lock, is left out */
};

#define MAP_SWAP_NONE                          \
	{                                      \
		.arguments = -1, .program = -1 \
	}

/*
 * Prepares for the first n words of the values of `map`, of which those from `added` on are added to, whatever they are:
 * others change them without the lock. Keeps no descriptor of it. Returns 0 or a negative errno; call map_swap_close()
 * either way.
 */
int map_swap_open(struct map_swap *swap, int map, uint32_t key_size, uint32_t n, uint32_t added);

/* Writes swap->wanted. Returns 1, 0 if the element is not there or not swap->expected, or a negative errno. */
int map_swap_run(struct map_swap *swap, const void *key);

/* Wipes both values, also in the kernel. */
void map_swap_close(struct map_swap *swap);

#endif
