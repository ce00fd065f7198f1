// SPDX-License-Identifier: BSD-2-Clause
#include "serve/view_wire.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int view_asked_take(
	struct view_asked *asked, struct view_header *header, char text[VIEW_ASK_MAX + 1])
{
	if (asked->length < sizeof(*header))
		return 0;
	memcpy(header, asked->bytes, sizeof(*header));
	if (header->length > VIEW_ASK_MAX)
		return -EPROTO;
	size_t whole = sizeof(*header) + header->length;
	if (asked->length < whole)
		return 0;
	memcpy(text, asked->bytes + sizeof(*header), header->length);
	text[header->length] = '\0';
	asked->length -= whole;
	memmove(asked->bytes, asked->bytes + whole, asked->length);
	return 1;
}

/* --- who looks ------------------------------------------------------------------------------------ */

void view_look_write(char text[VIEW_ASK_MAX + 1], unsigned int looks, const struct look_sort *sort)
{
	if (looks & LOOK_PLUGIN_MAP)
		snprintf(text, VIEW_ASK_MAX + 1, "%u %u %u %s %s", looks, sort->column, sort->least,
			sort->plugin, sort->map);
	else
		snprintf(text, VIEW_ASK_MAX + 1, "%u", looks);
}

unsigned int view_look_read(const char *text, struct look_sort *sort)
{
	char *at;
	const unsigned int looks = (unsigned int)strtoul(text, &at, 10) & LOOK_FAR;

	*sort = (struct look_sort) { 0 };
	if (!(looks & LOOK_PLUGIN_MAP))
		return looks;
	sort->column = (uint32_t)strtoul(at, &at, 10);
	sort->least = strtoul(at, &at, 10) != 0;
	at += *at == ' ';
	const size_t length = strcspn(at, " ");
	if (at[length] == '\0' || length == 0 || length >= sizeof(sort->plugin) ||
		strlen(at + length + 1) >= sizeof(sort->map)) {
		*sort = (struct look_sort) { 0 };
		return looks & ~(unsigned int)LOOK_PLUGIN_MAP;
	}
	memcpy(sort->plugin, at, length);
	snprintf(sort->map, sizeof(sort->map), "%s", at + length + 1);
	return looks;
}
