// SPDX-License-Identifier: BSD-2-Clause
#include "mapek/policy_members.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/duration.h"
#include "base/words.h"
#include "kernel/rights.h"
#include "mapek/measure.h"
#include "mesh/rule.h"
#include "model/names.h"

const char *const policy_side_names[] = { "high", "low", NULL };

static int expected(struct failure *failure, const char *what, const char *text)
{
	return failure_set(failure, -EINVAL, "\"%.48s\" is not %s", text, what);
}

/* --- values ------------------------------------------------------------------------------------- */

static int read_number(const char *text, double maximum, double *value, struct failure *failure)
{
	char *end;

	*value = text[0] >= '0' && text[0] <= '9' ? strtod(text, &end) : -1;
	if (*value >= 0 && *end == '\0' && *value <= maximum)
		return 0;
	failure_set(failure, -EINVAL, "\"%.48s\" is not a number from 0 to %g", text, maximum);
	return -EINVAL;
}

static int read_count(const char *text, uint32_t maximum, uint32_t *value, struct failure *failure)
{
	uint64_t number;

	if (words_number(text, 1, maximum, &number) != 0)
		return failure_set(
			failure, -EINVAL, "\"%.48s\" is not a number from 1 to %u", text, maximum);
	*value = (uint32_t)number;
	return 0;
}

/* Reads "200ms", or what duration_parse() reads. */
static int read_seconds(const char *text, double *value, struct failure *failure)
{
	char number[NAME_LEN];
	uint64_t seconds, ms;
	size_t length = strcspn(text, "m");

	snprintf(number, sizeof(number), "%.*s", (int)(length < NAME_LEN ? length : 0), text);
	if (strcmp(text + length, "ms") == 0 && words_number(number, 0, 999999, &ms) == 0) {
		*value = (double)ms / 1000;
		return 0;
	}
	if (duration_parse(text, &seconds) != 0 || seconds > POLICY_LENGTH_MAX)
		return expected(failure, "a time up to a day, as 200ms, 10s or 5m", text);
	*value = (double)seconds;
	return 0;
}

static int read_mode(const char *text, const struct policy_place *place, struct failure *failure)
{
	int mode = names_find(mapek_mode_names, text);

	if (mode < 0)
		return expected(failure, "a mode: off, advise or act", text);
	place->policies->mode = (uint32_t)mode;
	return 0;
}

static int read_brake(const char *text, const struct policy_place *place, struct failure *failure)
{
	return read_count(text, 1000, &place->policies->brake, failure);
}

static int read_least(const char *text, const struct policy_place *place, struct failure *failure)
{
	struct mesh_rule rule;
	char limit[RULE_LEN];

	snprintf(limit, sizeof(limit), "limit %.100s all", text);
	if (strchr(text, ' ') != NULL || rule_parse(limit, &rule, failure) != 0 ||
		rule.unit != MESH_PACKETS_PER_SECOND)
		return expected(failure, "a rate of packets, as 100/s", text);
	place->policies->least = rule.rate;
	return 0;
}

static int read_never(const char *text, const struct policy_place *place, struct failure *failure)
{
	struct policies *policies = place->policies;

	if (policies->n_never == POLICY_NEVER_MAX)
		return failure_set(
			failure, -EINVAL, "No room for more than %d prefixes", POLICY_NEVER_MAX);
	int error = rule_parse_prefix(text, &policies->never[policies->n_never], failure);
	policies->n_never += error == 0;
	return error;
}

static int read_name(const char *text, const struct policy_place *place, struct failure *failure)
{
	if (text[0] == '\0' || strlen(text) >= NAME_LEN || !words_printable(text) ||
		strchr(text, '"') != NULL)
		return expected(failure, "a name of 1 to 31 characters", text);
	snprintf(place->policy->name, sizeof(place->policy->name), "%s", text);
	return 0;
}

static int read_watch(const char *text, const struct policy_place *place, struct failure *failure)
{
	int series = measure_find(text);

	if (series < 0) {
		expected(failure, "a series that can be watched", text);
		return failure_remedy(
			failure, "Watch one that x0top-mapek(7) lists, as udp, drops or call-p99");
	}
	place->policy->series = (uint32_t)series;
	return 0;
}

static int read_side(const char *text, const struct policy_place *place, struct failure *failure)
{
	int side = names_find(policy_side_names, text);

	if (side < 0)
		return expected(failure, "high or low", text);
	place->policy->side = (uint32_t)side;
	return 0;
}

static int read_score(const char *text, const struct policy_place *place, struct failure *failure)
{
	return read_number(text, 300, &place->policy->score, failure);
}

static int read_from(const char *text, const struct policy_place *place, struct failure *failure)
{
	return read_number(text, 1e12, &place->policy->from, failure);
}

static int read_hold(const char *text, const struct policy_place *place, struct failure *failure)
{
	return read_seconds(text, &place->policy->hold, failure);
}

static int read_calm(const char *text, const struct policy_place *place, struct failure *failure)
{
	return read_seconds(text, &place->policy->calm, failure);
}

#define LENGTH_6 64 /* of the network of one who has IPv6, where only the other length is given */

