// SPDX-License-Identifier: BSD-2-Clause
/* The loop of MAPE-K on snapshots that are made up: what begins, is renewed, ends, and is never done. */
#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "mapek/analyze.h"
#include "mapek/execute_list.h"
#include "mapek/mapek_state.h"
#include "mapek/measure.h"

#define SOURCE "10.9.0.66"

static struct policies policies;
static struct failure failure;
static struct mapek *mapek;
static struct snapshot *now;
static char done[64][RULE_LEN]; /* actions that were applied */
static unsigned n_done;
static enum decision decision;
static int result;
static unsigned brakes;
static double step;

static enum decision decide(void *data, const struct action *action, char *sentence, size_t size)
{
	(void)data;
	snprintf(sentence, size, "it may cut you off");
	return action->confirmed ? DECISION_DO : decision;
}

static int apply(void *data, const struct action *action, struct failure *why)
{
	(void)data;
	assert_int_equal(action->actor, ACTOR_MAPEK);
	/* Nobody is asked whether a program runs again that did. */
	assert_true(!action->confirmed || strcmp(action->verb->object, "program") == 0);
	if (result < 0)
		return failure_set(why, result, "No room");
	assert_true(n_done < 64);
	action_format(action, done[n_done++], RULE_LEN);
	return 0;
}

/* What would take it back is all that is known here. */
static int take_back(void *data, const char *text, struct failure *why)
{
	(void)data;
	if (!switched_stays(text))
		return 0; /* a program that did not enforce */
	if (result < 0)
		return failure_set(why, result, "Not now");
	assert_true(n_done < 64);
	if (!switched_back(text, done[n_done], RULE_LEN))
		snprintf(done[n_done], RULE_LEN, "not: %.200s", text);
	n_done++;
	return 1;
}

static const struct mapek_hands hands = { NULL, decide, apply, take_back };

static void on_brake(void *data, const char *sentence)
{
	(void)data, (void)sentence;
	brakes++;
}

static unsigned n_over; /* actions that were told to be over */

static void on_action(void *data, const struct snapshot_mapek_action *action)
{
	(void)data;
	n_over += action->state == MAPEK_OVER;
}

static const struct mapek_ears ears = { .brake = on_brake, .action = on_action };

static void begin(const char *text)
{
	char path[] = "/tmp/test_mapek.XXXXXX";
	int fd = mkstemp(path);

	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
	if (policies_read(&policies, path, NULL, &failure) < 0)
		fail_msg("%s", failure.what);
	unlink(path);
	n_done = brakes = 0;
	decision = DECISION_DO;
	result = 0;
	step = 1;
	now = snapshot_open();
	now->time = 1000000;
	mapek = mapek_open(&policies, &hands, &ears);
	assert_non_null(mapek);
}

static void end(void)
{
	mapek_close(mapek);
	snapshot_close(now);
}

static bool policed; /* the class bulk is, in the snapshots that follow */
static double shaped; /* bit/s of the class bulk where it is sent; 0: it is not shaped */

static void police(void)
{
	struct snapshot_qos_class *class = SNAPSHOT_ADD(now, &now->qos, classes);

	*class = (struct snapshot_qos_class) {
		.interface = "eth0", .class = "bulk", .direction = "in", .police = 5e6
	};
}

static void shape(void)
{
	struct snapshot_qos_class *class = SNAPSHOT_ADD(now, &now->qos, classes);

	*class = (struct snapshot_qos_class) { .interface = "eth0",
		.class = "bulk",
		.direction = "out",
		.police = NAN,
		.rate = shaped,
		.ceiling = 4 * shaped };
}

/* The sources of a flood, and the rule that the last action made. */
static void fill(double rate, unsigned sources, const char *comment)
{
	now->interval = step;
	now->packets.available = now->mesh.available = now->tc.available = true;
	if (policed)
		police();
	if (shaped > 0)
		shape();
	now->packets.sum.transports[TRANSPORT_UDP].packets.rate = rate;
	for (unsigned i = 0; i < sources; i++) {
		struct snapshot_source *source = SNAPSHOT_ADD(now, &now->talkers, sources);
		snprintf(source->address, sizeof(source->address), "10.9.0.%u", 66 + i);
		source->traffic.packets.rate = rate / sources;
	}
	if (comment == NULL)
		return;
	struct snapshot_rule *rule = SNAPSHOT_ADD(now, &now->mesh, rules);
	rule->number = 5;
	rule->origin = policies.mode == MAPEK_ACT ? MESH_ORIGIN_MAPEK : MESH_ORIGIN_OPERATOR;
	rule->time_left = 20;
	rule->dropped.packets.total = 77;
	snprintf(rule->comment, sizeof(rule->comment), "%s", comment);
}

static void turn_with(double rate, unsigned sources, const char *comment)
{
	double time = now->time;

	snapshot_clear(now);
	now->time = time + step;
	fill(rate, sources, comment);
	mapek_turn(mapek, now);
}

/* An hour's part of quiet, with noise that is the same each time. */
static void quiet(unsigned seconds)
{
	for (unsigned i = 0; i < seconds; i++)
		turn_with(1000 + i % 7 * 10, 1, NULL);
}

#define POLICY(more) \
	"policies:\n- name: flood\n  watch: udp\n  from: 5000\n  hold: 2s\n  calm: 5s\n  busy: 1000\n" more
#define LIMIT "  do: rule add limit 500/s from {source} proto udp\n  for: 20s\n"

static void test_a_flood_is_limited_once_it_holds(void **state)
{
	(void)state;
	begin("mode: act\n" POLICY(LIMIT));
	quiet(60);
	assert_int_equal(now->mapek.n_anomalies, 0);
	assert_false(mapek_looks(mapek));
	turn_with(50000, 1, NULL);
	assert_true(mapek_looks(mapek));
	turn_with(50000, 1, NULL);
	assert_int_equal(n_done, 0);
	turn_with(50000, 1, NULL);
	assert_int_equal(n_done, 1);
	assert_string_equal(done[0], "rule add limit 500/s burst 50 " SOURCE
				     "/32 proto udp for 20s comment \"mapek 1\"");
	assert_int_equal(now->mapek.n_anomalies, 1);
	assert_int_equal(now->mapek.n_actions, 1);
	assert_int_equal(now->mapek.actions[0].state, MAPEK_IN_FORCE);
	assert_int_equal(now->mapek.actions[0].anomaly, 1);
	assert_string_equal(now->mapek.actions[0].target, SOURCE);
	assert_non_null(strstr(now->mapek.actions[0].reason, "UDP packets 50.0K/s, usually"));
	end();
}

static void test_it_is_renewed_while_it_lasts_and_ends_with_it(void **state)
{
	(void)state;
	begin("mode: act\n" POLICY(LIMIT));
	quiet(60);
	for (int i = 0; i < 3; i++)
		turn_with(50000, 1, NULL);
	for (int i = 0; i < 12; i++)
		turn_with(50000, 1, "mapek 1");
	assert_int_equal(n_done, 2);
	assert_non_null(strstr(done[1], "rule change 5 limit 500/s burst 50 " SOURCE "/32"));
	assert_int_equal(now->mapek.n_actions, 1);
	assert_int_equal(now->mapek.actions[0].dropped, 77);
	for (int i = 0; i < 5; i++)
		turn_with(1000, 1, "mapek 1");
	assert_false(isnan(now->mapek.anomalies[0].end));
	for (int i = 0; i < 14; i++)
		turn_with(1000, 1, "mapek 1");
	assert_int_equal(now->mapek.actions[0].state, MAPEK_OVER);
	assert_true(isnan(now->mapek.actions[0].time_left));
	assert_int_equal(n_done, 2);
	end();
}

static void test_what_flaps_is_one_anomaly(void **state)
{
	(void)state;
	begin("mode: act\n" POLICY(LIMIT));
	quiet(60);
	for (int i = 0; i < 3; i++)
		turn_with(50000, 1, NULL);
	for (int i = 0; i < 20; i++)
		turn_with(i % 4 == 0 ? 50000 : 1000, 1, "mapek 1");
	assert_int_equal(now->mapek.n_anomalies, 1);
	assert_true(isnan(now->mapek.anomalies[0].end));
	assert_int_equal(now->mapek.n_actions, 1);
	end();
}

static void test_advice_does_nothing(void **state)
{
	(void)state;
	begin(POLICY(LIMIT));
	quiet(60);
	for (int i = 0; i < 40; i++)
		turn_with(50000, 1, NULL);
	assert_int_equal(n_done, 0);
	assert_int_equal(now->mapek.actions[0].state, MAPEK_ADVISED);
	assert_true(now->mapek.actions[0].time_left > 0);
	assert_int_equal(now->mapek.n_actions, 1);
	end();
}

static void test_advice_that_is_taken_is_in_force(void **state)
{
	(void)state;
	begin(POLICY(LIMIT));
	quiet(60);
	for (int i = 0; i < 5; i++)
		turn_with(50000, 1, NULL);
	assert_int_equal(now->mapek.actions[0].state, MAPEK_ADVISED);
	for (int i = 0; i < 15; i++)
		turn_with(50000, 1, "mapek 1");
	assert_int_equal(now->mapek.actions[0].state, MAPEK_IN_FORCE);
	assert_int_equal(now->mapek.actions[0].dropped, 77);
	turn_with(50000, 1, NULL); /* the operator has deleted it */
	assert_int_equal(now->mapek.actions[0].state, MAPEK_UNDONE);
	assert_int_equal(n_done, 0);
	end();
}

static void test_a_question_is_no_yes(void **state)
{
	(void)state;
	begin("mode: act\n" POLICY(LIMIT));
	decision = DECISION_ASK;
	quiet(60);
	for (int i = 0; i < 10; i++)
		turn_with(50000, 1, NULL);
	assert_int_equal(n_done, 0);
	assert_int_equal(now->mapek.n_actions, 1);
	assert_int_equal(now->mapek.actions[0].state, MAPEK_REFUSED);
	assert_non_null(strstr(now->mapek.actions[0].reason, "needs your yes"));
	end();
}

