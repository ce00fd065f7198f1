// SPDX-License-Identifier: BSD-2-Clause
/*
 * Does to classes what a file says, on the interfaces that it names: what is done there and is not in the file ends.
 * Each line is done by itself, in an order in which nothing that stays is interrupted; all of them are one change, that
 * is remembered, undone, and after a failure or a kill put back as a whole.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "control/qos_lines.h"
#include "control/qos_undo.h"
#include "control/verbs_qos.h"
#include "qos/act.h"

struct load {
	const struct verb_call *call;
	const char *interface; /* the one that is loaded */
	struct qos_lines wanted, now; /* of it */
	uint32_t changes;
	uint32_t n; /* interfaces that the file names */
	char interfaces[QOS_LINES_MAX][NAME_LEN];
	struct qos_target *targets; /* them, as they were */
	uint32_t n_targets; /* that are open */
};

static bool is_about(const char *text, const char *interface)
{
	struct failure ignored;
	struct qos_line line;

	return qos_line_parse(text, &line, &ignored) == 0 &&
	       strcmp(line.action.interface, interface) == 0;
}

/* Takes the lines of the interface, in the form that they are compared in. */
static void take_wanted(struct load *load, const struct settings *settings)
{
	struct failure ignored;
	struct qos_line line;

	load->wanted.n = 0;
	for (uint32_t i = 0; i < settings->n_qos; i++)
		if (is_about(settings->qos[i], load->interface) &&
			qos_line_parse(settings->qos[i], &line, &ignored) == 0)
			qos_line_format(&line, load->wanted.text[load->wanted.n++]);
}

/* Does one change, as an operator would. */
static int apply(struct load *load, const struct qos_line *line, struct failure *failure)
{
	load->changes++;
	return qos_line_apply(line, load->call, failure);
}

static bool is_shape(const struct qos_line *line)
{
	return line->verb == QOS_LINE_PRESET || line->verb == QOS_LINE_RATE;
}

/* Returns whether two lines are about the same: a class's mark, or its police. */
static bool same_subject(const struct qos_line *a, const struct qos_line *b)
{
	return a->verb == b->verb && a->action.direction == b->action.direction &&
	       strcmp(a->action.class, b->action.class) == 0;
}

/* Returns the next line of a shape from *at on, or NULL. */
static const char *next_shape(const struct qos_lines *lines, uint32_t *at)
{
	struct failure ignored;
	struct qos_line line;

	while (*at < lines->n) {
		const char *text = lines->text[(*at)++];
		if (qos_line_parse(text, &line, &ignored) == 0 && is_shape(&line))
			return text;
	}
	return NULL;
}

/* Lines are compared as they are written. */
static bool same_shape(const struct qos_lines *a, const struct qos_lines *b)
{
	uint32_t i = 0, k = 0;

	for (;;) {
		const char *one = next_shape(a, &i), *other = next_shape(b, &k);
		if (one == NULL || other == NULL)
			return one == other;
		if (strcmp(one, other) != 0)
			return false;
	}
}

static bool has_text(const struct qos_lines *lines, const char *text)
{
	for (uint32_t i = 0; i < lines->n; i++)
		if (strcmp(lines->text[i], text) == 0)
			return true;
	return false;
}

static bool has_subject(const struct qos_lines *lines, const struct qos_line *line)
{
	struct failure ignored;
	struct qos_line other;

	for (uint32_t i = 0; i < lines->n; i++)
		if (qos_line_parse(lines->text[i], &other, &ignored) == 0 &&
			same_subject(line, &other))
			return true;
	return false;
}

/* Ends what is not wanted any more: a mark, or a rate that a class is policed to. */
static int end_others(struct load *load, struct failure *failure)
{
	struct qos_line line;
	int error = 0;

	for (uint32_t i = 0; i < load->now.n && error == 0; i++) {
		if (qos_line_parse(load->now.text[i], &line, failure) < 0 || is_shape(&line) ||
			has_subject(&load->wanted, &line))
			continue;
		line.action.dscp = -1;
		line.action.rate = line.action.more = line.action.priority = 0;
		error = apply(load, &line, failure);
	}
	return error;
}

static int end_shape(struct load *load, struct failure *failure)
{
	struct action action = { .modes = CLASS_ACT_SHAPE };
	struct verb_call call = *load->call;
	char done[DONE_LEN] = "";
	uint32_t at = 0;

	if (next_shape(&load->now, &at) == NULL)
		return 0;
	at = 0;
	if (next_shape(&load->wanted, &at) != NULL)
		return 0;
	snprintf(action.interface, sizeof(action.interface), "%s", load->interface);
	call.action = &action;
	call.done = done;
	load->changes++;
	return qos_apply_off(&call, failure);
}

/* Changes what differs, and nothing else. What ends is last: there is no time in which nothing is done. */
static int do_interface(struct load *load, struct failure *failure)
{
	const bool keep_shape = same_shape(&load->wanted, &load->now);
	struct qos_line line;
	int error = 0;

	for (uint32_t i = 0; i < load->wanted.n && error == 0; i++) {
		const char *text = load->wanted.text[i];
		error = qos_line_parse(text, &line, failure);
		if (error == 0 && !(is_shape(&line) ? keep_shape : has_text(&load->now, text)))
			error = apply(load, &line, failure);
	}
	if (error == 0)
		error = end_shape(load, failure);
	return error < 0 ? error : end_others(load, failure);
}

