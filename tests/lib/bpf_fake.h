/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * User space's side of the maps of bpf_host.h: libbpf's functions for maps, in its place. To be included
 * once in a test program, after the BPF program; without root, and without the kernel.
 */
#ifndef X0_TESTS_BPF_FAKE_H
#define X0_TESTS_BPF_FAKE_H

/* The program's, of two and four arguments. */
#undef bpf_map_lookup_elem
#undef bpf_map_update_elem

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "kernel/map_registry.h"
#include "tests/lib/bpf_host.h"

/* Returns a descriptor of the program's map, to be closed by the caller. */
#define fake_map_fd(map) fake_fd(host_map_of(host_type_of(map)))

static inline int fake_fd(const struct host_map *map)
{
	return fcntl(map->fd, F_DUPFD_CLOEXEC, 0);
}

static int fake_error(int error)
{
	if (error == 0)
		return 0;
	errno = -error;
	return error;
}

int libbpf_num_possible_cpus(void)
{
	return HOST_CPUS;
}

int bpf_map_create(enum bpf_map_type type, const char *name, __u32 key_size, __u32 value_size,
	__u32 max_entries, const struct bpf_map_create_opts *options)
{
	static char names[1 << 16]; /* an address for each */
	static unsigned made;
	const struct host_map_type wanted = { .map = &names[made++ % sizeof(names)],
		.key_size = key_size,
		.value_size = value_size,
		.entries = max_entries,
		.type = (int)type };

	(void)name;
	(void)options;
	return fake_fd(host_map_of(&wanted));
}

/* The number of a map, in place of the kernel's. */
static uint32_t fake_id(const struct host_map *map)
{
	return (uint32_t)map->inode;
}

static struct host_map *fake_inner(const void *address)
{
	const struct host_map_type type = { .map = address };

	return host_map_of(&type);
}

int bpf_map_lookup_elem(int fd, const void *key, void *value)
{
	struct host_map *map = host_map_by_fd(fd);
	const void *found = map ? host_map_values(map, key) : NULL;
	uint32_t id;

	if (map && found && map->type.type == BPF_MAP_TYPE_ARRAY_OF_MAPS) {
		if (!*(void *const *)found)
			return fake_error(-ENOENT);
		id = fake_id(fake_inner(*(void *const *)found));
		memcpy(value, &id, sizeof(id));
	} else if (found) {
		memcpy(value, found, host_map_stride(&map->type));
	}
	return fake_error(!map ? -EBADF : !found ? -ENOENT : 0);
}

int bpf_map_lookup_elem_flags(int fd, const void *key, void *value, __u64 flags)
{
	(void)flags;
	return bpf_map_lookup_elem(fd, key, value);
}

/* Called where the kernel waits until no program uses a map that is taken out of another. */
static void (*fake_waits)(void);

/* An inner map lives while it is in a map, or has no descriptor but its own. */
static int fake_put_map(struct host_map *outer, const void *key, int fd)
{
	const void **slot = host_map_values(outer, key);
	struct host_map *inner = host_map_by_fd(fd);
	const void *before = slot ? *slot : NULL;

	if (!slot || !inner)
		return -EINVAL;
	*slot = inner->type.map;
	if (fake_waits)
		fake_waits();
	if (before && before != inner->type.map)
		host_map_free(fake_inner(before));
	return 0;
}

int bpf_map_update_elem(int fd, const void *key, const void *value, __u64 flags)
{
	struct host_map *map = host_map_by_fd(fd);
	struct host_map_type whole;

	if (!map)
		return fake_error(-EBADF);
	if (map->type.type == BPF_MAP_TYPE_ARRAY_OF_MAPS)
		return fake_error(fake_put_map(map, key, *(const int *)value));
	whole = map->type;
	whole.value_size = host_map_stride(&map->type);
	return fake_error((int)host_update(&whole, key, value, flags));
}

static int fake_take_map(struct host_map *outer, const void *key)
{
	const void **slot = host_map_values(outer, key);

	if (!slot || !*slot)
		return -ENOENT;
	host_map_free(fake_inner(*slot));
	*slot = NULL;
	if (fake_waits)
		fake_waits();
	return 0;
}

int bpf_map_delete_elem(int fd, const void *key)
{
	struct host_map *map = host_map_by_fd(fd);

	if (map && map->type.type == BPF_MAP_TYPE_ARRAY_OF_MAPS)
		return fake_error(fake_take_map(map, key));
	return fake_error(!map ? -EBADF : map->values ? -EINVAL : host_map_delete(map, key));
}

/* Returns the element at a place of a hash, or NULL. */
static const struct host_element *fake_element(const struct host_map *map, uint32_t place)
{
	const struct host_element *element = map->elements;

	while (element && place-- > 0)
		element = element->next;
	return element;
}

