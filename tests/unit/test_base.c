// SPDX-License-Identifier: BSD-2-Clause
/* core/base: clocks, descriptors, hexadecimal. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/failure.h"
#include "base/fd.h"
#include "base/file.h"
#include "base/hex.h"
#include "base/mix.h"
#include "base/words.h"

static void clocks_are_those_of_the_kernel(void **state)
{
	(void)state;
	struct timespec monotonic, realtime;

	uint64_t before = clock_monotonic_ns();
	clock_gettime(CLOCK_MONOTONIC, &monotonic);
	uint64_t after = clock_monotonic_ns();
	uint64_t between = (uint64_t)monotonic.tv_sec * 1000000000u + (uint64_t)monotonic.tv_nsec;
	assert_in_range(between, before, after);
	double seconds = clock_monotonic_seconds();
	assert_true(seconds >= (double)after / 1e9 && seconds < (double)after / 1e9 + 60);

	before = clock_realtime_ns();
	clock_gettime(CLOCK_REALTIME, &realtime);
	assert_in_range(realtime.tv_sec, before / NS_PER_SECOND, before / NS_PER_SECOND + 60);
	seconds = clock_realtime_seconds();
	assert_true(seconds >= (double)before / 1e9 && seconds < (double)before / 1e9 + 60);
}

static void a_descriptor_is_closed_once(void **state)
{
	(void)state;
	int none = -1, error = -ENOENT;
	int fd = open("/dev/null", O_RDONLY | O_CLOEXEC), copy = fd;

	assert_true(fd >= 0);
	errno = EXDEV;
	fd_close(&fd);
	assert_int_equal(fd, -1);
	assert_int_equal(errno, EXDEV);
	assert_int_equal(fcntl(copy, F_GETFD), -1);
	fd_close(&fd);
	fd_close(&none);
	fd_close(&error);
	assert_int_equal(none, -1);
	assert_int_equal(error, -1);
}

static void the_remedy_against_a_shortage_stays(void **state)
{
	(void)state;
	struct failure failure;

	assert_int_equal(failure_set(&failure, -EMFILE, "Cannot open"), -EMFILE);
	assert_non_null(strstr(failure.remedy, "ulimit -n"));
	assert_int_equal(failure_remedy(&failure, "Use a later kernel"), -EMFILE);
	assert_non_null(strstr(failure.remedy, "ulimit -n"));
	assert_int_equal(failure_set(&failure, -ENOENT, "Cannot open"), -ENOENT);
	assert_string_equal(failure.remedy, "");
	failure_remedy(&failure, "Make it");
	assert_string_equal(failure.remedy, "Make it");
	assert_true(failure_is_shortage(-ENOMEM) && failure_is_shortage(-ENFILE));
	assert_false(failure_is_shortage(0) || failure_is_shortage(-EINVAL));
}

static void sentences_drive_no_terminal(void **state)
{
	struct failure failure;

	(void)state;
	/* Controls of both sets; but no-break space, u with dots and the sign of the euro. */
	failure_set(&failure, -EACCES, "It says %s",
		"\033[2J\n\177\302\233, \302\240\303\274\342\202\254");
	assert_string_equal(failure.what, "It says ?[2J????, \302\240\303\274\342\202\254");
	failure_remedy(&failure, "Look at %s", "\a\302");
	assert_string_equal(failure.remedy, "Look at ??");
	/* A control of the second set as it is, and in too long a form. */
	failure_set(&failure, -EACCES, "%s", "a\233b\340\202\233c\377");
	assert_string_equal(failure.what, "a?b???c?");
}

/* Published values: of splitmix64 from 0, and of FNV-1a by its authors. */
static void hashes_are_what_they_are_called(void **state)
{
	(void)state;
	assert_true(mix64(UINT64_C(0x9e3779b97f4a7c15)) == UINT64_C(0xe220a8397b1dcdaf));
	assert_true(mix64(UINT64_C(0x3c6ef372fe94f82a)) == UINT64_C(0x6e789e6aa1b965f4));
	assert_true(mix_bytes(MIX_BEGIN, "a", 1) == UINT64_C(0xaf63dc4c8601ec8c));
	assert_true(mix_bytes(MIX_BEGIN, "foobar", 6) == UINT64_C(0x85944171f73967e8));
}

static void all_but_printable_ascii_is_replaced(void **state)
{
	char text[] = " ~\037\177\200\303\274a";

	(void)state;
	assert_false(words_printable(text));
	words_make_printable(text);
	assert_string_equal(text, " ~?????a");
	assert_true(words_printable(text));
	assert_true(words_printable(""));
}

static void descriptors_that_are_left_are_counted(void **state)
{
	(void)state;
	struct rlimit before, limit;

	assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
	rlim_t open_files = 0;
	for (int fd = 0; fd < 4096; fd++)
		open_files += fcntl(fd, F_GETFD) >= 0;
	limit = (struct rlimit) { open_files + 5, before.rlim_max };
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
	int room = fd_room(1), last = fd_room(5), none = fd_room(6);
	fd_raise_limit();
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
	assert_int_equal(limit.rlim_cur, before.rlim_max);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
	assert_int_equal(room, 0);
	assert_int_equal(last, 0);
	assert_int_equal(none, -EMFILE);
}

