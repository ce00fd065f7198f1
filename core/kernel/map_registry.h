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
	bool by_slot; /* an element for each interface slot: as many as map_registry_set_slots() says */
	/* What max_entries may be where it is chosen at load time; 0, 0: what the object says. */
	struct {
		uint32_t min, max;
	} entries;
};

struct map_registry {
	uint32_t n;
	struct shared_map maps[SHARED_MAPS_MAX];
	int fds[SHARED_MAPS_MAX]; /* by place in `maps`; -1 while no object has brought the map */
	uint32_t slots; /* elements of per-interface maps that are made; 0: as the objects say */
};

void map_registry_init(struct map_registry *registry);

/* Makes maps shared; a NULL name ends them, and NULL is none. Their names are not copied. */
void map_registry_declare(struct map_registry *registry, const struct shared_map *maps);

/*
 * Sets how many interface slots the per-interface maps get when an object brings them. Returns 0, or
 * -EBUSY when one of them exists already.
 */
int map_registry_set_slots(struct map_registry *registry, uint32_t slots);

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

/* Pins all maps that enforcing programs need in `folder`; those that observers alone use are never
 * pinned. Returns 0 or a negative errno; stops at the first that fails. */
int map_registry_pin(const struct map_registry *registry, int folder);

/* Whether all that map_registry_pin() pins is there still, by name. */
bool map_registry_pins_hold(const struct map_registry *registry, int folder);

/*
 * Takes over what is pinned in `folder` for the maps that the registry does not have yet. What is
 * pinned is not trusted before map_registry_compare() said so of each object. Returns 0, or a
 * negative errno with *failure naming the pin.
 */
int map_registry_adopt(struct map_registry *registry, int folder, struct failure *failure);

/*
 * Compares the maps in the registry with what `object`, opened and not loaded, would make: type, key,
 * value, entries (within the table's limits where they are chosen at load time), flags and name. With
 * `whole`, none of those that are pinned may be missing. Returns 0, or a negative errno with *failure
 * naming the pin and the difference: -EBADMSG.
 */
int map_registry_compare(const struct map_registry *registry, const struct bpf_object *object,
	bool whole, struct failure *failure);

#endif
