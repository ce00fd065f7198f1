// SPDX-License-Identifier: BSD-2-Clause
/*
 * Who changes mesh rules is killed at random points of random changes: the kernel then holds the rules
 * before the change or those after it, packets meet the same ones, and what was confirmed is there.
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
#include "tests/lib/bpf_program.h"
#include "tests/lib/mesh_filter.h"
#include "tests/lib/mesh_model.h"
#include "tests/lib/packets.h"

#define KILLS	       500
#define KILLS_EMULATED 20
#define LATEST_US      60000 /* after the start of changes; one takes about a third of it */
#define ADDRESSES      12

static struct {
	struct mesh_filter_loaded filter;
	struct rule_table before, after; /* the change that may have been at work */
	_Atomic uint32_t *confirmed; /* changes, shared with who makes them */
	uint64_t random;
} test;

static uint32_t number(uint64_t *random, uint32_t below)
{
	*random = *random * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(*random >> 33) % below;
}

/* Change `n`, always the same one. Some cannot be made, and change nothing. */
static void make_edit(uint32_t n, struct rule_edit *edit)
{
	static const enum rule_edit_kind kinds[] = { RULE_EDIT_ADD, RULE_EDIT_ADD, RULE_EDIT_ADD,
		RULE_EDIT_INSERT, RULE_EDIT_MOVE, RULE_EDIT_DELETE, RULE_EDIT_ON, RULE_EDIT_OFF,
		RULE_EDIT_OFF, RULE_EDIT_POLICY };
	static const char *const actions[] = { "pass", "drop", "count" };
	uint64_t random = n * UINT64_C(0x9e3779b97f4a7c15);
	struct failure failure;
	char text[64];

	number(&random, 2);
	*edit = (struct rule_edit) { .kind = kinds[number(&random, 10)],
		.number = number(&random, 8),
		.to = number(&random, 8),
		.policy = number(&random, 2) == 0 ? MESH_PASS : MESH_DROP };
	snprintf(text, sizeof(text), "%s 10.1.%u.0/%u", actions[number(&random, 3)],
		number(&random, ADDRESSES), 20 + number(&random, 5) * 2 % 6);
	if (rule_parse(text, &edit->rule, &failure) < 0)
		snprintf(text, sizeof(text), "%s 10.1.%u.0/24", actions[number(&random, 3)],
			number(&random, ADDRESSES));
	if (rule_parse(text, &edit->rule, &failure) < 0)
		abort();
}

/* Makes changes from number `n` on, until it is killed. */
static void change(uint32_t n)
{
	for (;; n++) {
		struct rule_edit edit;
		struct failure failure;
		make_edit(n, &edit);
		rules_change(&test.filter.registry, &edit, &failure);
		atomic_store(test.confirmed, n + 1);
	}
}

/* The same in memory. A table is of no use once a change has failed. */
static void model_change(uint32_t n, struct rule_table *table)
{
	struct rule_table *old = malloc(sizeof(*old));
	struct rule_edit edit;
	struct failure failure;

	if (old == NULL)
		abort();
	*old = *table;
	make_edit(n, &edit);
	if (rule_edit(table, &edit, &failure) < 0)
		*table = *old;
	free(old);
}

static bool is_same(const struct mesh_rule *rules, uint32_t policy, const struct rule_table *table)
{
	for (uint32_t i = 0; i < MESH_RULES_MAX; i++) {
		char found[256] = "", wanted[256] = "";
		if (rules[i].match != MESH_MATCH_NONE)
			rule_format(&rules[i], found, sizeof(found));
		if (table->rules[i].match != MESH_MATCH_NONE)
			rule_format(&table->rules[i], wanted, sizeof(wanted));
		if (strcmp(found, wanted) != 0 || rules[i].enabled != table->rules[i].enabled)
			return false;
	}
	return policy == table->bank.policy;
}

static uint32_t no_interface(const char *name)
{
	(void)name;
	return 0;
}

/* Packets meet the rules that are there to be read. */
static void check_packets(const struct mesh_rule *rules, uint32_t policy)
{
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
		mesh_model_decide(rules, NULL, policy, &packet, BPF_PROGRAM_RUN_IFINDEX,
			no_interface, clock_boottime_ns(), &verdict);
		assert_int_equal(bpf_program_run(test.filter.program, frame.bytes, frame.length),
			verdict.drop ? XDP_DROP : XDP_PASS);
	}
}

/* Kills who changes, and returns the number of the change to go on with. */
static uint32_t kill_once(uint32_t n, uint32_t *halves)
{
	static struct mesh_rule rules[MESH_RULES_MAX];
	uint32_t policy, us = number(&test.random, LATEST_US);
	struct timespec time = { .tv_nsec = us * 1000L };

	fflush(stdout);
	pid_t child = fork();
	assert_return_code(child, 0);
	if (child == 0)
		change(n);
	nanosleep(&time, NULL);
	kill(child, SIGKILL);
	assert_int_equal(waitpid(child, NULL, 0), child);
	for (; n < atomic_load(test.confirmed); n++)
		model_change(n, &test.before);
	test.after = test.before;
	model_change(n, &test.after);
	assert_int_equal(rules_read(&test.filter.registry, rules, &policy), 0);
	check_packets(rules, policy);
	if (is_same(rules, policy, &test.before))
		return n;
	if (!is_same(rules, policy, &test.after))
		fail_msg("change %u is neither made nor not", n);
	test.before = test.after;
	++*halves;
	atomic_store(test.confirmed, n + 1);
	return n + 1;
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
	for (uint32_t i = 0; i < wanted; i++)
		n = kill_once(n, &halves);
	printf("killed %u times in %u changes, of which %u were made and not confirmed\n", wanted,
		n, halves);
	assert_true(n > wanted / 4);
}

static int start(void **state)
{
	(void)state;
	test.random = 20261127;
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
