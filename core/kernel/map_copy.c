// SPDX-License-Identifier: BSD-2-Clause
#include "kernel/map_copy.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <linux/bpf.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/map_info.h"

enum {
	KEY_MAX = 256, /* bytes */
	VALUE_MAX = 1 << 18, /* bytes; a key of ML-DSA-87, expanded, has 66 kB */
};

struct copying {
	int from, to;
	uint32_t entries, key_size;
	void *value; /* as large as the larger one */
};

static int copy_element(const struct copying *copying, const void *key)
{
	if (bpf_map_lookup_elem(copying->from, key, copying->value) < 0 ||
		bpf_map_update_elem(copying->to, key, copying->value, BPF_ANY) < 0)
		return -errno;
	return 0;
}

static int copy_array(const struct copying *copying)
{
	int error = 0;

	for (uint32_t i = 0; i < copying->entries && error == 0; i++)
		error = copy_element(copying, &i);
	return error;
}

static int copy_hash(const struct copying *copying)
{
	uint8_t key[KEY_MAX], next[KEY_MAX];
	bool more = bpf_map_get_next_key(copying->from, NULL, key) == 0;
	int error = 0;

	for (uint32_t i = 0; more && i < copying->entries && error == 0; i++) {
		error = copy_element(copying, key);
		more = bpf_map_get_next_key(copying->from, key, next) == 0;
		memcpy(key, next, copying->key_size);
	}
	return error;
}

int map_copy(int from, int to)
{
	struct bpf_map_info was, is;
	int error = map_info_read(from, &was);

	if (error == 0)
		error = map_info_read(to, &is);
	if (error < 0)
		return error;
	if (was.type != is.type ||
		(was.type != BPF_MAP_TYPE_ARRAY && was.type != BPF_MAP_TYPE_HASH) ||
		was.key_size != is.key_size || was.key_size > KEY_MAX ||
		was.value_size > VALUE_MAX || is.value_size > VALUE_MAX)
		return -EOPNOTSUPP;
	struct copying copying = {
		.from = from,
		.to = to,
		.entries = was.max_entries < is.max_entries ? was.max_entries : is.max_entries,
		.key_size = was.key_size,
		.value = calloc(1, was.value_size > is.value_size ? was.value_size : is.value_size),
	};
	if (copying.value == NULL)
		return -ENOMEM;
	error = was.type == BPF_MAP_TYPE_ARRAY ? copy_array(&copying) : copy_hash(&copying);
	free(copying.value);
	return error;
}
