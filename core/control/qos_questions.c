// SPDX-License-Identifier: BSD-2-Clause
/* What x0top qos asks before it does anything, and what it refuses. */
#include <stdio.h>

#include "base/quantity.h"
#include "control/qos_floor.h"
#include "control/verbs_qos.h"
#include "qos/classes.h"
#include "qos/shape_preset.h"

#define LASTS "also after x0top exits, until it is switched off"

enum decision qos_decide_preset(const struct verb_call *call, char *sentence, size_t size)
{
	const struct action *action = call->action;
	char rate[QUANTITY_LEN];

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

	if (action->dscp < 0 || action->actor == ACTOR_MAPEK)
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
	if (action->actor == ACTOR_MAPEK) /* its policy says so */
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
