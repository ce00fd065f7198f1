// SPDX-License-Identifier: BSD-2-Clause
/* xdp_mesh_filter: what each kind of rule matches, which rule decides, and what is counted. */
#include <setjmp.h>
#include <stdarg.h>
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
#include "tests/lib/packets.h"
#include "tests/lib/wait.h"
#include "xdp_mesh_filter.h"

enum { TCP = 6, UDP = 17 };

static struct {
	struct bpf_object *object;
	int program, counts, totals, control;
	uint32_t generation, policy;
	struct mesh_rule rules[MESH_RULES_MAX];
	struct frame frame; /* what run() sends */
} test;

static int map(const char *name)
{
	return bpf_program_map_fd(test.object, name);
}

static void enforce(uint32_t on)
{
	assert_int_equal(
		tables_store(test.control, offsetof(struct mesh_filter_control, enforce), on), 0);
}

static void make_tcp4(uint16_t destination_port)
{
	frame_ethernet(&test.frame, 0x0800);
	frame_ipv4(&test.frame, &(struct frame_ipv4) { .protocol = TCP });
	frame_tcp(&test.frame, 40000, destination_port, 0);
	frame_finish(&test.frame);
}

static void make_udp6(uint16_t destination_port)
{
	frame_ethernet(&test.frame, 0x86dd);
	frame_ipv6(&test.frame, UDP, 0);
	frame_udp(&test.frame, 40000, destination_port);
	frame_finish(&test.frame);
}

/* Once: the verifier takes its time. */
static int load(void **state)
{
	(void)state;
	test.object = bpf_program_open("xdp_mesh_filter");
	bpf_program_load(test.object);
	test.program = bpf_program_fd(test.object, "xdp_mesh_filter");
	test.counts = map("mesh_rule_counts");
	test.totals = map("mesh_filter_totals");
	test.control = map("mesh_filter_control");
	return 0;
}

/* Each test has a filter without rules and counts, which enforces; flows are of earlier generations. */
static int start(void **state)
{
	(void)state;
	assert_int_equal(tables_put(test.control, 0), 0);
	bpf_program_clear(test.counts);
	bpf_program_clear(test.totals);
	bpf_program_clear(map("mesh_limits"));
	bpf_program_clear(map("mesh_disabled"));
	memset(test.rules, 0, sizeof(test.rules));
	test.policy = MESH_PASS;
	enforce(1);
	make_tcp4(22);
	return 0;
}

static int unload(void **state)
{
	(void)state;
	bpf_object__close(test.object);
	return 0;
}

static uint32_t no_interface(const char *name)
{
	(void)name;
	return 0;
}

static void put_in_force(void)
{
	const struct mesh_source source = {
		.rules = test.rules,
		.generation = ++test.generation,
		.policy = test.policy,
		.seed = 20261127,
		.ifindex = no_interface,
	};
	struct mesh_compiled compiled;
	struct failure failure;
	const struct tables_maps maps = { .near = map("mesh_near"),
		.lines = map("mesh_lines"),
		.shorts = map("mesh_shorts"),
		.control = test.control };

	assert_int_equal(mesh_compile(&source, &compiled, &failure), 0);
	assert_int_equal(tables_write(&compiled, &maps), 0);
	mesh_compiled_free(&compiled);
	assert_int_equal(tables_put(maps.control, MESH_BANKS), 0);
}

static void add_rule(uint32_t number, const char *text)
{
	struct failure failure;

	if (rule_parse(text, &test.rules[number], &failure) < 0)
		fail_msg("%s", failure.what);
	test.rules[number].id = (uint16_t)number;
	put_in_force();
}

static const char *word(uint8_t action)
{
	return action == MESH_DROP ? "drop" : "pass";
}

static void add_prefix(uint32_t number, uint8_t action, const char *address, uint32_t bits)
{
	char text[128];

	snprintf(text, sizeof(text), "%s %s/%u", word(action), address, bits);
	add_rule(number, text);
}

static void add_mac(uint32_t number, uint8_t action, const char *mac)
{
	char text[128];

	snprintf(text, sizeof(text), "%s mac 02:00:00:00:00:%02x", word(action), mac[5]);
	add_rule(number, text);
}