static void test_what_is_undone_is_not_done_again(void **state)
{
	(void)state;
	begin("mode: act\n" POLICY(LIMIT));
	quiet(60);
	for (int i = 0; i < 3; i++)
		turn_with(50000, 1, NULL);
	turn_with(50000, 1, "mapek 1");
	for (int i = 0; i < 100; i++)
		turn_with(50000, 1, NULL);
	assert_int_equal(now->mapek.actions[0].state, MAPEK_UNDONE);
	assert_int_equal(n_done, 1);
	assert_int_equal(now->mapek.n_actions, 1);
	end();
}

static void test_bounds(void **state)
{
	(void)state;
	begin("mode: act\nnever: [10.9.0.67]\n" POLICY(LIMIT "  most: 3\n"));
	quiet(60);
	for (int i = 0; i < 5; i++)
		turn_with(50000, 8, NULL);
	assert_int_equal(n_done, 3);
	for (unsigned i = 0; i < n_done; i++)
		assert_null(strstr(done[i], "10.9.0.67"));
	end();
}

static void test_sources_that_are_not_busy_are_left_alone(void **state)
{
	(void)state;
	begin("mode: act\n" POLICY(LIMIT "  most: 16\n"));
	quiet(60);
	for (int i = 0; i < 5; i++)
		turn_with(50000, 60, NULL); /* 833 packets a second each */
	assert_int_equal(n_done, 0);
	assert_int_equal(now->mapek.n_anomalies, 1);
	end();
}

static void test_the_brake_stops_acting(void **state)
{
	(void)state;
	begin("mode: act\nbrake: 4\n" POLICY(LIMIT "  most: 16\n"));
	quiet(60);
	for (int i = 0; i < 30; i++)
		turn_with(50000, 10, NULL);
	assert_int_equal(n_done, 4);
	assert_int_equal(brakes, 1);
	assert_true(now->mapek.braked);
	assert_string_equal(now->mapek.state, "braked");
	quiet(590);
	assert_true(now->mapek.braked); /* ten minutes without a wish release it */
	quiet(60);
	assert_false(now->mapek.braked);
	end();
}

static void test_low_values_are_found_too(void **state)
{
	(void)state;
	begin("policies:\n- name: silence\n  watch: udp\n  is: low\n  hold: 2s\n");
	quiet(60);
	for (int i = 0; i < 3; i++)
		turn_with(0, 1, NULL);
	assert_int_equal(now->mapek.n_anomalies, 1);
	assert_string_equal(now->mapek.anomalies[0].policy, "silence");
	end();
}

static void test_nothing_is_known_at_first(void **state)
{
	(void)state;
	begin("mode: act\n" POLICY(LIMIT));
	for (int i = 0; i < 20; i++)
		turn_with(50000, 1, NULL);
	assert_int_equal(now->mapek.n_anomalies, 0);
	assert_int_equal(now->mapek.n_series, 1);
	assert_true(now->mapek.series[0].score < series_alarm(1));
	assert_true(now->mapek.series[0].value == 50000);
	end();
}

static void test_a_program_is_turned_back(void **state)
{
	(void)state;
	begin("mode: act\n" POLICY("  do: program off tc_classifier\n  for: 5s\n"));
	quiet(60);
	for (int i = 0; i < 3; i++)
		turn_with(50000, 1, NULL);
	quiet(30);
	assert_int_equal(n_done, 2);
	assert_string_equal(done[0], "program off tc_classifier");
	assert_string_equal(done[1], "program on tc_classifier");
	end();
}

/* As of a recording that was made while MAPE-K acted: its rules and switches are not those of who tries it. */
static void test_who_has_no_hands_has_no_rules(void **state)
{
	(void)state;
	begin("mode: act\n" POLICY(LIMIT));
	mapek_close(mapek);
	mapek = mapek_open(&policies, NULL, &ears);
	quiet(60);
	for (int i = 0; i < 40; i++)
		turn_with(50000, 1, "mapek 1");
	assert_int_equal(n_done, 0);
	assert_int_equal(now->mapek.n_actions, 1);
	assert_int_equal(now->mapek.actions[0].state, MAPEK_ADVISED);
	assert_int_equal(now->mapek.actions[0].dropped, COUNT_UNKNOWN);
	for (int i = 0; i < 40; i++)
		turn_with(1000, 1, "mapek 1");
	assert_int_equal(now->mapek.actions[0].state, MAPEK_OVER);
	end();
}

/* --- what is switched ---------------------------------------------------------------------------- */

#define PROGRAM "xdp_pqc_verify"

/* A second of a flood, or of quiet, with the state of a program. */
static void turn_switched(double rate, enum program_state state, bool enforcing)
{
	double time = now->time;

	snapshot_clear(now);
	now->time = time + 1;
	fill(rate, 1, NULL);
	struct snapshot_program *program = SNAPSHOT_ADD(now, now, programs);
	snprintf(program->name, sizeof(program->name), PROGRAM);
	program->state = state;
	program->enforcing = enforcing;
	mapek_turn(mapek, now);
}

static void turns_switched(int n, double rate, enum program_state state, bool enforcing)
{
	for (int i = 0; i < n; i++)
		turn_switched(rate, state, enforcing);
}

static void test_a_mode_is_switched_and_back(void **state)
{
	(void)state;
	begin("mode: act\n" POLICY("  do: enforce on " PROGRAM "\n  for: 10s\n"));
	quiet(60);
	turns_switched(3, 50000, PROGRAM_ON, false);
	assert_int_equal(n_done, 1);
	assert_string_equal(done[0], "enforce on " PROGRAM);
	turns_switched(5, 50000, PROGRAM_ON, true);
	turns_switched(20, 1000, PROGRAM_ON, true);
	assert_int_equal(n_done, 2);
	assert_string_equal(done[1], "enforce off " PROGRAM);
	assert_int_equal(now->mapek.actions[0].state, MAPEK_OVER);
	end();
}

/* Or the end of the action would switch off what the operator had on. */
static void test_what_is_so_already_is_not_done(void **state)
{
	static const struct {
		const char *what;
		enum program_state state;
		bool enforcing;
		unsigned int done;
	} cases[] = {
		{ "program on", PROGRAM_ON, false, 0 },
		{ "program on", PROGRAM_PARTLY, false, 0 },
		{ "program on", PROGRAM_OFF, false, 1 },
		{ "program off", PROGRAM_FAILED, false, 0 },
		{ "program off", PROGRAM_ON, true, 1 },
		{ "enforce on", PROGRAM_ON, true, 0 },
		{ "enforce off", PROGRAM_ON, false, 0 },
		{ "enforce off", PROGRAM_ON, true, 1 },
	};
	char text[512];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		snprintf(text, sizeof(text), "mode: act\n" POLICY("  do: %s " PROGRAM "\n"),
			cases[i].what);
		begin(text);
		quiet(60);
		turns_switched(5, 50000, cases[i].state, cases[i].enforcing);
		if (n_done != cases[i].done || now->mapek.n_actions != n_done)
			fail_msg("%s, case %zu: %u done", cases[i].what, i, n_done);
		end();
	}
}

static void test_what_is_switched_back_was_wrong(void **state)
{
	(void)state;
	begin("mode: act\n" POLICY("  do: program off " PROGRAM "\n  for: 20s\n"));
	quiet(60);
	turns_switched(3, 50000, PROGRAM_ON, false);
	turns_switched(2, 50000, PROGRAM_OFF, false);
	turns_switched(40, 50000, PROGRAM_ON, false); /* by the operator */
	assert_int_equal(n_done, 1); /* neither taken back by MAPE-K, nor done again */
	assert_int_equal(now->mapek.n_actions, 1);
	assert_int_equal(now->mapek.actions[0].state, MAPEK_UNDONE);
	assert_int_equal(now->mapek.undone, 1);
	end();
}

/* By the menu, in the operator's name: it is in force then, and ends as what MAPE-K does itself. */
static void test_advice_to_switch_is_taken(void **state)
{
	(void)state;
	begin("mode: advise\n" POLICY("  do: program off " PROGRAM "\n  for: 10s\n"));
	quiet(60);
	turns_switched(4, 50000, PROGRAM_ON, false);
	assert_int_equal(now->mapek.actions[0].state, MAPEK_ADVISED);
	turns_switched(2, 50000, PROGRAM_OFF, false);
	assert_int_equal(now->mapek.actions[0].state, MAPEK_IN_FORCE);
	assert_int_equal(n_done, 0);
	turns_switched(20, 1000, PROGRAM_OFF, false);
	assert_int_equal(now->mapek.actions[0].state, MAPEK_OVER);
	assert_int_equal(n_done, 1);
	assert_string_equal(done[0], "program on " PROGRAM);
	end();
}

/* The orchestrator has taken back what lasts, before the first turn: here it is over. */
static void test_what_a_policy_that_is_gone_has_done(void **state)
{
	static const char *const before[] = { ("enforce on " PROGRAM),
		"qos police eth0 in bulk 5Mbit/s", "rule add drop 10.0.0.1/32 for 1m" };
	struct snapshot_mapek_action action = {
		.policy = "one that is gone", .state = MAPEK_IN_FORCE, .dropped = COUNT_UNKNOWN
	};

	(void)state;
	begin("mode: advise\n" POLICY(""));
	for (size_t i = 0; i < 3; i++) {
		action.number = i + 1;
		snprintf(action.action, sizeof(action.action), "%s", before[i]);
		mapek_recall(mapek, &action, 1e6);
	}
	action.state = MAPEK_UNDONE; /* it rests no more */
	action.number = 4;
	mapek_recall(mapek, &action, 5);
	n_over = 0;
	turn_switched(1000, PROGRAM_ON, true);
	assert_int_equal(n_over, 3);
	turn_switched(1000, PROGRAM_ON, true);
	assert_int_equal(n_over, 3);
	assert_int_equal(n_done, 0);
	end();
}

