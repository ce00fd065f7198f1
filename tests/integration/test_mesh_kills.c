// SPDX-License-Identifier: BSD-2-Clause
/*
 * Who changes mesh rules and sets is killed at random points of random changes: the kernel then holds the rules
 * and sets before the change or those after it, packets meet the same ones, and what was confirmed is there.
 * X0_KILLS: how many.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <cmocka.h>
#include <linux/bpf.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include "base/clock.h"
#include "mesh/rule.h"
#include "mesh/rule_edit.h"
#include "mesh/rules.h"
#include "mesh/set_change.h"
#include "tests/lib/bpf_program.h"
#include "tests/lib/mesh_filter.h"
#include "tests/lib/mesh_model.h"
#include "tests/lib/packets.h"

#define KILLS	       500
#define KILLS_EMULATED 20
#define LATEST_US      60000 /* after the start of changes; one takes about a third of it */
#define LATEST_SLOW_US 900000 /* on a machine that is busy, or emulated */
#define ADDRESSES      12
#define SETS	       2
#define FILLERS	       1500 /* elements that no packet meets: a set takes several pieces of the store */

/* What is in force. */
struct state {
	struct rule_table table;
	uint32_t sets[SETS]; /* 1 + the change that made the set's elements; 0: it is not there */
};

static struct {
	struct mesh_filter_loaded filter;
	struct state before, after; /* the change that may have been at work */
	_Atomic uint32_t *confirmed; /* changes, shared with who makes them */
	uint64_t random;
	uint32_t latest_us;
} test;

static uint32_t number(uint64_t *random, uint32_t below)
{
	*random = *random * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(*random >> 33) % below;
}

/* --- random changes ------------------------------------------------------------------------------ */

enum change_kind { CHANGE_RULE, CHANGE_SET, FORGET_SET };

/* Change `n`, always the same one. Some cannot be made, and change nothing. */
struct change {
	enum change_kind kind;
	struct rule_edit edit;
	uint32_t set;
};

static void random_rule(uint64_t *random, struct mesh_rule *rule)
{
	static const char *const actions[] = { "pass", "drop", "count" };
	const char *action = actions[number(random, 3)];
	struct failure failure;
	char text[64];

	if (number(random, 3) == 0)
		snprintf(text, sizeof(text), "%s from @s%u", action, number(random, SETS));
	else
		snprintf(text, sizeof(text), "%s 10.1.%u.0/24", action, number(random, ADDRESSES));
	if (rule_parse(text, rule, &failure) < 0)
		abort();
}

static void make_change(uint32_t n, struct change *change)
{
	static const enum rule_edit_kind kinds[] = { RULE_EDIT_ADD, RULE_EDIT_ADD, RULE_EDIT_ADD,
		RULE_EDIT_INSERT, RULE_EDIT_MOVE, RULE_EDIT_DELETE, RULE_EDIT_ON, RULE_EDIT_OFF,
		RULE_EDIT_OFF, RULE_EDIT_POLICY };
	static const enum change_kind changes[] = { CHANGE_RULE, CHANGE_RULE, CHANGE_RULE,
		CHANGE_SET, CHANGE_SET, FORGET_SET };
	uint64_t random = n * UINT64_C(0x9e3779b97f4a7c15);

	number(&random, 2);
	*change = (struct change) { .kind = changes[number(&random, 6)],
		.set = number(&random, SETS),
		.edit = { .kind = kinds[number(&random, 10)],
			.number = number(&random, 8),
			.to = number(&random, 8),
			.policy = number(&random, 2) == 0 ? MESH_PASS : MESH_DROP } };
	random_rule(&random, &change->edit.rule);
}

/* The elements that change `n` gives a set; to be freed by the caller. */
static struct set_elements make_elements(uint32_t n)
{
	uint64_t random = n * UINT64_C(0x9e3779b97f4a7c15) + 1;
	struct set_elements elements = { .kind = MESH_SET_PREFIXES };
	struct mesh_element element = { .prefix = { .family = 4, .length = 32 } };

	for (uint32_t i = 0; i < FILLERS; i++) {
		uint32_t filler = number(&random, 1 << 20);
		memcpy(element.prefix.address,
			(uint8_t[]) { 11, 1 + (uint8_t)(filler >> 16), (uint8_t)(filler >> 8),
				(uint8_t)filler },
			4);
		if (set_add(&elements, &element) < 0)
			abort();
	}
	element.prefix.length = 24;
	for (uint8_t i = 0; i < ADDRESSES; i++) {
		memcpy(element.prefix.address, (uint8_t[]) { 10, 1, i, 0 }, 4);
		if (number(&random, 2) == 0 && set_add(&elements, &element) < 0)
			abort();
	}
	set_merge(&elements);
	return elements;
}

