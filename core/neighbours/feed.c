// SPDX-License-Identifier: BSD-2-Clause
#include "neighbours/feed.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "model/names.h"

static int unknown(const char *word, struct failure *failure)
{
	failure_set(failure, -EINVAL, "\"%.32s\" is nothing that a set can follow", word);
	return failure_remedy(failure,
		"Write, with commas between them, kernel, batman-adv, babel, wireguard, signed, "
		"file, routes or all");
}

static int add_word(const char *word, uint32_t *feed, struct failure *failure)
{
	int name = names_find(neighbour_source_names, word);

	if (name >= 0)
		*feed |= 1U << name;
	else if (strcmp(word, "all") == 0)
		*feed |= FEED_SOURCES;
	else if (strcmp(word, "routes") == 0)
		*feed |= FEED_ROUTES;
	else
		return unknown(word, failure);
	return 0;
}

int feed_parse(const char *text, uint32_t *feed, struct failure *failure)
{
	char word[NAME_LEN];
	int error = 0;

	*feed = 0;
	while (error == 0) {
		size_t length = strcspn(text, ",");
		snprintf(word, sizeof(word), "%.*s",
			(int)(length < sizeof(word) ? length : sizeof(word)), text);
		error = add_word(word, feed, failure);
		if (text[length] == '\0')
			break;
		text += length + 1;
	}
	if (*feed == FEED_ROUTES)
		*feed |= FEED_SOURCES;
	return error;
}

int feed_elements(
	struct neighbours *neighbours, uint32_t feed, bool macs, struct neighbour_element **list)
{
	enum neighbour_elements kind = macs		    ? NEIGHBOUR_MACS
				       : feed & FEED_ROUTES ? NEIGHBOUR_PREFIXES
							    : NEIGHBOUR_ADDRESSES;

	return neighbours_elements(neighbours, feed & FEED_SOURCES, kind, list);
}
