/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* BPF side of the tables of watched interfaces: see interfaces.h. */
#ifndef X0_INTERFACES_BPF_H
#define X0_INTERFACES_BPF_H

#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

#include "interfaces.h"

#define INTERFACES_TABLE(name)                          \
	struct {                                        \
		__uint(type, BPF_MAP_TYPE_ARRAY);       \
		__uint(max_entries, INTERFACE_BUCKETS); \
		__type(key, __u32);                     \
		__type(value, struct interface_bucket); \
	} name SEC(".maps")

/* Returns the entry of an interface in a table, or NULL if it is not watched. */
static __always_inline const struct interface_entry *interfaces_lookup(void *table, __u32 ifindex)
{
	__u32 index = INTERFACE_BUCKET(ifindex);
	const struct interface_bucket *bucket = bpf_map_lookup_elem(table, &index);

	if (!bucket)
		return NULL;
#pragma unroll
	for (int i = 0; i < INTERFACE_WAYS; i++)
		if (bucket->entries[i].ifindex == ifindex)
			return &bucket->entries[i];
	return NULL;
}

#endif
