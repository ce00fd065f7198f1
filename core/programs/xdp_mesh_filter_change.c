// SPDX-License-Identifier: BSD-2-Clause
#include "programs/xdp_mesh_filter_change.h"

#include <stdlib.h>

#include "mesh/history.h"
#include "programs/program.h"
#include "programs/xdp_mesh_filter_audit.h"
#include "programs/xdp_mesh_filter_judge.h"
#include "programs/xdp_mesh_filter_state.h"
#include "programs/xdp_mesh_filter_undo.h"

enum decision mesh_change_decide(
	const struct verb_call *call, mesh_prepare *prepare, char *sentence, size_t size)
{
	const struct mesh_filter *filter = call->program->state;
	enum decision decision = DECISION_DO; /* apply() reports a mistake */
	struct set_change change;
	struct failure ignored;

	if (filter->loading != NULL ||
		set_change_begin(&call->program->context->maps, &change, &ignored) < 0)
		return DECISION_DO;
	if (prepare(call, &change, &ignored) == 0)
		decision = mesh_filter_judge(call->program, change.table, sentence, size);
	set_change_abandon(&change);
	return decision;
}

static int commit(const struct verb_call *call, struct set_change *change, struct failure *failure)
{
	const struct map_registry *maps = &call->program->context->maps;
	struct mesh_before *before = mesh_filter_before(call->program);
	bool remembered = false;
	int error = 0;

	/* What changes nothing takes the place of no change that can be undone. */
	if (mesh_filter_is_change(before, change))
		error = mesh_filter_remember(call, NULL, true, &remembered, failure);
	if (error < 0)
		set_change_abandon(change);
	else
		error = set_change_commit(maps, change, failure);
	if (error < 0 && remembered)
		history_pop(maps);
	if (error == 0)
		mesh_filter_tell_change(call, before);
	else
		free(before);
	return error;
}

int mesh_change_apply(const struct verb_call *call, mesh_prepare *prepare, struct failure *failure)
{
	const struct mesh_filter *filter = call->program->state;
	struct set_change change = { filter->loading, filter->loading_sets };

	if (filter->loading != NULL)
		return prepare(call, &change, failure);
	int error = set_change_begin(&call->program->context->maps, &change, failure);
	if (error < 0)
		return error;
	error = prepare(call, &change, failure);
	if (error == 0)
		return commit(call, &change, failure);
	set_change_abandon(&change);
	return error;
}
