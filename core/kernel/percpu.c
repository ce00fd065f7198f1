// SPDX-License-Identifier: BSD-2-Clause
#include "kernel/percpu.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/map_info.h"
#include "kernel/map_value.h"

int percpu_open(struct percpu *percpu, size_t size)
{
	int cpus = libbpf_num_possible_cpus();

	if (cpus < 0)
		return cpus;
	percpu->cpus = cpus;
	percpu->words = (size + MAP_VALUE_GROWTH_MAX + sizeof(uint64_t) - 1) / sizeof(uint64_t);
	percpu->values = calloc((size_t)cpus * percpu->words, sizeof(uint64_t));
	return percpu->values == NULL ? -ENOMEM : 0;
}

void percpu_close(struct percpu *percpu)
{
	free(percpu->values);
	*percpu = (struct percpu) { 0 };
}

/* Reads how many words a value of the map has on a CPU. Returns 0 or a negative errno. */
static int words_of(int map, size_t *words)
{
	struct bpf_map_info info;
	int error = map_info_read(map, &info);

	*words = (info.value_size + sizeof(uint64_t) - 1) / sizeof(uint64_t);
	return error;
}

/* Gives each CPU's value the size that x0top knows: leaves out what is behind it, or adds zeroes. */
static void resize_values(const struct percpu *percpu, size_t from, size_t to)
{
	size_t least = from < to ? from : to;

	for (int i = 0; i < percpu->cpus; i++) {
		size_t cpu = (size_t)(from > to ? i : percpu->cpus - 1 - i);
		uint64_t *value = percpu->values + cpu * to;
		memmove(value, percpu->values + cpu * from, least * sizeof(*value));
		memset(value + least, 0, (to - least) * sizeof(*value));
	}
}

int percpu_sum(const struct percpu *percpu, int map, const void *key, void *sum, size_t size)
{
	size_t words = size / sizeof(uint64_t), in_map;
	uint64_t *total = sum;
	int error = map_value_size(map, size, &in_map);

	memset(sum, 0, size);
	if (error < 0)
		return error;
	in_map = (in_map + sizeof(uint64_t) - 1) / sizeof(uint64_t);
	if (words > percpu->words || in_map > percpu->words)
		return -E2BIG;
	if (bpf_map_lookup_elem(map, key, percpu->values) < 0)
		return -errno;
	if (in_map != words)
		resize_values(percpu, in_map, words);
	for (int cpu = 0; cpu < percpu->cpus; cpu++)
		for (size_t i = 0; i < words; i++)
			total[i] += percpu->values[(size_t)cpu * words + i];
	return 0;
}

uint64_t percpu_largest(const struct percpu *percpu, size_t size, size_t word)
{
	uint64_t largest = 0;

	for (int cpu = 0; cpu < percpu->cpus; cpu++) {
		uint64_t value = percpu->values[(size_t)cpu * (size / sizeof(uint64_t)) + word];
		largest = value > largest ? value : largest;
	}
	return largest;
}

static int write_zeroes(const struct percpu *percpu, int map, const void *key, uint64_t flags)
{
	size_t words;
	int error = words_of(map, &words);

	if (error < 0)
		return error;
	if (words > percpu->words)
		return -E2BIG;
	memset(percpu->values, 0, (size_t)percpu->cpus * words * sizeof(uint64_t));
	return bpf_map_update_elem(map, key, percpu->values, flags) < 0 ? -errno : 0;
}

int percpu_clear(const struct percpu *percpu, int map, const void *key)
{
	return write_zeroes(percpu, map, key, BPF_EXIST);
}

int percpu_add(const struct percpu *percpu, int map, const void *key)
{
	return write_zeroes(percpu, map, key, BPF_NOEXIST);
}

int percpu_move(const struct percpu *percpu, int map, uint32_t from, uint32_t to)
{
	size_t words;
	uint64_t any = 0;
	int error = words_of(map, &words);

	if (error < 0)
		return error;
	if (2 * words > percpu->words)
		return -E2BIG;
	words *= (size_t)percpu->cpus;
	uint64_t *moved = percpu->values, *sum = percpu->values + words;
	if (bpf_map_lookup_elem(map, &from, moved) < 0)
		return -errno;
	for (size_t i = 0; i < words; i++)
		any |= moved[i];
	if (any == 0)
		return 0;
	if (bpf_map_lookup_elem(map, &to, sum) < 0)
		return -errno;
	for (size_t i = 0; i < words; i++)
		sum[i] += moved[i];
	if (bpf_map_update_elem(map, &to, sum, BPF_EXIST) < 0)
		return -errno;
	memset(moved, 0, words * sizeof(*moved));
	return bpf_map_update_elem(map, &from, moved, BPF_EXIST) < 0 ? -errno : 0;
}
