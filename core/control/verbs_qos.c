// SPDX-License-Identifier: BSD-2-Clause
/*
 * Marks, polices and shapes the classes of an interface. The classifier is pinned before it acts, and what is
 * asked for changes by one update of a map; the shaping by one call of the kernel, after the priorities that it
 * looks at are set, and before they are no longer.
 */
#include "control/verbs_qos.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/quantity.h"
#include "control/qos_floor.h"
#include "control/qos_undo.h"
#include "qos/act_time.h"
#include "qos/shape_preset.h"

/* Makes a change of the map alone. */
static int commit(const struct verb_call *call, struct qos_target *target,
	const struct class_acts *wanted, struct failure *failure)
{
	int error = qos_keep_floor(target, wanted, NULL, failure);

	if (error == 0)
		error = qos_remember(call, target, 1, false, failure);
	target->acts = *wanted;
	return error < 0 ? error : qos_write_acts(target, failure);
}

/* --- shaping --------------------------------------------------------------------------------- */

/* Lets the classifier do its part of the shaping, NULL: no more: choose the class of HTB, or tell fq the times. */
static void set_shape(
	struct class_acts *acts, const struct shape *shape, bool by_time, uint32_t mtu)
{
	act_time(acts, by_time ? shape : NULL, mtu);
	acts->modes &= (__u32)~CLASS_ACT_SHAPE;
	for (int i = 0; i < CLASS_ACT_PLACES; i++) {
		struct class_act *act = &acts->classes[CLASS_ACT_PLACE(DIRECTION_EGRESS, i)];
		act->priority = 0;
		act->modes &= (__u8)~CLASS_ACT_SHAPE;
	}
	for (uint16_t i = 0; shape != NULL && i < shape->n; i++) {
		struct class_act *act =
			&acts->classes[CLASS_ACT_PLACE(DIRECTION_EGRESS, shape->classes[i].number)];
		act->priority = by_time ? 0 : shape_priority(shape->classes[i].number);
		act->modes |= CLASS_ACT_SHAPE;
		acts->modes |= CLASS_ACT_SHAPE;
	}
}

static int apply_shape(const struct verb_call *call, struct qos_target *target,
	const struct shape *shape, struct failure *failure)
{
	struct class_acts wanted = target->acts;
	int error = qos_keep_floor(target, &wanted, shape, failure);

	if (error == 0)
		error = qos_remember(call, target, 1, true, failure);
	if (error < 0)
		return error;
	set_shape(&wanted, shape,
		shape_by_time(&target->netlink, target->interface.ifindex, &target->shape),
		target->interface.mtu);
	error = qos_put_shape(target, &wanted, shape, failure);
	qos_settle(call->orchestrator);
	return error;
}

/* What is there in place of which something is done. */
static void tell_before(const struct verb_call *call, const struct qos_target *target)
{
	char rate[QUANTITY_LEN];

	if (target->shape.owner == SHAPE_OURS)
		snprintf(call->done, DONE_LEN, ", in place of %sbit/s",
			quantity_format(rate, target->shape.link.rate));
}

int qos_apply_preset(const struct verb_call *call, struct failure *failure)
{
	struct qos_target target;
	struct shape shape;
	int error = qos_begin(call, &target, failure);

	if (error < 0)
		return error;
	shape_preset((enum shape_preset)call->action->number, call->action->rate,
		target.control.labels, &shape);
	error = apply_shape(call, &target, &shape, failure);
	if (error == 0)
		tell_before(call, &target);
	qos_end(&target);
	return error;
}

/* The kernel's numbers of classes say nothing to who named them. */
static int check_class(const struct action *action, const struct shape *shape,
	const struct shape_class *class, struct failure *failure)
{
	char rate[QUANTITY_LEN];

	if (class->rate > shape->rate || class->ceiling > shape->rate)
		return failure_set(failure, -EINVAL, "%s sends %sbit/s: %s cannot have more",
			action->interface, quantity_format(rate, shape->rate), action->class);
	if (class->ceiling < class->rate)
		return failure_set(failure, -EINVAL,
			"What %s has at most is not less than what it has at least: %sbit/s",
			action->class, quantity_format(rate, class->rate));
	return 0;
}

static int change_class(const struct qos_target *target, const struct action *action,
	struct shape *shape, struct failure *failure)
{
	int number = qos_find_class(&target->control, action->class, failure);

	if (number < 0)
		return number;
	for (uint16_t i = 0; i < shape->n; i++) {
		struct shape_class *class = &shape->classes[i];
		if (class->number != number)
			continue;
		class->rate = action->rate;
		class->share = action->share > 0 ? action->share : class->share;
		if (action->more > 0 || class->ceiling < class->rate)
			class->ceiling = action->more > 0 ? action->more : class->rate;
		return check_class(action, shape, class, failure);
	}
	return failure_set(failure, -ENOENT, "%s is not shaped as a class of its own on %s",
		action->class, target->interface.name);
}

