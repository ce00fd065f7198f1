/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads all entries of a map of any size, in batches where the kernel has them, and goes on where it stopped. */
#ifndef X0_PLUGINS_MAP_READER_H
#define X0_PLUGINS_MAP_READER_H

#include <stdbool.h>
#include <stdint.h>

struct map_reader {
	int fd; /* the caller's */
	uint32_t key_size, value_size;
	uint32_t stride; /* bytes of a value on a CPU, as the kernel copies them */
	uint32_t cpus; /* possible ones; 1 unless the map is per CPU */
	uint64_t
		most; /* entries that it can hold: it never has more, even if it changes while it is read */
	bool one_by_one; /* the kernel has no batches for it */
	bool begun; /* some were read, and others are left */
	uint64_t read; /* since the first */
	uint32_t room; /* entries of a batch */
	uint8_t *keys, *values; /* of the last batch */
	uint8_t *next; /* where the next one begins, as the kernel says */
};

/* Opens a reader of a map. `cpus` is 0 unless it is per CPU. Returns 0 or -ENOMEM. */
int map_reader_open(struct map_reader *reader, int fd, uint32_t key_size, uint32_t value_size,
	uint32_t cpus, uint64_t most);
void map_reader_close(struct map_reader *reader);

/* Reads the next entries. Returns their number, 0 after the last, after which it begins anew; or a negative errno. */
int map_reader_next(struct map_reader *reader);

/* Key and values (one a CPU, `stride` apart) of entry `i` of the last batch. */
const uint8_t *map_reader_key(const struct map_reader *reader, uint32_t i);
const uint8_t *map_reader_values(const struct map_reader *reader, uint32_t i);

/* Begins anew with the first entry. */
void map_reader_restart(struct map_reader *reader);

/* Reads a single entry, as the first of a batch. Returns 0 or a negative errno. */
int map_reader_lookup(struct map_reader *reader, const void *key);

#endif
