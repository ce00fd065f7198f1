/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A failure for the operator: one sentence with the problem, one with the remedy, and for -v the
 * message of the kernel or a library. The two sentences have no control characters.
 */
#ifndef X0_BASE_FAILURE_H
#define X0_BASE_FAILURE_H

#include <stdbool.h>
#include <stddef.h>

#define FAILURE_SENTENCE_LEN 256
#define FAILURE_CAUSE_LEN    4096

struct failure {
	int error; /* negative errno; 0 while nothing has failed */
	char what[FAILURE_SENTENCE_LEN]; /* without a full stop, which the output adds */
	char remedy[FAILURE_SENTENCE_LEN];
	char cause[FAILURE_CAUSE_LEN]; /* may have several lines, or be empty */
};

/* Sets `what` from a format and clears the rest; if memory or descriptors ran out (-ENOMEM, -EMFILE,
 * -ENFILE), or the keeper was killed (-EOWNERDEAD), sets the remedy against that, which
 * failure_remedy() then keeps. Returns `error`, for the caller to return. */
int failure_set(struct failure *failure, int error, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Returns whether a negative errno says that descriptors, memory or the keeper ran out. */
bool failure_is_shortage(int error);

/* Sets `remedy` from a format. Returns failure->error. */
int failure_remedy(struct failure *failure, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Puts path, line and column of a file before `what`. Returns failure->error. */
int failure_at(struct failure *failure, const char *path, size_t line, size_t column);

/* Sets `cause` from a format; cuts the beginning of a long one. Returns failure->error. */
int failure_cause(struct failure *failure, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Puts "?" for what drives a terminal, and may come from a file or a network: controls of ISO 6429's two sets, and
 * bytes that are no UTF-8. Sentences of failures are harmless. */
void failure_make_harmless(char *text);

#endif
