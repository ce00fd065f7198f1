/* SPDX-License-Identifier: BSD-2-Clause */
/* The list of actions that Execute keeps: which of them hold, which is meant, and where there is room for one. */
#ifndef X0_MAPEK_EXECUTE_LIST_H
#define X0_MAPEK_EXECUTE_LIST_H

#include "mapek/execute.h"

/* Returns whether an action holds: in force, or advised. */
bool execute_holds(const struct executed *executed);

/* Returns the action that holds, whose text this is; NULL without one. */
struct executed *execute_find(struct execute *execute, const char *action);

/* Returns the action of this number, whether or not it holds; NULL without one. */
struct executed *execute_find_number(struct execute *execute, uint64_t number);

/* Returns the action about a wish's target that holds, or keeps another from it: one that was undone, or
 * refused, not long ago. NULL without one. */
struct executed *execute_find_about(struct execute *execute, const struct wish *wish, double now);

/* Returns how many actions of a policy hold. */
uint32_t execute_count_held(const struct execute *execute, const struct policy *policy);

/* Returns a place for an action: a free one, or that of the one which ended first; NULL without one. What is
 * there is to be overwritten by the caller. */
struct executed *execute_make_room(struct execute *execute);

#endif
