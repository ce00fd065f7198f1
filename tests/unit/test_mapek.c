// SPDX-License-Identifier: BSD-2-Clause
/* The loop of MAPE-K on snapshots that are made up: what begins, is renewed, ends, and is never done. */
#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "mapek/analyze.h"
#include "mapek/mapek_state.h"
#include "mapek/measure.h"
#include "tests/lib/thought.h"

static void test_a_flood_is_limited_once_it_holds(void **state)
{
	(void)state;
	thought_begin("mode: act\n" POLICY(LIMIT));
	thought_quiet(60);
	assert_int_equal(thought.now->mapek.n_anomalies, 0);
	assert_false(mapek_looks(thought.mapek));
	thought_turn(50000, 1, NULL);
	assert_true(mapek_looks(thought.mapek));
	thought_turn(50000, 1, NULL);
	assert_int_equal(thought.n_done, 0);
	thought_turn(50000, 1, NULL);
	assert_int_equal(thought.n_done, 1);
	assert_string_equal(thought.done[0], "rule add limit 500/s burst 50 " SOURCE
					     "/32 proto udp for 20s comment \"mapek 1\"");
	assert_int_equal(thought.now->mapek.n_anomalies, 1);
	assert_int_equal(thought.now->mapek.n_actions, 1);
	assert_int_equal(thought.now->mapek.actions[0].state, MAPEK_IN_FORCE);
	assert_int_equal(thought.now->mapek.actions[0].anomaly, 1);
	assert_string_equal(thought.now->mapek.actions[0].target, SOURCE);
	assert_non_null(
		strstr(thought.now->mapek.actions[0].reason, "UDP packets 50.0K/s, usually"));
	thought_end();
}

static void test_it_is_renewed_while_it_lasts_and_ends_with_it(void **state)
{
	(void)state;
	thought_begin("mode: act\n" POLICY(LIMIT));
	thought_quiet(60);
	for (int i = 0; i < 3; i++)
		thought_turn(50000, 1, NULL);
	for (int i = 0; i < 12; i++)
		thought_turn(50000, 1, "mapek 1");
	assert_int_equal(thought.n_done, 2);
	assert_non_null(
		strstr(thought.done[1], "rule change 5 limit 500/s burst 50 " SOURCE "/32"));
	assert_int_equal(thought.now->mapek.n_actions, 1);
	assert_int_equal(thought.now->mapek.actions[0].dropped, 77);
	for (int i = 0; i < 5; i++)
		thought_turn(1000, 1, "mapek 1");
	assert_false(isnan(thought.now->mapek.anomalies[0].end));
	for (int i = 0; i < 14; i++)
		thought_turn(1000, 1, "mapek 1");
	assert_int_equal(thought.now->mapek.actions[0].state, MAPEK_OVER);
	assert_true(isnan(thought.now->mapek.actions[0].time_left));
	assert_int_equal(thought.n_done, 2);
	thought_end();
}

static void test_what_flaps_is_one_anomaly(void **state)
{
	(void)state;
	thought_begin("mode: act\n" POLICY(LIMIT));
	thought_quiet(60);
	for (int i = 0; i < 3; i++)
		thought_turn(50000, 1, NULL);
	for (int i = 0; i < 20; i++)
		thought_turn(i % 4 == 0 ? 50000 : 1000, 1, "mapek 1");
	assert_int_equal(thought.now->mapek.n_anomalies, 1);
	assert_true(isnan(thought.now->mapek.anomalies[0].end));
	assert_int_equal(thought.now->mapek.n_actions, 1);
	thought_end();
}

static void test_advice_does_nothing(void **state)
{
	(void)state;
	thought_begin(POLICY(LIMIT));
	thought_quiet(60);
	for (int i = 0; i < 40; i++)
		thought_turn(50000, 1, NULL);
	assert_int_equal(thought.n_done, 0);
	assert_int_equal(thought.now->mapek.actions[0].state, MAPEK_ADVISED);
	assert_true(thought.now->mapek.actions[0].time_left > 0);
	assert_int_equal(thought.now->mapek.n_actions, 1);
	thought_end();
}

