// SPDX-License-Identifier: BSD-2-Clause
/* What ties MAPE-K to an orchestrator: what is asked of it, what it is told, and an operator's word. */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "mapek/knowledge.h"
#include "tests/lib/knowledge.h"

#define orchestrator_think	  fake_think
#define orchestrator_glance_every fake_glance_every
#define orchestrator_wake_at	  fake_wake_at
#define orchestrator_say	  fake_say
#define orchestrator_miss	  fake_miss
#define orchestrator_decide	  fake_decide
#define orchestrator_apply	  fake_apply
#define orchestrator_take_back	  fake_take_back
#include "../../cli/thinking.c"

/* --- an orchestrator ---------------------------------------------------------------------------- */

static struct orchestrator_thinker thinker;
static struct orchestrator *const o = (struct orchestrator *)&thinker; /* nobody looks into it */
static int think_error;
static struct {
	uint64_t period_ns;
	unsigned int parts;
} glances[32]; /* as they were asked for */
static unsigned n_glances;
static double limits[TRANSPORT_PROTOCOLS];
static unsigned n_armed;
static char said[16][REASON_LEN];
static unsigned n_said;
static char applied[16][RULE_LEN];
static unsigned n_applied;

int fake_think(struct orchestrator *orchestrator, const struct orchestrator_thinker *wanted)
{
	assert_ptr_equal(orchestrator, o);
	thinker = wanted != NULL ? *wanted : (struct orchestrator_thinker) { 0 };
	return wanted != NULL ? think_error : 0;
}

int fake_glance_every(struct orchestrator *orchestrator, uint64_t period_ns, unsigned int parts)
{
	assert_ptr_equal(orchestrator, o);
	assert_true(n_glances < sizeof(glances) / sizeof(glances[0]));
	glances[n_glances].period_ns = period_ns;
	glances[n_glances++].parts = parts;
	return 0;
}

int fake_wake_at(struct orchestrator *orchestrator, const double rates[TRANSPORT_PROTOCOLS])
{
	(void)orchestrator;
	memcpy(limits, rates, sizeof(limits));
	n_armed++;
	return 0;
}

void fake_say(struct orchestrator *orchestrator, const char *sentence)
{
	(void)orchestrator;
	assert_true(n_said < 16);
	snprintf(said[n_said++], REASON_LEN, "%.*s", REASON_LEN - 1, sentence);
}

void fake_miss(struct orchestrator *orchestrator, const char *sentence, const char *why)
{
	fake_say(orchestrator, why);
	fake_say(orchestrator, sentence);
}

enum decision fake_decide(
	struct orchestrator *orchestrator, const struct action *action, char *sentence, size_t size)
{
	assert_ptr_equal(orchestrator, o);
	assert_int_equal(action->actor, ACTOR_MAPEK);
	snprintf(sentence, size, "it may");
	return DECISION_DO;
}

int fake_apply(
	struct orchestrator *orchestrator, const struct action *action, struct failure *failure)
{
	(void)failure;
	assert_ptr_equal(orchestrator, o);
	assert_true(n_applied < 16);
	action_format(action, applied[n_applied++], RULE_LEN);
	return 0;
}

int fake_take_back(struct orchestrator *orchestrator, const char *action, struct failure *failure)
{
	(void)failure;
	assert_ptr_equal(orchestrator, o);
	assert_true(n_applied < 16);
	if (strncmp(action, "program ", 8) == 0)
		return 0; /* it did not enforce */
	snprintf(applied[n_applied++], RULE_LEN, "not: %.200s", action);
	return 1;
}

/* --- a beginning -------------------------------------------------------------------------------- */

#define FLOOD                                                                                \
	"policies:\n- name: flood\n  watch: udp\n  from: 5000\n  hold: 10ms\n  busy: 1000\n" \
	"  do: rule add limit 500/s from {source} proto udp\n  for: 20s\n"
