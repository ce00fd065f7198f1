// SPDX-License-Identifier: BSD-2-Clause
/*
 * The verbs that change the lines of the traffic classes. They change the book of the host; every x0top that
 * counts puts its lines in force with its next sample.
 */
#include "control/verbs_classes.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/words.h"
#include "control/qos_floor.h"
#include "control/state.h"
#include "qos/class_book.h"

/* --- operands -------------------------------------------------------------------------------- */

static int parse_number(const char *text, uint32_t *number, struct failure *failure)
{
	uint64_t value;

	if (words_number(text, 0, CLASS_LINES_MAX - 1, &value) != 0)
		return failure_set(failure, -EINVAL,
			"\"%.64s\" is not the number of a line, 0 to %d", text,
			CLASS_LINES_MAX - 1);
	*number = (uint32_t)value;
	return 0;
}

static int parse_line(const char *text, struct action *action, struct failure *failure)
{
	static const struct class_names none = { .names = { "none" } };
	struct class_names names = none;
	struct class_line line;
	int error = classes_parse(text, &names, &line, failure);

	if (error < 0)
		return error;
	if (line.class == CLASS_NONE)
		return failure_set(failure, -EINVAL, "No class is called none: delete the line");
	classes_format(&names, &line, action->class_line, sizeof(action->class_line));
	return 0;
}

static void format_line(const struct action *action, char *text, size_t size)
{
	snprintf(text, size, "%s", action->class_line);
}

const struct operand operand_class_line = { "LINE", parse_line, format_line };

static int parse_place(const char *text, struct action *action, struct failure *failure)
{
	return parse_number(text, &action->number, failure);
}

static void format_place(const struct action *action, char *text, size_t size)
{
	snprintf(text, size, "%u", action->number);
}

const struct operand operand_class_number = { "NUMBER", parse_place, format_place };

/* Reads the number that begins the text. Returns the rest in *rest. */
static int parse_first(
	const char *text, struct action *action, const char **rest, struct failure *failure)
{
	char number[8];
	size_t length = strcspn(text, " ");

	snprintf(number, sizeof(number), "%.*s", (int)(length < 8 ? length : 7), text);
	*rest = text + length + strspn(text + length, " ");
	return length >= sizeof(number) ? parse_number(text, &action->number, failure)
					: parse_number(number, &action->number, failure);
}

static int parse_numbered(const char *text, struct action *action, struct failure *failure)
{
	const char *rest;
	int error = parse_first(text, action, &rest, failure);

	return error < 0 ? error : parse_line(rest, action, failure);
}

static void format_numbered(const struct action *action, char *text, size_t size)
{
	snprintf(text, size, "%u %s", action->number, action->class_line);
}

const struct operand operand_class_numbered = { "NUMBER LINE", parse_numbered, format_numbered };

static int parse_move(const char *text, struct action *action, struct failure *failure)
{
	const char *rest;
	int error = parse_first(text, action, &rest, failure);

	return error < 0 ? error : parse_number(rest, &action->to, failure);
}

static void format_move(const struct action *action, char *text, size_t size)
{
	snprintf(text, size, "%u %u", action->number, action->to);
}

const struct operand operand_class_move = { "NUMBER TO", parse_move, format_move };

/* --- changes --------------------------------------------------------------------------------- */

struct change {
	const struct verb_call *call;
	struct class_book book;
	struct class_lines before;
	struct class_lines lines; /* as they are, and then as they shall be */
};

static int book_failed(int error, struct failure *failure)
{
	return failure_set(failure, error, "Cannot %s the lines of the classes: %s",
		error == -EBADMSG ? "trust" : "change", strerror(-error));
}

/* Reads the lines: the book's, else those of the settings. */
static struct change *begin(const struct verb_call *call, struct failure *failure)
{
	struct change *change = malloc(sizeof(*change));

