// SPDX-License-Identifier: BSD-2-Clause
#include "kernel/map_registry.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/fd.h"
#include "kernel/map_copy.h"
#include "kernel/map_info.h"
#include "kernel/map_value.h"
#include "kernel/object.h"
#include "kernel/percpu.h"
#include "kernel/pin.h"

int map_registry_find(const struct map_registry *registry, const char *name)
{
	for (uint32_t i = 0; i < registry->n; i++)
		if (strcmp(registry->maps[i].name, name) == 0)
			return (int)i;
	return -ENOENT;
}

void map_registry_init(struct map_registry *registry)
{
	registry->n = 0;
	for (size_t i = 0; i < SHARED_MAPS_MAX; i++) {
		registry->fds[i] = -1;
		registry->carries[i] = NULL;
		registry->moves[i] = NULL;
		registry->grown[i] = false;
	}
}

void map_registry_declare(struct map_registry *registry, const struct shared_map *maps)
{
	for (; maps != NULL && maps->name != NULL; maps++)
		if (map_registry_find(registry, maps->name) < 0 && registry->n < SHARED_MAPS_MAX)
			registry->maps[registry->n++] = *maps;
}

int map_registry_set_slots(struct map_registry *registry, uint32_t slots)
{
	for (uint32_t i = 0; i < registry->n; i++)
		if (registry->fds[i] >= 0 &&
			(registry->maps[i].by_slot || registry->maps[i].per_slot > 0))
			return -EBUSY;
	registry->slots = slots;
	return 0;
}

/* Sets the size of a per-interface map that no object has brought yet. */
static int set_size(const struct map_registry *registry, struct bpf_map *map, int i)
{
	if (i < 0 || registry->slots == 0)
		return 0;
	uint32_t per_slot = registry->maps[i].by_slot ? 1 : registry->maps[i].per_slot;
	return per_slot == 0 ? 0 : bpf_map__set_max_entries(map, registry->slots * per_slot);
}

void map_registry_close(struct map_registry *registry)
{
	map_registry_carry_nothing(registry);
	for (size_t i = 0; i < SHARED_MAPS_MAX; i++)
		fd_close(&registry->fds[i]);
}

uint32_t map_registry_known(const struct shared_map *shared)
{
	return shared == NULL ? 0 : shared->counts > 0 ? shared->counts : shared->copied;
}

/* Returns whether an object brings a larger map than the one in force, to which that may be carried over. */
static bool has_grown(const struct shared_map *shared, const struct bpf_map_info *in_force,
	const struct bpf_map *map)
{
	return map_registry_known(shared) > 0 && bpf_map__value_size(map) > in_force->value_size;
}

/* Returns a map in force that programs have together and of which an object brings a larger one, or NULL. */
static const struct shared_map *grown_together(
	const struct map_registry *registry, const struct bpf_object *object)
{
	struct bpf_map_info info;

	for (uint32_t i = 0; i < registry->n; i++) {
		const struct shared_map *shared = &registry->maps[i];
		const struct bpf_map *map =
			shared->together && registry->fds[i] >= 0
				? bpf_object__find_map_by_name(object, shared->name)
				: NULL;
		if (map != NULL && map_info_read(registry->fds[i], &info) == 0 &&
			has_grown(shared, &info, map))
			return shared;
	}
	return NULL;
}

/* Returns whether an object has what links programs to each other. */
static bool has_links(const struct map_registry *registry, const struct bpf_object *object)
{
	for (uint32_t i = 0; i < registry->n; i++)
		if (registry->maps[i].links &&
			bpf_object__find_map_by_name(object, registry->maps[i].name) != NULL)
			return true;
	return false;
}

