// SPDX-License-Identifier: BSD-2-Clause
#include "control/qos_lines.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "control/qos_target.h"
#include "control/verbs_qos.h"
#include "qos/shape_preset.h"

static const struct {
	const char *word;
	const struct operand *operand;
	int (*apply)(const struct verb_call *call, struct failure *failure);
} verbs[QOS_LINE_VERBS] = {
	[QOS_LINE_PRESET] = { "preset", &operand_qos_preset, qos_apply_preset },
	[QOS_LINE_RATE] = { "rate", &operand_qos_rate, qos_apply_rate },
	[QOS_LINE_MARK] = { "mark", &operand_qos_mark, qos_apply_mark },
	[QOS_LINE_POLICE] = { "police", &operand_qos_police, qos_apply_police },
};

/* The kernel has rates in bytes a second. */
#define ROUNDING 8

int qos_line_parse(const char *text, struct qos_line *line, struct failure *failure)
{
	const size_t length = strcspn(text, " ");

	*line = (struct qos_line) { 0 };
	for (uint32_t i = 0; i < QOS_LINE_VERBS; i++) {
		if (strlen(verbs[i].word) != length || strncmp(verbs[i].word, text, length) != 0)
			continue;
		line->verb = (enum qos_line_verb)i;
		return verbs[i].operand->parse(
			text + length + strspn(text + length, " "), &line->action, failure);
	}
	failure_set(failure, -EINVAL, "\"%.64s\" is not what is done to a class", text);
	return failure_remedy(failure, "Write preset, rate, mark or police: x0top help qos");
}

void qos_line_format(const struct qos_line *line, char text[SETTINGS_QOS_LEN])
{
	char operand[RULE_LEN];

	verbs[line->verb].operand->format(&line->action, operand, sizeof(operand));
	snprintf(text, SETTINGS_QOS_LEN, "%s %.*s", verbs[line->verb].word, SETTINGS_QOS_LEN - 16,
		operand);
}

int qos_line_apply(
	const struct qos_line *line, const struct verb_call *call, struct failure *failure)
{
	char text[SETTINGS_QOS_LEN], done[DONE_LEN] = "";
	struct verb_call part = *call;

	qos_line_format(line, text);
	part.action = &line->action;
	part.text = text;
	part.done = done;
	return verbs[line->verb].apply(&part, failure);
}

/* --- what is done now ---------------------------------------------------------------------------- */

/* An interface that is read. */
struct reading {
	const struct class_control *control; /* the names of the classes */
	const char *interface;
	bool asked; /* also what is switched off */
	struct class_acts acts;
	struct shape_state state;
	struct qos_lines *lines;
	struct failure *failure;
};

static int add(struct reading *r, struct qos_line *line, enum qos_line_verb verb)
{
	struct action *action = &line->action;

	line->verb = verb;
	snprintf(action->interface, sizeof(action->interface), "%s", r->interface);
	if (r->lines->n == QOS_LINES_MAX)
		return failure_set(r->failure, -ENOSPC,
			"More is done to classes than %d lines of a file can say", QOS_LINES_MAX);
	qos_line_format(line, r->lines->text[r->lines->n++]);
	return 0;
}

static bool is_preset(const struct shape *shape, const struct shape *preset)
{
	for (uint16_t i = 0; i < shape->n; i++) {
		const struct shape_class *class =
			shape_find_class(preset, shape->classes[i].number);
		if (class == NULL || class->priority != shape->classes[i].priority)
			return false;
	}
	return true;
}

/* Presets differ in their priorities, which no verb changes. Returns one, or SHAPE_PRESETS. */
static uint32_t find_preset(
	const struct reading *r, const struct shape *shape, struct shape *preset)
{
	uint32_t i = 0;

	for (; i < SHAPE_PRESETS; i++) {
		shape_preset((enum shape_preset)i, shape->rate, r->control->labels, preset);
		if (is_preset(shape, preset))
			break;
	}
	return i;
}

static bool differ(uint64_t one, uint64_t other)
{
	return (one > other ? one - other : other - one) >= ROUNDING;
}

static int add_rate(
	struct reading *r, const struct shape_class *class, const struct shape_class *usual)
{
	const bool shares = class->share != usual->share;
	struct qos_line line = { .action = { .rate = class->rate,
					 .more = class->ceiling,
					 .share = shares ? class->share : 0 } };

