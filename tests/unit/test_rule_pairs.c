// SPDX-License-Identifier: BSD-2-Clause
/* Two rules beside each other, by every condition; a packet by its description, byte by byte; a connection and
 * the sets that rules name. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "mesh/frame.h"
#include "mesh/lockout.h"
#include "mesh/rule.h"
#include "tests/lib/set_sample.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static struct failure failure;

static struct mesh_rule parse(const char *text)
{
	struct mesh_rule rule;

	if (rule_parse(text, &rule, &failure) < 0)
		fail_msg("%s: %s", text, failure.what);
	return rule;
}

/* --- two rules --------------------------------------------------------------------------------------- */

/* The first covers the second, the second the first, a packet may match both. */
static const struct {
	const char *a, *b;
	bool covers, covered, meet;
} pairs[] = {
	{ "drop 10.0.0.0/8", "drop 10.1.0.0/16", true, false, true },
	{ "drop 10.0.0.0/16", "drop 10.1.0.0/16", false, false, false },
	{ "drop 10.1.0.0/16", "drop 10.1.0.0/16", true, true, true },
	{ "drop 10.1.0.0/16", "drop fd00::/16", false, false, false },
	{ "drop to 10.0.0.0/8", "drop to 10.1.0.0/16", true, false, true },
	{ "drop to 10.2.0.0/16", "drop to 10.1.0.0/16", false, false, false },
	{ "drop 10.0.0.0/8", "drop to 10.0.0.0/8", false, false, true },
	{ "drop mac 02:00:00:00:00:01", "drop mac 02:00:00:00:00:01", true, true, true },
	{ "drop mac 02:00:00:00:00:01", "drop mac 02:00:00:00:00:02", false, false, false },
	{ "drop proto tcp", "drop tcp 22", true, false, true },
	{ "drop proto tcp", "drop proto udp", false, false, false },
	{ "drop proto udp", "drop tcp 22", false, false, false },
	{ "drop tcp 20-25", "drop tcp 22", true, false, true },
	{ "drop tcp 20-25", "drop tcp 25-30", false, false, true },
	{ "drop tcp 20-25", "drop tcp 26-30", false, false, false },
	{ "drop tcp 20-25", "drop tcp 20-26", false, true, true },
	{ "drop tcp 20-25", "drop tcp 19-25", false, true, true },
	{ "drop sport 20-25", "drop sport 25-30", false, false, true },
	{ "drop sport 20-25", "drop sport 26-30", false, false, false },
	{ "drop sport 20-25", "drop sport 21-24", true, false, true },
	{ "drop ethertype 0x0806", "drop ethertype 0x0806", true, true, true },
	{ "drop ethertype 0x0806", "drop ethertype 0x0807", false, false, false },
	{ "drop vlan 5", "drop vlan 5", true, true, true },
	{ "drop vlan 5", "drop vlan 6", false, false, false },
	{ "drop in eth0", "drop tcp 22 in eth0", true, false, true },
	{ "drop in eth0", "drop in eth1", false, false, false },
	{ "drop from @a", "drop from @a", true, true, true },
	{ "drop from @a", "drop from @b", false, false, true },
	{ "drop from @a", "drop 10.0.0.1", false, false, true },
	{ "drop from @a", "drop from @a tcp 22", true, false, true },
	{ "drop from @a proto tcp", "drop from @a proto udp", false, false, false },
};

static void every_condition_decides(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(pairs); i++) {
		struct mesh_rule a = parse(pairs[i].a), b = parse(pairs[i].b);
		bool right = rule_covers(&a, &b) == pairs[i].covers &&
			     rule_covers(&b, &a) == pairs[i].covered &&
			     rule_same_key(&a, &b) == (pairs[i].covers && pairs[i].covered) &&
			     rule_may_meet(&a, &b) == pairs[i].meet &&
			     rule_may_meet(&b, &a) == pairs[i].meet;
		if (!right)
			fail_msg("%s beside %s: covers %d, is covered %d, meet %d", pairs[i].a,
				pairs[i].b, rule_covers(&a, &b), rule_covers(&b, &a),
				rule_may_meet(&a, &b));
	}
}

static void an_empty_rule_covers_nothing(void **state)
{
	(void)state;
	struct mesh_rule none = { 0 }, rule = parse("drop 10.0.0.1");
	assert_false(rule_covers(&none, &rule));
	assert_false(rule_covers(&rule, &none));
}

/* --- a packet ---------------------------------------------------------------------------------------- */

