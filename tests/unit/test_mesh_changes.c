// SPDX-License-Identifier: BSD-2-Clause
/*
 * Changes of mesh rules and sets, put in force in xdp_mesh_filter, which is compiled for this machine: what
 * the operator asked for is what packets meet.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include "tests/lib/bpf_host.h"

#include <cmocka.h>

#define asm /* barriers, for a verifier, in instructions of BPF */
#define volatile(...)
#include "../../bpf/xdp_mesh_filter.bpf.c"
#undef volatile
#undef asm

#include "tests/lib/bpf_fake.h"

#include "base/clock.h"
#include "mesh/compile.h"
#include "mesh/frame.h"
#include "mesh/rule.h"
#include "mesh/rule_edit.h"
#include "mesh/rules.h"
#include "mesh/set_change.h"
#include "programs/programs.h"
#include "programs/xdp_mesh_filter_state.h"
#include "tests/lib/holdings.h"

#define NS UINT64_C(1000000000)

static struct map_registry maps;
static struct failure failure;
static struct mesh_rule rules[MESH_RULES_MAX];

static int setup(void **state)
{
	(void)state;
	host_reset();
	host.boot_ns = clock_boottime_ns();
	host.ktime_ns = 100 * NS;
	host.jiffies = 1;
	fake_object_add(mesh_near);
	fake_object_add(mesh_lines);
	fake_object_add(mesh_shorts);
	fake_object_add(mesh_rules);
	fake_object_add(mesh_banks);
	fake_object_add(mesh_sets);
	fake_object_add(mesh_disabled);
	fake_object_add(mesh_rule_counts);
	fake_object_add(mesh_limits);
	fake_object_add(mesh_filter_control);
	fake_object_add(mesh_filter_totals);
	fake_object_add(mesh_flows);
	fake_object_add(mesh_scratch);
	fake_object_add(mesh_looking);
	fake_object_add(xdp_packet);
	fake_registry(&maps);
	failure.error = 0;
	return rules_set_enforce(&maps, true);
}

/* --- packets ----------------------------------------------------------------------------------------- */

static int receive(const char *packet)
{
	struct mesh_rule description;
	uint8_t bytes[MESH_FRAME_MAX];
	struct xdp_md context = { .ingress_ifindex = 1 };
	size_t length;
	int verdict;

	assert_int_equal(frame_parse(packet, &description, &failure), 0);
	length = frame_make(&description, bytes);
	context.data = (__u32)(uintptr_t)host_frame(bytes, length);
	context.data_end = context.data + (__u32)length;
	verdict = xdp_mesh_filter(&context);
	assert_int_equal(host.locks, 0);
	return verdict;
}

static bool drops(const char *packet)
{
	return receive(packet) == XDP_DROP;
}

/* --- changes ----------------------------------------------------------------------------------------- */

static struct rule_edit edit_of(enum rule_edit_kind kind, uint32_t number, const char *text)
{
	struct rule_edit edit = { .kind = kind, .number = number };

	if (text)
		assert_int_equal(rule_parse(text, &edit.rule, &failure), 0);
	return edit;
}

static int make(enum rule_edit_kind kind, uint32_t number, const char *text)
{
	struct rule_edit edit = edit_of(kind, number, text);

	return rules_change(&maps, &edit, &failure);
}

static int move(uint32_t number, uint32_t to)
{
	struct rule_edit edit = { .kind = RULE_EDIT_MOVE, .number = number, .to = to };

	return rules_change(&maps, &edit, &failure);
}

static void add_rules(const char *const *texts)
{
	for (; *texts; texts++)
		assert_int_equal(make(RULE_EDIT_ADD, 0, *texts), 0);
}

static void read_rules(void)
{
	uint32_t policy;

	assert_int_equal(rules_read(&maps, rules, &policy), 0);
}

/* Asserts what the rules are, by number; NULL ends them. */
static void assert_rules(const char *const *texts)
{
	uint32_t n = 0;

	read_rules();
	for (uint32_t i = 0; i < MESH_RULES_MAX; i++)
		n += rule_exists(&rules[i]);
	for (uint32_t i = 0; *texts; i++) {
		char text[256] = "";

		if (rule_exists(&rules[i])) {
			rule_format(&rules[i], text, sizeof(text));
			n--;
		}
		assert_string_equal(text, *texts++);
	}
	assert_int_equal(n, 0);
}

#define TEXTS(...) ((const char *const[]) { __VA_ARGS__, NULL })

static void test_add(void **state)
{
	(void)state;
	assert_int_equal(rule_table_version(&maps), 0);
	assert_false(drops("10.0.0.1 to 10.0.0.2"));
	add_rules(TEXTS("drop 10.0.0.1", "pass 10.0.0.0/8", "drop all"));
	assert_rules(TEXTS("drop 10.0.0.1/32", "pass 10.0.0.0/8", "drop all"));
	assert_true(drops("10.0.0.1 to 10.0.0.2"));
	assert_false(drops("10.0.0.3 to 10.0.0.2"));
	assert_true(drops("11.0.0.3 to 10.0.0.2"));
	assert_int_equal(make(RULE_EDIT_ADD, 0, "pass 10.0.0.1"), -EEXIST);
	assert_int_equal(failure.error, -EEXIST);
	assert_rules(TEXTS("drop 10.0.0.1/32", "pass 10.0.0.0/8", "drop all"));
}

/* A new rule is the last, also behind a gap; where there is nothing behind the last, the highest gap. */
static void test_places(void **state)
{
	struct rule_table *table = calloc(1, sizeof(*table));
	struct rule_edit edit;

	(void)state;
	for (uint32_t i = 0; i < 3; i++)
		assert_int_equal(rule_parse("drop all", &table->rules[i], &failure), 0);
	table->rules[1].match = MESH_MATCH_NONE;
	edit = edit_of(RULE_EDIT_ADD, 0, "drop 10.0.0.1");
	assert_int_equal(rule_edit(table, &edit, &failure), 0);
	assert_int_equal(edit.place, 3);
	assert_int_equal(edit.next, MESH_RULES_MAX);
	assert_int_equal(table->rules[3].id, MESH_NO_RULE);
	for (uint32_t i = 0; i < MESH_RULES_MAX; i++) {
		table->rules[i].match = MESH_MATCH_PORT;
		table->rules[i].conditions = 1 << MESH_BY_DESTINATION_PORT;
		table->rules[i].destination_port.from = table->rules[i].destination_port.to = i;
	}
	edit = edit_of(RULE_EDIT_ADD, 0, "drop 10.0.0.2");
	assert_int_equal(rule_edit(table, &edit, &failure), -ENOSPC);
	edit = edit_of(RULE_EDIT_INSERT, 5, "drop 10.0.0.2");
	assert_int_equal(rule_edit(table, &edit, &failure), -ENOSPC);
	table->rules[500].match = table->rules[700].match = table->rules[701].match =
		MESH_MATCH_NONE;
	edit = edit_of(RULE_EDIT_ADD, 0, "drop 10.0.0.2");
	assert_int_equal(rule_edit(table, &edit, &failure), 0);
	assert_int_equal(edit.place, 700);
	assert_int_equal(edit.next, 702);
	edit = edit_of(RULE_EDIT_INSERT, 498, "drop 10.0.0.3");
	assert_int_equal(rule_edit(table, &edit, &failure), 0);
	assert_int_equal(edit.place, 498);
	assert_int_equal(edit.next, 499);
	assert_int_equal(table->rules[500].destination_port.from, 499);
	assert_int_equal(table->rules[501].destination_port.from, 501);
	free(table);
}

