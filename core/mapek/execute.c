// SPDX-License-Identifier: BSD-2-Clause
#include "mapek/execute.h"

#include <errno.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/duration.h"

bool execute_holds(const struct executed *executed)
{
	return executed->shown.state == MAPEK_ADVISED || executed->shown.state == MAPEK_IN_FORCE;
}

static bool is_rule(const struct policy *policy)
{
	return strncmp(policy->action, "rule ", 5) == 0;
}

static void set_state(struct execute *execute, struct executed *executed,
	enum mapek_action_state state, double now)
{
	executed->shown.state = state;
	if (!execute_holds(executed)) {
		executed->shown.time_left = NAN;
		executed->ended = now;
	}
	execute->tell(execute->data, &executed->shown);
}

/* --- doing -------------------------------------------------------------------------------------- */

/* What would be asked is not done. Returns 0 or a negative errno, with *failure set. */
static int act(const struct execute *execute, const char *text, struct failure *failure)
{
	struct action action = { .actor = ACTOR_MAPEK };
	char sentence[REASON_LEN];
	int error = action_parse(text, &action, failure);

	if (error < 0)
		return error;
	switch (execute->hands->decide(execute->hands->data, &action, sentence, sizeof(sentence))) {
	case DECISION_DO:
		return execute->hands->apply(execute->hands->data, &action, failure);
	case DECISION_ASK:
		return failure_set(failure, -ECANCELED, "It needs your yes: %s", sentence);
	case DECISION_REFUSE:
		break;
	}
	return failure_set(failure, -EBUSY, "%s", sentence);
}

/* Writes the rule of an action, with its time and its number. */
static void write_action(const struct executed *executed, char *text, size_t size)
{
	char action[RULE_LEN], time[DURATION_LEN];

	policy_action(executed->policy, executed->shown.target, action, sizeof(action));
	if (is_rule(executed->policy))
		snprintf(text, size, "%.200s for %s comment \"" MAPEK_COMMENT "%llu\"", action,
			duration_format(time, executed->policy->length),
			(unsigned long long)executed->shown.number);
	else
		snprintf(text, size, "%s", action);
}

static bool may_act(const struct execute *execute)
{
	return execute->policies->mode == MAPEK_ACT && execute->hands != NULL;
}

static void begin(struct execute *execute, struct executed *executed, double now)
{
	struct snapshot_mapek_action *shown = &executed->shown;
	struct failure failure = { 0 };
	char why[REASON_LEN];

	write_action(executed, shown->action, sizeof(shown->action));
	executed->until = now + executed->policy->length;
	shown->time_left = executed->policy->length;
	if (!may_act(execute)) {
		set_state(execute, executed, MAPEK_ADVISED, now);
	} else if (act(execute, shown->action, &failure) < 0) {
		snprintf(why, sizeof(why), "%.120s. %.120s", shown->reason, failure.what);
		memcpy(shown->reason, why, sizeof(why));
		set_state(execute, executed, MAPEK_REFUSED, now);
	} else {
		set_state(execute, executed, MAPEK_IN_FORCE, now);
	}
}

/* The rule is given another form with its whole time, and keeps number and counters. */
static void renew(struct execute *execute, struct executed *executed,
	const struct snapshot *snapshot, double now)
{
	const struct snapshot_rule *rule = mapek_rule(&snapshot->mesh, executed->shown.number);
	const char *form = executed->shown.action + strlen("rule add ");
	struct failure failure;
	char text[RULE_LEN];

	if (executed->shown.state == MAPEK_IN_FORCE && is_rule(executed->policy)) {
		if (strncmp(executed->shown.action, "rule insert ", 12) == 0) {
			form = executed->shown.action + strlen("rule insert ");
			form += strcspn(form, " ") + 1;
		}
		if (rule == NULL || rule->origin != MESH_ORIGIN_MAPEK)
			return;
		snprintf(text, sizeof(text), "rule change %u %.280s", rule->number, form);
		if (act(execute, text, &failure) < 0)
			return; /* it ends in time */
	}
	executed->until = now + executed->policy->length;
}

/* --- bounds ------------------------------------------------------------------------------------- */

static bool is_about(const struct executed *executed, const struct wish *wish)
{
	return executed->policy == wish->policy &&
	       strcmp(executed->shown.target, wish->target) == 0;
}

/* Returns the action about a wish's target that holds, or keeps another from it: one that was undone, or
 * refused, not long ago. NULL without one. */