/* Lets an object use a map in force, or make a larger or, `anew`, another one of as many elements. */
static int use(const struct shared_map *shared, int fd, struct bpf_map *map, bool anew)
{
	struct bpf_map_info info;
	bool may_grow = map_registry_known(shared) > 0 || anew;
	int error = may_grow ? map_info_read(fd, &info) : 0;

	if (error < 0)
		return error;
	return anew || (may_grow && has_grown(shared, &info, map))
		       ? bpf_map__set_max_entries(map, info.max_entries)
		       : bpf_map__reuse_fd(map, fd);
}

int map_registry_share(
	const struct map_registry *registry, struct bpf_object *object, struct failure *failure)
{
	const struct shared_map *grown = grown_together(registry, object);
	struct bpf_map *map;

	if (grown != NULL && !(registry->may_renew && has_links(registry, object))) {
		failure_set(failure, -EBADMSG,
			"%s has a larger map %s than other programs that are in force with it",
			bpf_object__name(object), grown->name);
		return failure_remedy(failure, "Build it with the maps as they are");
	}
	bpf_object__for_each_map (map, object) {
		int i = map_registry_find(registry, bpf_map__name(map));
		int error = i < 0 || registry->fds[i] < 0
				    ? set_size(registry, map, i)
				    : use(&registry->maps[i], registry->fds[i], map,
					      grown != NULL && registry->maps[i].links);
		if (error < 0)
			return failure_set(failure, error, "Cannot use the map %s in %s: %s",
				registry->maps[i].name, bpf_object__name(object), strerror(-error));
	}
	return 0;
}

/* Begins to carry over what the map in force holds, in the way that is declared. */
static int begin_carry(struct map_registry *registry, uint32_t i, int to)
{
	const struct shared_map *shared = &registry->maps[i];
	const int from = registry->fds[i];

	if (registry->grown[i])
		return -EBUSY;
	if (shared->links)
		return 0; /* the programs are put into it */
	if (shared->counts > 0)
		return map_carry_open(from, to, shared->apart, &registry->carries[i]);
	if (shared->merging != NULL)
		return map_move_locked(from, to, shared->merging, &registry->moves[i]);
	return shared->stale.n > 0 ? map_move_flows(from, to, shared->stale) : map_copy(from, to);
}

/* Puts a larger map in the place of the one in force. Takes `fd` over, unless it fails. */
static int grow(struct map_registry *registry, uint32_t i, int fd)
{
	int error = begin_carry(registry, i, fd);

	if (error < 0)
		return error;
	registry->grown[i] = true;
	registry->smaller[i] = registry->fds[i];
	registry->fds[i] = fd;
	map_value_expect_other_sizes();
	return 0;
}

/* Returns whether a map that an object has brought takes the place of the one in force. */
static bool takes_place(const struct map_registry *registry, uint32_t i, const struct bpf_map *map)
{
	const struct shared_map *shared = &registry->maps[i];
	struct bpf_map_info info, brought;

	if (!shared->links && map_registry_known(shared) == 0)
		return false;
	if (map_info_read(registry->fds[i], &info) < 0)
		return false;
	if (shared->links)
		return map_info_read(bpf_map__fd(map), &brought) == 0 && brought.id != info.id;
	return has_grown(shared, &info, map);
}