static void test_insert(void **state)
{
	(void)state;
	add_rules(TEXTS("pass 10.0.0.0/8", "drop all"));
	assert_int_equal(make(RULE_EDIT_INSERT, 0, "drop 10.0.0.1"), 0);
	assert_rules(TEXTS("drop 10.0.0.1/32", "pass 10.0.0.0/8", "drop all"));
	assert_true(drops("10.0.0.1 to 10.0.0.2"));
	assert_int_equal(make(RULE_EDIT_INSERT, 5, "count udp 9"), 0);
	assert_int_equal(make(RULE_EDIT_INSERT, 2, "drop 10.0.0.2"), 0);
	assert_rules(TEXTS("drop 10.0.0.1/32", "pass 10.0.0.0/8", "drop 10.0.0.2/32", "drop all",
		"", "count udp 9"));
	assert_int_equal(make(RULE_EDIT_INSERT, MESH_RULES_MAX, "drop 10.0.0.4"), -ENOSPC);
}

static void test_move(void **state)
{
	(void)state;
	add_rules(TEXTS("drop 10.0.0.1", "pass 10.0.0.0/8", "drop all"));
	assert_true(drops("10.0.0.1 to 10.0.0.2"));
	assert_int_equal(move(1, 0), 0);
	assert_rules(TEXTS("pass 10.0.0.0/8", "drop 10.0.0.1/32", "drop all"));
	assert_false(drops("10.0.0.1 to 10.0.0.2"));
	assert_int_equal(move(0, 7), 0);
	assert_rules(TEXTS("", "drop 10.0.0.1/32", "drop all", "", "", "", "", "pass 10.0.0.0/8"));
	assert_int_equal(move(0, 1), -ENOENT);
	assert_int_equal(move(1, MESH_RULES_MAX), -ENOSPC);
}

static void test_delete_and_flush(void **state)
{
	struct rule_edit flush = { .kind = RULE_EDIT_FLUSH };

	(void)state;
	add_rules(TEXTS("drop 10.0.0.1", "drop 10.0.0.2"));
	assert_int_equal(make(RULE_EDIT_DELETE, 0, NULL), 0);
	assert_int_equal(make(RULE_EDIT_DELETE, 0, NULL), -ENOENT);
	assert_int_equal(make(RULE_EDIT_DELETE, MESH_RULES_MAX, NULL), -ENOENT);
	assert_rules(TEXTS("", "drop 10.0.0.2/32"));
	assert_false(drops("10.0.0.1 to 10.0.0.9"));
	assert_int_equal(make(RULE_EDIT_ADD, 0, "drop 10.0.0.3"), 0);
	assert_int_equal(rules_change(&maps, &flush, &failure), 0);
	assert_int_equal(flush.gone, 2);
	assert_false(drops("10.0.0.2 to 10.0.0.9"));
}

static struct {
	unsigned n;
	int64_t versions[8]; /* of what was in force at each */
} waits;

static void note_wait(void)
{
	assert_true(waits.n < 8);
	waits.versions[waits.n++] = rule_table_version(&maps);
}

/* Makes a change, and notes when the kernel would wait. Returns what was in force before. */
static int64_t note_change(enum rule_edit_kind kind, const char *text)
{
	int64_t before = rule_table_version(&maps);

	waits.n = 0;
	fake_waits = note_wait;
	assert_int_equal(make(kind, 0, text), 0);
	fake_waits = NULL;
	assert_true(rule_table_version(&maps) != before);
	return before;
}

/* Rules that lie near are in force before anything waits; then the others are given back, once no packet meets them. */
static void test_few_rules_are_in_force_at_once(void **state)
{
	struct mesh_bank bank;
	int64_t before;
	uint32_t spare;

	(void)state;
	add_rules(TEXTS("drop 10.0.0.1"));
	for (int i = 0; i < 3; i++) {
		before = note_change(
			RULE_EDIT_ADD, TEXTS("drop 10.0.0.2", "drop udp 5", "drop udp 6")[i]);
		assert_int_equal(waits.n, 1);
		assert_true(waits.versions[0] != before);
	}
	before = note_change(RULE_EDIT_OFF, NULL);
	assert_int_equal(waits.n, 0);
	/* x0top was killed before it waited: packets may meet the other bank still. */
	spare = 1 - (uint32_t)(before >> 31) % MESH_BANKS;
	int banks = map_registry_fd(&maps, "mesh_banks");
	assert_int_equal(bpf_map_lookup_elem(banks, &spare, &bank), 0);
	assert_int_equal(bank.set, 0);
	bank.set = 1;
	assert_int_equal(bpf_map_update_elem(banks, &spare, &bank, BPF_ANY), 0);
	before = note_change(RULE_EDIT_ADD, "drop 10.0.0.4");
	assert_int_equal(waits.n, 2);
	assert_true(waits.versions[0] == before && waits.versions[1] != before);
	assert_true(drops("10.0.0.4 to 10.0.0.2"));
	/* More than 64 do not lie near. */
	for (int i = 0; i < 64; i++) {
		char text[64];
		snprintf(text, sizeof(text), "drop 10.9.0.%d", i);
		before = note_change(RULE_EDIT_INSERT, text);
	}
	assert_int_equal(waits.n, 2);
	assert_true(waits.versions[0] == before && waits.versions[1] != before);
	assert_true(drops("10.9.0.63 to 10.0.0.2") && drops("10.9.0.0 to 10.0.0.2"));
	assert_int_equal(rule_table_version(&maps) % ((int64_t)1 << 31), 0);
}

#define IN_A_ROW 4096

static uint32_t no_interface(const char *name)
{
	(void)name;
	return 0;
}

