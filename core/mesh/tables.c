// SPDX-License-Identifier: BSD-2-Clause
#include "mesh/tables.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <linux/bpf.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* Copies lines into an array. Returns 0 or a negative errno. */
static int fill(int map, const struct mesh_line *lines, uint32_t n)
{
	const size_t size = n * sizeof(*lines);
	void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, map, 0);

	if (memory == MAP_FAILED)
		return -errno;
	memcpy(memory, lines, size);
	munmap(memory, size);
	return 0;
}

/* Makes an array of so many elements, or as many as there are lines, that begins with a copy of them. Returns its
 * descriptor or a negative errno. */
static int create_array(const char *name, uint32_t flags, size_t element, uint32_t elements,
	const struct mesh_line *lines, uint32_t n)
{
	LIBBPF_OPTS(bpf_map_create_opts, options, .map_flags = flags | BPF_F_MMAPABLE);
	int map = bpf_map_create(
		BPF_MAP_TYPE_ARRAY, name, sizeof(uint32_t), (uint32_t)element, elements, &options);
	int error = map < 0 ? -errno : fill(map, lines, n);

	if (map >= 0 && error < 0)
		close(map);
	return error < 0 ? error : map;
}

/* Returns 0 or a negative errno. The kernel waits until no program uses what was there. */
static int put_array(int outer, uint32_t bank, int array)
{
	return bpf_map_update_elem(outer, &bank, &array, BPF_ANY) < 0 ? -errno : 0;
}

/* --- lines --------------------------------------------------------------------------------------- */

/*
 * The arrays of lines that this process made last, one a bank: while the bank still has it, it is filled anew instead
 * of replaced, which spares a wait for all CPUs. Nothing uses it: its bank is not in force, and what put the other
 * one in force has waited. Only small ones are kept, with room to grow.
 */
static struct kept {
	uint32_t id; /* of the map; 0: none */
	int map;
	uint32_t pages;
} kept[MESH_BANKS];

#define KEPT_PAGES 16

static uint32_t id_of(int map)
{
	struct bpf_map_info info = { 0 };
	uint32_t size = sizeof(info);

	return bpf_obj_get_info_by_fd(map, &info, &size) < 0 ? 0 : info.id;
}

static bool is_in_place(const struct kept *array, int outer, uint32_t bank, uint32_t pages)
{
	uint32_t id;

	return array->id != 0 && array->pages >= pages &&
	       bpf_map_lookup_elem(outer, &bank, &id) == 0 && id == array->id;
}

/* Keeps an array that is in place, or closes it. */
static void keep(struct kept *array, int map, uint32_t pages)
{
	if (array->id != 0)
		close(array->map);
	*array = (struct kept) { pages <= KEPT_PAGES ? id_of(map) : 0, map, pages };
	if (array->id == 0)
		close(map);
}

static uint32_t with_room(uint32_t pages)
{
	return pages <= KEPT_PAGES / 2 ? 2 * pages : pages;
}

static int put_lines(const struct mesh_compiled *compiled, uint32_t bank, int outer)
{
	struct kept *array = &kept[bank % MESH_BANKS];
	uint32_t pages = (compiled->n - 1) / MESH_PAGE_LINES + 1;

	if (is_in_place(array, outer, bank, pages))
		return fill(array->map, compiled->lines, compiled->n);
	pages = with_room(pages);
	int map = create_array("mesh_lines", BPF_F_INNER_MAP, sizeof(struct mesh_page), pages,
		compiled->lines, compiled->n);
	int error = map < 0 ? map : put_array(outer, bank, map);
	if (error == 0)
		keep(array, map, pages);
	else if (map >= 0)
		close(map);
	return error;
}

/* --- what is near --------------------------------------------------------------------------------- */

/* Returns 0 or a negative errno. */
static int put_short_tables(const struct mesh_compiled *compiled, uint32_t bank, int outer)
{
	const size_t element = sizeof(*compiled->shorts);
	const size_t size = compiled->n_shorts * sizeof(struct mesh_line);
	int map = create_array("mesh_shorts", 0, element, (uint32_t)((size - 1) / element + 1),
		compiled->shorts->lines, compiled->n_shorts);
	int error = map < 0 ? map : put_array(outer, bank, map);

	if (map >= 0)
		close(map);
	return error;
}

/* Without short tables, those of rules before take no memory any longer. */
static int put_shorts(const struct mesh_compiled *compiled, uint32_t bank, int outer)
{
	uint32_t id;

	if (compiled->shorts != NULL)
		return put_short_tables(compiled, bank, outer);
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
	int error = put_lines(compiled, head->bank, lines);

	if (error == 0)
		error = put_shorts(compiled, head->bank, shorts);
	int map = error < 0 ? error : create_near(compiled->lines);
	if (map < 0)
		return map;
	*id = id_of(map);
	if (*id != 0)
		return map;
	close(map);
	return -EBADF;
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
