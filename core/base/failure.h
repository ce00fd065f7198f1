/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A failure in the operator's words: one sentence that says what is wrong, one that says what to
 * do, and, for -v, the cause as the kernel or a library put it.
 */
#ifndef X0_BASE_FAILURE_H
#define X0_BASE_FAILURE_H

#include <stdbool.h>

#define FAILURE_SENTENCE_LEN 256
#define FAILURE_CAUSE_LEN    4096

struct failure {
	int error; /* negative errno; 0 while nothing has failed */
	char what[FAILURE_SENTENCE_LEN]; /* without its full stop: who shows it ends it */
	char remedy[FAILURE_SENTENCE_LEN];
	char cause[FAILURE_CAUSE_LEN]; /* several lines at most; may be empty */
};

/* Sets `what` from a format; clears the rest. Returns `error`, so that callers can return it. */
int failure_set(struct failure *failure, int error, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Sets `remedy` from a format. Returns failure->error. */
int failure_remedy(struct failure *failure, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Sets `cause` from a format; what is too long loses its beginning. Returns failure->error. */
int failure_cause(struct failure *failure, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

#endif
