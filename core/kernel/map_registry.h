/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Maps that several objects share, and that outlive the object which brought them: the objects are
 * compiled and loaded one by one, a map of a shared name exists once. Counters and rules therefore
 * survive when a program is switched off, replaced, or loaded again for another interface.
 */
#ifndef X0_KERNEL_MAP_REGISTRY_H
#define X0_KERNEL_MAP_REGISTRY_H

#include <bpf/libbpf.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/failure.h"

enum { SHARED_MAPS_MAX = 64 };

/* A map that outlives its object. The kernel keeps 15 characters of its name. */
struct shared_map {
	const char *name;
	bool pinned; /* an enforcing program cannot go on without it */
};

struct map_registry {
	uint32_t n;
	struct shared_map maps[SHARED_MAPS_MAX];
	int fds[SHARED_MAPS_MAX]; /* by place in `maps`; -1 while no object has brought the map */
};

void map_registry_init(struct map_registry *registry);

/* Makes maps shared; a NULL name ends them, and NULL is none. Their names are not copied. */
void map_registry_declare(struct map_registry *registry, const struct shared_map *maps);

/* Closes the file descriptors. */
void map_registry_close(struct map_registry *registry);

/* To be called before an object is loaded: lets it use the shared maps that exist already. */
int map_registry_share(
	const struct map_registry *registry, struct bpf_object *object, struct failure *failure);

/* To be called after an object was loaded: keeps the shared maps that it brought. */
int map_registry_keep(struct map_registry *registry, const struct bpf_object *object);

/* Whether a map of this name is shared and no object has brought it yet. */
bool map_registry_lacks(const struct map_registry *registry, const char *name);

/* The file descriptor of a shared map, still owned by the registry, or -ENOENT. */
int map_registry_fd(const struct map_registry *registry, const char *name);

/*
 * Pins all maps that enforcing programs need under `folder`, or takes over those that are pinned
 * there. Maps that observers alone use are never pinned. Returns 0 or a negative errno; pinning
 * stops at the first that fails.
 */
int map_registry_pin(const struct map_registry *registry, const char *folder);
int map_registry_adopt(struct map_registry *registry, const char *folder);

#endif
