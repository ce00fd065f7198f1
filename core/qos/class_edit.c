// SPDX-License-Identifier: BSD-2-Clause
/* Changes of the lines: each is made whole or not at all. */
#include "qos/classes.h"

#include <errno.h>
#include <string.h>

#include "mesh/rule.h"

void classes_copy(struct class_lines *to, const struct class_lines *from)
{
	memcpy(to, from, offsetof(struct class_lines, lines) + from->n * sizeof(from->lines[0]));
}

static void remove_at(struct class_lines *lines, uint32_t place)
{
	memmove(&lines->lines[place], &lines->lines[place + 1],
		(--lines->n - place) * sizeof(lines->lines[0]));
	lines->n_own -= place < lines->n_own;
}

int classes_put(struct class_lines *lines, const struct class_line *line)
{
	int place = classes_place(lines, line);

	if (place >= 0 && line->class != CLASS_NONE && (uint32_t)place < lines->n_own) {
		lines->lines[place] = *line;
		return 0;
	}
	if (place >= 0)
		remove_at(lines, (uint32_t)place);
	if (line->class == CLASS_NONE)
		return 0;
	if (lines->n == CLASS_LINES_MAX)
		return -ENOSPC;
	memmove(&lines->lines[lines->n_own + 1], &lines->lines[lines->n_own],
		(lines->n++ - lines->n_own) * sizeof(lines->lines[0]));
	lines->lines[lines->n_own++] = *line;
	return 0;
}

static int no_place(uint32_t place, struct failure *failure)
{
	failure_set(failure, -ENOENT, "There is no line %u of the classes", place);
	return failure_remedy(failure, "List them with x0top classes list");
}

static int there_is(const struct class_lines *lines, int place, struct failure *failure)
{
	char text[RULE_LEN];

	classes_format(&lines->names, &lines->lines[place], text, sizeof(text));
	return failure_set(
		failure, -EEXIST, "Line %d has the same conditions: %.200s", place, text);
}

int classes_insert(struct class_lines *lines, uint32_t place, const struct class_line *line,
	struct failure *failure)
{
	int same = classes_place(lines, line);

	if (place > lines->n)
		return no_place(place, failure);
	if (same >= 0)
		return there_is(lines, same, failure);
	if (lines->n == CLASS_LINES_MAX)
		return failure_set(failure, -ENOSPC, "There are %d lines of the classes already",
			CLASS_LINES_MAX);
	memmove(&lines->lines[place + 1], &lines->lines[place],
		(lines->n++ - place) * sizeof(lines->lines[0]));
	lines->lines[place] = *line;
	return 0;
}

int classes_edit(struct class_lines *lines, uint32_t place, const struct class_line *line,
	struct failure *failure)
{
	int same = classes_place(lines, line);

	if (place >= lines->n)
		return no_place(place, failure);
	if (same >= 0 && (uint32_t)same != place)
		return there_is(lines, same, failure);
	lines->lines[place] = *line;
	return 0;
}

int classes_delete(struct class_lines *lines, uint32_t place, struct failure *failure)
{
	if (place >= lines->n)
		return no_place(place, failure);
	remove_at(lines, place);
	return 0;
}

int classes_move(struct class_lines *lines, uint32_t place, uint32_t to, struct failure *failure)
{
	if (place >= lines->n || to >= lines->n)
		return no_place(place >= lines->n ? place : to, failure);
	const struct class_line line = lines->lines[place];
	if (to < place)
		memmove(&lines->lines[to + 1], &lines->lines[to],
			(place - to) * sizeof(lines->lines[0]));
	else
		memmove(&lines->lines[place], &lines->lines[place + 1],
			(to - place) * sizeof(lines->lines[0]));
	lines->lines[to] = line;
	return 0;
}
