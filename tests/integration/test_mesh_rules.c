// SPDX-License-Identifier: BSD-2-Clause
/*
 * The compiled mesh rules in the kernel against a plain model: the same random rules, sets and packets,
 * the same verdicts and counts; and verdicts again while sets take each other's place. X0_RANDOM_RULES: how
 * many packets.
 */
#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <cmocka.h>
#include <linux/bpf.h>

#include "base/clock.h"
#include "mesh/compile.h"
#include "mesh/rule.h"
#include "mesh/tables.h"
#include "tests/lib/bpf_program.h"
#include "tests/lib/mesh_model.h"
#include "tests/lib/packet_frames.h"
#include "tests/lib/packets.h"

#define PACKETS		 100000
#define PACKETS_A_SET	 400
#define SETS		 4
#define GENERATION	 (MESH_RULES_MAX + 1) /* the times at which rules expire lie between */
#define SWAPS_A_PAIR	 12
#define SET_ELEMENTS_MAX 300
#define SET_LARGE	 4600 /* more than 2,048 of a length */

static struct {
	struct bpf_object *object;
	int program, counts, totals;
	struct tables_maps maps;
	uint64_t random, seed;
	uint32_t generation;
	struct mesh_rule rules[MESH_RULES_MAX];
	struct mesh_element elements[SETS][SET_LARGE];
	struct mesh_elements sets[SETS];
	uint32_t policy;
	uint64_t now; /* CLOCK_BOOTTIME, ns */
	struct mesh_rule_counts expected[MESH_RULES_MAX];
	struct mesh_filter_totals totals_expected;
	unsigned packets, dropped, hits; /* of rules */
} test;

static uint32_t number(uint32_t below)
{
	test.random ^= test.random >> 12;
	test.random ^= test.random << 25;
	test.random ^= test.random >> 27;
	return (uint32_t)((test.random * 0x2545f4914f6cdd1dULL) >> 33) % below;
}

static bool one_in(uint32_t n)
{
	return number(n) == 0;
}

/* --- random rules -------------------------------------------------------------------------------- */

/* Few different bytes, so that prefixes lie within each other and packets meet them. */
static void random_address(uint8_t *address, int bytes)
{
	static const uint8_t near[] = { 10, 1, 2, 3, 0, 0xfd, 254, 7 };

	for (int i = 0; i < bytes; i++)
		address[i] = one_in(8) ? (uint8_t)number(256) : near[number(sizeof(near))];
	if (bytes == 4)
		address[0] = 10;
	else
		address[0] = 0xfd, address[1] = 0;
	if (one_in(2))
		memcpy(address, bytes == 4 ? FRAME_SOURCE4 : FRAME_SOURCE6, (size_t)bytes);
}

static void random_prefix(struct mesh_prefix *prefix)
{
	static const uint8_t usual[] = { 32, 24, 16, 8, 0, 32, 24, 64 };
	int bits;

	memset(prefix, 0, sizeof(*prefix));
	prefix->family = one_in(3) ? 6 : 4;
	bits = prefix->family == 4 ? 32 : 128;
	random_address(prefix->address, bits / 8);
	prefix->length =
		one_in(2) ? (uint8_t)number((uint32_t)bits + 1) : usual[number(sizeof(usual))];
	if (prefix->length > bits)
		prefix->length = (uint8_t)bits;
	for (int bit = prefix->length; bit < 128; bit++)
		prefix->address[bit / 8] &= (uint8_t) ~(0x80 >> bit % 8);
}

static uint16_t random_port(void)
{
	static const uint16_t usual[] = { 22, 53, 6696, 40000, 0, 65535, 9, 67, 68, 546, 547 };

	return one_in(3) ? (uint16_t)number(65536)
			 : usual[number(sizeof(usual) / sizeof(usual[0]))];
}

static void random_range(struct mesh_range *range)
{
	uint16_t a = random_port(), b = one_in(2) ? a : random_port();

	range->from = a < b ? a : b;
	range->to = a < b ? b : a;
}

static void random_mac(uint8_t *mac)
{
	memcpy(mac, FRAME_SOURCE_MAC, 6);
	if (one_in(2))
		mac[5] = (uint8_t)number(4);
}

