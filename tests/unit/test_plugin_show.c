// SPDX-License-Identifier: BSD-2-Clause
/* Columns of types as BTF describes them, and of BTF that lies, made by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "plugins/show.h"
#include "tests/lib/fields_fill.h"

static struct btf *btf;
static struct show_tag_list list;
static struct show_plan plan;
static int u8, u32, u64, text;

static int start(void **state)
{
	(void)state;
	btf = btf__new_empty();
	u8 = btf__add_int(btf, "unsigned char", 1, 0);
	u32 = btf__add_int(btf, "unsigned int", 4, 0);
	u64 = btf__add_int(btf, "unsigned long long", 8, 0);
	text = btf__add_int(btf, "char", 1, BTF_INT_SIGNED);
	return btf == NULL || text < 0;
}

static int stop(void **state)
{
	(void)state;
	btf__free(btf);
	return 0;
}

static void make_plan(int type, uint32_t bytes)
{
	const struct show_tags none = { 0 };

	show_tags_find(&list, btf);
	show_plan_begin(&plan);
	show_plan_add(&plan, &list, (uint32_t)type, bytes, "value", PLUGIN_VALUE, &none);
}

static const char *shown(uint32_t column, const void *bytes)
{
	static char cell[PLUGIN_CELL_LEN];

	assert_true(column < plan.n);
	return show_text(&plan.columns[column], btf, bytes, cell);
}

/* --- tags ------------------------------------------------------------------------------------- */

static void read_tag(const char *words, struct show_tags *tags)
{
	int type = btf__add_struct(btf, "tagged", 8);

	btf__add_field(btf, "member", u64, 0, 0);
	assert_true(btf__add_decl_tag(btf, words, type, 0) > 0);
	show_tags_find(&list, btf);
	memset(tags, 0, sizeof(*tags));
	show_tags_read(&list, (uint32_t)type, 0, tags);
}

static void test_words(void **state)
{
	struct show_tags tags;

	(void)state;
	read_tag("x0:counter,unit=ns,sort,help=Waited, in all", &tags);
	assert_int_equal(tags.role, PLUGIN_COUNTER);
	assert_string_equal(tags.unit, "ns");
	assert_true(tags.sort);
	assert_string_equal(tags.help, "Waited, in all");
	assert_string_equal(tags.unknown, "");
	read_tag("x0:gauge=sum,hist=log2,address,big,text,hidden,event=e", &tags);
	assert_int_equal(tags.role, PLUGIN_GAUGE);
	assert_true(tags.sum && tags.histogram && tags.address && tags.big && tags.text);
	assert_true(tags.hidden);
	assert_string_equal(tags.event, "e");
	read_tag("x0:name=waited,before=a,after=b", &tags);
	assert_string_equal(tags.name, "waited");
	assert_string_equal(tags.before, "a");
	assert_string_equal(tags.after, "b");
}

static void test_words_that_are_none(void **state)
{
	struct show_tags tags;
	char words[4096] = "x0:help=";

	(void)state;
	read_tag("other:counter", &tags);
	assert_int_equal(tags.role, PLUGIN_VALUE);
	read_tag("x0:", &tags);
	assert_string_equal(tags.unknown, "");
	read_tag("x0:,,=,hist=linear", &tags);
	assert_false(tags.histogram);
	read_tag("x0:counters,unit", &tags);
	assert_string_equal(tags.unknown, "counters");
	memset(words + 8, 'x', sizeof(words) - 9);
	read_tag(words, &tags);
	assert_int_equal(strlen(tags.help), sizeof(tags.help) - 1);
	memcpy(words + 3, "\x1b[2J\xff", 5);
	read_tag(words, &tags);
	assert_int_equal(strlen(tags.unknown), sizeof(tags.unknown) - 1);
}

/* --- what lies -------------------------------------------------------------------------------- */

static void test_members_beyond_the_value(void **state)
{
	const uint64_t bytes = 5;

	(void)state;
	int type = btf__add_struct(btf, "liar", 64);
	btf__add_field(btf, "good", u32, 0, 0);
	btf__add_field(btf, "half", u64, 32, 0);
	btf__add_field(btf, "beyond", u32, 64, 0);
	make_plan(type, 8);
	assert_int_equal(plan.n, 1);
	assert_int_equal(plan.beyond, 2);
	assert_int_equal(plan.left_out, 2);
	assert_string_equal(shown(0, &bytes), "5");
}

