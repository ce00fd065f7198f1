// SPDX-License-Identifier: BSD-2-Clause
/* What became of the actions of MAPE-K, their bounds, and the networks that they are about. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "mapek/analyze.h"
#include "mapek/execute_list.h"
#include "mapek/mapek_state.h"
#include "mapek/measure.h"
#include "tests/lib/thought.h"

/* --- outcomes --------------------------------------------------------------------------------------- */

/* The rule drops all but 500 packets a second of what two sources send through it. */
static void turn_limited(double rate, double honest)
{
	static const char *const sources[] = { SOURCE, "10.9.0.200" };
	double time = thought.now->time;

	snapshot_clear(thought.now);
	thought.now->time = time + thought.step;
	thought_fill(rate, 1, "mapek 1");
	struct snapshot_rule *rule = &thought.now->mesh.rules[0];
	rule->traffic.packets.rate = rate;
	rule->dropped.packets.rate = rate - 500;
	rule->dropped.packets.total = 49500;
	thought.now->talkers.available = true;
	for (int i = 0; i < 4; i++) { /* two flows of each */
		struct snapshot_flow *flow =
			SNAPSHOT_ADD(thought.now, &thought.now->talkers, flows);
		snprintf(flow->source, sizeof(flow->source), "%s", sources[i % 2]);
		flow->rule = 5;
		flow->traffic.packets.rate = i % 2 == 0 ? (rate - honest) / 2 : honest / 2;
	}
	mapek_turn(thought.mapek, thought.now);
}

static void test_an_outcome(void **state)
{
	char text[REASON_LEN];

	(void)state;
	thought_begin("mode: act\n" POLICY(LIMIT));
	assert_true(mapek_looks(thought.mapek)); /* who is there in calm times */
	for (int i = 0; i < 60; i++) {
		double time = thought.now->time;
		snapshot_clear(thought.now);
		thought.now->time = time + thought.step;
		thought_fill(1000 + i % 7 * 10, 0, NULL);
		thought.now->talkers.available = true;
		struct snapshot_source *source =
			SNAPSHOT_ADD(thought.now, &thought.now->talkers, sources);
		snprintf(source->address, sizeof(source->address), "10.9.0.200");
		source->traffic.packets.rate = 100;
		mapek_turn(thought.mapek, thought.now);
	}
	assert_false(mapek_looks(thought.mapek));
	for (int i = 0; i < 3; i++)
		thought_turn(50000, 1, NULL);
	assert_true(thought.now->mapek.actions[0].before == 50000);
	assert_true(isnan(thought.now->mapek.actions[0].relief));
	assert_int_equal(thought.now->mapek.actions[0].honest, COUNT_UNKNOWN);
	for (int i = 0; i < 4; i++)
		turn_limited(50000, 300); /* three times what it usually sends */
	assert_true(thought.now->mapek.actions[0].after == 500);
	assert_true(thought.now->mapek.actions[0].relief == 1);
	assert_int_equal(
		thought.now->mapek.actions[0].honest, 396); /* 4 s of 100 a second, 99 % of them */
	assert_int_equal(thought.now->mapek.honest, 396);
	assert_true(thought.now->mapek.relief == 1);
	assert_int_equal(thought.now->mapek.dropped, 49500);
	assert_int_equal(thought.now->mapek.n_outcomes, 1);
	assert_string_equal(thought.now->mapek.outcomes[0].policy, "flood");
	assert_int_equal(thought.now->mapek.outcomes[0].found, 1);
	assert_int_equal(thought.now->mapek.outcomes[0].done, 1);
	assert_int_equal(thought.now->mapek.outcomes[0].advised, 0);
	assert_int_equal(thought.now->mapek.outcomes[0].dropped, 49500);
	assert_int_equal(thought.now->mapek.outcomes[0].honest, 396);
	assert_string_equal(mapek_effect(&thought.now->mapek.actions[0], text, sizeof(text)),
		"50.0K before, 500 after, 100% gone; 49.5K dropped, about 396 of them usual");
	for (int i = 0; i < 3; i++)
		turn_limited(1000, 100); /* nothing floods: nothing helps */
	assert_true(thought.now->mapek.actions[0].after == 500);
	assert_int_equal(thought.n_outcomes, 1); /* after 5 s */
	thought_end();
}