/* Hosts, or networks, of which packets meet many, for a table of their own; and a few others. */
static void random_large_set(uint32_t set)
{
	bool hosts = one_in(2);

	test.sets[set].n = SET_LARGE;
	for (uint32_t i = 0; i < SET_LARGE; i++) {
		struct mesh_prefix *prefix = &test.elements[set][i].prefix;
		const uint8_t address[] = { 10, 1, (uint8_t)(i >> 8), (uint8_t)i };
		const uint8_t network[] = { 10, (uint8_t)(i >> 8), (uint8_t)i, 0 };
		if (one_in(4))
			continue;
		prefix->family = 4;
		prefix->length = hosts ? 32 : 24;
		memcpy(prefix->address, hosts ? address : network, sizeof(address));
	}
}

static void random_set(uint32_t set)
{
	static const uint32_t kinds[SETS] = { MESH_SET_PREFIXES, MESH_SET_PREFIXES, MESH_SET_MACS,
		MESH_SET_PORTS };

	memset(test.elements[set], 0, sizeof(test.elements[set]));
	test.sets[set] = (struct mesh_elements) { .kind = kinds[set],
		.n = number(one_in(3) ? SET_ELEMENTS_MAX : 4),
		.elements = test.elements[set] };
	if (kinds[set] == MESH_SET_PREFIXES && one_in(48))
		random_large_set(set);
	for (uint32_t i = 0; i < test.sets[set].n; i++) {
		struct mesh_element *element = &test.elements[set][i];
		if (element->prefix.family != 0)
			continue;
		if (kinds[set] == MESH_SET_PREFIXES)
			random_prefix(&element->prefix);
		else if (kinds[set] == MESH_SET_MACS)
			random_mac(element->mac);
		else
			random_range(&element->ports);
	}
}

static void random_sets_of(struct mesh_rule *rule)
{
	if (one_in(3))
		rule->sets[MESH_BY_SOURCE] = 1 + (uint8_t)number(2);
	if (one_in(3))
		rule->sets[MESH_BY_DESTINATION] = 1 + (uint8_t)number(2);
	if (one_in(3))
		rule->sets[MESH_BY_MAC] = 3;
	if (one_in(3))
		rule->sets[MESH_BY_SOURCE_PORT] = 4;
	if (one_in(3))
		rule->sets[MESH_BY_DESTINATION_PORT] = 4;
}

static void random_rule(struct mesh_rule *rule, uint16_t id, uint32_t *counts)
{
	static const uint8_t protocols[] = { 6, 17, 1, 58, 0, 44 };
	static const uint16_t ethertypes[] = { 0x0800, 0x86dd, 0x0806, 0x4305, 0x8100, 0 };
	static const char *const interfaces[] = { "here", "there" };

	memset(rule, 0, sizeof(*rule));
	rule->match = MESH_MATCH_SEVERAL;
	rule->action = (uint8_t)number(MESH_ACTIONS);
	if (rule->action == MESH_COUNT && ++*counts > MESH_COUNTS_MAX)
		rule->action = MESH_PASS;
	rule->enabled = !one_in(6);
	rule->id = id;
	for (int conditions = (int)number(4); conditions > 0; conditions--)
		rule->conditions |= (uint16_t)(1 << number(MESH_DIMENSIONS));
	if (!one_in(4))
		rule->conditions &= (uint16_t) ~(1 << MESH_BY_READABLE);
	rule->kind = (uint8_t)(1 + number(MESH_KINDS - 1));
	if (one_in(5)) /* long ago, or not soon */
		rule->expires = one_in(2) ? 1 + number(1000)
					  : test.now + (1 + number(10)) * 3600 * NS_PER_SECOND;
	random_prefix(&rule->source);
	random_prefix(&rule->destination);
	random_mac(rule->mac);
	rule->protocol = protocols[number(sizeof(protocols))];
	random_range(&rule->source_port);
	random_range(&rule->destination_port);
	rule->ethertype = ethertypes[number(sizeof(ethertypes) / sizeof(ethertypes[0]))];
	rule->vlan = one_in(2) ? 7 : (uint16_t)number(4096);
	strcpy(rule->interface, interfaces[number(2)]);
	random_sets_of(rule);
}

static uint32_t named(const char *name)
{
	return strcmp(name, "here") == 0 ? BPF_PROGRAM_RUN_IFINDEX : 7;
}

/* --- in the kernel ------------------------------------------------------------------------------- */

static void compile(uint32_t bank, struct mesh_compiled *compiled)
{
	const struct mesh_source source = {
		.rules = test.rules,
		.sets = test.sets,
		.n_sets = SETS,
		.generation = test.generation += GENERATION,
		.policy = test.policy,
		.bank = bank,
		.seed = test.seed + test.generation,
		.ifindex = named,
	};
	struct failure failure = { 0 };

	if (mesh_compile(&source, compiled, &failure) < 0)
		fail_msg("%s", failure.what);
}

