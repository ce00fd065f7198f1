// SPDX-License-Identifier: BSD-2-Clause
/* Mesh rules and sets, read and asked. */
#include <stdlib.h>

#include "control/check.h"
#include "control/state.h"
#include "mesh/history.h"
#include "mesh/rules.h"
#include "mesh/set_change.h"

struct rule_table *orchestrator_rules(
	const struct orchestrator *o, struct mesh_sets **sets, struct failure *failure)
{
	struct set_change read;

	if (orchestrator_must_enforce(o, failure) < 0 ||
		set_change_begin(&o->context.maps, &read, failure) < 0)
		return NULL;
	*sets = read.sets;
	return read.table;
}

struct history_pending orchestrator_pending(const struct orchestrator *o)
{
	return history_pending(&o->context.maps);
}

struct mesh_sets *orchestrator_sets(const struct orchestrator *o, struct failure *failure)
{
	struct set_change change;

	if (orchestrator_must_enforce(o, failure) < 0 ||
		set_change_begin(&o->context.maps, &change, failure) < 0)
		return NULL;
	free(change.table);
	return change.sets;
}

int orchestrator_check(const struct orchestrator *o, const void *frame, size_t size,
	uint32_t ifindex, struct mesh_checked *checked, struct failure *failure)
{
	struct set_change read;
	int error = orchestrator_must_enforce(o, failure);

	if (error == 0)
		error = set_change_begin(&o->context.maps, &read, failure);
	if (error < 0)
		return error;
	error = mesh_check_frame(
		&o->context, read.table, frame, size, ifindex, &checked->verdict, failure);
	checked->table = read.table;
	checked->sets = read.sets;
	if (error < 0)
		mesh_checked_free(checked);
	return error;
}

int orchestrator_check_class(const struct orchestrator *o, const struct class_lines *lines,
	const struct class_packet *packet, struct class_checked *checked, struct failure *failure)
{
	return class_check(&o->context, lines, packet, checked, failure);
}

void mesh_checked_free(struct mesh_checked *checked)
{
	free(checked->table);
	sets_free(checked->sets);
	*checked = (struct mesh_checked) { 0 };
}
