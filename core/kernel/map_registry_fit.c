// SPDX-License-Identifier: BSD-2-Clause
/* Which of the maps in force a program can go on with, and what it takes from those that have grown. */
#include <bpf/bpf.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "kernel/map_fit.h"
#include "kernel/map_info.h"
#include "kernel/map_registry.h"
#include "kernel/object.h"
#include "kernel/percpu.h"

/*
 * Describes a map in force, with *in_force bytes in a value; by the object in force, where the kernel does not tell its
 * BTF. Of what may grow that object may know the beginning alone, after one with more: layout->value_size is what is
 * known.
 */
static int read_layout(int fd, const struct bpf_object *before, const char *name, bool may_grow,
	struct map_layout *layout, uint32_t *in_force, struct btf **btf)
{
	const struct bpf_map *map =
		before == NULL ? NULL : bpf_object__find_map_by_name(before, name);
	struct map_layout declared;
	int error = map_layout_read(fd, layout, btf);

	*in_force = layout->value_size;
	if (error < 0 || *btf != NULL || map == NULL)
		return error;
	map_layout_declared(before, map, &declared);
	if (declared.key_size != layout->key_size || declared.value_size > layout->value_size ||
		(declared.value_size < layout->value_size && !may_grow))
		return 0;
	layout->value_size = declared.value_size;
	layout->btf = declared.btf;
	layout->key = declared.key;
	layout->value = declared.value;
	return 0;
}

/* Returns what `fit`, of the known beginning of a value, means for the whole; negative if that is not known. */
static int fit_whole(int fit, const char *name, uint32_t in_force, uint32_t is, struct failure *why)
{
	if (fit < 0 || fit == MAP_LARGER || (fit == MAP_FITS && is < in_force))
		return fit < 0 ? fit : MAP_LARGER;
	if (fit == MAP_FITS || is == in_force)
		return MAP_FITS;
	return failure_set(why, -EBADMSG,
		"%s: it is of %u bytes, and what stands at the end of the %u in force is not known",
		name, is, in_force);
}

/* Says why a map does not fit in whose value only the end differs: *why has the member. */
static void cannot_carry(const char *name, int fit, const struct map_layout *is,
	const struct shared_map *shared, struct failure *why)
{
	char member[sizeof(why->what)];

	snprintf(member, sizeof(member), "%s", why->what);
	if (fit == MAP_GROWN && map_registry_known(shared) == 0)
		failure_set(why, -EBADMSG, "%.120s, and such a map is not carried over%s%s", member,
			shared != NULL && shared->stays != NULL ? ": " : "",
			shared != NULL && shared->stays != NULL ? shared->stays : "");
	else if (fit == MAP_GROWN)
		failure_set(why, -EBADMSG,
			"%s: it has grown to %u bytes, more than the %u that x0top can read", name,
			is->value_size, map_registry_known(shared) + MAP_VALUE_GROWTH_MAX);
}

int map_registry_fit(const char *whose, const struct shared_map *shared, int fd,
	const struct bpf_object *object, const struct bpf_map *map, const struct bpf_object *before,
	struct failure *failure)
{
	const char *name = bpf_map__name(map);
	const uint32_t known = map_registry_known(shared);
	struct map_layout was, is;
	struct failure why = { 0 };
	struct btf *btf;
	uint32_t in_force;
	int fit = read_layout(fd, before, name, known > 0, &was, &in_force, &btf);

	if (fit < 0)
		return failure_set(
			failure, fit, "Cannot read the map %s: %s", name, strerror(-fit));
	map_layout_declared(object, map, &is);
	fit = map_fit(name, &was, &is, &why);
	btf__free(btf);
	if (in_force > was.value_size)
		fit = fit_whole(fit, name, in_force, is.value_size, &why);
	if (fit == MAP_GROWN && shared != NULL && shared->moved)
		return fit;
	if (fit == MAP_LARGER && shared != NULL && shared->shrinks)
		return fit;
	/* What x0top reads must be there, and not more behind it than it has room for. */
	uint32_t smaller = was.value_size < is.value_size ? was.value_size : is.value_size;
	uint32_t larger = was.value_size < is.value_size ? is.value_size : was.value_size;
	if (fit == MAP_FITS || (fit > 0 && known > 0 && larger <= known + MAP_VALUE_GROWTH_MAX &&
				       (fit == MAP_GROWN || smaller >= known)))
		return fit;
	cannot_carry(name, fit, &is, shared, &why);
	failure_set(failure, -EBADMSG, "%s does not fit the maps in force: %s", whose, why.what);
	return failure_remedy(failure, "Build it with the maps as they are");
}

int map_registry_fits(const struct map_registry *registry, const char *whose,
	const struct bpf_object *object, const struct bpf_object *before, struct failure *failure)
{
	const struct bpf_map *map;

	bpf_object__for_each_map (map, object) {
		int i = map_registry_find(registry, bpf_map__name(map));
		int error = i < 0 || registry->fds[i] < 0
				    ? 0
				    : map_registry_fit(whose, &registry->maps[i], registry->fds[i],
					      object, map, before, failure);
		if (error < 0)
			return error;
	}
	return 0;
}

/* Returns the row of a list that has this name, or NULL. */
static const struct shared_map *row_of(const struct shared_map *rows, const char *name)
{
	for (; rows != NULL && rows->name != NULL; rows++)
		if (strcmp(rows->name, name) == 0 || strcmp(rows->name, EACH_MAP) == 0)
			return rows;
	return NULL;
}