/* An x0top that was killed has let its programs go: the next one has nothing to take back. */
static void test_a_switch_from_before_the_start(void **state)
{
	static const struct snapshot_mapek_action before = { .number = 3,
		.policy = "flood",
		.state = MAPEK_IN_FORCE,
		.action = "program off " PROGRAM,
		.dropped = COUNT_UNKNOWN };

	(void)state;
	for (int lasts = 0; lasts < 2; lasts++) {
		begin("mode: act\n" POLICY("  do: program off " PROGRAM "\n  for: 10s\n"));
		mapek_number_from(mapek, 1, 3);
		mapek_recall(mapek, &before, 4);
		turn_switched(1000, lasts ? PROGRAM_OFF : PROGRAM_ON, false);
		assert_int_equal(now->mapek.actions[0].state, lasts ? MAPEK_IN_FORCE : MAPEK_OVER);
		turns_switched(10, 1000, lasts ? PROGRAM_OFF : PROGRAM_ON, false);
		assert_int_equal(now->mapek.actions[0].state, MAPEK_OVER);
		assert_int_equal(n_done, lasts);
		end();
	}
}

/* --- what is done to classes -------------------------------------------------------------------- */

#define POLICE POLICY("  do: qos police eth0 in bulk 5Mbit/s 30kB\n  for: 20s\n")

static void test_a_class_is_policed_for_a_time(void **state)
{
	(void)state;
	policed = false;
	begin("mode: act\n" POLICE);
	quiet(60);
	for (int i = 0; i < 3; i++)
		turn_with(50000, 1, NULL);
	assert_int_equal(n_done, 1);
	assert_string_equal(done[0], "qos police eth0 in bulk 5Mbit/s 30kB");
	policed = true;
	turn_with(50000, 1, NULL);
	assert_int_equal(now->mapek.actions[0].state, MAPEK_IN_FORCE);
	for (int i = 0; i < 40; i++)
		turn_with(1000, 1, NULL);
	assert_int_equal(n_done, 2);
	assert_string_equal(done[1], "qos police eth0 in bulk none");
	assert_int_equal(now->mapek.actions[0].state, MAPEK_OVER);
	policed = false;
	end();
}

/* What it was before is known to who does it. */
static void test_a_rate_is_changed_for_a_time(void **state)
{
	static const char rate[] = "qos rate eth0 bulk 2Mbit/s 8Mbit/s";

	(void)state;
	for (int undone = 0; undone < 2; undone++) {
		begin("mode: act\n" POLICY(
			"  do: qos rate eth0 bulk 2000kbit/s 8Mbit/s\n  for: 20s\n"));
		shaped = 1e6;
		quiet(60);
		for (int i = 0; i < 3; i++)
			turn_with(50000, 1, NULL);
		assert_int_equal(n_done, 1);
		assert_string_equal(done[0], rate);
		shaped = 2.01e6; /* as it is read back */
		turn_with(50000, 1, NULL);
		assert_int_equal(now->mapek.actions[0].state, MAPEK_IN_FORCE);
		assert_string_equal(now->mapek.actions[0].action, rate);
		assert_int_equal(mapek_undo(mapek, 2, &failure), -ENOENT);
		if (undone)
			assert_int_equal(mapek_undo(mapek, 1, &failure), 0);
		for (int i = 0; i < (undone ? 1 : 40); i++)
			turn_with(1000, 1, NULL);
		assert_int_equal(n_done, 2);
		assert_string_equal(done[1], "not: qos rate eth0 bulk 2Mbit/s 8Mbit/s");
		assert_int_equal(now->mapek.actions[0].state, undone ? MAPEK_UNDONE : MAPEK_OVER);
		assert_int_equal(mapek_undo(mapek, 1, &failure), -ENOENT);
		end();
	}
	/* What is so already is left alone. */
	begin("mode: act\n" POLICY("  do: qos rate eth0 bulk 2Mbit/s 8Mbit/s\n"));
	shaped = 2e6;
	quiet(60);
	for (int i = 0; i < 3; i++)
		turn_with(50000, 1, NULL);
	assert_int_equal(n_done, 0);
	assert_int_equal(now->mapek.actions[0].state, MAPEK_REFUSED);
	shaped = 0;
	end();
}

/* It stays in force until it could be, and is tried every ten seconds; at the end of x0top, the next one will. */
static void test_what_cannot_be_taken_back_is_tried_again(void **state)
{
	static const struct {
		const char *does, *back;
	} cases[] = {
		{ "enforce on " PROGRAM, "enforce off " PROGRAM },
		{ "program off " PROGRAM, "program on " PROGRAM },
	};
	char text[512];

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		snprintf(text, sizeof(text), "mode: act\n" POLICY("  do: %s\n  for: 5s\n"),
			cases[i].does);
		begin(text);
		quiet(60);
		turns_switched(3, 50000, PROGRAM_ON, false);
		assert_int_equal(n_done, 1);
		const uint32_t is = i == 0 ? PROGRAM_ON : PROGRAM_OFF;
		result = -EBUSY;
		decision = DECISION_ASK;
		turns_switched(8, 1000, is, i == 0);
		assert_int_equal(now->mapek.actions[0].state, MAPEK_IN_FORCE);
		assert_true(now->mapek.actions[0].time_left == 0);
		mapek_end(mapek);
		assert_int_equal(mapek->execute.list[0].shown.state, MAPEK_IN_FORCE);
		result = 0;
		turns_switched(2, 1000, is, i == 0);
		assert_int_equal(n_done, 1); /* not yet */
		turns_switched(8, 1000, is, i == 0);
		assert_int_equal(n_done, 2);
		assert_string_equal(done[1], cases[i].back);
		assert_int_equal(now->mapek.actions[0].state, MAPEK_OVER);
		end();
	}
}

/* A rule, too: it is deleted. */
static void test_an_action_is_taken_back_on_a_word(void **state)
{
	(void)state;
	begin("mode: act\n" POLICY(LIMIT));
	quiet(60);
	for (int i = 0; i < 3; i++)
		turn_with(50000, 1, NULL);
	assert_int_equal(mapek_undo(mapek, 1, &failure), 0);
	turn_with(50000, 1, "mapek 1");
	assert_string_equal(done[1], "rule delete 5");
	for (int i = 0; i < 30; i++)
		turn_with(50000, 1, NULL);
	assert_int_equal(n_done, 2); /* it was wrong */
	assert_int_equal(now->mapek.undone, 1);
	end();
}

/* The menu applies what is advised by its text. */
static void test_what_is_advised_is_known_by_its_text(void **state)
{
	(void)state;
	begin("mode: advise\n" POLICY("  do: qos police eth0 in bulk 5000kbit/s 30kB\n"));
	quiet(60);
	for (int i = 0; i < 3; i++)
		turn_with(50000, 1, NULL);
	assert_true(mapek_advises(mapek, "qos police eth0 in bulk 5Mbit/s 30kB"));
	assert_false(mapek_advises(mapek, "qos police eth0 in bulk 5Mbit/s"));
	policed = true;
	turn_with(50000, 1, NULL);
	assert_int_equal(now->mapek.actions[0].state, MAPEK_IN_FORCE);
	assert_false(mapek_advises(mapek, "qos police eth0 in bulk 5Mbit/s 30kB"));
	policed = false;
	end();
}

/* It would outlive x0top, as a mode; a program ends with it, a rule with its time. */
static void test_what_would_outlive_x0top_ends_with_it(void **state)
{
	static const struct {
		const char *does, *back;
	} cases[] = {
		{ POLICE, "qos police eth0 in bulk none" },
		{ POLICY("  do: qos mark eth0 in bulk cs1\n"), "qos mark eth0 in bulk none" },
		{ POLICY("  do: enforce off xdp_pqc_verify\n"), "enforce on xdp_pqc_verify" },
		{ POLICY("  do: qos rate eth0 bulk 2Mbit/s\n"), "not: qos rate eth0 bulk 2Mbit/s" },
		{ POLICY("  do: program off tc_classifier\n"), NULL },
		{ POLICY(LIMIT), NULL },
	};
	char text[512];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		snprintf(text, sizeof(text), "mode: act\n%s", cases[i].does);
		policed = false;
		begin(text);
		quiet(60);
		for (int k = 0; k < 3; k++)
			turn_with(50000, 1, NULL);
		assert_int_equal(n_done, 1);
		policed = true;
		mapek_end(mapek);
		assert_int_equal(n_done, cases[i].back != NULL ? 2 : 1);
		if (cases[i].back != NULL)
			assert_string_equal(done[1], cases[i].back);
		mapek_end(mapek); /* there is no more to take back */
		assert_int_equal(n_done, cases[i].back != NULL ? 2 : 1);
		policed = false;
		end();
	}
}

/* What the operator has asked for is neither changed nor taken back; nor is what he has ended done again. */
static void test_a_class_stays_as_the_operator_wants_it(void **state)
{
	(void)state;
	policed = true;
	begin("mode: act\n" POLICE);
	quiet(60);
	for (int i = 0; i < 3; i++)
		turn_with(50000, 1, NULL);
	assert_int_equal(n_done, 0);
	assert_int_equal(now->mapek.actions[0].state, MAPEK_REFUSED);
	end();
	policed = false;
	begin("mode: act\n" POLICE);
	quiet(60);
	for (int i = 0; i < 3; i++)
		turn_with(50000, 1, NULL);
	policed = true;
	turn_with(50000, 1, NULL);
	policed = false;
	turn_with(50000, 1, NULL);
	assert_int_equal(now->mapek.actions[0].state, MAPEK_UNDONE);
	for (int i = 0; i < 30; i++)
		turn_with(50000, 1, NULL);
	assert_int_equal(n_done, 1);
	end();
}

