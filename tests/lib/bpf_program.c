// SPDX-License-Identifier: BSD-2-Clause
#include "tests/lib/bpf_program.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <linux/if_link.h>

#include "interfaces.h"
#include "tests/lib/netns.h"

static __attribute__((noreturn, format(printf, 1, 2))) void die(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vfprintf(stderr, format, arguments);
	va_end(arguments);
	fprintf(stderr, ": %s\n", strerror(errno));
	abort();
}

struct bpf_object *bpf_program_open(const char *name)
{
	const char *build = getenv("BUILD");
	struct bpf_object *object;
	char path[512];

	snprintf(path, sizeof(path), "%s/bpf/%s.bpf.o", build ? build : "build", name);
	object = bpf_object__open_file(path, NULL);
	if (!object)
		die("%s", path);
	return object;
}

/* Returns where a variable is in the section of constants: its type is the section's in BTF. */
static const struct btf_var_secinfo *find_constant(const struct btf *btf, const char *variable)
{
	const struct btf_type *section;
	const struct btf_var_secinfo *info;
	int id = btf__find_by_name_kind(btf, ".rodata", BTF_KIND_DATASEC);

	if (id < 0)
		return NULL;
	section = btf__type_by_id(btf, id);
	info = btf_var_secinfos(section);
	for (int i = 0; i < btf_vlen(section); i++, info++) {
		const struct btf_type *type = btf__type_by_id(btf, info->type);

		if (!strcmp(btf__name_by_offset(btf, type->name_off), variable))
			return info;
	}
	return NULL;
}

void bpf_program_set(struct bpf_object *object, const char *variable, uint32_t value)
{
	const struct btf_var_secinfo *info = find_constant(bpf_object__btf(object), variable);
	struct bpf_map *map;
	size_t size;
	char *bytes;

	bpf_object__for_each_map (map, object) {
		if (!info || !strstr(bpf_map__name(map), ".rodata"))
			continue;
		bytes = (char *)bpf_map__initial_value(map, &size);
		memcpy(bytes + info->offset, &value, info->size); /* little endian: bool as well */
		return;
	}
	die("no constant %s", variable);
}

void bpf_program_share_maps(struct bpf_object *object, struct bpf_object *other)
{
	struct bpf_map *map, *shared;

	bpf_object__for_each_map (map, object) {
		if (bpf_map__is_internal(map))
			continue;
		shared = bpf_object__find_map_by_name(other, bpf_map__name(map));
		if (shared && bpf_map__reuse_fd(map, bpf_map__fd(shared)))
			die("sharing map %s", bpf_map__name(map));
	}
}

void bpf_program_load(struct bpf_object *object)
{
	if (bpf_object__load(object))
		die("loading %s", bpf_object__name(object));
}

int bpf_program_fd(struct bpf_object *object, const char *program)
{
	struct bpf_program *found = bpf_object__find_program_by_name(object, program);

	if (!found)
		die("no program %s", program);
	return bpf_program__fd(found);
}

int bpf_program_map_fd(struct bpf_object *object, const char *map)
{
	int fd = bpf_object__find_map_fd_by_name(object, map);

	if (fd < 0)
		die("no map %s", map);
	return fd;
}

void bpf_program_sum(int map_fd, uint32_t key, void *sum, size_t size)
{
	const int cpus = libbpf_num_possible_cpus();
	const size_t n = size / sizeof(uint64_t);
	uint64_t *values = calloc(cpus, size);
	uint64_t *total = sum;

	if (!values || bpf_map_lookup_elem(map_fd, &key, values))
		die("reading a per-CPU map");
	memset(sum, 0, size);
	for (int cpu = 0; cpu < cpus; cpu++)
		for (size_t i = 0; i < n; i++)
			total[i] += values[cpu * n + i];
	free(values);
}

void bpf_program_set_percpu(int map_fd, uint32_t key, const void *value, size_t size)
{
	const int cpus = libbpf_num_possible_cpus();
	char *values = calloc(cpus, size);

	for (int cpu = 0; values && cpu < cpus; cpu++)
		memcpy(values + cpu * size, value, size);
	if (!values || bpf_map_update_elem(map_fd, &key, values, BPF_ANY))
		die("writing a per-CPU map");
	free(values);
}

void bpf_program_clear(int map_fd)
{
	struct bpf_map_info info = { 0 };
	uint32_t size = sizeof(info);
	char *zeros;

	if (bpf_obj_get_info_by_fd(map_fd, &info, &size))
		die("a map");
	/* Values of per-CPU maps are padded to 8 bytes. */
	zeros = calloc(libbpf_num_possible_cpus(), (info.value_size + 7) / 8 * 8);
	for (uint32_t key = 0; key < info.max_entries; key++)
		if (!zeros || bpf_map_update_elem(map_fd, &key, zeros, BPF_ANY))
			die("clearing a map");
	free(zeros);
}

void bpf_program_watch(int table_fd, uint32_t ifindex, uint16_t slot, uint16_t flags)
{
	uint32_t index = INTERFACE_BUCKET(ifindex);
	struct interface_bucket bucket;

	if (bpf_map_lookup_elem(table_fd, &index, &bucket))
		die("a bucket of interfaces");
	for (int i = 0; i < INTERFACE_WAYS; i++) {
		struct interface_entry *entry = &bucket.entries[i];

		if (entry->ifindex != 0 && entry->ifindex != ifindex)
			continue;
		*entry = (struct interface_entry) { ifindex, slot, flags };
		break;
	}
	if (bpf_map_update_elem(table_fd, &index, &bucket, BPF_ANY))
		die("a bucket of interfaces");
}

void bpf_program_enter_alone(int program_fd)
{
	netns_enter();
	if (bpf_xdp_attach(BPF_PROGRAM_RUN_IFINDEX, program_fd, XDP_FLAGS_SKB_MODE, NULL))
		die("attaching to the loopback");
}

uint32_t bpf_program_run(int program_fd, const void *frame, size_t length)
{
	LIBBPF_OPTS(bpf_test_run_opts, options, .data_in = frame, .data_size_in = length);

	if (bpf_prog_test_run_opts(program_fd, &options))
		die("BPF_PROG_RUN with %zu bytes", length);
	return options.retval;
}
