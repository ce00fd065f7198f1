// SPDX-License-Identifier: BSD-2-Clause
/* Changes of rules in memory: which place each rule has after it, which counters stay, and what is refused. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "mesh/rule.h"
#include "mesh/rule_edit.h"
#include "mesh/rule_notes.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define LAST	     (MESH_RULES_MAX - 1)

static struct rule_table table;
static struct rule_edit edit;
static struct failure failure;

static struct mesh_rule parse(const char *text)
{
	struct mesh_rule rule;

	if (rule_parse(text, &rule, &failure) < 0)
		fail_msg("%s: %s", text, failure.what);
	return rule;
}

/* Puts a rule for the port `port` at a place, with an id by it. */
static void put(uint32_t place, int port)
{
	char text[64];

	snprintf(text, sizeof(text), "drop tcp %d", port);
	table.rules[place] = parse(text);
	table.rules[place].id = (uint16_t)(100 + port);
}

static int setup(void **state)
{
	(void)state;
	memset(&table, 0, sizeof(table));
	memset(&edit, 0, sizeof(edit));
	failure = (struct failure) { 0 };
	return 0;
}

static int make(enum rule_edit_kind kind, uint32_t number, const char *rule)
{
	edit.kind = kind;
	edit.number = number;
	if (rule != NULL)
		edit.rule = parse(rule);
	return rule_edit(&table, &edit, &failure);
}

/* The ports of the rules at the first places; 0: free. */
static void assert_ports(const int *ports, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++) {
		int port = rule_exists(&table.rules[i]) ? table.rules[i].destination_port.from : 0;
		if (port != ports[i])
			fail_msg("place %u has %d, not %d", i, port, ports[i]);
	}
}

#define PORTS(...) \
	assert_ports((const int[]) { __VA_ARGS__ }, COUNT(((const int[]) { __VA_ARGS__ })))

/* --- new rules --------------------------------------------------------------------------------------- */

static void a_new_rule_comes_behind_the_last(void **state)
{
	(void)state;
	assert_int_equal(make(RULE_EDIT_ADD, 0, "drop tcp 1"), 0);
	assert_int_equal(edit.place, 0);
	assert_int_equal(edit.next, MESH_RULES_MAX);
	put(4, 5);
	assert_int_equal(make(RULE_EDIT_ADD, 0, "drop tcp 6"), 0);
	assert_int_equal(edit.place, 5);
	assert_int_equal(table.rules[5].id, MESH_NO_RULE);
	PORTS(1, 0, 0, 0, 5, 6, 0);
	put(LAST, 99); /* then where the highest gap begins: new ones stay in their order */
	for (uint32_t place = 6; place < 8; place++) {
		assert_int_equal(
			make(RULE_EDIT_ADD, 0, place == 6 ? "drop tcp 7" : "drop tcp 8"), 0);
		assert_int_equal(edit.place, place);
		assert_int_equal(edit.next, LAST);
	}
}

static void inserted_rules_move_others_up(void **state)
{
	(void)state;
	put(0, 1);
	put(1, 2);
	put(2, 3);
	put(4, 5);
	assert_int_equal(make(RULE_EDIT_INSERT, 1, "drop tcp 9"), 0);
	assert_int_equal(edit.place, 1);
	assert_int_equal(edit.next, 2);
	PORTS(1, 9, 2, 3, 5, 0);
	assert_int_equal(table.rules[2].id, 102);
	assert_int_equal(make(RULE_EDIT_INSERT, 7, "drop tcp 8"), 0);
	PORTS(1, 9, 2, 3, 5, 0, 0, 8, 0);
	assert_int_equal(edit.next, MESH_RULES_MAX);
	assert_int_equal(make(RULE_EDIT_INSERT, LAST, "drop tcp 10"), 0);
	assert_int_equal(edit.place, LAST);
}

