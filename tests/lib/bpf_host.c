// SPDX-License-Identifier: BSD-2-Clause
/* Maps and helpers for BPF programs that run in a test. */
#include "tests/lib/bpf_host.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	MAPS_MAX = 64,
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

/* --- maps -------------------------------------------------------------------------------------------- */

static bool is_per_cpu(int type)
{
	return type == BPF_MAP_TYPE_PERCPU_ARRAY || type == BPF_MAP_TYPE_PERCPU_HASH;
}

static bool is_array(int type)
{
	return type == BPF_MAP_TYPE_ARRAY || type == BPF_MAP_TYPE_PERCPU_ARRAY ||
	       type == BPF_MAP_TYPE_ARRAY_OF_MAPS;
}

size_t host_map_stride(const struct host_map_type *type)
{
	return is_per_cpu(type->type) ? HOST_CPUS * ((type->value_size + 7) & ~7ul)
				      : type->value_size;
}

/* An array of one CPU is memory that user space can map, too: elements are padded to 8 bytes. */
static size_t step_of(const struct host_map_type *type)
{
	return (host_map_stride(type) + 7) & ~7ul;
}

void host_map_free(struct host_map *map)
{
	while (map->elements)
		host_map_delete(map, map->elements->key);
	if (map->values)
		munmap(map->values, map->type.entries * step_of(&map->type));
	if (map->type.map)
		close(map->fd);
	memset(map, 0, sizeof(*map));
}

void host_reset(void)
{
	for (int i = 0; i < MAPS_MAX; i++)
		host_map_free(&maps[i]);
	memset(&host, 0, sizeof(host));
}

static void map_make(struct host_map *map, const struct host_map_type *type)
{
	size_t size = type->entries * step_of(type);
	struct stat status;

	map->type = *type;
	map->fd = memfd_create("map", MFD_CLOEXEC);
	if (map->fd < 0 || fstat(map->fd, &status) < 0)
		abort();
	map->inode = status.st_ino;
	if (!is_array(type->type))
		return;
	if (ftruncate(map->fd, (off_t)size) < 0)
		abort();
	map->values = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, map->fd, 0);
	if (map->values == MAP_FAILED)
		abort();
}

struct host_map *host_map_of(const struct host_map_type *type)
{
	struct host_map *empty = NULL;

	for (struct host_map *map = maps; map < maps + MAPS_MAX; map++) {
		if (map->type.map && map->type.map == type->map)
			return map;
		if (!map->type.map && !empty)
			empty = map;
	}
	if (!empty)
		abort();
	map_make(empty, type);
	return empty;
}

struct host_map *host_map_by_fd(int fd)
{
	struct stat status;

	if (fstat(fd, &status) < 0)
		return NULL;
	for (struct host_map *map = maps; map < maps + MAPS_MAX; map++)
		if (map->type.map && map->inode == status.st_ino)
			return map;
	return NULL;
}

static struct host_element **element_of(struct host_map *map, const void *key)
{
	struct host_element **at = &map->elements;

	while (*at && memcmp((*at)->key, key, map->type.key_size) != 0)
		at = &(*at)->next;
	return at;
}

void *host_map_values(struct host_map *map, const void *key)
{
	const struct host_element *element;
	uint32_t index;

	if (map->values) {
		memcpy(&index, key, sizeof(index));
		return index < map->type.entries ? map->values + index * step_of(&map->type) : NULL;
	}
	element = *element_of(map, key);
	return element ? element->value : NULL;
}

int host_map_delete(struct host_map *map, const void *key)
{
	struct host_element **at = element_of(map, key), *element = *at;

	if (!element)
		return -ENOENT;
	*at = element->next;
	free(element->value);
	free(element);
	map->used--;
	return 0;
}

void *host_lookup(const struct host_map_type *type, const void *key)
{
	struct host_map *map = host_map_of(type);
	void *values = host_map_values(map, key);

	return values && map->type.type == BPF_MAP_TYPE_ARRAY_OF_MAPS ? *(void **)values : values;
}

static void *element_add(struct host_map *map, const void *key)
{
	struct host_element *element = zeroed(sizeof(*element) + map->type.key_size);

	memcpy(element->key, key, map->type.key_size);
	element->value = zeroed(step_of(&map->type));
	element->next = map->elements;
	map->elements = element;
	map->used++;
	return element->value;
}

long host_update(
	const struct host_map_type *type, const void *key, const void *value, uint64_t flags)
{
	struct host_map *map = host_map_of(type);
	void *to = host_map_values(map, key);

	if (to && flags & BPF_NOEXIST)
		return -EEXIST;
	if (!to && (map->values || host.map_full || map->used >= map->type.entries))
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

	return value || !make || host.map_full ? value : element_add(host_map_of(type), &key);
}

/* --- helpers ----------------------------------------------------------------------------------------- */

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

long host_skb_store(struct __sk_buff *skb, uint32_t offset, const void *from, size_t size)
{
	if (offset + size > skb->data_end - skb->data)
		return -EFAULT;
	memcpy((uint8_t *)(uintptr_t)skb->data + offset, from, size);
	return 0;
}

long host_csum_replace(struct __sk_buff *skb, uint32_t offset, uint64_t from, uint64_t to)
{
	uint16_t sum;

	if (host_skb_load(skb, offset, &sum, sizeof(sum)) < 0)
		return -EFAULT;
	uint32_t folded = (uint16_t)~sum + (uint32_t)(uint16_t)~from + (uint32_t)(uint16_t)to;
	folded = (folded & 0xffff) + (folded >> 16);
	sum = (uint16_t) ~(folded + (folded >> 16));
	return host_skb_store(skb, offset, &sum, sizeof(sum));
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
