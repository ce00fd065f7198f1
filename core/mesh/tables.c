// SPDX-License-Identifier: BSD-2-Clause
#include "mesh/tables.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <linux/bpf.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "kernel/map_value.h"

/* Makes an array that holds a copy; without `lines`, zeros. Returns its descriptor or a negative errno. */
static int create_array(
	const char *name, uint32_t flags, size_t element, const struct mesh_line *lines, uint32_t n)
{
	LIBBPF_OPTS(bpf_map_create_opts, options, .map_flags = flags | BPF_F_MMAPABLE);
	size_t size = n * sizeof(*lines);
	int map = bpf_map_create(BPF_MAP_TYPE_ARRAY, name, sizeof(uint32_t), (uint32_t)element,
		(uint32_t)((size - 1) / element + 1), &options);

	if (map < 0 || lines == NULL)
		return map < 0 ? -errno : map;
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

static int put_lines(int outer, uint32_t bank, const struct mesh_line *lines, uint32_t n)
{
	return put_array(outer, bank,
		create_array("mesh_lines", BPF_F_INNER_MAP, sizeof(struct mesh_page), lines, n));
}

static bool has_map(int outer, uint32_t bank)
{
	uint32_t id;

	return bpf_map_lookup_elem(outer, &bank, &id) == 0;
}

/* Returns whether packets are looked up in what is near alone. */
static bool is_near(const struct mesh_compiled *compiled)
{
	const struct mesh_head *head = (const struct mesh_head *)compiled->lines;

	return compiled->n == MESH_NEAR_LINES && head->words <= 1;
}

/* Copies the tables alone: most of the room of a bank is never touched. */
static int put_shorts(const struct mesh_compiled *compiled, uint32_t bank, int map)
{
	const size_t room = MESH_SHORT_BUCKETS * sizeof(struct mesh_bucket);
	void *memory = mmap(NULL, room, PROT_READ | PROT_WRITE, MAP_SHARED, map,
		(off_t)(bank % MESH_BANKS * room));

	if (memory == MAP_FAILED)
		return -errno;
	memcpy(memory, compiled->shorts, compiled->n_shorts * sizeof(*compiled->shorts));
	munmap(memory, room);
	return 0;
}

int tables_write(const struct mesh_compiled *compiled, const struct tables_maps *maps)
{
	uint32_t bank = ((const struct mesh_head *)compiled->lines)->bank;
	int error = 0;

	if (!is_near(compiled) || !has_map(maps->lines, bank))
		error = put_lines(maps->lines, bank, compiled->lines, compiled->n);
	if (error == 0 && compiled->shorts != NULL)
		error = put_shorts(compiled, bank, maps->shorts);
	return error < 0 ? error
			 : map_value_write(
				   maps->near, &bank, compiled->lines, sizeof(struct mesh_near));
}

/* The kernel waits for all packets wherever a map of a map is changed. */
int tables_retire(const struct tables_maps *maps, uint32_t bank)
{
	return put_lines(maps->lines, bank, NULL, MESH_PAGE_LINES);
}

bool tables_retired(const struct tables_maps *maps, uint32_t bank)
{
	return has_map(maps->lines, bank);
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

int tables_put_map(const struct mesh_compiled *compiled, int lines, int outer)
{
	const struct mesh_head *head = (const struct mesh_head *)compiled->lines;
	int error = put_lines(lines, head->bank, compiled->lines, compiled->n);

	return error < 0 ? error : put_array(outer, 0, create_near(compiled->lines));
}

/* An update of the whole might be seen half done. */
int tables_store(int control, size_t offset, uint32_t value)
{
	uint8_t *memory;

	if (control < 0)
		return control;
	memory = mmap(NULL, sizeof(struct mesh_filter_control), PROT_READ | PROT_WRITE, MAP_SHARED,
		control, 0);
	if (memory == MAP_FAILED)
		return -errno;
	__atomic_store_n((uint32_t *)(memory + offset), value, __ATOMIC_RELEASE);
	munmap(memory, sizeof(struct mesh_filter_control));
	return 0;
}

int tables_put(int control, uint32_t set)
{
	return tables_store(control, offsetof(struct mesh_filter_control, set), set);
}

int64_t tables_in_force(int control)
{
	struct mesh_filter_control now;
	uint32_t zero = 0;

	if (control < 0)
		return control;
	int error = map_value_read(control, &zero, &now, sizeof(now));
	return error < 0 ? error : (int64_t)now.set;
}
