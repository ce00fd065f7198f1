/* SPDX-License-Identifier: BSD-2-Clause */
/* Sets that follow the neighbour table: made by verbs, and brought up to date while x0top runs. */
#ifndef X0_PROGRAMS_XDP_MESH_FILTER_FEEDS_H
#define X0_PROGRAMS_XDP_MESH_FILTER_FEEDS_H

#include "mesh/set_change.h"
#include "programs/program.h"
#include "programs/verb.h"

struct mesh_feeds {
	struct mesh_sets *sets; /* the kernel's, of this version; NULL: none read */
	int64_t version; /* of rule_table_version() */
	uint64_t changes[MESH_SETS_MAX]; /* neighbours_changes() when each was looked at */
	uint64_t looked_ns; /* CLOCK_MONOTONIC of the last look */
	uint32_t at; /* the set to look at next */
	int timer; /* descriptor; 0: none yet */
	struct mesh_set due; /* what a set is to become, with these elements */
	struct set_elements elements;
};

/* Returns the sets in force, owned by the feeds, or NULL. */
const struct mesh_sets *mesh_feeds_sets(struct mesh_feeds *feeds, const struct map_registry *maps);

/* For .due_action of the module, which sets the verb, to follow. */
bool mesh_feeds_due(
	struct program *program, struct mesh_feeds *feeds, uint32_t i, struct action *action);

/* Frees what the feeds own. */
void mesh_feeds_close(struct mesh_feeds *feeds);

/* Collects what a feed says now into elements of that kind, `live` its sources that are there. Opens the
 * sources for the moment where nobody watches them. Returns 0, or a negative errno with *failure set. */
int mesh_feeds_collect(struct program_context *context, uint32_t feed,
	struct set_elements *elements, uint32_t *live, struct failure *failure);

extern const struct operand mesh_set_operand_feed; /* NAME SOURCES [KIND] */
enum decision mesh_set_decide_feed(const struct verb_call *call, char *sentence, size_t size);
int mesh_set_apply_feed(const struct verb_call *call, struct failure *failure);
int mesh_set_apply_follow(const struct verb_call *call, struct failure *failure);

#endif