#define REFUSED                                                                           \
	"policies:\n- name: forged\n  watch: bad-signatures\n  from: 50\n  hold: 200ms\n" \
	"  do: program off tc_classifier\n"

static char folder[] = "/tmp/test_thinking.XXXXXX";
static struct settings *settings;
static struct thinking *thinking;
static struct failure failure;
static struct snapshot *now;
static double clock_s; /* of samples */

static int setup(void **state)
{
	(void)state;
	/* Whom the scribe becomes may search it. */
	if (mkdtemp(folder) == NULL || chmod(folder, 0711) < 0)
		return -1;
	settings = calloc(1, sizeof(*settings));
	settings_default(settings);
	settings->mapek_knowledge[0] = '\0';
	settings->interval = 1;
	now = snapshot_open();
	thinking = NULL;
	thinker = (struct orchestrator_thinker) { 0 };
	memset(&failure, 0, sizeof(failure));
	n_glances = n_armed = n_said = n_applied = 0;
	think_error = 0;
	clock_s = 1.8e9;
	return settings == NULL || now == NULL ? -1 : 0;
}

static int teardown(void **state)
{
	char command[64];

	(void)state;
	thinking_close(thinking);
	snapshot_close(now);
	free(settings);
	snprintf(command, sizeof(command), "rm -rf %s", folder);
	memcpy(folder + strlen(folder) - 6, "XXXXXX", 6);
	return system(command);
}

static int open_with(const char *policies, bool once)
{
	snprintf(settings->mapek_policy, sizeof(settings->mapek_policy), "%s/policies", folder);
	FILE *file = fopen(settings->mapek_policy, "w");
	fputs(policies, file);
	fclose(file);
	return thinking_open(settings, once, o, &thinking, &failure);
}

static void begin_with(const char *policies)
{
	if (open_with(policies, false) < 0)
		fail_msg("%s", failure.what);
	assert_non_null(thinking);
	assert_ptr_equal(thinker.data, thinking);
}

/* A second of packets, from one source. */
static void sample(double udp)
{
	snapshot_clear(now);
	now->time = ++clock_s;
	now->interval = 1;
	now->packets.available = now->mesh.available = true;
	now->packets.sum.transports[TRANSPORT_UDP].packets.rate = udp;
	struct snapshot_source *source = SNAPSHOT_ADD(now, &now->talkers, sources);
	snprintf(source->address, sizeof(source->address), "10.9.0.66");
	source->traffic.packets.rate = udp;
	thinker.think(thinker.data, now);
}

static void glance(double udp)
{
	struct snapshot *taken = snapshot_open();

	taken->time = clock_s += 0.01;
	taken->interval = 0.01;
	taken->packets.available = true;
	taken->packets.sum.transports[TRANSPORT_UDP].packets.rate = udp;
	struct snapshot_source *source = SNAPSHOT_ADD(taken, &taken->talkers, sources);
	snprintf(source->address, sizeof(source->address), "10.9.0.66");
	source->traffic.packets.rate = udp;
	thinker.glance(thinker.data, taken);
	snapshot_close(taken);
}

static void quiet(unsigned seconds)
{
	for (unsigned i = 0; i < seconds; i++)
		sample(1000 + i % 7 * 10);
}

static void last_glance_is(uint64_t period_ns, unsigned int parts)
{
	assert_true(n_glances > 0);
	assert_int_equal(glances[n_glances - 1].period_ns, period_ns);
	assert_int_equal(glances[n_glances - 1].parts, parts);
}

/* --- opening ------------------------------------------------------------------------------------ */

static void test_off_is_nobody(void **state)
{
	(void)state;
	assert_int_equal(open_with("mode: off\n" FLOOD, false), 0);
	assert_null(thinking);
	assert_int_equal(open_with("mode: act\n", false), 0); /* no policy */
	assert_null(thinking);
	settings->mapek_mode = MAPEK_OFF;
	assert_int_equal(open_with("mode: act\n" FLOOD, false), 0);
	assert_null(thinking);
	assert_null(thinker.think);
	assert_false(thinking_looks(NULL));
	thinking_close(NULL);
}

