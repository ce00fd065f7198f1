// SPDX-License-Identifier: BSD-2-Clause
#include "kernel/map_value.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/map_info.h"

/* Set where a map has values of another size, which costs each look at one a system call. */
static bool other_sizes;

void map_value_expect_other_sizes(void)
{
	other_sizes = true;
}

int map_value_size(int map, size_t known, size_t *size)
{
	struct bpf_map_info info;

	*size = known;
	if (!other_sizes)
		return 0;
	int error = map_info_read(map, &info);
	if (error == 0)
		*size = info.value_size;
	return error;
}

static int look_up(int map, const void *key, void *value, uint64_t flags)
{
	int error = flags == 0 ? bpf_map_lookup_elem(map, key, value)
			       : bpf_map_lookup_elem_flags(map, key, value, flags);

	return error < 0 ? -errno : 0;
}

int map_value_read_with(int map, const void *key, void *value, size_t size, uint64_t flags)
{
	size_t in_map;
	int error = map_value_size(map, size, &in_map);

	if (error < 0)
		return error;
	if (in_map <= size) {
		memset((char *)value + in_map, 0, size - in_map);
		return look_up(map, key, value, flags);
	}
	void *whole = malloc(in_map);
	if (whole == NULL)
		return -ENOMEM;
	error = look_up(map, key, whole, flags);
	if (error == 0)
		memcpy(value, whole, size);
	explicit_bzero(whole, in_map);
	free(whole);
	return error;
}

int map_value_read(int map, const void *key, void *value, size_t size)
{
	return map_value_read_with(map, key, value, size, 0);
}

int map_value_write_with(int map, const void *key, const void *value, size_t size, uint64_t flags)
{
	size_t in_map;
	int error = map_value_size(map, size, &in_map);

	if (error < 0)
		return error;
	if (in_map <= size)
		return bpf_map_update_elem(map, key, value, flags) < 0 ? -errno : 0;
	void *whole = calloc(1, in_map);
	if (whole == NULL)
		return -ENOMEM;
	memcpy(whole, value, size);
	error = bpf_map_update_elem(map, key, whole, flags) < 0 ? -errno : 0;
	explicit_bzero(whole, in_map);
	free(whole);
	return error;
}

int map_value_write(int map, const void *key, const void *value, size_t size)
{
	return map_value_write_with(map, key, value, size, BPF_ANY);
}
