// SPDX-License-Identifier: BSD-2-Clause
/* What x0top qos asks before it does anything, and what it refuses. */
#include <arpa/inet.h>
#include <bpf/bpf.h>
#include <netinet/in.h>
#include <stdio.h>

#include "base/quantity.h"
#include "control/qos_target.h"
#include "control/verbs_qos.h"
#include "programs/connection.h"
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

	if (action->dscp < 0)
		return DECISION_DO;
	classes_dscp_format((uint8_t)action->dscp, dscp, sizeof(dscp));
	snprintf(sentence, size,
		"Each packet of %s that %s %s gets the code point %s in place of its own, " LASTS
		". Mark them?",
		action->class, action->interface,
		action->direction == DIRECTION_EGRESS ? "sends" : "receives", dscp);
	return DECISION_ASK;
}

static enum decision refuse_own(const struct action *action, char *sentence, size_t size)
{
	char least[QUANTITY_LEN];

	snprintf(sentence, size,
		"Your own connection may be in the class %s: it is not policed below %sbit/s",
		action->class, quantity_format(least, ACT_OWN_MIN));
	return DECISION_REFUSE;
}

enum decision qos_decide_police(const struct verb_call *call, char *sentence, size_t size)
{
	const struct action *action = call->action;
	struct connection own;
	char rate[QUANTITY_LEN];

	if (action->rate == 0)
		return DECISION_DO;
	/* Which class it is in is not known: its packets may have any code point. */
	if (action->rate < ACT_OWN_MIN && connection_find(&own))
		return refuse_own(action, sentence, size);
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

enum decision qos_decide_undo(const struct verb_call *call, char *sentence, size_t size)
{
	struct act_before before;

	(void)call;
	if (act_history_read(&before) < 0)
		return DECISION_DO; /* apply() reports it */
	snprintf(sentence, size, "%s has again what it had before: %.160s. Undo it?",
		before.interface, before.action);
	return DECISION_ASK;
}
