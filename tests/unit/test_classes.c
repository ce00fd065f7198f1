// SPDX-License-Identifier: BSD-2-Clause
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <arpa/inet.h>
#include <cmocka.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "qos/classes.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* The first number that no class of the default table has. */
#define VOIP (CLASS_BEST_EFFORT + 1)

static struct class_names names;

static int setup(void **state)
{
	(void)state;
	class_names_default(&names);
	return 0;
}

static void test_lines_survive_both_ways(void **state)
{
	static const struct {
		const char *text, *canonical;
		struct class_entry entry;
	} cases[] = {
		{ "dscp ef interactive", NULL, { CLASS_MATCH_DSCP, CLASS_INTERACTIVE, 0, 46 } },
		{ "dscp 46 interactive", "dscp ef interactive",
			{ CLASS_MATCH_DSCP, CLASS_INTERACTIVE, 0, 46 } },
		{ "dscp cs0 bulk", "dscp df bulk", { CLASS_MATCH_DSCP, CLASS_BULK, 0, 0 } },
		{ "dscp 63 best_effort", NULL, { CLASS_MATCH_DSCP, CLASS_BEST_EFFORT, 0, 63 } },
		{ "dscp le none", NULL, { CLASS_MATCH_DSCP, CLASS_NONE, 0, 1 } },
		{ "ethertype 0x4305 mesh", NULL, { CLASS_MATCH_ETHERTYPE, CLASS_MESH, 0, 0x4305 } },
		{ "ethertype 0x0800 bulk", NULL, { CLASS_MATCH_ETHERTYPE, CLASS_BULK, 0, 0x800 } },
		{ "udp 6696 mesh", NULL, { CLASS_MATCH_PORT, CLASS_MESH, IPPROTO_UDP, 6696 } },
		{ "tcp 22 interactive", NULL,
			{ CLASS_MATCH_PORT, CLASS_INTERACTIVE, IPPROTO_TCP, 22 } },
		{ "protocol ospf control", NULL, { CLASS_MATCH_PROTOCOL, CLASS_CONTROL, 0, 89 } },
		{ "protocol 253  best   effort", "protocol 253 best_effort",
			{ CLASS_MATCH_PROTOCOL, CLASS_BEST_EFFORT, 0, 253 } },
		{ "udp 5060 voip", NULL, { CLASS_MATCH_PORT, VOIP, IPPROTO_UDP, 5060 } },
		{ "udp 5061 voip", NULL, { CLASS_MATCH_PORT, VOIP, IPPROTO_UDP, 5061 } },
		{ "udp 5062 Video-2", NULL, { CLASS_MATCH_PORT, VOIP + 1, IPPROTO_UDP, 5062 } },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct class_entry entry = { 0 };
		struct failure failure;
		char text[128];

		assert_int_equal(classes_parse(cases[i].text, &names, &entry, &failure), 0);
		assert_int_equal(entry.match, cases[i].entry.match);
		assert_int_equal(entry.class, cases[i].entry.class);
		assert_int_equal(entry.protocol, cases[i].entry.protocol);
		assert_int_equal(entry.value, cases[i].entry.value);
		classes_format(&names, &entry, text, sizeof(text));
		assert_string_equal(text, cases[i].canonical ? cases[i].canonical : cases[i].text);
	}
}

static void test_invalid_lines_are_refused(void **state)
{
	static const char *const cases[] = {
		"",
		"dscp",
		"dscp ef",
		"dscp EF control",
		"dscp 64 control",
		"dscp -1 control",
		"dscp ef control now",
		"dscp ef best/effort",
		"dscp ef a-name-of-twenty-four-ch",
		"dscp ef voip best",
		"ethertype 0x5ff mesh",
		"ethertype 0x10000 mesh",
		"ethertype batman mesh",
		"udp 0 mesh",
		"udp 65536 mesh",
		"udp mesh",
		"protocol 256 control",
		"protocol babel control",
		"sctp 1 control",
		"vlan 5 control",
		"dscp ef control\n",
		"udp 6696 mesh mesh mesh mesh mesh",
		"udp 06696 mesh",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct class_entry entry;
		struct failure failure = { 0 };

		if (classes_parse(cases[i], &names, &entry, &failure) != -EINVAL)
			fail_msg("accepted: \"%s\"", cases[i]);
		assert_true(strlen(failure.what) > 0);
	}
}

