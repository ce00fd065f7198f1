// SPDX-License-Identifier: BSD-2-Clause
/* Maps and helpers for BPF programs that run in a test. */
#include "tests/lib/bpf_host.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

enum {
	MAPS_MAX = 32,
};

struct element {
	struct element *next;
	uint8_t *value;
	uint8_t key[];
};

struct host_map {
	struct host_map_type type;
	uint8_t *values; /* of an array */
	struct element *elements; /* of a hash */
	size_t used;
};

struct host host;
static struct host_map maps[MAPS_MAX];
static uint8_t *frame;
static size_t frame_bytes;

static void *zeroed(size_t size)
{
	void *memory = calloc(1, size);

	if (!memory)
		abort();
	return memory;
}

static void map_free(struct host_map *map)
{
	while (map->elements) {
		struct element *element = map->elements;

		map->elements = element->next;
		free(element->value);
		free(element);
	}
	free(map->values);
	memset(map, 0, sizeof(*map));
}

void host_reset(void)
{
	for (int i = 0; i < MAPS_MAX; i++)
		map_free(&maps[i]);
	memset(&host, 0, sizeof(host));
}

static bool is_array(int type)
{
	return type == BPF_MAP_TYPE_ARRAY || type == BPF_MAP_TYPE_PERCPU_ARRAY;
}

static struct host_map *map_of(const struct host_map_type *type)
{
	struct host_map *map = maps;

	while (map->type.map && map->type.map != type->map)
		if (++map == maps + MAPS_MAX)
			abort();
	if (map->type.map)
		return map;
	map->type = *type;
	if (is_array(type->type))
		map->values = zeroed(type->entries * type->value_size);
	return map;
}

void *host_lookup(const struct host_map_type *asked, const void *key)
{
	struct host_map *map = map_of(asked);
	const struct host_map_type *type = &map->type;
	const struct element *element;
	uint32_t index;

	if (map->values) {
		memcpy(&index, key, sizeof(index));
		return index < type->entries ? map->values + index * type->value_size : NULL;
	}
	for (element = map->elements; element; element = element->next)
		if (memcmp(element->key, key, type->key_size) == 0)
			return element->value;
	return NULL;
}

static void *element_add(struct host_map *map, const void *key)
{
	struct element *element = zeroed(sizeof(*element) + map->type.key_size);

	memcpy(element->key, key, map->type.key_size);
	element->value = zeroed(map->type.value_size);
	element->next = map->elements;
	map->elements = element;
	map->used++;
	return element->value;
}

long host_update(
	const struct host_map_type *type, const void *key, const void *value, uint64_t flags)
{
	struct host_map *map = map_of(type);
	void *to = host_lookup(type, key);

	if (to && flags & BPF_NOEXIST)
		return -EEXIST;
	if (!to && (map->values || host.map_full || map->used >= type->entries))
		return -E2BIG;
	if (!to && flags & BPF_EXIST)
		return -ENOENT;
	memcpy(to ? to : element_add(map, key), value, type->value_size);
	return 0;
}

void *host_task_storage(const struct host_map_type *type, const void *task, bool make)
{
	uint64_t key = (uintptr_t)task;
	void *value = host_lookup(type, &key);

	return value || !make || host.map_full ? value : element_add(map_of(type), &key);
}

void host_write(const volatile void *to, const void *from, size_t size)
{
	uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE), begin = (uintptr_t)to & ~(page - 1);

	if (mprotect((void *)begin, (uintptr_t)to + size - begin, PROT_READ | PROT_WRITE)) {
		perror("mprotect");
		abort();
	}
	memcpy((void *)(uintptr_t)to, from, size);
}

/* The data of a packet are all in one piece here. */
long host_skb_load(const struct __sk_buff *skb, uint32_t offset, void *to, size_t size)
{
	if (offset + size > skb->data_end - skb->data)
		return -EFAULT;
	memcpy(to, (const uint8_t *)(uintptr_t)skb->data + offset, size);
	return 0;
}

const void *host_at(const void *pointer)
{
	static const uint8_t nothing[4096];
	uintptr_t address = (uintptr_t)pointer & ~HOST_KERNEL;

	return address ? (const void *)address : nothing;
}

long host_probe_read(void *to, size_t size, const void *from)
{
	memcpy(to, host_at(from), size);
	return 0;
}

long host_snprintf(char *to, size_t size, const char *format, const void *data)
{
	uint64_t address;

	(void)format;
	memcpy(&address, data, sizeof(address));
	return snprintf(to, size, "at %llx", (unsigned long long)address);
}

uint64_t host_ktime(void)
{
	uint64_t now = host.ktime_ns;

	host.ktime_ns += host.ktime_step_ns;
	return now;
}

void *host_ring_reserve(size_t size)
{
	if (host.ring_full || size > sizeof(host.record))
		return NULL;
	host.record_size = size;
	memset(host.record, 0xa5, size);
	return host.record;
}

void host_ring_submit(const void *record, uint64_t flags)
{
	if (record != host.record)
		abort();
	host.ring_flags = flags;
	host.records++;
}

long host_ring_output(const void *record, size_t size)
{
	if (host.ring_full || size > sizeof(host.output))
		return -EAGAIN;
	memcpy(host.output, record, size);
	host.output_size = size;
	host.outputs++;
	return 0;
}

long host_tail_call(uint32_t index)
{
	host.tail_calls++;
	host.tail_call = index;
	return 0;
}

/* Maps pages below 4 GB, where MAP_32BIT is not known too. */
static uint8_t *map_low(size_t size)
{
	for (uintptr_t at = 0x10000000; at < 0xf0000000; at += 0x1000000) {
		void *memory = mmap((void *)at, size, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);

		if (memory == (void *)at)
			return memory;
		if (memory != MAP_FAILED)
			munmap(memory, size);
	}
	abort();
}

uint8_t *host_frame(const void *bytes, size_t size)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);

	if (size > frame_bytes || !frame) {
		if (frame)
			munmap(frame, frame_bytes);
		frame_bytes = (size + page) / page * page;
		frame = map_low(frame_bytes + page);
		munmap(frame + frame_bytes, page);
	}
	memcpy(frame + frame_bytes - size, bytes, size);
	return frame + frame_bytes - size;
}