static int keep(struct map_registry *registry, uint32_t i, const struct bpf_map *map)
{
	bool there = registry->fds[i] >= 0;

	if (there && !takes_place(registry, i, map))
		return 0;
	int fd = fcntl(bpf_map__fd(map), F_DUPFD_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	if (!there) {
		registry->fds[i] = fd;
		return 0;
	}
	int error = grow(registry, i, fd);
	if (error < 0)
		close(fd);
	return error;
}

int map_registry_keep(struct map_registry *registry, const struct bpf_object *object)
{
	for (uint32_t i = 0; i < registry->n; i++) {
		const struct bpf_map *map =
			bpf_object__find_map_by_name(object, registry->maps[i].name);
		int error = object_map_fd(object, registry->maps[i].name) < 0
				    ? 0
				    : keep(registry, i, map);
		if (error < 0)
			return error;
	}
	return 0;
}

int map_registry_add(struct map_registry *registry, const char *name, int fd)
{
	int i = map_registry_find(registry, name);

	if (i < 0 || registry->fds[i] >= 0) {
		close(fd);
		return i < 0 ? i : -EEXIST;
	}
	registry->fds[i] = fd;
	return 0;
}

bool map_registry_lacks(const struct map_registry *registry, const char *name)
{
	int i = map_registry_find(registry, name);

	return i >= 0 && registry->fds[i] < 0;
}

int map_registry_fd(const struct map_registry *registry, const char *name)
{
	int i = map_registry_find(registry, name);

	return i < 0 || registry->fds[i] < 0 ? -ENOENT : registry->fds[i];
}

/* --- carrying over --------------------------------------------------------------------------- */

bool map_registry_grows(const struct map_registry *registry)
{
	for (uint32_t i = 0; i < registry->n; i++)
		if (registry->grown[i])
			return true;
	return false;
}

bool map_registry_renews(const struct map_registry *registry)
{
	for (uint32_t i = 0; i < registry->n; i++)
		if (registry->grown[i] && registry->maps[i].links)
			return true;
	return false;
}

bool map_registry_has_together(const struct map_registry *registry, const struct bpf_object *object)
{
	for (uint32_t i = 0; i < registry->n; i++)
		if (registry->maps[i].together &&
			bpf_object__find_map_by_name(object, registry->maps[i].name) != NULL)
			return true;
	return false;
}

static void end_carry(struct map_registry *registry, uint32_t i)
{
	map_carry_close(registry->carries[i]);
	map_move_close(registry->moves[i]);
	registry->carries[i] = NULL;
	registry->moves[i] = NULL;
	registry->grown[i] = false;
	fd_close(&registry->smaller[i]);
}

/* Carries over what programs have written meanwhile. */
static int end_writing(struct map_registry *registry, uint32_t i)
{
	if (registry->carries[i] != NULL)
		return map_carry_run(registry->carries[i]);
	return registry->moves[i] != NULL ? map_move_settle(registry->moves[i]) : 0;
}

/* What links programs is pinned behind all that they have. */
static bool is_written(const struct map_registry *registry, uint32_t i)
{
	return registry->carries[i] != NULL || registry->moves[i] != NULL ||
	       registry->maps[i].links;
}

/* Settles what programs write, or what user space alone does. */
static int settle(struct map_registry *registry, int folder, bool written)
{
	int first = 0;

	for (uint32_t i = 0; i < registry->n; i++) {
		if (!registry->grown[i] || is_written(registry, i) != written)
			continue;
		int error = end_writing(registry, i);
		if (error == 0 && registry->in_pins[i] && folder >= 0)
			error = pin_replace(folder, registry->fds[i], registry->maps[i].name);
		if (first == 0)
			first = error;
		end_carry(registry, i);
	}
	return first;
}

int map_registry_settle(struct map_registry *registry, int folder)
{
	return settle(registry, folder, false);
}

int map_registry_carry(struct map_registry *registry, int folder)
{
	int copied = settle(registry, folder, false), written = settle(registry, folder, true);

	return copied < 0 ? copied : written;
}

void map_registry_carry_nothing(struct map_registry *registry)
{
	for (uint32_t i = 0; i < registry->n; i++) {
		if (!registry->grown[i])
			continue;
		int larger = registry->fds[i];
		registry->fds[i] = registry->smaller[i];
		registry->smaller[i] = larger;
		end_carry(registry, i);
	}
}

void map_registry_forget(struct map_registry *registry, uint32_t with)
{
	for (uint32_t i = 0; i < registry->n; i++) {
		if (registry->maps[i].pinned != with)
			continue;
		if (registry->grown[i])
			end_carry(registry, i);
		fd_close(&registry->fds[i]);
		registry->in_pins[i] = false;
	}
}