static void test_the_settings_say_the_mode(void **state)
{
	(void)state;
	settings->mapek_mode = MAPEK_ADVISE;
	begin_with("mode: off\n" FLOOD);
	quiet(1);
	assert_int_equal(now->mapek.mode, MAPEK_ADVISE);
}

static void test_a_mistake_in_policies_is_said(void **state)
{
	(void)state;
	assert_int_equal(open_with("policies:\n- name: a\n  watch: nothing\n", false), -EINVAL);
	assert_null(thinking);
	assert_non_null(strstr(failure.what, "line 3"));
	assert_null(thinker.think);
}

static void test_who_cannot_wait_for_floods_ends(void **state)
{
	(void)state;
	think_error = -EMFILE;
	assert_int_equal(open_with(FLOOD, false), -EMFILE);
	assert_null(thinking);
	assert_non_null(strstr(failure.what, "cannot wait for floods"));
	assert_null(thinker.think);
}

/* It tells what is watched, and neither acts nor waits. */
static void test_once_is_watched_alone(void **state)
{
	(void)state;
	snprintf(settings->mapek_knowledge, sizeof(settings->mapek_knowledge), "%s/known", folder);
	assert_int_equal(open_with("mode: act\n" FLOOD, true), 0);
	assert_null(thinker.woken);
	assert_null(thinker.glance);
	assert_null(thinker.obey);
	assert_int_equal(n_glances, 0);
	quiet(60);
	for (int i = 0; i < 5; i++)
		sample(50000);
	assert_true(now->mapek.series[0].value == 50000);
	assert_int_equal(now->mapek.found, 1);
	assert_int_equal(n_applied + n_armed, 0);
	assert_int_equal(access(settings->mapek_knowledge, F_OK), -1);
}

/* --- floods, and what there is no limit for ------------------------------------------------------- */

static void test_the_kernel_is_armed_by_what_is_usual(void **state)
{
	(void)state;
	begin_with("mode: act\n" FLOOD);
	last_glance_is(
		0, GLANCED_WATCHED); /* none: the kernel has a limit for all that is watched */
	quiet(60);
	assert_int_equal(n_armed, 60);
	assert_true(limits[TRANSPORT_UDP] == 5000);
	assert_true(isinf(limits[TRANSPORT_TCP]));
	assert_false(thinking_looks(thinking));
}

static void test_a_flood_is_answered_between_samples(void **state)
{
	(void)state;
	begin_with("mode: act\n" FLOOD);
	quiet(60);
	n_armed = 0;
	thinker.woken(thinker.data);
	assert_int_equal(glances[n_glances - 2].period_ns, 0); /* anew */
	last_glance_is(MONITOR_FIRST_NS, GLANCED_LOOKING);
	assert_true(thinking_looks(thinking));
	glance(50000);
	assert_int_equal(glances[n_glances - 1].period_ns, MONITOR_FIRST_NS);
	assert_int_equal(n_armed, 0); /* it is awake */
	glance(50000);
	assert_int_equal(n_applied, 1);
	assert_string_equal(applied[0],
		"rule add limit 500/s burst 50 10.9.0.66/32 proto udp for 20s "
		"comment \"mapek 1\"");
	assert_int_equal(glances[n_glances - 1].period_ns, MONITOR_LATER_NS);
	assert_false(glances[n_glances - 1].parts & GLANCED_WATCHED); /* no policy does */
	assert_int_equal(n_said, 2);
	assert_non_null(strstr(said[0], "anomaly 1: flood: UDP packets"));
	assert_non_null(strstr(said[1], "MAPE-K 1, in force: rule add limit 500/s"));
}

