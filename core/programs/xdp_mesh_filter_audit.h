/* SPDX-License-Identifier: BSD-2-Clause */
/* What a change of many rules, or of a set, has changed: for the audit log, in bounded words. */
#ifndef X0_PROGRAMS_XDP_MESH_FILTER_AUDIT_H
#define X0_PROGRAMS_XDP_MESH_FILTER_AUDIT_H

#include "mesh/set_change.h"
#include "programs/verb.h"

struct mesh_before;

/* Remembers the rules, and of each set the number of elements and their hash. Returns them for
 * mesh_filter_tell_change() or free(), or NULL without memory or rules. */
struct mesh_before *mesh_filter_before(const struct program *program);

/* Returns whether a change makes anything other than it was, but the time at which sets changed; also if nothing is
 * known, `before` is NULL. */
bool mesh_filter_is_change(const struct mesh_before *before, const struct set_change *change);

/* Appends to call->done the hashes of all rules before and after, the sets that are others, and the rules that are
 * gone or new, as far as there is room. Frees `before`, which may be NULL. */
void mesh_filter_tell_change(const struct verb_call *call, struct mesh_before *before);

#endif