static void add_port(uint32_t number, uint8_t action, uint8_t protocol, uint16_t port)
{
	char text[128];

	snprintf(text, sizeof(text), "%s %s %u", word(action), protocol == TCP ? "tcp" : "udp",
		port);
	add_rule(number, text);
}

static void disable(uint32_t number)
{
	test.rules[number].enabled = 0;
	put_in_force();
}

static uint32_t run(void)
{
	return bpf_program_run(test.program, test.frame.bytes, test.frame.length);
}

static struct traffic_count rule_count(uint32_t number)
{
	struct mesh_rule_counts counts;

	bpf_program_sum(test.counts, number, &counts, sizeof(counts));
	return counts.decided;
}

static struct mesh_filter_totals totals(void)
{
	struct mesh_filter_totals sum;

	bpf_program_sum(test.totals, 0, &sum, sizeof(sum));
	return sum;
}

/* Runs every sample. Returns how many of them may hide their addresses or ports. */
static uint64_t run_samples(int verdict_of_hiding)
{
	uint64_t hiding = 0;
	struct frame frame;

	for (size_t i = 0; i < n_frame_samples; i++) {
		bool hides = frame_samples[i].traits & FRAME_HIDING;

		frame_sample_build(i, &frame);
		assert_int_equal(bpf_program_run(test.program, frame.bytes, frame.length),
			hides ? verdict_of_hiding : XDP_PASS);
		hiding += hides;
	}
	return hiding;
}

static void without_rules_what_can_be_read_passes(void **state)
{
	(void)state;
	uint64_t hiding = run_samples(XDP_DROP);
	assert_int_equal(hiding, 5);
	assert_int_equal(totals().unreadable.packets, hiding);
	assert_int_equal(totals().no_match.packets, n_frame_samples - hiding);
	enforce(0);
	run_samples(XDP_PASS);
	assert_int_equal(totals().unreadable.packets, hiding);
	assert_int_equal(totals().spared.packets, hiding);
}

/* A rule that passes what can be read does not let a packet around one that might drop it. */
static void what_cannot_be_read_passes_by_no_rule(void **state)
{
	(void)state;
	add_port(1, MESH_DROP, TCP, 22);
	add_mac(2, MESH_PASS, FRAME_SOURCE_MAC);
	uint64_t hiding = 0, unreadable;
	for (size_t i = 0; i < n_frame_samples; i++) {
		if (!(frame_samples[i].traits & FRAME_HIDING))
			continue;
		frame_sample_build(i, &test.frame);
		assert_int_equal(run(), XDP_DROP);
		hiding++;
	}
	unreadable = totals().unreadable.packets;
	assert_int_equal(unreadable, hiding);
	add_mac(0, MESH_DROP, FRAME_SOURCE_MAC);
	assert_int_equal(run(), XDP_DROP); /* the rule's own */
	assert_int_equal(totals().unreadable.packets, unreadable);
	assert_int_equal(rule_count(0).packets, 1);
}

static void four_vlan_tags_are_looked_through(void **state)
{
	(void)state;
	add_port(1, MESH_DROP, TCP, 22);
	for (size_t i = 0; i < n_frame_samples; i++) {
		if (strcmp(frame_samples[i].name, "four VLAN tags") != 0)
			continue;
		frame_sample_build(i, &test.frame);
		assert_int_equal(run(), XDP_DROP);
	}
	assert_int_equal(rule_count(1).packets, 1);
}

static void prefixes_by_number(void **state)
{
	(void)state; /* the source is 10.1.2.3 */
	add_prefix(5, MESH_DROP, "10.0.0.0", 8);
	assert_int_equal(run(), XDP_DROP);
	add_prefix(6, MESH_PASS, "10.1.2.0", 24);
	assert_int_equal(run(), XDP_DROP); /* longer, but its number is higher */
	add_prefix(4, MESH_PASS, "10.1.2.4", 32);
	assert_int_equal(run(), XDP_DROP);
	add_prefix(3, MESH_PASS, "10.1.2.3", 32);
	assert_int_equal(run(), XDP_PASS);
	add_prefix(2, MESH_DROP, "10.1.2.0", 24);
	assert_int_equal(run(), XDP_DROP);
	assert_int_equal(rule_count(5).packets, 3);
	assert_int_equal(rule_count(6).packets, 0);
	assert_int_equal(rule_count(4).packets, 0);
	assert_int_equal(rule_count(3).packets, 1);
	assert_int_equal(rule_count(2).packets, 1);
	assert_int_equal(rule_count(5).bytes, 3 * test.frame.length);
}

