// SPDX-License-Identifier: BSD-2-Clause
#include "mesh/set_store.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <linux/bpf.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/map_value.h"

#define ATTEMPTS_MAX 1000

static size_t elements_size(const struct mesh_set *set)
{
	return ((size_t)set->n + set->n_addresses) * sizeof(struct mesh_element);
}

/* --- bytes and pieces -------------------------------------------------------------------------- */

static int read_pieces(int map, uint32_t store, uint8_t *bytes, size_t size)
{
	struct mesh_set_piece_key key = { .store = store };
	struct mesh_set_piece piece;

	for (size_t at = 0; at < size; at += sizeof(piece), key.number++) {
		size_t part = size - at < sizeof(piece) ? size - at : sizeof(piece);
		int error = map_value_read(map, &key, &piece, sizeof(piece));
		if (error < 0)
			return error == -ENOENT ? -EBADMSG : error;
		memcpy(bytes + at, &piece, part);
	}
	return 0;
}

/* From 6.1 on, the kernel refills what it allocates from when it leaves the update: -ENOMEM passes. */
static int write_piece(
	int map, const struct mesh_set_piece_key *key, const struct mesh_set_piece *piece)
{
	int error = 0;

	for (int attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
		error = map_value_write(map, key, piece, sizeof(*piece));
		if (error != -ENOMEM)
			break;
		sched_yield();
	}
	return error;
}

static int write_pieces(int map, uint32_t store, const uint8_t *bytes, size_t size)
{
	struct mesh_set_piece_key key = { .store = store };
	struct mesh_set_piece piece;
	int error = 0;

	for (size_t at = 0; at < size && error == 0; at += sizeof(piece), key.number++) {
		size_t part = size - at < sizeof(piece) ? size - at : sizeof(piece);
		memset(&piece, 0, sizeof(piece));
		memcpy(&piece, bytes + at, part);
		error = write_piece(map, &key, &piece);
	}
	/* What a longer one left there. */
	while (error == 0 && bpf_map_delete_elem(map, &key) == 0)
		key.number++;
	return error;
}

/* --- sets ---------------------------------------------------------------------------------------- */

static bool is_whole(const struct mesh_set *set)
{
	return set->kind < MESH_SET_KINDS && set->n <= MESH_ELEMENTS_MAX &&
	       set->n_addresses <= MESH_ELEMENTS_MAX &&
	       memchr(set->name, '\0', sizeof(set->name)) != NULL && sets_name_valid(set->name) &&
	       memchr(set->source, '\0', sizeof(set->source)) != NULL;
}

static int take_elements(
	struct mesh_sets *sets, uint32_t place, const uint8_t *bytes, size_t size, size_t *at)
{
	size_t length = elements_size(&sets->sets[place]);

	if (!is_whole(&sets->sets[place]) || length > size - *at)
		return -EBADMSG;
	sets->elements[place] = malloc(length + 1);
	if (sets->elements[place] == NULL)
		return -ENOMEM;
	memcpy(sets->elements[place], bytes + *at, length);
	*at += length;
	return 0;
}

int set_store_unpack(const uint8_t *bytes, size_t size, struct mesh_sets *sets)
{
	uint32_t n = 0;
	size_t at = sizeof(n);
	int error = 0;

	if (size < sizeof(n))
		return size == 0 ? 0 : -EBADMSG;
	memcpy(&n, bytes, sizeof(n));
	if (n > MESH_SETS_MAX || n * sizeof(sets->sets[0]) > size - at)
		return -EBADMSG;
	memcpy(sets->sets, bytes + at, n * sizeof(sets->sets[0]));
	at += n * sizeof(sets->sets[0]);
	for (sets->n = 0; sets->n < n && error == 0; sets->n += error == 0)
		error = take_elements(sets, sets->n, bytes, size, &at);
	return error == 0 && at != size ? -EBADMSG : error;
}

struct mesh_sets *set_store_read(
	const struct map_registry *maps, uint32_t store, uint32_t size, int *error)
{
	struct mesh_sets *sets = calloc(1, sizeof(*sets));
	bool fits = size <= MESH_SET_PIECES_MAX * sizeof(struct mesh_set_piece);
	uint8_t *bytes = fits ? malloc(size + 1) : NULL;
	int map = map_registry_fd(maps, "mesh_sets");

	*error = !fits ? -EBADMSG : sets == NULL || bytes == NULL ? -ENOMEM : map < 0 ? map : 0;
	if (*error == 0)
		*error = read_pieces(map, store, bytes, size);
	if (*error == 0)
		*error = set_store_unpack(bytes, size, sets);
	free(bytes);
	if (*error == 0)
		return sets;
	sets_free(sets);
	return NULL;
}

uint8_t *set_store_pack(const struct mesh_sets *sets, size_t *size)
{
	size_t heads = sets->n * sizeof(sets->sets[0]), at = sizeof(sets->n) + heads;

	*size = at + sets_count(sets) * sizeof(struct mesh_element);
	uint8_t *bytes = malloc(*size);
	if (bytes == NULL)
		return NULL;
	memcpy(bytes, &sets->n, sizeof(sets->n));
	memcpy(bytes + sizeof(sets->n), sets->sets, heads);
	for (uint32_t i = 0; i < sets->n; i++) {
		memcpy(bytes + at, sets->elements[i], elements_size(&sets->sets[i]));
		at += elements_size(&sets->sets[i]);
	}
	return bytes;
}

/* Whether a store has room for so many bytes: it may have been made for a host of little memory. */
static bool has_room(int map, size_t size)
{
	struct bpf_map_info info = { 0 };
	uint32_t length = sizeof(info);

	return bpf_obj_get_info_by_fd(map, &info, &length) == 0 &&
	       size <= info.max_entries / MESH_SET_STORES * sizeof(struct mesh_set_piece);
}

int64_t set_store_write(
	const struct map_registry *maps, uint32_t store, const struct mesh_sets *sets)
{
	int map = map_registry_fd(maps, "mesh_sets");
	size_t size;
	uint8_t *bytes = map < 0 ? NULL : set_store_pack(sets, &size);

	if (bytes == NULL)
		return map < 0 ? map : -ENOMEM;
	int error = has_room(map, size) ? write_pieces(map, store, bytes, sets->n > 0 ? size : 0)
					: -EFBIG;
	free(bytes);
	return error < 0 ? error : sets->n > 0 ? (int64_t)size : 0;
}
