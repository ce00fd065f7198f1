// SPDX-License-Identifier: BSD-2-Clause
#include "kernel/map_registry.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/fd.h"
#include "interfaces.h"
#include "kernel/map_fit.h"
#include "kernel/object.h"
#include "kernel/pin.h"

static int find(const struct map_registry *registry, const char *name)
{
	for (uint32_t i = 0; i < registry->n; i++)
		if (strcmp(registry->maps[i].name, name) == 0)
			return (int)i;
	return -ENOENT;
}

void map_registry_init(struct map_registry *registry)
{
	registry->n = 0;
	for (size_t i = 0; i < SHARED_MAPS_MAX; i++)
		registry->fds[i] = -1;
}

void map_registry_declare(struct map_registry *registry, const struct shared_map *maps)
{
	for (; maps != NULL && maps->name != NULL; maps++)
		if (find(registry, maps->name) < 0 && registry->n < SHARED_MAPS_MAX)
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
	for (size_t i = 0; i < SHARED_MAPS_MAX; i++)
		fd_close(&registry->fds[i]);
}

int map_registry_share(
	const struct map_registry *registry, struct bpf_object *object, struct failure *failure)
{
	struct bpf_map *map;

	bpf_object__for_each_map (map, object) {
		int i = find(registry, bpf_map__name(map));
		int error = i < 0 || registry->fds[i] < 0
				    ? set_size(registry, map, i)
				    : bpf_map__reuse_fd(map, registry->fds[i]);
		if (error < 0)
			return failure_set(failure, error, "Cannot use the map %s in %s: %s",
				registry->maps[i].name, bpf_object__name(object), strerror(-error));
	}
	return 0;
}

int map_registry_keep(struct map_registry *registry, const struct bpf_object *object)
{
	for (uint32_t i = 0; i < registry->n; i++) {
		int fd = object_map_fd(object, registry->maps[i].name);
		if (fd < 0 || registry->fds[i] >= 0)
			continue;
		registry->fds[i] = fcntl(fd, F_DUPFD_CLOEXEC, 0);
		if (registry->fds[i] < 0)
			return -errno;
	}
	return 0;
}

int map_registry_add(struct map_registry *registry, const char *name, int fd)
{
	int i = find(registry, name);

	if (i < 0 || registry->fds[i] >= 0) {
		close(fd);
		return i < 0 ? i : -EEXIST;
	}
	registry->fds[i] = fd;
	return 0;
}

/* Describes a map in force; by the object in force, where the kernel does not tell its BTF. */
static int read_layout(int fd, const struct bpf_object *before, const char *name,
	struct map_layout *layout, struct btf **btf)
{
	const struct bpf_map *map =
		before == NULL ? NULL : bpf_object__find_map_by_name(before, name);
	struct map_layout declared;
	int error = map_layout_read(fd, layout, btf);

	if (error < 0 || *btf != NULL || map == NULL)
		return error;
	map_layout_declared(before, map, &declared);
	if (declared.key_size != layout->key_size || declared.value_size != layout->value_size)
		return 0;
	layout->btf = declared.btf;
	layout->key = declared.key;
	layout->value = declared.value;
	return 0;
}

static int fits(const char *whose, int fd, const struct bpf_object *object,
	const struct bpf_map *map, const struct bpf_object *before, struct failure *failure)
{
	const char *name = bpf_map__name(map);
	struct map_layout was, is;
	struct failure why = { 0 };
	struct btf *btf;
	int fit = read_layout(fd, before, name, &was, &btf);

	if (fit < 0)
		return failure_set(
			failure, fit, "Cannot read the map %s: %s", name, strerror(-fit));
	map_layout_declared(object, map, &is);
	fit = map_fit(name, &was, &is, &why);
	btf__free(btf);
	if (fit == MAP_FITS)
		return 0;
	if (fit == MAP_GROWN)
		snprintf(why.what, sizeof(why.what), "%s: it has grown from %u to %u bytes", name,
			was.value_size, is.value_size);
	failure_set(failure, -EBADMSG, "%s does not fit the maps in force: %s", whose, why.what);
	return failure_remedy(failure, "Build it with the maps as they are");
}

