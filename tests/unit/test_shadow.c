// SPDX-License-Identifier: BSD-2-Clause
/* Rules that never decide: what is said of them, and whether the reference model agrees. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "mesh/rule.h"
#include "mesh/set_text.h"
#include "mesh/shadow.h"
#include "tests/lib/mesh_model.h"
#include "xdp_chain.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static struct mesh_rule rules[MESH_RULES_MAX];
static struct shadow shadows[MESH_RULES_MAX];

static void parse(const char *text, struct mesh_rule *rule)
{
	struct failure failure;

	if (rule_parse(text, rule, &failure) < 0)
		fail_msg("%s: %s", text, failure.what);
}

/* Returns the first rule of a rule's shadow, or -ENOENT. */
static int first_shadow(const struct mesh_rule *list, const struct mesh_sets *sets, uint32_t number)
{
	assert_int_equal(rules_shadows(list, sets, shadows), 0);
	return shadows[number].n > 0 ? shadows[number].rules[0] : -ENOENT;
}

/* Broad rules drop nothing that hosts cannot do without: what names that is not in their shadow. */
static void test_shadows(void **state)
{
	static const struct {
		const char *first, *second;
		bool shadowed;
	} cases[] = {
		{ "drop all", "pass 10.0.0.0/8", true },
		{ "drop all", "drop arp", false },
		{ "drop all", "pass dhcp", false },
		{ "drop all", "drop udp 67", false },
		{ "drop all", "drop mac 02:00:00:00:00:01", false },
		{ "pass all", "drop arp", true },
		{ "pass all", "drop unreadable", false },
		{ "drop all", "pass unreadable", true },
		{ "drop tcp 22 for 10m", "drop tcp 22 in eth0", false },
		{ "drop tcp 22 for 10m", "drop tcp 22 in eth0 for 5m", true },
		{ "count all", "drop tcp 22", false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		parse(cases[i].first, &rules[0]);
		parse(cases[i].second, &rules[3]);
		if (first_shadow(rules, NULL, 3) != (cases[i].shadowed ? 0 : -ENOENT))
			fail_msg("\"%s\" and \"%s\"", cases[i].first, cases[i].second);
		rules[0].enabled = 0;
		assert_int_equal(first_shadow(rules, NULL, 3), -ENOENT);
	}
}

static void test_shadows_end(void **state)
{
	static const struct {
		const char *first;
		int shadow;
	} rows[] = { { "drop 10.0.0.0/8", 0 }, { "count 10.0.0.0/8", -ENOENT },
		{ "drop 10.0.0.0/8 for 10m", -ENOENT }, { "drop 10.0.0.1", -ENOENT },
		{ "pass all", 0 } };

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		memset(rules, 0, sizeof(rules));
		parse(rows[i].first, &rules[0]);
		parse("drop 10.0.0.0/16", &rules[1]);
		assert_int_equal(first_shadow(rules, NULL, 1), rows[i].shadow);
		assert_int_equal(first_shadow(rules, NULL, 0), -ENOENT);
		rules[0].enabled = 0;
		assert_int_equal(first_shadow(rules, NULL, 1), -ENOENT);
	}
	parse("drop 10.0.0.0/8 for 10m", &rules[0]);
	rules[1].expires = rules[0].expires;
	assert_int_equal(first_shadow(rules, NULL, 1), 0);
	rules[1].expires++;
	assert_int_equal(first_shadow(rules, NULL, 1), -ENOENT);
}

/* Sets the source of a rule to the first bits of a pattern, of which one is flipped; -1: none. */
static void set_source(struct mesh_rule *rule, int length, int flipped)
{
	struct mesh_prefix *source = &rule->source;

	source->length = (uint8_t)length;
	memset(source->address, 0, sizeof(source->address));
	for (int bit = 0; bit < length; bit++)
		if ((bit % 3 == 0) != (bit == flipped))
			source->address[bit / 8] |= (uint8_t)(0x80 >> bit % 8);
}

