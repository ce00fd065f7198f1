// SPDX-License-Identifier: BSD-2-Clause
#include "kernel/map_registry.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "kernel/pin.h"
#include "xdp_pqc_verify.h"

static const struct {
	const char *name;
	bool pinned; /* an enforcing program cannot go on without it */
	/* What max_entries may be where it is chosen at load time; 0, 0: what the object says. */
	struct {
		uint32_t min, max;
	} entries;
} shared[] = {
	{ "xdp_chain", true, { 0 } },
	{ "xdp_packet", true, { 0 } },
	{ "xdp_stage_stats", true, { 0 } },
	{ "xdp_counters", true, { 0 } },
	{ "mesh_rules", true, { 0 } },
	{ "mesh_rule_counts", true, { 0 } },
	{ "mesh_prefixes4", true, { 0 } },
	{ "mesh_prefixes6", true, { 0 } },
	{ "mesh_macs", true, { 0 } },
	{ "mesh_ports", true, { 0 } },
	{ "mesh_filter_control", true, { 0 } },
	{ "mesh_filter_totals", true, { 0 } },
	{ "pqc_control", true, { 0 } },
	{ "pqc_node_slots", true, { 0 } },
	{ "pqc_nodes", true, { 0 } },
	{ "pqc_common", true, { 0 } },
	{ "pqc_reassembly", true, { 0 } },
	{ "pqc_sessions", true, { 0 } },
	{ "pqc_messages", true, { 0 } },
	{ "pqc_stats", true, { 0 } },
	{ "mldsa_keys", true, { PQC_NODES_DEFAULT, PQC_NODES_DEFAULT } },
	{ "class_table", false, { 0 } },
	{ "class_ports", false, { 0 } },
	{ "class_ethertypes", false, { 0 } },
	{ "tc_counters", false, { 0 } },
	{ "tc_runs", false, { 0 } },
	{ "events", false, { 0 } },
	{ "events_lost", false, { 0 } },
};

#define SHARED (sizeof(shared) / sizeof(shared[0]))
_Static_assert(SHARED <= SHARED_MAPS_MAX, "SHARED_MAPS_MAX is too small");

static int find(const char *name)
{
	for (size_t i = 0; i < SHARED; i++)
		if (strcmp(shared[i].name, name) == 0)
			return (int)i;
	return -ENOENT;
}

void map_registry_init(struct map_registry *registry)
{
	for (size_t i = 0; i < SHARED_MAPS_MAX; i++)
		registry->fds[i] = -1;
}

void map_registry_close(struct map_registry *registry)
{
	for (size_t i = 0; i < SHARED_MAPS_MAX; i++)
		if (registry->fds[i] >= 0)
			close(registry->fds[i]);
	map_registry_init(registry);
}

int map_registry_share(
	const struct map_registry *registry, struct bpf_object *object, struct failure *failure)
{
	struct bpf_map *map;

	bpf_object__for_each_map (map, object) {
		int i = find(bpf_map__name(map));
		if (i < 0 || registry->fds[i] < 0)
			continue;
		int error = bpf_map__reuse_fd(map, registry->fds[i]);
		if (error < 0)
			return failure_set(failure, error, "%s cannot use the map %s: %s",
				bpf_object__name(object), shared[i].name, strerror(-error));
	}
	return 0;
}

int map_registry_keep(struct map_registry *registry, const struct bpf_object *object)
{
	for (size_t i = 0; i < SHARED; i++) {
		int fd = bpf_object__find_map_fd_by_name(object, shared[i].name);
		if (fd < 0 || registry->fds[i] >= 0)
			continue;
		registry->fds[i] = fcntl(fd, F_DUPFD_CLOEXEC, 0);
		if (registry->fds[i] < 0)
			return -errno;
	}
	return 0;
}

int map_registry_fd(const struct map_registry *registry, const char *name)
{
	int i = find(name);

	return i < 0 || registry->fds[i] < 0 ? -ENOENT : registry->fds[i];
}

/* --- pins ------------------------------------------------------------------------------------ */

int map_registry_pin(const struct map_registry *registry, int folder)
{
	for (size_t i = 0; i < SHARED; i++) {
		if (!shared[i].pinned || registry->fds[i] < 0)
			continue;
		int error = pin_put(folder, registry->fds[i], shared[i].name);
		if (error < 0)
			return error;
	}
	return 0;
}

static int wrong_pin(size_t i, struct failure *failure, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

static int wrong_pin(size_t i, struct failure *failure, const char *format, ...)
{
	char how[128];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(how, sizeof(how), format, arguments);
	va_end(arguments);
	return failure_set(failure, -EBADMSG, "The pin %s %s", shared[i].name, how);
}

static int open_pin(struct map_registry *registry, int folder, size_t i, struct failure *failure)
{
	enum pin_kind kind;
	int fd = pin_get(folder, shared[i].name, &kind);

	if (fd == -ENOENT)
		return 0;
	if (fd < 0)
		return failure_set(failure, fd, "The pin %s cannot be opened: %s", shared[i].name,
			strerror(-fd));
	if (kind == PIN_MAP) {
		registry->fds[i] = fd;
		return 0;
	}
	close(fd);
	return wrong_pin(i, failure, "is a %s, not a map", pin_kind_names[kind]);
}

int map_registry_adopt(struct map_registry *registry, int folder, struct failure *failure)
{
	int error = 0;

	for (size_t i = 0; i < SHARED && error == 0; i++)
		if (shared[i].pinned && registry->fds[i] < 0)
			error = open_pin(registry, folder, i, failure);
	return error;
}

static bool entries_fit(size_t i, uint32_t expected, uint32_t found)
{
	if (shared[i].entries.max == 0)
		return found == expected;
	return found >= shared[i].entries.min && found <= shared[i].entries.max;
}

/* Compares what is pinned with the map that an object of this x0top declares. */
static int compare(size_t i, int fd, const struct bpf_map *map, struct failure *failure)
{
	struct bpf_map_info info = { 0 };
	uint32_t size = sizeof(info);

	if (bpf_obj_get_info_by_fd(fd, &info, &size) < 0)
		return failure_set(failure, -errno, "The pin %s cannot be read: %s", shared[i].name,
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
			entries_fit(i, bpf_map__max_entries(map), info.max_entries) },
		{ "flags", info.map_flags, bpf_map__map_flags(map), false },
	};
	for (size_t n = 0; n < sizeof(sides) / sizeof(sides[0]); n++)
		if (sides[n].found != sides[n].expected && !sides[n].fits)
			return wrong_pin(i, failure, "is not this x0top's: its %s is %u, not %u",
				sides[n].what, sides[n].found, sides[n].expected);
	if (!pin_kernel_name_is(info.name, shared[i].name))
		return wrong_pin(i, failure, "is not this x0top's: it is the map %s", info.name);
	return 0;
}

int map_registry_compare(const struct map_registry *registry, const struct bpf_object *object,
	bool whole, struct failure *failure)
{
	const struct bpf_map *map;
	int error = 0;

	bpf_object__for_each_map (map, object) {
		int i = find(bpf_map__name(map));
		if (i < 0 || !shared[i].pinned || error < 0)
			continue;
		if (registry->fds[i] >= 0)
			error = compare((size_t)i, registry->fds[i], map, failure);
		else if (whole)
			error = wrong_pin((size_t)i, failure, "is missing");
	}
	return error;
}

bool map_registry_pins_hold(const struct map_registry *registry, int folder)
{
	for (size_t i = 0; i < SHARED; i++)
		if (shared[i].pinned && registry->fds[i] >= 0 &&
			!pin_exists(folder, shared[i].name))
			return false;
	return true;
}