int map_registry_fits(const struct map_registry *registry, const char *whose,
	const struct bpf_object *object, const struct bpf_object *before, struct failure *failure)
{
	const struct bpf_map *map;

	bpf_object__for_each_map (map, object) {
		int fd = map_registry_fd(registry, bpf_map__name(map));
		int error = fd < 0 ? 0 : fits(whose, fd, object, map, before, failure);
		if (error < 0)
			return error;
	}
	return 0;
}

/* Takes over one map of the object in force. */
static int keep_one(const char *whose, struct bpf_object *object, const struct bpf_object *before,
	const struct bpf_map *kept, struct failure *failure)
{
	const char *name = bpf_map__name(kept);
	struct bpf_map *map = bpf_object__find_map_by_name(object, name);
	int fd = bpf_map__fd(kept), error;

	if (map == NULL || !bpf_map__autocreate(map))
		return failure_set(
			failure, -EBADMSG, "%s lacks the map %s, which is in force", whose, name);
	error = fits(whose, fd, object, map, before, failure);
	if (error == 0 && (error = bpf_map__reuse_fd(map, fd)) < 0)
		failure_set(failure, error, "Cannot use the map %s in %s: %s", name, whose,
			strerror(-error));
	return error;
}

int map_registry_keep_own(const struct map_registry *registry, const char *whose,
	struct bpf_object *object, const struct bpf_object *kept, const struct bpf_object *before,
	struct failure *failure)
{
	const struct bpf_map *map;

	bpf_object__for_each_map (map, kept) {
		int error = find(registry, bpf_map__name(map)) >= 0 || bpf_map__is_internal(map) ||
					    !bpf_map__autocreate(map)
				    ? 0
				    : keep_one(whose, object, before, map, failure);
		if (error < 0)
			return error;
	}
	return 0;
}

bool map_registry_lacks(const struct map_registry *registry, const char *name)
{
	int i = find(registry, name);

	return i >= 0 && registry->fds[i] < 0;
}

int map_registry_fd(const struct map_registry *registry, const char *name)
{
	int i = find(registry, name);

	return i < 0 || registry->fds[i] < 0 ? -ENOENT : registry->fds[i];
}

/* --- pins ------------------------------------------------------------------------------------ */

int map_registry_pin(struct map_registry *registry, int folder, uint32_t with)
{
	for (uint32_t i = 0; i < registry->n; i++) {
		if (registry->maps[i].pinned != with || registry->fds[i] < 0)
			continue;
		int error = pin_put(folder, registry->fds[i], registry->maps[i].name);
		if (error < 0)
			return error;
		registry->in_pins[i] = true;
	}
	return 0;
}

void map_registry_unpin(struct map_registry *registry, int folder, uint32_t with)
{
	for (uint32_t i = 0; i < registry->n; i++) {
		if (registry->maps[i].pinned != with)
			continue;
		pin_remove(folder, registry->maps[i].name);
		registry->in_pins[i] = false;
	}
}

void map_registry_forget(struct map_registry *registry, uint32_t with)
{
	for (uint32_t i = 0; i < registry->n; i++) {
		if (registry->maps[i].pinned != with)
			continue;
		fd_close(&registry->fds[i]);
		registry->in_pins[i] = false;
	}
}