static struct executed *find(struct execute *execute, const struct wish *wish, double now)
{
	for (uint32_t i = 0; i < execute->n; i++) {
		struct executed *executed = &execute->list[i];
		const double rest = executed->shown.state == MAPEK_UNDONE
					    ? EXECUTE_REST_SECONDS
					    : executed->policy->length;
		if (!is_about(executed, wish))
			continue;
		if (execute_holds(executed))
			return executed;
		if (executed->shown.state != MAPEK_OVER && now - executed->ended < rest)
			return executed;
	}
	return NULL;
}

static uint32_t count_held(const struct execute *execute, const struct policy *policy)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < execute->n; i++)
		n += execute->list[i].policy == policy && execute_holds(&execute->list[i]);
	return n;
}

/* Returns a place for an action: a free one, or that of the one which ended first; NULL without one. */
static struct executed *make_room(struct execute *execute)
{
	struct executed *oldest = NULL;

	if (execute->n < MAPEK_ACTIONS_SHOWN)
		return &execute->list[execute->n++];
	for (uint32_t i = 0; i < execute->n; i++) {
		struct executed *executed = &execute->list[i];
		if (!execute_holds(executed) && (oldest == NULL || executed->ended < oldest->ended))
			oldest = executed;
	}
	return oldest;
}

/* Counts one more action. Returns whether that is too much for a minute. */
static bool brakes(struct execute *execute, double now)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < execute->n_recent && i < EXECUTE_RECENT; i++)
		n += now - execute->recent[i] < EXECUTE_BRAKE_SECONDS;
	execute->braked = n >= execute->policies->brake;
	if (!execute->braked)
		execute->recent[execute->n_recent++ % EXECUTE_RECENT] = now;
	return execute->braked;
}

void execute_wish(struct execute *execute, const struct wish *wish, const struct snapshot *snapshot,
	double now)
{
	struct executed *executed = find(execute, wish, now);

	execute->wished = now;
	if (executed != NULL) {
		if (execute_holds(executed) &&
			executed->until - now < executed->policy->length / 2.0)
			renew(execute, executed, snapshot, now);
		return;
	}
	if (execute->braked || count_held(execute, wish->policy) >= wish->policy->most ||
		brakes(execute, now))
		return;
	executed = make_room(execute);
	if (executed == NULL)
		return;
	*executed = (struct executed) { .policy = wish->policy };
	executed->shown.number = ++execute->next;
	executed->shown.anomaly = wish->anomaly;
	executed->shown.begin = snapshot->time;
	executed->shown.dropped = COUNT_UNKNOWN;
	snprintf(executed->shown.policy, NAME_LEN, "%s", wish->policy->name);
	snprintf(executed->shown.target, MAPEK_TARGET_LEN, "%s", wish->target);
	snprintf(executed->shown.reason, REASON_LEN, "%s", wish->reason);
	begin(execute, executed, now);
}

/* --- ends --------------------------------------------------------------------------------------- */

/* Takes back a program that was turned on or off; rules expire in the kernel. */
static void take_back(struct execute *execute, const struct executed *executed)
{
	struct failure failure;
	char text[RULE_LEN];
	const char *name = strrchr(executed->shown.action, ' ');

	if (is_rule(executed->policy))
		return;
	snprintf(text, sizeof(text), "program %s%s",
		strncmp(executed->shown.action, "program on ", 11) == 0 ? "off" : "on", name);
	act(execute, text, &failure); /* a failure is an event of its own */
}

static void follow_rule(struct execute *execute, struct executed *executed,
	const struct snapshot *snapshot, double now)
{
	const struct snapshot_rule *rule = mapek_rule(&snapshot->mesh, executed->shown.number);

	if (rule != NULL) {
		if (executed->shown.state == MAPEK_ADVISED) {
			if (!isnan(rule->time_left))
				executed->until = now + rule->time_left;
			set_state(execute, executed, MAPEK_IN_FORCE, now);
		}
		executed->seen = true;
		executed->shown.dropped = rule->dropped.packets.total;
	} else if (executed->seen && snapshot->mesh.available && executed->until - now > 1) {
		set_state(execute, executed, MAPEK_UNDONE, now);
	}
}

void execute_turn(struct execute *execute, const struct snapshot *snapshot, double now)
{
	for (uint32_t i = 0; i < execute->n; i++) {
		struct executed *executed = &execute->list[i];
		const bool in_force = executed->shown.state == MAPEK_IN_FORCE;
		if (!execute_holds(executed))
			continue;
		if (is_rule(executed->policy))
			follow_rule(execute, executed, snapshot, now);
		executed->shown.time_left = fmax(executed->until - now, 0);
		if (!execute_holds(executed) || now < executed->until)
			continue;
		if (in_force)
			take_back(execute, executed);
		set_state(execute, executed, MAPEK_OVER, now);
	}
	if (execute->braked && now - execute->wished >= EXECUTE_RELEASE_SECONDS)
		execute->braked = false;
}