/* Returns 0 or a negative errno. */
static int put(const struct mesh_compiled *compiled)
{
	uint32_t bank = ((const struct mesh_head *)compiled->lines)->bank, set = MESH_BANKS + bank;
	int error = tables_write(compiled, &test.maps);

	if (error == 0)
		error = tables_put(test.maps.control, set);
	if (error == 0 && tables_in_force(test.maps.control) != set)
		error = -EBADMSG;
	return error < 0 ? error : tables_retire(&test.maps, 1 - bank);
}

static void put_in_force(void)
{
	struct mesh_compiled compiled;

	compile(0, &compiled);
	assert_int_equal(put(&compiled), 0);
	mesh_compiled_free(&compiled);
}

static void random_rules(void)
{
	static const uint32_t sizes[] = { 3, 20, 70, MESH_RULES_MAX };
	uint32_t n = number(sizes[number(4)]) + 1, counts = 0;

	memset(test.rules, 0, sizeof(test.rules));
	memset(test.expected, 0, sizeof(test.expected));
	memset(&test.totals_expected, 0, sizeof(test.totals_expected));
	for (uint32_t set = 0; set < SETS; set++)
		random_set(set);
	for (uint32_t i = 0; i < n; i++)
		random_rule(&test.rules[n > MESH_RULES_MAX / 2 ? i : 2 * i],
			(uint16_t)(MESH_RULES_MAX - 1 - i), &counts);
	test.policy = one_in(3) ? MESH_DROP : MESH_PASS;
	struct mesh_rule_counts none = { 0 };
	for (uint32_t id = 0; id < MESH_RULES_MAX; id++)
		bpf_program_set_percpu(test.counts, id, &none, sizeof(none));
	struct mesh_filter_totals totals = { 0 };
	bpf_program_set_percpu(test.totals, 0, &totals, sizeof(totals));
}

static void add(struct traffic_count *count, size_t bytes)
{
	count->packets++;
	count->bytes += bytes;
}

static void expect(const struct mesh_verdict *verdict, size_t bytes)
{
	struct mesh_filter_totals *totals = &test.totals_expected;

	for (uint32_t i = 0; i < verdict->n_counted; i++)
		add(&test.expected[test.rules[verdict->counted[i]].id].decided, bytes);
	if (verdict->rule >= 0) {
		struct mesh_rule_counts *counts = &test.expected[test.rules[verdict->rule].id];
		add(&counts->decided, bytes);
		if (verdict->drop)
			add(&counts->dropped, bytes);
		test.hits++;
	}
	add(verdict->unreadable	    ? &totals->unreadable
		: verdict->rule < 0 ? (verdict->drop ? &totals->refused : &totals->no_match)
		: verdict->drop	    ? &totals->dropped
				    : &totals->passed,
		bytes);
	test.packets++;
	test.dropped += verdict->drop;
}

static void check(const uint8_t *bytes, size_t length)
{
	struct packet_model packet;
	struct mesh_verdict verdict;

	packet_model_read(bytes, length, false, &packet);
	mesh_model_decide(test.rules, test.sets, test.policy, &packet, BPF_PROGRAM_RUN_IFINDEX,
		named, test.now, &verdict);
	expect(&verdict, length);
	uint32_t found = bpf_program_run(test.program, bytes, length);
	if (found == (verdict.drop ? XDP_DROP : XDP_PASS))
		return;
	packet_frames_print("a packet", bytes, length);
	fail_msg("verdict %u, the model's rule %d %s (packet %u)", found, verdict.rule,
		verdict.drop ? "drops" : "passes", test.packets);
}

static void check_counts(void)
{
	struct mesh_filter_totals totals;

	bpf_program_sum(test.totals, 0, &totals, sizeof(totals));
	assert_memory_equal(&totals, &test.totals_expected, sizeof(totals));
	for (uint32_t place = 0; place < MESH_RULES_MAX; place++) {
		struct mesh_rule_counts counts;
		uint16_t id = test.rules[place].id;
		if (test.rules[place].match == MESH_MATCH_NONE)
			continue;
		bpf_program_sum(test.counts, id, &counts, sizeof(counts));
		assert_true((counts.last > 0) == (counts.decided.packets > 0));
		counts.last = 0;
		if (memcmp(&counts, &test.expected[id], sizeof(counts)) != 0)
			fail_msg("rule %u counts %llu packets, the model's %llu", place,
				(unsigned long long)counts.decided.packets,
				(unsigned long long)test.expected[id].decided.packets);
	}
}

