// SPDX-License-Identifier: BSD-2-Clause
#include "mesh/tables.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <linux/bpf.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* Makes an array that holds a copy. Returns its descriptor or a negative errno. */
static int create_array(
	const char *name, uint32_t flags, size_t element, const struct mesh_line *lines, uint32_t n)
{
	LIBBPF_OPTS(bpf_map_create_opts, options, .map_flags = flags | BPF_F_MMAPABLE);
	size_t size = n * sizeof(*lines);
	int map = bpf_map_create(BPF_MAP_TYPE_ARRAY, name, sizeof(uint32_t), (uint32_t)element,
		(uint32_t)((size - 1) / element + 1), &options);

	if (map < 0)
		return -errno;
	void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, map, 0);
	if (memory == MAP_FAILED) {
		int error = -errno;
		close(map);
		return error;
	}
	memcpy(memory, lines, size);
	munmap(memory, size);
	return map;
}

/* Puts an array into a bank of `outer`, and closes it. Returns 0 or a negative errno. */
static int put_array(int outer, uint32_t bank, int array)
{
	int error = array;

	if (array >= 0)
		error = bpf_map_update_elem(outer, &bank, &array, BPF_ANY) < 0 ? -errno : 0;
	if (array >= 0)
		close(array);
	return error;
}

static int put_lines(const struct mesh_compiled *compiled, uint32_t bank, int outer)
{
	return put_array(outer, bank,
		create_array("mesh_lines", BPF_F_INNER_MAP, sizeof(struct mesh_page),
			compiled->lines, compiled->n));
}

/* Without short tables, those of rules before take no memory any longer. */
static int put_shorts(const struct mesh_compiled *compiled, uint32_t bank, int outer)
{
	uint32_t id;

	if (compiled->shorts != NULL)
		return put_array(outer, bank,
			create_array("mesh_shorts", 0, sizeof(*compiled->shorts),
				compiled->shorts->lines, compiled->n_shorts));
	if (bpf_map_lookup_elem(outer, &bank, &id) < 0)
		return 0;
	return bpf_map_delete_elem(outer, &bank) < 0 ? -errno : 0;
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

int tables_create(const struct mesh_compiled *compiled, int lines, int shorts, uint32_t *id)
{
	const struct mesh_head *head = (const struct mesh_head *)compiled->lines;
	uint32_t size = sizeof(struct bpf_map_info);
	struct bpf_map_info info = { 0 };
	int error = put_lines(compiled, head->bank, lines);

	if (error == 0)
		error = put_shorts(compiled, head->bank, shorts);
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