/* Compiles a rule for a set of prefixes of one length that follow each other. */
static void compile_row(
	uint32_t first, uint8_t length, uint32_t n, uint64_t seed, struct mesh_compiled *compiled)
{
	static struct mesh_element elements[IN_A_ROW];
	const struct mesh_elements set = {
		.kind = MESH_SET_PREFIXES, .n = n, .elements = elements
	};
	const struct mesh_source source = { .rules = rules,
		.sets = &set,
		.n_sets = 1,
		.generation = 1,
		.seed = seed,
		.ifindex = no_interface };

	memset(rules, 0, sizeof(rules));
	memset(elements, 0, sizeof(elements));
	assert_int_equal(rule_parse("drop from @s", &rules[0], &failure), 0);
	for (uint32_t i = 0; i < n; i++) {
		uint32_t address = htonl(first + (i << (32 - length)));
		elements[i].prefix.family = 4;
		elements[i].prefix.length = length;
		memcpy(elements[i].prefix.address, &address, sizeof(address));
	}
	assert_int_equal(mesh_compile(&source, compiled, &failure), 0);
}

/* Returns whether the table finds a prefix, as packets look for it: in its first bucket, or in the second if the first
 * says that there are more. The set's class has one bit. */
static bool is_found(const struct mesh_compiled *compiled, uint32_t prefix)
{
	const struct mesh_head *head = (const struct mesh_head *)compiled->lines;

	for (uint32_t choice = 0; choice < 2; choice++) {
		uint32_t hash = MESH_SHORT_HASH(head->multipliers, prefix, choice);
		const __u32 *words = compiled->shorts[MESH_BUCKET(compiled->n_shorts, hash)].words;
		if (words[MESH_SHORT_WORD(words[0], prefix)] ==
			(MESH_SHORT_TAG(hash, choice, 1) | 1))
			return true;
		if ((words[0] & MESH_SHORT_MORE(hash)) == 0)
			return false;
	}
	return false;
}

static void test_each_of_a_row_is_found(void **state)
{
	struct mesh_compiled compiled;

	(void)state;
	for (uint64_t seed = 1; seed <= 20; seed++) {
		compile_row(0x0a000000, 32, IN_A_ROW, seed, &compiled);
		for (uint32_t i = 0; i < IN_A_ROW; i++)
			assert_true(is_found(&compiled, 0x0a000000 + i));
		assert_false(is_found(&compiled, 0x0a000000 + IN_A_ROW));
		mesh_compiled_free(&compiled);
	}
}

static void compile_some(void)
{
	struct mesh_compiled compiled;

	for (uint64_t seed = 1; seed <= 20; seed++) {
		compile_row(0x0a000000, 32, IN_A_ROW, seed, &compiled);
		mesh_compiled_free(&compiled);
	}
}

static void test_nothing_is_held_any_longer(void **state)
{
	(void)state;
	holdings_check("compiled rules", compile_some);
}

/* Neighbouring addresses share a bucket as well as others. Prefixes so short that no multiplier may tell them apart are
 * elsewhere. */
static void test_addresses_in_a_row(void **state)
{
	struct mesh_compiled compiled;

	(void)state;
	for (uint64_t seed = 1; seed <= 1000; seed++) {
		compile_row(0x0a000000, 32, IN_A_ROW, seed, &compiled);
		assert_true(compiled.n_shorts > IN_A_ROW / 12);
		mesh_compiled_free(&compiled);
		compile_row(0x0a000000, 24, IN_A_ROW, seed, &compiled);
		assert_true(compiled.n_shorts > IN_A_ROW / 12);
		mesh_compiled_free(&compiled);
		compile_row(0, 12, IN_A_ROW, seed, &compiled);
		mesh_compiled_free(&compiled);
	}
}

/* By one word, without a new set of rules; the flow table does not go on with what was decided. */
static void test_switch(void **state)
{
	int64_t version;

	(void)state;
	add_rules(TEXTS("drop 10.0.0.1", "pass 10.0.0.0/8", "drop all"));
	assert_true(drops("10.0.0.1 to 10.0.0.2"));
	version = rule_table_version(&maps);
	assert_true(version > 0);
	assert_int_equal(make(RULE_EDIT_OFF, 0, NULL), 0);
	assert_int_equal(rule_table_version(&maps), version + 1);
	assert_false(drops("10.0.0.1 to 10.0.0.2"));
	read_rules();
	assert_int_equal(rules[0].enabled, 0);
	assert_int_equal(rules[1].enabled, 1);
	assert_int_equal(make(RULE_EDIT_OFF, 0, NULL), 0);
	assert_int_equal(rule_table_version(&maps), version + 1);
	assert_int_equal(make(RULE_EDIT_ON, 0, NULL), 0);
	assert_int_equal(make(RULE_EDIT_OFF, 1, NULL), 0);
	assert_true(drops("10.0.0.1 to 10.0.0.2"));
	assert_true(drops("10.0.0.3 to 10.0.0.2"));
	assert_int_equal(make(RULE_EDIT_ON, 3, NULL), -ENOENT);
	/* What is off stays off when the rules are compiled anew. */
	assert_int_equal(make(RULE_EDIT_ADD, 0, "drop udp 9"), 0);
	assert_true(drops("10.0.0.3 to 10.0.0.2"));
	read_rules();
	assert_int_equal(rules[1].enabled, 0);
	assert_int_equal(rules[3].enabled, 1);
}

static void test_policy(void **state)
{
	struct rule_edit edit = { .kind = RULE_EDIT_POLICY, .policy = MESH_DROP };
	uint32_t policy = MESH_PASS;

	(void)state;
	add_rules(TEXTS("pass 10.0.0.1"));
	assert_false(drops("10.0.0.2 to 10.0.0.9"));
	assert_int_equal(rules_change(&maps, &edit, &failure), 0);
	assert_true(drops("10.0.0.2 to 10.0.0.9"));
	assert_false(drops("10.0.0.1 to 10.0.0.9"));
	assert_int_equal(rules_read(&maps, rules, &policy), 0);
	assert_int_equal(policy, MESH_DROP);
	assert_true(rules_enforced(&maps));
	assert_int_equal(rules_set_enforce(&maps, false), 0);
	assert_false(rules_enforced(&maps));
	assert_false(drops("10.0.0.2 to 10.0.0.9"));
}

static const struct mesh_rule_counts *counts_of(uint32_t number)
{
	read_rules();
	return host_element(&mesh_rule_counts, rules[number].id);
}

