// SPDX-License-Identifier: BSD-2-Clause
#include "mapek/execute.h"

#include <errno.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/duration.h"
#include "mapek/execute_list.h"
#include "mapek/policy_done.h"

static struct snapshot_mapek_outcome *outcome_of(
	struct execute *execute, const struct policy *policy)
{
	return &execute->outcomes[policy - execute->policies->list];
}

/* Returns the count of actions that came to a state. */
static uint64_t *count_of(struct snapshot_mapek_outcome *outcome, enum mapek_action_state state)
{
	uint64_t *const counts[MAPEK_ACTION_STATES] = {
		[MAPEK_ADVISED] = &outcome->advised,
		[MAPEK_IN_FORCE] = &outcome->done,
		[MAPEK_REFUSED] = &outcome->refused,
		[MAPEK_OVER] = &outcome->over,
		[MAPEK_UNDONE] = &outcome->undone,
	};

	return counts[state];
}

static void set_state(struct execute *execute, struct executed *executed,
	enum mapek_action_state state, double now)
{
	executed->shown.state = state;
	if (!execute_holds(executed)) {
		executed->shown.time_left = NAN;
		executed->ended = now;
	}
	execute->undone += state == MAPEK_UNDONE;
	++*count_of(outcome_of(execute, executed->policy), state);
	executed->kept = now;
	execute->tell(execute->data, &executed->shown, true);
}

/* --- doing -------------------------------------------------------------------------------------- */