static void test_advice_that_is_taken_is_in_force(void **state)
{
	(void)state;
	thought_begin(POLICY(LIMIT));
	thought_quiet(60);
	for (int i = 0; i < 5; i++)
		thought_turn(50000, 1, NULL);
	assert_int_equal(thought.now->mapek.actions[0].state, MAPEK_ADVISED);
	for (int i = 0; i < 15; i++)
		thought_turn(50000, 1, "mapek 1");
	assert_int_equal(thought.now->mapek.actions[0].state, MAPEK_IN_FORCE);
	assert_int_equal(thought.now->mapek.actions[0].dropped, 77);
	thought_turn(50000, 1, NULL); /* the operator has deleted it */
	assert_int_equal(thought.now->mapek.actions[0].state, MAPEK_UNDONE);
	assert_int_equal(thought.n_done, 0);
	thought_end();
}

static void test_a_question_is_no_yes(void **state)
{
	(void)state;
	thought_begin("mode: act\n" POLICY(LIMIT));
	thought.decision = DECISION_ASK;
	thought_quiet(60);
	for (int i = 0; i < 10; i++)
		thought_turn(50000, 1, NULL);
	assert_int_equal(thought.n_done, 0);
	assert_int_equal(thought.now->mapek.n_actions, 1);
	assert_int_equal(thought.now->mapek.actions[0].state, MAPEK_REFUSED);
	assert_non_null(strstr(thought.now->mapek.actions[0].reason, "needs your yes"));
	thought_end();
}

static void test_what_is_undone_is_not_done_again(void **state)
{
	(void)state;
	thought_begin("mode: act\n" POLICY(LIMIT));
	thought_quiet(60);
	for (int i = 0; i < 3; i++)
		thought_turn(50000, 1, NULL);
	thought_turn(50000, 1, "mapek 1");
	for (int i = 0; i < 100; i++)
		thought_turn(50000, 1, NULL);
	assert_int_equal(thought.now->mapek.actions[0].state, MAPEK_UNDONE);
	assert_int_equal(thought.n_done, 1);
	assert_int_equal(thought.now->mapek.n_actions, 1);
	thought_end();
}

static void test_bounds(void **state)
{
	(void)state;
	thought_begin("mode: act\nnever: [10.9.0.67]\n" POLICY(LIMIT "  most: 3\n"));
	thought_quiet(60);
	for (int i = 0; i < 5; i++)
		thought_turn(50000, 8, NULL);
	assert_int_equal(thought.n_done, 3);
	for (unsigned i = 0; i < thought.n_done; i++)
		assert_null(strstr(thought.done[i], "10.9.0.67"));
	thought_end();
}

static void test_sources_that_are_not_busy_are_left_alone(void **state)
{
	(void)state;
	thought_begin("mode: act\n" POLICY(LIMIT "  most: 16\n"));
	thought_quiet(60);
	for (int i = 0; i < 5; i++)
		thought_turn(50000, 60, NULL); /* 833 packets a second each */
	assert_int_equal(thought.n_done, 0);
	assert_int_equal(thought.now->mapek.n_anomalies, 1);
	thought_end();
}

static void test_the_brake_stops_acting(void **state)
{
	(void)state;
	thought_begin("mode: act\nbrake: 4\n" POLICY(LIMIT "  most: 16\n"));
	thought_quiet(60);
	for (int i = 0; i < 30; i++)
		thought_turn(50000, 10, NULL);
	assert_int_equal(thought.n_done, 4);
	assert_int_equal(thought.brakes, 1);
	assert_true(thought.now->mapek.braked);
	assert_string_equal(thought.now->mapek.state, "braked");
	thought_quiet(590);
	assert_true(thought.now->mapek.braked); /* ten minutes without a wish release it */
	thought_quiet(60);
	assert_false(thought.now->mapek.braked);
	thought_end();
}

static void test_low_values_are_found_too(void **state)
{
	(void)state;
	thought_begin("policies:\n- name: silence\n  watch: udp\n  is: low\n  hold: 2s\n");
	thought_quiet(60);
	for (int i = 0; i < 3; i++)
		thought_turn(0, 1, NULL);
	assert_int_equal(thought.now->mapek.n_anomalies, 1);
	assert_string_equal(thought.now->mapek.anomalies[0].policy, "silence");
	thought_end();
}