/* Counters go with their rule, and begin with a new one. */
static void test_counters(void **state)
{
	(void)state;
	add_rules(TEXTS("count udp 9", "drop 10.0.0.1", "pass 10.0.0.2"));
	for (int i = 0; i < 3; i++)
		receive("10.0.0.1 to 10.0.0.9 udp 9");
	receive("10.0.0.2 to 10.0.0.9 udp 9");
	assert_int_equal(counts_of(0)->decided.packets, 4);
	assert_int_equal(counts_of(0)->dropped.packets, 0);
	assert_int_equal(counts_of(1)->decided.packets, 3);
	assert_int_equal(counts_of(1)->dropped.packets, 3);
	assert_int_equal(counts_of(2)->decided.packets, 1);
	assert_int_equal(counts_of(2)->last, host.boot_ns);
	assert_int_equal(move(1, 8), 0);
	assert_int_equal(counts_of(8)->dropped.packets, 3);
	assert_int_equal(make(RULE_EDIT_CHANGE, 8, "pass 10.0.0.1 comment x"), 0);
	assert_int_equal(counts_of(8)->decided.packets, 3);
	assert_int_equal(make(RULE_EDIT_DELETE, 8, NULL), 0);
	assert_int_equal(make(RULE_EDIT_ADD, 0, "drop 10.0.0.1"), 0);
	assert_int_equal(counts_of(3)->decided.packets, 0);
	receive("10.0.0.1 to 10.0.0.9 udp 9");
	assert_int_equal(counts_of(3)->decided.packets, 1);
	assert_int_equal(counts_of(0)->decided.packets, 5);
}

static void test_totals(void **state)
{
	const struct mesh_filter_totals *totals = host_element(&mesh_filter_totals, 0);
	struct rule_edit edit = { .kind = RULE_EDIT_POLICY, .policy = MESH_DROP };

	(void)state;
	receive("10.0.0.1 to 10.0.0.9");
	assert_int_equal(totals->no_match.packets, 1);
	add_rules(TEXTS("drop 10.0.0.1", "pass 10.0.0.2"));
	receive("10.0.0.1 to 10.0.0.9");
	receive("10.0.0.2 to 10.0.0.9");
	receive("10.0.0.3 to 10.0.0.9");
	assert_int_equal(totals->dropped.packets, 1);
	assert_int_equal(totals->passed.packets, 1);
	assert_int_equal(totals->no_match.packets, 2);
	rules_change(&maps, &edit, &failure);
	receive("10.0.0.3 to 10.0.0.9");
	assert_int_equal(totals->refused.packets, 1);
	rules_set_enforce(&maps, false);
	receive("10.0.0.1 to 10.0.0.9");
	receive("10.0.0.3 to 10.0.0.9");
	assert_int_equal(totals->spared.packets, 2);
	assert_int_equal(totals->dropped.packets, 1);
	assert_int_equal(counts_of(0)->decided.packets, 2);
	assert_int_equal(counts_of(0)->dropped.packets, 1);
}

static void test_limit(void **state)
{
	(void)state;
	add_rules(TEXTS("limit 10/s burst 2 10.0.0.1"));
	assert_false(drops("10.0.0.1 to 10.0.0.9"));
	assert_false(drops("10.0.0.1 to 10.0.0.9"));
	assert_true(drops("10.0.0.1 to 10.0.0.9"));
	host.ktime_ns += NS / 10 + 1000;
	assert_false(drops("10.0.0.1 to 10.0.0.9"));
	assert_true(drops("10.0.0.1 to 10.0.0.9"));
	assert_int_equal(make(RULE_EDIT_CHANGE, 0, "limit 10/s burst 2 10.0.0.1 comment x"), 0);
	assert_true(drops("10.0.0.1 to 10.0.0.9")); /* the same limit goes on */
	const struct mesh_rule_counts *before = counts_of(0);
	const uint64_t decided = before->decided.packets;
	assert_int_equal(make(RULE_EDIT_CHANGE, 0, "limit 10/s burst 3 10.0.0.1"), 0);
	assert_false(drops("10.0.0.1 to 10.0.0.9"));
	/* Until then, the rule before counted what it had. */
	assert_ptr_not_equal(before, counts_of(0));
	assert_int_equal(before->decided.packets, decided);
	assert_int_equal(counts_of(0)->decided.packets, 1);
}

/* Each place has a rule, so that each id is of one in force: the only new rule there is room for takes that of the rule
 * whose place it takes. */
static void test_ids_of_a_full_table(void **state)
{
	struct rule_table *table = rules_begin(&maps, &failure);
	bool used[MESH_RULES_MAX] = { false };

	(void)state;
	for (uint32_t i = 0; i < MESH_RULES_MAX; i++) {
		struct rule_edit edit = edit_of(RULE_EDIT_ADD, 0, "drop udp 1");
		edit.rule.destination_port.from = edit.rule.destination_port.to = (uint16_t)(1 + i);
		assert_int_equal(rule_edit(table, &edit, &failure), 0);
	}
	assert_int_equal(rules_commit(&maps, table, &failure), 0);
	read_rules();
	uint16_t id = rules[700].id;
	struct rule_edit delete = edit_of(RULE_EDIT_DELETE, 700, NULL);
	struct rule_edit add = edit_of(RULE_EDIT_ADD, 0, "drop tcp 1");
	table = rules_begin(&maps, &failure);
	assert_int_equal(rule_edit(table, &delete, &failure), 0);
	assert_int_equal(rule_edit(table, &add, &failure), 0);
	assert_int_equal(rules_commit(&maps, table, &failure), 0);
	read_rules();
	assert_int_equal(rules[700].id, id);
	for (uint32_t i = 0; i < MESH_RULES_MAX; i++) {
		assert_true(rules[i].id < MESH_RULES_MAX && !used[rules[i].id]);
		used[rules[i].id] = true;
	}
}

/* A rule with a time ends by itself, at that time, and its key is free again. */
static void test_expiry(void **state)
{
	(void)state;
	add_rules(TEXTS("drop 10.0.0.1 for 10m", "pass 10.0.0.0/24 for 20m", "drop all"));
	assert_true(drops("10.0.0.1 to 10.0.0.9"));
	assert_false(drops("10.0.0.2 to 10.0.0.9"));
	host.boot_ns += 601 * NS;
	host.jiffies++;
	assert_false(drops("10.0.0.1 to 10.0.0.9"));
	host.boot_ns += 601 * NS;
	assert_false(drops("10.0.0.2 to 10.0.0.9")); /* the clock is read once a tick */
	host.jiffies++;
	assert_true(drops("10.0.0.2 to 10.0.0.9"));
}

