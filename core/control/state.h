/* SPDX-License-Identifier: BSD-2-Clause */
/* What the files of core/control share: the orchestrator's state. */
#ifndef X0_CONTROL_STATE_H
#define X0_CONTROL_STATE_H

#include "control/orchestrator.h"
#include "kernel/pins.h"
#include "programs/programs.h"

struct orchestrator {
	struct settings settings;
	struct program_context context;
	uint32_t n_programs;
	struct program programs[PROGRAMS_MAX];
	bool started; /* what the settings ask for has been applied */
	int lock_fd; /* holds the ownership of the chain; -1 without */
	struct pins pins; /* the folder in force */
	struct failure pins_failure; /* why what is pinned was left alone; error 0 if it was not */
	char notice[REASON_LEN]; /* what was found and done about it at the start; may be empty */
	char readonly_reason[REASON_LEN]; /* empty while changes are allowed */
	struct failure unaudited; /* why the last change is not in the audit log; error 0: it is */
	double sampled_at; /* CLOCK_MONOTONIC seconds of the last sample */
};

/* Returns the program of that name, or NULL. */
struct program *orchestrator_find(struct orchestrator *o, const char *name);

/* The program whose verb it is; NULL for a verb of control. */
struct program *orchestrator_owner(struct orchestrator *o, const struct verb *verb);

/* Makes the list of programs, declares the maps of all, and frees both. Returns 0 or -ENOMEM. */
int orchestrator_list_programs(struct orchestrator *o);
void orchestrator_free_programs(struct orchestrator *o);

/* --- enforcement.c: what outlives x0top -------------------------------------------------------- */

/* Whether a program is told to enforce, by its control map; and whether it outlives x0top, too. */
bool enforcement_is_on(const struct program *program);
bool enforcement_is_pinned(const struct program *program);

/* Whether any is told to; tells all not to. */
bool enforcement_any(const struct orchestrator *o);
void enforcement_stop_all(struct orchestrator *o);

/* 0 if the XDP chain is this x0top's, or -errno with *failure saying whose it is, or why not. */
int enforcement_own(const struct orchestrator *o, struct failure *failure);

/* Both need the change lock, and return 0, or a negative errno with *failure set. */
int enforcement_on(struct orchestrator *o, struct program *program, struct failure *failure);
int enforcement_off(struct orchestrator *o, struct program *program, struct failure *failure);

/* Notes that somebody removed the pins, in an event; for one that only looks, that they came back. */
void enforcement_follow(struct orchestrator *o);

/* While enforcing: pins the links that are not pinned yet, removes the pins of dead ones. */
void enforcement_pin_links(struct orchestrator *o);

/* --- adoption.c: what an earlier x0top left ---------------------------------------------------- */

/*
 * Takes over what enforces; removes what enforces nothing, if the chain is ours, and repairs rules
 * that were changed halfway: o->notice says so. What is not this x0top's is not touched, and
 * o->pins_failure says why: if it is of another layout or wrong, o->readonly_reason does, too.
 */
void enforcement_adopt(struct orchestrator *o);

/* Takes over the programs in an adopted chain, so that what protects stays in it until its successor
 * is. Without CAP_SYS_ADMIN they are replaced without that, and packets may slip by for a moment. */
void enforcement_adopt_stages(struct orchestrator *o);

#endif
