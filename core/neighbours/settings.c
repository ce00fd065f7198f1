// SPDX-License-Identifier: BSD-2-Clause
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "model/names.h"
#include "neighbours/neighbours.h"

void neighbours_settings_default(struct neighbours_settings *settings)
{
	memset(settings, 0, sizeof(*settings));
	for (uint32_t name = 0; name < NEIGHBOUR_SOURCES; name++)
		if (name != NEIGHBOURS_FILE)
			settings->wanted |= 1U << name;
	settings->n_wanted = 1;
	snprintf(settings->babel, sizeof(settings->babel), "%s", NEIGHBOURS_BABEL_SOCKET);
}

static int unknown(const char *text, struct failure *failure)
{
	failure_set(failure, -EINVAL, "\"%.64s\" is no source of neighbours", text);
	return failure_remedy(failure,
		"Write kernel, batman-adv, babel, babel=SOCKET, babel=PORT, wireguard, signed, "
		"file=PATH or none");
}

/* Sets the path of a source that has one. */
static int set_path(char *path, const char *value, struct failure *failure)
{
	size_t length = strlen(value);

	if (length == 0 || length >= NEIGHBOURS_PATH_LEN)
		return failure_set(failure, -EINVAL, "A path has 1 to %d characters: \"%.64s\"",
			NEIGHBOURS_PATH_LEN - 1, value);
	memcpy(path, value, length + 1);
	return 0;
}

int neighbours_settings_add(
	struct neighbours_settings *settings, const char *text, struct failure *failure)
{
	char word[NAME_LEN];
	const char *equals = strchr(text, '=');
	size_t length = equals != NULL ? (size_t)(equals - text) : strlen(text);

	if (settings->n_wanted == 0) /* the list was emptied */
		settings->wanted = 0;
	snprintf(word, sizeof(word), "%.*s", (int)(length < NAME_LEN ? length : NAME_LEN), text);
	int name = strcmp(text, "none") == 0 ? NEIGHBOUR_SOURCES
					     : names_find(neighbour_source_names, word);
	char *path = name == NEIGHBOURS_BABEL  ? settings->babel
		     : name == NEIGHBOURS_FILE ? settings->file
					       : NULL;
	if (name < 0 || (equals != NULL && path == NULL) ||
		(equals == NULL && name == NEIGHBOURS_FILE))
		return unknown(text, failure);
	if (equals != NULL && set_path(path, equals + 1, failure) < 0)
		return failure->error;
	if (name < NEIGHBOUR_SOURCES)
		settings->wanted |= 1U << name;
	settings->n_wanted = 1;
	return 0;
}
