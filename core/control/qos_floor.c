// SPDX-License-Identifier: BSD-2-Clause
#include "control/qos_floor.h"

#include <errno.h>
#include <stdio.h>

#include "base/quantity.h"
#include "kernel/route.h"
#include "programs/connection.h"
#include "programs/programs.h"
#include "programs/tc_classifier_attach.h"
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
