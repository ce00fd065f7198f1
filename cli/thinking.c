// SPDX-License-Identifier: BSD-2-Clause
#include "cli/thinking.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "mapek/hook.h"
#include "mapek/mapek.h"
#include "mapek/measure.h"
#include "mapek/monitor.h"
#include "mapek/policy_done.h"
#include "mapek/scribe.h"
#include "model/names.h"
#include "programs/connection.h"
#include "programs/program.h"

enum { SAVE_SECONDS = 300 };

#define LATE   0.001 /* s that a glance may come late */
#define SELDOM (MONITOR_SELDOM_NS / (double)NS_PER_SECOND) /* s; samples that are closer do */

struct thinking {
	struct orchestrator *orchestrator;
	struct mapek *mapek;
	struct mapek_hands hands;
	struct scribe *scribe; /* NULL: no knowledge is kept */
	struct hooks *hooks; /* NULL: no policy has one, or none can be run */
	struct monitor monitor;
	uint64_t
		seldom_ns; /* from one glance to the next while nothing is unusual; 0: none are taken */
	double time, saved; /* of the sample, and when series were saved; seconds since 1970 */
};

static enum decision decide(void *data, const struct action *action, char *sentence, size_t size)
{
	const struct thinking *thinking = data;

	return orchestrator_decide(thinking->orchestrator, action, sentence, size);
}

static int apply(void *data, const struct action *action, struct failure *failure)
{
	const struct thinking *thinking = data;

	return orchestrator_apply(thinking->orchestrator, action, failure);
}

static int take_back(void *data, const char *action, struct failure *failure)
{
	const struct thinking *thinking = data;

	return orchestrator_take_back(thinking->orchestrator, action, failure);
}

/* --- events --------------------------------------------------------------------------------------- */

static void on_anomaly(
	void *data, const struct snapshot_mapek_anomaly *anomaly, const char *sentence)
{
	const struct thinking *thinking = data;
	char text[TEXT_LEN];

	snprintf(text, sizeof(text), "anomaly %llu%s: %.100s", (unsigned long long)anomaly->number,
		isnan(anomaly->end) ? "" : " is over", sentence);
	orchestrator_say(thinking->orchestrator, text);
	scribe_anomaly(thinking->scribe, anomaly, sentence);
}

static void on_action(void *data, const struct snapshot_mapek_action *action)
{
	const struct thinking *thinking = data;
	char text[TEXT_LEN];

	snprintf(text, sizeof(text), "MAPE-K %llu, %s: %.96s", (unsigned long long)action->number,
		mapek_action_state_names[action->state], action->action);
	orchestrator_say(thinking->orchestrator, text);
	scribe_action(thinking->scribe, action, thinking->time);
}

static void on_outcome(void *data, const struct snapshot_mapek_action *action)
{
	const struct thinking *thinking = data;

	scribe_action(thinking->scribe, action, NAN);
}

static void on_brake(void *data, const char *sentence)
{
	const struct thinking *thinking = data;

	orchestrator_say(thinking->orchestrator, sentence);
}

/* -------------------------------------------------------------------------------------------------- */

static void save_series(struct thinking *thinking)
{
	const char *name;

	thinking->saved = thinking->time;
	for (uint32_t i = 0; measures[i].name != NULL; i++) {
		const struct series *series = mapek_series(thinking->mapek, i, &name);
		if (series != NULL)
			scribe_series(thinking->scribe, name, series);
	}
}

/* What could not be kept is among the losses. */
static void show_lost(const struct thinking *thinking, struct snapshot *now)
{
	struct snapshot_loss *loss =
		scribe_lost(thinking->scribe) > 0 ? SNAPSHOT_ADD(now, &now->self, losses) : NULL;

	if (loss == NULL)
		return;
	snprintf(loss->what, sizeof(loss->what), "knowledge of MAPE-K");
	loss->count = (struct counter) { scribe_lost(thinking->scribe), NAN };
}

/* Lets the kernel say when more packets pass than is usual; without packets there is nothing to say. */
static void arm(struct thinking *thinking)
{
	const double factor = monitor_arm(&thinking->monitor, clock_monotonic_seconds());
	double rates[TRANSPORT_PROTOCOLS];

	if (factor == 0)
		return;
	mapek_limits(thinking->mapek, rates);
	for (uint32_t i = 0; i < TRANSPORT_PROTOCOLS; i++)
		rates[i] *= factor;
	orchestrator_wake_at(thinking->orchestrator, rates);
}

static void on_wake(void *data)
{
	struct thinking *thinking = data;

	if (monitor_wake(&thinking->monitor, clock_monotonic_seconds()))
		orchestrator_glance_every(thinking->orchestrator, 0, 0);
	orchestrator_glance_every(thinking->orchestrator, MONITOR_FIRST_NS, GLANCED_LOOKING);
}

/* Whose flood it is takes milliseconds, what else is watched some part of one: glances that are close to each other
 * are without it. */
