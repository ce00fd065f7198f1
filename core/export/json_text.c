// SPDX-License-Identifier: BSD-2-Clause
#include "export/json_text.h"

#include <string.h>

#include "base/utf8.h"

size_t json_text_clean(const char *text, size_t size, char clean[SENTENCE_LEN])
{
	size_t length = strnlen(text, size < SENTENCE_LEN ? size : SENTENCE_LEN);

	memcpy(clean, text, length);
	for (size_t i = 0; i < length;) {
		size_t valid = utf8_character((const unsigned char *)clean + i, length - i);
		if (valid == 0)
			clean[i] = '?';
		i += valid > 0 ? valid : 1;
	}
	return length;
}
