// SPDX-License-Identifier: BSD-2-Clause
#include "plugins/map_reader.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum {
	BATCH = 1024,
	BATCH_MOST = 1 << 16, /* a bucket of a hash is read as a whole */
	BATCH_BYTES = 1 << 20,
};

static size_t entry_bytes(const struct map_reader *reader)
{
	return (size_t)reader->stride * reader->cpus;
}

static int make_room(struct map_reader *reader, uint32_t room)
{
	uint8_t *keys = realloc(reader->keys, (size_t)room * reader->key_size);
	reader->keys = keys != NULL ? keys : reader->keys;
	uint8_t *values = realloc(reader->values, room * entry_bytes(reader));
	reader->values = values != NULL ? values : reader->values;

	if (keys == NULL || values == NULL)
		return -ENOMEM;
	reader->room = room;
	return 0;
}

int map_reader_open(struct map_reader *reader, int fd, uint32_t key_size, uint32_t value_size,
	uint32_t cpus, uint64_t most)
{
	*reader = (struct map_reader) {
		.fd = fd,
		.key_size = key_size,
		.value_size = value_size,
		.stride = cpus > 0 ? (value_size + 7) / 8 * 8 : value_size,
		.cpus = cpus > 0 ? cpus : 1,
		.most = most,
	};
	size_t room = BATCH_BYTES / (key_size + entry_bytes(reader));
	room = room == 0 ? 1 : room < BATCH ? room : BATCH;
	reader->next = calloc(1, key_size + sizeof(uint64_t));
	if (reader->next != NULL && make_room(reader, (uint32_t)room) == 0)
		return 0;
	map_reader_close(reader);
	return -ENOMEM;
}

void map_reader_close(struct map_reader *reader)
{
	free(reader->keys);
	free(reader->values);
	free(reader->next);
	*reader = (struct map_reader) { .fd = -1 };
}

const uint8_t *map_reader_key(const struct map_reader *reader, uint32_t i)
{
	return reader->keys + (size_t)i * reader->key_size;
}

const uint8_t *map_reader_values(const struct map_reader *reader, uint32_t i)
{
	return reader->values + i * entry_bytes(reader);
}

/* Returns the number of entries and sets *last, or returns a negative errno. */
static int read_batch(struct map_reader *reader, bool *last)
{
	uint32_t n = reader->room;

	while (bpf_map_lookup_batch(reader->fd, reader->begun ? reader->next : NULL, reader->next,
		       reader->keys, reader->values, &n, NULL) < 0) {
		if (errno == ENOENT) {
			*last = true;
			break;
		}
		if (errno != ENOSPC || reader->room >= BATCH_MOST)
			return -errno;
		if (make_room(reader, reader->room * 2) < 0)
			return -ENOMEM;
		n = reader->room;
	}
	return n <= reader->room ? (int)n : -EBADMSG;
}

/* An entry that is gone by the time that it is read is left out. */
static int read_one_by_one(struct map_reader *reader, bool *last)
{
	uint8_t *key = reader->keys;
	uint32_t n = 0;

	for (uint32_t i = 0; i < reader->room; i++) {
		key = reader->keys + (size_t)n * reader->key_size;
		const void *before = reader->begun ? reader->next : NULL;
		if (bpf_map_get_next_key(reader->fd, before, key) < 0) {
			*last = errno == ENOENT;
			return *last ? (int)n : -errno;
		}
		memcpy(reader->next, key, reader->key_size);
		reader->begun = true;
		if (bpf_map_lookup_elem(
			    reader->fd, key, reader->values + n * entry_bytes(reader)) == 0)
			n++;
		else if (errno != ENOENT)
			return -errno;
	}
	return (int)n;
}

/* A map that is rewritten while it is read may begin anew by itself, again and again. */
static bool is_over(const struct map_reader *reader)
{
	return reader->read > 0 && (!reader->begun || reader->read >= reader->most);
}

int map_reader_next(struct map_reader *reader)
{
	enum { TRIES = 16 }; /* batches of which all is gone by the time that it is read */
	const bool first = reader->read == 0;
	bool last = is_over(reader);
	int n = 0;

	for (int i = 0; i < TRIES && n == 0 && !last; i++)
		n = reader->one_by_one ? read_one_by_one(reader, &last) : read_batch(reader, &last);
	if (n < 0 && first && !reader->one_by_one) {
		reader->one_by_one = true;
		return map_reader_next(reader);
	}
	if (n > 0) {
		reader->begun = !last;
		reader->read += (uint32_t)n;
		return n;
	}
	map_reader_restart(reader);
	return n;
}

void map_reader_restart(struct map_reader *reader)
{
	reader->begun = false;
	reader->read = 0;
}

int map_reader_lookup(struct map_reader *reader, const void *key)
{
	return bpf_map_lookup_elem(reader->fd, key, reader->values) < 0 ? -errno : 0;
}
