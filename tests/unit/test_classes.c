// SPDX-License-Identifier: BSD-2-Clause
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "mesh/rule.h"
#include "qos/classes.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* The first number that no class of the default table has. */
#define VOIP (CLASS_BEST_EFFORT + 1)

static struct class_lines lines;
static struct failure failure;

static int setup(void **state)
{
	(void)state;
	classes_default(&lines);
	memset(&failure, 0, sizeof(failure));
	return 0;
}

static int parse(const char *text, struct class_line *line)
{
	return classes_parse(text, &lines.names, line, &failure);
}

static struct class_line parsed(const char *text)
{
	struct class_line line = { 0 };

	if (parse(text, &line) != 0)
		fail_msg("%s: %s", text, failure.what);
	return line;
}

static void put(const char *text)
{
	const struct class_line line = parsed(text);

	assert_int_equal(classes_put(&lines, &line), 0);
}

static void test_lines_survive_both_ways(void **state)
{
	static const struct {
		const char *text, *canonical;
		uint8_t class;
	} cases[] = {
		{ "dscp ef interactive", NULL, CLASS_INTERACTIVE },
		{ "dscp 46 interactive", "dscp ef interactive", CLASS_INTERACTIVE },
		{ "dscp cs0 bulk", "dscp df bulk", CLASS_BULK },
		{ "dscp 63 best_effort", NULL, CLASS_BEST_EFFORT },
		{ "dscp le none", NULL, CLASS_NONE },
		{ "ethertype 0x4305 mesh", NULL, CLASS_MESH },
		{ "udp 6696 mesh", NULL, CLASS_MESH },
		{ "tcp 22 interactive", NULL, CLASS_INTERACTIVE },
		{ "protocol ospf control", "proto ospf control", CLASS_CONTROL },
		{ "proto 103 control", "proto pim control", CLASS_CONTROL },
		{ "proto sctp mesh", NULL, CLASS_MESH },
		{ "proto 253  best   effort", "proto 253 best_effort", CLASS_BEST_EFFORT },
		{ "all bulk", NULL, CLASS_BULK },
		{ "all egress bulk", "egress bulk", CLASS_BULK },
		{ "ingress bulk", NULL, CLASS_BULK },
		{ "cgroup system.slice/ssh.service bulk", NULL, CLASS_BULK },
		{ "egress cgroup /a/b udp 7 bulk", "udp 7 cgroup a/b bulk", CLASS_BULK },
		{ "10.1.0.0/16 to @phones udp 5060-5061 dscp ef egress voip", NULL, VOIP },
		{ "egress dscp 46 udp 5060-5061 from 10.1.0.0/16 to @phones voip",
			"10.1.0.0/16 to @phones udp 5060-5061 dscp ef egress voip", VOIP },
		{ "fd00::/8 Video-2", NULL, VOIP + 1 },
		{ "from @nodes video_3", NULL, VOIP + 2 },
		{ "on eth0 vlan 7 voip", "vlan 7 in eth0 voip", VOIP },
		{ "in egress voip", NULL, VOIP }, /* an interface may be called so */
		{ "port 53 sport 1000-2000 voip", "sport 1000-2000 port 53 voip", VOIP },
		{ "proto tcp port 22 voip", "tcp 22 voip", VOIP },
		{ "proto tcp sport 22 voip", "sport 22 proto tcp voip", VOIP },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct class_line line = parsed(cases[i].text), again;
		char text[RULE_LEN];

		assert_int_equal(line.class, cases[i].class);
		classes_format(&lines.names, &line, text, sizeof(text));
		assert_string_equal(text, cases[i].canonical ? cases[i].canonical : cases[i].text);
		again = parsed(text);
		assert_true(rule_same_key(&again.rule, &line.rule));
	}
}

static void test_invalid_lines_are_refused(void **state)
{
	static const char *const cases[] = {
		"",
		"dscp",
		"bulk",
		"dscp ef",
		"dscp EF control",
		"dscp 64 control",
		"dscp -1 control",
		"dscp ef control now",
		"dscp ef dscp af41 control",
		"ingress egress control",
		"dscp ef best/effort",
		"dscp ef a-name-of-twenty-four-ch",
		"dscp ef voip best",
		"ethertype 0x10000 mesh",
		"ethertype batman mesh",
		"udp 65536 mesh",
		"udp mesh",
		"proto 256 control",
		"proto babel control",
		"sctp 1 control",
		"vlan 4096 control",
		"on an-interface-of-16 control",
		"10.0.0.1/8 control",
		"mac 02:00:00:00:00:01 control",
		"arp control",
		"unreadable control",
		"udp 9 for 10m control",
		"udp 9 comment control",
		"all udp 9 control",
		"dscp ef control\n",
		"udp 6696 mesh mesh mesh mesh mesh",
		"udp 06696 mesh",
		"from @a/b mesh",
		"cgroup control",
		"cgroup / control",
		"cgroup a/ control",
		"cgroup \"a b\" control", /* lines are written without quotes */
		"cgroup a//b control",
		"cgroup ../a control",
		"cgroup a cgroup b control",
		"cgroup a ingress control",
		"ingress cgroup a control",
		"cgroup a egress egress control",
		"cgroup 1/2/3/4/5/6/7/8/9 control",
		"cgroup a-path-of-sixty-four-characters-which-is-one-more-than-there-can control",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct class_line line;

		memset(&failure, 0, sizeof(failure));
		if (parse(cases[i], &line) != -EINVAL)
			fail_msg("accepted: \"%s\"", cases[i]);
		assert_true(strlen(failure.what) > 0);
	}
}