static void test_an_array_larger_than_the_value(void **state)
{
	(void)state;
	make_plan(btf__add_array(btf, u32, u32, UINT32_MAX), 64);
	assert_int_equal(plan.n, 0);
	assert_int_equal(plan.beyond, 1);
	make_plan(btf__add_array(btf, u32, text, 0), 64);
	assert_int_equal(plan.n, 0);
}

static void test_circles(void **state)
{
	(void)state;
	/* A typedef of itself, a struct within itself, and arrays of each other. */
	int loop = btf__add_typedef(btf, "loop", btf__type_cnt(btf));
	make_plan(loop, 8);
	assert_int_equal(plan.left_out, 1);
	int self = (int)btf__type_cnt(btf);
	btf__add_struct(btf, "self", 8);
	for (int i = 0; i < 100; i++)
		btf__add_field(btf, "me", self, 0, 0);
	make_plan(self, 8);
	assert_int_equal(plan.n, 0);
	assert_true(plan.left_out > 0);
	int array = (int)btf__type_cnt(btf);
	btf__add_array(btf, u32, array + 1, 1);
	btf__add_array(btf, u32, array, 1);
	make_plan(array, 8);
	assert_int_equal(plan.n, 0);
}

static void test_types_that_there_are_not(void **state)
{
	(void)state;
	int type = btf__add_struct(btf, "wrong", 8);
	btf__add_field(btf, "none", 123456, 0, 0);
	btf__add_field(btf, "void", 0, 0, 0);
	make_plan(type, 8);
	assert_int_equal(plan.n, 0);
	assert_int_equal(plan.left_out, 2);
	make_plan(999999, 8);
	assert_int_equal(plan.left_out, 1);
}

static void test_columns_are_bounded(void **state)
{
	char name[16];

	(void)state;
	int type = btf__add_struct(btf, "wide", 800);
	for (uint32_t i = 0; i < 200; i++) {
		snprintf(name, sizeof(name), "m%u", i);
		btf__add_field(btf, name, u32, i * 32, 0);
	}
	make_plan(type, 800);
	assert_int_equal(plan.n, PLUGIN_COLUMNS_MAX);
	assert_int_equal(plan.left_out, 200 - PLUGIN_COLUMNS_MAX);
}