static void test_nothing_is_known_at_first(void **state)
{
	(void)state;
	thought_begin("mode: act\n" POLICY(LIMIT));
	thought_turn(50000, 1, NULL);
	assert_int_equal(thought.now->mapek.n_series, 1);
	assert_true(isnan(thought.now->mapek.series[0].low));
	assert_true(isnan(thought.now->mapek.series[0].high));
	assert_true(isnan(thought.now->mapek.series[0].score));
	for (int i = 0; i < 20; i++)
		thought_turn(50000, 1, NULL);
	assert_int_equal(thought.now->mapek.n_anomalies, 0);
	assert_true(thought.now->mapek.series[0].score < series_alarm(1));
	assert_true(thought.now->mapek.series[0].value == 50000);
	thought_end();
}

static void test_what_is_watched_is_shown(void **state)
{
	(void)state;
	for (size_t i = 0; measures[i].name != NULL; i++) {
		char text[128];

		snprintf(text, sizeof(text), "policies:\n- name: one\n  watch: %s\n",
			measures[i].name);
		thought_begin(text);
		thought_turn(1000, 1, NULL);
		assert_int_equal(thought.now->mapek.n_series, 1);
		assert_string_equal(thought.now->mapek.series[0].name, measures[i].name);
		thought_end();
	}
	thought_begin(POLICY(LIMIT));
	thought_quiet(60);
	assert_true(thought.now->mapek.series[0].low > 500);
	assert_true(thought.now->mapek.series[0].low < thought.now->mapek.series[0].value);
	assert_true(thought.now->mapek.series[0].high > thought.now->mapek.series[0].value);
	assert_true(thought.now->mapek.series[0].high < 2000);
	thought_end();
}

static void test_a_program_is_turned_back(void **state)
{
	(void)state;
	thought_begin("mode: act\n" POLICY("  do: program off tc_classifier\n  for: 5s\n"));
	thought_quiet(60);
	for (int i = 0; i < 3; i++)
		thought_turn(50000, 1, NULL);
	thought_quiet(30);
	assert_int_equal(thought.n_done, 2);
	assert_string_equal(thought.done[0], "program off tc_classifier");
	assert_string_equal(thought.done[1], "program on tc_classifier");
	thought_end();
}

/* As of a recording that was made while MAPE-K acted: its rules and switches are not those of who tries it. */
static void test_who_has_no_hands_has_no_rules(void **state)
{
	(void)state;
	thought_begin("mode: act\n" POLICY(LIMIT));
	mapek_close(thought.mapek);
	thought.mapek = mapek_open(&thought.policies, NULL, &thought_ears);
	thought_quiet(60);
	for (int i = 0; i < 40; i++)
		thought_turn(50000, 1, "mapek 1");
	assert_int_equal(thought.n_done, 0);
	assert_int_equal(thought.now->mapek.n_actions, 1);
	assert_int_equal(thought.now->mapek.actions[0].state, MAPEK_ADVISED);
	assert_int_equal(thought.now->mapek.actions[0].dropped, COUNT_UNKNOWN);
	for (int i = 0; i < 40; i++)
		thought_turn(1000, 1, "mapek 1");
	assert_int_equal(thought.now->mapek.actions[0].state, MAPEK_OVER);
	thought_end();
}

/* --- an operator's word, and what was before the start ---------------------------------------------- */

static void test_what_is_spared_is_taken_back(void **state)
{
	(void)state;
	thought_begin("mode: act\n" POLICY(LIMIT));
	thought_quiet(60);
	for (int i = 0; i < 3; i++)
		thought_turn(50000, 1, NULL);
	thought_turn(50000, 1, "mapek 1");
	assert_int_equal(mapek_spare(thought.mapek, "10.9.0.0/24", 5), 0);
	assert_int_equal(mapek_spare(thought.mapek, "10.9.0.0/24", 6), 0); /* the same */
	thought_turn(50000, 1, "mapek 1");
	assert_int_equal(thought.n_done, 2);
	assert_string_equal(thought.done[1], "rule delete 5");
	assert_int_equal(thought.now->mapek.actions[0].state, MAPEK_UNDONE);
	assert_int_equal(thought.now->mapek.undone, 1);
	assert_int_equal(thought.now->mapek.n_spared, 1);
	assert_string_equal(thought.now->mapek.spared[0].target, "10.9.0.0/24");
	assert_true(thought.now->mapek.spared[0].since == 6);
	for (int i = 0; i < 4000; i++) /* longer than what was undone rests */
		thought_turn(50000 * (i % 30 < 20) + 1000, 1, NULL);
	assert_int_equal(thought.n_done, 2);
	assert_int_equal(mapek_spare_no_more(thought.mapek, "10.9.0.0/24"), 0);
	assert_int_equal(mapek_spare_no_more(thought.mapek, "10.9.0.0/24"), -ENOENT);
	thought_end();
}

