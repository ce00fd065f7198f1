/* SPDX-License-Identifier: BSD-2-Clause */
/* Splits a line of the operator's text into words: rules, actions, class lines. */
#ifndef X0_BASE_WORDS_H
#define X0_BASE_WORDS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/failure.h"

enum {
	WORDS_MAX = 64,
	WORDS_TEXT_LEN = 320,
};

struct words {
	uint32_t n;
	uint32_t offset[WORDS_MAX]; /* of each word in the split text */
	const char *word[WORDS_MAX]; /* point into `text` below; NULL from word[n] on */
	char text[WORDS_TEXT_LEN];
};

/* Returns whether a text is printable ASCII only: other bytes can drive a terminal. */
bool words_printable(const char *text);

/* Puts "?" for all other bytes. */
void words_make_printable(char *text);

/*
 * Splits `text` at spaces. Returns 0, or -EINVAL with *failure set: empty, too long, too many
 * words, or unprintable characters. `kind` names the text in the message, like "a rule".
 */
int words_split(struct words *words, const char *text, const char *kind, struct failure *failure);

/*
 * Reads a whole word as a number, without sign, spaces or leading zeros; "0x" begins a hexadecimal
 * one. Returns 0, -EINVAL if it is no number, or -ERANGE outside minimum and maximum.
 */
int words_number(const char *word, uint64_t minimum, uint64_t maximum, uint64_t *value);

#endif
