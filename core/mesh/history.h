/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What can be undone: the rules, and where they change the sets, before each of the last changes. All x0top of
 * a host share the file, kernel/lock.h; callers hold the change lock. It is of one loaded filter: a filter that
 * was loaded anew has no history. What it says is checked.
 */
#ifndef X0_MESH_HISTORY_H
#define X0_MESH_HISTORY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/text.h"
#include "mesh/rule_table.h"

enum { HISTORY_MAX = 10 };

/* A change that is undone unless it is confirmed in time. */
struct history_pending {
	uint64_t token; /* not 0; 0: nothing is pending */
	uint64_t deadline; /* CLOCK_BOOTTIME, ns */
};

/* Remembers what is in force before the change that `action` describes. `sets`: those in force, if it changes
 * them, else NULL. `pending` NULL: it needs no yes. Returns 0 or a negative errno: -EBUSY if another change
 * is pending, and this would be. */
int history_push(const struct map_registry *maps, const struct rule_table *table,
	const struct mesh_sets *sets, const char *action, const struct history_pending *pending);

/* Says of the pending change that it undoes the one before it: a yes forgets both. Returns 0 or a negative errno. */
int history_undoes(const struct map_registry *maps);

/* Forgets the last change: it failed, or is undone. Returns 0 or a negative errno. */
int history_pop(const struct map_registry *maps);

enum history_which {
	HISTORY_LAST,
	HISTORY_PENDING,
	HISTORY_BEHIND_PENDING, /* the first that came later: what is in force before it is what the pending one made */
};

/*
 * Reads one of the changes. Fills `rules`, and table->sets with sets to be
 * freed by the caller if it changed them; other members of the table stay. Writes what it was. Returns 0,
 * -ENOENT without one, -EBADMSG if it is not whole, or another negative errno.
 */
int history_read(const struct map_registry *maps, enum history_which which,
	struct rule_table *table, char action[RULE_LEN]);

/* Returns what is pending. */
struct history_pending history_pending(const struct map_registry *maps);

/* Confirms what is pending. With `undone`, forgets it and all that came later. Returns 0, -ENOENT if nothing
 * is pending, or another negative errno. */
int history_settle(const struct map_registry *maps, bool undone);

#endif
