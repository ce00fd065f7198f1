// SPDX-License-Identifier: BSD-2-Clause
#include "base/hex.h"

#include <errno.h>

void hex_format(const uint8_t *data, size_t size, char *text)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < size; i++) {
		*text++ = digits[data[i] >> 4];
		*text++ = digits[data[i] & 15];
	}
	*text = '\0';
}

static int digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

int hex_parse(const char *text, uint8_t *data, size_t size)
{
	for (size_t i = 0; i < size; i++, text += 2) {
		int high = digit(text[0]);
		int low = high < 0 ? -1 : digit(text[1]); /* text[1] is there only then */
		if (low < 0)
			return -EINVAL;
		data[i] = (uint8_t)(high << 4 | low);
	}
	return *text == '\0' ? 0 : -EINVAL;
}