static void test_expired_rules_are_forgotten(void **state)
{
	struct rule_table *table = calloc(1, sizeof(*table));
	struct rule_edit edit;

	(void)state;
	assert_int_equal(rule_parse("drop 10.0.0.1", &table->rules[0], &failure), 0);
	assert_int_equal(rule_parse("drop 10.0.0.2", &table->rules[1], &failure), 0);
	assert_int_equal(rule_parse("drop 10.0.0.3 for 10m", &table->rules[2], &failure), 0);
	table->rules[1].expires = 1;
	edit = edit_of(RULE_EDIT_EXPIRE, 0, NULL);
	assert_int_equal(rule_edit(table, &edit, &failure), 0);
	assert_int_equal(edit.gone, 1);
	assert_true(rule_exists(&table->rules[0]));
	assert_false(rule_exists(&table->rules[1]));
	assert_true(rule_exists(&table->rules[2]));
	edit = edit_of(RULE_EDIT_ADD, 0, "drop 10.0.0.2");
	edit.rule.expires = 1;
	assert_int_equal(rule_edit(table, &edit, &failure), -ETIME);
	free(table);
}

/* What programs asked for gives way to people, and changes nothing of theirs. */
static void test_owners(void **state)
{
	struct rule_edit edit;

	(void)state;
	add_rules(TEXTS("drop 10.0.0.1 origin operator", "drop 10.0.0.2 origin feed"));
	edit = edit_of(RULE_EDIT_DELETE, 0, NULL);
	edit.rule.origin = MESH_ORIGIN_FEED;
	assert_int_equal(rules_change(&maps, &edit, &failure), -EPERM);
	edit.rule.origin = MESH_ORIGIN_MAPEK;
	edit.number = 1;
	assert_int_equal(rules_change(&maps, &edit, &failure), -EPERM);
	assert_int_equal(make(RULE_EDIT_ADD, 0, "pass 10.0.0.1 origin feed"), -EEXIST);
	assert_int_equal(make(RULE_EDIT_ADD, 0, "pass 10.0.0.2 origin mapek"), -EEXIST);
	assert_int_equal(make(RULE_EDIT_ADD, 0, "pass 10.0.0.2 origin operator"), 0);
	read_rules();
	assert_int_equal(rules[1].origin, MESH_ORIGIN_OPERATOR);
	edit = edit_of(RULE_EDIT_DELETE, 1, NULL);
	edit.rule.origin = MESH_ORIGIN_OPERATOR;
	assert_int_equal(rules_change(&maps, &edit, &failure), 0);
	assert_int_equal(make(RULE_EDIT_ADD, 0, "drop 10.0.0.9 origin feed"), 0);
	edit = edit_of(RULE_EDIT_DELETE, 1, NULL);
	edit.rule.origin = MESH_ORIGIN_FEED;
	assert_int_equal(rules_change(&maps, &edit, &failure), 0);
}

static void test_replace(void **state)
{
	struct mesh_rule file[3] = { 0 };
	struct rule_edit edit = {
		.kind = RULE_EDIT_REPLACE, .policy = MESH_DROP, .rules = file, .n_rules = 3
	};

	(void)state;
	add_rules(TEXTS("count udp 9", "drop 10.0.0.1", "pass 10.0.0.2"));
	receive("10.0.0.1 to 10.0.0.9");
	receive("10.0.0.2 to 10.0.0.9");
	assert_int_equal(rule_parse("drop 10.0.0.1", &file[0], &failure), 0);
	assert_int_equal(rule_parse("drop 10.0.0.2", &file[2], &failure), 0);
	assert_int_equal(rules_change(&maps, &edit, &failure), 0);
	assert_rules(TEXTS("drop 10.0.0.1/32", "", "drop 10.0.0.2/32"));
	assert_int_equal(counts_of(0)->decided.packets, 1);
	assert_int_equal(counts_of(2)->decided.packets, 0);
	assert_true(drops("10.0.0.3 to 10.0.0.9"));
	file[1] = file[0];
	assert_int_equal(rules_change(&maps, &edit, &failure), -EEXIST);
	assert_rules(TEXTS("drop 10.0.0.1/32", "", "drop 10.0.0.2/32"));
}

static void test_change(void **state)
{
	(void)state;
	add_rules(TEXTS("drop 10.0.0.1", "drop 10.0.0.2"));
	assert_int_equal(make(RULE_EDIT_CHANGE, 0, "drop 10.0.0.2"), -EEXIST);
	assert_int_equal(make(RULE_EDIT_CHANGE, 0, "pass 10.0.0.1"), 0);
	assert_int_equal(make(RULE_EDIT_CHANGE, 2, "pass 10.0.0.1"), -ENOENT);
	assert_false(drops("10.0.0.1 to 10.0.0.9"));
}

/* Rules of an interface that is not there match nothing; "lo" is there, by its index. */
static void test_interface(void **state)
{
	(void)state;
	add_rules(TEXTS("drop 10.0.0.1 in lo", "drop 10.0.0.2 in nowhere0"));
	assert_true(drops("10.0.0.1 to 10.0.0.9"));
	assert_false(drops("10.0.0.2 to 10.0.0.9"));
	assert_int_equal(rule_table_follow(&maps, &failure), 0);
	assert_true(drops("10.0.0.1 to 10.0.0.9"));
}

/* --- sets --------------------------------------------------------------------------------------------- */

static int put_set(const char *name, const char *text)
{
	struct set_elements elements = { .kind = MESH_SET_KINDS };
	struct mesh_set set = { .origin = MESH_ORIGIN_OPERATOR };
	int error;

	strncpy(set.name, name, sizeof(set.name) - 1);
	strncpy(set.source, "/etc/list", sizeof(set.source) - 1);
	assert_int_equal(set_add_file(&elements, "list", text, strlen(text), &failure), 0);
	error = set_change_put(&maps, &set, &elements, &failure);
	free(elements.list);
	return error;
}

static int edit_set(const char *name, bool add, const char *text)
{
	struct set_change change;
	int error;

	assert_int_equal(set_change_begin(&maps, &change, &failure), 0);
	error = set_change_edit(&change, name, add, text, &failure);
	if (error == 0)
		return set_change_commit(&maps, &change, &failure);
	set_change_abandon(&change);
	return error;
}

static int forget_set(const char *name)
{
	struct set_change change;
	int error;

	assert_int_equal(set_change_begin(&maps, &change, &failure), 0);
	error = set_change_forget(&change, name, &failure);
	if (error == 0)
		return set_change_commit(&maps, &change, &failure);
	set_change_abandon(&change);
	return error;
}

static struct mesh_set set_in_force(const char *name)
{
	struct set_change change;
	struct mesh_set set = { 0 };
	int place;

	assert_int_equal(set_change_begin(&maps, &change, &failure), 0);
	place = sets_find(change.sets, name);
	if (place >= 0)
		set = change.sets->sets[place];
	set_change_abandon(&change);
	return set;
}