static void test_advice_about_what_is_spared_ends(void **state)
{
	(void)state;
	thought_begin(POLICY(LIMIT));
	thought_quiet(60);
	for (int i = 0; i < 3; i++)
		thought_turn(50000, 1, NULL);
	mapek_spare_only(thought.mapek, &(struct snapshot_mapek_spared) { SOURCE "/32", 1 }, 1);
	thought_turn(50000, 1, NULL);
	assert_int_equal(thought.now->mapek.actions[0].state, MAPEK_UNDONE);
	for (int i = 0; i < 5; i++)
		thought_turn(50000, 1, NULL);
	assert_int_equal(thought.now->mapek.n_actions, 1);
	thought_end();
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
	thought_begin("mode: act\n" POLICY(LIMIT));
	snprintf(other.policy, sizeof(other.policy), "one that is gone");
	mapek_recall(thought.mapek, &other, 10);
	mapek_recall(thought.mapek, &undone, EXECUTE_REST_SECONDS - 100);
	mapek_number_from(thought.mapek, 0, 4);
	thought_quiet(60);
	for (int i = 0; i < 5; i++)
		thought_turn(50000, 1, NULL);
	assert_int_equal(thought.n_done, 0);
	assert_int_equal(thought.now->mapek.n_actions, 1);
	assert_int_equal(thought.now->mapek.actions[0].state, MAPEK_UNDONE);
	for (int i = 0; i < 45; i++)
		thought_turn(50000, 1, NULL);
	assert_int_equal(thought.n_done, 1); /* it has rested */
	thought_end();
}

static void test_a_rule_from_before_is_followed(void **state)
{
	const struct snapshot_mapek_action in_force = past(MAPEK_IN_FORCE);

	(void)state;
	thought_begin("mode: act\n" POLICY(LIMIT));
	mapek_recall(thought.mapek, &in_force, 15);
	thought_turn(1000, 1, "mapek 4");
	assert_int_equal(thought.now->mapek.actions[0].state, MAPEK_IN_FORCE);
	assert_true(thought.now->mapek.actions[0].time_left > 15); /* as the kernel says */
	thought_turn(1000, 1, NULL);
	assert_int_equal(thought.now->mapek.actions[0].state, MAPEK_UNDONE);
	thought_end();
	thought_begin("mode: act\n" POLICY(LIMIT));
	mapek_recall(thought.mapek, &in_force, 15);
	thought_turn(1000, 1, NULL); /* it went while nobody looked, which is no word against it */
	assert_int_equal(thought.now->mapek.actions[0].state, MAPEK_OVER);
	assert_int_equal(thought.n_done, 0);
	thought_end();
}

/* --- hooks, nodes ----------------------------------------------------------------------------------- */

static void test_a_hook_runs_once_for_an_anomaly(void **state)
{
	struct hook_order order;

	(void)state;
	thought_begin("mode: act\n" POLICY("  run: [/bin/page, '{source}']\n  for: 5s\n"));
	thought_quiet(60);
	for (int i = 0; i < 30; i++)
		thought_turn(50000, 1, NULL);
	assert_int_equal(thought.n_done, 1);
	assert_string_equal(thought.done[0], "mapek run flood for " SOURCE);
	assert_int_equal(mapek_order(thought.mapek, thought.done[0], &order, &thought.failure), 0);
	assert_int_equal(order.policy, 0);
	assert_int_equal(order.action, 1);
	assert_int_equal(order.anomaly, 1);
	assert_string_equal(order.target, SOURCE);
	assert_true(order.value == 50000 && order.high < 5000 && order.score > 0);
	assert_int_equal(
		mapek_order(thought.mapek, "mapek run flood", &order, &thought.failure), -ENOENT);
	mapek_hook_ended(thought.mapek, &(struct hook_report) { 1, "exit 0", "paged" });
	thought_turn(50000, 1, NULL);
	assert_string_equal(thought.now->mapek.actions[0].ended, "exit 0");
	assert_string_equal(thought.now->mapek.actions[0].output, "paged");
	thought_quiet(20);
	assert_int_equal(thought.now->mapek.actions[0].state, MAPEK_OVER);
	assert_int_equal(thought.n_done, 1); /* there is nothing to take back */
	thought_end();
}