/* Does what the file says on one interface. */
static int load_interface(struct load *load, const char *interface, struct failure *failure)
{
	struct orchestrator *o = load->call->orchestrator;

	load->interface = interface;
	int error = qos_lines_read(o, interface, true, &load->now, failure);
	if (error < 0)
		return error;
	take_wanted(load, load->call->action->loaded);
	return do_interface(load, failure);
}

/* --- all interfaces ------------------------------------------------------------------------------ */

static bool is_known(const struct load *load, const char *interface)
{
	for (uint32_t i = 0; i < load->n; i++)
		if (strcmp(load->interfaces[i], interface) == 0)
			return true;
	return false;
}

static int no_lines(const char *source, struct failure *failure)
{
	failure_set(failure, -ENOENT, "%.160s says nothing under qos", source);
	return failure_remedy(failure, "x0top qos save writes what is done now");
}

/* Lists the interfaces that the file names. */
static int list_interfaces(
	struct load *load, const struct settings *settings, struct failure *failure)
{
	struct qos_line line;
	int error = 0;

	if (settings->n_qos == 0)
		return no_lines(load->call->action->source, failure);
	for (uint32_t i = 0; i < settings->n_qos && error == 0; i++) {
		error = qos_line_parse(settings->qos[i], &line, failure);
		if (error == 0 && !is_known(load, line.action.interface))
			snprintf(load->interfaces[load->n++], sizeof(load->interfaces[0]), "%s",
				line.action.interface);
	}
	return error;
}

static int open_targets(struct load *load, struct failure *failure)
{
	struct action action = *load->call->action;
	struct verb_call call = *load->call;
	int error = 0;

	load->targets = calloc(load->n, sizeof(*load->targets));
	if (load->targets == NULL)
		return failure_set(failure, -ENOMEM, "Not enough memory to load the file");
	call.action = &action;
	for (uint32_t i = 0; i < load->n && error == 0; i++) {
		snprintf(action.interface, sizeof(action.interface), "%s", load->interfaces[i]);
		error = qos_begin(&call, &load->targets[i], failure);
		load->n_targets += error == 0;
	}
	return error;
}

/* What was in force on `n` interfaces is so again, as far as it can be. */
static void go_back(struct load *load, uint32_t n)
{
	struct act_before *before = calloc(n, sizeof(*before));
	struct failure ignored = { 0 };

	for (uint32_t i = 0; i < n && before != NULL; i++)
		qos_keep(&load->targets[i], &before[i]);
	if (before != NULL)
		qos_put_all(load->targets, before, n, &ignored);
	free(before);
}

static int load_all(struct load *load, struct failure *failure)
{
	struct orchestrator *o = load->call->orchestrator;
	int error = open_targets(load, failure);

	if (error == 0)
		error = qos_remember(load->call, load->targets, load->n, true, failure);
	if (error < 0)
		return error;
	o->qos_part = true;
	for (uint32_t i = 0; i < load->n && error == 0; i++) {
		error = load_interface(load, load->interfaces[i], failure);
		if (error < 0)
			go_back(load, i + 1);
	}
	o->qos_part = false;
	qos_settle(o);
	return error;
}

int qos_apply_load(const struct verb_call *call, struct failure *failure)
{
	struct load *load = calloc(1, sizeof(*load));

	if (load == NULL)
		return failure_set(failure, -ENOMEM, "Not enough memory to load the file");
	load->call = call;
	int error = list_interfaces(load, call->action->loaded, failure);
	if (error == 0)
		error = load_all(load, failure);
	for (uint32_t i = 0; i < load->n_targets; i++)
		qos_end(&load->targets[i]);
	if (error == 0)
		snprintf(call->done, DONE_LEN, ", %u changes", load->changes);
	free(load->targets);
	free(load);
	return error;
}

/* Returns whether a line names an interface or a class that is not there. */
static bool is_in_vain(struct orchestrator *o, const char *text)
{
	struct class_control control;
	struct interface interface;
	struct failure ignored;
	struct qos_line line;

	if (qos_line_parse(text, &line, &ignored) < 0 ||
		interface_find(line.action.interface, &interface) == -ENODEV)
		return true;
	qos_labels(o, &control);
	return line.action.class[0] != '\0' &&
	       qos_find_class(&control, line.action.class, &ignored) < 0;
}

enum decision qos_decide_load(const struct verb_call *call, char *sentence, size_t size)
{
	const struct settings *settings = call->action->loaded;

	if (settings == NULL || settings->n_qos == 0)
		return DECISION_DO; /* apply() reports it */
	for (uint32_t i = 0; i < settings->n_qos; i++)
		if (is_in_vain(call->orchestrator, settings->qos[i]))
			return DECISION_DO;
	snprintf(sentence, size,
		"What %.120s says is done to classes, %u lines, and nothing else on their interfaces. "
		"Do it?",
		call->action->source, settings->n_qos);
	return DECISION_ASK;
}
