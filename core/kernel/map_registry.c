// SPDX-License-Identifier: BSD-2-Clause
#include "kernel/map_registry.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "kernel/object.h"

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
		int i = find(registry, bpf_map__name(map));
		if (i < 0 || registry->fds[i] < 0)
			continue;
		int error = bpf_map__reuse_fd(map, registry->fds[i]);
		if (error < 0)
			return failure_set(failure, error, "%s cannot use the map %s: %s",
				bpf_object__name(object), registry->maps[i].name, strerror(-error));
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

static void pin_path(char *path, size_t size, const char *folder, const char *name)
{
	snprintf(path, size, "%s/%s", folder, name);
}

int map_registry_pin(const struct map_registry *registry, const char *folder)
{
	char path[256];

	for (uint32_t i = 0; i < registry->n; i++) {
		if (!registry->maps[i].pinned || registry->fds[i] < 0)
			continue;
		pin_path(path, sizeof(path), folder, registry->maps[i].name);
		if (bpf_obj_pin(registry->fds[i], path) < 0 && errno != EEXIST)
			return -errno;
	}
	return 0;
}

int map_registry_adopt(struct map_registry *registry, const char *folder)
{
	char path[256];

	for (uint32_t i = 0; i < registry->n; i++) {
		if (!registry->maps[i].pinned || registry->fds[i] >= 0)
			continue;
		pin_path(path, sizeof(path), folder, registry->maps[i].name);
		int fd = bpf_obj_get(path);
		if (fd < 0 && errno != ENOENT)
			return -errno;
		registry->fds[i] = fd < 0 ? -1 : fd;
	}
	return 0;
}
