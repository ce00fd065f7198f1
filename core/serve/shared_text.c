// SPDX-License-Identifier: BSD-2-Clause
#include "serve/shared_text.h"

#include <stdlib.h>

struct shared_text *shared_text_open(char *bytes, size_t length)
{
	struct shared_text *text = malloc(sizeof(*text));

	if (text == NULL) {
		free(bytes);
		return NULL;
	}
	*text = (struct shared_text) { .uses = 1, .length = length, .bytes = bytes };
	return text;
}

struct shared_text *shared_text_use(struct shared_text *text)
{
	text->uses++;
	return text;
}

void shared_text_close(struct shared_text *text)
{
	if (text == NULL || --text->uses > 0)
		return;
	free(text->bytes);
	free(text);
}