static void test_names_are_as_they_are(void **state)
{
	char name[300];

	(void)state;
	memset(name, 'n', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	int inner = btf__add_struct(btf, NULL, 8);
	btf__add_field(btf, name, u64, 0, 0);
	int type = btf__add_struct(btf, "outer", 8);
	btf__add_field(btf, "a\x1b[2J", inner, 0, 0);
	make_plan(type, 8);
	assert_int_equal(plan.n, 1);
	assert_memory_equal(plan.columns[0].name, "a\x1b[2J.nnnn", 10);
	assert_int_equal(strlen(plan.columns[0].name), PLUGIN_NAME_LEN - 1);
}

/* A tag's name takes the place of a member's, also within others. */
static void test_names_of_tags(void **state)
{
	(void)state;
	int inner = btf__add_struct(btf, "inner", 8);
	btf__add_field(btf, "ns", u64, 0, 0);
	int type = btf__add_struct(btf, "outer", 16);
	btf__add_field(btf, "w", inner, 0, 0);
	btf__add_field(btf, "own", u64, 64, 0);
	assert_true(btf__add_decl_tag(btf, "x0:name=longest", inner, 0) > 0);
	assert_true(btf__add_decl_tag(btf, "x0:name=wait", type, 0) > 0);
	make_plan(type, 16);
	assert_int_equal(plan.n, 2);
	assert_string_equal(plan.columns[0].name, "wait.longest");
	assert_string_equal(plan.columns[1].name, "own");
}

/* --- what is shown ---------------------------------------------------------------------------- */

static void test_bits(void **state)
{
	const uint8_t bytes[8] = { 0xa5, 0x01 };

	(void)state;
	int type = btf__add_struct(btf, "bits", 8);
	btf__add_field(btf, "a", u32, 0, 4);
	btf__add_field(btf, "b", u32, 4, 5);
	btf__add_field(btf, NULL, u32, 9, 7);
	make_plan(type, 8);
	assert_int_equal(plan.n, 2);
	assert_string_equal(shown(0, bytes), "5");
	assert_string_equal(shown(1, bytes), "26");
}

/* A bit field says how long it is, up to 255 bits, whatever its type holds. */
static void test_bit_fields_longer_than_a_number(void **state)
{
	(void)state;
	int word = btf__add_enum(btf, "word", 4);
	int type = btf__add_struct(btf, "bits", 64);
	btf__add_field(btf, "fits", word, 0, 64);
	btf__add_field(btf, "enum", word, 64, 72);
	btf__add_field(btf, "odd", word, 137, 65);
	btf__add_field(btf, "number", u64, 256, 128);
	make_plan(type, 64);
	assert_int_equal(plan.n, 1);
	assert_int_equal(plan.columns[0].bits, 64);
	assert_int_equal(plan.left_out, 3);
}

static void test_addresses(void **state)
{
	const uint8_t bytes[16] = { 192, 0, 2, 1, 0xff, 0xff };

	(void)state;
	int six = btf__add_array(btf, u32, u8, 6);
	int type = btf__add_struct(btf, "addresses", 16);
	btf__add_field(btf, "four", u32, 0, 0);
	btf__add_field(btf, "six", six, 0, 0);
	btf__add_decl_tag(btf, "x0:address", type, 0);
	btf__add_decl_tag(btf, "x0:address", type, 1);
	make_plan(type, 16);
	assert_string_equal(shown(0, bytes), "192.0.2.1");
	assert_string_equal(shown(1, bytes), "c0:00:02:01:ff:ff");
}

static void test_network_order(void **state)
{
	const uint8_t bytes[4] = { 0x01, 0xbb };

	(void)state;
	int u16 = btf__add_int(btf, "unsigned short", 2, 0);
	int be16 = btf__add_typedef(btf, "__be16", u16);
	make_plan(be16, 2);
	assert_string_equal(shown(0, bytes), "443");
	make_plan(u16, 2);
	assert_string_equal(shown(0, bytes), "47873");
}

static void test_texts_without_an_end(void **state)
{
	char bytes[200];

	(void)state;
	memset(bytes, 'x', sizeof(bytes));
	make_plan(btf__add_array(btf, u32, text, 200), 200);
	assert_int_equal(strlen(shown(0, bytes)), PLUGIN_CELL_LEN - 1);
	make_plan(btf__add_array(btf, u32, text, 3), 3);
	assert_string_equal(shown(0, bytes), "xxx");
	make_plan(btf__add_array(btf, u32, u8, 200), 200);
	assert_int_equal(strlen(shown(0, bytes)), 2 * 30 + 2);
	make_plan(btf__add_array(btf, u32, u64, 25), 200);
	assert_true(strlen(shown(0, bytes)) < PLUGIN_CELL_LEN);
}

static void test_words_of_enums(void **state)
{
	const int32_t known = -1, unknown = 77;

	(void)state;
	int type = btf__add_enum(btf, "verdict", 4);
	btf__add_enum_value(btf, "BAD", -1);
	btf__add_enum_value(btf, "\x1b]0;", 1);
	make_plan(type, 4);
	assert_string_equal(shown(0, &known), "BAD");
	assert_string_equal(shown(0, &unknown), "77");
}

/* Numbers are summed over the CPUs, gauges are the largest, and the rest is of the first that has any. */
static void test_cpus(void **state)
{
	const struct {
		uint64_t count;
		uint32_t gauge;
		char name[4];
	} cpus[3] = { { 0 }, { 5, 9, "two" }, { 7, 4, "abc" } };
	uint8_t joined[sizeof(cpus[0])];

	(void)state;
	int name = btf__add_array(btf, u32, text, 4);
	int type = btf__add_struct(btf, "each", sizeof(cpus[0]));
	btf__add_field(btf, "count", u64, 0, 0);
	btf__add_field(btf, "gauge", u32, 64, 0);
	btf__add_field(btf, "name", name, 96, 0);
	btf__add_decl_tag(btf, "x0:gauge", type, 1);
	make_plan(type, sizeof(cpus[0]));
	show_join(&plan, cpus, 3, sizeof(cpus[0]), joined, sizeof(joined));
	assert_string_equal(shown(0, joined), "12");
	assert_string_equal(shown(1, joined), "9");
	assert_string_equal(shown(2, joined), "two");
}

/* --- at random -------------------------------------------------------------------------------- */

/* Returns a type at random; most refer to others, which may come behind them or not be there. */
static int random_type(void)
{
	const int any = (int)(random_next() % (random_next() % 2 ? 5 : 40)),
		  bits = (int)(random_next() % 200);
	int type;

	switch (random_next() % 6) {
	case 0:
		return btf__add_typedef(btf, random_next() % 2 ? "__be32" : "name", any);
	case 1:
		return btf__add_array(
			btf, u32, any, (uint32_t)(random_next() >> (32 + random_next() % 32)));
	case 2:
		return btf__add_ptr(btf, any);
	case 3:
		type = btf__add_enum(btf, "enum", 1U << random_next() % 4);
		btf__add_enum_value(btf, "ONE", 1);
		return type;
	case 4:
		return btf__add_const(btf, any);
	default:
		type = btf__add_struct(btf, "struct", (uint32_t)(random_next() % 64));
		for (uint64_t i = random_next() % 6; i > 0; i--)
			btf__add_field(btf, random_next() % 3 ? "member" : NULL, any + (int)i,
				(uint32_t)bits + (uint32_t)i,
				(uint32_t)(random_next() % 3 ? 0 : i));
		return type;
	}
}

static void add_random_tags(int type)
{
	static const char *const words[] = { "x0:hist=log2", "x0:address", "x0:counter", "x0:big",
		"x0:text", "x0:gauge", "x0:sort", "x0:help=\x1b" };

	for (int i = 0; i < 3; i++)
		btf__add_decl_tag(
			btf, words[random_next() % 8], type, (int)(random_next() % 4) - 1);
}

/* Whatever BTF says, nothing is read or written beyond the value: behind it is no memory. */
static void test_at_random(void **state)
{
	const size_t page = (size_t)sysconf(_SC_PAGESIZE);
	char *memory =
		mmap(NULL, 4 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	uint32_t shown_columns = 0;

	assert_ptr_not_equal(memory, MAP_FAILED);
	assert_int_equal(mprotect(memory + page, page, PROT_NONE), 0);
	assert_int_equal(mprotect(memory + 3 * page, page, PROT_NONE), 0);
	for (int round = 0; round < 2000; round++) {
		const uint32_t bytes = 1 + (uint32_t)(random_next() % 64);
		uint8_t *value = (uint8_t *)memory + page - bytes;
		uint8_t *joined = (uint8_t *)memory + 3 * page - bytes;
		char cell[PLUGIN_CELL_LEN];
		stop(state);
		start(state);
		for (int i = 0; i < 20; i++) {
			int type = random_type();
			if (type > 0)
				add_random_tags(type);
		}
		for (uint32_t i = 0; i < bytes; i++)
			value[i] = (uint8_t)random_next();
		make_plan(1 + (int)(random_next() % 40), bytes);
		show_join(&plan, value, 1, bytes, joined, bytes);
		for (uint32_t i = 0; i < plan.n; i++) {
			assert_true(strlen(plan.columns[i].name) < PLUGIN_NAME_LEN);
			if (plan.columns[i].kind == PLUGIN_RATE)
				continue;
			show_text(&plan.columns[i], btf, joined, cell);
			assert_true(strlen(cell) < PLUGIN_CELL_LEN);
			show_rank(&plan.columns[i], joined);
			shown_columns++;
		}
	}
	print_message("%u columns at random\n", shown_columns);
	assert_true(shown_columns > 200);
	munmap(memory, 4 * page);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, start, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_words),
		TEST(test_words_that_are_none),
		TEST(test_members_beyond_the_value),
		TEST(test_an_array_larger_than_the_value),
		TEST(test_circles),
		TEST(test_types_that_there_are_not),
		TEST(test_columns_are_bounded),
		TEST(test_names_are_as_they_are),
		TEST(test_names_of_tags),
		TEST(test_bits),
		TEST(test_bit_fields_longer_than_a_number),
		TEST(test_addresses),
		TEST(test_network_order),
		TEST(test_texts_without_an_end),
		TEST(test_words_of_enums),
		TEST(test_cpus),
		TEST(test_at_random),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
