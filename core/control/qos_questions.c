// SPDX-License-Identifier: BSD-2-Clause
/* What x0top qos asks before it does anything, and what it refuses. */
#include <errno.h>
#include <stdio.h>

#include "base/quantity.h"
#include "control/qos_floor.h"
#include "control/verbs_qos.h"
#include "qos/classes.h"
#include "qos/shape_preset.h"

#define LASTS "also after x0top exits, until it is switched off"

/* Reads how an interface is before a change: one on which nothing acts yet need not be watched yet, and may be shaped
 * at most. Returns whether that is known. */
static bool read_target(struct qos_target *target, const char *interface)
{
	const bool acts = class_acts_any(&target->o->context.maps);
	struct failure ignored;
	int error = acts ? qos_look(target->o, interface, target, &ignored)
			 : netlink_open(&target->netlink);

	if (error < 0)
		return false;
	if (!acts)
		error = shape_read(&target->netlink, target->interface.ifindex, &target->shape);
	netlink_close(&target->netlink);
	return error == 0;
}

/* Returns whether apply() will surely say what is wrong, whatever the answer: what an action names is not there, or
 * `plan`, NULL: none, fails. */
static bool is_in_vain(
	const struct verb_call *call, int (*plan)(const struct qos_target *target,
					      const struct action *action, struct failure *failure))
{
	const struct action *action = call->action;
	struct qos_target target = { .o = call->orchestrator };
	struct failure ignored;
	int error;

	if (target.o == NULL) /* the words alone are wanted */
		return false;
	error = interface_find(action->interface, &target.interface);
	if (error < 0)
		return error == -ENODEV;
	qos_labels(target.o, &target.control);
	if (action->class[0] != '\0' &&
		qos_find_class(&target.control, action->class, &ignored) < 0)
		return true;
	return plan != NULL && read_target(&target, action->interface) &&
	       plan(&target, action, &ignored) < 0;
}

static int plan_preset(
	const struct qos_target *target, const struct action *action, struct failure *failure)
{
	int error = shape_check_owner(&target->interface, &target->shape, failure);
	struct shape shape;

	shape_preset(
		(enum shape_preset)action->number, action->rate, target->control.labels, &shape);
	if (error == 0)
		error = shape_check(&shape, failure);
	return error < 0 ? error : qos_keep_floor(target, &target->acts, &shape, failure);
}

static int plan_rate(
	const struct qos_target *target, const struct action *action, struct failure *failure)
{
	struct shape shape;
	int error = qos_plan_rate(target, action, &shape, failure);

	return error < 0 ? error : qos_keep_floor(target, &target->acts, &shape, failure);
}

static int plan_on(
	const struct qos_target *target, const struct action *action, struct failure *failure)
{
	struct class_acts wanted;

	return qos_plan_on(target, action, &wanted, failure);
}

enum decision qos_decide_preset(const struct verb_call *call, char *sentence, size_t size)
{
	const struct action *action = call->action;
	char rate[QUANTITY_LEN];

	if (is_in_vain(call, plan_preset))
		return DECISION_DO; /* apply() reports the mistake */
	snprintf(sentence, size,
		"%s will send at most %sbit/s, " LASTS ": %s. What waits to be sent is lost. "
		"Shape it?",
		action->interface, quantity_format(rate, action->rate),
		shape_preset_sentences[action->number % SHAPE_PRESETS]);
	return DECISION_ASK;
}

enum decision qos_decide_rate(const struct verb_call *call, char *sentence, size_t size)
{
	char rate[QUANTITY_LEN];

	/* Its policy says so; or it is what was before. */
	if (call->action->actor == ACTOR_MAPEK || call->action->actor == ACTOR_ADOPTION)
		return DECISION_DO;
	if (is_in_vain(call, plan_rate))
		return DECISION_DO;
	snprintf(sentence, size,
		"%s gets %sbit/s of what %s sends whatever the others do, " LASTS ". Do it?",
		call->action->class, quantity_format(rate, call->action->rate),
		call->action->interface);
	return DECISION_ASK;
}