/* What would be asked is not done, unless it was so before: `back`. Returns 0 or a negative errno, with *failure set. */
static int act(const struct execute *execute, const char *text, bool back, struct failure *failure)
{
	struct action action = { .actor = ACTOR_MAPEK, .confirmed = back };
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

/* Returns the rule of an action. Who can do nothing has none: one in a recording is another's, of the same number. */
static const struct snapshot_rule *rule_of(const struct execute *execute,
	const struct executed *executed, const struct snapshot *snapshot)
{
	return execute->hands != NULL ? mapek_rule(&snapshot->mesh, executed->shown.number) : NULL;
}

/* Writes an action as it is written wherever it is applied. */
static void write_plain(const char *text, char *plain, size_t size)
{
	struct action action = { .verb = NULL };
	struct failure ignored;

	if (action_parse(text, &action, &ignored) == 0)
		action_format(&action, plain, size);
	else
		snprintf(plain, size, "%s", text);
}

/* Writes the action; a rule with its time and its number. */
static void write_action(const struct executed *executed, char *text, size_t size)
{
	char action[RULE_LEN], time[DURATION_LEN];

	policy_action(executed->policy, executed->where, action, sizeof(action));
	if (policy_is_rule(executed->policy))
		snprintf(text, size, "%.200s for %s comment \"" MAPEK_COMMENT "%llu\"", action,
			duration_format(time, executed->policy->length),
			(unsigned long long)executed->shown.number);
	else
		write_plain(action, text, size);
}

static bool may_act(const struct execute *execute)
{
	return execute->policies->mode == MAPEK_ACT && execute->hands != NULL;
}

/* What an operator does to a class stays: nothing else would be right to go back to. */
static void refuse_class(struct execute *execute, struct executed *executed, double now)
{
	char why[REASON_LEN];

	snprintf(why, sizeof(why), "%.160s. That is done to the class already",
		executed->shown.reason);
	memcpy(executed->shown.reason, why, sizeof(why));
	set_state(execute, executed, MAPEK_REFUSED, now);
}

static void begin(struct execute *execute, struct executed *executed,
	const struct snapshot *snapshot, double now)
{
	struct snapshot_mapek_action *shown = &executed->shown;
	struct failure failure = { 0 };
	char why[REASON_LEN];

	write_action(executed, shown->action, sizeof(shown->action));
	executed->until = now + executed->policy->length;
	shown->time_left = executed->policy->length;
	if (policy_is_qos(executed->policy) && policy_is_done(executed->policy, snapshot)) {
		refuse_class(execute, executed, now);
	} else if (!may_act(execute)) {
		set_state(execute, executed, MAPEK_ADVISED, now);
	} else if (act(execute, shown->action, false, &failure) < 0) {
		snprintf(why, sizeof(why), "%.120s. %.120s", shown->reason, failure.what);
		memcpy(shown->reason, why, sizeof(why));
		set_state(execute, executed, MAPEK_REFUSED, now);
	} else {
		set_state(execute, executed, MAPEK_IN_FORCE, now);
	}
}

/* The rule is given another form, with its whole time, and where its node is now; it keeps number and
 * counters. Returns 0 or a negative errno. */
static int change_rule(
	const struct execute *execute, struct executed *executed, const struct snapshot *snapshot)
{
	const struct snapshot_rule *rule = rule_of(execute, executed, snapshot);
	struct failure failure;
	char text[RULE_LEN], now[RULE_LEN];
	const char *form;

	if (rule == NULL || rule->origin != MESH_ORIGIN_MAPEK)
		return -ENOENT;
	write_action(executed, now, sizeof(now));
	form = now + strlen("rule add ");
	if (strncmp(now, "rule insert ", 12) == 0) {
		form = now + strlen("rule insert ");
		form += strcspn(form, " ") + 1;
	}
	snprintf(text, sizeof(text), "rule change %u %.280s", rule->number, form);
	int error = act(execute, text, false, &failure);
	if (error == 0)
		memcpy(executed->shown.action, now, sizeof(now));
	return error;
}

/* What cannot be changed ends in time. */
static void renew(struct execute *execute, struct executed *executed,
	const struct snapshot *snapshot, double now)
{
	if (executed->shown.state == MAPEK_IN_FORCE && policy_is_rule(executed->policy) &&
		change_rule(execute, executed, snapshot) < 0)
		return;
	executed->until = now + executed->policy->length;
	executed->shown.time_left = executed->policy->length;
	executed->kept = now - EXECUTE_KEEP_SECONDS; /* its time is to be told */
}

/* --- bounds ------------------------------------------------------------------------------------- */

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
	struct executed *executed = execute_find_about(execute, wish, now);

	execute->wished = now;
	if (executed != NULL) {
		const bool moved = strcmp(executed->where, wish->where) != 0;
		snprintf(executed->where, MAPEK_TARGET_LEN, "%s", wish->where);
		if (execute_holds(executed) &&
			(moved || executed->until - now < executed->policy->length / 2.0))
			renew(execute, executed, snapshot, now);
		return;
	}
	if (switched_is(&execute->switched, wish->policy->action) > 0 || execute->braked ||
		execute_count_held(execute, wish->policy) >= wish->policy->most ||
		brakes(execute, now))
		return;
	executed = execute_make_room(execute);
	if (executed == NULL)
		return;
	*executed = (struct executed) { .policy = wish->policy };
	executed->shown.number = ++execute->next;
	executed->shown.anomaly = wish->anomaly;
	executed->shown.begin = snapshot->time;
	executed->shown.dropped = COUNT_UNKNOWN;
	snprintf(executed->shown.policy, NAME_LEN, "%s", wish->policy->name);
	snprintf(executed->shown.target, MAPEK_TARGET_LEN, "%s", wish->target);
	snprintf(executed->where, MAPEK_TARGET_LEN, "%s", wish->where);
	outcome_begin(&executed->outcome, wish->policy, wish->reading, &executed->shown);
	snprintf(executed->shown.reason, REASON_LEN, "%s", wish->reason);
	begin(execute, executed, snapshot, now);
}

/* --- ends --------------------------------------------------------------------------------------- */

/* A failure to take back is an event of its own. Returns 0 or a negative errno. */
static int switch_back(const struct execute *execute, const char *action)
{
	struct failure failure;
	char text[RULE_LEN];

	if (execute->hands == NULL)
		return 0;
	int taken = execute->hands->take_back(execute->hands->data, action, &failure);
	if (taken == 0 && !switched_stays(action) && switched_back(action, text, sizeof(text)))
		return act(execute, text, true, &failure);
	return taken < 0 ? taken : 0;
}

/* Takes back a program, or its mode, that was switched, and what is done to a class. Rules expire in the kernel;
 * `early`, one is deleted. Returns 0, or a negative errno: it is still in force. */
static int take_back(const struct execute *execute, const struct executed *executed,
	const struct snapshot *snapshot, bool early)
{
	const struct snapshot_rule *rule = rule_of(execute, executed, snapshot);
	struct failure failure;
	char text[RULE_LEN];

	if (!policy_is_rule(executed->policy))
		return switch_back(execute, executed->shown.action);
	if (early && rule != NULL) {
		snprintf(text, sizeof(text), "rule delete %u", rule->number);
		act(execute, text, false, &failure);
	}
	return 0;
}