static void test_sets(void **state)
{
	(void)state;
	assert_int_equal(make(RULE_EDIT_ADD, 0, "drop from @bad"), -ENOENT);
	assert_int_equal(put_set("bad", "10.0.0.1\n10.0.1.0/24\n"), 0);
	add_rules(TEXTS("drop from @bad"));
	assert_true(drops("10.0.0.1 to 10.0.9.9"));
	assert_true(drops("10.0.1.77 to 10.0.9.9"));
	assert_false(drops("10.0.0.2 to 10.0.9.9"));
	assert_int_equal(put_set("bad", "10.0.0.2\n"), 0);
	assert_false(drops("10.0.0.1 to 10.0.9.9"));
	assert_true(drops("10.0.0.2 to 10.0.9.9"));
	assert_int_equal(set_in_force("bad").n, 1);
	assert_string_equal(set_in_force("bad").source, "/etc/list");
	assert_int_equal(put_set("ports", "20-25\n80\n"), 0);
	assert_int_equal(make(RULE_EDIT_ADD, 0, "drop tcp @bad"), -EINVAL);
	add_rules(TEXTS("drop tcp @ports"));
	assert_true(drops("10.0.0.9 to 10.0.9.9 tcp 25"));
	assert_false(drops("10.0.0.9 to 10.0.9.9 tcp 26"));
	assert_int_equal(put_set("bad", "02:00:00:00:00:01\n"), -EINVAL); /* of another kind */
}

static void test_edit_of_sets(void **state)
{
	(void)state;
	assert_int_equal(put_set("bad", "10.0.0.1\n10.0.1.0/24\n"), 0);
	add_rules(TEXTS("drop from @bad"));
	assert_int_equal(edit_set("bad", true, "10.0.0.2"), 0);
	assert_string_equal(set_in_force("bad").source, "edited");
	assert_int_equal(set_in_force("bad").n, 3);
	assert_true(drops("10.0.0.2 to 10.0.9.9"));
	assert_int_equal(edit_set("bad", false, "10.0.0.1"), 0);
	assert_false(drops("10.0.0.1 to 10.0.9.9"));
	assert_true(drops("10.0.0.2 to 10.0.9.9"));
	assert_true(drops("10.0.1.2 to 10.0.9.9"));
	assert_int_equal(edit_set("bad", false, "10.0.0.1"), -ENOENT);
	assert_int_equal(edit_set("bad", false, "10.0.1.2"), -ENOENT); /* a part of another */
	assert_int_equal(edit_set("none", true, "10.0.1.2"), -ENOENT);
	assert_int_equal(edit_set("bad", true, "x"), -EINVAL);
	assert_int_equal(forget_set("bad"), -EBUSY);
	assert_int_equal(forget_set("none"), -ENOENT);
	assert_int_equal(make(RULE_EDIT_DELETE, 0, NULL), 0);
	assert_int_equal(forget_set("bad"), 0);
	assert_int_equal(set_in_force("bad").n, 0);
}

/* More than a piece of the store, and then less. */
static void test_pieces(void **state)
{
	char text[16384] = "";
	size_t at = 0;

	(void)state;
	for (int i = 0; i < 600; i++)
		at += (size_t)snprintf(
			text + at, sizeof(text) - at, "10.%d.%d.1\n", i / 200, i % 200);
	assert_int_equal(put_set("many", text), 0);
	assert_int_equal(put_set("few", "11.0.0.1\n"), 0);
	add_rules(TEXTS("drop from @many", "drop from @few"));
	assert_int_equal(set_in_force("many").n, 600);
	assert_true(drops("10.2.199.1 to 12.0.0.1"));
	assert_true(drops("11.0.0.1 to 12.0.0.1"));
	assert_int_equal(put_set("many", "10.0.0.1\n"), 0);
	assert_false(drops("10.2.199.1 to 12.0.0.1"));
	assert_true(drops("11.0.0.1 to 12.0.0.1"));
	assert_int_equal(set_in_force("many").n, 1);
}

static int follow(const char *name, uint32_t feed, const char *text)
{
	struct set_elements elements = { .kind = MESH_SET_PREFIXES };
	struct mesh_set set = { .feed = feed, .live = 3, .stale = 7 };
	int error;

	strncpy(set.name, name, sizeof(set.name) - 1);
	assert_int_equal(set_add_text(&elements, text, strlen(text), &failure), 0);
	error = set_change_follow(&maps, &set, &elements, &failure);
	free(elements.list);
	return error;
}

static void test_feeds(void **state)
{
	struct set_elements elements = { .kind = MESH_SET_PREFIXES };
	const struct mesh_set set = { .name = "near", .origin = MESH_ORIGIN_FEED, .feed = 2 };

	(void)state;
	assert_int_equal(set_change_put(&maps, &set, &elements, &failure), 0);
	add_rules(TEXTS("drop from @near"));
	assert_false(drops("10.0.0.1 to 10.0.0.9"));
	assert_int_equal(follow("near", 2, "10.0.0.1"), 0);
	assert_true(drops("10.0.0.1 to 10.0.0.9"));
	assert_int_equal(set_in_force("near").live, 3);
	assert_int_equal(set_in_force("near").stale, 7);
	assert_int_equal(follow("near", 4, "10.0.0.1"), -ENOENT);
	assert_int_equal(follow("far", 2, "10.0.0.1"), -ENOENT);
	assert_int_equal(edit_set("near", true, "10.0.0.2"), -EEXIST);
	assert_int_equal(put_set("mine", "10.0.0.2"), 0);
	assert_int_equal(follow("mine", 0, "10.0.0.1"), -ENOENT);
}

/* Expects these elements of a set, in their order. */
static void expect_elements(const char *name, const char *const *texts, uint32_t n)
{
	struct set_change change;
	char text[SET_ELEMENT_LEN];

	assert_int_equal(set_change_begin(&maps, &change, &failure), 0);
	int place = sets_find(change.sets, name);
	assert_true(place >= 0);
	const struct mesh_set *set = &change.sets->sets[place];
	assert_int_equal(set->n, n);
	for (uint32_t i = 0; i < n; i++) {
		set_format_element(set->kind, &change.sets->elements[place][i], text);
		assert_string_equal(text, texts[i]);
	}
	set_change_abandon(&change);
}

/* Where nodes are changes; who they are stays. */
static void test_nodes(void **state)
{
	static const char *const ids[] = { "0123456789abcdef", "fedcba9876543210" };

	(void)state;
	assert_int_equal(put_set("others", "fedcba9876543210\n0123456789abcdef\n"), 0);
	expect_elements("others", ids, 2);
	assert_int_equal(follow("others", 0, "10.0.0.7"), 0);
	expect_elements("others", ids, 2);
	assert_int_equal(set_in_force("others").n_addresses, 1);
	assert_int_equal(put_set("nodes", "0123456789abcdef\n"), 0);
	add_rules(TEXTS("drop from @nodes"));
	assert_false(drops("10.0.0.1 to 10.0.0.9"));
	assert_int_equal(follow("nodes", 0, "10.0.0.1"), 0);
	assert_true(drops("10.0.0.1 to 10.0.0.9"));
	assert_int_equal(set_in_force("nodes").n, 1);
	assert_int_equal(set_in_force("nodes").n_addresses, 1);
	assert_int_equal(follow("nodes", 0, "10.0.0.2"), 0);
	assert_false(drops("10.0.0.1 to 10.0.0.9"));
	expect_elements("nodes", ids, 1);
}