/* --- glances ------------------------------------------------------------------------------------ */

#define FAST(more)                                                                                    \
	"mode: act\npolicies:\n- name: flood\n  watch: udp\n  from: 5000\n  hold: 10ms\n  calm: 5s\n" \
	"  busy: 1000\n" more

static double looking; /* s since the look before; 0: unknown */

/* 10 ms after the one before. */
static bool glance_with(double rate, unsigned sources)
{
	struct snapshot *glance = snapshot_open();
	struct snapshot *sample = now;
	bool hot;

	now = glance;
	now->time = mapek->turned + mapek->glanced + 0.01;
	step = 0.01;
	fill(rate, sources, NULL);
	now->talkers.available = looking > 0;
	now->talkers.interval = looking;
	hot = mapek_glance(mapek, glance);
	now = sample;
	step = 1;
	snapshot_close(glance);
	return hot;
}

static void test_a_glance_acts_between_samples(void **state)
{
	(void)state;
	begin(FAST(LIMIT));
	quiet(60);
	assert_false(glance_with(1020, 1));
	assert_true(glance_with(50000, 1));
	assert_int_equal(n_done, 0); /* it does not hold yet */
	assert_true(glance_with(50000, 1));
	assert_int_equal(n_done, 1);
	assert_int_equal(mapek_begun(mapek), 1);
	end();
}

/* Reading the busiest sources takes milliseconds: a glance has them once something may be done about them. */
static void test_a_glance_looks_when_it_is_due(void **state)
{
	(void)state;
	begin(FAST(LIMIT));
	quiet(60);
	glance_with(1020, 1);
	assert_false(mapek_glance_looks(mapek, 0.05));
	glance_with(50000, 1);
	assert_false(mapek_glance_looks(mapek, 0.005));
	assert_true(mapek_glance_looks(mapek, 0.01));
	glance_with(50000, 0);
	assert_true(mapek_glance_looks(mapek, 0)); /* it lasts, and nothing is done */
	end();
	begin(FAST("")); /* nothing is done */
	quiet(60);
	glance_with(50000, 1);
	assert_false(mapek_glance_looks(mapek, 1));
	end();
}

/* Once something is done, who else takes part is not judged by a few milliseconds: a burst looks like a flood. */
static void test_a_burst_beside_a_flood_is_left_alone(void **state)
{
	(void)state;
	begin(FAST(LIMIT "  most: 8\n"));
	quiet(60);
	glance_with(1020, 1);
	glance_with(50000, 1);
	looking = 0.02;
	glance_with(50000, 1);
	assert_int_equal(n_done, 1);
	assert_false(mapek_glance_looks(mapek, 0.05));
	assert_true(mapek_glance_looks(mapek, 0.2));
	looking = 0.05;
	glance_with(50000, 2);
	assert_int_equal(n_done, 1);
	looking = 0.2;
	glance_with(50000, 2);
	assert_int_equal(n_done, 2);
	looking = 0;
	end();
}

static void test_a_glance_teaches_nothing(void **state)
{
	double high;

	(void)state;
	begin(FAST("  for: 5s\n"));
	quiet(60);
	high = now->mapek.series[0].high;
	for (int i = 0; i < 100; i++)
		glance_with(4000, 1);
	turn_with(1000, 1, NULL);
	assert_true(fabs(now->mapek.series[0].high - high) < high / 10);
	end();
}

static void test_a_glance_knows_nothing_of_the_rest(void **state)
{
	(void)state;
	begin("mode: act\npolicies:\n- name: silence\n  watch: filtered\n  is: low\n  hold: 10ms\n");
	quiet(60);
	for (int i = 0; i < 5; i++)
		assert_false(glance_with(0, 1));
	assert_int_equal(now->mapek.found, 0);
	end();
}

/* Seconds in which glances were taken are not counted twice. */
static void test_time_passes_once(void **state)
{
	(void)state;
	begin("mode: act\n" POLICY(LIMIT)); /* holds for 2 s */
	quiet(60);
	for (int i = 0; i < 100; i++)
		glance_with(50000, 1);
	turn_with(50000, 1, NULL); /* a second since it began, less a glance */
	turn_with(50000, 1, NULL);
	assert_int_equal(n_done, 0);
	turn_with(50000, 1, NULL);
	assert_int_equal(n_done, 1);
	end();
}

/* One that began before a sample has no more of time than has passed since. */
static void test_a_glance_over_a_sample_is_no_longer_than_it_is(void **state)
{
	double began;

	(void)state;
	begin(FAST(LIMIT));
	quiet(10);
	began = mapek->clock;
	struct snapshot *glance = snapshot_open();
	for (int i = 0; i < 10; i++) {
		for (double at = 0.1; at < 1; at += 0.7) {
			snapshot_clear(glance);
			glance->time = now->time + at;
			glance->interval = 0.7;
			mapek_glance(mapek, glance);
		}
		quiet(1);
	}
	assert_true(fabs(mapek->clock - began - 10) < 1e-6);
	snapshot_close(glance);
	end();
}

/* --- what the kernel has no limit for ---------------------------------------------------------------- */

#define REFUSED(more) \
	"mode: act\npolicies:\n- name: forged\n  watch: bad-signatures\n  from: 50\n  hold: 200ms\n" more
#define VERIFY "  do: program on xdp_pqc_verify\n  for: 20s\n"

static void quiet_signatures(unsigned seconds)
{
	for (unsigned i = 0; i < seconds; i++) {
		double time = now->time;
		snapshot_clear(now);
		now->time = time + 1;
		now->interval = 1;
		now->pqc.available = true;
		now->pqc.results[PQC_REFUSED].rate = i % 3;
		mapek_turn(mapek, now);
	}
}

static bool glance_at_signatures(double seconds, double rate)
{
	struct snapshot *glance = snapshot_open();
	bool hot;

	glance->time = mapek->turned + mapek->glanced + seconds;
	glance->interval = seconds;
	glance->pqc.available = true;
	glance->pqc.results[PQC_REFUSED].rate = rate;
	hot = mapek_glance(mapek, glance);
	snapshot_close(glance);
	return hot;
}

static void test_refusals_are_acted_upon_between_samples(void **state)
{
	(void)state;
	begin(REFUSED(VERIFY));
	assert_true(mapek_watches(mapek));
	quiet_signatures(60);
	assert_false(glance_at_signatures(0.7, 1));
	assert_true(glance_at_signatures(0.7, 1000));
	for (int i = 0; i < 3; i++)
		assert_true(glance_at_signatures(0.05, 1000));
	assert_int_equal(n_done, 0);
	assert_true(glance_at_signatures(0.05, 1000));
	assert_int_equal(n_done, 1);
	end();
}

/* Ten in 50 ms are 200 a second, and may be chance; so may be a thousand a second in a millisecond. */
static void test_few_events_in_a_short_time_say_nothing(void **state)
{
	(void)state;
	begin(REFUSED(VERIFY));
	quiet_signatures(60);
	for (int i = 0; i < 10; i++) {
		assert_false(glance_at_signatures(0.05, 200));
		assert_false(glance_at_signatures(0.001, 1000));
	}
	assert_int_equal(n_done, 0);
	end();
}

static void test_a_short_silence_is_none(void **state)
{
	(void)state;
	begin("mode: act\npolicies:\n- name: silence\n  watch: udp\n  is: low\n  hold: 0ms\n" VERIFY);
	quiet(60);
	for (int i = 0; i < 10; i++)
		assert_false(glance_with(0, 1));
	assert_int_equal(n_done, 0);
	turn_with(0, 0, NULL);
	assert_int_equal(n_done, 1);
	end();
}

static void test_who_watches_nothing_else_needs_no_glances(void **state)
{
	static const char *const needless[] = { FAST(LIMIT), REFUSED(""),
		"policies:\n- name: silence\n  watch: bad-signatures\n  is: low\n" VERIFY,
		"policies:\n- name: slow\n  watch: call-p99\n" VERIFY };

	(void)state;
	for (size_t i = 0; i < sizeof(needless) / sizeof(needless[0]); i++) {
		begin(needless[i]);
		assert_false(mapek_watches(mapek));
		end();
	}
}

static void test_the_second_flood_is_as_unusual_as_the_first(void **state)
{
	(void)state;
	begin(FAST(LIMIT));
	quiet(60);
	for (unsigned flood = 1; flood <= 12; flood++) {
		for (int i = 0; i < 4; i++)
			turn_with(50000, 1, NULL);
		assert_int_equal(now->mapek.found, flood);
		quiet(8);
	}
	end();
}

/* Samples have a part of it, which no policy calls an anomaly: they are not usual. */
static void test_the_edges_of_a_flood_teach_nothing(void **state)
{
	(void)state;
	begin(FAST(LIMIT));
	quiet(60);
	for (unsigned flood = 1; flood <= 12; flood++) {
		turn_with(4100, 1, NULL);
		turn_with(4100, 1, NULL);
		for (int i = 0; i < 4; i++)
			turn_with(6000, 1, NULL);
		assert_int_equal(now->mapek.found, flood);
		turn_with(4900, 1, NULL);
		quiet(8);
	}
	end();
}

static void test_what_lasts_becomes_usual(void **state)
{
	(void)state;
	begin(FAST(LIMIT));
	quiet(60);
	for (int i = 0; i < 300; i++)
		turn_with(50000, 1, "mapek 1");
	assert_true(now->mapek.series[0].high < 5000);
	for (int i = 0; i < 1000; i++)
		turn_with(50000, 1, "mapek 1");
	assert_true(now->mapek.series[0].high > 40000);
	end();
}

