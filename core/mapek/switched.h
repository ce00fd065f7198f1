/* SPDX-License-Identifier: BSD-2-Clause */
/* What policies switch, programs and their modes, or do to classes: whether it is so already, and what takes it back. */
#ifndef X0_MAPEK_SWITCHED_H
#define X0_MAPEK_SWITCHED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"
#include "model/snapshot.h"

struct switched_program {
	char name[NAME_LEN];
	bool runs, enforces;
};

/* Zeroed, nothing is known. */
struct switched {
	uint32_t n;
	struct switched_program list[PROGRAMS_MAX];
};

/* Takes the states of a sample. A glance has none. */
void switched_take(struct switched *switched, const struct snapshot *snapshot);

/* Returns 1 if what an action asks for is so already, 0 if not, -ENOENT if it switches nothing that is known. */
int switched_is(const struct switched *switched, const char *action);

/* Returns whether what an action switches outlives x0top. */
bool switched_stays(const char *action);

/* Writes the action that switches back what another has switched. Returns whether there is one. */
bool switched_back(const char *action, char *text, size_t size);

#endif