/* A prefix has all addresses with its bits, and no other, whatever its length. */
static void test_prefixes_of_every_length(void **state)
{
	(void)state;
	for (int v6 = 0; v6 < 2; v6++) {
		int whole = v6 ? 128 : 32;
		memset(rules, 0, sizeof(rules));
		parse(v6 ? "drop fd00::/8" : "drop 10.0.0.0/8", &rules[0]);
		rules[3] = rules[0];
		for (int length = 1; length <= whole; length++) {
			set_source(&rules[0], length, -1);
			set_source(&rules[3], whole, -1);
			assert_int_equal(first_shadow(rules, NULL, 3), 0);
			set_source(&rules[3], whole, length - 1);
			assert_int_equal(first_shadow(rules, NULL, 3), -ENOENT);
			set_source(&rules[3], whole, 0);
			assert_int_equal(first_shadow(rules, NULL, 3), -ENOENT);
			if (length == whole)
				continue;
			set_source(&rules[3], whole, length);
			assert_int_equal(first_shadow(rules, NULL, 3), 0);
			set_source(&rules[3], whole, whole - 1);
			assert_int_equal(first_shadow(rules, NULL, 3), 0);
			set_source(&rules[3], length + 1, -1);
			assert_int_equal(first_shadow(rules, NULL, 3), 0);
			set_source(&rules[0], length + 1, -1);
			set_source(&rules[3], length, -1);
			assert_int_equal(first_shadow(rules, NULL, 3), -ENOENT);
		}
	}
}

/* Makes a set of elements with commas between them. */
static void put_set(struct mesh_sets *sets, const char *name, uint32_t kind, const char *text)
{
	struct set_elements elements = { .kind = kind };
	struct mesh_set set = { .kind = kind };
	struct failure failure;

	while (*text != '\0') {
		size_t length = strcspn(text, ",");
		assert_int_equal(set_add_text(&elements, text, length, &failure), 0);
		text += length + (text[length] == ',');
	}
	set_merge(&elements);
	snprintf(set.name, sizeof(set.name), "%s", name);
	set.n = elements.n;
	assert_int_equal(sets_put(sets, &set, elements.list, &failure), 0);
}

/* By the elements that sets have now: of literals, and of other sets. */
static void sets_shadow(void **state)
{
	static const struct {
		const char *first, *second;
		bool shadowed;
	} cases[] = {
		{ "drop from @net", "pass from @hosts", true },
		{ "drop from @hosts", "pass from @net", false },
		{ "drop from @net", "pass 10.1.2.0/24", true },
		{ "drop from @net", "pass 10.0.0.0/8", false },
		{ "drop from @net", "pass all", false },
		{ "drop 10.0.0.0/8", "pass from @hosts", false }, /* one is elsewhere */
		{ "drop 10.1.0.0/16", "pass from @near", true },
		{ "drop 10.1.0.1", "pass from @near", false },
		{ "drop ::/0", "pass from @near", false },
		{ "drop from @net", "pass from @none", false },
		{ "drop from @none", "pass 10.1.2.3", false },
		{ "drop 10.0.0.0/8", "pass from @none", false }, /* it may be filled */
		{ "drop from @net", "pass from @missing", false },
		{ "drop to @net", "pass from @hosts", false },
		{ "drop from @net tcp 22", "pass from @hosts", false },
		{ "drop from @net", "pass from @hosts tcp 22", true },
		{ "drop tcp @ports", "pass tcp 22-23", true },
		{ "drop tcp @ports", "pass tcp 22-24", false },
		{ "drop tcp 1-1000", "pass tcp @ports", true },
		{ "drop tcp 1-80", "pass tcp @ports", false },
		{ "drop mac @macs", "pass mac 02:00:00:00:00:02", true },
		{ "drop mac @macs", "pass mac 02:00:00:00:00:03", false },
		{ "drop mac 02:00:00:00:00:01", "pass mac @macs", false },
	};
	struct mesh_sets *sets = calloc(1, sizeof(*sets));

	(void)state;
	assert_non_null(sets);
	put_set(sets, "net", MESH_SET_PREFIXES, "10.1.0.0/16,10.2.0.0/16,fd00::/8");
	put_set(sets, "hosts", MESH_SET_PREFIXES, "10.1.0.1,10.2.7.0/24,fd00::1");
	put_set(sets, "near", MESH_SET_PREFIXES, "10.1.0.1,10.1.7.0/24,10.1.255.255");
	put_set(sets, "none", MESH_SET_PREFIXES, "");
	put_set(sets, "ports", MESH_SET_PORTS, "22,23,80-90");
	put_set(sets, "macs", MESH_SET_MACS, "02:00:00:00:00:01,02:00:00:00:00:02");
	for (size_t i = 0; i < COUNT(cases); i++) {
		parse(cases[i].first, &rules[0]);
		parse(cases[i].second, &rules[3]);
		if (first_shadow(rules, sets, 3) != (cases[i].shadowed ? 0 : -ENOENT))
			fail_msg("\"%s\" and \"%s\"", cases[i].first, cases[i].second);
		assert_int_equal(first_shadow(rules, NULL, 3), -ENOENT);
	}
	sets_free(sets);
}

