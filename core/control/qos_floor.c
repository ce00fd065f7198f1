// SPDX-License-Identifier: BSD-2-Clause
#include "control/qos_floor.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/quantity.h"
#include "kernel/route.h"
#include "programs/connection.h"
#include "programs/programs.h"
#include "programs/tc_classifier_attach.h"
#include "qos/act_time.h"
#include "qos/own_class.h"

bool qos_may_be_own(
	const struct orchestrator *o, uint32_t ifindex, uint32_t direction, uint32_t class)
{
	const struct class_lines *lines = NULL;
	struct connection own;

	if (!connection_find(&own))
		return false;
	if (route_interface(own.address) != (int)ifindex)
		return true;
	for (uint32_t i = 0; i < o->n_programs; i++)
		if (o->programs[i].type == &program_tc_classifier)
			lines = classifier_lines(&o->programs[i]);
	/* Without lines nothing is known. */
	return lines == NULL ||
	       (own_classes(lines, (enum traffic_direction)direction, own.port) >> class & 1);
}

void qos_floor_sentence(const char *class, const char *what, char *sentence, size_t size)
{
	char least[QUANTITY_LEN];

	snprintf(sentence, size,
		"Your own connection may be in the class %s: it is not %s below %sbit/s", class,
		what, quantity_format(least, ACT_OWN_MIN));
}

static int refuse(
	const struct qos_target *target, uint32_t class, const char *what, struct failure *failure)
{
	char sentence[FAILURE_SENTENCE_LEN];

	qos_floor_sentence(target->control.labels[class], what, sentence, sizeof(sentence));
	return failure_set(failure, -EBUSY, "%s", sentence);
}

/* Returns the rate that a class is policed to, in bit/s. */
static uint64_t policed(const struct class_acts *acts, uint32_t direction, uint32_t class)
{
	const struct class_act *act = &acts->classes[CLASS_ACT_PLACE(direction, class)];

	return act->modes & acts->modes & CLASS_ACT_POLICE ? act->rate : UINT64_MAX;
}

static int keep_policed(
	const struct qos_target *target, const struct class_acts *wanted, struct failure *failure)
{
	for (uint32_t i = 0; i < TRAFFIC_DIRECTIONS * TRAFFIC_CLASSES; i++) {
		uint32_t direction = i / TRAFFIC_CLASSES, class = i % TRAFFIC_CLASSES;
		uint64_t rate = policed(wanted, direction, class);
		if (rate < ACT_OWN_MIN && rate < policed(&target->acts, direction, class) &&
			qos_may_be_own(target->o, target->interface.ifindex, direction, class))
			return refuse(target, class, "policed", failure);
	}
	return 0;
}

/* Returns the ceiling of a class in bit/s. */
static uint64_t ceiling(const struct shape_state *state, uint16_t number)
{
	for (uint16_t i = 0; state->owner == SHAPE_OURS && i < state->n; i++)
		if (state->classes[i].number == number)
			return state->classes[i].ceiling;
	return UINT64_MAX;
}

static int keep_shaped(
	const struct qos_target *target, const struct shape *shape, struct failure *failure)
{
	for (uint16_t i = 0; i < shape->n; i++) {
		const struct shape_class *class = &shape->classes[i];
		if (class->number < TRAFFIC_CLASSES && class->ceiling < ACT_OWN_MIN &&
			class->ceiling < ceiling(&target->shape, class->number) &&
			qos_may_be_own(target->o, target->interface.ifindex, DIRECTION_EGRESS,
				class->number))
			return refuse(target, class->number, "shaped", failure);
	}
	return 0;
}

int qos_keep_floor(const struct qos_target *target, const struct class_acts *wanted,
	const struct shape *shape, struct failure *failure)
{
	int error = keep_policed(target, wanted, failure);

	return error < 0 || shape == NULL ? error : keep_shaped(target, shape, failure);
}

/* --- lines of the classes ---------------------------------------------------------------------- */

/* Finds what is done on an interface. Returns whether anything is. */
static bool find_acts(const struct map_registry *maps, uint32_t ifindex, struct class_acts *acts)
{
	for (uint32_t slot = 0; class_acts_read(maps, slot, acts) == 0; slot++)
		if (acts->interface[0] != '\0' && acts->ifindex == ifindex)
			return true;
	return false;
}

/* Reads how it is shaped; not at all, if that cannot be read. */
static void read_shape(const struct class_acts *acts, struct shape_state *state)
{
	struct netlink netlink;

	*state = (struct shape_state) { .owner = SHAPE_NONE };
	if (!(acts->modes & CLASS_ACT_SHAPE) || netlink_open(&netlink) < 0)
		return;
	if (shape_read(&netlink, acts->ifindex, state) < 0)
		*state = (struct shape_state) { .owner = SHAPE_NONE };
	if (state->timed)
		act_timed(acts, state);
	netlink_close(&netlink);
}

/* Returns whether the connection may be in the class of that name. */
static bool may_be_in(
	const struct class_lines *lines, uint32_t direction, uint16_t port, const char *name)
{
	uint64_t classes = own_classes(lines, (enum traffic_direction)direction, port);

	for (uint32_t i = 1; i < TRAFFIC_CLASSES; i++)
		if (classes >> i & 1 && strcmp(lines->names.names[i], name) == 0)
			return true;
	return false;
}

static int refuse_lines(const char *name, uint16_t port, struct failure *failure)
{
	char least[QUANTITY_LEN];

	failure_set(failure, -EBUSY,
		"Your own connection may come into the class %s, which has less than %sbit/s", name,
		quantity_format(least, ACT_OWN_MIN));
	return failure_remedy(
		failure, "Give it one before: x0top classes insert 0 tcp %u interactive", port);
}

int qos_keep_lines(const struct orchestrator *o, const struct class_lines *before,
	const struct class_lines *lines, struct failure *failure)
{
	struct class_control control;
	struct shape_state state;
	struct class_acts acts;
	struct connection own;

	if (!connection_find(&own) || class_acts_labels(&o->context.maps, &control) < 0 ||
		!find_acts(&o->context.maps, (uint32_t)route_interface(own.address), &acts))
		return 0;
	read_shape(&acts, &state);
	for (uint32_t i = 0; i < TRAFFIC_DIRECTIONS * TRAFFIC_CLASSES; i++) {
		uint32_t direction = i / TRAFFIC_CLASSES, class = i % TRAFFIC_CLASSES;
		const char *name = control.labels[class];
		uint64_t rate = policed(&acts, direction, class);
		if (direction == DIRECTION_EGRESS && ceiling(&state, (uint16_t) class) < rate)
			rate = ceiling(&state, (uint16_t) class);
		if (rate < ACT_OWN_MIN && may_be_in(lines, direction, own.port, name) &&
			!may_be_in(before, direction, own.port, name))
			return refuse_lines(name, own.port, failure);
	}
	return 0;
}