static void packets_have_their_bytes(void **state)
{
	static const struct {
		const char *packet,
			*hex; /* up to the transport's first words; zeroes behind them */
		size_t length;
	} packets[] = {
		{ "10.1.0.7 to 10.1.0.1 udp 6696 sport 1000",
			"000000000000"
			"000000000000"
			"0800"
			"4500"
			"0054"
			"0000"
			"0000"
			"4011"
			"0000"
			"0a010007"
			"0a010001"
			"03e8"
			"1a28"
			"0040"
			"0000",
			14 + 20 + 64 },
		{ "10.1.0.7 tcp 22",
			"000000000000"
			"000000000000"
			"0800"
			"4500"
			"0054"
			"0000"
			"0000"
			"4006"
			"0000"
			"0a010007"
			"00000000"
			"0000"
			"0016"
			"00000000"
			"00000000"
			"5000",
			14 + 20 + 64 },
		{ "to fd00::1 tcp 22",
			"000000000000"
			"000000000000"
			"86dd"
			"60000000"
			"0040"
			"06"
			"40"
			"00000000000000000000000000000000"
			"fd000000000000000000000000000001"
			"0000"
			"0016"
			"00000000"
			"00000000"
			"5000",
			14 + 40 + 64 },
		{ "fd00::7 to fd00::1",
			"000000000000"
			"000000000000"
			"86dd"
			"60000000"
			"0040"
			"fd"
			"40"
			"fd000000000000000000000000000007"
			"fd000000000000000000000000000001"
			"0000",
			14 + 40 + 64 },
		{ "mac 02:00:00:00:00:09 vlan 258 ethertype 0x88b5",
			"000000000000"
			"020000000009"
			"8100"
			"0102"
			"88b5"
			"0000",
			18 + 64 },
		{ "ethertype 0x86dd",
			"000000000000"
			"000000000000"
			"86dd"
			"60000000"
			"0040"
			"fd"
			"40",
			14 + 40 + 64 },
		{ "sport 7",
			"000000000000"
			"000000000000"
			"0800"
			"4500"
			"0054"
			"0000"
			"0000"
			"4011"
			"0000"
			"00000000"
			"00000000"
			"0007"
			"0000"
			"0040",
			14 + 20 + 64 },
	};
	uint8_t frame[MESH_FRAME_MAX], expected[MESH_FRAME_MAX];

	(void)state;
	for (size_t i = 0; i < COUNT(packets); i++) {
		struct mesh_rule packet;
		if (frame_parse(packets[i].packet, &packet, &failure) < 0)
			fail_msg("%s: %s", packets[i].packet, failure.what);
		memset(expected, 0, sizeof(expected));
		for (size_t at = 0; packets[i].hex[2 * at] != '\0'; at++) {
			const char byte[] = { packets[i].hex[2 * at], packets[i].hex[2 * at + 1],
				0 };
			expected[at] = (uint8_t)strtoul(byte, NULL, 16);
		}
		memset(frame, 0xff, sizeof(frame));
		assert_int_equal(frame_make(&packet, frame), packets[i].length);
		for (size_t at = 0; at < MESH_FRAME_MAX; at++)
			if (frame[at] != expected[at])
				fail_msg("%s: byte %zu is %02x, not %02x", packets[i].packet, at,
					frame[at], expected[at]);
	}
}

static void packets_that_are_none(void **state)
{
	static const char one[] = "A packet has one address and one port on each side";
	static const struct {
		const char *packet, *what;
	} refused[] = {
		{ "10.0.0.0/8", one },
		{ "to 10.0.0.0/31", one },
		{ "fd00::/127", one },
		{ "tcp 1-2", one },
		{ "sport 1-2", one },
		{ "from @a", one },
		{ "arp", one },
		{ "10.0.0.1 to fd00::1", "Both addresses of a packet are IPv4, or both IPv6" },
	};
	struct mesh_rule packet;
	char many[600];

	(void)state;
	for (size_t i = 0; i < COUNT(refused); i++) {
		if (frame_parse(refused[i].packet, &packet, &failure) != -EINVAL)
			fail_msg("%s is taken", refused[i].packet);
		assert_string_equal(failure.what, refused[i].what);
	}
	memset(many, 'x', sizeof(many));
	many[599] = '\0';
	assert_int_equal(frame_parse(many, &packet, &failure), -EINVAL);
	assert_string_equal(failure.what, "The packet has too many words");
}

/* --- the operator's connection ----------------------------------------------------------------------- */

static struct mesh_rule rules[MESH_RULES_MAX];

