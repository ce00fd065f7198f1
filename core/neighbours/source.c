// SPDX-License-Identifier: BSD-2-Clause
#include "neighbours/source.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "model/names.h"

static void say(const struct neighbour_source *source, const char *what, const char *why)
{
	char sentence[REASON_LEN];

	if (source->say == NULL)
		return;
	snprintf(sentence, sizeof(sentence), "neighbours of %s %s%s%.160s",
		neighbour_source_names[source->type->name], what, why[0] != '\0' ? ": " : "", why);
	source->say(source->say_data, sentence);
}

void source_changed(struct neighbour_source *source)
{
	if (source->state == SOURCE_LOST)
		say(source, "are live again", "");
	source->state = SOURCE_LIVE;
	source->as_of = clock_realtime_seconds();
	source->reason[0] = '\0';
	source->changes++;
}

void source_replace(struct neighbour_source *source, struct neighbour_set *next)
{
	neighbour_set_replace(&source->set, next);
	source_changed(source);
}

void source_gone(struct neighbour_source *source, const char *format, ...)
{
	va_list arguments;
	uint32_t before = source->state;

	va_start(arguments, format);
	vsnprintf(source->reason, sizeof(source->reason), format, arguments);
	va_end(arguments);
	source->state = isnan(source->as_of) ? SOURCE_ABSENT : SOURCE_LOST;
	source->changes += source->state != before;
	if (before == SOURCE_LIVE)
		say(source, "are kept as they were", source->reason);
}

void source_forget(struct neighbour_source *source)
{
	if (source->state == SOURCE_LOST)
		say(source, "are forgotten", source->reason);
	source->state = SOURCE_ABSENT;
	source->as_of = NAN;
	neighbour_set_clear(&source->set);
}

const struct interface *source_link(const struct neighbour_source *source, uint32_t ifindex)
{
	return interface_in_list(source->links, source->n_links, ifindex);
}

void source_set_link(
	const struct neighbour_source *source, struct neighbour *neighbour, uint32_t ifindex)
{
	const struct interface *link = source_link(source, ifindex);

	neighbour->key.ifindex = ifindex;
	source_copy_text(
		neighbour->interface, sizeof(neighbour->interface), link != NULL ? link->name : "");
}

void source_copy_text(char *to, size_t size, const char *from)
{
	size_t length = strnlen(from, size - 1);

	for (size_t i = 0; i < length; i++)
		to[i] = (char)(from[i] < ' ' || from[i] > '~' ? '?' : from[i]);
	to[length] = '\0';
}
