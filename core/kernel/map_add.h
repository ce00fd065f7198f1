/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Adds to an element of a map by a program in the kernel: nothing is lost that another one counts between a reading and
 * a writing of user space.
 */
#ifndef X0_KERNEL_MAP_ADD_H
#define X0_KERNEL_MAP_ADD_H

#include <stdbool.h>
#include <stdint.h>

/* Words of a value that are no sums. */
struct map_words {
	uint16_t first, n;
	bool largest; /* the larger of both counts; else they stay as they are */
};

bool map_words_have(struct map_words words, uint32_t word);

struct map_add {
	int arguments; /* an array of one: the key, filled up to a word, and what is to be added */
	int program;
	uint32_t key_size, key_words, n;
	uint64_t *element; /* of `arguments` */
	uint64_t *
		words; /* n of them, within that: what is to be added; half of the last, if the value has only that */
};

#define MAP_ADD_NONE                           \
	{                                      \
		.arguments = -1, .program = -1 \
	}

/*
 * Prepares to add to values of `map`, of whose first `bytes` 4 at the end may be half a word. Keeps no descriptor of it.
 * Returns 0, or a negative errno; call map_add_close() either way.
 */
int map_add_open(
	struct map_add *add, int map, uint32_t key_size, uint32_t bytes, struct map_words apart);

/* Adds add->words to the element, if it is there; of a per-CPU map to that of the present CPU. Another one could only be
 * reached by an interrupt, between the reading and the writing of what counts there. Returns 0 or a negative errno. */
int map_add_run(struct map_add *add, const void *key);

void map_add_close(struct map_add *add);

#endif