/* --- together ------------------------------------------------------------------------------------- */

/* The last rule of each list, and what is said of it. */
static void test_rules_shadow_together(void **state)
{
	static const struct {
		const char *rules[6], *said;
	} cases[] = {
		{ { "drop 10.1.0.0/17", "drop 10.1.128.0/17", "drop 10.1.0.0/16" },
			"never decides: rules 0 and 1 match all that it does" },
		{ { "drop 10.1.0.0/17", "drop 10.1.128.0/18", "drop 10.1.0.0/16" }, "" },
		{ { "drop 10.1.128.0/17", "pass tcp 1-100", "drop 10.1.0.0/17",
			  "drop 10.1.0.0/16" },
			"never decides: rules 0 and 2 match all that it does" },
		{ { "drop 10.1.0.0/17", "drop 10.1.0.0/16", "drop 10.1.128.0/17",
			  "drop 10.1.7.0/24" },
			"never decides: rule 0 matches all that it does" },
		{ { "drop tcp 1-100", "pass tcp 101-65535", "drop tcp 50-200" },
			"never decides: rules 0 and 1 match all that it does" },
		{ { "drop tcp 1-100", "pass tcp 102-65535", "drop tcp 50-200" }, "" },
		{ { "drop fd00::/9", "drop fd80::/9", "drop fd00::/8 tcp 22" },
			"never decides: rules 0 and 1 match all that it does" },
		/* Two dimensions: three of four corners, and four. */
		{ { "drop 10.0.0.0/9 tcp 1-10", "drop 10.128.0.0/9 tcp 1-10",
			  "drop 10.0.0.0/9 tcp 11-20", "drop 10.0.0.0/8 tcp 1-20" },
			"" },
		{ { "drop 10.0.0.0/9 tcp 1-10", "drop 10.128.0.0/9 tcp 1-10",
			  "drop 10.0.0.0/9 tcp 11-20", "drop 10.128.0.0/9 tcp 11-20",
			  "drop 10.0.0.0/8 tcp 1-20" },
			"never decides: rules 0, 1, 2 and 3 match all that it does" },
		/* TCP and UDP are not all that has no other protocol, and IPv4 is not all. */
		{ { "drop proto tcp", "drop proto udp", "drop 10.0.0.0/8" }, "" },
		{ { "drop 0.0.0.0/0", "drop ::/0", "drop in eth0" }, "" },
		{ { "drop 0.0.0.0/0", "drop ::/0", "drop tcp 22" },
			"never decides: rules 0 and 1 match all that it does" },
		/* What broad rules leave to others. */
		{ { "drop 10.0.0.0/8", "pass 10.1.0.0/16" },
			"decides about DHCP alone: rule 0 matches the rest" },
		{ { "drop 10.0.0.0/9", "drop 10.128.0.0/9", "pass 10.0.0.0/8" },
			"decides about DHCP alone: rules 0 and 1 match the rest" },
		{ { "drop 10.0.0.0/8", "pass 10.1.0.0/16 tcp 22" },
			"never decides: rule 0 matches all that it does" },
		{ { "drop all", "pass fd00::/8" },
			"decides about neighbour discovery and DHCP alone: rule 0 matches the rest" },
		{ { "drop all", "pass in eth0" },
			"decides about ARP, neighbour discovery and DHCP alone: rule 0 matches the rest" },
		{ { "pass fd00::/8", "drop fd00::/16" },
			"decides about unreadable packets alone: rule 0 matches the rest" },
		{ { "pass 10.0.0.0/8", "drop 10.1.0.0/16" },
			"decides about unreadable packets alone: rule 0 matches the rest" },
		{ { "pass 10.0.0.0/8", "drop 10.1.0.0/16 proto icmp" },
			"never decides: rule 0 matches all that it does" },
		{ { "pass 10.0.0.0/8", "drop 10.1.0.0/16 udp 80" },
			"never decides: rule 0 matches all that it does" },
		{ { "drop dhcp", "drop udp 67 from 0.0.0.0/0" },
			"never decides: rule 0 matches all that it does" },
		{ { "drop all", "drop arp", "pass ethertype 0x0806" },
			"never decides: rule 1 matches all that it does" },
		{ { "limit 10/s tcp 22 in eth0", "drop tcp 22 in eth1", "drop tcp 22" }, "" },
	};
	char said[TEXT_LEN];

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		uint32_t n = 0;
		memset(rules, 0, sizeof(rules));
		for (; n < COUNT(cases[i].rules) && cases[i].rules[n] != NULL; n++)
			parse(cases[i].rules[n], &rules[n]);
		assert_int_equal(rules_shadows(rules, NULL, shadows), 0);
		shadow_format(&shadows[n - 1], said, sizeof(said));
		if (strcmp(said, cases[i].said) != 0)
			fail_msg("%s: \"%s\"", cases[i].rules[n - 1], said);
	}
}

