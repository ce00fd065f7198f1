/* SPDX-License-Identifier: BSD-2-Clause */
/* Changes of sets by verbs: asked about, remembered, and put in force, all by the way they are prepared. */
#ifndef X0_PROGRAMS_XDP_MESH_FILTER_CHANGE_H
#define X0_PROGRAMS_XDP_MESH_FILTER_CHANGE_H

#include "mesh/set_change.h"
#include "programs/verb.h"

/* Makes the change that a call asks for, in memory. Returns 0, or a negative errno with *failure set. */
typedef int mesh_prepare(
	const struct verb_call *call, struct set_change *change, struct failure *failure);

/* Asks if the change would cut the operator's own connection. */
enum decision mesh_change_decide(
	const struct verb_call *call, mesh_prepare *prepare, char *sentence, size_t size);

/* Puts the change in force, so that it can be undone; while the settings are loaded, among them. Returns 0, or a
 * negative errno with *failure set and nothing changed. */
int mesh_change_apply(const struct verb_call *call, mesh_prepare *prepare, struct failure *failure);

#endif
