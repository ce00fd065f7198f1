// SPDX-License-Identifier: BSD-2-Clause
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "mesh/lockout.h"
#include "mesh/rule.h"
#include "mesh/rules.h"
#include "mesh/set_text.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void test_valid_rules_are_read_and_written_back(void **state)
{
	static const struct {
		const char *text, *canonical, *key;
		uint8_t match, action;
	} cases[] = {
		{ "drop 10.1.0.0/16", "drop 10.1.0.0/16", "10.1.0.0/16", MESH_MATCH_PREFIX4,
			MESH_DROP },
		{ "pass 0.0.0.0/0", "pass 0.0.0.0/0", "0.0.0.0/0", MESH_MATCH_PREFIX4, MESH_PASS },
		{ "drop 192.0.2.1", "drop 192.0.2.1/32", "192.0.2.1/32", MESH_MATCH_PREFIX4,
			MESH_DROP },
		{ "drop 10.128.0.0/9", "drop 10.128.0.0/9", "10.128.0.0/9", MESH_MATCH_PREFIX4,
			MESH_DROP },
		{ "drop fd00::/8", "drop fd00::/8", "fd00::/8", MESH_MATCH_PREFIX6, MESH_DROP },
		{ "drop ::/0", "drop ::/0", "::/0", MESH_MATCH_PREFIX6, MESH_DROP },
		{ "drop 2001:DB8::1", "drop 2001:db8::1/128", "2001:db8::1/128", MESH_MATCH_PREFIX6,
			MESH_DROP },
		{ "pass mac 02:00:00:AB:cd:01", "pass mac 02:00:00:ab:cd:01", "02:00:00:ab:cd:01",
			MESH_MATCH_MAC, MESH_PASS },
		{ "drop tcp 22", "drop tcp 22", "tcp 22", MESH_MATCH_PORT, MESH_DROP },
		{ "drop udp 65535", "drop udp 65535", "udp 65535", MESH_MATCH_PORT, MESH_DROP },
		{ "drop from 10.1.0.0/16 to fd00::1 in eth0",
			"drop 10.1.0.0/16 to fd00::1/128 in eth0",
			"10.1.0.0/16 to fd00::1/128 in eth0", MESH_MATCH_SEVERAL, MESH_DROP },
		{ "limit 1000/s tcp 20-25", "limit 1k/s burst 100 tcp 20-25", "tcp 20-25",
			MESH_MATCH_PORT, MESH_LIMIT },
		{ "limit 10Mbit/s burst 15000 from @a", "limit 10Mbit/s burst 15000 from @a",
			"from @a", MESH_MATCH_SEVERAL, MESH_LIMIT },
		{ "count vlan 7 ethertype 0x0800 proto icmp",
			"count proto icmp ethertype 0x0800 vlan 7",
			"proto icmp ethertype 0x0800 vlan 7", MESH_MATCH_SEVERAL, MESH_COUNT },
		{ "pass sport 53 port 1024-65535", "pass sport 53 port 1024-65535",
			"sport 53 port 1024-65535", MESH_MATCH_SEVERAL, MESH_PASS },
		{ "drop unreadable", "drop unreadable", "unreadable", MESH_MATCH_SEVERAL,
			MESH_DROP },
		{ "drop all", "drop all", "all", MESH_MATCH_ALL, MESH_DROP },
		{ "pass mac @macs udp @ports", "pass mac @macs udp @ports", "mac @macs udp @ports",
			MESH_MATCH_SEVERAL, MESH_PASS },
		{ "  drop   udp  1  ", "drop udp 1", "udp 1", MESH_MATCH_PORT, MESH_DROP },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct mesh_rule rule, again;
		struct failure failure = { 0 };
		char text[128], key[64];

		assert_int_equal(rule_parse(cases[i].text, &rule, &failure), 0);
		assert_int_equal(rule.match, cases[i].match);
		assert_int_equal(rule.action, cases[i].action);
		assert_int_equal(rule.enabled, 1);
		rule_format(&rule, text, sizeof(text));
		assert_string_equal(text, cases[i].canonical);
		rule_format_key(&rule, key, sizeof(key));
		assert_string_equal(key, cases[i].key);
		assert_int_equal(rule_parse(text, &again, &failure), 0);
		assert_memory_equal(&rule, &again, sizeof(rule));
	}
}

