// SPDX-License-Identifier: BSD-2-Clause
#include "programs/settings_place.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "model/names.h"

const char *const place_names[] = { "last", "before", "after", NULL };

int settings_place_set(struct settings *settings, const char *value, struct failure *failure)
{
	struct settings_place place = { 0 };
	char where[NAME_LEN] = "";
	int end = 0;
	int n = sscanf(value, "%31[a-z0-9_-] %31[a-z] %n%31[a-z0-9_-]%n", place.plugin, where, &end,
		place.stage, &end);
	int found = names_find(place_names, where);
	uint32_t at = 0;

	if (found < 0 || n != (found == PLACE_LAST ? 2 : 3) || value[end] != '\0') {
		failure_set(failure, -EINVAL, "\"%.96s\" is not a place of a plugin", value);
		return failure_remedy(failure,
			"Write \"NAME before STAGE\", \"NAME after STAGE\" or \"NAME last\"");
	}
	place.where = (uint32_t)found;
	while (at < settings->n_places && strcmp(settings->places[at].plugin, place.plugin) != 0)
		at++;
	if (at == PLUGINS_MAX)
		return failure_set(failure, -ENOSPC, "No room for \"%.96s\": the limit is %d",
			value, PLUGINS_MAX);
	settings->places[at] = place;
	settings->n_places += at == settings->n_places;
	return 0;
}