static void set_name(uint32_t set, char name[MESH_SET_NAME_LEN])
{
	snprintf(name, MESH_SET_NAME_LEN, "s%u", set);
}

static void change_set(uint32_t n, const struct change *change)
{
	struct set_elements elements = make_elements(n);
	struct mesh_set set = { .origin = MESH_ORIGIN_FILE };
	struct failure failure;

	set_name(change->set, set.name);
	if (set_change_put(&test.filter.registry, &set, &elements, &failure) < 0)
		abort();
	free(elements.list);
}

static void forget_set(const struct change *change)
{
	char name[MESH_SET_NAME_LEN];
	struct set_change forgets;
	struct failure failure;

	set_name(change->set, name);
	if (set_change_begin(&test.filter.registry, &forgets, &failure) < 0)
		abort();
	if (set_change_forget(&forgets, name, &failure) < 0)
		set_change_abandon(&forgets);
	else if (set_change_commit(&test.filter.registry, &forgets, &failure) < 0)
		abort();
}

/* Makes changes from number `n` on, until it is killed. */
static void make_changes(uint32_t n)
{
	for (;; n++) {
		struct change change;
		struct failure failure;
		make_change(n, &change);
		if (change.kind == CHANGE_SET)
			change_set(n, &change);
		else if (change.kind == FORGET_SET)
			forget_set(&change);
		else
			rules_change(&test.filter.registry, &change.edit, &failure);
		atomic_store(test.confirmed, n + 1);
	}
}

/* --- the same in memory -------------------------------------------------------------------------- */

static uint32_t set_of(const struct mesh_rule *rule)
{
	return (uint32_t)(rule->names[0][1] - '0');
}

static bool names_a_set(const struct mesh_rule *rule)
{
	return rule->match != MESH_MATCH_NONE && rule->names[0][0] != '\0';
}

static bool is_named(const struct rule_table *table, uint32_t set)
{
	for (uint32_t i = 0; i < MESH_RULES_MAX; i++)
		if (names_a_set(&table->rules[i]) && set_of(&table->rules[i]) == set)
			return true;
	return false;
}

static bool has_its_sets(const struct state *state)
{
	for (uint32_t set = 0; set < SETS; set++)
		if (state->sets[set] == 0 && is_named(&state->table, set))
			return false;
	return true;
}

/* A table is of no use once a change has failed. */
static void model_change(uint32_t n, struct state *state)
{
	struct state *old = malloc(sizeof(*old));
	struct change change;
	struct failure failure;

	if (old == NULL)
		abort();
	*old = *state;
	make_change(n, &change);
	if (change.kind == CHANGE_SET)
		state->sets[change.set] = 1 + n;
	else if (change.kind == FORGET_SET && !is_named(&state->table, change.set))
		state->sets[change.set] = 0;
	else if (change.kind == CHANGE_RULE &&
		 (rule_edit(&state->table, &change.edit, &failure) < 0 || !has_its_sets(state)))
		*state = *old;
	free(old);
}

static bool same_rules(const struct rule_table *found, const struct rule_table *table)
{
	for (uint32_t i = 0; i < MESH_RULES_MAX; i++) {
		const struct mesh_rule *rule = &found->rules[i];
		char text[256] = "", wanted[256] = "";
		if (rule->match != MESH_MATCH_NONE)
			rule_format(rule, text, sizeof(text));
		if (table->rules[i].match != MESH_MATCH_NONE)
			rule_format(&table->rules[i], wanted, sizeof(wanted));
		if (strcmp(text, wanted) != 0 || rule->enabled != table->rules[i].enabled)
			return false;
	}
	return found->bank.policy == table->bank.policy;
}

static bool same_set(const struct mesh_sets *sets, uint32_t set, uint32_t made)
{
	char name[MESH_SET_NAME_LEN];

	set_name(set, name);
	int place = sets_find(sets, name);
	if (place < 0 || made == 0)
		return place < 0 && made == 0;
	struct set_elements wanted = make_elements(made - 1);
	bool same =
		sets->sets[place].n == wanted.n &&
		memcmp(sets->elements[place], wanted.list, wanted.n * sizeof(*wanted.list)) == 0;
	free(wanted.list);
	return same;
}

static bool is_same(const struct set_change *found, const struct state *state)
{
	for (uint32_t set = 0; set < SETS; set++)
		if (!same_set(found->sets, set, state->sets[set]))
			return false;
	return same_rules(found->table, &state->table);
}

/* --- kills --------------------------------------------------------------------------------------- */

static uint32_t no_interface(const char *name)
{
	(void)name;
	return 0;
}

