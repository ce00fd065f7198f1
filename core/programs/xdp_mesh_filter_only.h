/* SPDX-License-Identifier: BSD-2-Clause */
/* "Only neighbours may talk on the mesh ports", as one switch: two sets and two rules, put in force together. */
#ifndef X0_PROGRAMS_XDP_MESH_FILTER_ONLY_H
#define X0_PROGRAMS_XDP_MESH_FILTER_ONLY_H

#include "model/snapshot_mesh.h"
#include "programs/verb.h"

extern const struct operand mesh_only_operand; /* on|off */
enum decision mesh_only_decide(const struct verb_call *call, char *sentence, size_t size);
int mesh_only_apply(const struct verb_call *call, struct failure *failure);

/* Returns whether the rule that drops what others send to the mesh ports is on. */
bool mesh_only_is_on(const struct snapshot_mesh *mesh);

#endif
