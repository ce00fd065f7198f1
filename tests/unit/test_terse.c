// SPDX-License-Identifier: BSD-2-Clause
/* JSON in fewer bytes: what is unpacked says the same, and what is damaged is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "export/changes.h"
#include "export/terse.h"
#include "tests/lib/fields_fill.h"
#include "tests/lib/snapshot_sample.h"

#define ROOM (32 << 20)

static struct terse writer, reader;
static char *unpacked;
static size_t length;

static int begin(void **state)
{
	(void)state;
	terse_begin(&writer);
	terse_begin(&reader);
	unpacked = malloc(ROOM);
	return unpacked == NULL;
}

static int end(void **state)
{
	(void)state;
	terse_free(&writer);
	terse_free(&reader);
	free(unpacked);
	return 0;
}

static void pass(const char *text, size_t size)
{
	assert_int_equal(terse_write(&writer, text, size), 0);
	assert_int_equal(terse_read(&reader, writer.packed.bytes, writer.packed.length, unpacked,
				 ROOM, &length),
		0);
}

/* Expects the text to come back, byte for byte. */
static void expect_same(const char *text)
{
	pass(text, strlen(text));
	if (length != strlen(text) || memcmp(unpacked, text, length) != 0)
		fail_msg("%s became %.*s", text, (int)length, unpacked);
}

static void test_what_is_no_decimal_comes_back_as_it_is(void **state)
{
	static const char *const texts[] = {
		"{}",
		"[]",
		"[[],{},[{}]]",
		"{\"a\":true,\"b\":false,\"c\":null}",
		"[true,false,null]",
		"{\"a\":{\"b\":[{\"a\":1},2,[-3]]}}",
		"[0,-1,1,63,64,-64,-65,8191,8192,9223372036854775807,-9223372036854775808]",
		"{\"\":\"\",\"two words\":\"\\u0022\\u005c\\u000a\",\"bytes\":\"\xc3\xa4{[,]}\"}",
		/* A member is its name and what it is. */
		"[{\"a\":1},{\"a\":[1]},{\"a\":\"1\"},{\"a\":null},{\"a\":2}]",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		expect_same(texts[i]);
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		expect_same(texts[i]); /* all members are known now */
}

/* Whatever its digits, a number is the same double. */
static void test_decimals_are_the_same_numbers(void **state)
{
	static const char *const numbers[] = { "0.5", "-0.5", "0.0188217624", "11.0688477", "1e-05",
		"-1.5e-300", "4.94065646e-324", "1.79769313e+308", "1e+20", "5e0",
		"1795941268.8219733", "1795941268.8219731", "1795941268.1", "-1795941268.1",
		"1795941268.82197331", "0.99999528499029107", "123456789012.5", "100000000.0000001",
		"99999999.9999999", "922337203685.4775807", "1795941269.25" };
	char text[64];

	(void)state;
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		snprintf(text, sizeof(text), "[%s,{\"x\":%s}]", numbers[i], numbers[i]);
		pass(text, strlen(text));
		json_t *was = json_loads(text, 0, NULL),
		       *is = json_loadb(unpacked, length, 0, NULL);
		assert_non_null(was);
		if (is == NULL || !json_equal(was, is))
			fail_msg("%s became %.*s", text, (int)length, unpacked);
		json_decref(was);
		json_decref(is);
	}
}

/* More members than have codes of a byte, in another order the second time. */
static void test_many_members_have_wide_codes(void **state)
{
	enum { N = TERSE_MEMBERS_MAX };
	char *text = malloc(N * 16);

	(void)state;
	for (int round = 0; round < 2; round++) {
		char *at = text + sprintf(text, "{");
		for (int i = 0; i < N; i++)
			at += sprintf(at, "%s\"m%d\":%d", i > 0 ? "," : "",
				round == 0 ? i : N - 1 - i, i);
		strcpy(at, "}");
		expect_same(text);
		assert_int_equal(writer.n_members, N);
		assert_int_equal(reader.n_members, N);
	}
	assert_int_equal(terse_write(&writer, "{\"another\":1}", 13), -E2BIG);
	free(text);
}

