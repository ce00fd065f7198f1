// SPDX-License-Identifier: BSD-2-Clause
/* The operands of x0top qos, read and written. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/quantity.h"
#include "base/words.h"
#include "control/verbs_qos.h"
#include "model/names.h"
#include "qos/act.h"
#include "qos/classes.h"
#include "qos/shape_preset.h"

#define NONE "none" /* takes back what was asked for */

/* --- single words ---------------------------------------------------------------------------- */

static int take_interface(const char *word, struct action *action, struct failure *failure)
{
	if (strlen(word) >= INTERFACE_NAME_LEN || strchr(word, '/') != NULL)
		return failure_set(
			failure, -EINVAL, "\"%.64s\" cannot be the name of an interface", word);
	snprintf(action->interface, sizeof(action->interface), "%s", word);
	return 0;
}

static int take_class(const char *word, struct action *action, struct failure *failure)
{
	if (strlen(word) >= sizeof(action->class))
		return failure_set(
			failure, -EINVAL, "\"%.64s\" cannot be the name of a class", word);
	snprintf(action->class, sizeof(action->class), "%s", word);
	return 0;
}

static int take_direction(const char *word, struct action *action, struct failure *failure)
{
	int direction = names_find(act_ways, word);

	if (direction < 0)
		return failure_set(failure, -EINVAL,
			"\"%.64s\" is not a direction: write in, for what is received, or out",
			word);
	action->direction = (uint32_t)direction;
	return 0;
}

static int take_bits(const char *word, uint64_t least, uint64_t *rate, struct failure *failure)
{
	const char *end;
	char text[QUANTITY_LEN];

	if (quantity_parse(word, ACT_RATE_MAX, rate, &end) == 0 && strcmp(end, "bit/s") == 0 &&
		*rate >= least)
		return 0;
	failure_set(failure, -EINVAL, "\"%.64s\" is not a rate", word);
	return failure_remedy(failure, "Write it as 10Mbit/s, from %sbit/s to 400Gbit/s",
		quantity_format(text, least));
}

static int take_mode(const char *word, struct action *action, struct failure *failure)
{
	action->modes = act_mode_find(word);
	if (action->modes != 0)
		return 0;
	return failure_set(
		failure, -EINVAL, "\"%.64s\" is not a mode: use mark, police or shape", word);
}

/* Splits the operands, of which there may be from `least` to `most`. */
static int split(const char *text, uint32_t least, uint32_t most, const struct operand *operand,
	struct words *words, struct failure *failure)
{
	int error = words_split(words, text, "what to do", failure);

	if (error < 0 || (words->n >= least && words->n <= most))
		return error;
	return failure_set(failure, -EINVAL, "\"%.64s\" is not %s", text, operand->usage);
}

/* --- preset ---------------------------------------------------------------------------------- */

static int parse_preset(const char *text, struct action *action, struct failure *failure)
{
	struct words words;
	int error = split(text, 3, 3, &operand_qos_preset, &words, failure);
	int preset = error < 0 ? error : names_find(shape_preset_names, words.word[0]);

	if (error < 0)
		return error;
	if (preset < 0) {
		failure_set(failure, -EINVAL, "\"%.64s\" is not a preset", words.word[0]);
		return failure_remedy(failure, "Use uplink, mesh-first or bulk-last");
	}
	action->number = (uint32_t)preset;
	error = take_interface(words.word[1], action, failure);
	return error < 0 ? error
			 : take_bits(words.word[2], SHAPE_UPLINK_MIN, &action->rate, failure);
}

static void format_preset(const struct action *action, char *text, size_t size)
{
	char rate[QUANTITY_LEN];

	snprintf(text, size, "%s %s %sbit/s",
		action->number < SHAPE_PRESETS ? shape_preset_names[action->number] : "?",
		action->interface, quantity_format(rate, action->rate));
}