/* Of a word that is none of theirs, lines say what they have, and not what rules have. */
static void test_unknown_words_are_named(void **state)
{
	struct class_line line;

	(void)state;
	assert_int_equal(parse("tcp 22 noon control", &line), -EINVAL);
	assert_string_equal(failure.what, "A line of the classes cannot have \"noon\"");
	assert_non_null(strstr(failure.remedy, "Write dscp, ethertype, proto, "));
	assert_int_equal(parse("control", &line), -EINVAL);
	assert_string_equal(failure.what, "A line of the classes has conditions and a class");
}

/* Lines of two cgroups, and of none, are not the same; a line is for those within its own, too. */
static void test_cgroups_tell_lines_apart(void **state)
{
	const char *paths[CLASS_CGROUPS_MAX];
	char text[64];

	(void)state;
	lines.n = lines.n_own = 0;
	put("cgroup a bulk");
	put("cgroup a/b mesh");
	put("egress control");
	put("udp 7 cgroup a mesh");
	assert_int_equal(lines.n, 4);
	put("cgroup a control");
	assert_int_equal(lines.n, 4);
	assert_int_equal(classes_cgroups(&lines, paths), 2);
	assert_string_equal(paths[0], "a");
	assert_string_equal(paths[1], "a/b");
	for (int i = 2; i < CLASS_CGROUPS_MAX; i++) {
		snprintf(text, sizeof(text), "cgroup c%d bulk", i);
		put(text);
	}
	assert_int_equal(classes_cgroups(&lines, paths), CLASS_CGROUPS_MAX);
	put("cgroup more bulk");
	assert_int_equal(classes_cgroups(&lines, paths), -ENOSPC);
}

static void test_a_class_too_many_is_refused(void **state)
{
	struct class_line line;
	char text[64];

	(void)state;
	for (int i = CLASS_BEST_EFFORT; i < CLASSES_MAX; i++) {
		snprintf(text, sizeof(text), "dscp %d class%d", i, i);
		assert_int_equal(parsed(text).class, i + 1);
	}
	assert_int_equal(parse("dscp 9 more", &line), -ENOSPC);
	assert_string_equal(failure.what, "No room for the class \"more\": there are 32");
	parsed("dscp 9 class31");
}

/* In the order of the lines that name them, and what no line names last. */
static void test_classes_in_use_are_in_the_order_of_lines(void **state)
{
	static const char *const texts[] = { "dscp 46 voip", "dscp 45 best_effort",
		"dscp 44 control", "dscp 43 voip" };
	uint8_t used[CLASSES_MAX];

	(void)state;
	lines.n = 0;
	for (size_t i = 0; i < COUNT(texts); i++)
		lines.lines[lines.n++] = parsed(texts[i]);
	lines.lines[lines.n++].class = TRAFFIC_CLASSES;
	assert_int_equal(classes_used(&lines, used), 3);
	assert_int_equal(used[0], VOIP);
	assert_int_equal(used[1], CLASS_CONTROL);
	assert_int_equal(used[2], CLASS_BEST_EFFORT);
	lines.n = 0;
	assert_int_equal(classes_used(&lines, used), 1);
}

static void test_default_lines_survive_both_ways_and_none_contradicts_another(void **state)
{
	static struct class_lines again;

	(void)state;
	assert_in_range(lines.n, 37, CLASS_LINES_MAX);
	again.n = again.n_own = 0;
	for (uint32_t i = 0; i < lines.n; i++) {
		char text[RULE_LEN];

		classes_format(&lines.names, &lines.lines[i], text, sizeof(text));
		const struct class_line line = parsed(text);
		assert_int_equal(line.class, lines.lines[i].class);
		assert_int_equal(classes_place(&lines, &line), i);
		assert_int_equal(classes_put(&again, &line), 0);
		assert_true(classes_is_default(&lines, &line));
		assert_true(classes_packets(&line)[0] != '\0');
	}
	assert_int_equal(again.n, lines.n);
}