/* Takes over one map of the object in force, unless its contents are to be carried over. */
static int keep_one(const char *whose, const struct shared_map *own, struct bpf_object *object,
	const struct bpf_object *before, const struct bpf_map *kept, struct failure *failure)
{
	const char *name = bpf_map__name(kept);
	struct bpf_map *map = bpf_object__find_map_by_name(object, name);
	int fd = bpf_map__fd(kept), error;

	if (map == NULL || !bpf_map__autocreate(map))
		return failure_set(
			failure, -EBADMSG, "%s lacks the map %s, which is in force", whose, name);
	error = map_registry_fit(whose, own, fd, object, map, before, failure);
	if (error < 0)
		return error;
	error = error == MAP_GROWN || (error == MAP_LARGER && own->shrinks)
			? bpf_map__set_max_entries(map, bpf_map__max_entries(kept))
			: bpf_map__reuse_fd(map, fd);
	if (error < 0)
		failure_set(failure, error, "Cannot use the map %s in %s: %s", name, whose,
			strerror(-error));
	return error;
}

/* Returns whether a map is an object's to go on with. libbpf makes maps of variables, by section. */
static bool is_kept(const struct bpf_map *map, bool variables)
{
	const char *section = strrchr(bpf_map__name(map), '.');

	if (!bpf_map__autocreate(map))
		return false;
	return !bpf_map__is_internal(map) ||
	       (variables && section != NULL && strcmp(section, ".bss") == 0);
}

int map_registry_keep_own(const struct map_registry *registry, const char *whose,
	struct bpf_object *object, const struct bpf_object *kept, const struct bpf_object *before,
	const struct shared_map *own, bool variables, struct failure *failure)
{
	const struct bpf_map *map;

	bpf_object__for_each_map (map, kept) {
		int error = map_registry_find(registry, bpf_map__name(map)) >= 0 ||
					    !is_kept(map, variables)
				    ? 0
				    : keep_one(whose, row_of(own, bpf_map__name(map)), object,
					      before, map, failure);
		if (error < 0)
			return error;
	}
	return 0;
}

/* Finds a map of both objects. Returns whether they are two, of which the second has another size. */
static bool are_two(const struct bpf_object *object, const struct bpf_object *kept,
	const char *name, int *from, int *to)
{
	struct bpf_map_info was, is;

	*from = object_map_fd(kept, name);
	*to = object_map_fd(object, name);
	if (*from < 0 || *to < 0 || map_info_read(*from, &was) < 0 || map_info_read(*to, &is) < 0)
		return false;
	return was.id != is.id && was.value_size != is.value_size;
}

bool map_registry_own_grows(const struct bpf_object *object, const struct bpf_object *kept,
	const struct shared_map *own)
{
	int from, to;

	for (; own != NULL && own->name != NULL; own++)
		if (are_two(object, kept, own->name, &from, &to))
			return true;
	return false;
}

int map_registry_carry_own(const struct bpf_object *object, const struct bpf_object *kept,
	const struct shared_map *own)
{
	int first = 0, from, to;

	map_value_expect_other_sizes();
	for (; own != NULL && own->name != NULL; own++) {
		struct map_carry *carry = NULL;
		if (own->counts == 0 || !are_two(object, kept, own->name, &from, &to))
			continue;
		int error = map_carry_open(from, to, own->apart, &carry);
		if (error == 0)
			error = map_carry_run(carry);
		map_carry_close(carry);
		if (first == 0)
			first = error;
	}
	return first;
}

/* --- moving ---------------------------------------------------------------------------------- */

static int cannot_move(const char *whose, const char *name, int error, struct failure *failure)
{
	failure_set(failure, error, "Cannot carry %s of %s over: %s", name, whose,
		error == -EOPNOTSUPP ? "user space cannot read such a map" : strerror(-error));
	return failure_remedy(failure, "Build it with the maps as they are");
}

int map_registry_move_own(const char *whose, const struct bpf_object *object,
	const struct bpf_object *kept, const struct shared_map *own, struct map_moves *moves,
	struct failure *failure)
{
	const struct bpf_map *map;
	int error = 0, from, to;

	moves->n = 0;
	bpf_object__for_each_map (map, kept) {
		const char *name = bpf_map__name(map);
		const struct shared_map *row = row_of(own, name);
		if (error < 0 || row == NULL || !row->moved || bpf_map__is_internal(map) ||
			!are_two(object, kept, name, &from, &to))
			continue;
		error = moves->n == SHARED_MAPS_MAX
				? -E2BIG
				: map_move_open(from, to, &moves->moves[moves->n]);
		if (error == 0)
			moves->n++;
		else
			cannot_move(whose, name, error, failure);
	}
	if (moves->n > 0)
		map_value_expect_other_sizes();
	if (error < 0)
		map_moves_close(moves);
	return error;
}

int map_moves_settle(struct map_moves *moves)
{
	int first = 0;

	for (uint32_t i = 0; i < moves->n; i++) {
		int error = map_move_settle(moves->moves[i]);
		if (first == 0)
			first = error;
	}
	return first;
}

void map_moves_close(struct map_moves *moves)
{
	while (moves->n > 0)
		map_move_close(moves->moves[--moves->n]);
}
