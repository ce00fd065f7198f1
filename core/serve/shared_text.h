/* SPDX-License-Identifier: BSD-2-Clause */
/* A text that several answers send: made once a sample, freed behind the last. */
#ifndef X0_SERVE_SHARED_TEXT_H
#define X0_SERVE_SHARED_TEXT_H

#include <stddef.h>

struct shared_text {
	unsigned int uses;
	size_t length; /* bytes */
	char *bytes;
};

/* Takes over bytes of malloc(3). Returns the text, used once; NULL without memory, and frees the bytes. */
struct shared_text *shared_text_open(char *bytes, size_t length);

/* Uses it once more. Returns it. */
struct shared_text *shared_text_use(struct shared_text *text);

/* Ends a use. Accepts NULL. */
void shared_text_close(struct shared_text *text);

#endif