/* The sample before a flood's first has its beginning. */
static void test_a_flood_that_begins_is_not_usual(void **state)
{
	(void)state;
	thought_begin("mode: act\n" POLICY(LIMIT));
	thought_quiet(60);
	thought.mapek->looked = -1000; /* it looks at who is there */
	for (int i = 0; i < 4; i++) {
		double time = thought.now->time;
		snapshot_clear(thought.now);
		thought.now->time = time + thought.step;
		thought_fill(i == 0 ? 4000 : 50000, 1, NULL);
		thought.now->talkers.available = true;
		mapek_turn(thought.mapek, thought.now);
	}
	assert_int_equal(thought.now->mapek.n_actions, 1);
	for (int i = 0; i < 4; i++)
		turn_limited(50000, 0);
	assert_int_equal(thought.now->mapek.actions[0].honest, 0);
	thought_end();
}

static void test_what_does_not_help(void **state)
{
	(void)state;
	thought_begin("mode: act\n" POLICY("  do: program off tc_classifier\n  for: 20s\n"));
	thought_quiet(60);
	for (int i = 0; i < 10; i++)
		thought_turn(50000, 1, NULL);
	assert_true(thought.now->mapek.actions[0].after == 50000);
	assert_true(thought.now->mapek.actions[0].relief == 0);
	assert_int_equal(thought.now->mapek.actions[0].honest, COUNT_UNKNOWN);
	thought_end();
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
	memset(&thought.policies, 0, sizeof(thought.policies));
	thought.now = snapshot_open();
	put_sender(thought.now, "02:00:00:00:00:01", 600);
	put_sender(thought.now, "02:00:00:00:00:02", 400);
	put_sender(thought.now, "02:00:00:00:00:03", 1e9);
	thought.now->talkers.n_senders = 2;
	thought.now->talkers.lost.packets.rate = 500;
	assert_int_equal(plan_targets(&thought.policies, &policy, thought.now, targets), 1);
	assert_string_equal(targets[0].name, "02:00:00:00:00:01");
	policy.busy = 901;
	assert_int_equal(plan_targets(&thought.policies, &policy, thought.now, targets), 0);
	policy.busy = 600;
	assert_int_equal(plan_targets(&thought.policies, &policy, thought.now, targets), 2);
	policy.busy = 601;
	assert_int_equal(plan_targets(&thought.policies, &policy, thought.now, targets), 1);
	policy.most = 1;
	policy.busy = 1;
	assert_int_equal(plan_targets(&thought.policies, &policy, thought.now, targets), 1);
	/* Eight sources make up half of it: then they are meant, and not their sender. */
	for (unsigned i = 0; i < 9; i++)
		put_source(thought.now, "10.0.0.1", 62.5);
	assert_int_equal(plan_targets(&thought.policies, &policy, thought.now, targets), 0);
	for (unsigned i = 0; i < 8; i++)
		thought.now->talkers.sources[i].traffic.packets.rate = 62.4;
	assert_int_equal(plan_targets(&thought.policies, &policy, thought.now, targets), 1);
	snapshot_close(thought.now);
}