int bpf_map_get_next_key(int fd, const void *key, void *next)
{
	struct host_map *map = host_map_by_fd(fd);
	const struct host_element *element;
	uint32_t place = 0;

	if (!map)
		return fake_error(-EBADF);
	if (map->values) {
		place = key ? *(const uint32_t *)key + 1 : 0;
		memcpy(next, &place, sizeof(place));
		return fake_error(place < map->type.entries ? 0 : -ENOENT);
	}
	while (key && (element = fake_element(map, place)) != NULL &&
		memcmp(element->key, key, map->type.key_size) != 0)
		place++;
	element = fake_element(map, key ? place + 1 : 0);
	if (element)
		memcpy(next, element->key, map->type.key_size);
	return fake_error(element ? 0 : -ENOENT);
}

/* Goes on behind the place in `in`: of an array its last index, of a hash how many came before. */
int bpf_map_lookup_batch(int fd, void *in, void *out, void *keys, void *values, __u32 *count,
	const struct bpf_map_batch_opts *options)
{
	struct host_map *map = host_map_by_fd(fd);
	uint32_t place, n = 0;

	(void)options;
	if (!map)
		return fake_error(-EBADF);
	place = in ? *(uint32_t *)in + !!map->values : 0;
	for (; n < *count; n++, place++) {
		const struct host_element *element = map->values ? NULL : fake_element(map, place);
		const void *key = map->values ? (void *)&place : element ? element->key : NULL;

		if (!key || (map->values && place >= map->type.entries))
			break;
		memcpy((uint8_t *)keys + n * map->type.key_size, key, map->type.key_size);
		memcpy((uint8_t *)values + n * host_map_stride(&map->type),
			host_map_values(map, key), host_map_stride(&map->type));
	}
	bool ended = n < *count;
	*count = n;
	place -= !!map->values;
	memcpy(out, &place, sizeof(place));
	return fake_error(ended ? -ENOENT : 0);
}

int bpf_map_update_batch(int fd, const void *keys, const void *values, __u32 *count,
	const struct bpf_map_batch_opts *options)
{
	struct host_map *map = host_map_by_fd(fd);
	int error = map ? 0 : -EBADF;

	for (uint32_t i = 0; error == 0 && i < *count; i++)
		error = bpf_map_update_elem(fd, (const uint8_t *)keys + i * map->type.key_size,
			(const uint8_t *)values + i * host_map_stride(&map->type),
			options ? options->elem_flags : 0);
	return fake_error(error);
}

int bpf_obj_get_info_by_fd(int fd, void *info, __u32 *size)
{
	const struct host_map *map = host_map_by_fd(fd);
	struct bpf_map_info answer = { 0 };

	if (!map)
		return fake_error(-EBADF);
	answer.type = (__u32)map->type.type;
	answer.id = fake_id(map);
	answer.key_size = (__u32)map->type.key_size;
	answer.value_size = (__u32)map->type.value_size;
	answer.max_entries = (__u32)map->type.entries;
	memcpy(info, &answer, *size < sizeof(answer) ? *size : sizeof(answer));
	return 0;
}

/* --- objects ----------------------------------------------------------------------------------------- */

/* The maps of the one object that there is, by name. */
static struct fake_named {
	const char *name;
	int fd;
} fake_named[SHARED_MAPS_MAX];

/* Names a map of the program for those who ask an object. */
#define fake_object_add(map) fake_object_name(#map, fake_map_fd(&map))

static inline void fake_object_name(const char *name, int fd)
{
	struct fake_named *named = fake_named;

	while (named->name && strcmp(named->name, name) != 0)
		named++;
	if (named->name)
		close(named->fd);
	*named = (struct fake_named) { name, fd };
}

static inline const struct bpf_object *fake_object(void)
{
	return (const struct bpf_object *)fake_named;
}

/* Gives a registry the maps of the object. */
static inline void fake_registry(struct map_registry *registry)
{
	map_registry_init(registry);
	for (const struct fake_named *named = fake_named; named->name; named++) {
		const struct shared_map maps[] = { { .name = named->name }, { .name = NULL } };

		map_registry_declare(registry, maps);
		registry->fds[registry->n - 1] = named->fd;
	}
}

struct bpf_map *bpf_object__find_map_by_name(const struct bpf_object *object, const char *name)
{
	struct fake_named *named = fake_named;

	(void)object;
	while (named->name && strcmp(named->name, name) != 0)
		named++;
	return named->name ? (struct bpf_map *)named : NULL;
}

bool bpf_map__autocreate(const struct bpf_map *map)
{
	(void)map;
	return true;
}

int bpf_map__fd(const struct bpf_map *map)
{
	return ((const struct fake_named *)map)->fd;
}

struct bpf_program *bpf_object__next_program(
	const struct bpf_object *object, struct bpf_program *program)
{
	(void)object;
	(void)program;
	return NULL;
}

#endif