static void test_a_wake_of_another_protocol_goes_on(void **state)
{
	(void)state;
	begin_with("mode: act\n" FLOOD);
	quiet(60);
	thinker.woken(thinker.data);
	n_glances = 0;
	thinker.woken(thinker.data);
	assert_int_equal(n_glances, 1);
	last_glance_is(MONITOR_FIRST_NS, GLANCED_LOOKING);
}

static void test_what_has_no_limit_is_looked_at_seldom(void **state)
{
	(void)state;
	begin_with("mode: act\n" REFUSED);
	last_glance_is(MONITOR_SELDOM_NS, GLANCED_WATCHED);
	quiet(3);
	glance(1000);
	last_glance_is(MONITOR_SELDOM_NS, GLANCED_WATCHED);
	thinker.woken(thinker.data);
	last_glance_is(MONITOR_FIRST_NS, GLANCED_LOOKING);
	glance(1000);
	last_glance_is(MONITOR_FIRST_NS, 0); /* there is no time for more */
	thinking_close(thinking);
	thinking = NULL;
	last_glance_is(0, 0);
	assert_null(thinker.think);
}

static void test_close_samples_need_no_glances(void **state)
{
	(void)state;
	settings->interval = 0.5;
	begin_with("mode: act\n" REFUSED);
	last_glance_is(0, GLANCED_WATCHED);
	quiet(3);
	glance(1000);
	last_glance_is(0, 0);
}

/* --- an operator's word --------------------------------------------------------------------------- */

static int obey_word(unsigned int verb, const char *text)
{
	struct action action = { .verb = &control_verbs[verb], .actor = ACTOR_KEY };
	char done[DONE_LEN] = "";

	memset(&failure, 0, sizeof(failure));
	assert_int_equal(action.verb->operand->parse(text, &action, &failure), 0);
	return thinker.obey(thinker.data, &action, done, &failure);
}

static void test_never_and_again(void **state)
{
	char text[32];

	(void)state;
	begin_with("mode: act\n" FLOOD);
	assert_int_equal(obey_word(VERB_MAPEK_NEVER, "10.9.0.66"), 0);
	quiet(60);
	assert_int_equal(now->mapek.n_spared, 1);
	assert_string_equal(now->mapek.spared[0].target, "10.9.0.66/32");
	for (int i = 0; i < 3; i++)
		sample(50000);
	assert_int_equal(n_applied, 0);
	assert_int_equal(obey_word(VERB_MAPEK_AGAIN, "10.9.0.67"), -ENOENT);
	assert_string_equal(failure.what, "10.9.0.67/32 is not spared");
	assert_int_equal(obey_word(VERB_MAPEK_AGAIN, "10.9.0.66"), 0);
	sample(50000);
	assert_int_equal(n_applied, 1);
	for (int i = 0; i < MAPEK_SPARED_MAX; i++) {
		snprintf(text, sizeof(text), "10.8.0.%d", i);
		assert_int_equal(obey_word(VERB_MAPEK_NEVER, text), 0);
	}
	assert_int_equal(obey_word(VERB_MAPEK_NEVER, "10.7.0.1"), -ENOSPC);
	assert_string_equal(failure.what, "No room to spare more than 64");
}

static void test_no_hook_without_advice(void **state)
{
	(void)state;
	begin_with("mode: act\n" FLOOD);
	quiet(3);
	assert_int_equal(obey_word(VERB_MAPEK_RUN, "flood"), -ENOENT);
	assert_string_equal(failure.what, "Nothing advises to run that now");
	assert_int_equal(obey_word(VERB_MAPEK_UNDO, "1"), -ENOENT);
	assert_string_equal(failure.what, "No action 1 of MAPE-K is in force");
}

static void pause_a_little(void)
{
	usleep(20000);
}