/* Two packets in a millisecond are 2000 a second, and say nothing. */
static void test_few_packets_make_nobody_busy(void **state)
{
	double time;

	(void)state;
	begin(FAST(LIMIT));
	quiet(60);
	for (int i = 0; i < 4; i++) {
		time = now->time;
		snapshot_clear(now);
		now->time = time + step;
		fill(50000, 25, NULL); /* 2000 a second each */
		now->talkers.interval = 0.001;
		mapek_turn(mapek, now);
	}
	assert_int_equal(now->mapek.found, 1);
	assert_int_equal(n_done, 0);
	turn_with(50000, 25, NULL);
	assert_int_equal(n_done, 1);
	end();
}

static void test_limits_are_of_policies_that_act(void **state)
{
	double rates[TRANSPORT_PROTOCOLS];

	(void)state;
	begin(FAST(LIMIT) "- name: shown\n  watch: tcp\n  from: 10\n"
			  "- name: icmp\n  watch: icmp\n  do: rule add limit 9/s proto icmp\n");
	mapek_limits(mapek, rates);
	assert_true(rates[TRANSPORT_UDP] == 5000);
	assert_true(isinf(rates[TRANSPORT_TCP]));
	assert_true(isinf(rates[TRANSPORT_ICMP])); /* not known yet */
	quiet(60);
	for (int i = 0; i < 60; i++)
		turn_with(9000, 1, NULL);
	mapek_limits(mapek, rates);
	assert_true(rates[TRANSPORT_UDP] >= 5000);
	assert_true(rates[TRANSPORT_ICMP] > 0 && rates[TRANSPORT_ICMP] < 100);
	end();
}

static void add_sender(unsigned last, double rate, double bytes)
{
	struct snapshot_source *sender = SNAPSHOT_ADD(now, &now->talkers, senders);

	snprintf(sender->address, sizeof(sender->address), "02:00:00:00:00:%02x", last);
	sender->traffic.packets.rate = rate;
	sender->traffic.bytes.rate = rate * bytes;
}

#define SENDERS \
	"  do: rule add limit 2000/s mac {mac} proto udp\n  most: 2\n  small: 100\n  for: 20s\n"

static void turn_with_senders(unsigned sources, double bytes)
{
	double time = now->time;

	snapshot_clear(now);
	now->time = time + step;
	fill(50000, sources, NULL);
	add_sender(7, 48000, bytes);
	add_sender(8, 900, bytes);
	mapek_turn(mapek, now);
}

static void test_many_sources_are_limited_by_their_sender(void **state)
{
	(void)state;
	begin(FAST(SENDERS));
	quiet(60);
	turn_with_senders(2, 60);
	turn_with_senders(2, 60);
	assert_int_equal(n_done, 0); /* few sources: a matter of another policy */
	turn_with_senders(60, 1500);
	assert_int_equal(n_done, 0); /* large packets */
	turn_with_senders(60, 60);
	assert_int_equal(n_done, 1);
	assert_non_null(strstr(done[0], "limit 2k/s burst"));
	assert_non_null(strstr(done[0], "mac 02:00:00:00:00:07"));
	end();
}

#define SENDERS_OF_MANY                                                                   \
	"mode: act\npolicies:\n- name: flood\n  watch: udp\n  from: 5000\n  hold: 10ms\n" \
	"  busy: 60000\n  do: rule add limit 2000/s mac {mac} proto udp\n  most: 2\n  for: 20s\n"

/* Most of its flows were replaced before a sample read them. */
static void test_what_was_not_seen_is_the_senders_too(void **state)
{
	(void)state;
	begin(SENDERS_OF_MANY);
	quiet(60);
	for (int i = 0; i < 3; i++)
		turn_with_senders(60, 60);
	assert_int_equal(n_done, 0);
	for (int i = 0; i < 3; i++) {
		const double time = now->time;
		snapshot_clear(now);
		now->time = time + step;
		fill(50000, 60, NULL);
		add_sender(7, 48000, 60);
		add_sender(8, 900, 60);
		now->talkers.lost.packets.rate = 60000;
		mapek_turn(mapek, now);
	}
	assert_int_equal(n_done, 1);
	assert_non_null(strstr(done[0], "mac 02:00:00:00:00:07"));
	end();
}

/* --- an operator's word, and what was before the start ---------------------------------------------- */

static void test_what_is_spared_is_taken_back(void **state)
{
	(void)state;
	begin("mode: act\n" POLICY(LIMIT));
	quiet(60);
	for (int i = 0; i < 3; i++)
		turn_with(50000, 1, NULL);
	turn_with(50000, 1, "mapek 1");
	assert_int_equal(mapek_spare(mapek, "10.9.0.0/24", 5), 0);
	assert_int_equal(mapek_spare(mapek, "10.9.0.0/24", 6), 0); /* the same */
	turn_with(50000, 1, "mapek 1");
	assert_int_equal(n_done, 2);
	assert_string_equal(done[1], "rule delete 5");
	assert_int_equal(now->mapek.actions[0].state, MAPEK_UNDONE);
	assert_int_equal(now->mapek.undone, 1);
	assert_int_equal(now->mapek.n_spared, 1);
	assert_string_equal(now->mapek.spared[0].target, "10.9.0.0/24");
	assert_true(now->mapek.spared[0].since == 6);
	for (int i = 0; i < 4000; i++) /* longer than what was undone rests */
		turn_with(50000 * (i % 30 < 20) + 1000, 1, NULL);
	assert_int_equal(n_done, 2);
	assert_int_equal(mapek_spare_no_more(mapek, "10.9.0.0/24"), 0);
	assert_int_equal(mapek_spare_no_more(mapek, "10.9.0.0/24"), -ENOENT);
	end();
}

static void test_advice_about_what_is_spared_ends(void **state)
{
	(void)state;
	begin(POLICY(LIMIT));
	quiet(60);
	for (int i = 0; i < 3; i++)
		turn_with(50000, 1, NULL);
	mapek_spare_only(mapek, &(struct snapshot_mapek_spared) { SOURCE "/32", 1 }, 1);
	turn_with(50000, 1, NULL);
	assert_int_equal(now->mapek.actions[0].state, MAPEK_UNDONE);
	for (int i = 0; i < 5; i++)
		turn_with(50000, 1, NULL);
	assert_int_equal(now->mapek.n_actions, 1);
	end();
}

static struct snapshot_mapek_action past(uint32_t state)
{
	return (struct snapshot_mapek_action) { .number = 4,
		.policy = "flood",
		.target = SOURCE,
		.state = state,
		.action = "rule add limit 500/s from " SOURCE
			  " proto udp for 20s comment \"mapek 4\"",
		.dropped = COUNT_UNKNOWN };
}

static void test_what_was_undone_rests_after_a_restart(void **state)
{
	const struct snapshot_mapek_action undone = past(MAPEK_UNDONE);
	struct snapshot_mapek_action other = undone;

	(void)state;
	begin("mode: act\n" POLICY(LIMIT));
	snprintf(other.policy, sizeof(other.policy), "one that is gone");
	mapek_recall(mapek, &other, 10);
	mapek_recall(mapek, &undone, EXECUTE_REST_SECONDS - 100);
	mapek_number_from(mapek, 0, 4);
	quiet(60);
	for (int i = 0; i < 5; i++)
		turn_with(50000, 1, NULL);
	assert_int_equal(n_done, 0);
	assert_int_equal(now->mapek.n_actions, 1);
	assert_int_equal(now->mapek.actions[0].state, MAPEK_UNDONE);
	for (int i = 0; i < 45; i++)
		turn_with(50000, 1, NULL);
	assert_int_equal(n_done, 1); /* it has rested */
	end();
}

static void test_a_rule_from_before_is_followed(void **state)
{
	const struct snapshot_mapek_action in_force = past(MAPEK_IN_FORCE);

	(void)state;
	begin("mode: act\n" POLICY(LIMIT));
	mapek_recall(mapek, &in_force, 15);
	turn_with(1000, 1, "mapek 4");
	assert_int_equal(now->mapek.actions[0].state, MAPEK_IN_FORCE);
	assert_true(now->mapek.actions[0].time_left > 15); /* as the kernel says */
	turn_with(1000, 1, NULL);
	assert_int_equal(now->mapek.actions[0].state, MAPEK_UNDONE);
	end();
	begin("mode: act\n" POLICY(LIMIT));
	mapek_recall(mapek, &in_force, 15);
	turn_with(1000, 1, NULL); /* it went while nobody looked, which is no word against it */
	assert_int_equal(now->mapek.actions[0].state, MAPEK_OVER);
	assert_int_equal(n_done, 0);
	end();
}

/* --- hooks, nodes ----------------------------------------------------------------------------------- */

static void test_a_hook_runs_once_for_an_anomaly(void **state)
{
	struct hook_order order;

	(void)state;
	begin("mode: act\n" POLICY("  run: [/bin/page, '{source}']\n  for: 5s\n"));
	quiet(60);
	for (int i = 0; i < 30; i++)
		turn_with(50000, 1, NULL);
	assert_int_equal(n_done, 1);
	assert_string_equal(done[0], "mapek run flood for " SOURCE);
	assert_int_equal(mapek_order(mapek, done[0], &order, &failure), 0);
	assert_int_equal(order.policy, 0);
	assert_int_equal(order.action, 1);
	assert_int_equal(order.anomaly, 1);
	assert_string_equal(order.target, SOURCE);
	assert_true(order.value == 50000 && order.high < 5000 && order.score > 0);
	assert_int_equal(mapek_order(mapek, "mapek run flood", &order, &failure), -ENOENT);
	mapek_hook_ended(mapek, &(struct hook_report) { 1, "exit 0", "paged" });
	turn_with(50000, 1, NULL);
	assert_string_equal(now->mapek.actions[0].ended, "exit 0");
	assert_string_equal(now->mapek.actions[0].output, "paged");
	quiet(20);
	assert_int_equal(now->mapek.actions[0].state, MAPEK_OVER);
	assert_int_equal(n_done, 1); /* there is nothing to take back */
	end();
}

