// SPDX-License-Identifier: BSD-2-Clause
#include "mesh/tables.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <linux/bpf.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* Makes a map of the lines. Returns its descriptor or a negative errno. */
static int create_lines(const struct mesh_compiled *compiled)
{
	LIBBPF_OPTS(bpf_map_create_opts, options, .map_flags = BPF_F_INNER_MAP | BPF_F_MMAPABLE);
	size_t size = compiled->n * sizeof(*compiled->lines);
	int map = bpf_map_create(BPF_MAP_TYPE_ARRAY, "mesh_lines", sizeof(uint32_t),
		sizeof(struct mesh_page), (compiled->n - 1) / MESH_PAGE_LINES + 1, &options);

	if (map < 0)
		return -errno;
	void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, map, 0);
	if (memory == MAP_FAILED) {
		int error = -errno;
		close(map);
		return error;
	}
	memcpy(memory, compiled->lines, size);
	munmap(memory, size);
	return map;
}

static int create_near(const struct mesh_line *lines)
{
	uint32_t zero = 0;
	int map = bpf_map_create(
		BPF_MAP_TYPE_ARRAY, "mesh_near", sizeof(zero), sizeof(struct mesh_near), 1, NULL);

	if (map < 0)
		return -errno;
	if (bpf_map_update_elem(map, &zero, lines, BPF_ANY) == 0)
		return map;
	int error = -errno;
	close(map);
	return error;
}

int tables_create(const struct mesh_compiled *compiled, int banks, uint32_t *id)
{
	const struct mesh_head *head = (const struct mesh_head *)compiled->lines;
	uint32_t bank = head->bank, size = sizeof(struct bpf_map_info);
	struct bpf_map_info info = { 0 };
	int lines = create_lines(compiled);

	if (lines < 0)
		return lines;
	int error = bpf_map_update_elem(banks, &bank, &lines, BPF_ANY) < 0 ? -errno : 0;
	close(lines);
	int map = error < 0 ? error : create_near(compiled->lines);
	if (map < 0)
		return map;
	if (bpf_obj_get_info_by_fd(map, &info, &size) == 0) {
		*id = info.id;
		return map;
	}
	error = -errno;
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
