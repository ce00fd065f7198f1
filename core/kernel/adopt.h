/* SPDX-License-Identifier: BSD-2-Clause */
/* Whether a program that was found in the kernel is the one that this x0top would load. */
#ifndef X0_KERNEL_ADOPT_H
#define X0_KERNEL_ADOPT_H

#include <stdint.h>

#include "base/failure.h"
#include "kernel/map_registry.h"

/*
 * Compares type, name and tag of the program with this id with those of the program and object `name`,
 * which is loaded for that, with the registry's maps, and closed again: only the kernel can make a tag.
 * `objects` is the folder of settings. Returns 0; also if the process may not look at programs by
 * their ids, which needs CAP_SYS_ADMIN. Else a negative errno with *failure set: -EBADMSG for a
 * program of somebody else's.
 */
int adopt_check_program(uint32_t id, const char *name, const char *objects,
	const struct map_registry *maps, struct failure *failure);

#endif