static void a_full_table_has_no_room(void **state)
{
	static const char what[] = "All 1024 mesh rules are in use";

	(void)state;
	assert_int_equal(make(RULE_EDIT_INSERT, MESH_RULES_MAX, "drop tcp 1"), -ENOSPC);
	assert_string_equal(failure.what, what);
	assert_string_equal(failure.remedy,
		"Delete one first: x0top rules delete NUMBER, or F9 in the mesh view");
	for (uint32_t i = 1; i < MESH_RULES_MAX; i++)
		put(i, (int)i);
	assert_int_equal(
		make(RULE_EDIT_INSERT, 1, "drop tcp 5000"), -ENOSPC); /* a place below it */
	assert_int_equal(make(RULE_EDIT_ADD, 0, "drop tcp 5000"), 0);
	assert_int_equal(edit.place, 0);
	assert_int_equal(edit.next, 1);
	assert_int_equal(make(RULE_EDIT_ADD, 0, "drop tcp 5001"), -ENOSPC);
	assert_string_equal(failure.what, what);
	edit.to = 1;
	assert_int_equal(make(RULE_EDIT_MOVE, LAST, NULL), 0); /* into its own room */
	PORTS(5000, LAST, 1, 2);
}

static void rules_that_are_there_already(void **state)
{
	(void)state;
	put(3, 22);
	assert_int_equal(make(RULE_EDIT_ADD, 0, "pass tcp 22"), -EEXIST);
	assert_string_equal(failure.what, "Mesh rule 3 already matches tcp 22");
	assert_string_equal(
		failure.remedy, "Delete it first: x0top rules delete 3, or F9 in the mesh view");
	assert_int_equal(make(RULE_EDIT_INSERT, 0, "drop tcp 22"), -EEXIST);
	put(1, 23);
	assert_int_equal(make(RULE_EDIT_CHANGE, 1, "drop tcp 22"), -EEXIST);
	assert_int_equal(make(RULE_EDIT_CHANGE, 3, "pass tcp 22"), 0);
	edit.rule = parse("drop tcp 24");
	edit.rule.expires = 1; /* long ago */
	edit.kind = RULE_EDIT_ADD;
	assert_int_equal(rule_edit(&table, &edit, &failure), -ETIME);
	assert_string_equal(failure.what, "The time of the mesh rule is over");
}

/* --- whose rules ------------------------------------------------------------------------------------- */