static void test_not_loaded(void **state)
{
	struct map_registry none;
	struct rule_edit edit = { .kind = RULE_EDIT_FLUSH };
	struct set_change change;

	(void)state;
	map_registry_init(&none);
	assert_int_equal(rules_change(&none, &edit, &failure), -ENOENT);
	assert_int_equal(set_change_begin(&none, &change, &failure), -ENOENT);
	assert_int_equal(rule_table_version(&none), -ENOENT);
	assert_false(rules_enforced(&none));
}

/* --- samples ---------------------------------------------------------------------------------------- */

static struct {
	struct settings settings;
	struct program_context context;
	struct program program;
	struct mesh_filter filter;
	struct watched_interface interfaces[1];
	struct chain_root roots[1];
	struct interface list[1];
	struct snapshot *first, *second;
	struct snapshot_program shown;
} sampled;

static int start_sampling(void **state)
{
	struct program_context *context = &sampled.context;

	assert_int_equal(setup(state), 0);
	memset(&sampled, 0, sizeof(sampled));
	settings_default(&sampled.settings);
	sampled.settings.small = true;
	sampled.filter.version = -1;
	sampled.list[0] = sampled.interfaces[0].interface =
		(struct interface) { .name = "v0", .ifindex = 1 };
	sampled.interfaces[0].used = sampled.interfaces[0].present = true;
	sampled.roots[0].mode = XDP_MODE_GENERIC;
	context->maps = maps;
	context->settings = &sampled.settings;
	context->watch.interfaces = sampled.interfaces;
	context->watch.list = sampled.list;
	context->watch.n_interfaces = context->watch.n_list = 1;
	context->chain.roots = sampled.roots;
	context->chain.n_roots = 1;
	sampled.program = (struct program) { .type = &program_xdp_mesh_filter,
		.context = context,
		.state = &sampled.filter,
		.running = true };
	sampled.first = calloc(1, sizeof(*sampled.first));
	sampled.second = calloc(1, sizeof(*sampled.second));
	assert_true(sampled.first && sampled.second);
	sampled.first->interval = sampled.second->interval = 2;
	return percpu_open(&context->percpu, 4096);
}

static int stop_sampling(void **state)
{
	(void)state;
	percpu_close(&sampled.context.percpu);
	talkers_close(sampled.filter.talkers);
	flow_table_close(&sampled.filter.flows);
	free(sampled.first);
	free(sampled.second);
	return 0;
}

static void sample(const struct snapshot *before, struct snapshot *now)
{
	memset(&sampled.shown, 0, sizeof(sampled.shown));
	program_xdp_mesh_filter.sample(&sampled.program, before, now, &sampled.shown);
}

static void test_sample_of_rules(void **state)
{
	const struct snapshot_mesh *mesh = &sampled.second->mesh;

	(void)state;
	add_rules(TEXTS("drop 10.0.0.0/8 comment guests", "limit 10/s burst 2 10.0.0.1 for 10m",
		"pass tcp 22 origin feed"));
	receive("10.0.0.1 to 11.0.0.9");
	sample(NULL, sampled.first);
	assert_true(isnan(sampled.first->mesh.rules[0].traffic.packets.rate));
	receive("10.0.0.1 to 11.0.0.9");
	receive("10.0.0.2 to 11.0.0.9");
	receive("11.0.0.2 to 11.0.0.9");
	assert_int_equal(make(RULE_EDIT_OFF, 2, NULL), 0);
	sample(sampled.first, sampled.second);
	assert_true(mesh->available);
	assert_true(mesh->enforcing);
	assert_true(sampled.shown.enforcing);
	assert_int_equal(mesh->policy, MESH_PASS);
	assert_int_equal(mesh->n_rules, 3);
	assert_int_equal(mesh->rules[0].traffic.packets.total, 3);
	assert_true(mesh->rules[0].traffic.packets.rate == 1);
	assert_int_equal(mesh->rules[0].dropped.packets.total, 3);
	assert_string_equal(mesh->rules[0].key, "10.0.0.0/8");
	assert_string_equal(mesh->rules[0].comment, "guests");
	assert_string_equal(mesh->rules[0].limit, "");
	assert_true(isnan(mesh->rules[0].time_left));
	assert_true(mesh->rules[0].last_match > 0);
	assert_int_equal(mesh->rules[0].shadowed_by, COUNT_UNKNOWN);
	assert_true(mesh->rules[0].enabled);
	assert_string_equal(mesh->rules[1].limit, "10/s burst 2");
	assert_true(mesh->rules[1].time_left > 590 && mesh->rules[1].time_left <= 600);
	assert_int_equal(mesh->rules[1].shadowed_by, 0);
	assert_true(isnan(mesh->rules[1].last_match));
	assert_false(mesh->rules[2].enabled);
	assert_int_equal(mesh->rules[2].origin, MESH_ORIGIN_FEED);
	assert_int_equal(mesh->dropped.packets.total, 3);
	assert_true(mesh->dropped.packets.rate == 1);
	assert_int_equal(mesh->no_match.packets.total, 1);
	assert_true(mesh->no_match.packets.rate == 0.5);
	assert_int_equal(mesh->passed.packets.total, 0);
	assert_int_equal(mesh->n_sets, 0);
}

/* A rule that another one has the number of begins anew. */
static void test_sample_of_a_new_rule(void **state)
{
	const struct snapshot_rule *rules_now = sampled.second->mesh.rules;

	(void)state;
	add_rules(TEXTS("drop 10.0.0.1", "drop 10.0.0.2"));
	receive("10.0.0.2 to 11.0.0.9");
	sample(NULL, sampled.first);
	assert_int_equal(make(RULE_EDIT_INSERT, 0, "count udp 9"), 0);
	receive("10.0.0.2 to 11.0.0.9");
	sample(sampled.first, sampled.second);
	assert_int_equal(sampled.second->mesh.n_rules, 3);
	assert_int_equal(rules_now[2].traffic.packets.total, 2);
	assert_true(isnan(rules_now[0].traffic.packets.rate));
	assert_true(isnan(rules_now[2].traffic.packets.rate));
}