static void test_a_hook_that_is_advised_may_be_run(void **state)
{
	struct hook_order order;

	(void)state;
	begin(POLICY("  run: [/bin/page]\n"));
	quiet(60);
	for (int i = 0; i < 3; i++)
		turn_with(50000, 1, NULL);
	assert_int_equal(n_done, 0);
	assert_int_equal(now->mapek.actions[0].state, MAPEK_ADVISED);
	assert_int_equal(mapek_order(mapek, "mapek run flood", &order, &failure), 0);
	mapek_hook_begun(mapek, order.action);
	turn_with(50000, 1, NULL);
	assert_int_equal(now->mapek.actions[0].state, MAPEK_IN_FORCE);
	end();
}

#define NODE "0123456789abcdef"

static void turn_with_node(double rate, const char *address, const char *comment)
{
	double time = now->time;

	snapshot_clear(now);
	now->time = time + step;
	fill(1000, 1, comment);
	now->pqc.available = true;
	now->pqc.results[PQC_REPLAYED].rate = rate;
	for (int i = 0; i < 2; i++) {
		struct snapshot_pqc_node *node = SNAPSHOT_ADD(now, &now->pqc, nodes);
		snprintf(node->node, sizeof(node->node), i == 0 ? NODE : "fedcba9876543210");
		snprintf(node->address, sizeof(node->address), "%s", i == 0 ? address : "10.9.0.8");
		node->refused.rate =
			i == 0 ? rate : 500; /* of that, others send the most in its name */
		node->refused_there.rate = i == 0 ? rate : 1;
	}
	mapek_turn(mapek, now);
}

static void test_a_node_is_limited_where_it_is(void **state)
{
	(void)state;
	begin("mode: act\npolicies:\n- name: node\n  watch: replayed\n  from: 50\n  hold: 1s\n"
	      "  do: rule add limit 200/s from {node}\n  busy: 40\n  most: 4\n");
	for (int i = 0; i < 60; i++)
		turn_with_node(0, "10.9.0.7", NULL);
	for (int i = 0; i < 3; i++)
		turn_with_node(500, "", NULL); /* nobody knows where it is */
	assert_int_equal(n_done, 0);
	turn_with_node(500, "10.9.0.7", NULL);
	assert_int_equal(n_done, 1);
	assert_string_equal(
		done[0], "rule add limit 200/s burst 20 10.9.0.7/32 for 1m comment \"mapek 1\"");
	assert_string_equal(now->mapek.actions[0].target, NODE);
	turn_with_node(500, "10.9.0.7", "mapek 1");
	assert_int_equal(n_done, 1);
	turn_with_node(500, "10.9.0.9", "mapek 1"); /* it moves */
	assert_int_equal(n_done, 2);
	assert_string_equal(done[1],
		"rule change 5 limit 200/s burst 20 10.9.0.9/32 for 1m comment \"mapek 1\"");
	assert_int_equal(mapek_spare(mapek, NODE, 1), 0);
	turn_with_node(500, "10.9.0.9", "mapek 1");
	assert_string_equal(done[2], "rule delete 5");
	end();
}

/* --- outcomes --------------------------------------------------------------------------------------- */

/* The rule drops all but 500 packets a second of what two sources send through it. */
static void turn_limited(double rate, double honest)
{
	static const char *const sources[] = { SOURCE, "10.9.0.200" };
	double time = now->time;

	snapshot_clear(now);
	now->time = time + step;
	fill(rate, 1, "mapek 1");
	struct snapshot_rule *rule = &now->mesh.rules[0];
	rule->traffic.packets.rate = rate;
	rule->dropped.packets.rate = rate - 500;
	rule->dropped.packets.total = 49500;
	now->talkers.available = true;
	for (int i = 0; i < 4; i++) { /* two flows of each */
		struct snapshot_flow *flow = SNAPSHOT_ADD(now, &now->talkers, flows);
		snprintf(flow->source, sizeof(flow->source), "%s", sources[i % 2]);
		flow->rule = 5;
		flow->traffic.packets.rate = i % 2 == 0 ? (rate - honest) / 2 : honest / 2;
	}
	mapek_turn(mapek, now);
}

static void test_an_outcome(void **state)
{
	char text[REASON_LEN];

	(void)state;
	begin("mode: act\n" POLICY(LIMIT));
	assert_true(mapek_looks(mapek)); /* who is there in calm times */
	for (int i = 0; i < 60; i++) {
		double time = now->time;
		snapshot_clear(now);
		now->time = time + step;
		fill(1000 + i % 7 * 10, 0, NULL);
		now->talkers.available = true;
		struct snapshot_source *source = SNAPSHOT_ADD(now, &now->talkers, sources);
		snprintf(source->address, sizeof(source->address), "10.9.0.200");
		source->traffic.packets.rate = 100;
		mapek_turn(mapek, now);
	}
	assert_false(mapek_looks(mapek));
	for (int i = 0; i < 3; i++)
		turn_with(50000, 1, NULL);
	assert_true(now->mapek.actions[0].before == 50000);
	assert_true(isnan(now->mapek.actions[0].relief));
	assert_int_equal(now->mapek.actions[0].honest, COUNT_UNKNOWN);
	for (int i = 0; i < 4; i++)
		turn_limited(50000, 300); /* three times what it usually sends */
	assert_true(now->mapek.actions[0].after == 500);
	assert_true(now->mapek.actions[0].relief == 1);
	assert_int_equal(now->mapek.actions[0].honest, 396); /* 4 s of 100 a second, 99 % of them */
	assert_int_equal(now->mapek.honest, 396);
	assert_true(now->mapek.relief == 1);
	assert_int_equal(now->mapek.dropped, 49500);
	assert_int_equal(now->mapek.n_outcomes, 1);
	assert_string_equal(now->mapek.outcomes[0].policy, "flood");
	assert_int_equal(now->mapek.outcomes[0].found, 1);
	assert_int_equal(now->mapek.outcomes[0].done, 1);
	assert_int_equal(now->mapek.outcomes[0].advised, 0);
	assert_int_equal(now->mapek.outcomes[0].dropped, 49500);
	assert_int_equal(now->mapek.outcomes[0].honest, 396);
	assert_string_equal(mapek_effect(&now->mapek.actions[0], text, sizeof(text)),
		"50.0K before, 500 after, 100% gone; 49.5K dropped, about 396 of them usual");
	for (int i = 0; i < 3; i++)
		turn_limited(1000, 100); /* nothing floods: nothing helps */
	assert_true(now->mapek.actions[0].after == 500);
	end();
}

/* The sample before a flood's first has its beginning. */
static void test_a_flood_that_begins_is_not_usual(void **state)
{
	(void)state;
	begin("mode: act\n" POLICY(LIMIT));
	quiet(60);
	mapek->looked = -1000; /* it looks at who is there */
	for (int i = 0; i < 4; i++) {
		double time = now->time;
		snapshot_clear(now);
		now->time = time + step;
		fill(i == 0 ? 4000 : 50000, 1, NULL);
		now->talkers.available = true;
		mapek_turn(mapek, now);
	}
	assert_int_equal(now->mapek.n_actions, 1);
	for (int i = 0; i < 4; i++)
		turn_limited(50000, 0);
	assert_int_equal(now->mapek.actions[0].honest, 0);
	end();
}

static void test_what_does_not_help(void **state)
{
	(void)state;
	begin("mode: act\n" POLICY("  do: program off tc_classifier\n  for: 20s\n"));
	quiet(60);
	for (int i = 0; i < 10; i++)
		turn_with(50000, 1, NULL);
	assert_true(now->mapek.actions[0].after == 50000);
	assert_true(now->mapek.actions[0].relief == 0);
	assert_int_equal(now->mapek.actions[0].honest, COUNT_UNKNOWN);
	end();
}

/* --- bounds --------------------------------------------------------------------------------------- */

static void put_source(struct snapshot *snapshot, const char *address, double rate)
{
	struct snapshot_source *source = SNAPSHOT_ADD(snapshot, &snapshot->talkers, sources);

	snprintf(source->address, sizeof(source->address), "%s", address);
	source->traffic.packets.rate = rate;
	source->traffic.bytes.rate = rate * 100;
}

static void put_sender(struct snapshot *snapshot, const char *address, double rate)
{
	struct snapshot_source *sender = SNAPSHOT_ADD(snapshot, &snapshot->talkers, senders);

	snprintf(sender->address, sizeof(sender->address), "%s", address);
	sender->traffic.packets.rate = rate;
}

/* Of 1,500 packets a second, 1,000 were seen: of a sender, two thirds. What stood behind the last is nobody's. */
static void test_the_share_that_was_seen(void **state)
{
	struct plan_target targets[POLICY_ACTIONS_MAX];
	struct policy policy = {
		.action = "rule add drop mac {mac}", .busy = 900, .small = NAN, .most = 4
	};

	(void)state;
	memset(&policies, 0, sizeof(policies));
	now = snapshot_open();
	put_sender(now, "02:00:00:00:00:01", 600);
	put_sender(now, "02:00:00:00:00:02", 400);
	put_sender(now, "02:00:00:00:00:03", 1e9);
	now->talkers.n_senders = 2;
	now->talkers.lost.packets.rate = 500;
	assert_int_equal(plan_targets(&policies, &policy, now, targets), 1);
	assert_string_equal(targets[0].name, "02:00:00:00:00:01");
	policy.busy = 901;
	assert_int_equal(plan_targets(&policies, &policy, now, targets), 0);
	policy.busy = 600;
	assert_int_equal(plan_targets(&policies, &policy, now, targets), 2);
	policy.busy = 601;
	assert_int_equal(plan_targets(&policies, &policy, now, targets), 1);
	policy.most = 1;
	policy.busy = 1;
	assert_int_equal(plan_targets(&policies, &policy, now, targets), 1);
	/* Eight sources make up half of it: then they are meant, and not their sender. */
	for (unsigned i = 0; i < 9; i++)
		put_source(now, "10.0.0.1", 62.5);
	assert_int_equal(plan_targets(&policies, &policy, now, targets), 0);
	for (unsigned i = 0; i < 8; i++)
		now->talkers.sources[i].traffic.packets.rate = 62.4;
	assert_int_equal(plan_targets(&policies, &policy, now, targets), 1);
	snapshot_close(now);
}

