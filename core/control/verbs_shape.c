// SPDX-License-Identifier: BSD-2-Clause
/* The verbs that shape an interface, and end it: no program is needed for them, and nothing pinned. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/quantity.h"
#include "base/words.h"
#include "control/verbs_shape.h"
#include "qos/shape_preset.h"

/* --- operands -------------------------------------------------------------------------------- */

static int take_interface(const char *word, struct action *action, struct failure *failure)
{
	if (strlen(word) >= sizeof(action->interface) || strchr(word, '/') != NULL)
		return failure_set(
			failure, -EINVAL, "\"%.64s\" cannot be the name of an interface", word);
	snprintf(action->interface, sizeof(action->interface), "%s", word);
	return 0;
}

static int take_rate(const char *word, struct action *action, struct failure *failure)
{
	const char *end;

	if (quantity_parse(word, SHAPE_RATE_MAX, &action->rate, &end) == 0 &&
		strcmp(end, "bit/s") == 0 && action->rate >= SHAPE_UPLINK_MIN)
		return 0;
	failure_set(failure, -EINVAL, "\"%.64s\" is not the rate of a link", word);
	return failure_remedy(failure, "Write it as 10Mbit/s, from 80kbit/s to 400Gbit/s");
}

static int parse_words(const char *text, uint32_t n, struct words *words, struct failure *failure)
{
	int error = words_split(words, text, "an interface", failure);

	if (error < 0)
		return error;
	if (words->n == n)
		return 0;
	return failure_set(failure, -EINVAL, "\"%.64s\" is not %s", text,
		n == 1 ? "an interface" : "an interface and a rate");
}

static int parse_interface(const char *text, struct action *action, struct failure *failure)
{
	struct words words;
	int error = parse_words(text, 1, &words, failure);

	return error < 0 ? error : take_interface(words.word[0], action, failure);
}

static void format_interface(const struct action *action, char *text, size_t size)
{
	snprintf(text, size, "%s", action->interface);
}

static int parse_shape(const char *text, struct action *action, struct failure *failure)
{
	struct words words;
	int error = parse_words(text, 2, &words, failure);

	if (error == 0)
		error = take_interface(words.word[0], action, failure);
	return error < 0 ? error : take_rate(words.word[1], action, failure);
}

static void format_shape(const struct action *action, char *text, size_t size)
{
	char rate[QUANTITY_LEN];

	snprintf(text, size, "%s %sbit/s", action->interface, quantity_format(rate, action->rate));
}

const struct operand operand_shape = { "INTERFACE RATE", parse_shape, format_shape };
const struct operand operand_shaped = { "INTERFACE", parse_interface, format_interface };

/* --- changes --------------------------------------------------------------------------------- */

static int find(const char *name, struct interface *interface, struct failure *failure)
{
	int error = interface_find(name, interface);

	return error < 0 ? failure_set(failure, error, "%s: %s", name, strerror(-error)) : 0;
}

/* What to say to have again what was there before: the undoing of a change. */
static void tell_before(const struct verb_call *call, const struct shape_state *had)
{
	char rate[QUANTITY_LEN];

	if (had->owner == SHAPE_OURS)
		snprintf(call->done, DONE_LEN, ", in place of %sbit/s",
			quantity_format(rate, had->link.rate));
}

static int change(const struct verb_call *call, struct netlink *netlink, struct failure *failure)
{
	struct interface interface;
	struct shape_state had;
	struct shape shape;
	int error = find(call->action->interface, &interface, failure);

	if (error == 0 && shape_read(netlink, interface.ifindex, &had) < 0)
		had.owner = SHAPE_NONE;
	if (error == 0 && call->action->rate == 0) {
		error = shape_remove(netlink, &interface, failure);
		if (error == 0)
			return failure_set(failure, -ENOENT, "%s is not shaped", interface.name);
	} else if (error == 0) {
		shape_uplink(call->action->rate, &shape);
		error = shape_apply(netlink, &interface, &shape, failure);
	}
	if (error >= 0)
		tell_before(call, &had);
	return error < 0 ? error : 0;
}

int shape_verb_apply(const struct verb_call *call, struct failure *failure)
{
	struct netlink netlink;
	int error = netlink_open(&netlink);

	if (error < 0)
		return failure_set(
			failure, error, "Cannot open a netlink socket: %s", strerror(-error));
	error = change(call, &netlink, failure);
	netlink_close(&netlink);
	return error;
}

enum decision shape_verb_decide(const struct verb_call *call, char *sentence, size_t size)
{
	char rate[QUANTITY_LEN];

	snprintf(sentence, size,
		"%s will send at most %sbit/s, also after x0top exits: 10%% of it are kept for control, "
		"20%% for mesh, 20%% for interactive, 10%% for bulk. What waits to be sent is lost. "
		"Shape it?",
		call->action->interface, quantity_format(rate, call->action->rate));
	return DECISION_ASK;
}
