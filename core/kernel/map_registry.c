// SPDX-License-Identifier: BSD-2-Clause
#include "kernel/map_registry.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const struct {
	const char *name;
	bool pinned; /* an enforcing program cannot go on without it */
} shared[] = {
	{ "xdp_interfaces", true },
	{ "xdp_chain", true },
	{ "xdp_packet", true },
	{ "xdp_stage_stats", true },
	{ "xdp_counters", true },
	{ "mesh_rules", true },
	{ "mesh_rule_counts", true },
	{ "mesh_prefixes4", true },
	{ "mesh_prefixes6", true },
	{ "mesh_macs", true },
	{ "mesh_ports", true },
	{ "mesh_filter_control", true },
	{ "mesh_filter_totals", true },
	{ "pqc_control", true },
	{ "pqc_node_slots", true },
	{ "pqc_nodes", true },
	{ "pqc_common", true },
	{ "pqc_reassembly", true },
	{ "pqc_sessions", true },
	{ "pqc_messages", true },
	{ "pqc_stats", true },
	{ "mldsa_keys", true },
	{ "class_table", false },
	{ "class_ports", false },
	{ "class_ethertypes", false },
	{ "tc_counters", false },
	{ "tc_interfaces", false },
	{ "tc_runs", false },
	{ "events", false },
	{ "events_lost", false },
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

/* The maps that have an element for each interface slot. */
static bool has_slots(const char *name)
{
	return strcmp(name, "xdp_counters") == 0 || strcmp(name, "tc_counters") == 0;
}

int map_registry_set_slots(struct map_registry *registry, uint32_t slots)
{
	for (size_t i = 0; i < SHARED; i++)
		if (registry->fds[i] >= 0 && has_slots(shared[i].name))
			return -EBUSY;
	registry->slots = slots;
	return 0;
}

/* A map that nobody has brought yet gets its size. */
static int set_size(const struct map_registry *registry, struct bpf_map *map, int i)
{
	if (i < 0 || registry->slots == 0 || !has_slots(shared[i].name))
		return 0;
	return bpf_map__set_max_entries(map, registry->slots);
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
		int error = i < 0 || registry->fds[i] < 0
				    ? set_size(registry, map, i)
				    : bpf_map__reuse_fd(map, registry->fds[i]);
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

static void pin_path(char *path, size_t size, const char *folder, size_t i)
{
	snprintf(path, size, "%s/%s", folder, shared[i].name);
}

int map_registry_pin(const struct map_registry *registry, const char *folder)
{
	char path[256];

	for (size_t i = 0; i < SHARED; i++) {
		if (!shared[i].pinned || registry->fds[i] < 0)
			continue;
		pin_path(path, sizeof(path), folder, i);
		if (bpf_obj_pin(registry->fds[i], path) < 0 && errno != EEXIST)
			return -errno;
	}
	return 0;
}

int map_registry_adopt(struct map_registry *registry, const char *folder)
{
	char path[256];

	for (size_t i = 0; i < SHARED; i++) {
		if (!shared[i].pinned || registry->fds[i] >= 0)
			continue;
		pin_path(path, sizeof(path), folder, i);
		int fd = bpf_obj_get(path);
		if (fd < 0 && errno != ENOENT)
			return -errno;
		registry->fds[i] = fd < 0 ? -1 : fd;
	}
	return 0;
}