static void prefix4_everything(void **state)
{
	(void)state;
	add_prefix(0, MESH_DROP, "0.0.0.0", 0);
	assert_int_equal(run(), XDP_DROP);
	make_udp6(53);
	assert_int_equal(run(), XDP_PASS);
}

static void prefixes6_by_number(void **state)
{
	(void)state; /* the source is fd00::1 */
	make_udp6(53);
	add_prefix(3, MESH_DROP, "fd00::", 8);
	assert_int_equal(run(), XDP_DROP);
	add_prefix(2, MESH_PASS, "fd00::", 64);
	assert_int_equal(run(), XDP_PASS);
	add_prefix(1, MESH_DROP, "fd00::1", 128);
	assert_int_equal(run(), XDP_DROP);
	make_tcp4(22);
	assert_int_equal(run(), XDP_PASS);
	assert_int_equal(totals().no_match.packets, 1);
}

static void mac(void **state)
{
	(void)state;
	add_mac(7, MESH_DROP, "\x02\x00\x00\x00\x00\x09");
	assert_int_equal(run(), XDP_PASS);
	add_mac(8, MESH_DROP, FRAME_SOURCE_MAC);
	assert_int_equal(run(), XDP_DROP);
	frame_ethernet(&test.frame, 0x0806);
	frame_arp(&test.frame);
	assert_int_equal(run(), XDP_DROP); /* whatever it carries */
	assert_int_equal(rule_count(8).packets, 2);
}

static void port(void **state)
{
	(void)state;
	add_port(1, MESH_DROP, UDP, 22);
	assert_int_equal(run(), XDP_PASS); /* of another protocol */
	add_port(2, MESH_DROP, TCP, 40000);
	assert_int_equal(run(), XDP_PASS); /* the source's */
	add_port(3, MESH_DROP, TCP, 22);
	assert_int_equal(run(), XDP_DROP);
	make_udp6(22);
	assert_int_equal(run(), XDP_DROP);
	assert_int_equal(rule_count(1).packets, 1);
}

/* VLAN tags, options and extension headers do not hide anything. */
static void what_stands_in_front_is_looked_through(void **state)
{
	(void)state;
	add_port(3, MESH_DROP, TCP, 22);
	frame_ethernet(&test.frame, 0x88a8);
	frame_vlan(&test.frame, 0x8100);
	frame_vlan(&test.frame, 0x86dd);
	frame_ipv6(&test.frame, 0, 0);
	frame_extension(&test.frame, 0, 60, 0);
	frame_extension(&test.frame, 60, TCP, 3);
	frame_tcp(&test.frame, 40000, 22, 0);
	frame_finish(&test.frame);
	assert_int_equal(run(), XDP_DROP);
}

/* A first fragment that has the ports but not the whole TCP header. */
static void tiny_fragment_does_not_evade(void **state)
{
	(void)state;
	add_port(3, MESH_DROP, TCP, 22);
	frame_ethernet(&test.frame, 0x0800);
	frame_ipv4(&test.frame, &(struct frame_ipv4) { .protocol = TCP, .fragment = 0x2000 });
	frame_udp(&test.frame, 40000, 22); /* the first 8 bytes of a TCP header look like that */
	test.frame.udp = 0;
	frame_finish(&test.frame);
	assert_int_equal(run(), XDP_DROP);
}

/* A malformed packet of a source is still a packet of that source. */
static void malformed_packets_meet_their_prefix(void **state)
{
	(void)state;
	add_prefix(1, MESH_DROP, "10.1.0.0", 16);
	test.frame.length = 14 + 20 + 3; /* no ports */
	assert_int_equal(run(), XDP_DROP);
	assert_int_equal(rule_count(1).packets, 1);
	test.frame.length = 14 + 19; /* no source */
	assert_int_equal(run(), XDP_DROP);
	assert_int_equal(rule_count(1).packets, 1);
	assert_int_equal(totals().unreadable.packets, 1);
}

/* Runs the frame cut to a length. Expects that the rule 0, "pass unreadable", decides, or the rule 1 for the rest. */
static void run_cut(size_t length, bool unreadable)
{
	struct traffic_count before = rule_count(0), rest = rule_count(1);

	test.frame.length = length;
	assert_int_equal(run(), unreadable ? XDP_PASS : XDP_DROP);
	assert_int_equal(rule_count(0).packets, before.packets + unreadable);
	assert_int_equal(rule_count(1).packets, rest.packets + !unreadable);
}

