// SPDX-License-Identifier: BSD-2-Clause
#include "mesh/rule_notes.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/duration.h"
#include "model/names.h"

static int read_for(const char *text, struct mesh_rule *rule, struct failure *failure)
{
	uint64_t seconds;

	if (duration_parse(text, &seconds) == 0) {
		rule->expires = clock_boottime_ns() + seconds * NS_PER_SECOND;
		return 0;
	}
	failure_set(failure, -EINVAL, "\"%s\" is not a length of time", text);
	return failure_remedy(failure, "Write 90s, 10m, 1h30m or 2d, up to ten years");
}

/* The clock of day may be set later: the rule then holds as long as it would have. */
static int read_until(const char *text, struct mesh_rule *rule, struct failure *failure)
{
	uint64_t now = clock_realtime_ns(), boot = clock_boottime_ns();
	struct tm date = { 0 };
	const char *end = strlen(text) == RULE_DATE_LEN - 1
				  ? strptime(text, "%Y-%m-%dT%H:%M:%SZ", &date)
				  : NULL;
	time_t seconds = end != NULL && *end == '\0' ? timegm(&date) : -1;

	if (seconds < 0 || (uint64_t)seconds > now / NS_PER_SECOND + DURATION_MAX) {
		failure_set(failure, -EINVAL, "\"%s\" is not a date within ten years", text);
		return failure_remedy(
			failure, "Write it as 2026-11-27T23:10:00Z, which is UTC, or \"for 10m\"");
	}
	uint64_t then = (uint64_t)seconds * NS_PER_SECOND;
	rule->expires = then + boot > now ? then + boot - now : 1;
	return 0;
}

static int read_origin(const char *text, struct mesh_rule *rule, struct failure *failure)
{
	int origin = names_find(mesh_origin_names, text);

	if (origin <= MESH_ORIGIN_NONE)
		return failure_set(failure, -EINVAL,
			"\"%s\" is not an origin: operator, file, feed or mapek", text);
	rule->origin = (uint8_t)origin;
	return 0;
}

/* The rest of the text, with quotes around it or without. */
static int read_comment(const char *text, struct mesh_rule *rule, struct failure *failure)
{
	size_t length = strlen(text);

	while (length > 0 && text[length - 1] == ' ')
		length--;
	if (length >= 2 && text[0] == '"' && text[length - 1] == '"') {
		text++;
		length -= 2;
	}
	if (length == 0 || length >= sizeof(rule->comment))
		return failure_set(
			failure, -EINVAL, "A comment has 1 to %d characters", MESH_COMMENT_LEN - 1);
	if (memchr(text, '"', length) != NULL)
		return failure_set(failure, -EINVAL, "A comment has no quotes in it");
	memcpy(rule->comment, text, length);
	return 0;
}

static const struct note {
	const char *word;
	int (*read)(const char *text, struct mesh_rule *rule, struct failure *failure);
	uint32_t group; /* of which a rule has one note */
	bool to_the_end;
} notes[] = {
	{ "for", read_for, 1 << 0, false },
	{ "until", read_until, 1 << 0, false },
	{ "origin", read_origin, 1 << 1, false },
	{ "comment", read_comment, 1 << 2, true },
	{ NULL, NULL, 0, false },
};

static const struct note *find(const char *word)
{
	for (const struct note *note = notes; note->word != NULL; note++)
		if (strcmp(note->word, word) == 0)
			return note;
	return NULL;
}

bool rule_note_begins(const char *word)
{
	return find(word) != NULL;
}

int rule_notes_parse(const char *text, const struct words *words, uint32_t at,
	struct mesh_rule *rule, struct failure *failure)
{
	uint32_t seen = 0;
	int error = 0;

	while (at < words->n && error == 0) {
		const struct note *note = find(words->word[at]);
		if (note == NULL)
			return failure_set(failure, -EINVAL,
				"\"%s\" does not follow a mesh rule's conditions", words->word[at]);
		if (seen & note->group)
			return failure_set(failure, -EINVAL,
				"The mesh rule says a second time what \"%s\" says", note->word);
		if (at + 1 == words->n)
			return failure_set(failure, -EINVAL, "Nothing follows \"%s\"", note->word);
		seen |= note->group;
		error = note->read(
			note->to_the_end ? text + words->offset[at + 1] : words->word[at + 1], rule,
			failure);
		at = note->to_the_end ? words->n : at + 2;
	}
	return error;
}

uint64_t rule_time_left(const struct mesh_rule *rule)
{
	uint64_t now = clock_boottime_ns();

	if (rule->expires == 0)
		return UINT64_MAX;
	return rule->expires <= now ? 0 : (rule->expires - now + NS_PER_SECOND - 1) / NS_PER_SECOND;
}

void rule_format_date(const struct mesh_rule *rule, char text[RULE_DATE_LEN])
{
	uint64_t now = clock_realtime_ns(), boot = clock_boottime_ns();
	uint64_t then = now + rule->expires;
	time_t seconds =
		then > boot ? (time_t)((then - boot + NS_PER_SECOND / 2) / NS_PER_SECOND) : 0;
	struct tm date = { 0 };

	gmtime_r(&seconds, &date);
	if (strftime(text, RULE_DATE_LEN, "%Y-%m-%dT%H:%M:%SZ", &date) == 0)
		text[0] = '\0';
}