	if (!shares && !differ(class->rate, usual->rate) && !differ(class->ceiling, usual->ceiling))
		return 0;
	snprintf(line.action.class, sizeof(line.action.class), "%s",
		r->control->labels[class->number]);
	return add(r, &line, QOS_LINE_RATE);
}

/* Writes the preset that an interface is shaped by, and what differs from it. */
static int add_shape(struct reading *r)
{
	struct act_before now = { .shaped = false };
	struct shape preset;

	qos_keep_shape(&r->state, &now);
	if (!now.shaped)
		return 0;
	struct qos_line line = { .action = { .number = find_preset(r, &now.shape, &preset),
					 .rate = now.shape.rate } };
	if (line.action.number == SHAPE_PRESETS)
		return failure_set(r->failure, -ENOTSUP,
			"%s is shaped as no preset of this x0top does", r->interface);
	int error = add(r, &line, QOS_LINE_PRESET);
	for (uint16_t i = 0; i < now.shape.n && error == 0; i++)
		error = add_rate(r, &now.shape.classes[i],
			shape_find_class(&preset, now.shape.classes[i].number));
	return error;
}

/* Writes how a class is marked and policed. */
static int add_acts(struct reading *r, uint32_t direction, uint32_t number)
{
	const struct class_act *act = &r->acts.classes[CLASS_ACT_PLACE(direction, number)];
	const uint32_t modes = r->asked ? act->modes : act->modes & r->acts.modes;
	struct qos_line line = {
		.action = { .direction = direction, .dscp = act->dscp, .rate = act->rate }
	};
	const uint64_t burst = act_burst(act);
	int error = 0;

	snprintf(line.action.class, sizeof(line.action.class), "%s", r->control->labels[number]);
	line.action.priority = act->mark_priority;
	if (differ(burst, act_usual_burst(act->rate)))
		line.action.more = burst;
	if (modes & CLASS_ACT_MARK)
		error = add(r, &line, QOS_LINE_MARK);
	if (error == 0 && modes & CLASS_ACT_POLICE)
		error = add(r, &line, QOS_LINE_POLICE);
	return error;
}

static int read_interface(struct reading *r)
{
	int error = add_shape(r);

	for (uint32_t way = 0; way < TRAFFIC_DIRECTIONS; way++)
		for (uint32_t class = 1; class < TRAFFIC_CLASSES && error == 0; class ++)
			if (r->control->labels[class][0] != '\0')
				error = add_acts(r, way, class);
	return error;
}

/* Reads an interface, unless nobody does anything on it. */
static int read_one(struct orchestrator *o, const struct interface *interface,
	struct netlink *netlink, struct reading *r)
{
	int slot = class_acts_slot(&o->context.maps, interface->ifindex);

	r->interface = interface->name;
	if (slot < 0 || class_acts_read(&o->context.maps, (uint32_t)slot, &r->acts) < 0)
		return 0;
	int error = shape_read(netlink, interface->ifindex, &r->state);
	if (error < 0)
		return failure_set(r->failure, error, "Cannot read what %s has: %s",
			interface->name, strerror(-error));
	return read_interface(r);
}

int qos_lines_read(struct orchestrator *o, const char *interface, bool asked,
	struct qos_lines *lines, struct failure *failure)
{
	const struct watch *watch = &o->context.watch;
	struct class_control control;
	struct netlink netlink;
	struct reading *r = calloc(1, sizeof(*r));
	int error = r == NULL ? -ENOMEM : netlink_open(&netlink);

	lines->n = 0;
	if (error < 0) {
		free(r);
		return failure_set(failure, error, "Cannot read what is done to classes: %s",
			strerror(-error));
	}
	*r = (struct reading) {
		.control = &control, .asked = asked, .lines = lines, .failure = failure
	};
	qos_labels(o, &control);
	for (size_t i = 0; i < watch->n_list && error == 0; i++)
		if (interface[0] == '\0' || strcmp(watch->list[i].name, interface) == 0)
			error = read_one(o, &watch->list[i], &netlink, r);
	netlink_close(&netlink);
	free(r);
	return error;
}