static void test_the_default_lines_hold_what_rfc_4594_and_the_meshes_say(void **state)
{
	static const char *const texts[] = { "dscp cs6 control", "dscp ef interactive",
		"dscp cs1 bulk", "dscp le bulk", "dscp af11 bulk", "proto icmp control",
		"proto icmpv6 control", "udp 6696 mesh", "udp 698 mesh", "udp 26970 mesh",
		"udp 51820 mesh", "ethertype 0x4305 mesh" };

	(void)state;
	for (size_t i = 0; i < COUNT(texts); i++) {
		const struct class_line line = parsed(texts[i]);
		if (!classes_is_default(&lines, &line))
			fail_msg("%s", texts[i]);
	}
	const struct class_line ssh = parsed("tcp 22 bulk"), other = parsed("udp 22 bulk");
	assert_string_equal(classes_packets(&ssh), "SSH");
	assert_false(classes_is_default(&lines, &ssh));
	assert_string_equal(classes_packets(&other), "");
}

static void expect_line(uint32_t place, const char *expected)
{
	char text[RULE_LEN];

	classes_format(&lines.names, &lines.lines[place], text, sizeof(text));
	assert_string_equal(text, expected);
}

/* Lines of a configuration are before the default ones, in their order, each once. */
static void test_lines_of_a_configuration(void **state)
{
	const uint32_t n = lines.n;

	(void)state;
	put("udp 5060 voip");
	put("tcp 22 bulk");
	put("dscp ef voip");
	assert_int_equal(lines.n, n + 1);
	assert_int_equal(lines.n_own, 3);
	expect_line(0, "udp 5060 voip");
	expect_line(1, "tcp 22 bulk");
	expect_line(2, "dscp ef voip");
	expect_line(3, "ethertype 0x0806 control");
	put("udp 5060 bulk"); /* in the place of the one before */
	expect_line(0, "udp 5060 bulk");
	assert_int_equal(lines.n, n + 1);
	put("tcp 22 none");
	assert_int_equal(lines.n, n);
	assert_int_equal(lines.n_own, 2);
	put("tcp 22 none");
	put("ethertype 0x0806 none");
	assert_int_equal(lines.n, n - 1);
	expect_line(2, "ethertype 0x88cc control");
}

static void test_full_lists_say_so(void **state)
{
	char text[64];

	(void)state;
	for (int port = 10000; lines.n < CLASS_LINES_MAX; port++) {
		snprintf(text, sizeof(text), "udp %d bulk", port);
		put(text);
	}
	const struct class_line more = parsed("udp 9 bulk");
	assert_int_equal(classes_put(&lines, &more), -ENOSPC);
	put("udp 10000 mesh");
	put("udp 10000 none");
	put("udp 9 bulk");
}

static uint32_t no_interface(const char *name)
{
	(void)name;
	return 0;
}

/* Asserts which ports the lines name, in order, each a letter from a on for 1. */
static void assert_ports(const char *ports)
{
	char have[CLASS_LINES_MAX + 1];

	for (uint32_t i = 0; i < lines.n; i++)
		have[i] = (char)('a' + lines.lines[i].rule.destination_port.from - 1);
	have[lines.n] = '\0';
	assert_string_equal(have, ports);
}

static int insert(uint32_t place, const char *text)
{
	const struct class_line line = parsed(text);

	return classes_insert(&lines, place, &line, &failure);
}

static int edit(uint32_t place, const char *text)
{
	const struct class_line line = parsed(text);

	return classes_edit(&lines, place, &line, &failure);
}

/* By numbers, from the first line to behind the last. */
static void test_changes_by_number(void **state)
{
	(void)state;
	lines.n = lines.n_own = 0;
	assert_int_equal(insert(1, "udp 1 bulk"), -ENOENT);
	assert_int_equal(insert(0, "udp 2 bulk"), 0);
	assert_int_equal(insert(1, "udp 4 bulk"), 0);
	assert_int_equal(insert(0, "udp 1 bulk"), 0);
	assert_int_equal(insert(2, "udp 3 bulk"), 0);
	assert_ports("abcd");
	assert_int_equal(insert(4, "udp 1 voip"), -EEXIST);
	assert_int_equal(insert(0, "udp 4 voip"), -EEXIST);
	assert_int_equal(edit(4, "udp 5 bulk"), -ENOENT);
	assert_int_equal(edit(3, "udp 1 bulk"), -EEXIST);
	assert_int_equal(edit(3, "udp 5 bulk"), 0);
	assert_int_equal(edit(0, "udp 1 voip"), 0);
	assert_ports("abce");
	assert_int_equal(classes_delete(&lines, 4, &failure), -ENOENT);
	assert_int_equal(classes_delete(&lines, 3, &failure), 0);
	assert_ports("abc");
	assert_int_equal(classes_delete(&lines, 0, &failure), 0);
	assert_ports("bc");
}