static void test_keys_are_in_their_byte_order(void **state)
{
	struct mesh_rule rule;
	struct failure failure;

	(void)state;
	assert_int_equal(rule_parse("drop 10.1.0.0/16", &rule, &failure), 0);
	assert_int_equal(rule.source.length, 16);
	assert_int_equal(rule.source.family, 4);
	assert_memory_equal(rule.source.address, "\x0a\x01\x00\x00", 4);
	assert_int_equal(rule_parse("drop udp 6696", &rule, &failure), 0);
	assert_int_equal(rule.destination_port.from, 6696);
	assert_int_equal(rule.destination_port.to, 6696);
	assert_int_equal(rule.protocol, IPPROTO_UDP);
	assert_int_equal(rule_parse("drop mac 02:00:5e:10:00:ff", &rule, &failure), 0);
	assert_memory_equal(rule.mac, "\x02\x00\x5e\x10\x00\xff", 6);
}

static void test_invalid_rules_are_refused_and_change_nothing(void **state)
{
	static const char *const cases[] = {
		"",
		" ",
		"drop",
		"pass ",
		"reject 10.0.0.0/8",
		"DROP 10.0.0.0/8",
		"drop10.0.0.0/8",
		"drop 10.1.2.3/16",
		"drop 10.0.0.0/33",
		"drop 10.0.0.0/-1",
		"drop 10.0.0.0/",
		"drop 10.0.0.0/08",
		"drop 10.0.0.0/0x8",
		"drop 10.0.0.0/8/8",
		"drop 10.0.0.0/8x",
		"drop 10.0.0/8",
		"drop 010.0.0.0/8",
		"drop 10.0.0.256/32",
		"drop 1.2.3.4.5/32",
		"drop /8",
		"drop fd00::1/8",
		"drop fd00::/129",
		"drop fd00:::/8",
		"drop fe80::1%eth0",
		"drop ::ffff:1.2.3.4/128",
		"drop ::ffff:0:0/96",
		"drop 12345::/16",
		"drop 10.0.0.0/8 extra",
		"drop tcp 22 extra",
		"drop mac 02:00:00:00:00:01 x",
		"drop tcp 0",
		"drop tcp 65536",
		"drop tcp -1",
		"drop tcp +1",
		"drop tcp 22x",
		"drop tcp 022",
		"drop tcp 0x16",
		"drop tcp 99999999999999999999",
		"drop tcp",
		"drop sctp 1",
		"drop mac",
		"drop mac 02:00:00:00:00",
		"drop mac 02:00:00:00:00:01:02",
		"drop mac 02-00-00-00-00-01",
		"drop mac 02:00:00:00:00:0g",
		"drop mac 2:0:0:0:0:1",
		"drop mac 02:00:00:00:00:+1",
		"drop 02:00:00:00:00:01",
		"drop udp\t53",
		"drop udp 53\n",
		"drop \x1b[31m",
		"drop \xc3\xa4",
		"a b c d e f g",
		"drop tcp 22 udp 53",
		"drop 10.0.0.0/8 from 11.0.0.0/8",
		"drop tcp 30-20",
		"drop tcp 20-",
		"drop tcp -20",
		"drop from @",
		"drop from @a/b",
		"drop from @a.b",
		"drop from @a:b",
		"drop vlan 4096",
		"drop vlan @a",
		"drop proto 256",
		"drop in",
		"drop in a-name-of-16-char",
		"drop in a/b",
		"drop all tcp 22",
		"limit",
		"limit 10 tcp 22",
		"limit 0/s tcp 22",
		"limit 10/s",
		"limit 10/s burst 0 all",
		"limit 1000000000001/s all",
		"limit -1/s all",
	};
	struct mesh_rule untouched;

	(void)state;
	memset(&untouched, 0xa5, sizeof(untouched));
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct mesh_rule rule = untouched;
		struct failure failure = { 0 };

		if (rule_parse(cases[i], &rule, &failure) != -EINVAL)
			fail_msg("accepted: \"%s\"", cases[i]);
		assert_int_equal(failure.error, -EINVAL);
		assert_true(strlen(failure.what) > 0);
		assert_null(strchr(failure.what, '\x1b'));
		assert_memory_equal(&rule, &untouched, sizeof(rule));
	}
}