/* Advice to run a hook is taken: it is in force, and how it ended is heard of. */
static void test_an_advised_hook_is_run(void **state)
{
	const double end = clock_monotonic_seconds() + 10;

	(void)state;
	begin_with(
		"mode: advise\npolicies:\n- name: page\n  watch: udp\n  from: 5000\n  hold: 10ms\n"
		"  run: [/bin/echo, hello]\n  for: 1h\n");
	if (n_said > 0)
		skip(); /* no ordinary user here */
	quiet(60);
	for (int i = 0; i < 3; i++)
		sample(50000);
	assert_int_equal(now->mapek.actions[0].state, MAPEK_ADVISED);
	assert_int_equal(obey_word(VERB_MAPEK_RUN, "page"), 0);
	while (now->mapek.actions[0].ended[0] == '\0' && clock_monotonic_seconds() < end) {
		pause_a_little();
		sample(50000);
	}
	assert_int_equal(now->mapek.actions[0].state, MAPEK_IN_FORCE);
	assert_string_equal(now->mapek.actions[0].ended, "exit 0");
	assert_string_equal(now->mapek.actions[0].output, "hello");
}

static void test_the_brake_is_said(void **state)
{
	(void)state;
	begin_with(
		"mode: act\nbrake: 1\npolicies:\n- name: a\n  watch: udp\n  from: 5000\n  hold: 10ms\n"
		"  do: program on xdp_pqc_verify\n- name: b\n  watch: udp\n  from: 5000\n"
		"  hold: 10ms\n  do: program off tc_classifier\n");
	quiet(60);
	for (int i = 0; i < 3; i++)
		sample(50000);
	assert_int_equal(n_applied, 1);
	assert_int_equal(n_said, 4); /* two anomalies, an action, and that */
	assert_non_null(strstr(said[3], "MAPE-K acts no more"));
	assert_true(now->mapek.braked);
}

/* --- knowledge ------------------------------------------------------------------------------------ */

static void keep_knowledge(void)
{
	need_knowledge();
	snprintf(settings->mapek_knowledge, sizeof(settings->mapek_knowledge), "%s/known", folder);
}

/* What is usual, what was found, what is spared, and what is in force. */
static void test_the_next_one_knows(void **state)
{
	(void)state;
	keep_knowledge();
	begin_with("mode: act\n" FLOOD);
	quiet(60);
	for (int i = 0; i < 3; i++)
		sample(50000);
	assert_int_equal(n_applied, 1);
	assert_int_equal(obey_word(VERB_MAPEK_NEVER, "192.0.2.0/24"), 0);
	thinking_close(thinking);
	n_said = 0;
	begin_with("mode: act\n" FLOOD);
	assert_int_equal(n_said, 0);
	sample(1000);
	assert_int_equal(now->mapek.found, 1);
	assert_int_equal(now->mapek.n_spared, 1);
	assert_int_equal(now->mapek.n_actions, 1);
	assert_int_equal(now->mapek.actions[0].number, 1);
	if (!(now->mapek.series[0].high > 1000 && now->mapek.series[0].high < 5000))
		fail_msg("usual up to %g", now->mapek.series[0].high);
}

/* A command has somebody spared meanwhile. */
static void test_what_others_spare_is_heard_of(void **state)
{
	const double end = clock_monotonic_seconds() + 10;
	char notice[REASON_LEN];
	struct knowledge *other;

	(void)state;
	keep_knowledge();
	begin_with("mode: act\n" FLOOD);
	quiet(1);
	assert_int_equal(now->mapek.n_spared, 0);
	assert_int_equal(
		knowledge_open(settings->mapek_knowledge, KNOWLEDGE_ADD, &other, notice, &failure),
		0);
	assert_int_equal(knowledge_spare(other, "10.9.0.66/32", 1), 0);
	knowledge_close(other);
	while (now->mapek.n_spared == 0 && clock_monotonic_seconds() < end) {
		pause_a_little();
		sample(1000);
	}
	assert_int_equal(now->mapek.n_spared, 1);
	assert_string_equal(now->mapek.spared[0].target, "10.9.0.66/32");
}

