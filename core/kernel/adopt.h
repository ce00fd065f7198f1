/* SPDX-License-Identifier: BSD-2-Clause */
/* Compares a program found in the kernel with the one that this x0top would load. */
#ifndef X0_KERNEL_ADOPT_H
#define X0_KERNEL_ADOPT_H

#include <stdint.h>

#include "base/failure.h"
#include "kernel/chain.h"

enum adopt_found {
	ADOPT_OWN, /* as this x0top would load it; or not known, without CAP_SYS_ADMIN */
	ADOPT_OTHER, /* of the same name and kind, with other instructions: another version's, or a file's */
};

/*
 * Compares type, name and tag of the program with this id with those of the program `name`. Loads
 * the object `name` with the chain's maps for that, because only the kernel computes a tag, and
 * closes it; not if the tag is that of another's, `other` or NULL, which is known. Returns an enum adopt_found, or a
 * negative errno with *failure set: -EBADMSG if it is not a program of that name.
 */
int adopt_check_program(uint32_t id, const char *name, const uint8_t *other,
	const struct chain *chain, struct failure *failure);

#endif