/* Wherever a packet is cut before its ports end, neither a rule nor the policy takes it for one without them. */
static void truncated_packets_are_unreadable(void **state)
{
	(void)state;
	add_rule(0, "pass unreadable");
	add_mac(1, MESH_DROP, FRAME_SOURCE_MAC);
	make_tcp4(22);
	for (size_t length = 14; length < 14 + 20 + 4; length++)
		run_cut(length, true);
	run_cut(14 + 20 + 4, false);
	test.frame.bytes[14] = 0x44; /* a header of 16 bytes */
	run_cut(14 + 20 + 20, true);
	test.frame.bytes[14] = 0x65; /* IPv6, it says */
	run_cut(14 + 20 + 20, true);
	make_udp6(22);
	for (size_t length = 14; length < 14 + 40 + 4; length++)
		run_cut(length, true);
	run_cut(14 + 40 + 4, false);
}

/* ARP has no addresses that rules look at, and ICMP no ports. */
static void what_hides_nothing_is_readable(void **state)
{
	(void)state;
	add_rule(0, "pass unreadable");
	add_mac(1, MESH_DROP, FRAME_SOURCE_MAC);
	frame_ethernet(&test.frame, 0x0806);
	frame_arp(&test.frame);
	run_cut(14 + 4, false);
	frame_ethernet(&test.frame, 0x0800);
	frame_ipv4(&test.frame, &(struct frame_ipv4) { .protocol = 1 });
	frame_icmp(&test.frame, 8);
	frame_finish(&test.frame);
	run_cut(14 + 20 + 2, false);
	frame_ethernet(&test.frame, 0x88cc);
	run_cut(14, false);
}

static void lowest_number_decides(void **state)
{
	(void)state;
	add_port(10, MESH_DROP, TCP, 22);
	add_mac(5, MESH_PASS, FRAME_SOURCE_MAC);
	assert_int_equal(run(), XDP_PASS);
	add_prefix(2, MESH_DROP, "10.1.0.0", 16);
	assert_int_equal(run(), XDP_DROP);
	add_port(0, MESH_PASS, TCP, 22);
	assert_int_equal(run(), XDP_PASS);
	add_prefix(MESH_RULES_MAX - 1, MESH_DROP, "10.1.2.0", 24);
	assert_int_equal(run(), XDP_PASS);
	assert_int_equal(rule_count(5).packets, 1);
	assert_int_equal(rule_count(2).packets, 1);
	assert_int_equal(rule_count(0).packets, 2);
	assert_int_equal(rule_count(10).packets, 0);
	assert_int_equal(totals().passed.packets, 3);
	assert_int_equal(totals().dropped.packets, 1);
}

static void disabled_rules_never_decide(void **state)
{
	(void)state;
	add_port(1, MESH_DROP, TCP, 22);
	add_mac(2, MESH_DROP, FRAME_SOURCE_MAC);
	add_prefix(3, MESH_DROP, "10.1.0.0", 16);
	disable(1);
	assert_int_equal(run(), XDP_DROP);
	assert_int_equal(rule_count(2).packets, 1);
	disable(2);
	assert_int_equal(run(), XDP_DROP);
	assert_int_equal(rule_count(3).packets, 1);
	disable(3);
	assert_int_equal(run(), XDP_PASS);
	assert_int_equal(totals().no_match.packets, 1);
	assert_int_equal(rule_count(1).packets, 0);
}

/* Counting rules let the next one decide. */
static void counting_rules_decide_nothing(void **state)
{
	(void)state;
	add_rule(0, "count tcp 22");
	add_rule(1, "count 10.0.0.0/8");
	add_rule(2, "count 11.0.0.0/8");
	add_rule(3, "drop port 22");
	add_rule(4, "count proto tcp");
	for (int i = 0; i < 3; i++)
		assert_int_equal(run(), XDP_DROP);
	assert_int_equal(rule_count(0).packets, 3);
	assert_int_equal(rule_count(1).packets, 3);
	assert_int_equal(rule_count(2).packets, 0);
	assert_int_equal(rule_count(3).packets, 3);
	assert_int_equal(rule_count(4).packets, 0);
	assert_int_equal(totals().dropped.packets, 3);
}

