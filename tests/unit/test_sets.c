// SPDX-License-Identifier: BSD-2-Clause
/* Sets of mesh rules: from text, merged, searched, and what is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mesh/resolve.h"
#include "mesh/rule.h"
#include "mesh/set_text.h"
#include "mesh/sets.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static struct failure failure;

static int read_text(struct set_elements *elements, const char *text)
{
	return set_add_file(elements, "FILE", text, strlen(text), &failure);
}

/* Writes the elements with blanks between them. */
static const char *written(const struct set_elements *elements)
{
	static char all[4096];
	char text[SET_ELEMENT_LEN];
	size_t length = 0;

	all[0] = '\0';
	for (uint32_t i = 0; i < elements->n; i++) {
		set_format_element(elements->kind, &elements->list[i], text);
		length += (size_t)snprintf(
			all + length, sizeof(all) - length, "%s%s", i > 0 ? " " : "", text);
	}
	return all;
}

static void texts_become_merged_elements(void **state)
{
	static const struct {
		const char *text, *elements;
		uint32_t kind;
	} cases[] = {
		{ "", "", MESH_SET_KINDS },
		{ "# nothing\n\n; and\n \t\r\n", "", MESH_SET_KINDS },
		{ "10.1.0.7", "10.1.0.7/32", MESH_SET_PREFIXES },
		{ "\xef\xbb\xbf"
		  "10.1.0.7\r\n",
			"10.1.0.7/32", MESH_SET_PREFIXES },
		{ "10.0.0.0/8 ; SBL1\n10.1.0.0/16\n10.1.2.3,x\n11.0.0.0/8#y\n10.0.0.0/8\n",
			"10.0.0.0/8 11.0.0.0/8", MESH_SET_PREFIXES },
		{ "fd00::1\n10.0.0.1\n::/0\n", "10.0.0.1/32 ::/0", MESH_SET_PREFIXES },
		{ "10.0.0.1-10.0.0.6", "10.0.0.1/32 10.0.0.2/31 10.0.0.4/31 10.0.0.6/32",
			MESH_SET_PREFIXES },
		{ "0.0.0.0-255.255.255.255", "0.0.0.0/0", MESH_SET_PREFIXES },
		{ "::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "::/0", MESH_SET_PREFIXES },
		{ "fd00::ffff-fd00::1:0", "fd00::ffff/128 fd00::1:0/128", MESH_SET_PREFIXES },
		{ "255.255.255.255-255.255.255.255", "255.255.255.255/32", MESH_SET_PREFIXES },
		{ "02:00:00:00:00:02\n02:00:00:00:00:01\n02:00:00:00:00:02",
			"02:00:00:00:00:01 02:00:00:00:00:02", MESH_SET_MACS },
		{ "80\n20-25\n22-30\n31\n65535\n", "20-31 80 65535", MESH_SET_PORTS },
		{ "00112233445566ff\n00112233445566FF", "00112233445566ff", MESH_SET_NODES },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct set_elements elements = { .kind = MESH_SET_KINDS };
		assert_int_equal(read_text(&elements, cases[i].text), 0);
		assert_int_equal(elements.kind, cases[i].kind);
		set_merge(&elements);
		assert_string_equal(written(&elements), cases[i].elements);
		free(elements.list);
	}
}

static void wrong_lines_are_named(void **state)
{
	static const struct {
		const char *text, *sentence;
		uint32_t kind;
	} cases[] = {
		{ "10.0.0.1\n\n  10.0.0.256 x", "FILE, line 3, column 3: \"10.0.0.256\"",
			MESH_SET_KINDS },
		{ "10.0.0.1/8", "FILE, line 1, column 1: 10.0.0.1/8 has bits set beyond",
			MESH_SET_KINDS },
		{ "10.0.0.1\n22", "FILE, line 2, column 1: \"22\"", MESH_SET_KINDS },
		{ "22\n10.0.0.1", "FILE, line 2, column 1: \"10.0.0.1\" is not a port",
			MESH_SET_KINDS },
		{ "70000", "is not a port", MESH_SET_KINDS },
		{ "25-20", "ends before it begins", MESH_SET_KINDS },
		{ "10.0.0.2-10.0.0.1", "is not a range of addresses", MESH_SET_KINDS },
		{ "10.0.0.0/8-11.0.0.0/8", "is not a range of addresses", MESH_SET_KINDS },
		{ "10.0.0.1-fd00::1", "is not a range of addresses", MESH_SET_KINDS },
		{ "\x1b]0;x", "Byte 1 of an element is no printable ASCII", MESH_SET_KINDS },
		{ "10.0.0.1\xc3\xa9", "Byte 9 of an element is no printable ASCII",
			MESH_SET_KINDS },
		{ "0011", "is not the id of a node", MESH_SET_NODES },
		{ "02-00-00-00-00-01", "is not a MAC address", MESH_SET_MACS },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct set_elements elements = { .kind = cases[i].kind };
		assert_int_equal(read_text(&elements, cases[i].text), -EINVAL);
		if (strstr(failure.what, cases[i].sentence) == NULL)
			fail_msg("%s: %s", cases[i].text, failure.what);
		free(elements.list);
	}
	char wide[300];
	struct set_elements elements = { .kind = MESH_SET_KINDS };
	memset(wide, '1', sizeof(wide) - 1);
	wide[sizeof(wide) - 1] = '\0';
	assert_int_equal(read_text(&elements, wide), -EINVAL);
	assert_non_null(strstr(failure.what, "An element has 1 to 95 characters"));
	char nul[] = "10.0.0.1\n1\0"
		     "0.0.0.1";
	assert_int_equal(set_add_file(&elements, "FILE", nul, sizeof(nul) - 1, &failure), -EINVAL);
	assert_non_null(strstr(failure.what, "line 2, column 1"));
	free(elements.list);
}

/* Random prefixes: an address is found exactly if one of them holds it. */
static void searches_find_what_holds(void **state)
{
	struct set_elements elements = { .kind = MESH_SET_PREFIXES }, all;

	(void)state;
	srandom(7);
	for (int i = 0; i < 300; i++) {
		struct mesh_element element = { .prefix = { .family = 4,
							.length = (__u8)(16 + random() % 17) } };
		uint32_t bits = (uint32_t)random() & 0x3ffff & ~0U << (32 - element.prefix.length);
		for (int byte = 0; byte < 4; byte++)
			element.prefix.address[byte] = (__u8)(bits >> (24 - 8 * byte));
		assert_int_equal(set_add(&elements, &element), 0);
	}
	all = elements;
	all.list = malloc(elements.n * sizeof(*all.list));
	assert_non_null(all.list);
	memcpy(all.list, elements.list, elements.n * sizeof(*all.list));
	set_merge(&elements);
	assert_true(elements.n < all.n);
	for (uint32_t address = 0; address < 0x40000; address += 3) {
		struct mesh_element one = {
			.prefix = { 4, 32, { 0 },
				{ 0, (__u8)(address >> 16), (__u8)(address >> 8), (__u8)address } }
		};
		bool held = false;
		for (uint32_t i = 0; i < all.n && !held; i++)
			held = rule_same_start(all.list[i].prefix.address, one.prefix.address,
				all.list[i].prefix.length);
		assert_int_equal(
			set_find(MESH_SET_PREFIXES, elements.list, elements.n, &one) != NULL, held);
	}
	free(all.list);
	free(elements.list);
}

static struct mesh_element *room(uint32_t n)
{
	struct mesh_element *list = calloc(n + 1, sizeof(*list));

	assert_non_null(list);
	return list;
}

static void sets_are_bounded_and_owned(void **state)
{
	struct mesh_sets *sets = calloc(1, sizeof(*sets));
	struct mesh_set set = { .name = "a", .origin = MESH_ORIGIN_FILE, .n = 2 };

	(void)state;
	assert_non_null(sets);
	assert_int_equal(sets_put(sets, &set, room(2), &failure), 0);
	set.origin = MESH_ORIGIN_FEED;
	assert_int_equal(sets_put(sets, &set, room(2), &failure), -EEXIST);
	set.origin = MESH_ORIGIN_OPERATOR;
	set.n = MESH_ELEMENTS_MAX;
	assert_int_equal(sets_put(sets, &set, room(0), &failure), 0); /* in place of the two */
	snprintf(set.name, sizeof(set.name), "b");
	set.n = 1;
	assert_int_equal(sets_put(sets, &set, room(1), &failure), -ENOSPC);
	assert_int_equal(sets->n, 1);
	set.n = 0;
	for (int i = 1; i < MESH_SETS_MAX; i++) {
		snprintf(set.name, sizeof(set.name), "s%d", i);
		assert_int_equal(sets_put(sets, &set, room(0), &failure), 0);
	}
	snprintf(set.name, sizeof(set.name), "more");
	assert_int_equal(sets_put(sets, &set, room(0), &failure), -ENOSPC);
	sets_remove(sets, 0);
	assert_int_equal(sets_find(sets, "a"), -ENOENT);
	assert_int_equal(sets_find(sets, "s1"), 0);
	assert_int_equal(sets_put(sets, &set, room(0), &failure), 0);
	sets_free(sets);
	for (const char **name = (const char *[]) { "", "a b", "a@", "\x1b", "a/b",
		     "a234567890123456789012345", NULL };
		*name != NULL; name++)
		assert_false(sets_name_valid(*name));
	assert_true(sets_name_valid("mesh-ports_2"));
}

static void rules_name_sets_of_their_kind(void **state)
{
	static const struct {
		const char *rule;
		int result;
	} cases[] = {
		{ "drop from @prefixes to @nodes", 0 },
		{ "drop mac @macs tcp @ports sport @ports", 0 },
		{ "drop from @ports", -EINVAL },
		{ "drop mac @prefixes", -EINVAL },
		{ "drop tcp @nodes", -EINVAL },
		{ "drop from @none", -ENOENT },
	};
	struct mesh_sets *sets = calloc(1, sizeof(*sets));
	struct mesh_rule *rules = calloc(MESH_RULES_MAX, sizeof(*rules));

	(void)state;
	assert_true(sets != NULL && rules != NULL);
	for (uint32_t kind = 0; kind < MESH_SET_KINDS; kind++) {
		static const char *const names[] = { "prefixes", "macs", "ports", "nodes" };
		struct mesh_set set = { .kind = kind };
		snprintf(set.name, sizeof(set.name), "%s", names[kind]);
		assert_int_equal(sets_put(sets, &set, room(0), &failure), 0);
	}
	for (size_t i = 0; i < COUNT(cases); i++) {
		assert_int_equal(rule_parse(cases[i].rule, &rules[9], &failure), 0);
		assert_int_equal(resolve_sets(rules, sets, &failure), cases[i].result);
	}
	assert_int_equal(rule_parse("pass from @macs2 to @prefixes", &rules[9], &failure), 0);
	assert_int_equal(resolve_user(rules, "prefixes"), 9);
	assert_int_equal(resolve_user(rules, "macs"), -ENOENT);
	free(rules);
	sets_free(sets);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(texts_become_merged_elements),
		cmocka_unit_test(wrong_lines_are_named),
		cmocka_unit_test(searches_find_what_holds),
		cmocka_unit_test(sets_are_bounded_and_owned),
		cmocka_unit_test(rules_name_sets_of_their_kind),
	};

	return cmocka_run_group_tests_name("sets", tests, NULL, NULL);
}