/* Every five minutes, not only at the end: x0top may be killed. */
static void test_what_is_usual_is_kept_from_time_to_time(void **state)
{
	const double end = clock_monotonic_seconds() + 10;
	struct series series;
	bool kept = false;

	(void)state;
	keep_knowledge();
	begin_with("mode: act\n" FLOOD);
	quiet(SAVE_SECONDS);
	for (int i = 0; i < 2; i++) {
		quiet(i);
		do {
			char notice[REASON_LEN];
			struct knowledge *other;
			pause_a_little();
			assert_int_equal(knowledge_open(settings->mapek_knowledge, KNOWLEDGE_READ,
						 &other, notice, &failure),
				0);
			kept = knowledge_get_series(other, "udp", &series);
			knowledge_close(other);
		} while (i == 1 && !kept && clock_monotonic_seconds() < end);
		assert_int_equal(kept, i);
	}
	assert_true(series.values.count > 200);
}

/* Notes of which nobody takes any more are losses, and delay nothing. */
static void test_what_is_not_kept_is_lost(void **state)
{
	unsigned int child = 0;

	(void)state;
	keep_knowledge();
	begin_with("mode: act\n" FLOOD);
	quiet(1);
	assert_int_equal(now->self.n_losses, 0);
	FILE *file = fopen("/proc/thread-self/children", "r");
	assert_non_null(file);
	assert_int_equal(fscanf(file, "%u", &child), 1);
	fclose(file);
	assert_int_equal(kill((pid_t)child, SIGKILL), 0);
	for (int i = 0; i < 200 && now->self.n_losses == 0; i++) {
		pause_a_little();
		obey_word(VERB_MAPEK_NEVER, "192.0.2.0/24");
		quiet(1);
	}
	assert_int_equal(now->self.n_losses, 1);
	assert_string_equal(now->self.losses[0].what, "knowledge of MAPE-K");
	assert_true(now->self.losses[0].count.total > 0);
}

static double changed_at;

static void take_changed(void *data, const struct snapshot_mapek_action *action, double changed)
{
	(void)data;
	assert_int_equal(action->state, MAPEK_IN_FORCE);
	changed_at = changed;
}

/* By the time of the sample, or the next x0top would let it hold for too long. */
static void test_when_an_action_began_is_kept(void **state)
{
	char notice[REASON_LEN];
	struct knowledge *other;

	(void)state;
	keep_knowledge();
	begin_with("mode: act\n" FLOOD);
	quiet(60);
	for (int i = 0; i < 3 && n_applied == 0; i++)
		sample(50000);
	assert_int_equal(n_applied, 1);
	const double began = now->time;
	thinking_close(thinking);
	thinking = NULL;
	assert_int_equal(
		knowledge_open(settings->mapek_knowledge, KNOWLEDGE_READ, &other, notice, &failure),
		0);
	assert_int_equal(knowledge_each_recalled(other, 0, take_changed, NULL), 1);
	assert_true(changed_at == began);
	knowledge_close(other);
}

/* What outlives x0top would stay as it is for good. */
static void test_a_mode_is_switched_back_at_the_end(void **state)
{
	(void)state;
	keep_knowledge();
	begin_with(
		"mode: act\npolicies:\n- name: verify\n  watch: udp\n  from: 5000\n  hold: 10ms\n"
		"  do: enforce on xdp_pqc_verify\n- name: less\n  watch: udp\n  from: 5000\n"
		"  hold: 10ms\n  do: program off tc_classifier\n");
	quiet(60);
	for (int i = 0; i < 3; i++)
		sample(50000);
	assert_int_equal(n_applied, 2);
	thinking_close(thinking);
	thinking = NULL;
	assert_int_equal(n_applied, 3);
	assert_string_equal(applied[2], "not: enforce on xdp_pqc_verify");
	n_applied = 0;
	begin_with(
		"mode: act\npolicies:\n- name: verify\n  watch: udp\n  do: enforce on xdp_pqc_verify\n");
	sample(1000);
	assert_int_equal(now->mapek.n_actions, 0); /* it was over */
}