static void put_node(unsigned i, const char *address, double refused)
{
	struct snapshot_pqc_node *node = SNAPSHOT_ADD(thought.now, &thought.now->pqc, nodes);

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
	memset(&thought.policies, 0, sizeof(thought.policies));
	thought.now = snapshot_open();
	put_node(1, "10.0.0.1", 49);
	put_node(2, "", 60);
	put_node(3, "10.0.0.3", 50);
	put_node(4, "10.0.0.4", 70);
	put_node(5, "10.0.0.5", 70);
	thought.now->pqc.n_nodes = 4;
	assert_int_equal(plan_targets(&thought.policies, &policy, thought.now, targets), 2);
	assert_string_equal(targets[0].name, "0000000000000003");
	assert_string_equal(targets[0].where, "10.0.0.3");
	assert_string_equal(targets[1].where, "10.0.0.4");
	thought.now->pqc.n_nodes = 5;
	assert_int_equal(plan_targets(&thought.policies, &policy, thought.now, targets), 2);
	snapshot_close(thought.now);
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
	thought_begin("mode: act\n" POLICY(LIMIT));
	mapek_number_from(thought.mapek, 5, 3);
	thought_quiet(60);
	assert_int_equal(thought.now->mapek.n_anomalies, 0);
	assert_int_equal(thought.now->mapek.found, 5);
	for (int i = 0; i < 3; i++)
		thought_turn(50000, 1, NULL);
	assert_int_equal(thought.now->mapek.n_anomalies, 1);
	assert_int_equal(thought.now->mapek.anomalies[0].number, 6);
	assert_int_equal(thought.now->mapek.lasting, 1);
	assert_int_equal(thought.now->mapek.found, 6);
	assert_int_equal(thought.now->mapek.actions[0].number, 4);
	thought_quiet(10);
	assert_int_equal(thought.now->mapek.lasting, 0);
	thought_end();
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
	thought_begin("mode: advise\n" POLICY(LIMIT "  most: 3\n"));
	thought.mapek->ears.action = on_told;
	memset(n_told, 0, sizeof(n_told));
	thought_quiet(60);
	assert_true(thought.now->mapek.series[0].score < 5);
	thought_turn(50000, 3, NULL);
	assert_true(thought.now->mapek.series[0].score >=
		    thought.mapek->readings[measure_find("udp")].alarm);
	thought_turn(50000, 3, NULL);
	thought_turn(50000, 3, NULL);
	assert_int_equal(thought.now->mapek.n_actions, 3);
	for (uint32_t i = 0; i < 3; i++)
		assert_int_equal(thought.now->mapek.actions[i].number, 3 - i);
	assert_int_equal(n_told[MAPEK_ADVISED], 3);
	assert_int_equal(thought.now->mapek.outcomes[0].advised, 3);
	assert_int_equal(thought.now->mapek.outcomes[0].done, 0);
	assert_int_equal(thought.now->mapek.in_force, 0);
	thought_quiet(30);
	assert_int_equal(n_told[MAPEK_OVER], 3);
	assert_int_equal(thought.now->mapek.outcomes[0].over, 3);
	thought_end();
}

/* While the anomaly is calm, nothing is left to judge by; what is left over it is not its own. */
static void test_what_is_left_while_it_is_calm(void **state)
{
	(void)state;
	thought_begin("mode: act\n" POLICY(LIMIT));
	thought_quiet(60);
	for (int i = 0; i < 5; i++)
		thought_turn(50000, 1, "mapek 1");
	const double after = thought.now->mapek.actions[0].after;
	assert_true(after > 0);
	thought_turn(1000, 1, "mapek 1"); /* it lasts, but this value is none of it */
	assert_int_equal(thought.now->mapek.lasting, 1);
	assert_true(thought.now->mapek.actions[0].after == after);
	thought_end();
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
		thought_begin("mode: act\n" POLICY(LIMIT));
		action.dropped = before[i];
		mapek_recall(thought.mapek, &action, 1);
		thought_turn(1000, 1, "mapek 4");
		assert_int_equal(thought.now->mapek.dropped, since[i]);
		thought_end();
	}
}

/* No less than nothing is usual. */
static void test_what_is_usual_of_little(void **state)
{
	(void)state;
	thought_begin("mode: act\n" POLICY(LIMIT));
	for (int i = 0; i < 60; i++)
		thought_turn(2, 1, NULL);
	assert_true(thought.now->mapek.series[0].low == 0);
	assert_true(
		thought.now->mapek.series[0].high > 2 && thought.now->mapek.series[0].high < 20);
	thought_end();
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
	thought_begin(
		"mode: act\npolicies:\n- name: a\n  watch: packets\n- name: b\n  watch: silence\n");
	series_open(&series, 1);
	for (uint32_t i = 0; measures[i].name != NULL; i++)
		mapek_know(thought.mapek, measures[i].name, &series);
	mapek_know(thought.mapek, "what nobody measures", &series);
	for (uint32_t i = 0; measures[i].name != NULL; i++) {
		const struct series *known = mapek_series(thought.mapek, i, &name);
		assert_string_equal(name, measures[i].name);
		assert_int_equal(known != NULL,
			strcmp(name, "packets") == 0 || strcmp(name, "silence") == 0);
		assert_int_equal(thought.mapek->series[i].history, series.history);
	}
	thought_end();
}

