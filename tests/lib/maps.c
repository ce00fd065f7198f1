// SPDX-License-Identifier: BSD-2-Clause
#include "tests/lib/maps.h"

#include <errno.h>
#include <stdlib.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

static int clear_array(int fd, const struct bpf_map *map)
{
	size_t size = (bpf_map__value_size(map) + 7) / 8 * 8;
	void *zeros = calloc((size_t)libbpf_num_possible_cpus(), size);
	int error = zeros == NULL ? -ENOMEM : 0;

	for (uint32_t key = 0; error == 0 && key < bpf_map__max_entries(map); key++)
		error = bpf_map_update_elem(fd, &key, zeros, BPF_ANY);
	free(zeros);
	return error;
}

static int clear_hash(int fd, const struct bpf_map *map)
{
	void *key = malloc(bpf_map__key_size(map));
	int error = key == NULL ? -ENOMEM : 0;

	while (error == 0 && bpf_map_get_next_key(fd, NULL, key) == 0)
		error = bpf_map_delete_elem(fd, key);
	free(key);
	return error;
}

int maps_clear(const struct bpf_object *object, const char *name)
{
	const struct bpf_map *map = bpf_object__find_map_by_name(object, name);

	if (map == NULL || bpf_map__fd(map) < 0)
		return -ENOENT;
	switch (bpf_map__type(map)) {
	case BPF_MAP_TYPE_ARRAY:
	case BPF_MAP_TYPE_PERCPU_ARRAY:
		return clear_array(bpf_map__fd(map), map);
	default:
		return clear_hash(bpf_map__fd(map), map);
	}
}