static void unreadable_packets_have_a_condition(void **state)
{
	(void)state;
	add_rule(0, "pass unreadable");
	run_samples(XDP_PASS);
	assert_int_equal(rule_count(0).packets, 5);
	add_rule(0, "drop unreadable");
	run_samples(XDP_DROP);
	assert_int_equal(rule_count(0).packets, 10);
	assert_int_equal(totals().unreadable.packets, 0);
}

/* Builds a packet that hosts cannot do without. */
static void make_essential(enum mesh_kind kind, bool v6)
{
	frame_ethernet(&test.frame, kind == MESH_ARP ? 0x0806 : v6 ? 0x86dd : 0x0800);
	if (kind == MESH_ARP) {
		frame_arp(&test.frame);
	} else if (kind == MESH_NEIGHBOUR_DISCOVERY) {
		frame_ipv6(&test.frame, 58, 0);
		frame_icmp(&test.frame, 135);
	} else {
		if (v6)
			frame_ipv6(&test.frame, UDP, 0);
		else
			frame_ipv4(&test.frame, &(struct frame_ipv4) { .protocol = UDP });
		frame_udp(&test.frame, v6 ? 547 : 68, v6 ? 546 : 67);
	}
	frame_finish(&test.frame);
}

static const struct {
	enum mesh_kind kind;
	bool v6;
	const char *named[4]; /* rules that drop it */
	const char *spared[8]; /* and some that do not */
} essentials[] = {
	{ MESH_ARP, false, { "drop arp", "drop ethertype 0x0806", "drop mac 02:00:00:00:00:01" },
		{ "drop all", "limit 1/s all", "drop nd", "drop dhcp", "drop vlan 7" } },
	{ MESH_NEIGHBOUR_DISCOVERY, true,
		{ "drop nd", "drop mac 02:00:00:00:00:01", "drop nd ::/0" },
		{ "drop all", "drop ::/0", "drop proto icmpv6", "drop arp", "drop ethertype 0x86dd",
			"limit 8bit/s ::/0" } },
	{ MESH_DHCP, false,
		{ "drop dhcp", "drop udp 67", "drop port 67-68", "drop udp 67 sport 68" },
		{ "drop all", "drop proto udp", "drop udp 60-70", "drop udp 1-65535",
			"drop sport 68", "drop 0.0.0.0/0", "drop udp 546" } },
	{ MESH_DHCP, true, { "drop dhcp", "drop udp 546-547", "drop port 546" },
		{ "drop all", "drop proto udp", "drop port 500-600", "drop sport 547",
			"drop ::/0" } },
};

static void what_hosts_cannot_do_without_is_dropped_by_name(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(essentials) / sizeof(essentials[0]); i++) {
		make_essential(essentials[i].kind, essentials[i].v6);
		for (int j = 0; j < 4 && essentials[i].named[j] != NULL; j++) {
			add_rule(0, essentials[i].named[j]);
			if (run() != XDP_DROP)
				fail_msg("%s passes", essentials[i].named[j]);
		}
		for (int j = 0; j < 8 && essentials[i].spared[j] != NULL; j++) {
			add_rule(0, essentials[i].spared[j]);
			if (run() != XDP_PASS || run() != XDP_PASS || run() != XDP_PASS)
				fail_msg("%s drops", essentials[i].spared[j]);
		}
		memset(test.rules, 0, sizeof(test.rules));
		test.policy = MESH_DROP;
		put_in_force();
		assert_int_equal(run(), XDP_PASS);
		test.policy = MESH_PASS;
	}
}

static void the_policy_drops_what_no_rule_passes(void **state)
{
	struct mesh_filter_totals totals;

	(void)state;
	test.policy = MESH_DROP;
	add_rule(3, "pass tcp 22");
	assert_int_equal(run(), XDP_PASS);
	make_tcp4(23);
	assert_int_equal(run(), XDP_DROP);
	/* Not DHCP: from its port, to another. */
	frame_ethernet(&test.frame, 0x0800);
	frame_ipv4(&test.frame, &(struct frame_ipv4) { .protocol = UDP });
	frame_udp(&test.frame, 67, 53);
	frame_finish(&test.frame);
	assert_int_equal(run(), XDP_DROP);
	/* Echo, not discovery. */
	frame_ethernet(&test.frame, 0x86dd);
	frame_ipv6(&test.frame, 58, 0);
	frame_icmp(&test.frame, 128);
	frame_finish(&test.frame);
	assert_int_equal(run(), XDP_DROP);
	bpf_program_sum(test.totals, 0, &totals, sizeof(totals));
	assert_int_equal(totals.refused.packets, 3);
	assert_int_equal(totals.dropped.packets, 0);
	enforce(0);
	assert_int_equal(run(), XDP_PASS);
}