static void only_regular_files_are_read(void **state)
{
	(void)state;
	char path[] = "/tmp/x0top-file-XXXXXX", data[8];
	int fd = mkstemp(path);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, "12345678", 8), 8);
	assert_int_equal(file_check_regular(fd), 0);
	assert_int_equal(file_read_path(path, data, sizeof(data)), 8);
	assert_memory_equal(data, "12345678", 8);
	assert_int_equal(file_read_path(path, data, sizeof(data) - 1), -EFBIG);
	assert_int_equal(close(fd), 0);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(file_open(path), -ENOENT);
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_int_equal(file_open(path), FILE_NOT_REGULAR); /* and does not wait */
	assert_int_equal(unlink(path), 0);
	assert_int_equal(file_open("/dev/zero"), FILE_NOT_REGULAR);
	assert_int_equal(file_open("/tmp"), -EISDIR);
	assert_string_equal(file_strerror(FILE_NOT_REGULAR), "It is not a regular file");
	assert_string_equal(file_strerror(-ENOENT), strerror(ENOENT));
}

/* The end of a verifier's log holds its verdict. */
static void a_cause_keeps_its_end(void **state)
{
	(void)state;
	struct failure failure;
	char text[2 * sizeof(failure.cause)];
	size_t room = sizeof(failure.cause) - 1;

	failure_set(&failure, -EACCES, "Refused");
	for (size_t i = 0; i < sizeof(text); i++)
		text[i] = (char)('a' + i % 23);
	for (size_t length = room - 1; length <= room + 1; length++) {
		assert_int_equal(failure_cause(&failure, "%.*s", (int)length, text), -EACCES);
		assert_string_equal(failure.what, "Refused");
		assert_int_equal(strlen(failure.cause), length < room ? length : room);
		assert_memory_equal(failure.cause, text + (length > room), strlen(failure.cause));
	}
}

static void words_are_split_at_spaces(void **state)
{
	(void)state;
	char longest[WORDS_TEXT_LEN + 1];
	struct failure failure;
	struct words words;

	assert_int_equal(words_split(&words, " a  bc ~!  ", "a line", &failure), 0);
	assert_int_equal(words.n, 3);
	assert_string_equal(words.word[0], "a");
	assert_string_equal(words.word[1], "bc");
	assert_string_equal(words.word[2], "~!");
	assert_null(words.word[3]);
	assert_int_equal(words.offset[0], 1);
	assert_int_equal(words.offset[1], 4);
	assert_int_equal(words.offset[2], 7);
	char most[2 * WORDS_MAX + 4] = "";
	for (int i = 0; i < WORDS_MAX; i++)
		strcat(most, i == 0 ? "1" : " 1");
	assert_int_equal(words_split(&words, most, "a line", &failure), 0);
	assert_int_equal(words.n, WORDS_MAX);
	assert_string_equal(words.word[WORDS_MAX - 1], "1");
	assert_int_equal(words_split(&words, strcat(most, " "), "a line", &failure), 0);
	assert_int_equal(words_split(&words, strcat(most, "7"), "a line", &failure), -EINVAL);
	assert_non_null(strstr(failure.what, "Too many words for a line: \"1 1 "));
	assert_int_equal(words_split(&words, "  ", "a line", &failure), -EINVAL);
	assert_string_equal(failure.what, "A line cannot be empty");
	assert_int_equal(words_split(&words, "a\x7f", "a line", &failure), -EINVAL);
	assert_string_equal(failure.what, "A line may contain printable ASCII only");
	memset(longest, 'x', WORDS_TEXT_LEN);
	longest[WORDS_TEXT_LEN] = '\0';
	assert_int_equal(words_split(&words, longest, "a line", &failure), -EINVAL);
	assert_string_equal(failure.what, "Too long for a line: more than 319 characters");
	longest[WORDS_TEXT_LEN - 1] = '\0';
	assert_int_equal(words_split(&words, longest, "a line", &failure), 0);
	assert_string_equal(words.word[0], longest);
}