/* A session from 10.1.2.3 to port 22, unless the case says another. */
static void sets_lock_out(void **state)
{
	static const struct {
		const char *rule, *address;
		uint16_t port;
		bool known, out;
	} cases[] = {
		{ "drop from @bad", "10.9.0.1", 22, true, true },
		{ "drop from @bad", "10.9.255.255", 22, true, true },
		{ "drop from @bad", "10.10.0.0", 22, true, false },
		{ "drop from @bad", "10.1.2.3", 22, false, true }, /* it may be among them */
		{ "drop from @none", "10.1.2.3", 22, true, true },
		{ "drop tcp @doors", "10.1.2.3", 25, true, true },
		{ "drop tcp @doors", "10.1.2.3", 26, true, false },
		{ "drop ethertype 0x0800", "10.1.2.3", 22, true, true },
		{ "drop ethertype 0x86dd", "10.1.2.3", 22, true, false },
		{ "drop ethertype 0x86dd", "fd00::7", 22, true, true },
		{ "drop to 10.0.0.1", "10.1.2.3", 22, true, true },
		{ "drop to 10.0.0.1", "fd00::7", 22, true, false },
		{ "drop to @bad", "10.1.2.3", 22, true, true },
		{ "drop tcp 22", "no address", 22, true, false },
	};
	struct mesh_sets *sets = calloc(1, sizeof(*sets));

	(void)state;
	set_sample_put(sets, "bad", "10.9.0.0/16\n", 0, "");
	set_sample_put(sets, "doors", "20-25\n", 0, "");
	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct lockout_table table = { rules, MESH_PASS,
			cases[i].known ? sets : NULL };
		rules[0] = parse(cases[i].rule);
		int found = lockout_find(&table, cases[i].address, cases[i].port);
		if (found != (cases[i].out ? 0 : LOCKOUT_NONE))
			fail_msg("%s and %s: %d", cases[i].rule, cases[i].address, found);
	}
	sets_free(sets);
}

/* A connection that is there in spite of what drops it is not broken by the same. */
static void what_dropped_before_is_no_news(void **state)
{
	static struct mesh_rule before_rules[MESH_RULES_MAX];
	struct lockout_table before = { before_rules, MESH_PASS, NULL },
			     after = { rules, MESH_PASS, NULL };
	static const struct {
		const char *before, *after;
		uint32_t policy_before, policy_after;
		int expected;
	} cases[] = {
		{ "drop tcp 22", "drop tcp 22", MESH_PASS, MESH_PASS, LOCKOUT_NONE },
		{ "drop tcp 22", "drop 10.1.2.3", MESH_PASS, MESH_PASS, 0 },
		{ "drop tcp 23", "drop tcp 22", MESH_PASS, MESH_PASS, 0 },
		{ "drop tcp 22", "drop tcp 23", MESH_PASS, MESH_PASS, LOCKOUT_NONE },
		{ "drop tcp 23", "drop tcp 23", MESH_DROP, MESH_DROP, LOCKOUT_NONE },
		{ "drop tcp 23", "drop tcp 23", MESH_PASS, MESH_DROP, LOCKOUT_POLICY },
		{ "drop tcp 22", "drop tcp 23", MESH_PASS, MESH_DROP, LOCKOUT_POLICY },
		{ "drop tcp 23", "drop tcp 22", MESH_DROP, MESH_PASS, 0 },
		{ "limit 1000/s tcp 22", "limit 10/s tcp 22", MESH_PASS, MESH_PASS, 0 },
		{ "limit 20/s tcp 22", "limit 30/s tcp 22", MESH_PASS, MESH_PASS, LOCKOUT_NONE },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		before_rules[0] = parse(cases[i].before);
		rules[0] = parse(cases[i].after);
		before.policy = cases[i].policy_before;
		after.policy = cases[i].policy_after;
		int found = lockout_compare(&before, &after, "10.1.2.3", 22);
		if (found != cases[i].expected)
			fail_msg("case %zu: %d", i, found);
	}
	rules[0] = parse("drop tcp 22");
	after.policy = MESH_PASS;
	assert_int_equal(lockout_compare(NULL, &after, "10.1.2.3", 22), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_condition_decides),
		cmocka_unit_test(an_empty_rule_covers_nothing),
		cmocka_unit_test(packets_have_their_bytes),
		cmocka_unit_test(packets_that_are_none),
		cmocka_unit_test(sets_lock_out),
		cmocka_unit_test(what_dropped_before_is_no_news),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