/*
 * Puts rules in force that expire one after the other, and runs until all have. Returns the packets that the
 * second counted: none where a machine that is starved stood still while it would have held.
 */
static uint64_t rules_expire_within(uint64_t span)
{
	uint64_t soon = clock_boottime_ns() + span, later = soon + span;

	test.rules[1].expires = soon;
	test.rules[5].expires = test.rules[9].expires = later;
	put_in_force();
	uint64_t generation = test.generation, first = rule_count(1).packets;
	uint64_t second = rule_count(9).packets;
	while (run() == XDP_DROP && rule_count(9).packets == second)
		;
	if (rule_count(1).packets == first || rule_count(9).packets == second)
		return 0;
	assert_true(clock_boottime_ns() >= soon);
	while (run() == XDP_DROP)
		assert_true(clock_boottime_ns() < later + PATIENCE_S * NS_PER_SECOND);
	assert_true(clock_boottime_ns() >= later);
	assert_int_equal(run(), XDP_PASS);
	assert_int_equal(test.generation, generation);
	return rule_count(9).packets - second;
}

static void rules_expire_by_themselves(void **state)
{
	struct mesh_rule_counts counts;
	uint64_t before = clock_boottime_ns(), span = NS_PER_SECOND / 5;

	(void)state;
	add_rule(1, "drop tcp 22");
	add_rule(2, "drop tcp 22 in other");
	add_rule(5, "count 10.0.0.0/8");
	add_rule(9, "drop all");
	test.rules[2].expires = 1;
	while (rules_expire_within(span) == 0) {
		assert_true(span < PATIENCE_S * NS_PER_SECOND);
		span *= 2;
	}
	assert_true(rule_count(1).packets > 0);
	bpf_program_sum(test.counts, 1, &counts, sizeof(counts));
	/* By the tick of one CPU, or of several. */
	assert_true(counts.last >= before - NS_PER_SECOND / 10);
}

static void not_enforcing_spares(void **state)
{
	(void)state;
	add_port(1, MESH_DROP, TCP, 22);
	enforce(0);
	for (int i = 0; i < 4; i++)
		assert_int_equal(run(), XDP_PASS);
	enforce(1);
	for (int i = 0; i < 3; i++)
		assert_int_equal(run(), XDP_DROP);
	assert_int_equal(totals().spared.packets, 4);
	assert_int_equal(totals().spared.bytes, 4 * test.frame.length);
	assert_int_equal(totals().dropped.packets, 3);
	assert_int_equal(totals().dropped.bytes, 3 * test.frame.length);
	assert_int_equal(totals().passed.packets, 0);
	assert_int_equal(rule_count(1).packets, 7);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup(name, start)
	const struct CMUnitTest tests[] = {
		TEST(without_rules_what_can_be_read_passes),
		TEST(what_cannot_be_read_passes_by_no_rule),
		TEST(four_vlan_tags_are_looked_through),
		TEST(prefixes_by_number),
		TEST(prefix4_everything),
		TEST(prefixes6_by_number),
		TEST(mac),
		TEST(port),
		TEST(what_stands_in_front_is_looked_through),
		TEST(tiny_fragment_does_not_evade),
		TEST(malformed_packets_meet_their_prefix),
		TEST(truncated_packets_are_unreadable),
		TEST(what_hides_nothing_is_readable),
		TEST(lowest_number_decides),
		TEST(disabled_rules_never_decide),
		TEST(counting_rules_decide_nothing),
		TEST(unreadable_packets_have_a_condition),
		TEST(what_hosts_cannot_do_without_is_dropped_by_name),
		TEST(the_policy_drops_what_no_rule_passes),
		TEST(rules_expire_by_themselves),
		TEST(not_enforcing_spares),
	};

	return cmocka_run_group_tests_name("mesh filter", tests, load, unload);
}