static unsigned int parts_of(const struct thinking *thinking, uint64_t next_ns)
{
	const double next = (double)next_ns / (double)NS_PER_SECOND + LATE;
	const bool looks = mapek_glance_looks(thinking->mapek, next);
	const bool watches = next_ns >= MONITOR_LATER_NS && mapek_watches(thinking->mapek);

	return (looks ? GLANCED_LOOKING : 0) | (watches ? GLANCED_WATCHED : 0);
}

static void on_glance(void *data, const struct snapshot *now)
{
	struct thinking *thinking = data;
	const uint64_t begun = mapek_begun(thinking->mapek);

	thinking->time = now->time;
	const bool hot = mapek_glance(thinking->mapek, now);
	uint64_t next = monitor_glance(&thinking->monitor, hot,
		mapek_begun(thinking->mapek) > begun, clock_monotonic_seconds());
	if (next == 0)
		next = thinking->seldom_ns;
	orchestrator_glance_every(thinking->orchestrator, next, parts_of(thinking, next));
	arm(thinking);
}

static void take_reports(struct thinking *thinking)
{
	struct scribe_spared spared;
	struct hook_report report;

	if (scribe_spared(thinking->scribe, &spared))
		mapek_spare_only(thinking->mapek, spared.list, spared.n);
	while (hooks_report(thinking->hooks, &report))
		mapek_hook_ended(thinking->mapek, &report);
}

static void think(void *data, struct snapshot *now)
{
	struct thinking *thinking = data;

	thinking->time = now->time;
	take_reports(thinking);
	mapek_turn(thinking->mapek, now);
	show_lost(thinking, now);
	if (thinking->saved == 0)
		thinking->saved = now->time;
	if (fabs(now->time - thinking->saved) >= SAVE_SECONDS)
		save_series(thinking);
	arm(thinking);
}

static void take_series(void *data, const char *name, const struct series *series)
{
	const struct thinking *thinking = data;

	mapek_know(thinking->mapek, name, series);
}

static void take_action(void *data, const struct snapshot_mapek_action *action, double changed)
{
	const struct thinking *thinking = data;

	mapek_recall(thinking->mapek, action, fmax(clock_realtime_seconds() - changed, 0));
}

/* --- an operator's word --------------------------------------------------------------------------- */

static int never(
	struct thinking *thinking, const struct action *action, char *done, struct failure *failure)
{
	const double now = clock_realtime_seconds();

	(void)done;
	if (mapek_spare(thinking->mapek, action->source, now) < 0)
		return failure_set(
			failure, -ENOSPC, "No room to spare more than %d", MAPEK_SPARED_MAX);
	scribe_spare(thinking->scribe, action->source, now);
	return 0;
}

static int again(
	struct thinking *thinking, const struct action *action, char *done, struct failure *failure)
{
	(void)done;
	if (mapek_spare_no_more(thinking->mapek, action->source) < 0)
		return failure_set(failure, -ENOENT, "%s is not spared", action->source);
	scribe_spare_no_more(thinking->scribe, action->source);
	return 0;
}

static int run_hook(
	struct thinking *thinking, const struct action *action, char *done, struct failure *failure)
{
	struct hook_order order;
	char text[RULE_LEN];

	action_format(action, text, sizeof(text));
	int error = mapek_order(thinking->mapek, text, &order, failure);
	if (error == 0)
		error = hooks_run(thinking->hooks, &order, failure);
	if (error < 0)
		return error;
	if (action->actor != ACTOR_MAPEK)
		mapek_hook_begun(thinking->mapek, order.action);
	snprintf(done, DONE_LEN, ", as action %llu", (unsigned long long)order.action);
	return 0;
}

static int undo(
	struct thinking *thinking, const struct action *action, char *done, struct failure *failure)
{
	(void)done;
	return mapek_undo(thinking->mapek, action->number, failure);
}

static int obey(void *data, const struct action *action, char *done, struct failure *failure)
{
	static int (*const orders[CONTROL_VERBS])(struct thinking * thinking,
		const struct action *action, char *done, struct failure *failure) = {
		[VERB_MAPEK_NEVER] = never,
		[VERB_MAPEK_AGAIN] = again,
		[VERB_MAPEK_RUN] = run_hook,
		[VERB_MAPEK_UNDO] = undo,
	};

	return orders[action->verb - control_verbs](data, action, done, failure);
}

static bool advises(void *data, const char *action)
{
	const struct thinking *thinking = data;

	return mapek_advises(thinking->mapek, action);
}

/* -------------------------------------------------------------------------------------------------- */

/* Who was to be spared stood in knowledge that is lost. */
static void advise_only(struct thinking *thinking, const char *why)
{
	mapek_advise_only(thinking->mapek);
	orchestrator_miss(thinking->orchestrator,
		"MAPE-K only advises: whom it is to spare is not known", why);
}