static void test_overlong_text_is_refused(void **state)
{
	char text[100000];
	struct mesh_rule rule;
	struct failure failure;

	(void)state;
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	assert_int_equal(rule_parse(text, &rule, &failure), -EINVAL);
	memcpy(text, "drop ", 5);
	text[120] = '\0';
	assert_int_equal(rule_parse(text, &rule, &failure), -EINVAL);
	memset(text, ' ', sizeof(text) - 1);
	assert_int_equal(rule_parse(text, &rule, &failure), -EINVAL);
}

static void test_remedies_name_what_to_write(void **state)
{
	struct mesh_rule rule;
	struct failure failure;

	(void)state;
	rule_parse("drop 10.1.2.3/16", &rule, &failure);
	assert_string_equal(failure.what, "10.1.2.3/16 has bits set beyond its first 16");
	assert_string_equal(failure.remedy, "Write 10.1.0.0/16");
	rule_parse("drop fd12:3456::1/20", &rule, &failure);
	assert_string_equal(failure.remedy, "Write fd12:3000::/20");
	rule_parse("drop ::ffff:1.2.3.4/128", &rule, &failure);
	assert_string_equal(failure.remedy, "Write 1.2.3.4/32");
	rule_parse("drop 10", &rule, &failure);
	assert_string_equal(failure.what, "\"10\" is not an address or prefix");
	assert_string_equal(failure.remedy, "Write 10.0.0.0/8");
	rule_parse("drop to 10.8.", &rule, &failure);
	assert_string_equal(failure.remedy, "Write 10.8.0.0/16");
	rule_parse("drop 10.8.255/24", &rule, &failure);
	assert_string_equal(failure.remedy, "Write 10.8.255.0/24");
	rule_parse("drop 10.256", &rule, &failure);
	assert_string_equal(
		failure.remedy, "Write one such as 10.1.0.7, 10.1.0.0/16, fd00::7 or fd00::/8");
	rule_parse("drop 02:00:00:00:00:01", &rule, &failure);
	assert_string_equal(failure.remedy, "Write mac 02:00:00:00:00:01");
	rule_parse("drop sideways", &rule, &failure);
	assert_string_equal(failure.what, "\"sideways\" is not a key for a mesh rule");
	rule_parse("drop tcp", &rule, &failure);
	assert_string_equal(failure.what, "Nothing follows \"tcp\"");
	rule_parse("block 10.0.0.0/8", &rule, &failure);
	assert_string_equal(failure.what, "Unknown action \"block\"");
	assert_string_equal(failure.remedy,
		"Begin the mesh rule with \"pass\", \"drop\", \"limit\" or \"count\"");
}

static void test_small_buffers_are_not_overrun(void **state)
{
	struct mesh_rule rule;
	struct failure failure;
	char text[8] = "xxxxxxx";

	(void)state;
	assert_int_equal(rule_parse("drop 10.1.0.0/16", &rule, &failure), 0);
	rule_format(&rule, text, 4);
	assert_memory_equal(text, "dro\0xxx", sizeof(text));
}