static void put_node(unsigned i, const char *address, double refused)
{
	struct snapshot_pqc_node *node = SNAPSHOT_ADD(now, &now->pqc, nodes);

	snprintf(node->node, sizeof(node->node), "000000000000000%x", i);
	snprintf(node->address, sizeof(node->address), "%s", address);
	node->refused_there.rate = refused;
}

static void test_as_many_nodes_as_the_policy_says(void **state)
{
	struct plan_target targets[POLICY_ACTIONS_MAX];
	struct policy policy = {
		.action = "rule add drop from {node}", .busy = 50, .small = NAN, .most = 2
	};

	(void)state;
	memset(&policies, 0, sizeof(policies));
	now = snapshot_open();
	put_node(1, "10.0.0.1", 49);
	put_node(2, "", 60);
	put_node(3, "10.0.0.3", 50);
	put_node(4, "10.0.0.4", 70);
	put_node(5, "10.0.0.5", 70);
	now->pqc.n_nodes = 4;
	assert_int_equal(plan_targets(&policies, &policy, now, targets), 2);
	assert_string_equal(targets[0].name, "0000000000000003");
	assert_string_equal(targets[0].where, "10.0.0.3");
	assert_string_equal(targets[1].where, "10.0.0.4");
	now->pqc.n_nodes = 5;
	assert_int_equal(plan_targets(&policies, &policy, now, targets), 2);
	snapshot_close(now);
}

/* Writes an address that the table of those known has at this place. */
static void address_at(uint32_t place, unsigned skip, char address[TALKER_ADDRESS_LEN])
{
	static struct known known;
	static struct snapshot_talkers talkers;

	talkers.n_sources = 1;
	for (unsigned i = 0;; i++) {
		snprintf(
			address, TALKER_ADDRESS_LEN, "10.%u.%u.%u", i >> 16, i >> 8 & 255, i & 255);
		memcpy(talkers.sources[0].address, address, TALKER_ADDRESS_LEN);
		talkers.sources[0].traffic.packets.rate = 1;
		memset(&known, 0, sizeof(known));
		known_learn(&known, &talkers, 1);
		if (known.list[place].hash != 0 && skip-- == 0)
			return;
	}
}

static void learn(struct known *known, const char *address, double rate, double time)
{
	static struct snapshot_talkers talkers;

	talkers.n_sources = 1;
	snprintf(talkers.sources[0].address, TALKER_ADDRESS_LEN, "%s", address);
	talkers.sources[0].traffic.packets.rate = rate;
	known_learn(known, &talkers, time);
}

/* Four places are for an address; then the one goes that was not seen for longest. */
static void test_who_is_known(void **state)
{
	static const double seen[] = { 30, 10, 40, 20 };
	static struct known known;
	char address[5][TALKER_ADDRESS_LEN];

	(void)state;
	for (unsigned i = 0; i < 5; i++)
		address_at(77, i, address[i]);
	for (unsigned i = 0; i < 4; i++)
		learn(&known, address[i], 100 + i, seen[i]);
	for (unsigned i = 0; i < 4; i++)
		assert_true(known_usual(&known, address[i]) == 100 + i);
	assert_true(known_usual(&known, address[4]) == 0);
	learn(&known, address[4], 8, 50);
	assert_true(known_usual(&known, address[4]) == 8);
	assert_true(known_usual(&known, address[1]) == 0);
	for (unsigned i = 0; i < 4; i++)
		assert_true(i == 1 || known_usual(&known, address[i]) == 100 + i);
	learn(&known, address[4], 16, 60); /* a quarter of a new value */
	assert_true(known_usual(&known, address[4]) == 10);
	learn(&known, address[4], NAN, 60);
	assert_true(known_usual(&known, address[4]) == 10);
}

/* Of the anomalies since the start; and how many last. */
static void test_what_is_shown_of_anomalies(void **state)
{
	(void)state;
	begin("mode: act\n" POLICY(LIMIT));
	mapek_number_from(mapek, 5, 3);
	quiet(60);
	assert_int_equal(now->mapek.n_anomalies, 0);
	assert_int_equal(now->mapek.found, 5);
	for (int i = 0; i < 3; i++)
		turn_with(50000, 1, NULL);
	assert_int_equal(now->mapek.n_anomalies, 1);
	assert_int_equal(now->mapek.anomalies[0].number, 6);
	assert_int_equal(now->mapek.lasting, 1);
	assert_int_equal(now->mapek.found, 6);
	assert_int_equal(now->mapek.actions[0].number, 4);
	quiet(10);
	assert_int_equal(now->mapek.lasting, 0);
	end();
}

static unsigned n_told[MAPEK_ACTION_STATES];

static void on_told(void *data, const struct snapshot_mapek_action *action)
{
	(void)data;
	n_told[action->state]++;
}

/* The latest action first, each with its state; what is watched with its score. */
static void test_what_is_shown_of_actions(void **state)
{
	(void)state;
	begin("mode: advise\n" POLICY(LIMIT "  most: 3\n"));
	mapek->ears.action = on_told;
	memset(n_told, 0, sizeof(n_told));
	quiet(60);
	assert_true(now->mapek.series[0].score < 5);
	turn_with(50000, 3, NULL);
	assert_true(now->mapek.series[0].score >= mapek->readings[measure_find("udp")].alarm);
	turn_with(50000, 3, NULL);
	turn_with(50000, 3, NULL);
	assert_int_equal(now->mapek.n_actions, 3);
	for (uint32_t i = 0; i < 3; i++)
		assert_int_equal(now->mapek.actions[i].number, 3 - i);
	assert_int_equal(n_told[MAPEK_ADVISED], 3);
	assert_int_equal(now->mapek.outcomes[0].advised, 3);
	assert_int_equal(now->mapek.outcomes[0].done, 0);
	assert_int_equal(now->mapek.in_force, 0);
	quiet(30);
	assert_int_equal(n_told[MAPEK_OVER], 3);
	assert_int_equal(now->mapek.outcomes[0].over, 3);
	end();
}

/* While the anomaly is calm, nothing is left to judge by; what is left over it is not its own. */
static void test_what_is_left_while_it_is_calm(void **state)
{
	(void)state;
	begin("mode: act\n" POLICY(LIMIT));
	quiet(60);
	for (int i = 0; i < 5; i++)
		turn_with(50000, 1, "mapek 1");
	const double after = now->mapek.actions[0].after;
	assert_true(after > 0);
	turn_with(1000, 1, "mapek 1"); /* it lasts, but this value is none of it */
	assert_int_equal(now->mapek.lasting, 1);
	assert_true(now->mapek.actions[0].after == after);
	end();
}

/* All that a rule dropped before the start was not counted yet, where that is not known. */
static void test_what_a_recalled_rule_dropped(void **state)
{
	static const uint64_t before[] = { COUNT_UNKNOWN, 70 };
	static const uint64_t since[] = { 77, 7 };
	struct snapshot_mapek_action action = { .number = 4,
		.policy = "flood",
		.target = SOURCE,
		.state = MAPEK_IN_FORCE,
		.action = "rule add limit 500/s from " SOURCE " proto udp" };

	(void)state;
	for (int i = 0; i < 2; i++) {
		begin("mode: act\n" POLICY(LIMIT));
		action.dropped = before[i];
		mapek_recall(mapek, &action, 1);
		turn_with(1000, 1, "mapek 4");
		assert_int_equal(now->mapek.dropped, since[i]);
		end();
	}
}

/* No less than nothing is usual. */
static void test_what_is_usual_of_little(void **state)
{
	(void)state;
	begin("mode: act\n" POLICY(LIMIT));
	for (int i = 0; i < 60; i++)
		turn_with(2, 1, NULL);
	assert_true(now->mapek.series[0].low == 0);
	assert_true(now->mapek.series[0].high > 2 && now->mapek.series[0].high < 20);
	end();
}

/* Among as many as there is room for, the one goes that ended first; what holds stays. */
static void test_who_makes_room(void **state)
{
	static struct execute execute;

	(void)state;
	memset(&execute, 0, sizeof(execute));
	for (uint32_t i = 0; i < MAPEK_ACTIONS_SHOWN; i++) {
		struct executed *executed = execute_make_room(&execute);
		assert_ptr_equal(executed, &execute.list[i]);
		executed->shown.state = i == 0 ? MAPEK_IN_FORCE : MAPEK_OVER;
		executed->ended = i == 0 ? 1 : i == 20 ? 5 : 100 - i;
	}
	assert_ptr_equal(execute_make_room(&execute), &execute.list[20]);
	execute.list[20].ended = 1000;
	assert_ptr_equal(execute_make_room(&execute), &execute.list[MAPEK_ACTIONS_SHOWN - 1]);
	for (uint32_t i = 0; i < MAPEK_ACTIONS_SHOWN; i++)
		execute.list[i].shown.state = MAPEK_ADVISED;
	assert_null(execute_make_room(&execute));
}

