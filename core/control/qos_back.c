// SPDX-License-Identifier: BSD-2-Clause
#include "control/qos_back.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "control/qos_target.h"
#include "control/verbs_qos.h"
#include "qos/act.h"

/* Reads how a class is shaped. Returns 0, or a negative errno with *failure set: -ENOENT if it is not. */
static int read_shaped(struct orchestrator *o, const struct action *action,
	struct shape_class *class, struct failure *failure)
{
	struct act_before now = { .shaped = false };
	const struct shape_class *found = NULL;
	struct qos_target target;
	int error = qos_look(o, action->interface, &target, failure);
	int number = error < 0 ? error : qos_find_class(&target.control, action->class, failure);

	if (error < 0)
		return error;
	qos_keep_shape(&target.shape, &now);
	netlink_close(&target.netlink);
	if (number < 0)
		return number;
	if (now.shaped)
		found = shape_find_class(&now.shape, (uint16_t)number);
	if (found == NULL)
		return failure_set(failure, -ENOENT, "%s is not shaped as a class of its own on %s",
			action->class, action->interface);
	*class = *found;
	return 0;
}

static bool has_rate(struct orchestrator *o, const struct action *action)
{
	struct shape_class class;
	struct failure ignored;

	return read_shaped(o, action, &class, &ignored) == 0 &&
	       shape_is_rate((double)class.rate, action->rate) &&
	       (action->more == 0 || shape_is_rate((double)class.ceiling, action->more)) &&
	       (action->share == 0 || class.share == action->share);
}

/* Returns whether what is asked for of a class is what the action would ask for. */
static bool has_act(struct orchestrator *o, const struct action *action)
{
	struct qos_target target;
	struct failure ignored;
	struct class_act wanted;

	if (qos_look(o, action->interface, &target, &ignored) < 0)
		return false;
	netlink_close(&target.netlink);
	int number = qos_find_class(&target.control, action->class, &ignored);
	if (number < 0)
		return false;
	const struct class_act *act =
		&target.acts.classes[CLASS_ACT_PLACE(action->direction, (uint32_t)number)];
	wanted = *act;
	if (action->verb == &control_verbs[VERB_QOS_MARK])
		qos_mark(&wanted, action);
	else
		qos_police(&wanted, action);
	return memcmp(act, &wanted, sizeof(wanted)) == 0;
}

bool qos_is_done(struct orchestrator *o, const struct action *action)
{
	return action->verb == &control_verbs[VERB_QOS_RATE] ? has_rate(o, action)
							     : has_act(o, action);
}

int qos_reverse(struct orchestrator *o, const struct action *action, struct action *back,
	struct failure *failure)
{
	struct shape_class class;

	*back = *action;
	back->dscp = -1;
	back->rate = back->more = back->priority = 0;
	if (action->verb != &control_verbs[VERB_QOS_RATE])
		return 0;
	int error = read_shaped(o, action, &class, failure);
	if (error < 0)
		return error;
	back->rate = class.rate;
	back->more = class.ceiling;
	back->share = class.share;
	return 0;
}