static void test_every_default_line_survives_both_ways_and_none_contradicts_another(void **state)
{
	struct class_entry entries[CLASS_ENTRIES_MAX], again[CLASS_ENTRIES_MAX];
	uint32_t n = classes_default(entries), n_again = 0;

	(void)state;
	assert_in_range(n, 20, CLASS_ENTRIES_MAX);
	for (uint32_t i = 0; i < n; i++) {
		struct class_entry entry = { 0 };
		struct failure failure;
		char text[128];

		classes_format(&names, &entries[i], text, sizeof(text));
		assert_int_equal(classes_parse(text, &names, &entry, &failure), 0);
		assert_int_equal(entry.match, entries[i].match);
		assert_int_equal(entry.class, entries[i].class);
		assert_int_equal(entry.protocol, entries[i].protocol);
		assert_int_equal(entry.value, entries[i].value);
		assert_int_equal(classes_put(again, &n_again, &entry), 0);
	}
	assert_int_equal(n_again, n);
}

static void test_default_table_holds_what_rfc_4594_and_the_meshes_say(void **state)
{
	struct class_entry entries[CLASS_ENTRIES_MAX];
	struct class_maps maps;
	uint32_t found = 0;

	(void)state;
	classes_fill(entries, classes_default(entries), &maps);
	assert_int_equal(maps.table.dscp[48], CLASS_CONTROL);
	assert_int_equal(maps.table.dscp[46], CLASS_INTERACTIVE);
	assert_int_equal(maps.table.dscp[8], CLASS_BULK);
	assert_int_equal(maps.table.dscp[1], CLASS_BULK);
	assert_int_equal(maps.table.dscp[10], CLASS_BULK);
	assert_int_equal(maps.table.dscp[0], CLASS_NONE);
	assert_int_equal(maps.table.protocol[IPPROTO_ICMP], CLASS_CONTROL);
	assert_int_equal(maps.table.protocol[IPPROTO_ICMPV6], CLASS_CONTROL);
	assert_int_equal(maps.table.protocol[IPPROTO_TCP], CLASS_NONE);
	for (uint32_t i = 0; i < maps.n_ports; i++) {
		assert_int_equal(maps.ports[i].reserved, 0);
		if (maps.ports[i].port == htons(6696) && maps.ports[i].protocol == IPPROTO_UDP)
			found += maps.port_classes[i] == CLASS_MESH;
	}
	for (uint32_t i = 0; i < maps.n_ethertypes; i++)
		if (maps.ethertypes[i] == htons(0x4305))
			found += maps.ethertype_classes[i] == CLASS_MESH;
	assert_int_equal(found, 2);
	assert_int_equal(maps.table.ports[6696 / 64] >> 6696 % 64 & 1, 1);
	assert_int_equal(maps.table.ports[6697 / 64] >> 6697 % 64 & 1, 0);
	assert_int_equal(maps.table.ipv4, CLASS_NONE);
}

static void test_later_lines_replace_and_none_removes(void **state)
{
	struct class_entry entries[CLASS_ENTRIES_MAX], defaults[CLASS_ENTRIES_MAX];
	uint32_t n = classes_default(entries), before = classes_default(defaults);
	struct class_entry ssh = { CLASS_MATCH_PORT, CLASS_BULK, IPPROTO_TCP, 22 };
	struct class_entry odd = { CLASS_MATCH_PORT, CLASS_NONE, IPPROTO_UDP, 9 };
	struct class_maps maps;

	(void)state;
	assert_int_equal(classes_put(entries, &n, &ssh), 0);
	assert_int_equal(n, before);
	ssh.class = CLASS_NONE;
	assert_int_equal(classes_put(entries, &n, &ssh), 0);
	assert_int_equal(n, before - 1);
	assert_int_equal(classes_put(entries, &n, &odd), 0);
	assert_int_equal(n, before - 1);
	for (uint32_t i = 0, d = 0; i < n; i++, d++) { /* the others follow as they did */
		d += defaults[d].match == CLASS_MATCH_PORT && defaults[d].value == 22;
		assert_memory_equal(&entries[i], &defaults[d], sizeof(entries[i]));
	}
	classes_fill(entries, n, &maps);
	for (uint32_t i = 0; i < maps.n_ports; i++)
		assert_false(
			maps.ports[i].port == htons(22) && maps.ports[i].protocol == IPPROTO_TCP);
}

