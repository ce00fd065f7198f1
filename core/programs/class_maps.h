/* SPDX-License-Identifier: BSD-2-Clause */
/* Puts lines of traffic classes in force in the maps of tc_classifier. */
#ifndef X0_PROGRAMS_CLASS_MAPS_H
#define X0_PROGRAMS_CLASS_MAPS_H

#include <stdint.h>

#include "base/failure.h"
#include "kernel/map_registry.h"
#include "qos/classes.h"

/* What lines in force were compiled with: zeroed at first. */
struct class_maps {
	int64_t sets; /* rule_table_version() of the sets; 0: no line names one */
	uint64_t interfaces; /* sum over the indexes of the interfaces that lines name */
	uint64_t cgroups; /* sum over the kernel's numbers of the cgroups that lines name */
	struct failure
		unmet; /* of the first line whose set or cgroup is not there; error 0: all are */
};

/*
 * Compiles lines beside those in force, and puts them there by one update, which waits until no packet uses what
 * was before. Returns 0, or a negative errno with *failure set and nothing changed.
 */
int class_maps_put(const struct map_registry *maps, const struct class_lines *lines,
	struct class_maps *state, struct failure *failure);

/* Returns whether sets or interfaces that lines name are others than those they were compiled with. */
bool class_maps_are_old(const struct map_registry *maps, const struct class_lines *lines,
	const struct class_maps *state);

#endif
