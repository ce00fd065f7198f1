/* SPDX-License-Identifier: BSD-2-Clause */
/* Asks before a change of rules, sets or policy cuts the operator's own connection, by whatever path it comes. */
#ifndef X0_PROGRAMS_XDP_MESH_FILTER_JUDGE_H
#define X0_PROGRAMS_XDP_MESH_FILTER_JUDGE_H

#include "mesh/rule_table.h"
#include "programs/verb.h"

struct program;

/*
 * Compares what is in force with a whole table that would be; after->sets NULL: with the sets in force.
 * Returns DECISION_ASK with the question, or DECISION_DO: nothing enforces, nobody works over SSH, or the
 * connection goes on as it did.
 */
enum decision mesh_filter_judge(
	struct program *program, const struct rule_table *after, char *sentence, size_t size);

/* Returns whether what is in force would cut the connection if it dropped, with the question. */
bool mesh_filter_would_cut(struct program *program, char *sentence, size_t size);

#endif