static void test_full_lists_say_so(void **state)
{
	struct class_entry entries[CLASS_ENTRIES_MAX];
	struct class_entry entry = { CLASS_MATCH_ETHERTYPE, CLASS_BULK, 0, 0x1000 };
	struct class_maps maps;
	uint32_t n = 0;

	(void)state;
	for (int i = 0; i < CLASS_ETHERTYPES_MAX; i++, entry.value++)
		assert_int_equal(classes_put(entries, &n, &entry), 0);
	assert_int_equal(classes_put(entries, &n, &entry), -ENOSPC);
	entry.value--; /* one that is there can be changed */
	assert_int_equal(classes_put(entries, &n, &entry), 0);

	entry = (struct class_entry) { CLASS_MATCH_PORT, CLASS_BULK, IPPROTO_UDP, 1 };
	for (; n < CLASS_ENTRIES_MAX; entry.value++)
		assert_int_equal(classes_put(entries, &n, &entry), 0);
	assert_int_equal(classes_put(entries, &n, &entry), -ENOSPC);
	classes_fill(entries, n, &maps);
	assert_int_equal(maps.n_ports, CLASS_ENTRIES_MAX - CLASS_ETHERTYPES_MAX);
	assert_int_equal(maps.n_ethertypes, CLASS_ETHERTYPES_MAX);
}

static void test_a_class_too_many_is_refused(void **state)
{
	struct class_entry entry;
	struct failure failure;
	char line[64];

	(void)state;
	for (int i = CLASS_BEST_EFFORT; i < CLASSES_MAX; i++) {
		snprintf(line, sizeof(line), "dscp %d class%d", i, i);
		assert_int_equal(classes_parse(line, &names, &entry, &failure), 0);
		assert_int_equal(entry.class, i + 1);
	}
	assert_int_equal(classes_parse("dscp 9 more", &names, &entry, &failure), -ENOSPC);
	assert_string_equal(failure.what, "No room for the class \"more\": there are 32");
	assert_int_equal(classes_parse("dscp 9 class31", &names, &entry, &failure), 0);
}

/* In the order of the lines that name them, and what no line names last. */
static void test_classes_in_use_are_in_the_order_of_lines(void **state)
{
	const struct class_entry entries[] = {
		{ CLASS_MATCH_DSCP, VOIP, 0, 46 },
		{ CLASS_MATCH_DSCP, CLASS_BEST_EFFORT, 0, 45 },
		{ CLASS_MATCH_DSCP, CLASS_CONTROL, 0, 44 },
		{ CLASS_MATCH_DSCP, VOIP, 0, 43 },
		{ CLASS_MATCH_DSCP, TRAFFIC_CLASSES, 0, 42 },
	};
	uint8_t used[CLASSES_MAX];

	(void)state;
	assert_int_equal(classes_used(entries, COUNT(entries), used), 3);
	assert_int_equal(used[0], VOIP);
	assert_int_equal(used[1], CLASS_CONTROL);
	assert_int_equal(used[2], CLASS_BEST_EFFORT);
	assert_int_equal(classes_used(NULL, 0, used), 1);
}

/* Maps hold what any program wrote: a class or a kind of line that is none has no name. */
static void test_what_is_no_class_is_written_so(void **state)
{
	struct class_entry entry = { CLASS_MATCH_PORT, TRAFFIC_CLASSES, IPPROTO_UDP, 9 };
	char text[128];

	(void)state;
	classes_format(&names, &entry, text, sizeof(text));
	assert_string_equal(text, "udp 9 ?");
	entry.class = CLASS_BEST_EFFORT;
	classes_format(&names, &entry, text, sizeof(text));
	assert_string_equal(text, "udp 9 best_effort");
}

