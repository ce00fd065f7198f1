// SPDX-License-Identifier: BSD-2-Clause
#include "control/state.h"

#include <string.h>

struct program *orchestrator_find(struct orchestrator *o, const char *name)
{
	for (uint32_t i = 0; i < o->n_programs; i++)
		if (strcmp(o->programs[i].type->name, name) == 0)
			return &o->programs[i];
	return NULL;
}

struct program *orchestrator_owner(struct orchestrator *o, const struct verb *verb)
{
	for (uint32_t i = 0; i < o->n_programs; i++)
		for (const struct verb *own = o->programs[i].type->verbs;
			own != NULL && own->object != NULL; own++)
			if (own == verb)
				return &o->programs[i];
	return NULL;
}
