// SPDX-License-Identifier: BSD-2-Clause
/* core/base: hexadecimal, descriptors and clocks. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/fd.h"
#include "base/hex.h"

static void bytes_become_digits_and_digits_bytes(void **state)
{
	const uint8_t bytes[] = { 0x00, 0x01, 0x9a, 0xaf, 0xff };
	char text[2 * sizeof(bytes) + 3];
	uint8_t read[sizeof(bytes)];

	(void)state;
	memset(text, 'x', sizeof(text));
	hex_format(bytes, sizeof(bytes), text);
	assert_memory_equal(text, "00019aafff\0xx", sizeof(text)); /* and not a byte more */
	assert_int_equal(hex_parse(text, read, sizeof(read)), 0);
	assert_memory_equal(read, bytes, sizeof(bytes));
	assert_int_equal(hex_parse("00019AAFFF", read, sizeof(read)), 0);
	assert_memory_equal(read, bytes, sizeof(bytes));
	hex_format(bytes, 0, text);
	assert_string_equal(text, "");
}

static void other_text_is_not_hexadecimal(void **state)
{
	static const char *const bad[] = { "", "0", "00", "000", "00000", "000000", "0g00", "g000",
		"00 0", "/000", ":000", "@000", "`000", "G000", "0x00" };
	uint8_t read[2];

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(hex_parse(bad[i], read, sizeof(read)), -EINVAL);
}

static void a_descriptor_is_closed_once(void **state)
{
	int fd = dup(0), copy = fd;

	(void)state;
	assert_true(fd >= 0);
	fd_close(&fd);
	assert_int_equal(fd, -1);
	assert_int_equal(fcntl(copy, F_GETFD), -1);
	fd_close(&fd);
	assert_int_equal(fd, -1);
}

static void clocks_agree_with_the_kernel(void **state)
{
	struct timespec monotonic, realtime;

	(void)state;
	clock_gettime(CLOCK_MONOTONIC, &monotonic);
	clock_gettime(CLOCK_REALTIME, &realtime);
	uint64_t a = clock_monotonic_ns(), b = clock_monotonic_ns();
	assert_true(a >= (uint64_t)monotonic.tv_sec * 1000000000 + (uint64_t)monotonic.tv_nsec);
	assert_true(b >= a && b - a < 1000000000);
	assert_true(clock_monotonic_seconds() - (double)b / 1e9 < 1);
	assert_true(clock_realtime_ns() / 1000000000 - (uint64_t)realtime.tv_sec <= 1);
	assert_true(clock_realtime_seconds() - (double)realtime.tv_sec < 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bytes_become_digits_and_digits_bytes),
		cmocka_unit_test(other_text_is_not_hexadecimal),
		cmocka_unit_test(a_descriptor_is_closed_once),
		cmocka_unit_test(clocks_agree_with_the_kernel),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