/* --- random packets ------------------------------------------------------------------------------ */

static void random_frame(struct frame *frame)
{
	frame_sample_build(number((uint32_t)n_frame_samples), frame);
	random_mac(frame->bytes + 6);
	if (frame->ip_version == 4)
		random_address(frame->bytes + frame->ip + 12, 4),
			random_address(frame->bytes + frame->ip + 16, 4);
	if (frame->ip_version == 6)
		random_address(frame->bytes + frame->ip + 8, 16),
			random_address(frame->bytes + frame->ip + 24, 16);
	if (frame->udp > 0) {
		uint16_t port = random_port();
		frame->bytes[frame->udp + 2] = (uint8_t)(port >> 8);
		frame->bytes[frame->udp + 3] = (uint8_t)port;
	}
	if (one_in(8) && frame->length > 60)
		frame->length = BPF_PROGRAM_RUN_MIN + number((uint32_t)frame->length - 14);
}

static void random_rules_sets_and_packets(void **state)
{
	const char *asked = getenv("X0_RANDOM_RULES");
	unsigned wanted = asked != NULL ? (unsigned)atoi(asked) : PACKETS;

	(void)state;
	while (test.packets < wanted) {
		struct frame frame;
		random_rules();
		put_in_force();
		for (int i = 0; i < PACKETS_A_SET; i++) {
			random_frame(&frame);
			check(frame.bytes, frame.length);
			if (one_in(3)) /* by the flow table */
				check(frame.bytes, frame.length);
		}
		check_counts();
	}
	printf("%u packets by %u sets of rules: %u dropped, %u by a rule\n", test.packets,
		test.generation / GENERATION, test.dropped, test.hits);
	assert_in_range(test.hits, wanted / 4, UINT32_MAX);
	assert_in_range(test.dropped, wanted / 10, test.packets * 9 / 10);
}

/* --- while rules are swapped --------------------------------------------------------------------- */

/* Two sets of rules, and the model's verdicts about PACKETS_A_SET packets. */
struct swapped {
	struct mesh_compiled compiled[2];
	struct frame frames[PACKETS_A_SET];
	bool drops[2][PACKETS_A_SET];
	_Atomic bool stopped;
	_Atomic unsigned swaps;
	int error;
};

static void *swap(void *context)
{
	struct swapped *swapped = context;

	for (unsigned i = 0; !atomic_load(&swapped->stopped) && swapped->error == 0; i++) {
		swapped->error = put(&swapped->compiled[i % 2]);
		atomic_fetch_add(&swapped->swaps, 1);
	}
	return NULL;
}

static void draw_swapped(struct swapped *swapped)
{
	for (int i = 0; i < PACKETS_A_SET; i++)
		random_frame(&swapped->frames[i]);
	for (uint32_t bank = 0; bank < 2; bank++) {
		random_rules();
		compile(bank, &swapped->compiled[bank]);
		for (int i = 0; i < PACKETS_A_SET; i++) {
			struct packet_model packet;
			struct mesh_verdict verdict;
			packet_model_read(swapped->frames[i].bytes, swapped->frames[i].length,
				false, &packet);
			mesh_model_decide(test.rules, test.sets, test.policy, &packet,
				BPF_PROGRAM_RUN_IFINDEX, named, test.now, &verdict);
			swapped->drops[bank][i] = verdict.drop;
		}
	}
}

/* Makes two sets that say different things of many packets: else nothing would be seen of a mixture. */
static void make_swapped(struct swapped *swapped)
{
	int differ = 0;

	for (;;) {
		draw_swapped(swapped);
		for (int i = 0; i < PACKETS_A_SET; i++)
			differ += swapped->drops[0][i] != swapped->drops[1][i];
		if (differ > PACKETS_A_SET / 10)
			break;
		differ = 0;
		for (int i = 0; i < 2; i++)
			mesh_compiled_free(&swapped->compiled[i]);
	}
	assert_int_equal(put(&swapped->compiled[1]), 0);
}

