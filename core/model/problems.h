/* SPDX-License-Identifier: BSD-2-Clause */
/* The list of problems of a judgement: adds them, and makes one of those with one cause. */
#ifndef X0_MODEL_PROBLEMS_H
#define X0_MODEL_PROBLEMS_H

#include "model/judge.h"

/* A sentence about one or several subjects: before, subjects, one or several, reason. */
struct wording {
	const char *before, *one, *several;
};

/* Adds a problem, told by a format. Returns it, or NULL without room. */
struct problem *problem_add(struct judgement *judgement, enum severity severity,
	const char *subject, const char *format, ...) __attribute__((format(printf, 4, 5)));

/*
 * Adds a problem with its reason. Whatever suffers from the same reason shares one problem, in the words
 * of the first, the worst. Returns it, or NULL without room.
 */
struct problem *problem_add_reason(struct judgement *judgement, enum severity severity,
	const char *name, const struct wording *wording, const char *reason);

/* Returns the problem with a cause, or NULL. */
struct problem *problem_find(struct judgement *judgement, const char *cause);

/* Names the cause of a problem that has several sentences, or several who tell of it. `problem` may be NULL. */
void problem_set_cause(struct problem *problem, const char *kind, const char *what);

/* Sets the remedy of a problem that has none. `problem` may be NULL. */
void problem_set_remedy(struct problem *problem, const char *remedy);

#endif