static void test_a_copy_has_each_line(void **state)
{
	static struct class_lines copy;

	(void)state;
	assert_true(lines.n > 0);
	classes_copy(&copy, &lines);
	assert_int_equal(copy.n, lines.n);
	assert_int_equal(copy.n_own, lines.n_own);
	for (uint32_t i = 0; i < lines.n; i++)
		assert_memory_equal(&copy.lines[i], &lines.lines[i], sizeof(lines.lines[i]));
}

static void test_lines_move_both_ways(void **state)
{
	static const struct {
		uint32_t place, to;
		const char *ports;
	} cases[] = { { 0, 0, "abcd" }, { 0, 1, "bacd" }, { 0, 3, "bcda" }, { 1, 2, "acbd" },
		{ 3, 0, "dabc" }, { 2, 1, "acbd" }, { 3, 3, "abcd" } };

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		lines.n = lines.n_own = 0;
		put("udp 1 bulk");
		put("udp 2 bulk");
		put("udp 3 bulk");
		put("udp 4 bulk");
		assert_int_equal(classes_move(&lines, cases[i].place, cases[i].to, &failure), 0);
		assert_ports(cases[i].ports);
	}
	assert_int_equal(classes_move(&lines, 4, 0, &failure), -ENOENT);
	assert_string_equal(failure.what, "There is no line 4 of the classes");
	assert_int_equal(classes_move(&lines, 0, 5, &failure), -ENOENT);
	assert_string_equal(failure.what, "There is no line 5 of the classes");
	assert_int_equal(classes_move(&lines, 0, 4, &failure), -ENOENT);
	assert_ports("abcd");
}

/* One's own lines are in front of the others, the last that was put behind those before; one taken away leaves the
 * others as they are. */
static void test_own_lines_come_first(void **state)
{
	(void)state;
	lines.n = lines.n_own = 0;
	assert_int_equal(insert(0, "udp 5 bulk"), 0);
	put("udp 1 bulk");
	put("udp 2 bulk");
	assert_ports("abe");
	put("udp 1 voip"); /* in its place */
	put("udp 5 voip"); /* becomes one's own */
	assert_ports("abe");
	put("udp 3 bulk");
	assert_ports("abec");
	put("udp 2 none");
	put("udp 9 none");
	put("udp 4 bulk");
	assert_ports("aecd");
	assert_int_equal(lines.n_own, 4);
}

/* A line that names a set that is not there is left out, and said. */
static void test_lines_without_their_sets(void **state)
{
	struct class_source source = { .lines = &lines, .generation = 1, .ifindex = no_interface };
	struct mesh_compiled compiled;
	struct failure unmet = { 0 };

	(void)state;
	assert_false(classes_name_sets(&lines) || classes_name_interfaces(&lines));
	put("from @p voip");
	put("on eth0 voip");
	assert_true(classes_name_sets(&lines) && classes_name_interfaces(&lines));
	assert_int_equal(classes_compile(&source, &compiled, &unmet, &failure), 0);
	assert_string_equal(unmet.what, "There is no set @p");
	assert_null(compiled.shorts);
	mesh_compiled_free(&compiled);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_lines_survive_both_ways, setup),
		cmocka_unit_test_setup(test_invalid_lines_are_refused, setup),
		cmocka_unit_test_setup(test_unknown_words_are_named, setup),
		cmocka_unit_test_setup(test_cgroups_tell_lines_apart, setup),
		cmocka_unit_test_setup(test_a_class_too_many_is_refused, setup),
		cmocka_unit_test_setup(test_classes_in_use_are_in_the_order_of_lines, setup),
		cmocka_unit_test_setup(
			test_default_lines_survive_both_ways_and_none_contradicts_another, setup),
		cmocka_unit_test_setup(
			test_the_default_lines_hold_what_rfc_4594_and_the_meshes_say, setup),
		cmocka_unit_test_setup(test_lines_of_a_configuration, setup),
		cmocka_unit_test_setup(test_full_lists_say_so, setup),
		cmocka_unit_test_setup(test_changes_by_number, setup),
		cmocka_unit_test_setup(test_a_copy_has_each_line, setup),
		cmocka_unit_test_setup(test_lines_move_both_ways, setup),
		cmocka_unit_test_setup(test_own_lines_come_first, setup),
		cmocka_unit_test_setup(test_lines_without_their_sets, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
