// SPDX-License-Identifier: BSD-2-Clause
/* Pins shared maps, and takes over pinned ones. */
#include <bpf/bpf.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include "base/fd.h"
#include "interfaces.h"
#include "kernel/map_fit.h"
#include "kernel/map_info.h"
#include "kernel/map_registry.h"
#include "kernel/map_value.h"
#include "kernel/percpu.h"
#include "kernel/pin.h"

int map_registry_pin(struct map_registry *registry, int folder, uint32_t with)
{
	for (uint32_t i = 0; i < registry->n; i++) {
		/* One that has grown takes the place of its pin once it has all counts. */
		if (registry->maps[i].pinned != with || registry->fds[i] < 0 ||
			(registry->grown[i] && registry->in_pins[i]))
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

/* Also who only looks into pins reads no more of a value than he has room for. */
static void note_size(const struct shared_map *shared, int fd)
{
	const uint32_t known = map_registry_known(shared);
	struct bpf_map_info info;

	if (known > 0 && map_info_read(fd, &info) == 0 && info.value_size != known)
		map_value_expect_other_sizes();
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
		note_size(&registry->maps[i], fd);
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

/* Returns whether the values of a pinned map differ only in what they have at their ends: more than x0top knows, or
 * less, which is carried over. Programs that have maps together are not started together. */
static bool ends_differ(const struct shared_map *shared, int fd, const struct bpf_object *object,
	const struct bpf_map *map)
{
	struct failure ignored = { 0 };

	if (map_registry_known(shared) == 0)
		return false;
	int fit = map_registry_fit("", shared, fd, object, map, NULL, &ignored);
	if (fit < 0 || (fit == MAP_GROWN && shared->together))
		return false;
	map_value_expect_other_sizes();
	return true;
}

/* Compares a pinned map with the one that an object of this x0top declares. */
static int compare(const struct shared_map *shared, int fd, const struct bpf_object *object,
	const struct bpf_map *map, struct failure *failure)
{
	struct bpf_map_info info;
	int error = map_info_read(fd, &info);

	if (error < 0)
		return failure_set(failure, error, "Cannot read the pin %s: %s", shared->name,
			strerror(-error));
	const struct {
		const char *what;
		uint32_t found, expected;
		bool fits;
	} sides[] = {
		{ "type", info.type, bpf_map__type(map), false },
		{ "key size", info.key_size, bpf_map__key_size(map), false },
		{ "value size", info.value_size, bpf_map__value_size(map),
			info.value_size != bpf_map__value_size(map) &&
				ends_differ(shared, fd, object, map) },
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
		int i = map_registry_find(registry, bpf_map__name(map));
		if (i < 0 || !registry->maps[i].pinned || error < 0)
			continue;
		if (registry->fds[i] >= 0)
			error = compare(&registry->maps[i], registry->fds[i], object, map, failure);
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

/* --- another's ------------------------------------------------------------------------------- */

/* Returns whether a pinned map can be read as the one before: nobody but root has put it there. */
static bool reads_as(const struct shared_map *shared, int fd, int before)
{
	struct bpf_map_info is, was;

	return map_info_read(fd, &is) == 0 && map_info_read(before, &was) == 0 &&
	       is.type == was.type && is.key_size == was.key_size &&
	       is.max_entries == was.max_entries && is.value_size >= map_registry_known(shared) &&
	       is.value_size <= map_registry_known(shared) + MAP_VALUE_GROWTH_MAX &&
	       pin_kernel_name_is(is.name, shared->name);
}

void map_registry_follow(struct map_registry *registry, int folder)
{
	for (uint32_t i = 0; i < registry->n; i++) {
		const struct shared_map *shared = &registry->maps[i];
		enum pin_kind kind;
		if (map_registry_known(shared) == 0 || !registry->in_pins[i] ||
			registry->fds[i] < 0 || pin_is(folder, registry->fds[i], shared->name))
			continue;
		int fd = pin_get(folder, shared->name, &kind);
		if (fd < 0)
			continue;
		if (kind != PIN_MAP || !reads_as(shared, fd, registry->fds[i])) {
			close(fd);
			continue;
		}
		close(registry->fds[i]);
		registry->fds[i] = fd;
		map_value_expect_other_sizes();
	}
}