/* Without knowledge MAPE-K begins anew at each start, and says so. */
static void open_knowledge(struct thinking *thinking, const struct settings *settings)
{
	struct scribe_known known = { 0 };
	struct failure failure = { 0 };
	const struct scribe_takers take = { thinking, take_series, take_action };

	if (settings->lab || settings->mapek_knowledge[0] == '\0')
		return;
	if (scribe_open(settings->mapek_knowledge, &thinking->scribe, &known, &take, &failure) <
		0) {
		if (access(settings->mapek_knowledge, F_OK) == 0)
			advise_only(thinking, failure.what);
		else
			orchestrator_say(thinking->orchestrator, failure.what);
		return;
	}
	mapek_number_from(thinking->mapek, known.last_anomaly, known.last_action);
	mapek_spare_only(thinking->mapek, known.spared.list, known.spared.n);
	if (known.notice[0] != '\0')
		advise_only(thinking, known.notice);
}

/* Without an ordinary user no hook runs; the rest goes on. */
static void open_hooks(struct thinking *thinking, const struct policies *policies)
{
	struct failure failure = { 0 };

	if (hooks_open(policies, &thinking->hooks, &failure) < 0)
		orchestrator_say(thinking->orchestrator, failure.what);
}

static void think_once(void *data, struct snapshot *now)
{
	const struct thinking *thinking = data;

	mapek_turn(thinking->mapek, now);
}

static int begin(struct thinking *thinking, const struct settings *settings,
	const struct policies *policies, bool once)
{
	const struct orchestrator_thinker lasting = { thinking, think, on_wake, on_glance, advises,
		obey };
	const struct orchestrator_thinker single = { .data = thinking, .think = think_once };

	if (once)
		return orchestrator_think(thinking->orchestrator, &single);
	open_knowledge(thinking, settings);
	open_hooks(thinking, policies);
	int error = orchestrator_think(thinking->orchestrator, &lasting);
	if (error < 0)
		return error;
	if (settings->interval > SELDOM && mapek_watches(thinking->mapek))
		thinking->seldom_ns = MONITOR_SELDOM_NS;
	return orchestrator_glance_every(
		thinking->orchestrator, thinking->seldom_ns, GLANCED_WATCHED);
}

static int read_policies(
	const struct settings *settings, struct policies *policies, struct failure *failure)
{
	const char *path = settings->mapek_policy[0] != '\0' ? settings->mapek_policy : NULL;
	struct connection connection;
	int error = policies_read(
		policies, path, connection_find(&connection) ? &connection : NULL, failure);

	if (error == 0 && settings->mapek_mode < MAPEK_MODES)
		policies->mode = settings->mapek_mode;
	return error;
}

bool thinking_lasts(const struct settings *settings)
{
	struct policies policies;
	struct failure ignored;

	if (read_policies(settings, &policies, &ignored) < 0 || policies.mode == MAPEK_OFF)
		return false;
	for (uint32_t i = 0; i < policies.n; i++)
		if (policies.list[i].action[0] != '\0' && policies.list[i].n_arguments == 0 &&
			!policy_is_rule(&policies.list[i]))
			return true;
	return false;
}

int thinking_open(const struct settings *settings, bool once, struct orchestrator *orchestrator,
	struct thinking **opened, struct failure *failure)
{
	struct policies policies;
	int error = read_policies(settings, &policies, failure);

	*opened = NULL;
	if (error < 0)
		return error;
	if (policies.mode == MAPEK_OFF || policies.n == 0)
		return 0;
	struct thinking *thinking = calloc(1, sizeof(*thinking));
	const struct mapek_ears ears = { thinking, on_anomaly, on_action, on_outcome, on_brake };
	if (thinking != NULL) {
		thinking->orchestrator = orchestrator;
		thinking->hands = (struct mapek_hands) { thinking, decide, apply, take_back };
		thinking->mapek = mapek_open(&policies, once ? NULL : &thinking->hands, &ears);
	}
	if (thinking == NULL || thinking->mapek == NULL) {
		thinking_close(thinking);
		return failure_set(failure, -ENOMEM, "Not enough memory for MAPE-K");
	}
	error = begin(thinking, settings, &policies, once);
	if (error < 0) {
		thinking_close(thinking);
		return failure_set(
			failure, error, "MAPE-K cannot wait for floods: %s", strerror(-error));
	}
	*opened = thinking;
	return 0;
}

void thinking_close(struct thinking *thinking)
{
	if (thinking == NULL)
		return;
	orchestrator_think(thinking->orchestrator, NULL);
	orchestrator_glance_every(thinking->orchestrator, 0, 0);
	if (thinking->mapek != NULL) {
		mapek_end(thinking->mapek);
		save_series(thinking);
	}
	hooks_close(thinking->hooks);
	scribe_close(thinking->scribe);
	mapek_close(thinking->mapek);
	free(thinking);
}

bool thinking_looks(const struct thinking *thinking)
{
	return thinking != NULL && (thinking->monitor.awake || mapek_looks(thinking->mapek));
}