static void test_a_hook_that_is_advised_may_be_run(void **state)
{
	struct hook_order order;

	(void)state;
	thought_begin(POLICY("  run: [/bin/page]\n"));
	thought_quiet(60);
	for (int i = 0; i < 3; i++)
		thought_turn(50000, 1, NULL);
	assert_int_equal(thought.n_done, 0);
	assert_int_equal(thought.now->mapek.actions[0].state, MAPEK_ADVISED);
	assert_int_equal(
		mapek_order(thought.mapek, "mapek run flood", &order, &thought.failure), 0);
	mapek_hook_begun(thought.mapek, order.action);
	thought_turn(50000, 1, NULL);
	assert_int_equal(thought.now->mapek.actions[0].state, MAPEK_IN_FORCE);
	thought_end();
}

#define NODE "0123456789abcdef"

static void turn_with_node(double rate, const char *address, const char *comment)
{
	double time = thought.now->time;

	snapshot_clear(thought.now);
	thought.now->time = time + thought.step;
	thought_fill(1000, 1, comment);
	thought.now->pqc.available = true;
	thought.now->pqc.results[PQC_REPLAYED].rate = rate;
	for (int i = 0; i < 2; i++) {
		struct snapshot_pqc_node *node =
			SNAPSHOT_ADD(thought.now, &thought.now->pqc, nodes);
		snprintf(node->node, sizeof(node->node), i == 0 ? NODE : "fedcba9876543210");
		snprintf(node->address, sizeof(node->address), "%s", i == 0 ? address : "10.9.0.8");
		node->refused.rate =
			i == 0 ? rate : 500; /* of that, others send the most in its name */
		node->refused_there.rate = i == 0 ? rate : 1;
	}
	mapek_turn(thought.mapek, thought.now);
}

static void test_a_node_is_limited_where_it_is(void **state)
{
	(void)state;
	thought_begin(
		"mode: act\npolicies:\n- name: node\n  watch: replayed\n  from: 50\n  hold: 1s\n"
		"  do: rule add limit 200/s from {node}\n  busy: 40\n  most: 4\n");
	for (int i = 0; i < 60; i++)
		turn_with_node(0, "10.9.0.7", NULL);
	for (int i = 0; i < 3; i++)
		turn_with_node(500, "", NULL); /* nobody knows where it is */
	assert_int_equal(mapek_spare(thought.mapek, NODE, 1), 0);
	turn_with_node(500, "10.9.0.7", NULL);
	assert_int_equal(thought.n_done, 0);
	assert_int_equal(mapek_spare_no_more(thought.mapek, NODE), 0);
	turn_with_node(500, "10.9.0.7", NULL);
	assert_int_equal(thought.n_done, 1);
	assert_string_equal(thought.done[0],
		"rule add limit 200/s burst 20 10.9.0.7/32 for 1m comment \"mapek 1\"");
	assert_string_equal(thought.now->mapek.actions[0].target, NODE);
	turn_with_node(500, "10.9.0.7", "mapek 1");
	assert_int_equal(thought.n_done, 1);
	turn_with_node(500, "10.9.0.9", "mapek 1"); /* it moves */
	assert_int_equal(thought.n_done, 2);
	assert_string_equal(thought.done[1],
		"rule change 5 limit 200/s burst 20 10.9.0.9/32 for 1m comment \"mapek 1\"");
	assert_int_equal(mapek_spare(thought.mapek, NODE, 1), 0);
	turn_with_node(500, "10.9.0.9", "mapek 1");
	assert_string_equal(thought.done[2], "rule delete 5");
	thought_end();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_flood_is_limited_once_it_holds),
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
		cmocka_unit_test(test_what_is_watched_is_shown),
		cmocka_unit_test(test_a_program_is_turned_back),
		cmocka_unit_test(test_who_has_no_hands_has_no_rules),
		cmocka_unit_test(test_what_is_spared_is_taken_back),
		cmocka_unit_test(test_advice_about_what_is_spared_ends),
		cmocka_unit_test(test_what_was_undone_rests_after_a_restart),
		cmocka_unit_test(test_a_rule_from_before_is_followed),
		cmocka_unit_test(test_a_hook_runs_once_for_an_anomaly),
		cmocka_unit_test(test_a_hook_that_is_advised_may_be_run),
		cmocka_unit_test(test_a_node_is_limited_where_it_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