const struct operand operand_qos_preset = { "uplink|mesh-first|bulk-last INTERFACE RATE",
	parse_preset, format_preset };

/* --- rate ------------------------------------------------------------------------------------ */

#define SHARE "share"

/* "share 3", at the end. Takes both words away. */
static int take_share(struct words *words, struct action *action, struct failure *failure)
{
	uint64_t share;

	if (words->n < 5 || strcmp(words->word[words->n - 2], SHARE) != 0)
		return 0;
	if (words_number(words->word[words->n - 1], 1, SHAPE_SHARE_MAX, &share) != 0)
		return failure_set(failure, -EINVAL, "\"%.64s\" is not a share: write 1 to %d",
			words->word[words->n - 1], SHAPE_SHARE_MAX);
	action->share = (uint32_t)share;
	words->n -= 2;
	return 0;
}

static int parse_rate(const char *text, struct action *action, struct failure *failure)
{
	struct words words;
	int error = split(text, 3, 6, &operand_qos_rate, &words, failure);

	if (error == 0)
		error = take_share(&words, action, failure);
	if (error == 0 && words.n > 4)
		error = failure_set(
			failure, -EINVAL, "\"%.64s\" is not %s", text, operand_qos_rate.usage);
	if (error == 0)
		error = take_interface(words.word[0], action, failure);
	if (error == 0)
		error = take_class(words.word[1], action, failure);
	if (error == 0)
		error = take_bits(words.word[2], SHAPE_RATE_MIN, &action->rate, failure);
	if (error == 0 && words.n == 4)
		error = take_bits(words.word[3], SHAPE_RATE_MIN, &action->more, failure);
	return error;
}

static void format_rate(const struct action *action, char *text, size_t size)
{
	char rate[QUANTITY_LEN], ceiling[QUANTITY_LEN];
	size_t length = (size_t)snprintf(text, size, "%s %s %sbit/s%s%s%s", action->interface,
		action->class, quantity_format(rate, action->rate), action->more > 0 ? " " : "",
		action->more > 0 ? quantity_format(ceiling, action->more) : "",
		action->more > 0 ? "bit/s" : "");

	if (action->share > 0 && length < size)
		snprintf(text + length, size - length, " " SHARE " %u", action->share);
}

const struct operand operand_qos_rate = { "INTERFACE CLASS RATE [CEILING] [share N]", parse_rate,
	format_rate };

/* --- mark ------------------------------------------------------------------------------------ */

static int take_head(const struct words *words, struct action *action, struct failure *failure)
{
	int error = take_interface(words->word[0], action, failure);

	if (error == 0)
		error = take_direction(words->word[1], action, failure);
	return error < 0 ? error : take_class(words->word[2], action, failure);
}

#define PRIORITY     "priority"
#define PRIORITY_MAX 15 /* of linux/pkt_sched.h: TC_PRIO_MAX */

/* "priority 6", at the end. */
static int take_priority(const struct words *words, struct action *action, struct failure *failure)
{
	uint64_t priority;

	if (words->n == 4)
		return 0;
	if (words->n != 6 || strcmp(words->word[4], PRIORITY) != 0 ||
		words_number(words->word[5], 0, PRIORITY_MAX, &priority) != 0)
		return failure_set(failure, -EINVAL,
			"\"%.64s\" is not the priority of packets: write priority 0 to %d",
			words->word[words->n - 1], PRIORITY_MAX);
	action->priority = (uint32_t)priority + 1;
	return 0;
}

static int parse_mark(const char *text, struct action *action, struct failure *failure)
{
	struct words words;
	int error = split(text, 4, 6, &operand_qos_mark, &words, failure);

	if (error == 0)
		error = take_head(&words, action, failure);
	if (error < 0)
		return error;
	action->dscp = -1;
	if (strcmp(words.word[3], NONE) == 0 && words.n == 4)
		return 0;
	error = take_priority(&words, action, failure);
	if (error < 0)
		return error;
	action->dscp = classes_dscp_find(words.word[3]);
	if (action->dscp >= 0)
		return 0;
	failure_set(failure, -EINVAL, "\"%.64s\" is not a code point", words.word[3]);
	return failure_remedy(failure, "Write one such as ef, af41 or 0 to 63, or none");
}