/* Returns how many packets only one of the two sets drops. */
static unsigned check_swapped(struct swapped *swapped)
{
	unsigned differ = 0;

	for (int i = 0; i < PACKETS_A_SET; i++) {
		bool found = bpf_program_run(test.program, swapped->frames[i].bytes,
				     swapped->frames[i].length) == XDP_DROP;
		differ += swapped->drops[0][i] != swapped->drops[1][i];
		if (found == swapped->drops[0][i] || found == swapped->drops[1][i])
			continue;
		packet_frames_print(
			"a packet", swapped->frames[i].bytes, swapped->frames[i].length);
		fail_msg("both sets of rules %s it", found ? "pass" : "drop");
	}
	return differ;
}

/* Each packet is judged by one of two sets, whole, while they take each other's place. */
static void sets_that_swap(void **state)
{
	static struct swapped swapped;
	unsigned pairs = 0, packets = 0, differ = 0;
	const unsigned wanted = getenv("X0_EMULATED") != NULL ? 2 : 12;

	(void)state;
	for (; pairs < wanted; pairs++) {
		pthread_t thread;
		memset(&swapped, 0, sizeof(swapped));
		make_swapped(&swapped);
		assert_int_equal(pthread_create(&thread, NULL, swap, &swapped), 0);
		while (atomic_load(&swapped.swaps) < SWAPS_A_PAIR) {
			differ += check_swapped(&swapped);
			packets += PACKETS_A_SET;
		}
		atomic_store(&swapped.stopped, true);
		pthread_join(thread, NULL);
		assert_int_equal(swapped.error, 0);
		for (int i = 0; i < 2; i++)
			mesh_compiled_free(&swapped.compiled[i]);
	}
	printf("%u packets by %u pairs of sets that swap: of %u the sets say different things\n",
		packets, pairs, differ);
	assert_true(differ > packets / 20);
}

static uint32_t lines_of(uint32_t bank)
{
	uint32_t id = 0;

	assert_int_equal(bpf_map_lookup_elem(test.maps.lines, &bank, &id), 0);
	return id;
}

static void put_rules(uint32_t n, uint32_t bank)
{
	struct mesh_compiled compiled;
	struct failure failure;
	char text[64];

	memset(test.rules, 0, sizeof(test.rules));
	for (uint32_t i = 0; i < n; i++) {
		snprintf(text, sizeof(text), "drop from 10.%u.%u.0/24 proto udp", i / 256, i % 256);
		assert_int_equal(rule_parse(text, &test.rules[i], &failure), 0);
		test.rules[i].id = (uint16_t)i;
	}
	compile(bank, &compiled);
	assert_int_equal(put(&compiled), 0);
	mesh_compiled_free(&compiled);
}

/* Few rules need no other lines than their bank had before, for which the kernel would wait until no packet meets these;
 * they are replaced when the bank is in force no longer. */
static void lines_that_stay(void **state)
{
	uint32_t spare, before;

	(void)state;
	put_rules(3, 0);
	spare = lines_of(1);
	before = lines_of(0);
	put_rules(3, 1);
	assert_int_equal(lines_of(1), spare);
	assert_int_not_equal(lines_of(0), before);
	spare = lines_of(0);
	put_rules(30, 0);
	assert_int_equal(lines_of(0), spare);
	spare = lines_of(1);
	put_rules(65, 1);
	assert_int_not_equal(lines_of(1), spare);
}

static int start(void **state)
{
	const struct mesh_filter_control control = { .enforce = 1 };
	uint32_t zero = 0;

	(void)state;
	test.random = 20261127;
	test.now = clock_boottime_ns();
	test.object = bpf_program_open("xdp_mesh_filter");
	bpf_program_load(test.object);
	test.program = bpf_program_fd(test.object, "xdp_mesh_filter");
	test.maps = (struct tables_maps) { .near = bpf_program_map_fd(test.object, "mesh_near"),
		.lines = bpf_program_map_fd(test.object, "mesh_lines"),
		.shorts = bpf_program_map_fd(test.object, "mesh_shorts"),
		.control = bpf_program_map_fd(test.object, "mesh_filter_control") };
	test.counts = bpf_program_map_fd(test.object, "mesh_rule_counts");
	test.totals = bpf_program_map_fd(test.object, "mesh_filter_totals");
	return bpf_map_update_elem(
		bpf_program_map_fd(test.object, "mesh_filter_control"), &zero, &control, BPF_ANY);
}

static int stop(void **state)
{
	(void)state;
	bpf_object__close(test.object);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_rules_sets_and_packets),
		cmocka_unit_test(sets_that_swap),
		cmocka_unit_test(lines_that_stay),
	};

	return cmocka_run_group_tests_name("mesh rules", tests, start, stop);
}
