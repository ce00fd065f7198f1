// SPDX-License-Identifier: BSD-2-Clause
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "model/format.h"

struct format_case {
	char *(*format)(char text[FORMAT_LEN], double value);
	double value;
	const char *want;
};

static const struct format_case cases[] = {
	{ format_count, 0, "0" },
	{ format_count, 7, "7" },
	{ format_count, 999, "999" },
	{ format_count, 999.6, "1.00K" },
	{ format_count, 1000, "1.00K" },
	{ format_count, 9994, "9.99K" },
	{ format_count, 9996, "10.0K" },
	{ format_count, 12345, "12.3K" },
	{ format_count, 99949, "99.9K" },
	{ format_count, 99950, "100K" },
	{ format_count, 99960, "100K" },
	{ format_count, 999.4, "999" },
	{ format_count, 999.5, "1.00K" },
	{ format_count, 123456, "123K" },
	{ format_count, 999499, "999K" },
	{ format_count, 999500, "1.00M" },
	{ format_count, 18446744073709551615.0, "18.4E" },
	{ format_count, NAN, "-" },
	{ format_count, INFINITY, "-" },
	{ format_rate, 0, "0" },
	{ format_rate, 0.04, "0" },
	{ format_rate, 0.3, "0.3" },
	{ format_rate, 0.05, "0.1" },
	{ format_rate, 9.94, "9.9" },
	{ format_rate, 9.96, "10" },
	{ format_rate, 999.4, "999" },
	{ format_rate, 999.6, "1.00K" },
	{ format_rate, -12345, "-12.3K" },
	{ format_rate, 12.3, "12" },
	{ format_rate, 1234, "1.23K" },
	{ format_bytes, 0, "0B" },
	{ format_bytes, 512, "512B" },
	{ format_bytes, 1500, "1.50kB" },
	{ format_bytes, 12.3e6, "12.3MB" },
	{ format_bits, 0, "0bit" },
	{ format_bits, 150, "1.20kbit" },
	{ format_bits, 10.525e6, "84.2Mbit" },
	{ format_ns, 0, "0ns" },
	{ format_ns, 8.3, "8.3ns" },
	{ format_ns, 0.04, "0ns" },
	{ format_ns, 0.05, "0.1ns" },
	{ format_ns, 19.46, "19.5ns" },
	{ format_ns, 99.94, "99.9ns" },
	{ format_ns, 99.96, "100ns" },
	{ format_ns, 850, "850ns" },
	{ format_ns, 19500, "19.5us" },
	{ format_ns, 1.234e6, "1.23ms" },
	{ format_ns, 12e9, "12.0s" },
	{ format_ns, 5000e9, "5000s" },
	{ format_ms, 1.5, "1.50ms" },
	{ format_ms, 0.0195, "19.5us" },
	{ format_percent, 0, "0%" },
	{ format_percent, 0.003, "0.3%" },
	{ format_percent, 0.123, "12%" },
	{ format_percent, 1, "100%" },
	{ format_core, 0, "0%" },
	{ format_core, 0.0009, "<0.001%" },
	{ format_core, 0.001, "0.001%" },
	{ format_core, 0.0344, "0.034%" },
	{ format_core, 99.4, "99%" },
	{ format_core, 99.5, "100%" },
	{ format_core, 250.4, "250%" },
	{ format_core, NAN, "-" },
	{ format_load, 0, "0.00" },
	{ format_load, 0.525, "0.53" },
	{ format_load, 12, "12.00" },
	{ format_load, NAN, "-" },
	{ format_load, INFINITY, "-" },
	{ format_uptime, 0, "0s" },
	{ format_uptime, 45.9, "45s" },
	{ format_uptime, 59.9, "59s" },
	{ format_uptime, 60, "1m" },
	{ format_uptime, 3599, "59m" },
	{ format_uptime, 3600, "1h00m" },
	{ format_uptime, 86399, "23h59m" },
	{ format_uptime, 86400, "1d00h" },
	{ format_uptime, 725, "12m" },
	{ format_uptime, 11100, "3h05m" },
	{ format_uptime, 1051200, "12d04h" },
	{ format_uptime, -1, "-" },
	{ format_uptime, NAN, "-" },
	{ format_clock, 1763856239.9, "00:03:59" },
	{ format_clock, NAN, "-" },
};

static void test_every_case(void **state)
{
	char text[FORMAT_LEN];

	(void)state;
	setenv("TZ", "UTC", 1);
	tzset();
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_ptr_equal(cases[i].format(text, cases[i].value), text);
		assert_string_equal(text, cases[i].want);
	}
}

/* Columns rely on it: no count of any magnitude is wider than five, no rate either. */
static void test_widths(void **state)
{
	char text[FORMAT_LEN];

	(void)state;
	for (double value = 0.01; value < 1.8e19; value *= 1.0137) {
		assert_true(strlen(format_count(text, value)) <= 5);
		assert_true(strlen(format_rate(text, value)) <= 5);
		assert_true(strlen(format_bytes(text, value)) <= 6);
	}
}

/* A sequence that counts time has 19 digits, of which the last ones differ. */
static void test_sequences(void **state)
{
	char text[FORMAT_LEN];

	(void)state;
	assert_string_equal(format_sequence(text, 0), "0");
	assert_string_equal(format_sequence(text, 4811), "4811");
	assert_string_equal(format_sequence(text, 999999999), "999999999");
	assert_string_equal(format_sequence(text, 1000000000), "..000000000");
	assert_string_equal(format_sequence(text, 1763856239012345678), "..012345678");
	assert_string_equal(format_sequence(text, UINT64_MAX), "..709551615");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sequences),
		cmocka_unit_test(test_every_case),
		cmocka_unit_test(test_widths),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