static bool is_spared(const struct execute *execute, const struct executed *executed)
{
	return policies_spared(execute->policies, executed->shown.target) >= 0 ||
	       policies_spared(execute->policies, executed->where) >= 0;
}

static void follow_rule(struct execute *execute, struct executed *executed,
	const struct snapshot *snapshot, double now)
{
	const struct snapshot_rule *rule = rule_of(execute, executed, snapshot);

	if (rule != NULL) {
		if ((executed->shown.state == MAPEK_ADVISED || executed->recalled) &&
			!isnan(rule->time_left))
			executed->until = now + rule->time_left;
		if (executed->shown.state == MAPEK_ADVISED)
			set_state(execute, executed, MAPEK_IN_FORCE, now);
		executed->seen = true;
		executed->recalled = false;
		executed->shown.dropped = rule->dropped.packets.total;
	} else if (executed->recalled && snapshot->mesh.available) {
		set_state(execute, executed, MAPEK_OVER, now);
	} else if (executed->seen && snapshot->mesh.available && executed->until - now > 1) {
		set_state(execute, executed, MAPEK_UNDONE, now);
	}
}

/* What is no more as it was switched, its time not over, an operator has switched back; or it ended with the x0top
 * that had switched it. Advice that is taken is in force. */
static void follow_switch(struct execute *execute, struct executed *executed, double now)
{
	const int is = execute->hands != NULL
			       ? switched_is(&execute->switched, executed->shown.action)
			       : -ENOENT;

	if (is > 0 && executed->shown.state == MAPEK_ADVISED)
		set_state(execute, executed, MAPEK_IN_FORCE, now);
	else if (is == 0 && executed->recalled)
		set_state(execute, executed, MAPEK_OVER, now);
	else if (is == 0 && executed->seen && executed->until - now > 1)
		set_state(execute, executed, MAPEK_UNDONE, now);
	executed->seen |= is > 0;
	executed->recalled &= is < 0;
}

/* The same of what is done to a class. */
static void follow_class(struct execute *execute, struct executed *executed,
	const struct snapshot *snapshot, double now)
{
	if (policy_is_done(executed->policy, snapshot)) {
		if (executed->shown.state == MAPEK_ADVISED)
			set_state(execute, executed, MAPEK_IN_FORCE, now);
		executed->seen = true;
		executed->recalled = false;
	} else if (executed->recalled && snapshot->tc.available) {
		set_state(execute, executed, MAPEK_OVER, now);
	} else if (executed->seen && snapshot->tc.available && executed->until - now > 1) {
		set_state(execute, executed, MAPEK_UNDONE, now);
	}
}

/* Ends an action whose time is over, or that was wrong, by an operator's word, or whose target is spared by now. What cannot
 * be taken back is tried again. */
static void end(struct execute *execute, struct executed *executed, const struct snapshot *snapshot,
	double now)
{
	const bool wrong = executed->wrong || is_spared(execute, executed);

	executed->shown.time_left = fmax(executed->until - now, 0);
	if ((!wrong && now < executed->until) || now < executed->again)
		return;
	if (executed->shown.state == MAPEK_IN_FORCE &&
		take_back(execute, executed, snapshot, wrong) < 0) {
		executed->again = now + EXECUTE_AGAIN_SECONDS;
		return;
	}
	set_state(execute, executed, wrong ? MAPEK_UNDONE : MAPEK_OVER, now);
}

int execute_undo(struct execute *execute, uint64_t number, struct failure *failure)
{
	struct executed *executed = execute_find_number(execute, number);

	if (executed == NULL || executed->shown.state != MAPEK_IN_FORCE)
		return failure_set(failure, -ENOENT, "No action %llu of MAPE-K is in force",
			(unsigned long long)number);
	executed->wrong = true;
	return 0;
}

void execute_abandon(struct execute *execute, struct snapshot_mapek_action *action)
{
	if (execute->hands == NULL)
		return;
	action->state = MAPEK_OVER;
	execute->tell(execute->data, action, true);
}