/* Neither the sample before an attack, which may have its beginning, nor those of it, nor the one behind it. */
static void test_what_is_learnt_beside_an_attack(void **state)
{
	const struct series *udp;

	(void)state;
	thought_begin("mode: act\n" POLICY(LIMIT));
	udp = &thought.mapek->series[measure_find("udp")];
	thought_quiet(60);
	const uint32_t before = udp->values.count;
	thought_turn(50000, 1, NULL);
	assert_int_equal(udp->values.count, before - 1);
	for (int i = 0; i < 4; i++)
		thought_turn(50000, 1, NULL);
	assert_int_equal(udp->values.count, before - 1);
	while (thought.mapek->attacked || thought.mapek->was_attacked) {
		assert_int_equal(udp->values.count, before - 1);
		thought_turn(1000, 1, NULL);
	}
	thought_turn(1000, 1, NULL);
	assert_in_range(udp->values.count, before, before + 1);
	thought_end();
}

/* --- networks of sources ------------------------------------------------------------------------ */

#define NETWORK "  do: rule add drop from {source}/24 proto udp\n  for: 20s\n"

/* No source of it is busy alone. One action is about all of them, also while there come more. */
static void test_a_flood_from_a_network(void **state)
{
	(void)state;
	thought_begin("mode: act\n" POLICY(NETWORK "  most: 4\n"));
	thought_quiet(60);
	for (unsigned i = 0; i < 4; i++)
		thought_turn(20000, 40 + i, NULL);
	assert_int_equal(thought.n_done, 1);
	assert_string_equal(
		thought.done[0], "rule add drop 10.9.0.0/24 proto udp for 20s comment \"mapek 1\"");
	assert_string_equal(thought.now->mapek.actions[0].target, "10.9.0.0/24");
	assert_int_equal(thought.now->mapek.n_actions, 1);
	assert_non_null(
		strstr(thought.now->mapek.actions[0].reason, "among the busiest is 10.9.0.0/24"));
	/* One of them is spared: nothing is done about the others in their network. */
	assert_int_equal(mapek_spare(thought.mapek, "10.9.0.70", 1), 0);
	thought_turn(20000, 40, "mapek 1");
	assert_int_equal(thought.n_done, 2);
	assert_string_equal(thought.done[1], "rule delete 5");
	assert_int_equal(thought.now->mapek.actions[0].state, MAPEK_UNDONE);
	thought_end();
	/* As sources alone they are too many to be busy. */
	thought_begin("mode: act\n" POLICY(LIMIT "  most: 4\n"));
	thought_quiet(60);
	for (unsigned i = 0; i < 4; i++)
		thought_turn(20000, 40, NULL);
	assert_int_equal(thought.n_done, 0);
	thought_end();
	thought_begin("mode: act\nnever: [10.9.0.200]\n" POLICY(NETWORK));
	thought_quiet(60);
	for (unsigned i = 0; i < 4; i++)
		thought_turn(20000, 40, NULL);
	assert_int_equal(thought.n_done, 0);
	thought_end();
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
	memset(&thought.policies, 0, sizeof(thought.policies));
	thought.now = snapshot_open();
	put_source(thought.now, "10.1.0.1", 900);
	put_source(thought.now, "10.2.0.1", 600);
	put_source(thought.now, "10.2.7.1", NAN);
	put_source(thought.now, "02:00:00:00:00:01", 5000);
	put_source(thought.now, "10.2.255.255", 600);
	put_source(thought.now, "fd00:1:2::1", 700);
	put_source(thought.now, "fd00:1:2:ffff::1", 700);
	put_source(thought.now, "fd00:1:3::1", 999);
	assert_int_equal(plan_targets(&thought.policies, &policy, thought.now, targets), 2);
	assert_string_equal(targets[0].name, "fd00:1:2::/48");
	assert_string_equal(targets[0].where, "fd00:1:2::/48");
	assert_string_equal(targets[1].name, "10.2.0.0/16");
	policy.small = 99; /* of their packets together, too */
	assert_int_equal(plan_targets(&thought.policies, &policy, thought.now, targets), 0);
	policy.small = NAN;
	policy.most = 1;
	assert_int_equal(plan_targets(&thought.policies, &policy, thought.now, targets), 1);
	snapshot_close(thought.now);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
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
		cmocka_unit_test(test_an_outcome),
		cmocka_unit_test(test_a_flood_that_begins_is_not_usual),
		cmocka_unit_test(test_what_does_not_help),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
