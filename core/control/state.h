/* SPDX-License-Identifier: BSD-2-Clause */
/* What the files of core/control share: the orchestrator's state. */
#ifndef X0_CONTROL_STATE_H
#define X0_CONTROL_STATE_H

#include "control/orchestrator.h"
#include "programs/programs.h"

struct orchestrator {
	struct settings settings;
	struct program_context context;
	uint32_t n_programs;
	struct program programs[PROGRAMS_MAX];
	bool started; /* what the settings ask for has been applied */
	bool pinned; /* the chain, and what enforces in it, outlive x0top */
	int lock_fd; /* holds the ownership of the chain; -1 where another x0top has it */
	char readonly_reason[REASON_LEN]; /* empty while changes are allowed */
	struct failure unaudited; /* why the last change is not in the audit log; error 0: it is */
	double sampled_at; /* CLOCK_MONOTONIC seconds of the last sample */
};

/* Returns the program of that name, or NULL. */
struct program *orchestrator_find(struct orchestrator *o, const char *name);

/* The program whose verb it is; NULL for a verb of control. */
struct program *orchestrator_owner(struct orchestrator *o, const struct verb *verb);

/* --- enforcement.c: what outlives x0top -------------------------------------------------------- */

/* Takes over what an earlier x0top left enforcing; does nothing if there is none. */
void enforcement_adopt(struct orchestrator *o);

/* Takes over the programs in an adopted chain, so that what protects stays in it until its successor
 * is. Without CAP_SYS_ADMIN they are replaced without that, and packets may slip by for a moment. */
void enforcement_adopt_stages(struct orchestrator *o);

/* Whether a program enforces, and outlives x0top. */
bool enforcement_is_on(const struct orchestrator *o, const struct program *program);

int enforcement_on(struct orchestrator *o, struct program *program, struct failure *failure);
int enforcement_off(struct orchestrator *o, struct program *program, struct failure *failure);

/* Pins what was attached since, while something enforces. */
void enforcement_extend(struct orchestrator *o);

#endif