	if (change == NULL) {
		failure_set(failure, -ENOMEM, "Not enough memory for the lines of the classes");
		return NULL;
	}
	change->call = call;
	int error = class_book_open(&change->book);
	if (error == 0) {
		error = class_book_read(&change->book, &change->lines);
		if (error == -ENOENT) {
			change->lines = call->orchestrator->settings.classes;
			error = class_book_write(&change->book, &change->lines, "", false);
		}
	}
	if (error == 0) {
		classes_copy(&change->before, &change->lines);
		return change;
	}
	book_failed(error, failure);
	class_book_close(&change->book);
	free(change);
	return NULL;
}

static uint32_t no_interface(const char *name)
{
	(void)name;
	return 0;
}

/* Lines that cannot be compiled are no change. Their sets are looked for when they are put in force. */
static int try_lines(const struct class_lines *lines, struct failure *failure)
{
	const struct class_source source = {
		.lines = lines, .generation = 1, .ifindex = no_interface
	};
	struct mesh_compiled compiled;
	struct failure ignored = { 0 };
	int error = classes_compile(&source, &compiled, &ignored, failure);

	if (error == 0)
		mesh_compiled_free(&compiled);
	return error;
}

/* Writes the lines, unless there is an error. Frees the change. */
static int end_as(struct change *change, int error, bool by_operator, struct failure *failure)
{
	if (error == 0)
		error = try_lines(&change->lines, failure);
	if (error == 0)
		error = qos_keep_lines(
			change->call->orchestrator, &change->before, &change->lines, failure);
	if (error == 0) {
		error = class_book_write(
			&change->book, &change->lines, change->call->text, by_operator);
		if (error < 0)
			book_failed(error, failure);
	}
	class_book_close(&change->book);
	free(change);
	return error;
}

static int end(struct change *change, int error, struct failure *failure)
{
	return end_as(change, error, true, failure);
}

static int read_line(struct change *change, struct class_line *line, struct failure *failure)
{
	return classes_parse(change->call->action->class_line, &change->lines.names, line, failure);
}

/* Writes the form of a line before, for the log. */
static void tell(const struct change *change, uint32_t place, const char *before)
{
	char text[RULE_LEN];

	if (place >= change->lines.n)
		return;
	classes_format(&change->lines.names, &change->lines.lines[place], text, sizeof(text));
	snprintf(change->call->done, DONE_LEN, "%s%s", before, text);
}

/*
 * Finds the line that the operator means: the one that was seen at the number, wherever another change has moved it
 * to; or what is at the number. Returns 0, or -ENOENT with *failure set.
 */
static int find_meant(const struct change *change, uint32_t *place, struct failure *failure)
{
	const struct action *action = change->call->action;
	char text[RULE_LEN];

	*place = action->number;
	if (action->seen[0] == '\0')
		return 0;
	for (uint32_t i = 0; i < change->lines.n; i++) {
		classes_format_conditions(&change->lines.lines[i], text, sizeof(text));
		*place = i;
		if (strncmp(text, action->seen, sizeof(action->seen) - 1) == 0)
			return 0;
	}
	return failure_set(failure, -ENOENT, "The line %.200s is gone", action->seen);
}

/* Takes a default line with these conditions away: the new one is in its place. */
static void replace_default(
	struct change *change, const struct class_line *line, uint32_t *place, const char **was)
{
	static const char before[] = ", in place of ";
	int same = classes_place(&change->lines, line);
	struct failure ignored;

	if (same < 0 || (uint32_t)same < change->lines.n_own)
		return;
	tell(change, (uint32_t)same, before);
	*was = change->call->done + sizeof(before) - 1;
	*place -= (uint32_t)same < *place;
	classes_delete(&change->lines, (uint32_t)same, &ignored);
}

/* Adds the line at a place. */
static int insert(struct change *change, uint32_t place, struct failure *failure)
{
	char *done = change->call->done, replaced[RULE_LEN] = "";
	const char *was = NULL;
	struct class_line line;
	int error = read_line(change, &line, failure);

	if (error == 0)
		replace_default(change, &line, &place, &was);
	if (was != NULL)
		snprintf(replaced, sizeof(replaced), ", in place of %.300s", was);
	if (error == 0)
		error = classes_insert(&change->lines, place, &line, failure);
	if (error == 0) {
		change->lines.n_own += place <= change->lines.n_own;
		snprintf(done, DONE_LEN, ", as line %u%s", place, replaced);
	}
	return end(change, error, failure);
}

