// SPDX-License-Identifier: BSD-2-Clause
#include "serve/view_wire.h"

#include <errno.h>
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
