// SPDX-License-Identifier: BSD-2-Clause
/* Which lines of classes are in force: those of the host's book, or of the settings. */
#include "programs/tc_classifier_attach.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "model/event_log.h"
#include "programs/class_acts.h"

static int put_lines(struct program *program, struct failure *failure)
{
	struct classifier *classifier = program->state;
	int error = class_maps_put(
		&program->context->maps, &classifier->lines, &classifier->in_force, failure);

	classifier->classes_loaded |= error == 0;
	if (error == 0)
		error = class_acts_rename(&program->context->maps, &classifier->lines.names);
	program->unmet = classifier->in_force.unmet;
	return error;
}

/* Lines of the operator's that are in the book stay, whatever the configuration says now. */
static void tell_kept(struct program *program)
{
	failure_set(&program->unmet, -EEXIST,
		"The lines of the classes are those of x0top classes, not of the configuration");
	failure_remedy(&program->unmet, "x0top classes reset puts those of a file in force");
}

static bool same_lines(const struct class_lines *a, const struct class_lines *b)
{
	char one[RULE_LEN], other[RULE_LEN];

	for (uint32_t i = 0; a->n == b->n && i < a->n; i++) {
		classes_format(&a->names, &a->lines[i], one, sizeof(one));
		classes_format(&b->names, &b->lines[i], other, sizeof(other));
		if (strcmp(one, other) != 0)
			return false;
	}
	return a->n == b->n;
}

/* Opens the book of the host, once. A lab has none. */
static bool open_book(struct program *program)
{
	struct classifier *classifier = program->state;

	if (!classifier->book_opened)
		classifier->book.fd = -1;
	if (!classifier->book_opened && !program->context->settings->lab)
		class_book_open(&classifier->book);
	classifier->book_opened = true;
	return classifier->book.fd >= 0;
}

/* Takes the lines of the host's book, or those of the settings, which it writes there. */
static void choose_lines(struct program *program)
{
	const struct program_context *context = program->context;
	struct classifier *classifier = program->state;
	struct class_lines *lines = &classifier->lines;

	classes_copy(lines, &context->settings->classes);
	if (!open_book(program))
		return;
	int error = class_book_read(&classifier->book, lines);
	if (error == 0 && (classifier->book.by_operator || context->look_only)) {
		if (!same_lines(lines, &context->settings->classes))
			tell_kept(program);
		return;
	}
	classes_copy(lines, &context->settings->classes);
	if (!context->look_only)
		class_book_write(&classifier->book, lines, "", false);
}

int classifier_load_lines(struct program *program, struct failure *failure)
{
	const struct classifier *classifier = program->state;
	struct failure kept;

	if (classifier->classes_loaded)
		return 0;
	choose_lines(program);
	kept = program->unmet;
	int error = put_lines(program, failure);
	if (program->unmet.error == 0)
		program->unmet = kept;
	return error;
}

static void try_again(struct program *program, const char *what)
{
	struct failure failure = { 0 };

	if (put_lines(program, &failure) < 0)
		event_log_add(&program->context->log, 0, EVENT_KIND_PROGRAM, "%s: %s", what,
			failure.what);
}

/* Takes the lines of the book, if somebody has changed them. */
static void follow_book(struct program *program)
{
	struct classifier *classifier = program->state;
	struct class_lines *lines;

	if (!open_book(program) || !class_book_changed(&classifier->book))
		return;
	lines = malloc(sizeof(*lines));
	if (lines != NULL && class_book_read(&classifier->book, lines) == 0) {
		classes_copy(&classifier->lines, lines);
		try_again(program, "the changed lines of the classes are not in force");
	}
	free(lines);
}

const struct class_lines *classifier_shown_lines(struct program *program)
{
	struct classifier *classifier = program->state;
	struct class_lines *lines = &classifier->lines;

	if (classifier->classes_loaded)
		return lines;
	/* Another x0top's: they are the book's. */
	if (classifier->shown_only && open_book(program) && class_book_changed(&classifier->book) &&
		class_book_read(&classifier->book, lines) < 0)
		lines->n = 0;
	return classifier->shown_only && lines->n > 0 ? lines
						      : &program->context->settings->classes;
}

void classifier_follow_lines(struct program *program)
{
	const struct program_context *context = program->context;
	struct classifier *classifier = program->state;

	if (context->look_only || !classifier->classes_loaded)
		return;
	follow_book(program);
	if (class_maps_are_old(&context->maps, &classifier->lines, &classifier->in_force))
		try_again(program, "classes still have old sets or interfaces");
}