/* A feed and MAPE-K give way to people, and to nobody else; each changes its own alone. */
static void guests_give_way(void **state)
{
	static const struct {
		uint8_t there, comes;
		int add, change;
	} cases[] = {
		{ MESH_ORIGIN_OPERATOR, MESH_ORIGIN_OPERATOR, -EEXIST, 0 },
		{ MESH_ORIGIN_OPERATOR, MESH_ORIGIN_FILE, -EEXIST, 0 },
		{ MESH_ORIGIN_FEED, MESH_ORIGIN_OPERATOR, 0, 0 },
		{ MESH_ORIGIN_MAPEK, MESH_ORIGIN_FILE, 0, 0 },
		{ MESH_ORIGIN_OPERATOR, MESH_ORIGIN_FEED, -EEXIST, -EPERM },
		{ MESH_ORIGIN_OPERATOR, MESH_ORIGIN_MAPEK, -EEXIST, -EPERM },
		{ MESH_ORIGIN_FEED, MESH_ORIGIN_MAPEK, -EEXIST, -EPERM },
		{ MESH_ORIGIN_MAPEK, MESH_ORIGIN_MAPEK, -EEXIST, 0 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		for (int changes = 0; changes < 2; changes++) {
			setup(NULL);
			put(0, 22);
			table.rules[0].origin = cases[i].there;
			edit = (struct rule_edit) { .kind = changes ? RULE_EDIT_CHANGE
								    : RULE_EDIT_ADD,
				.rule = parse("pass tcp 22") };
			edit.rule.origin = cases[i].comes;
			int expected = changes ? cases[i].change : cases[i].add;
			if (rule_edit(&table, &edit, &failure) != expected)
				fail_msg("case %zu, %d: %s", i, changes, failure.what);
			/* In the place of the one that it drove away, and the only one. */
			assert_int_equal(
				table.rules[0].action, expected == 0 ? MESH_PASS : MESH_DROP);
			assert_false(rule_exists(&table.rules[1]));
		}
	}
	setup(NULL);
	put(0, 22);
	table.rules[0].origin = MESH_ORIGIN_FEED;
	edit.rule.origin = MESH_ORIGIN_MAPEK;
	assert_int_equal(make(RULE_EDIT_DELETE, 0, NULL), -EPERM);
	assert_string_equal(failure.what, "Mesh rule 0 is not of the origin mapek");
}

/* --- rules that are there ---------------------------------------------------------------------------- */

static void a_rule_that_is_not_there(void **state)
{
	static const enum rule_edit_kind kinds[] = { RULE_EDIT_CHANGE, RULE_EDIT_MOVE,
		RULE_EDIT_DELETE, RULE_EDIT_ON, RULE_EDIT_OFF };

	(void)state;
	put(0, 1);
	for (size_t i = 0; i < COUNT(kinds); i++) {
		assert_int_equal(make(kinds[i], 1, "drop tcp 2"), -ENOENT);
		assert_string_equal(failure.what, "There is no mesh rule 1");
		assert_string_equal(
			failure.remedy, "x0top rules list shows the rules with their numbers");
		assert_int_equal(make(kinds[i], MESH_RULES_MAX, "drop tcp 2"), -ENOENT);
	}
	PORTS(1, 0);
}

static void moved_rules_keep_what_they_are(void **state)
{
	(void)state;
	for (int i = 0; i < 4; i++)
		put((uint32_t)i, i + 1);
	edit.to = 1;
	assert_int_equal(make(RULE_EDIT_MOVE, 3, NULL), 0);
	PORTS(1, 4, 2, 3, 0);
	assert_int_equal(edit.place, 1);
	assert_int_equal(table.rules[1].id, 104);
	edit.to = 3;
	assert_int_equal(make(RULE_EDIT_MOVE, 0, NULL), 0);
	PORTS(0, 4, 2, 1, 3, 0);
	edit.to = MESH_RULES_MAX;
	assert_int_equal(make(RULE_EDIT_MOVE, 1, NULL), -ENOSPC);
}

static void rules_are_switched_and_deleted(void **state)
{
	(void)state;
	put(0, 1);
	put(1, 2);
	assert_int_equal(make(RULE_EDIT_OFF, 1, NULL), 0);
	assert_int_equal(table.rules[1].enabled, 0);
	assert_int_equal(table.rules[0].enabled, 1);
	assert_int_equal(edit.place, 1);
	assert_int_equal(make(RULE_EDIT_ON, 1, NULL), 0);
	assert_int_equal(table.rules[1].enabled, 1);
	assert_int_equal(make(RULE_EDIT_DELETE, 0, NULL), 0);
	PORTS(0, 2, 0);
	put(LAST, 3);
	assert_int_equal(make(RULE_EDIT_FLUSH, 0, NULL), 0);
	assert_int_equal(edit.gone, 2);
	PORTS(0, 0, 0);
	assert_false(rule_exists(&table.rules[LAST]));
	edit.policy = MESH_DROP;
	assert_int_equal(make(RULE_EDIT_POLICY, 0, NULL), 0);
	assert_int_equal(table.bank.policy, MESH_DROP);
}

/* --- counters ---------------------------------------------------------------------------------------- */

/* A changed rule keeps its id, so its counters; a limit of another rate does not. */
static void changed_rules_keep_their_counters(void **state)
{
	static const struct {
		const char *before, *after;
		bool keeps, replaced_keeps;
	} cases[] = {
		{ "drop tcp 22", "drop tcp 22", true, true },
		{ "drop tcp 22", "pass tcp 22", true, false },
		{ "drop tcp 22", "drop tcp 23", true, false },
		{ "drop tcp 22", "limit 10/s tcp 22", false, false },
		{ "limit 10/s tcp 22", "drop tcp 22", true, false },
		{ "limit 10/s burst 5 tcp 22", "limit 10/s burst 5 tcp 22", true, true },
		{ "limit 10/s burst 5 tcp 22", "limit 11/s burst 5 tcp 22", false, false },
		{ "limit 10/s burst 5 tcp 22", "limit 10/s burst 6 tcp 22", false, false },
		{ "limit 10/s tcp 22", "limit 10kbit/s tcp 22", false, false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct mesh_rule after = parse(cases[i].after);
		table.rules[2] = parse(cases[i].before);
		table.rules[2].id = 7;
		assert_int_equal(make(RULE_EDIT_CHANGE, 2, cases[i].after), 0);
		if (table.rules[2].id != (cases[i].keeps ? 7 : MESH_NO_RULE))
			fail_msg("changed to %s: id %u", cases[i].after, table.rules[2].id);
		assert_int_equal(edit.place, 2);
		table.rules[2] = parse(cases[i].before);
		table.rules[2].id = 7;
		edit.rules = &after;
		edit.n_rules = 1;
		assert_int_equal(make(RULE_EDIT_REPLACE, 0, NULL), 0);
		assert_false(rule_exists(&table.rules[2]));
		if (table.rules[0].id != (cases[i].replaced_keeps ? 7 : MESH_NO_RULE))
			fail_msg("replaced by %s: id %u", cases[i].after, table.rules[0].id);
		memset(&table.rules[0], 0, sizeof(table.rules[0]));
	}
}

static void a_whole_table_in_place_of_another(void **state)
{
	struct mesh_rule rules[4] = { 0 };

	(void)state;
	put(0, 1);
	put(5, 2);
	rules[1] = parse("drop tcp 2");
	rules[3] = parse("drop tcp 3");
	edit.rules = rules;
	edit.n_rules = 4;
	edit.policy = MESH_DROP;
	assert_int_equal(make(RULE_EDIT_REPLACE, 0, NULL), 0);
	PORTS(0, 2, 0, 3, 0, 0, 0);
	assert_int_equal(table.rules[1].id, 102);
	assert_int_equal(table.rules[3].id, MESH_NO_RULE);
	assert_int_equal(table.bank.policy, MESH_DROP);
	rules[2] = parse("pass tcp 3");
	assert_int_equal(make(RULE_EDIT_REPLACE, 0, NULL), -EEXIST);
	assert_string_equal(failure.what, "Mesh rule 2 already matches tcp 3");
	edit.n_rules = 3;
	assert_int_equal(make(RULE_EDIT_REPLACE, 0, NULL), 0);
	PORTS(0, 2, 3, 0);
}

static void expired_rules_are_forgotten(void **state)
{
	uint64_t now = clock_boottime_ns();

	(void)state;
	for (uint32_t i = 0; i < 4; i++)
		put(i, (int)i + 1);
	table.rules[1].expires = now - 1;
	table.rules[2].expires = now + 1000 * NS_PER_SECOND;
	table.rules[3].expires = 1;
	assert_int_equal(make(RULE_EDIT_EXPIRE, 0, NULL), 0);
	assert_int_equal(edit.gone, 2);
	PORTS(1, 0, 3, 0);
	assert_int_equal(make(RULE_EDIT_EXPIRE, 0, NULL), 0);
	assert_int_equal(edit.gone, 0);
}

#define test(function) cmocka_unit_test_setup(function, setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(a_new_rule_comes_behind_the_last),
		test(inserted_rules_move_others_up),
		test(a_full_table_has_no_room),
		test(rules_that_are_there_already),
		test(guests_give_way),
		test(a_rule_that_is_not_there),
		test(moved_rules_keep_what_they_are),
		test(rules_are_switched_and_deleted),
		test(changed_rules_keep_their_counters),
		test(a_whole_table_in_place_of_another),
		test(expired_rules_are_forgotten),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