/* Behind the operator's lines, before the default ones: behind those, much is decided already. */
int class_verb_add(const struct verb_call *call, struct failure *failure)
{
	struct change *change = begin(call, failure);

	return change == NULL ? failure->error : insert(change, change->lines.n_own, failure);
}

int class_verb_insert(const struct verb_call *call, struct failure *failure)
{
	struct change *change = begin(call, failure);

	return change == NULL ? failure->error : insert(change, call->action->number, failure);
}

int class_verb_edit(const struct verb_call *call, struct failure *failure)
{
	struct change *change = begin(call, failure);
	struct class_line line;
	uint32_t place;

	if (change == NULL)
		return failure->error;
	int error = find_meant(change, &place, failure);
	if (error == 0)
		error = read_line(change, &line, failure);
	if (error == 0) {
		tell(change, place, ", it was ");
		error = classes_edit(&change->lines, place, &line, failure);
	}
	return end(change, error, failure);
}

int class_verb_delete(const struct verb_call *call, struct failure *failure)
{
	struct change *change = begin(call, failure);
	uint32_t place;

	if (change == NULL)
		return failure->error;
	int error = find_meant(change, &place, failure);
	if (error == 0) {
		tell(change, place, ": ");
		error = classes_delete(&change->lines, place, failure);
	}
	return end(change, error, failure);
}

int class_verb_move(const struct verb_call *call, struct failure *failure)
{
	struct change *change = begin(call, failure);
	uint32_t place;

	if (change == NULL)
		return failure->error;
	int error = find_meant(change, &place, failure);
	if (error == 0) {
		tell(change, place, ": ");
		error = classes_move(&change->lines, place, call->action->to, failure);
	}
	return end(change, error, failure);
}

/* Lines of a file get the numbers that their classes have. */
static int take(struct change *change, const struct class_lines *from, struct failure *failure)
{
	struct class_names *names = &change->lines.names;

	for (uint32_t i = 0; i < from->n; i++) {
		struct class_line *line = &change->lines.lines[i];
		const char *name = from->names.names[from->lines[i].class];
		int number = class_names_number(names, name);
		if (number < 0)
			return failure_set(failure, number,
				"No room for the class \"%s\": there are %d", name, CLASSES_MAX);
		*line = from->lines[i];
		line->class = (uint8_t)number;
	}
	change->lines.n = from->n;
	change->lines.n_own = from->n_own;
	snprintf(change->call->done, DONE_LEN, ", %u lines", from->n);
	return 0;
}

int class_verb_load(const struct verb_call *call, struct failure *failure)
{
	struct change *change = begin(call, failure);

	return change == NULL ? failure->error
			      : end(change, take(change, &call->action->loaded->classes, failure),
					failure);
}

/* The lines are a configuration's again, which another may change at the next start. */
int class_verb_reset(const struct verb_call *call, struct failure *failure)
{
	struct change *change = begin(call, failure);

	if (change == NULL)
		return failure->error;
	int error = take(change, &call->orchestrator->settings.classes, failure);
	return end_as(change, error, false, failure);
}

int class_verb_undo(const struct verb_call *call, struct failure *failure)
{
	struct change *change = begin(call, failure);
	char action[RULE_LEN];

	if (change == NULL)
		return failure->error;
	int error = class_book_before(&change->book, &change->lines);
	if (error == 0)
		error = qos_keep_lines(
			call->orchestrator, &change->before, &change->lines, failure);
	if (error == 0)
		error = class_book_undo(&change->book, action);
	if (error == 0)
		snprintf(call->done, DONE_LEN, ": %s", action);
	else if (error == -ENOENT)
		failure_set(failure, error, "There is no change of the classes to undo");
	else if (error != -EBUSY)
		book_failed(error, failure);
	class_book_close(&change->book);
	free(change);
	return error;
}