/* Of many, the first are named. */
static void test_many_shadow_together(void **state)
{
	char text[TEXT_LEN];

	(void)state;
	memset(rules, 0, sizeof(rules));
	for (int i = 0; i < 256; i++) {
		snprintf(text, sizeof(text), "drop 10.%d.0.0/16", i);
		parse(text, &rules[i]);
	}
	parse("drop 10.0.0.0/8", &rules[300]);
	assert_int_equal(rules_shadows(rules, NULL, shadows), 0);
	shadow_format(&shadows[300], text, sizeof(text));
	assert_string_equal(text,
		"never decides: rules 0, 1, 2, 3, 4, 5, 6, 7 and 248 more match all that it does");
	memset(&rules[77], 0, sizeof(rules[77]));
	assert_int_equal(first_shadow(rules, NULL, 300), -ENOENT);
}

/* Elements that meet each other fill a prefix, also with a rule beside them. */
static void test_sets_shadow_together(void **state)
{
	struct mesh_sets *sets = calloc(1, sizeof(*sets));

	(void)state;
	assert_non_null(sets);
	put_set(sets, "halves", MESH_SET_PREFIXES, "10.1.0.0/17,10.1.128.0/17,10.2.0.0/17");
	memset(rules, 0, sizeof(rules));
	parse("drop from @halves", &rules[0]);
	parse("drop 10.2.128.0/17", &rules[1]);
	parse("drop 10.1.0.0/16", &rules[2]);
	parse("drop 10.2.0.0/16", &rules[3]);
	parse("drop 10.0.0.0/14", &rules[4]);
	assert_int_equal(rules_shadows(rules, sets, shadows), 0);
	assert_int_equal(shadows[2].n, 1);
	assert_int_equal(shadows[2].rules[0], 0);
	assert_int_equal(shadows[3].n, 2);
	assert_int_equal(shadows[4].n, 0);
	sets_free(sets);
}

/* --- the model ------------------------------------------------------------------------------------ */

static uint32_t random_below(uint32_t below)
{
	static uint64_t state = 0x9e3779b97f4a7c15;

	state ^= state >> 12;
	state ^= state << 25;
	state ^= state >> 27;
	return (uint32_t)((state * 0x2545f4914f6cdd1dULL) >> 33) % below;
}

/* Rules of few values, so that they meet. */
static void random_rule(struct mesh_rule *rule)
{
	static const char *const actions[] = { "drop", "pass", "limit 10/s" };
	static const char *const from[] = { "", "10.0.0.0/8", "10.0.0.0/9", "10.128.0.0/9",
		"0.0.0.0/0", "::/0", "fd00::/8" };
	static const char *const to[] = { "", "", "", "", "to 10.0.0.0/9", "to 10.128.0.0/9",
		"to fd00::/8" };
	static const char *const ports[] = { "", "", "tcp 1-100", "tcp 101-65535", "udp 60-70",
		"port 1-66", "port 67-600", "port 601-65535", "proto udp", "proto icmpv6" };
	static const char *const others[] = { "", "", "", "", "", "", "", "", "arp", "nd", "dhcp",
		"unreadable", "ethertype 0x0800", "ethertype 0x86dd", "ethertype 0x0806",
		"mac 02:00:00:00:00:01" };
	char text[TEXT_LEN];
	const char *conditions[] = { from[random_below(COUNT(from))], to[random_below(COUNT(to))],
		ports[random_below(COUNT(ports))], others[random_below(COUNT(others))] };
	int length = snprintf(text, sizeof(text), "%s", actions[random_below(COUNT(actions))]);
	bool some = false;

	for (size_t i = 0; i < COUNT(conditions); i++)
		if (conditions[i][0] != '\0') {
			length += snprintf(
				text + length, sizeof(text) - (size_t)length, " %s", conditions[i]);
			some = true;
		}
	if (!some)
		snprintf(text + length, sizeof(text) - (size_t)length, " all");
	parse(text, rule);
}

static void random_address(bool v4, uint8_t address[16])
{
	memset(address, 0, 16);
	address[0] = v4 ? 10 : 0xfd;
	address[1] = (uint8_t)(random_below(2) << 7);
}

