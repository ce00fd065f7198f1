// SPDX-License-Identifier: BSD-2-Clause
#include "neighbours/file_lines.h"

#include <errno.h>
#include <string.h>

#include "base/hex.h"
#include "neighbours/entry.h"
#include "neighbours/source.h"

#define BLANKS " \t\r"

enum { FILE_LINE_LEN = 256 };

static bool take_word(const char *word, struct neighbour *neighbour)
{
	if (hex_parse_mac(word, neighbour->mac) == 0) {
		neighbour->has_mac = true;
		memcpy(&neighbour->key.id, neighbour->mac, MAC_LEN);
		return true;
	}
	if (!entry_read_prefix(word, &neighbour->key))
		return false;
	if (neighbour->key.bits < 8 * neighbour_address_len(neighbour->key.family))
		neighbour->key.kind = NEIGHBOUR_ROUTE;
	return true;
}

int file_line_read(const char *line, size_t length, struct neighbour *neighbour)
{
	char text[FILE_LINE_LEN], *rest = NULL;

	for (size_t i = 0; i < length; i++)
		if (line[i] == '#' || line[i] == ';')
			length = i;
	if (length >= sizeof(text) || memchr(line, '\0', length) != NULL)
		return -EINVAL;
	memcpy(text, line, length);
	text[length] = '\0';
	const char *word = strtok_r(text, BLANKS, &rest);
	if (word == NULL)
		return 0;
	neighbour_init(neighbour, NEIGHBOUR_NODE);
	neighbour->state = "listed";
	if (!take_word(word, neighbour))
		return -EINVAL;
	const char *name = strtok_r(NULL, BLANKS, &rest);
	source_copy_text(neighbour->name, sizeof(neighbour->name), name != NULL ? name : "");
	return 1;
}

uint32_t file_lines_read(const char *text, size_t length, struct neighbour_set *set)
{
	uint32_t number = 0, wrong = 0;

	for (size_t at = 0; at < length;) {
		const char *end = memchr(text + at, '\n', length - at);
		size_t size = end != NULL ? (size_t)(end - text) - at : length - at;
		struct neighbour neighbour;
		int result = file_line_read(text + at, size, &neighbour);

		number++;
		if (result > 0)
			neighbour_set_put(set, &neighbour);
		if (result < 0) {
			set->left_out++;
			wrong = wrong == 0 ? number : wrong;
		}
		at += size + 1;
	}
	return wrong;
}