/* What a line is for is said of the same packets only, and a default is one with its class. */
static void test_lines_of_the_default_table_are_known(void **state)
{
	static const struct {
		const char *text, *packets;
		bool is_default;
		uint32_t order;
	} cases[] = {
		{ "ethertype 0x0806 control", "ARP", true, 1 },
		{ "ethertype 0x0806 bulk", "ARP", false, 1 },
		{ "tcp 22 interactive", "SSH", true, 2 },
		{ "udp 22 interactive", "", false, 2 },
		{ "udp 698 mesh", "OLSR, RFC 3626", true, 2 },
		{ "dscp ef interactive", "telephony", true, 3 },
		{ "dscp 63 interactive", "", false, 3 },
		{ "protocol vrrp control", "VRRP", true, 4 },
		{ "protocol 46 interactive", "", false, 4 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct class_entry entry;
		struct failure failure;

		assert_int_equal(classes_parse(cases[i].text, &names, &entry, &failure), 0);
		assert_string_equal(classes_packets(&entry), cases[i].packets);
		assert_int_equal(classes_is_default(&entry), cases[i].is_default);
		assert_int_equal(classes_order(&entry), cases[i].order);
	}
	assert_int_equal(classes_order(&(struct class_entry) { .match = UINT8_MAX }), 0);
}

/* Tables take what fits into them; the numbers may come from a map. */
static void test_values_beyond_a_table_are_left_out(void **state)
{
	const struct class_entry entries[] = {
		{ CLASS_MATCH_DSCP, CLASS_BULK, 0, 63 },
		{ CLASS_MATCH_DSCP, CLASS_CONTROL, 0, 64 },
		{ CLASS_MATCH_PROTOCOL, CLASS_BULK, 0, 255 },
		{ CLASS_MATCH_PROTOCOL, CLASS_CONTROL, 0, 256 },
		{ CLASS_MATCH_ETHERTYPE, CLASS_MESH, 0, 0x0800 },
		{ CLASS_MATCH_ETHERTYPE, CLASS_INTERACTIVE, 0, 0x86dd },
		{ CLASS_MATCH_PORT, CLASS_MESH, IPPROTO_UDP, 65535 },
	};
	struct class_maps maps, expected = { 0 };

	(void)state;
	classes_fill(entries, COUNT(entries), &maps);
	expected.table.dscp[63] = CLASS_BULK;
	expected.table.protocol[255] = CLASS_BULK;
	expected.table.ports[1023] = UINT64_C(1) << 63;
	expected.table.ipv4 = CLASS_MESH;
	expected.table.ipv6 = CLASS_INTERACTIVE;
	assert_memory_equal(&maps.table, &expected.table, sizeof(maps.table));
	assert_int_equal(maps.n_ethertypes, 2);
	assert_int_equal(maps.n_ports, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_lines_survive_both_ways, setup),
		cmocka_unit_test_setup(test_invalid_lines_are_refused, setup),
		cmocka_unit_test(
			test_every_default_line_survives_both_ways_and_none_contradicts_another),
		cmocka_unit_test_setup(
			test_default_table_holds_what_rfc_4594_and_the_meshes_say, setup),
		cmocka_unit_test_setup(test_later_lines_replace_and_none_removes, setup),
		cmocka_unit_test_setup(test_full_lists_say_so, setup),
		cmocka_unit_test_setup(test_a_class_too_many_is_refused, setup),
		cmocka_unit_test_setup(test_classes_in_use_are_in_the_order_of_lines, setup),
		cmocka_unit_test_setup(test_what_is_no_class_is_written_so, setup),
		cmocka_unit_test_setup(test_lines_of_the_default_table_are_known, setup),
		cmocka_unit_test_setup(test_values_beyond_a_table_are_left_out, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
