/* SPDX-License-Identifier: BSD-2-Clause */
/* Undoing changes of rules and sets, and keeping those that wait for a confirm. */
#ifndef X0_PROGRAMS_XDP_MESH_FILTER_UNDO_H
#define X0_PROGRAMS_XDP_MESH_FILTER_UNDO_H

#include <stdbool.h>

#include "programs/verb.h"

struct program;
struct rule_table;

/*
 * Remembers what is in force, before the change of `call`: `now`, as it was read, or NULL: it is read here. `sets`:
 * the change is of sets, too. Sets *remembered, for
 * history_pop() if the change fails. Returns 0, also if it cannot be remembered, or a negative errno with
 * *failure set: a change that waits for a confirm must be; -EBUSY for people's, while another one waits.
 */
int mesh_filter_remember(const struct verb_call *call, const struct rule_table *now, bool sets,
	bool *remembered, struct failure *failure);

enum decision mesh_filter_decide_undo(const struct verb_call *call, char *sentence, size_t size);
int mesh_filter_apply_undo(const struct verb_call *call, struct failure *failure);
int mesh_filter_apply_confirm(const struct verb_call *call, struct failure *failure);
enum decision mesh_filter_decide_rollback(
	const struct verb_call *call, char *sentence, size_t size);
int mesh_filter_apply_rollback(const struct verb_call *call, struct failure *failure);

/* Returns whether a change should have been undone some seconds ago, for nobody has confirmed it, and the process that
 * would was killed. Then *token is its own. */
bool mesh_filter_is_late(const struct program *program, uint64_t *token);

#endif