static void test_sample_of_sets(void **state)
{
	const struct snapshot_mesh_set *set = sampled.first->mesh.sets;

	(void)state;
	assert_int_equal(put_set("bad", "10.0.0.1\n10.0.1.0/24\n"), 0);
	assert_int_equal(put_set("nodes", "0123456789abcdef\n"), 0);
	assert_int_equal(follow("nodes", 0, "10.0.0.1"), 0);
	add_rules(TEXTS("drop from @bad"));
	sample(NULL, sampled.first);
	assert_int_equal(sampled.first->mesh.n_sets, 2);
	assert_string_equal(set->name, "bad");
	assert_string_equal(set->source, "/etc/list");
	assert_int_equal(set->kind, MESH_SET_PREFIXES);
	assert_int_equal(set->origin, MESH_ORIGIN_OPERATOR);
	assert_int_equal(set->elements, 2);
	assert_true(set->changed > 1e9);
	assert_true(isnan(set->stale_since));
	assert_string_equal(set[1].name, "nodes");
	assert_int_equal(set[1].kind, MESH_SET_NODES);
	assert_int_equal(set[1].elements, 1);
	assert_int_equal(set[1].addresses, 1);
}

/* Flows and sources are listed while somebody looks, the busiest first. */
static void test_sample_of_talkers(void **state)
{
	const struct snapshot_talkers *talkers = &sampled.second->talkers;

	(void)state;
	add_rules(TEXTS("pass udp 9", "drop 10.0.0.2"));
	sample(NULL, sampled.first);
	assert_false(sampled.first->talkers.available);
	assert_string_equal(sampled.first->talkers.reason, "");
	sampled.context.looking = true;
	sample(NULL, sampled.first);
	assert_true(sampled.first->talkers.available);
	assert_int_equal(sampled.first->talkers.n_flows, 0);
	for (int i = 0; i < 4; i++)
		receive("10.0.0.1 to 10.0.0.9 udp 9 sport 1000");
	receive("10.0.0.1 to 10.0.0.9 udp 10 sport 1000");
	receive("10.0.0.2 to 10.0.0.9 tcp 22 sport 1000");
	sample(sampled.first, sampled.second);
	assert_int_equal(talkers->n_flows, 3);
	assert_string_equal(talkers->flows[0].source, "10.0.0.1");
	assert_string_equal(talkers->flows[0].destination, "10.0.0.9");
	assert_string_equal(talkers->flows[0].protocol, "udp");
	assert_string_equal(talkers->flows[0].interface, "v0");
	assert_int_equal(talkers->flows[0].source_port, 1000);
	assert_int_equal(talkers->flows[0].destination_port, 9);
	assert_int_equal(talkers->flows[0].ethertype, 0x0800);
	assert_int_equal(talkers->flows[0].rule, 0);
	assert_int_equal(talkers->flows[0].action, MESH_PASS);
	assert_int_equal(talkers->flows[0].traffic.packets.total, 4);
	assert_true(talkers->flows[0].traffic.packets.rate == 2);
	assert_false(talkers->flows[0].unreadable);
	for (int i = 1; i < 3; i++) {
		bool tcp = talkers->flows[i].destination_port == 22;

		assert_int_equal(talkers->flows[i].rule, tcp ? 1 : COUNT_UNKNOWN);
		assert_int_equal(talkers->flows[i].action, tcp ? MESH_DROP : MESH_PASS);
		assert_string_equal(talkers->flows[i].protocol, tcp ? "tcp" : "udp");
		assert_int_equal(talkers->flows[i].traffic.packets.total, 1);
	}
	assert_int_equal(talkers->n_sources, 2);
	assert_string_equal(talkers->sources[0].address, "10.0.0.1");
	assert_int_equal(talkers->sources[0].traffic.packets.total, 5);
	assert_string_equal(talkers->sources[1].address, "10.0.0.2");
	sampled.context.looking = false;
	sample(sampled.first, sampled.second);
	assert_int_equal(host_element(&mesh_looking, 0)->dimensions, 0);
	assert_null(sampled.filter.talkers);
}

static void test_no_talkers_without_packets(void **state)
{
	(void)state;
	sampled.context.looking = true;
	sample(NULL, sampled.first); /* no rule */
	assert_false(sampled.first->talkers.available);
	assert_string_not_equal(sampled.first->talkers.reason, "");
	add_rules(TEXTS("pass udp 9"));
	sampled.roots[0].link_fd = -1; /* nothing is attached */
	sample(NULL, sampled.second);
	assert_false(sampled.second->talkers.available);
	assert_string_not_equal(sampled.second->talkers.reason, "");
}

/* It needs packets for a rule or the policy; and asks before it drops. */
static void test_needs_and_questions(void **state)
{
	struct rule_edit edit = { .kind = RULE_EDIT_POLICY, .policy = MESH_DROP };

	(void)state;
	assert_false(program_xdp_mesh_filter.needs_xdp(&sampled.program));
	assert_int_equal(make(RULE_EDIT_ADD, 0, "pass udp 9"), 0);
	assert_true(program_xdp_mesh_filter.needs_xdp(&sampled.program));
	assert_int_equal(make(RULE_EDIT_DELETE, 0, NULL), 0);
	assert_false(program_xdp_mesh_filter.needs_xdp(&sampled.program));
	assert_int_equal(rules_change(&maps, &edit, &failure), 0);
	assert_true(program_xdp_mesh_filter.needs_xdp(&sampled.program));
	assert_true(program_xdp_mesh_filter.enforced(&sampled.program));
	assert_int_equal(program_xdp_mesh_filter.enforce(&sampled.program, false), 0);
	assert_false(program_xdp_mesh_filter.enforced(&sampled.program));
}

#define sampling(function) cmocka_unit_test_setup_teardown(function, start_sampling, stop_sampling)
#define test(function)	   cmocka_unit_test_setup(function, setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(test_add),
		test(test_places),
		test(test_insert),
		test(test_move),
		test(test_delete_and_flush),
		test(test_few_rules_are_in_force_at_once),
		test(test_each_of_a_row_is_found),
		test(test_nothing_is_held_any_longer),
		test(test_addresses_in_a_row),
		test(test_switch),
		test(test_policy),
		test(test_counters),
		test(test_totals),
		test(test_limit),
		test(test_ids_of_a_full_table),
		test(test_expiry),
		test(test_expired_rules_are_forgotten),
		test(test_owners),
		test(test_replace),
		test(test_change),
		test(test_interface),
		test(test_sets),
		test(test_edit_of_sets),
		test(test_pieces),
		test(test_feeds),
		test(test_nodes),
		test(test_not_loaded),
		sampling(test_sample_of_rules),
		sampling(test_sample_of_a_new_rule),
		sampling(test_sample_of_sets),
		sampling(test_sample_of_talkers),
		sampling(test_no_talkers_without_packets),
		sampling(test_needs_and_questions),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