/* A packet that the parser may find. */
static void random_packet(struct packet_model *packet)
{
	static const uint16_t ports[] = { 1, 60, 66, 67, 68, 100, 101, 546, 547, 601, 65535 };
	static const uint8_t protocols[] = { IPPROTO_TCP, IPPROTO_UDP, IPPROTO_ICMPV6, 47 };
	static const uint16_t cut[] = { ETH_P_8021Q, ETH_P_IP, ETH_P_IPV6 }; /* within its header */
	uint32_t family = random_below(3); /* 0: neither */
	bool v4 = family == 1;

	memset(packet, 0, sizeof(*packet));
	packet->has_mac = true;
	packet->source_mac[0] = 2;
	packet->source_mac[5] = (uint8_t)random_below(3);
	if (family == 0) {
		packet->hiding = random_below(4) == 0;
		packet->ethertype = packet->hiding	   ? cut[random_below(COUNT(cut))]
				    : random_below(2) == 0 ? ETH_P_ARP
							   : 0x4305;
		packet->network = packet->ethertype == ETH_P_ARP ? NETWORK_ARP : 0;
		return;
	}
	packet->network = v4 ? NETWORK_IPV4 : NETWORK_IPV6;
	packet->ethertype = v4 ? ETH_P_IP : ETH_P_IPV6;
	packet->has_address = true;
	random_address(v4, packet->source);
	random_address(v4, packet->destination);
	packet->protocol = protocols[random_below(COUNT(protocols))];
	bool ports_follow = packet->protocol != 47 && packet->protocol != IPPROTO_ICMPV6;
	packet->hiding = (!v4 || ports_follow) && random_below(3) == 0;
	packet->has_ports = ports_follow && !packet->hiding;
	packet->discovery = !v4 && !packet->hiding && packet->protocol == IPPROTO_ICMPV6 &&
			    random_below(2) == 0;
	if (packet->has_ports)
		packet->destination_port = ports[random_below(COUNT(ports))];
}

static uint32_t no_interface(const char *name)
{
	(void)name;
	return 0;
}

/* Whether a packet is unreadable, ARP, ...: as the model and the filter see it. */
static enum mesh_kind kind_of(const struct packet_model *packet)
{
	uint32_t port = packet->destination_port;
	bool v4 = packet->network == NETWORK_IPV4;

	if (packet->hiding)
		return MESH_UNREADABLE;
	if (packet->network == NETWORK_ARP)
		return MESH_ARP;
	if (packet->discovery)
		return MESH_NEIGHBOUR_DISCOVERY;
	if (packet->has_ports && packet->protocol == IPPROTO_UDP &&
		(v4 ? port == 67 || port == 68 : port == 546 || port == 547))
		return MESH_DHCP;
	return MESH_READABLE;
}

/* What is said to be never decided by a rule is not, by the model. Returns how many shadows there were. */
static uint32_t agree(uint32_t n)
{
	uint32_t found = 0;

	assert_int_equal(rules_shadows(rules, NULL, shadows), 0);
	for (uint32_t i = 0; i < n; i++)
		found += shadows[i].n > 1;
	for (int i = 0; i < 300; i++) {
		struct packet_model packet;
		struct mesh_verdict verdict;
		random_packet(&packet);
		mesh_model_decide(rules, NULL, MESH_PASS, &packet, 1, no_interface, 1, &verdict);
		if (verdict.rule < 0 || shadows[verdict.rule].n == 0)
			continue;
		if (!(shadows[verdict.rule].still >> kind_of(&packet) & 1)) {
			char text[RULE_LEN];
			rule_format(&rules[verdict.rule], text, sizeof(text));
			fail_msg("rule %d, %s, decides about kind %d", verdict.rule, text,
				kind_of(&packet));
		}
	}
	return found;
}

static void test_no_shadow_decides_by_the_model(void **state)
{
	uint32_t together = 0;

	(void)state;
	for (int round = 0; round < 2000; round++) {
		uint32_t n = 2 + random_below(16);
		memset(rules, 0, sizeof(rules));
		for (uint32_t i = 0; i < n; i++) {
			random_rule(&rules[i]);
			rules[i].enabled = random_below(8) != 0;
		}
		together += agree(n);
	}
	assert_true(together > 20); /* shadows of several rules were among them */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_shadows),
		cmocka_unit_test(test_shadows_end),
		cmocka_unit_test(test_prefixes_of_every_length),
		cmocka_unit_test(sets_shadow),
		cmocka_unit_test(test_rules_shadow_together),
		cmocka_unit_test(test_many_shadow_together),
		cmocka_unit_test(test_sets_shadow_together),
		cmocka_unit_test(test_no_shadow_decides_by_the_model),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