static void test_bounds_and_what_is_no_json(void **state)
{
	static const struct {
		const char *text;
		int error;
	} cases[] = { { "", -EINVAL }, { "1", -EINVAL }, { "{", -EINVAL }, { "}", -EINVAL },
		{ "{}}", -EINVAL }, { "[1 2]", -EINVAL }, { "[,]", -EINVAL }, { "[1,]", -EINVAL },
		{ "{\"a\"}", -EINVAL }, { "{\"a\":}", -EINVAL }, { "{a:1}", -EINVAL },
		{ "[\"a]", -EINVAL }, { "[\"a\\\"]", -EINVAL }, { "[tru]", -EINVAL },
		{ "[}", -EINVAL }, { "[9223372036854775808]", -EINVAL },
		{ "[922337203685.4775808]", -EINVAL }, { "[0.1e-9223372036854775808]", -EINVAL },
		{ "[-9223372036854775809]", -EINVAL } };
	char deep[2 * (TERSE_DEPTH_MAX + 1) + 1], name[TERSE_NAME_LEN + 8];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		if (terse_write(&writer, cases[i].text, strlen(cases[i].text)) != cases[i].error)
			fail_msg("%s", cases[i].text);
	for (int depth = TERSE_DEPTH_MAX; depth <= TERSE_DEPTH_MAX + 1; depth++) {
		memset(deep, '[', (size_t)depth);
		memset(deep + depth, ']', (size_t)depth);
		assert_int_equal(terse_write(&writer, deep, 2 * (size_t)depth),
			depth > TERSE_DEPTH_MAX ? -E2BIG : 0);
	}
	for (int n = TERSE_NAME_LEN - 1; n <= TERSE_NAME_LEN; n++) {
		int size = sprintf(name, "{\"%0*d\":1}", n, 7);
		assert_int_equal(terse_write(&writer, name, (size_t)size),
			n == TERSE_NAME_LEN ? -EINVAL : 0);
	}
}

/* Changes of random snapshots, one behind the other, as in a recording. */
static void test_changes_come_back(void **state)
{
	static struct snapshot before, now;
	struct changes_text text = { 0 };

	(void)state;
	memset(&before, 0, sizeof(before));
	for (int round = 0; round < 6; round++) {
		memset(&now, 0, sizeof(now));
		strcpy(now.schema, SNAPSHOT_SCHEMA);
		fields_fill(snapshot_fields, &now, round % 3 == 2 ? FILL_LISTS_FULL : FILL_LISTS);
		assert_int_equal(changes_write(&before, &now, &text), 0);
		pass(text.bytes, text.length);
		json_t *was = json_loadb(text.bytes, text.length, 0, NULL),
		       *is = json_loadb(unpacked, length, 0, NULL);
		assert_true(was != NULL && is != NULL && json_equal(was, is));
		json_decref(was);
		json_decref(is);
		snapshot_copy(&before, &now);
	}
	free(text.bytes);
}

/* Cut anywhere it is refused; changed anywhere, it ends within its bounds. Exact copies let a sanitizer see. */
static void test_damage_is_refused_or_harmless(void **state)
{
	static const char text[] =
		"{\"a\":[1,-2.5,\"text\",{\"b\":1795941268.25,\"c\":true}],\"d\":{}}";
	size_t size;

	(void)state;
	assert_int_equal(terse_write(&writer, text, strlen(text)), 0);
	size = writer.packed.length;
	for (size_t cut = 0; cut < size; cut++) {
		unsigned char *copy = malloc(cut + 1);
		memcpy(copy, writer.packed.bytes, cut);
		terse_begin(&reader);
		assert_int_equal(terse_read(&reader, copy, cut, unpacked, ROOM, &length), -EINVAL);
		free(copy);
	}
	for (size_t i = 0; i < size * 256; i++) {
		unsigned char *copy = malloc(size);
		memcpy(copy, writer.packed.bytes, size);
		copy[i / 256] = (unsigned char)i;
		terse_begin(&reader);
		if (terse_read(&reader, copy, size, unpacked, ROOM, &length) == 0)
			assert_true(length <= ROOM);
		free(copy);
	}
	for (size_t room = 0; room < strlen(text); room++) {
		char *exactly = malloc(room + 1);
		terse_begin(&reader);
		assert_int_equal(
			terse_read(&reader, writer.packed.bytes, size, exactly, room, &length),
			-EINVAL);
		free(exactly);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			test_what_is_no_decimal_comes_back_as_it_is, begin, end),
		cmocka_unit_test_setup_teardown(test_decimals_are_the_same_numbers, begin, end),
		cmocka_unit_test_setup_teardown(test_many_members_have_wide_codes, begin, end),
		cmocka_unit_test_setup_teardown(test_bounds_and_what_is_no_json, begin, end),
		cmocka_unit_test_setup_teardown(test_changes_come_back, begin, end),
		cmocka_unit_test_setup_teardown(test_damage_is_refused_or_harmless, begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