static void numbers_are_within_their_bounds(void **state)
{
	(void)state;
	static const struct {
		const char *word;
		uint64_t minimum, maximum;
		int error;
		uint64_t value;
	} cases[] = {
		{ "5", 5, 9, 0, 5 },
		{ "9", 5, 9, 0, 9 },
		{ "4", 5, 9, -ERANGE, 0 },
		{ "10", 5, 9, -ERANGE, 0 },
		{ "0", 0, 9, 0, 0 },
		{ "00", 0, 9, -EINVAL, 0 },
		{ "07", 0, 9, -EINVAL, 0 },
		{ "0x00fF", 0, 255, 0, 255 },
		{ "0x", 0, 9, -EINVAL, 0 },
		{ "f", 0, 99, -EINVAL, 0 },
		{ "", 0, 9, -EINVAL, 0 },
		{ "+5", 0, 9, -EINVAL, 0 },
		{ "5 ", 0, 9, -EINVAL, 0 },
		{ "18446744073709551615", 0, UINT64_MAX, 0, UINT64_MAX },
		{ "18446744073709551616", 0, UINT64_MAX, -ERANGE, 0 },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint64_t value = 4711;

		if (words_number(cases[i].word, cases[i].minimum, cases[i].maximum, &value) !=
			cases[i].error)
			fail_msg("\"%s\"", cases[i].word);
		assert_int_equal(value, cases[i].error == 0 ? cases[i].value : 4711);
	}
}

static void hexadecimal_goes_and_comes_back(void **state)
{
	(void)state;
	uint8_t all[256], back[256];
	char text[2 * sizeof(all) + 2];

	for (size_t i = 0; i < sizeof(all); i++)
		all[i] = (uint8_t)i;
	memset(text, '~', sizeof(text));
	hex_format(all, sizeof(all), text);
	assert_int_equal(strlen(text), 2 * sizeof(all));
	assert_int_equal(text[sizeof(text) - 1], '~');
	assert_memory_equal(text, "000102030405060708090a0b0c0d0e0f10", 34);
	assert_memory_equal(text + 508, "feff", 4);
	assert_int_equal(hex_parse(text, back, sizeof(back)), 0);
	assert_memory_equal(all, back, sizeof(all));
	hex_format(all, 0, text);
	assert_string_equal(text, "");
}

static void other_text_is_not_hexadecimal(void **state)
{
	(void)state;
	static const char *const wrong[] = { "", "0", "00", "000", "00000", "0x00", "g000", "000G",
		"00 0", " 000", "000\n", "00-1", "/000", ":000", "@000", "`000" };
	uint8_t data[2];

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_int_equal(hex_parse(wrong[i], data, sizeof(data)), -EINVAL);
	assert_int_equal(hex_parse("aFA9", data, sizeof(data)), 0);
	assert_int_equal(data[0], 0xaf);
	assert_int_equal(data[1], 0xa9);
	assert_int_equal(hex_parse("", data, 0), 0);
	assert_int_equal(hex_parse("0", data, 0), -EINVAL);
}

static void mac_addresses_go_and_come_back(void **state)
{
	static const char *const wrong[] = { "", "02:00:00:00:00",
		"02:00:00:00:00:01:", "02:00:00:00:00:1", "02-00-00-00-00-01", "02:00:00:00:00:0g",
		"02:00:00:00:00:001", "0200:00:00:00:01" };
	uint8_t mac[HEX_MAC_BYTES] = { 2, 0, 0, 0xab, 0xcd, 1 }, back[HEX_MAC_BYTES] = { 0 };
	char text[18];

	(void)state;
	hex_format_mac(mac, text, sizeof(text));
	assert_string_equal(text, "02:00:00:ab:cd:01");
	assert_int_equal(hex_parse_mac("02:00:00:AB:cd:01", back), 0);
	assert_memory_equal(back, mac, sizeof(mac));
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_int_equal(hex_parse_mac(wrong[i], back), -EINVAL);
	assert_memory_equal(back, mac, sizeof(mac));
}

/* Built so, as all of x0top is: what is beyond the end of an array is not read. */
static void beyond_an_array_is_the_end(void **state)
{
	volatile int list[4] = { 0 };
	volatile size_t at = sizeof(list) / sizeof(list[0]);
	int status;

	(void)state;
	pid_t child = fork();
	if (child == 0) {
		const struct rlimit no_core = { 0 };
		/* cmocka's handler would go on with the tests. */
		signal(SIGILL, SIG_DFL);
		signal(SIGTRAP, SIG_DFL);
		setrlimit(RLIMIT_CORE, &no_core);
		_exit(list[at] & 0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_false(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(clocks_are_those_of_the_kernel),
		cmocka_unit_test(a_descriptor_is_closed_once),
		cmocka_unit_test(only_regular_files_are_read),
		cmocka_unit_test(the_remedy_against_a_shortage_stays),
		cmocka_unit_test(sentences_drive_no_terminal),
		cmocka_unit_test(hashes_are_what_they_are_called),
		cmocka_unit_test(all_but_printable_ascii_is_replaced),
		cmocka_unit_test(descriptors_that_are_left_are_counted),
		cmocka_unit_test(a_cause_keeps_its_end),
		cmocka_unit_test(words_are_split_at_spaces),
		cmocka_unit_test(numbers_are_within_their_bounds),
		cmocka_unit_test(hexadecimal_goes_and_comes_back),
		cmocka_unit_test(other_text_is_not_hexadecimal),
		cmocka_unit_test(mac_addresses_go_and_come_back),
		cmocka_unit_test(beyond_an_array_is_the_end),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
