/* SPDX-License-Identifier: BSD-2-Clause */
/* One line of an operator's text, cut into words: what rules, actions and class lines are made of. */
#ifndef X0_BASE_WORDS_H
#define X0_BASE_WORDS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/failure.h"

enum {
	WORDS_MAX = 6,
	WORDS_TEXT_LEN = 128,
};

struct words {
	uint32_t n;
	uint32_t offset[WORDS_MAX]; /* where each word begins in the text that was split */
	const char *word[WORDS_MAX]; /* terminated, in `text` below; NULL from word[n] on */
	char text[WORDS_TEXT_LEN];
};

/* True if a text has nothing in it but printable ASCII: what else there is can drive a terminal. */
bool words_printable(const char *text);

/*
 * Cuts `text` at blanks. Returns 0, or -EINVAL with *failure set: empty, too long, too many words,
 * or characters that are not printable. `kind` names the text in the message, "a rule".
 */
int words_split(struct words *words, const char *text, const char *kind, struct failure *failure);

/*
 * Reads a whole word as a number without sign, blanks or needless zeros; "0x" makes it hexadecimal.
 * Returns 0, -EINVAL if it is not one, or -ERANGE if it is not within minimum and maximum.
 */
int words_number(const char *word, uint64_t minimum, uint64_t maximum, uint64_t *value);

#endif
