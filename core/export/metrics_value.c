// SPDX-License-Identifier: BSD-2-Clause
#include "export/metrics_value.h"

#include <stdint.h>
#include <string.h>

#include "base/hex.h"
#include "base/utf8.h"

/* Returns the length of the character that may stay as it is; 0: its first byte may not. */
static size_t plain(const char *text, size_t size)
{
	const unsigned char *byte = (const unsigned char *)text;

	if ((*byte < ' ' && *byte != '\n') || *byte == 0x7f)
		return 0;
	if (*byte == '\\' && size > 1 && text[1] == 'x')
		return 0;
	return utf8_character(byte, size);
}

/* Writes a character; quotes, backslashes and line feeds are escaped. Returns where the next one is to be. */
static char *put(char *to, const char *character, size_t length)
{
	if (strchr("\"\\\n", *character) != NULL)
		*to++ = '\\';
	memcpy(to, *character == '\n' ? "n" : character, length);
	return to + length;
}

static char *put_hex(char *to, char byte)
{
	char digits[3];

	hex_format((const uint8_t *)&byte, 1, digits);
	return stpcpy(stpcpy(to, "\\\\x"), digits);
}

size_t metrics_value_write(const char *text, size_t size, char value[METRICS_VALUE_LEN])
{
	const size_t end = strnlen(text, size < SENTENCE_LEN ? size : SENTENCE_LEN);
	char *to = value;

	for (size_t i = 0, length; i<end; i += length> 0 ? length : 1) {
		length = plain(text + i, end - i);
		to = length > 0 ? put(to, text + i, length) : put_hex(to, text[i]);
	}
	return (size_t)(to - value);
}

/* Reads a byte, and goes on behind it. */
static char next(const char **value)
{
	const char *at = *value;
	char digits[3] = "";
	uint8_t byte = 0;

	*value += *at != '\0';
	if (at[0] != '\\' || at[1] != 'x')
		return *at;
	strncat(digits, at + 2, 2);
	if (hex_parse(digits, &byte, 1) < 0 || byte == '\0')
		return *at;
	*value = at + 4;
	return (char)byte;
}

bool metrics_value_read(const char *value, char *text, size_t size)
{
	for (size_t i = 0; i < size; i++)
		if ((text[i] = next(&value)) == '\0')
			return true;
	text[size - 1] = '\0';
	return false;
}

bool metrics_value_is(const char *value, const char *text)
{
	char byte;

	do
		if ((byte = next(&value)) != *text)
			return false;
	while (*text++ != '\0');
	return true;
}
