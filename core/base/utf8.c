// SPDX-License-Identifier: BSD-2-Clause
#include "base/utf8.h"

size_t utf8_character(const unsigned char *text, size_t size)
{
	static const struct {
		unsigned char first, last; /* leading byte */
		unsigned char low, high; /* second byte */
		size_t length;
	} forms[] = {
		{ 0x00, 0x7f, 0, 0, 1 },
		{ 0xc2, 0xdf, 0x80, 0xbf, 2 },
		{ 0xe0, 0xe0, 0xa0, 0xbf, 3 },
		{ 0xe1, 0xec, 0x80, 0xbf, 3 },
		{ 0xed, 0xed, 0x80, 0x9f, 3 },
		{ 0xee, 0xef, 0x80, 0xbf, 3 },
		{ 0xf0, 0xf0, 0x90, 0xbf, 4 },
		{ 0xf1, 0xf3, 0x80, 0xbf, 4 },
		{ 0xf4, 0xf4, 0x80, 0x8f, 4 },
	};
	size_t i = 0;

	while (i < sizeof(forms) / sizeof(forms[0]) &&
		(text[0] < forms[i].first || text[0] > forms[i].last))
		i++;
	if (i == sizeof(forms) / sizeof(forms[0]) || forms[i].length > size)
		return 0;
	if (forms[i].length > 1 && (text[1] < forms[i].low || text[1] > forms[i].high))
		return 0;
	for (size_t j = 2; j < forms[i].length; j++)
		if ((text[j] & 0xc0) != 0x80)
			return 0;
	return forms[i].length;
}