static void test_prefixes_within_others(void **state)
{
	static const struct {
		const char *wide, *narrow;
		bool covers;
	} cases[] = {
		{ "pass 10.1.0.0/16", "drop 10.1.2.0/24", true },
		{ "pass 10.1.2.0/24", "drop 10.1.0.0/16", false },
		{ "pass 10.1.0.0/16", "drop 10.1.0.0/16", true },
		{ "pass 10.1.0.0/16", "drop 10.2.2.0/24", false },
		{ "pass 0.0.0.0/0", "drop 255.255.255.255", true },
		{ "pass 10.128.0.0/9", "drop 10.128.0.1", true },
		{ "pass 10.128.0.0/9", "drop 10.127.0.1", false },
		{ "pass 10.1.2.254/31", "drop 10.1.2.255", true },
		{ "pass 10.1.2.252/31", "drop 10.1.2.254", false },
		{ "pass ::/0", "drop fd00::/8", true },
		{ "pass fd00::/8", "drop fd00::1", true },
		{ "pass fc00::/7", "drop fd00::/8", true },
		{ "pass fe00::/8", "drop fd00::/9", false },
		{ "pass 0.0.0.0/0", "drop ::1", false },
		{ "pass ::/0", "drop 10.1.2.3", false },
		{ "pass tcp 22", "drop tcp 22", true },
		{ "pass tcp 20-30", "drop tcp 22", true },
		{ "pass tcp 22", "drop tcp 20-30", false },
		{ "pass tcp 22", "drop tcp 22 10.0.0.0/8", true },
		{ "pass tcp 22 10.0.0.0/8", "drop tcp 22", false },
		{ "pass proto tcp", "drop tcp 22", true },
		{ "pass all", "drop tcp 22", true },
		{ "drop from @a", "drop from @a to 10.0.0.0/8", true },
		{ "drop from @a", "drop from @b", false },
		{ "drop from @a", "drop 10.0.0.0/8", false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct mesh_rule wide, narrow;
		struct failure failure;

		assert_int_equal(rule_parse(cases[i].wide, &wide, &failure), 0);
		assert_int_equal(rule_parse(cases[i].narrow, &narrow, &failure), 0);
		if (rule_covers(&wide, &narrow) != cases[i].covers)
			fail_msg("%s and %s", cases[i].wide, cases[i].narrow);
	}
}

static void parse(const char *text, struct mesh_rule *rule)
{
	struct failure failure;

	memset(rule, 0, sizeof(*rule));
	if (text[0] != '\0')
		assert_int_equal(rule_parse(text, rule, &failure), 0);
}

/* What a rule does and whether it is on are no part of its key; its kind is. */
static void test_keys_that_are_the_same(void **state)
{
	static const struct {
		const char *a, *b;
		bool same;
	} cases[] = {
		{ "drop 10.1.0.0/16", "pass 10.1.0.0/16", true },
		{ "drop 10.1.0.0/16", "drop 10.1.0.0/17", false },
		{ "drop 10.1.0.0/16", "drop 10.2.0.0/16", false },
		{ "drop fd00::/8", "pass fd00::/8", true },
		{ "drop fd00::/8", "drop fd00::/9", false },
		{ "drop fd00::", "drop fd00::1", false },
		{ "drop mac 02:00:00:00:00:01", "pass mac 02:00:00:00:00:01", true },
		{ "drop mac 02:00:00:00:00:01", "drop mac 02:00:00:00:00:02", false },
		{ "drop tcp 22", "pass tcp 22", true },
		{ "drop tcp 22", "drop tcp 23", false },
		{ "drop tcp 22", "drop udp 22", false },
		/* Their bytes are the same. */
		{ "drop 0.0.0.0/0", "drop ::/0", false },
		{ "drop 0.0.0.0/0", "drop mac 00:00:00:00:00:00", false },
		{ "drop ::/0", "drop mac 00:00:00:00:00:00", false },
		/* No rule has no key. */
		{ "", "", false },
		{ "", "drop 0.0.0.0/0", false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct mesh_rule a, b;

		parse(cases[i].a, &a);
		parse(cases[i].b, &b);
		if (rule_same_key(&a, &b) != cases[i].same ||
			rule_same_key(&b, &a) != cases[i].same)
			fail_msg("\"%s\" and \"%s\"", cases[i].a, cases[i].b);
	}
}

/* A connection is TCP; of a rule by MAC address nobody can say that it does not match. */
static void test_connections_that_rules_match(void **state)
{
	static const struct {
		const char *rule, *address;
		uint16_t port;
		bool matches;
	} cases[] = {
		{ "drop 10.1.0.0/16", "10.1.255.255", 1, true },
		{ "drop 10.1.0.0/16", "10.2.0.0", 1, false },
		{ "drop 10.128.0.0/9", "10.128.0.1", 1, true },
		{ "drop 10.128.0.0/9", "10.127.255.255", 1, false },
		{ "drop 10.1.2.3", "10.1.2.3", 1, true },
		{ "drop 10.1.2.3", "10.1.2.2", 1, false },
		{ "drop 0.0.0.0/0", "255.1.2.3", 1, true },
		{ "drop 0.0.0.0/0", "::1", 1, false },
		{ "drop 0.0.0.0/0", "", 1, false },
		{ "drop fc00::/7", "fdff::1", 1, true },
		{ "drop fc00::/7", "fe00::1", 1, false },
		{ "drop fd00::1", "fd00::1", 1, true },
		{ "drop fd00::1", "fd00::2", 1, false },
		{ "drop ::/0", "10.1.2.3", 1, false },
		{ "drop tcp 22", "10.1.2.3", 22, true },
		{ "drop tcp 22", "fd00::1", 22, true },
		{ "drop tcp 22", "10.1.2.3", 23, false },
		{ "drop udp 22", "10.1.2.3", 22, false },
		{ "drop mac 02:00:00:00:00:01", "10.1.2.3", 1, true },
		{ "", "10.1.2.3", 0, false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		static struct mesh_rule rules[MESH_RULES_MAX];
		const struct lockout_table table = { rules, MESH_PASS, NULL };

		parse(cases[i].rule, &rules[0]);
		if (lockout_find(&table, cases[i].address, cases[i].port) !=
			(cases[i].matches ? 0 : LOCKOUT_NONE))
			fail_msg("\"%s\" and %s port %u", cases[i].rule, cases[i].address,
				cases[i].port);
	}
}

static int cut_of(const char *const *texts, uint32_t policy)
{
	static struct mesh_rule rules[MESH_RULES_MAX];
	const struct lockout_table table = { rules, policy, NULL };

	memset(rules, 0, sizeof(rules));
	for (int i = 0; texts[i] != NULL; i++)
		parse(texts[i], &rules[i]);
	return lockout_find(&table, "10.1.2.3", 22);
}

/* The first rule that surely passes it, or perhaps drops it, decides. */
static void test_a_whole_table_and_a_connection(void **state)
{
	static const struct {
		const char *rules[4];
		uint32_t policy;
		int cut;
	} cases[] = {
		{ { NULL }, MESH_PASS, LOCKOUT_NONE },
		{ { NULL }, MESH_DROP, LOCKOUT_POLICY },
		{ { "pass tcp 22" }, MESH_DROP, LOCKOUT_NONE },
		{ { "pass tcp 22", "drop all" }, MESH_DROP, LOCKOUT_NONE },
		{ { "drop all", "pass tcp 22" }, MESH_PASS, 0 },
		{ { "pass mac 02:00:00:00:00:01", "drop all" }, MESH_PASS, 1 },
		{ { "pass tcp 22 in eth0" }, MESH_DROP, LOCKOUT_POLICY },
		{ { "pass tcp 22 for 1h", "drop all" }, MESH_PASS, 1 },
		{ { "count all", "drop 10.0.0.0/8" }, MESH_PASS, 1 },
		{ { "limit 100/s all", "drop all" }, MESH_PASS, LOCKOUT_NONE },
		{ { "limit 1Mbit/s all", "drop all" }, MESH_PASS, LOCKOUT_NONE },
		{ { "limit 99/s all", "pass all" }, MESH_PASS, 0 },
		{ { "limit 999kbit/s tcp 22" }, MESH_PASS, 0 },
		{ { "limit 10/s udp 22", "limit 10/s from 10.2.0.0/16" }, MESH_PASS, LOCKOUT_NONE },
		{ { "pass tcp 22", "limit 1/s all" }, MESH_PASS, LOCKOUT_NONE },
		{ { "drop unreadable", "drop nd", "drop dhcp" }, MESH_PASS, LOCKOUT_NONE },
		{ { "drop unreadable", "drop arp" }, MESH_PASS, 1 },
		{ { "pass from @friends", "drop all" }, MESH_PASS, 1 },
		{ { "drop from @foes" }, MESH_PASS, 0 },
		{ { "drop all until 2001-01-01T00:00:00Z" }, MESH_PASS, LOCKOUT_NONE },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		if (cut_of(cases[i].rules, cases[i].policy) != cases[i].cut)
			fail_msg("case %zu: %d", i, cut_of(cases[i].rules, cases[i].policy));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_prefixes_within_others),
		cmocka_unit_test(test_keys_that_are_the_same),
		cmocka_unit_test(test_connections_that_rules_match),
		cmocka_unit_test(test_a_whole_table_and_a_connection),
		cmocka_unit_test(test_valid_rules_are_read_and_written_back),
		cmocka_unit_test(test_keys_are_in_their_byte_order),
		cmocka_unit_test(test_invalid_rules_are_refused_and_change_nothing),
		cmocka_unit_test(test_overlong_text_is_refused),
		cmocka_unit_test(test_remedies_name_what_to_write),
		cmocka_unit_test(test_small_buffers_are_not_overrun),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