/* Reads "24" of "/24". Returns what follows, or NULL. */
static const char *read_length(const char *text, uint32_t least, uint32_t most, uint32_t *length)
{
	char number[8];
	uint64_t value;
	const size_t digits = strspn(text, "0123456789");

	snprintf(number, sizeof(number), "%.*s", (int)(digits < sizeof(number) ? digits : 0), text);
	if (words_number(number, least, most, &value) != 0)
		return NULL;
	*length = (uint32_t)value;
	return text + digits;
}

/* Reads the lengths behind {source}, if there are any, and takes them out of the text. All that a policy has of them are
 * the same. */
static int take_lengths(char *text, struct policy *policy, struct failure *failure)
{
	char *at = strstr(text, policy_placeholders[POLICY_SOURCES]);
	uint32_t length_4 = 0, length_6 = 0;

	if (at == NULL)
		return 0;
	at += strlen(policy_placeholders[POLICY_SOURCES]);
	const char *end = at;
	if (*at == '/') {
		length_6 = LENGTH_6;
		end = read_length(at + 1, 8, 32, &length_4);
		if (end != NULL && *end == '/')
			end = read_length(end + 1, 16, 128, &length_6);
	}
	if (end == NULL)
		return expected(failure,
			"the length of a network: write {source}/24, from 8 to 32, or {source}/24/64, the latter from 16 to 128",
			text);
	if (policy->names_source && (policy->length_4 != length_4 || policy->length_6 != length_6))
		return failure_set(
			failure, -EINVAL, "Each {source} of a policy has the same lengths");
	policy->names_source = true;
	policy->length_4 = length_4;
	policy->length_6 = length_6;
	memmove(at, end, strlen(end) + 1);
	return 0;
}

static int read_do(const char *text, const struct policy_place *place, struct failure *failure)
{
	if (strlen(text) > TEXT_LEN)
		return failure_set(
			failure, -EINVAL, "An action of more than %d characters", TEXT_LEN);
	snprintf(place->policy->action, sizeof(place->policy->action), "%s", text);
	return take_lengths(place->policy->action, place->policy, failure);
}

/* An argument of a hook. The first is its path. */
static int read_argument(
	const char *text, const struct policy_place *place, struct failure *failure)
{
	struct policy *policy = place->policy;
	const char *end = policy->hook;

	for (uint32_t i = 0; i < policy->n_arguments; i++)
		end += strlen(end) + 1;
	const size_t room = HOOK_LEN - (size_t)(end - policy->hook);
	if (policy->n_arguments == 0 && text[0] != '/')
		return expected(failure, "the whole path of a program", text);
	if (policy->n_arguments == HOOK_ARGUMENTS_MAX || strlen(text) + 1 > room)
		return failure_set(failure, -EINVAL,
			"A hook has at most %d arguments, and %d characters in all",
			HOOK_ARGUMENTS_MAX, HOOK_LEN);
	char *argument = policy->hook + (end - policy->hook);
	memcpy(argument, text, strlen(text) + 1);
	policy->n_arguments++;
	return take_lengths(argument, policy, failure);
}

static int read_within(const char *text, const struct policy_place *place, struct failure *failure)
{
	int error = read_seconds(text, &place->policy->within, failure);

	if (error == 0 && (place->policy->within <= 0 || place->policy->within > POLICY_WITHIN_MAX))
		return expected(failure, "a time up to 5 minutes, as 500ms or 10s", text);
	return error;
}

static int read_user(const char *text, const struct policy_place *place, struct failure *failure)
{
	uid_t uid;
	gid_t gid;

	if (text[0] == '\0' || strlen(text) >= NAME_LEN || !words_printable(text))
		return expected(failure, "the name of a user", text);
	snprintf(place->policy->user, sizeof(place->policy->user), "%s", text);
	return rights_find_user(text, &uid, &gid, failure);
}

static int read_busy(const char *text, const struct policy_place *place, struct failure *failure)
{
	return read_number(text, 1e12, &place->policy->busy, failure);
}

static int read_small(const char *text, const struct policy_place *place, struct failure *failure)
{
	return read_number(text, 65536, &place->policy->small, failure);
}

static int read_most(const char *text, const struct policy_place *place, struct failure *failure)
{
	return read_count(text, POLICY_ACTIONS_MAX, &place->policy->most, failure);
}

static int read_for(const char *text, const struct policy_place *place, struct failure *failure)
{
	uint64_t seconds;

	if (duration_parse(text, &seconds) != 0 || seconds > POLICY_LENGTH_MAX || seconds < 2)
		return expected(failure, "a time from 2s to a day", text);
	place->policy->length = (uint32_t)seconds;
	return 0;
}

/* --- members ------------------------------------------------------------------------------------ */

const struct policy_member policies_members[] = {
	{ "mode", read_mode, false },
	{ "brake", read_brake, false },
	{ "least", read_least, false },
	{ "never", read_never, true },
	{ .name = NULL },
};

const struct policy_member policy_members[] = {
	{ "name", read_name, false },
	{ "watch", read_watch, false },
	{ "is", read_side, false },
	{ "score", read_score, false },
	{ "from", read_from, false },
	{ "hold", read_hold, false },
	{ "calm", read_calm, false },
	{ "do", read_do, false },
	{ "run", read_argument, true },
	{ "user", read_user, false },
	{ "within", read_within, false },
	{ "busy", read_busy, false },
	{ "small", read_small, false },
	{ "most", read_most, false },
	{ "for", read_for, false },
	{ .name = NULL },
};
