// SPDX-License-Identifier: BSD-2-Clause
#include "kernel/interface_table.h"

#include <errno.h>
#include <stddef.h>

#include "kernel/map_value.h"

static int read_bucket(int map, __u32 ifindex, struct interface_bucket *bucket)
{
	__u32 index = INTERFACE_BUCKET(ifindex);

	return map_value_read(map, &index, bucket, sizeof(*bucket));
}

static int write_bucket(int map, __u32 ifindex, const struct interface_bucket *bucket)
{
	__u32 index = INTERFACE_BUCKET(ifindex);

	return map_value_write(map, &index, bucket, sizeof(*bucket));
}

/* Returns the entry of an ifindex, or a free one for 0; NULL if the bucket has none. */
static struct interface_entry *entry_of(struct interface_bucket *bucket, __u32 ifindex)
{
	for (int i = 0; i < INTERFACE_WAYS; i++)
		if (bucket->entries[i].ifindex == ifindex)
			return &bucket->entries[i];
	return NULL;
}

int interface_table_put(int map, const struct interface_entry *entry)
{
	struct interface_bucket bucket;
	int error = read_bucket(map, entry->ifindex, &bucket);

	if (error < 0)
		return error;
	struct interface_entry *place = entry_of(&bucket, entry->ifindex);
	if (place == NULL)
		place = entry_of(&bucket, 0);
	if (place == NULL)
		return -ENOSPC;
	*place = *entry;
	return write_bucket(map, entry->ifindex, &bucket);
}

int interface_table_remove(int map, __u32 ifindex)
{
	struct interface_bucket bucket;
	int error = read_bucket(map, ifindex, &bucket);

	if (error < 0)
		return error;
	struct interface_entry *place = entry_of(&bucket, ifindex);
	if (place == NULL)
		return -ENOENT;
	*place = (struct interface_entry) { 0 };
	return write_bucket(map, ifindex, &bucket);
}

static int sweep_bucket(struct interface_bucket *bucket,
	bool (*keep)(const struct interface_entry *entry, void *data), void *data)
{
	int removed = 0;

	for (int i = 0; i < INTERFACE_WAYS; i++) {
		struct interface_entry *entry = &bucket->entries[i];
		if (entry->ifindex == 0 || keep(entry, data))
			continue;
		*entry = (struct interface_entry) { 0 };
		removed++;
	}
	return removed;
}

int interface_table_sweep(
	int map, bool (*keep)(const struct interface_entry *entry, void *data), void *data)
{
	struct interface_bucket bucket;
	int removed = 0;

	for (__u32 index = 0; index < INTERFACE_BUCKETS; index++) {
		int error = map_value_read(map, &index, &bucket, sizeof(bucket));
		int here = error < 0 ? 0 : sweep_bucket(&bucket, keep, data);
		if (here > 0)
			error = map_value_write(map, &index, &bucket, sizeof(bucket));
		if (error < 0)
			return error;
		removed += here;
	}
	return removed;
}

int interface_table_find(int map, __u32 ifindex, struct interface_entry *entry)
{
	struct interface_bucket bucket;
	int error = read_bucket(map, ifindex, &bucket);

	if (error < 0)
		return error;
	const struct interface_entry *place = entry_of(&bucket, ifindex);
	if (place == NULL)
		return -ENOENT;
	*entry = *place;
	return 0;
}
