// SPDX-License-Identifier: BSD-2-Clause
/* The sets of mesh rules, read. */
#include <stdlib.h>

#include "control/state.h"
#include "mesh/set_change.h"

struct mesh_sets *orchestrator_sets(const struct orchestrator *o, struct failure *failure)
{
	struct set_change change;

	if (orchestrator_must_enforce(o, failure) < 0 ||
		set_change_begin(&o->context.maps, &change, failure) < 0)
		return NULL;
	free(change.table);
	return change.sets;
}