enum decision qos_decide_mark(const struct verb_call *call, char *sentence, size_t size)
{
	const struct action *action = call->action;
	char dscp[16];

	if (action->dscp < 0 || action->actor == ACTOR_MAPEK || is_in_vain(call, NULL))
		return DECISION_DO;
	classes_dscp_format((uint8_t)action->dscp, dscp, sizeof(dscp));
	snprintf(sentence, size,
		"Each packet of %s that %s %s gets the code point %s in place of its own, " LASTS
		". Mark them?",
		action->class, action->interface,
		action->direction == DIRECTION_EGRESS ? "sends" : "receives", dscp);
	return DECISION_ASK;
}

/* Whether the class of an action is one of the operator's own connection; apply() names one that there is not. */
static bool is_own(const struct verb_call *call)
{
	const struct action *action = call->action;
	struct class_control control;
	struct interface interface;
	struct failure ignored;

	qos_labels(call->orchestrator, &control);
	int number = qos_find_class(&control, action->class, &ignored);
	return number > 0 && interface_find(action->interface, &interface) == 0 &&
	       qos_may_be_own(
		       call->orchestrator, interface.ifindex, action->direction, (uint32_t)number);
}

enum decision qos_decide_police(const struct verb_call *call, char *sentence, size_t size)
{
	const struct action *action = call->action;
	char rate[QUANTITY_LEN];

	if (action->rate == 0)
		return DECISION_DO;
	if (action->rate < ACT_OWN_MIN && is_own(call)) {
		qos_floor_sentence(action->class, "policed", sentence, size);
		return DECISION_REFUSE;
	}
	if (action->actor == ACTOR_MAPEK || is_in_vain(call, NULL)) /* its policy says so */
		return DECISION_DO;
	snprintf(sentence, size,
		"What %s %s of %s beyond %sbit/s is dropped, " LASTS ". Police it?",
		action->interface, action->direction == DIRECTION_EGRESS ? "sends" : "receives",
		action->class, quantity_format(rate, action->rate));
	return DECISION_ASK;
}

enum decision qos_decide_on(const struct verb_call *call, char *sentence, size_t size)
{
	char mode[32];

	if (is_in_vain(call, plan_on))
		return DECISION_DO;
	act_modes_format(call->action->modes, mode, sizeof(mode));
	snprintf(sentence, size, "What was asked for on %s is in force again: %s. Do it?",
		call->action->interface, mode);
	return DECISION_ASK;
}

/* Asks about a key alone, which is easily pressed. */
enum decision qos_decide_off(const struct verb_call *call, char *sentence, size_t size)
{
	const struct action *action = call->action;
	char mode[64] = "all that is done to classes there";

	if (action->actor != ACTOR_KEY)
		return DECISION_DO;
	if (action->modes != 0)
		act_modes_format(action->modes, mode, sizeof(mode));
	snprintf(sentence, size, "%s on %s ends%s. Switch it off?", mode, action->interface,
		action->modes == 0 || action->modes == CLASS_ACT_SHAPE
			? ": what it sends goes as before x0top"
			: ", and is kept for later");
	return DECISION_ASK;
}

enum decision qos_decide_undo(const struct verb_call *call, char *sentence, size_t size)
{
	struct act_history history;
	char more[32] = "";

	(void)call;
	if (act_history_read(&history) < 0)
		return DECISION_DO; /* apply() reports it */
	if (history.n > 1)
		snprintf(more, sizeof(more), ", and %u more,", history.n - 1);
	snprintf(sentence, size, "%s%s %s again what %s had before: %.160s. Undo it?",
		history.before[0].interface, more, history.n > 1 ? "have" : "has",
		history.n > 1 ? "they" : "it", history.action);
	act_history_free(&history);
	return DECISION_ASK;
}