/* A program ends with x0top; that it enforced is taken back. */
static bool end_with_x0top(const struct execute *execute, const char *action)
{
	struct failure failure;

	if (!switched_stays(action))
		return execute->hands != NULL &&
		       execute->hands->take_back(execute->hands->data, action, &failure) > 0;
	return switch_back(execute, action) == 0;
}

void execute_end(struct execute *execute, double now)
{
	for (uint32_t i = 0; i < execute->n; i++) {
		struct executed *executed = &execute->list[i];
		if (executed->shown.state == MAPEK_IN_FORCE && !policy_is_rule(executed->policy) &&
			end_with_x0top(execute, executed->shown.action))
			set_state(execute, executed, MAPEK_OVER, now);
	}
}

void execute_turn(struct execute *execute, const struct snapshot *snapshot, double now)
{
	switched_take(&execute->switched, snapshot);
	for (uint32_t i = 0; i < execute->n; i++) {
		struct executed *executed = &execute->list[i];
		if (execute_holds(executed) && policy_is_rule(executed->policy))
			follow_rule(execute, executed, snapshot, now);
		else if (execute_holds(executed) && policy_is_qos(executed->policy))
			follow_class(execute, executed, snapshot, now);
		else if (execute_holds(executed))
			follow_switch(execute, executed, now);
		if (execute_holds(executed))
			end(execute, executed, snapshot, now);
	}
	if (execute->braked && now - execute->wished >= EXECUTE_RELEASE_SECONDS)
		execute->braked = false;
}

/* --- what became of it ------------------------------------------------------------------------- */

static uint64_t known_count(uint64_t count)
{
	return count != COUNT_UNKNOWN ? count : 0;
}

/* Adds what a sample of a rule cost to the sums. */
static void take_cost(struct execute *execute, struct executed *executed, const struct known *known,
	const struct snapshot *snapshot, const struct snapshot_rule *rule)
{
	struct snapshot_mapek_outcome *sum = outcome_of(execute, executed->policy);
	const uint64_t before = known_count(executed->shown.honest),
		       total = rule->dropped.packets.total;

	outcome_cost(&executed->outcome, known, snapshot, rule, &executed->shown);
	const uint64_t honest = known_count(executed->shown.honest) - before;
	const uint64_t dropped =
		total > executed->outcome.last ? total - executed->outcome.last : 0;
	executed->outcome.last = total;
	execute->honest += honest;
	execute->dropped += dropped;
	sum->honest += honest;
	sum->dropped += dropped;
}

void execute_outcome(struct execute *execute, struct executed *executed, const struct known *known,
	const struct snapshot *snapshot, double left, double now)
{
	const struct snapshot_rule *rule = rule_of(execute, executed, snapshot);

	outcome_take(&executed->outcome, left, &executed->shown);
	if (rule != NULL && snapshot->interval > 0)
		take_cost(execute, executed, known, snapshot, rule);
	if (now - executed->kept < EXECUTE_KEEP_SECONDS)
		return;
	executed->kept = now;
	execute->tell(execute->data, &executed->shown, false);
}

void execute_hook_begun(struct execute *execute, uint64_t number, double now)
{
	struct executed *executed = execute_find_number(execute, number);

	if (executed != NULL && executed->shown.state == MAPEK_ADVISED)
		set_state(execute, executed, MAPEK_IN_FORCE, now);
}

void execute_hook_ended(
	struct execute *execute, uint64_t number, const char *ended, const char *output)
{
	struct executed *executed = execute_find_number(execute, number);

	if (executed == NULL)
		return;
	snprintf(executed->shown.ended, sizeof(executed->shown.ended), "%s", ended);
	snprintf(executed->shown.output, sizeof(executed->shown.output), "%s", output);
	execute->tell(execute->data, &executed->shown, false);
}

void execute_recall(struct execute *execute, const struct snapshot_mapek_action *action,
	const struct policy *policy, double left, double now)
{
	struct executed *executed = execute_make_room(execute);

	if (executed == NULL)
		return;
	*executed = (struct executed) { .policy = policy,
		.shown = *action,
		.until = now + left,
		.ended = now + left,
		.kept = now,
		.recalled = true };
	executed->outcome.last = action->dropped != COUNT_UNKNOWN ? action->dropped : 0;
	executed->outcome.usual = NAN;
	snprintf(executed->where, sizeof(executed->where), "%s", action->target);
	executed->shown.time_left = execute_holds(executed) ? fmax(left, 0) : NAN;
}