static void format_mark(const struct action *action, char *text, size_t size)
{
	char dscp[16] = NONE;

	if (action->dscp >= 0)
		classes_dscp_format((uint8_t)action->dscp, dscp, sizeof(dscp));
	size_t length = (size_t)snprintf(text, size, "%s %s %s %s", action->interface,
		act_ways[action->direction], action->class, dscp);
	if (action->priority > 0 && length < size)
		snprintf(text + length, size - length, " " PRIORITY " %u", action->priority - 1);
}

const struct operand operand_qos_mark = { "INTERFACE in|out CLASS DSCP|none [priority N]",
	parse_mark, format_mark };

/* --- police ---------------------------------------------------------------------------------- */

static int take_burst(const char *word, struct action *action, struct failure *failure)
{
	const char *end;

	if (quantity_parse(word, ACT_BURST_MAX, &action->more, &end) == 0 && strcmp(end, "B") == 0)
		return 0;
	failure_set(failure, -EINVAL, "\"%.64s\" is not a burst", word);
	return failure_remedy(failure, "Write it in bytes, as 30kB, up to 1GB");
}

static int parse_police(const char *text, struct action *action, struct failure *failure)
{
	struct words words;
	int error = split(text, 4, 5, &operand_qos_police, &words, failure);

	if (error == 0)
		error = take_head(&words, action, failure);
	if (error == 0 && strcmp(words.word[3], NONE) == 0 && words.n == 4)
		return 0;
	if (error == 0)
		error = take_bits(words.word[3], ACT_RATE_MIN, &action->rate, failure);
	if (error == 0 && words.n == 5)
		error = take_burst(words.word[4], action, failure);
	return error;
}

static void format_police(const struct action *action, char *text, size_t size)
{
	char rate[QUANTITY_LEN], burst[QUANTITY_LEN];

	snprintf(text, size, "%s %s %s %s%s%s%s%s", action->interface, act_ways[action->direction],
		action->class, action->rate > 0 ? quantity_format(rate, action->rate) : NONE,
		action->rate > 0 ? "bit/s" : "", action->more > 0 ? " " : "",
		action->more > 0 ? quantity_format(burst, action->more) : "",
		action->more > 0 ? "B" : "");
}

const struct operand operand_qos_police = { "INTERFACE in|out CLASS RATE|none [BURST]",
	parse_police, format_police };

/* --- modes ----------------------------------------------------------------------------------- */

static int parse_interface_mode(const char *text, uint32_t least, const struct operand *operand,
	struct action *action, struct failure *failure)
{
	struct words words;
	int error = split(text, least, 2, operand, &words, failure);

	if (error == 0)
		error = take_interface(words.word[0], action, failure);
	return error < 0 || words.n == 1 ? error : take_mode(words.word[1], action, failure);
}

static int parse_mode(const char *text, struct action *action, struct failure *failure)
{
	return parse_interface_mode(text, 2, &operand_qos_mode, action, failure);
}

static int parse_off(const char *text, struct action *action, struct failure *failure)
{
	return parse_interface_mode(text, 1, &operand_qos_off, action, failure);
}

static void format_mode(const struct action *action, char *text, size_t size)
{
	char mode[32] = "";

	if (action->modes != 0)
		act_modes_format(action->modes, mode, sizeof(mode));
	snprintf(text, size, "%s%s%s", action->interface, mode[0] != '\0' ? " " : "", mode);
}

const struct operand operand_qos_mode = { "INTERFACE mark|police", parse_mode, format_mode };
const struct operand operand_qos_off = { "INTERFACE [mark|police|shape]", parse_off, format_mode };
