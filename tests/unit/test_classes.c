// SPDX-License-Identifier: BSD-2-Clause
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <arpa/inet.h>
#include <cmocka.h>
#include <errno.h>
#include <netinet/in.h>
#include <string.h>

#include "qos/classes.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

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
		{ "dscp 63 best effort", NULL, { CLASS_MATCH_DSCP, CLASS_BEST_EFFORT, 0, 63 } },
		{ "dscp le none", NULL, { CLASS_MATCH_DSCP, CLASS_NONE, 0, 1 } },
		{ "ethertype 0x4305 mesh", NULL, { CLASS_MATCH_ETHERTYPE, CLASS_MESH, 0, 0x4305 } },
		{ "ethertype 0x0800 bulk", NULL, { CLASS_MATCH_ETHERTYPE, CLASS_BULK, 0, 0x800 } },
		{ "udp 6696 mesh", NULL, { CLASS_MATCH_PORT, CLASS_MESH, IPPROTO_UDP, 6696 } },
		{ "tcp 22 interactive", NULL,
			{ CLASS_MATCH_PORT, CLASS_INTERACTIVE, IPPROTO_TCP, 22 } },
		{ "protocol ospf control", NULL, { CLASS_MATCH_PROTOCOL, CLASS_CONTROL, 0, 89 } },
		{ "protocol 253  best   effort", "protocol 253 best effort",
			{ CLASS_MATCH_PROTOCOL, CLASS_BEST_EFFORT, 0, 253 } },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct class_entry entry = { 0 };
		struct failure failure;
		char text[128];

		assert_int_equal(classes_parse(cases[i].text, &entry, &failure), 0);
		assert_int_equal(entry.match, cases[i].entry.match);
		assert_int_equal(entry.class, cases[i].entry.class);
		assert_int_equal(entry.protocol, cases[i].entry.protocol);
		assert_int_equal(entry.value, cases[i].entry.value);
		classes_format(&entry, text, sizeof(text));
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
		"dscp ef urgent",
		"dscp ef best",
		"dscp ef besteffort",
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

		if (classes_parse(cases[i], &entry, &failure) != -EINVAL)
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

		classes_format(&entries[i], text, sizeof(text));
		assert_int_equal(classes_parse(text, &entry, &failure), 0);
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
	struct class_entry entries[CLASS_ENTRIES_MAX];
	uint32_t n = classes_default(entries), before = n;
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines_survive_both_ways),
		cmocka_unit_test(test_invalid_lines_are_refused),
		cmocka_unit_test(
			test_every_default_line_survives_both_ways_and_none_contradicts_another),
		cmocka_unit_test(test_default_table_holds_what_rfc_4594_and_the_meshes_say),
		cmocka_unit_test(test_later_lines_replace_and_none_removes),
		cmocka_unit_test(test_full_lists_say_so),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