static int wrong_pin(const struct shared_map *map, struct failure *failure, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

static int wrong_pin(const struct shared_map *map, struct failure *failure, const char *format, ...)
{
	char how[128];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(how, sizeof(how), format, arguments);
	va_end(arguments);
	return failure_set(failure, -EBADMSG, "The pin %s %s", map->name, how);
}

static int open_pin(struct map_registry *registry, int folder, uint32_t i, struct failure *failure)
{
	enum pin_kind kind;
	int fd = pin_get(folder, registry->maps[i].name, &kind);

	if (fd == -ENOENT)
		return 0;
	if (fd < 0)
		return failure_set(failure, fd, "Cannot open the pin %s: %s",
			registry->maps[i].name, strerror(-fd));
	if (kind == PIN_MAP) {
		registry->fds[i] = fd;
		return 0;
	}
	close(fd);
	return wrong_pin(&registry->maps[i], failure, "is a %s, not a map", pin_kind_names[kind]);
}

int map_registry_adopt(struct map_registry *registry, int folder, struct failure *failure)
{
	int error = 0;

	for (uint32_t i = 0; i < registry->n && error == 0; i++)
		if (registry->maps[i].pinned && registry->fds[i] < 0) {
			error = open_pin(registry, folder, i, failure);
			registry->in_pins[i] = registry->fds[i] >= 0;
		}
	return error;
}

static bool entries_fit(const struct shared_map *shared, uint32_t expected, uint32_t found)
{
	uint32_t per_slot = shared->by_slot ? 1 : shared->per_slot;

	if (per_slot > 0)
		return found % per_slot == 0 && found / per_slot > INTERFACE_SLOTS_MIN &&
		       found / per_slot <= INTERFACES_MAX + 1;
	if (shared->entries.max == 0)
		return found == expected;
	return found >= shared->entries.min && found <= shared->entries.max;
}

/* Compares a pinned map with the one that an object of this x0top declares. */
static int compare(
	const struct shared_map *shared, int fd, const struct bpf_map *map, struct failure *failure)
{
	struct bpf_map_info info = { 0 };
	uint32_t size = sizeof(info);

	if (bpf_obj_get_info_by_fd(fd, &info, &size) < 0)
		return failure_set(failure, -errno, "Cannot read the pin %s: %s", shared->name,
			strerror(errno));
	const struct {
		const char *what;
		uint32_t found, expected;
		bool fits;
	} sides[] = {
		{ "type", info.type, bpf_map__type(map), false },
		{ "key size", info.key_size, bpf_map__key_size(map), false },
		{ "value size", info.value_size, bpf_map__value_size(map), false },
		{ "entries", info.max_entries, bpf_map__max_entries(map),
			entries_fit(shared, bpf_map__max_entries(map), info.max_entries) },
		{ "flags", info.map_flags, bpf_map__map_flags(map), false },
	};
	for (size_t n = 0; n < sizeof(sides) / sizeof(sides[0]); n++)
		if (sides[n].found != sides[n].expected && !sides[n].fits)
			return wrong_pin(shared, failure,
				"does not match this x0top: its %s is %u, not %u", sides[n].what,
				sides[n].found, sides[n].expected);
	if (!pin_kernel_name_is(info.name, shared->name))
		return wrong_pin(
			shared, failure, "does not match this x0top: it is the map %s", info.name);
	return 0;
}

int map_registry_compare(const struct map_registry *registry, const struct bpf_object *object,
	bool whole, struct failure *failure)
{
	const struct bpf_map *map;
	int error = 0;

	bpf_object__for_each_map (map, object) {
		int i = find(registry, bpf_map__name(map));
		if (i < 0 || !registry->maps[i].pinned || error < 0)
			continue;
		if (registry->fds[i] >= 0)
			error = compare(&registry->maps[i], registry->fds[i], map, failure);
		else if (whole)
			error = wrong_pin(&registry->maps[i], failure, "is missing");
	}
	return error;
}

bool map_registry_pins_hold(const struct map_registry *registry, int folder)
{
	for (uint32_t i = 0; i < registry->n; i++)
		if (registry->in_pins[i] && registry->fds[i] >= 0 &&
			!pin_exists(folder, registry->maps[i].name))
			return false;
	return true;
}
