// SPDX-License-Identifier: BSD-2-Clause
#include "base/words.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

static bool is_printable(char byte)
{
	return byte >= ' ' && byte <= '~';
}

bool words_printable(const char *text)
{
	while (is_printable(*text))
		text++;
	return *text == '\0';
}

void words_make_printable(char *text)
{
	for (; *text != '\0'; text++)
		if (!is_printable(*text))
			*text = '?';
}

int words_split(struct words *words, const char *text, const char *kind, struct failure *failure)
{
	memset(words, 0, sizeof(*words));
	size_t length = strnlen(text, sizeof(words->text));
	if (length == sizeof(words->text))
		return failure_set(failure, -EINVAL, "Too long for %s: more than %d characters",
			kind, WORDS_TEXT_LEN - 1);
	memcpy(words->text, text, length);
	if (!words_printable(words->text))
		return failure_set(failure, -EINVAL, "%c%s may contain printable ASCII only",
			toupper(kind[0]), kind + 1);

	char *rest = words->text;
	while (*(rest += strspn(rest, " ")) != '\0') {
		if (words->n == WORDS_MAX)
			return failure_set(
				failure, -EINVAL, "Too many words for %s: \"%s\"", kind, text);
		words->word[words->n] = rest;
		words->offset[words->n] = (uint32_t)(rest - words->text);
		words->n++;
		rest += strcspn(rest, " ");
		if (*rest == ' ')
			*rest++ = '\0';
	}
	if (words->n == 0)
		return failure_set(
			failure, -EINVAL, "%c%s cannot be empty", toupper(kind[0]), kind + 1);
	return 0;
}

int words_number(const char *word, uint64_t minimum, uint64_t maximum, uint64_t *value)
{
	bool hexadecimal = strncmp(word, "0x", 2) == 0;
	const char *digits = hexadecimal ? word + 2 : word;
	size_t length = strlen(digits);

	if (length == 0 ||
		length != strspn(digits, hexadecimal ? "0123456789abcdefABCDEF" : "0123456789"))
		return -EINVAL;
	if (!hexadecimal && digits[0] == '0' && length > 1)
		return -EINVAL; /* other tools would read it as octal */
	errno = 0;
	unsigned long long number = strtoull(digits, NULL, hexadecimal ? 16 : 10);
	if (errno != 0 || number < minimum || number > maximum)
		return -ERANGE;
	*value = number;
	return 0;
}
