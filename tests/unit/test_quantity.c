// SPDX-License-Identifier: BSD-2-Clause
/* Numbers with a letter for thousands, read and written. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/quantity.h"

static void both_ways(void **state)
{
	static const struct {
		const char *text;
		uint64_t value;
	} cases[] = {
		{ "1", 1 },
		{ "999", 999 },
		{ "1k", 1000 },
		{ "1001", 1001 },
		{ "1500k", 1500000 },
		{ "12M", 12000000 },
		{ "400G", UINT64_C(400000000000) },
		{ "18446744073G", UINT64_C(18446744073000000000) },
		{ "18446744073709551615", UINT64_MAX },
	};
	char text[QUANTITY_LEN];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint64_t value = 0;
		const char *end = NULL;
		assert_int_equal(quantity_parse(cases[i].text, UINT64_MAX, &value, &end), 0);
		assert_int_equal(value, cases[i].value);
		assert_string_equal(end, "");
		assert_string_equal(quantity_format(text, value), cases[i].text);
	}
	assert_string_equal(quantity_format(text, 0), "0");
}

static void what_follows(void **state)
{
	uint64_t value;
	const char *end;

	(void)state;
	assert_int_equal(quantity_parse("10Mbit/s", 10000000, &value, &end), 0);
	assert_int_equal(value, 10000000);
	assert_string_equal(end, "bit/s");
	assert_int_equal(quantity_parse("7kk", 7000, &value, &end), 0);
	assert_string_equal(end, "k");
	assert_int_equal(quantity_parse("7 k", 7, &value, &end), 0);
	assert_string_equal(end, " k");
}

static void what_is_none(void **state)
{
	static const struct {
		const char *text;
		uint64_t most;
	} cases[] = {
		{ "", UINT64_MAX },
		{ "0", UINT64_MAX },
		{ "0k", UINT64_MAX },
		{ "01", UINT64_MAX },
		{ "-1", UINT64_MAX },
		{ "+1", UINT64_MAX },
		{ " 1", UINT64_MAX },
		{ "k", UINT64_MAX },
		{ "11", 10 },
		{ "1k", 999 },
		{ "18446744074G", UINT64_MAX },
		{ "18446744073709551616", UINT64_MAX - 1 },
	};
	const char *end;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint64_t value = 77;
		assert_int_equal(
			quantity_parse(cases[i].text, cases[i].most, &value, &end), -EINVAL);
		assert_int_equal(value, 77);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_ways),
		cmocka_unit_test(what_follows),
		cmocka_unit_test(what_is_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
