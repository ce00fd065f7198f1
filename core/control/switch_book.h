/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What MAPE-K has done that outlives x0top, a mode that it has switched or what it does to a class, each with the action
 * that takes it back. It is written before it is done: after a kill the next x0top that owns the chain takes it back,
 * whether or not it has MAPE-K. What an operator changes meanwhile is the operator's. One file of the host,
 * kernel/lock.h; callers hold the change lock, unless another is named.
 */
#ifndef X0_CONTROL_SWITCH_BOOK_H
#define X0_CONTROL_SWITCH_BOOK_H

#include <stdbool.h>

#include "control/action.h"

enum { SWITCH_BOOK_PLACES = 32 };

struct switch_noted {
	struct action done, back;
};

/* Returns whether what an action does outlives x0top, and is taken back by another action. */
bool switch_book_has(const struct action *action);

/* Opens the book as o->switches; a lab has one of its own, which ends with it. -1, where it cannot: then MAPE-K switches
 * nothing that would outlive x0top. To be closed by the caller. */
void switch_book_open(struct orchestrator *o);

/* Before an action is applied: notes what takes it back, if MAPE-K does or advises it. Returns 1 if it did; 0; or a
 * negative errno with *failure set: it must not be done. */
int switch_book_note(struct orchestrator *o, const struct action *action, struct failure *failure);

/* After it was applied with this result: forgets what was `noted` of it in vain, and what is not MAPE-K's to take back
 * any more. */
void switch_book_settle(struct orchestrator *o, const struct action *action, bool noted, int error);

/* Reads a place, 0 to SWITCH_BOOK_PLACES - 1. Returns whether something is noted there. */
bool switch_book_read(const struct orchestrator *o, int at, struct switch_noted *noted);

/* Returns the place of what is noted about the same program, or class, as an action; or a negative errno. */
int switch_book_find(
	const struct orchestrator *o, const struct action *action, struct switch_noted *noted);
void switch_book_drop(const struct orchestrator *o, int at);

/* Returns whether an action, that was noted, is in force; and whether two have the same text. */
bool switch_book_is_done(struct orchestrator *o, const struct action *action);
bool switch_book_same(const struct action *action, const struct action *other);

/* switch_back.c: takes back what an x0top that was killed has left, at the start, without any lock. What cannot be is an event, and
 * stays noted. */
void switch_book_recover(struct orchestrator *o);

/* Reads what the host's book says is done, as texts of actions. Returns their number; 0 also where it cannot be read. */
uint32_t switch_book_list(char texts[SWITCH_BOOK_PLACES][RULE_LEN]);

/* Forgets all: everything ends. */
void switch_book_forget(void);

#endif