int qos_plan_rate(const struct qos_target *target, const struct action *action, struct shape *shape,
	struct failure *failure)
{
	struct act_before now = { .shaped = false };

	qos_keep_shape(&target->shape, &now);
	if (!now.shaped) {
		failure_set(failure, -ENOENT, "%s is not shaped", target->interface.name);
		return failure_remedy(failure, "Begin with a preset: x0top help qos");
	}
	*shape = now.shape;
	return change_class(target, action, shape, failure);
}

int qos_apply_rate(const struct verb_call *call, struct failure *failure)
{
	struct qos_target target;
	struct shape shape;
	int error = qos_begin(call, &target, failure);

	if (error < 0)
		return error;
	error = qos_plan_rate(&target, call->action, &shape, failure);
	if (error == 0)
		error = apply_shape(call, &target, &shape, failure);
	qos_end(&target);
	return error;
}

/* --- marking and policing -------------------------------------------------------------------- */

/* Changes one class: `change` says how. */
static int change_act(const struct verb_call *call, uint32_t mode,
	void (*change)(struct class_act *act, const struct action *action), struct failure *failure)
{
	struct qos_target target;
	int error = qos_begin(call, &target, failure);
	int number =
		error < 0 ? error : qos_find_class(&target.control, call->action->class, failure);

	if (error < 0)
		return error;
	struct class_acts wanted = target.acts;
	if (number > 0) {
		change(&wanted.classes[CLASS_ACT_PLACE(call->action->direction, (uint32_t)number)],
			call->action);
		wanted.modes =
			act_modes(&wanted) & mode ? wanted.modes | mode : wanted.modes & ~mode;
		number = commit(call, &target, &wanted, failure);
	}
	qos_end(&target);
	return number;
}

void qos_mark(struct class_act *act, const struct action *action)
{
	act_mark(act, action->dscp);
	act->mark_priority = action->dscp >= 0 ? (__u8)action->priority : 0;
}

void qos_police(struct class_act *act, const struct action *action)
{
	act_police(act, action->rate, action->more);
}

int qos_apply_mark(const struct verb_call *call, struct failure *failure)
{
	return change_act(call, CLASS_ACT_MARK, qos_mark, failure);
}

int qos_apply_police(const struct verb_call *call, struct failure *failure)
{
	return change_act(call, CLASS_ACT_POLICE, qos_police, failure);
}

/* --- switches -------------------------------------------------------------------------------- */

int qos_plan_on(const struct qos_target *target, const struct action *action,
	struct class_acts *wanted, struct failure *failure)
{
	uint32_t mode = action->modes;
	char word[32];

	*wanted = target->acts;
	wanted->modes |= mode;
	if ((act_modes(wanted) & mode) != 0 && mode != CLASS_ACT_SHAPE)
		return 0;
	act_modes_format(mode, word, sizeof(word));
	failure_set(failure, -ENOENT, "There is nothing to %s on %s", word, target->interface.name);
	return failure_remedy(failure, "Say first what: x0top help qos");
}

int qos_apply_on(const struct verb_call *call, struct failure *failure)
{
	struct class_acts wanted;
	struct qos_target target;
	int error = qos_begin(call, &target, failure);

	if (error < 0)
		return error;
	error = qos_plan_on(&target, call->action, &wanted, failure);
	if (error == 0)
		error = commit(call, &target, &wanted, failure);
	qos_end(&target);
	return error;
}

/* One mode keeps what it was asked for; all forget it. */
static int switch_off(
	const struct verb_call *call, struct qos_target *target, struct failure *failure)
{
	uint32_t mode = call->action->modes, was = target->acts.modes;
	struct class_acts wanted = target->acts;

	if (target->shape.owner == SHAPE_OURS)
		was |= CLASS_ACT_SHAPE;
	if (mode == 0) /* also what is asked for and switched off */
		was |= act_modes(&target->acts);
	if ((was & (mode == 0 ? was : mode)) == 0)
		return failure_set(failure, -ENOENT, "Nothing of that is in force on %s",
			target->interface.name);
	if (mode == 0)
		wanted = (struct class_acts) { 0 };
	wanted.modes &= ~mode;
	if (mode != 0 && mode != CLASS_ACT_SHAPE)
		return commit(call, target, &wanted, failure);
	int error = qos_remember(call, target, 1, true, failure);
	if (error < 0)
		return error;
	set_shape(&wanted, NULL, false, 0);
	error = qos_put_shape(target, &wanted, NULL, failure);
	qos_settle(call->orchestrator);
	if (error >= 0)
		tell_before(call, target);
	return error < 0 ? error : 0;
}

int qos_apply_off(const struct verb_call *call, struct failure *failure)
{
	struct qos_target target;
	int error = qos_begin(call, &target, failure);

	if (error < 0)
		return error;
	error = switch_off(call, &target, failure);
	qos_end(&target);
	return error;
}
