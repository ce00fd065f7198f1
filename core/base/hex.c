// SPDX-License-Identifier: BSD-2-Clause
#include "base/hex.h"

#include <errno.h>

void hex_format(const uint8_t *data, size_t size, char *text)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < size; i++) {
		text[2 * i] = digits[data[i] >> 4];
		text[2 * i + 1] = digits[data[i] & 15];
	}
	text[2 * size] = '\0';
}

static int digit(char letter)
{
	if (letter >= '0' && letter <= '9')
		return letter - '0';
	letter |= 0x20; /* to lower case */
	return letter >= 'a' && letter <= 'f' ? letter - 'a' + 10 : -1;
}

int hex_parse(const char *text, uint8_t *data, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		int high = digit(text[2 * i]);
		int low = high < 0 ? -1 : digit(text[2 * i + 1]);

		if (low < 0)
			return -EINVAL;
		data[i] = (uint8_t)(high << 4 | low);
	}
	return text[2 * size] == '\0' ? 0 : -EINVAL;
}
