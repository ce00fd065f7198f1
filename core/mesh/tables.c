// SPDX-License-Identifier: BSD-2-Clause
#include "mesh/tables.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <linux/bpf.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static int fill(int map, const struct mesh_compiled *compiled)
{
	size_t size = compiled->n * sizeof(*compiled->lines);
	void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, map, 0);

	if (memory == MAP_FAILED)
		return -errno;
	memcpy(memory, compiled->lines, size);
	munmap(memory, size);
	return 0;
}

int tables_create(const struct mesh_compiled *compiled, uint32_t *id)
{
	LIBBPF_OPTS(bpf_map_create_opts, options, .map_flags = BPF_F_INNER_MAP | BPF_F_MMAPABLE);
	struct bpf_map_info info = { 0 };
	uint32_t size = sizeof(info);
	int map = bpf_map_create(BPF_MAP_TYPE_ARRAY, "mesh_tables", sizeof(uint32_t),
		sizeof(struct mesh_line), compiled->n, &options);

	if (map < 0)
		return -errno;
	int error = fill(map, compiled);
	if (error == 0 && bpf_obj_get_info_by_fd(map, &info, &size) < 0)
		error = -errno;
	if (error == 0) {
		*id = info.id;
		return map;
	}
	close(map);
	return error;
}

int tables_put(int outer, int tables)
{
	uint32_t zero = 0;

	return bpf_map_update_elem(outer, &zero, &tables, BPF_ANY) < 0 ? -errno : 0;
}

uint32_t tables_in_force(int outer)
{
	uint32_t zero = 0, id;

	return bpf_map_lookup_elem(outer, &zero, &id) < 0 ? 0 : id;
}