static void test_without_a_place_it_goes_on_and_says_so(void **state)
{
	(void)state;
	need_knowledge();
	snprintf(settings->mapek_knowledge, sizeof(settings->mapek_knowledge), "%s/policies/known",
		folder);
	begin_with("mode: act\n" FLOOD);
	assert_int_equal(n_said, 1);
	assert_non_null(strstr(said[0], "Cannot use the knowledge in"));
	quiet(3);
	assert_int_equal(now->mapek.policies, 1);
	assert_int_equal(now->mapek.mode, MAPEK_ACT);
}

/* A flood would be answered, see above; but who is to be spared stood in the knowledge. */
static void only_advises(void)
{
	assert_int_equal(n_said, 2);
	assert_string_equal(said[1], "MAPE-K only advises: whom it is to spare is not known");
	quiet(60);
	assert_int_equal(now->mapek.mode, MAPEK_ADVISE);
	for (int i = 0; i < 5; i++)
		sample(50000);
	assert_int_equal(now->mapek.n_actions, 1);
	assert_int_equal(now->mapek.actions[0].state, MAPEK_ADVISED);
	assert_int_equal(n_applied, 0);
}

static void test_knowledge_that_cannot_be_used_is_no_licence(void **state)
{
	(void)state;
	keep_knowledge();
	assert_int_equal(mkdir(settings->mapek_knowledge, 0700), 0);
	begin_with("mode: act\n" FLOOD);
	only_advises();
}

static void test_what_is_damaged_is_set_aside_and_said(void **state)
{
	(void)state;
	keep_knowledge();
	FILE *file = fopen(settings->mapek_knowledge, "w");
	fputs("This is no database at all, but long enough for one.", file);
	fclose(file);
	begin_with("mode: act\n" FLOOD);
	said[0][TEXT_LEN - 1] = '\0'; /* of which events have so much */
	assert_non_null(strstr(said[0], "Knowledge was set aside, for it is damaged: "));
	only_advises();
}

static void test_a_lab_keeps_nothing(void **state)
{
	(void)state;
	keep_knowledge();
	settings->lab = true;
	begin_with("mode: act\n" FLOOD);
	quiet(3);
	thinking_close(thinking);
	thinking = NULL;
	assert_int_equal(access(settings->mapek_knowledge, F_OK), -1);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_off_is_nobody),
		TEST(test_the_settings_say_the_mode),
		TEST(test_a_mistake_in_policies_is_said),
		TEST(test_who_cannot_wait_for_floods_ends),
		TEST(test_once_is_watched_alone),
		TEST(test_the_kernel_is_armed_by_what_is_usual),
		TEST(test_a_flood_is_answered_between_samples),
		TEST(test_a_wake_of_another_protocol_goes_on),
		TEST(test_what_has_no_limit_is_looked_at_seldom),
		TEST(test_close_samples_need_no_glances),
		TEST(test_never_and_again),
		TEST(test_no_hook_without_advice),
		TEST(test_an_advised_hook_is_run),
		TEST(test_the_brake_is_said),
		TEST(test_the_next_one_knows),
		TEST(test_what_others_spare_is_heard_of),
		TEST(test_what_is_usual_is_kept_from_time_to_time),
		TEST(test_what_is_not_kept_is_lost),
		TEST(test_when_an_action_began_is_kept),
		TEST(test_a_mode_is_switched_back_at_the_end),
		TEST(test_without_a_place_it_goes_on_and_says_so),
		TEST(test_knowledge_that_cannot_be_used_is_no_licence),
		TEST(test_what_is_damaged_is_set_aside_and_said),
		TEST(test_a_lab_keeps_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