/* Of each measure; of what is none, nothing. */
static void test_what_is_known_from_before(void **state)
{
	static struct series series;
	const char *name;

	(void)state;
	begin("mode: act\npolicies:\n- name: a\n  watch: packets\n- name: b\n  watch: silence\n");
	series_open(&series, 1);
	for (uint32_t i = 0; measures[i].name != NULL; i++)
		mapek_know(mapek, measures[i].name, &series);
	mapek_know(mapek, "what nobody measures", &series);
	for (uint32_t i = 0; measures[i].name != NULL; i++) {
		const struct series *known = mapek_series(mapek, i, &name);
		assert_string_equal(name, measures[i].name);
		assert_int_equal(known != NULL,
			strcmp(name, "packets") == 0 || strcmp(name, "silence") == 0);
		assert_int_equal(mapek->series[i].history, series.history);
	}
	end();
}

/* Neither the sample before an attack, which may have its beginning, nor those of it, nor the one behind it. */
static void test_what_is_learnt_beside_an_attack(void **state)
{
	const struct series *udp;

	(void)state;
	begin("mode: act\n" POLICY(LIMIT));
	udp = &mapek->series[measure_find("udp")];
	quiet(60);
	const uint32_t before = udp->values.count;
	turn_with(50000, 1, NULL);
	assert_int_equal(udp->values.count, before - 1);
	for (int i = 0; i < 4; i++)
		turn_with(50000, 1, NULL);
	assert_int_equal(udp->values.count, before - 1);
	while (mapek->attacked || mapek->was_attacked) {
		assert_int_equal(udp->values.count, before - 1);
		turn_with(1000, 1, NULL);
	}
	turn_with(1000, 1, NULL);
	assert_in_range(udp->values.count, before, before + 1);
	end();
}

/* --- networks of sources ------------------------------------------------------------------------ */

#define NETWORK "  do: rule add drop from {source}/24 proto udp\n  for: 20s\n"

/* No source of it is busy alone. One action is about all of them, also while there come more. */
static void test_a_flood_from_a_network(void **state)
{
	(void)state;
	begin("mode: act\n" POLICY(NETWORK "  most: 4\n"));
	quiet(60);
	for (unsigned i = 0; i < 4; i++)
		turn_with(20000, 40 + i, NULL);
	assert_int_equal(n_done, 1);
	assert_string_equal(
		done[0], "rule add drop 10.9.0.0/24 proto udp for 20s comment \"mapek 1\"");
	assert_string_equal(now->mapek.actions[0].target, "10.9.0.0/24");
	assert_int_equal(now->mapek.n_actions, 1);
	assert_non_null(strstr(now->mapek.actions[0].reason, "among the busiest is 10.9.0.0/24"));
	/* One of them is spared: nothing is done about the others in their network. */
	assert_int_equal(mapek_spare(mapek, "10.9.0.70", 1), 0);
	turn_with(20000, 40, "mapek 1");
	assert_int_equal(n_done, 2);
	assert_string_equal(done[1], "rule delete 5");
	assert_int_equal(now->mapek.actions[0].state, MAPEK_UNDONE);
	end();
	/* As sources alone they are too many to be busy. */
	begin("mode: act\n" POLICY(LIMIT "  most: 4\n"));
	quiet(60);
	for (unsigned i = 0; i < 4; i++)
		turn_with(20000, 40, NULL);
	assert_int_equal(n_done, 0);
	end();
	begin("mode: act\nnever: [10.9.0.200]\n" POLICY(NETWORK));
	quiet(60);
	for (unsigned i = 0; i < 4; i++)
		turn_with(20000, 40, NULL);
	assert_int_equal(n_done, 0);
	end();
}

/* The busiest first, whatever is listed first, with what is known of each rate. */
static void test_networks_are_added_up(void **state)
{
	struct plan_target targets[POLICY_ACTIONS_MAX];
	struct policy policy = { .action = "rule add drop from {source}",
		.length_4 = 16,
		.length_6 = 48,
		.busy = 1000,
		.small = 100,
		.most = 3 };

	(void)state;
	memset(&policies, 0, sizeof(policies));
	now = snapshot_open();
	put_source(now, "10.1.0.1", 900);
	put_source(now, "10.2.0.1", 600);
	put_source(now, "10.2.7.1", NAN);
	put_source(now, "02:00:00:00:00:01", 5000);
	put_source(now, "10.2.255.255", 600);
	put_source(now, "fd00:1:2::1", 700);
	put_source(now, "fd00:1:2:ffff::1", 700);
	put_source(now, "fd00:1:3::1", 999);
	assert_int_equal(plan_targets(&policies, &policy, now, targets), 2);
	assert_string_equal(targets[0].name, "fd00:1:2::/48");
	assert_string_equal(targets[0].where, "fd00:1:2::/48");
	assert_string_equal(targets[1].name, "10.2.0.0/16");
	policy.small = 99; /* of their packets together, too */
	assert_int_equal(plan_targets(&policies, &policy, now, targets), 0);
	policy.small = NAN;
	policy.most = 1;
	assert_int_equal(plan_targets(&policies, &policy, now, targets), 1);
	snapshot_close(now);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_flood_is_limited_once_it_holds),
		cmocka_unit_test(test_a_flood_from_a_network),
		cmocka_unit_test(test_networks_are_added_up),
		cmocka_unit_test(test_the_share_that_was_seen),
		cmocka_unit_test(test_as_many_nodes_as_the_policy_says),
		cmocka_unit_test(test_who_is_known),
		cmocka_unit_test(test_what_is_shown_of_anomalies),
		cmocka_unit_test(test_what_is_shown_of_actions),
		cmocka_unit_test(test_what_is_left_while_it_is_calm),
		cmocka_unit_test(test_what_a_recalled_rule_dropped),
		cmocka_unit_test(test_what_is_usual_of_little),
		cmocka_unit_test(test_who_makes_room),
		cmocka_unit_test(test_what_is_known_from_before),
		cmocka_unit_test(test_what_is_learnt_beside_an_attack),
		cmocka_unit_test(test_it_is_renewed_while_it_lasts_and_ends_with_it),
		cmocka_unit_test(test_what_flaps_is_one_anomaly),
		cmocka_unit_test(test_advice_does_nothing),
		cmocka_unit_test(test_advice_that_is_taken_is_in_force),
		cmocka_unit_test(test_a_question_is_no_yes),
		cmocka_unit_test(test_what_is_undone_is_not_done_again),
		cmocka_unit_test(test_bounds),
		cmocka_unit_test(test_sources_that_are_not_busy_are_left_alone),
		cmocka_unit_test(test_the_brake_stops_acting),
		cmocka_unit_test(test_low_values_are_found_too),
		cmocka_unit_test(test_nothing_is_known_at_first),
		cmocka_unit_test(test_a_program_is_turned_back),
		cmocka_unit_test(test_who_has_no_hands_has_no_rules),
		cmocka_unit_test(test_a_mode_is_switched_and_back),
		cmocka_unit_test(test_what_is_so_already_is_not_done),
		cmocka_unit_test(test_what_is_switched_back_was_wrong),
		cmocka_unit_test(test_advice_to_switch_is_taken),
		cmocka_unit_test(test_what_a_policy_that_is_gone_has_done),
		cmocka_unit_test(test_a_switch_from_before_the_start),
		cmocka_unit_test(test_what_would_outlive_x0top_ends_with_it),
		cmocka_unit_test(test_a_class_is_policed_for_a_time),
		cmocka_unit_test(test_a_rate_is_changed_for_a_time),
		cmocka_unit_test(test_what_cannot_be_taken_back_is_tried_again),
		cmocka_unit_test(test_an_action_is_taken_back_on_a_word),
		cmocka_unit_test(test_what_is_advised_is_known_by_its_text),
		cmocka_unit_test(test_a_class_stays_as_the_operator_wants_it),
		cmocka_unit_test(test_a_glance_acts_between_samples),
		cmocka_unit_test(test_a_glance_looks_when_it_is_due),
		cmocka_unit_test(test_a_burst_beside_a_flood_is_left_alone),
		cmocka_unit_test(test_a_glance_teaches_nothing),
		cmocka_unit_test(test_a_glance_knows_nothing_of_the_rest),
		cmocka_unit_test(test_a_glance_over_a_sample_is_no_longer_than_it_is),
		cmocka_unit_test(test_refusals_are_acted_upon_between_samples),
		cmocka_unit_test(test_few_events_in_a_short_time_say_nothing),
		cmocka_unit_test(test_a_short_silence_is_none),
		cmocka_unit_test(test_who_watches_nothing_else_needs_no_glances),
		cmocka_unit_test(test_time_passes_once),
		cmocka_unit_test(test_the_second_flood_is_as_unusual_as_the_first),
		cmocka_unit_test(test_the_edges_of_a_flood_teach_nothing),
		cmocka_unit_test(test_what_lasts_becomes_usual),
		cmocka_unit_test(test_few_packets_make_nobody_busy),
		cmocka_unit_test(test_limits_are_of_policies_that_act),
		cmocka_unit_test(test_many_sources_are_limited_by_their_sender),
		cmocka_unit_test(test_what_was_not_seen_is_the_senders_too),
		cmocka_unit_test(test_what_is_spared_is_taken_back),
		cmocka_unit_test(test_advice_about_what_is_spared_ends),
		cmocka_unit_test(test_what_was_undone_rests_after_a_restart),
		cmocka_unit_test(test_a_rule_from_before_is_followed),
		cmocka_unit_test(test_a_hook_runs_once_for_an_anomaly),
		cmocka_unit_test(test_a_hook_that_is_advised_may_be_run),
		cmocka_unit_test(test_a_node_is_limited_where_it_is),
		cmocka_unit_test(test_an_outcome),
		cmocka_unit_test(test_a_flood_that_begins_is_not_usual),
		cmocka_unit_test(test_what_does_not_help),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