/* Lets the model find a set by the number in its name. */
static void number_sets(
	const struct mesh_sets *sets, struct rule_table *table, struct mesh_elements elements[SETS])
{
	for (uint32_t set = 0; set < SETS; set++) {
		char name[MESH_SET_NAME_LEN];
		set_name(set, name);
		int place = sets_find(sets, name);
		elements[set] = place < 0 ? (struct mesh_elements) { 0 }
					  : sets_compiled_form(sets, (uint32_t)place);
	}
	for (uint32_t i = 0; i < MESH_RULES_MAX; i++)
		if (names_a_set(&table->rules[i]))
			table->rules[i].sets[MESH_BY_SOURCE] =
				(uint8_t)(1 + set_of(&table->rules[i]));
}

/* Packets meet the rules and sets that are there to be read. */
static void check_packets(const struct set_change *found)
{
	static struct rule_table table;
	struct mesh_elements elements[SETS];

	table = *found->table;
	number_sets(found->sets, &table, elements);
	for (uint8_t i = 0; i < ADDRESSES; i++) {
		struct frame frame;
		struct packet_model packet;
		struct mesh_verdict verdict;
		frame_ethernet(&frame, 0x0800);
		frame_ipv4(&frame, &(struct frame_ipv4) { .protocol = 17 });
		frame_udp(&frame, 40000, 9);
		frame_finish(&frame);
		frame.bytes[frame.ip + 14] = i;
		packet_model_read(frame.bytes, frame.length, false, &packet);
		mesh_model_decide(table.rules, elements, table.bank.policy, &packet,
			BPF_PROGRAM_RUN_IFINDEX, no_interface, clock_boottime_ns(), &verdict);
		assert_int_equal(bpf_program_run(test.filter.program, frame.bytes, frame.length),
			verdict.drop ? XDP_DROP : XDP_PASS);
	}
}

/* Compares what is in force with what was before change `n`, and after it. Returns the change to go on with. */
static uint32_t compare(uint32_t n, uint32_t *halves)
{
	struct set_change found;
	struct failure failure;

	assert_int_equal(set_change_begin(&test.filter.registry, &found, &failure), 0);
	check_packets(&found);
	bool made = !is_same(&found, &test.before);
	if (made && !is_same(&found, &test.after))
		fail_msg("change %u is neither made nor not", n);
	set_change_abandon(&found);
	if (!made)
		return n;
	test.before = test.after;
	++*halves;
	atomic_store(test.confirmed, n + 1);
	return n + 1;
}

/* Where none of `changes` was made before the kill, the next one comes later. */
static void keep_pace(uint32_t changes)
{
	if (changes == 0 && test.latest_us < LATEST_SLOW_US / 3 * 2)
		test.latest_us += test.latest_us / 2;
	else if (changes > 3 && test.latest_us > LATEST_US)
		test.latest_us -= test.latest_us / 3;
}

/* Kills who changes, and returns the number of the change to go on with. */
static uint32_t kill_once(uint32_t n, uint32_t *halves)
{
	uint32_t us = number(&test.random, test.latest_us);
	struct timespec time = { .tv_nsec = us * 1000L };

	fflush(stdout);
	pid_t child = fork();
	assert_return_code(child, 0);
	if (child == 0)
		make_changes(n);
	nanosleep(&time, NULL);
	kill(child, SIGKILL);
	assert_int_equal(waitpid(child, NULL, 0), child);
	for (; n < atomic_load(test.confirmed); n++)
		model_change(n, &test.before);
	test.after = test.before;
	model_change(n, &test.after);
	return compare(n, halves);
}

static void kills(void **state)
{
	const char *asked = getenv("X0_KILLS");
	uint32_t n = 0, halves = 0, wanted = KILLS;

	(void)state;
	if (getenv("X0_EMULATED") != NULL)
		wanted = KILLS_EMULATED;
	if (asked != NULL)
		wanted = (uint32_t)atoi(asked);
	for (uint32_t i = 0; i < wanted; i++) {
		uint32_t first = n;
		n = kill_once(n, &halves);
		keep_pace(n - first);
	}
	printf("killed %u times in %u changes, of which %u were made and not confirmed\n", wanted,
		n, halves);
	assert_true(n > wanted / 4);
}

static int start(void **state)
{
	(void)state;
	test.random = 20261127;
	test.latest_us = LATEST_US;
	test.confirmed = mmap(NULL, sizeof(*test.confirmed), PROT_READ | PROT_WRITE,
		MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	mesh_filter_load(&test.filter);
	return test.confirmed == MAP_FAILED ? -1 : 0;
}

static int stop(void **state)
{
	(void)state;
	mesh_filter_unload(&test.filter);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(kills),
	};

	return cmocka_run_group_tests_name("mesh kills", tests, start, stop);
}
