// SPDX-License-Identifier: BSD-2-Clause
/* What can be undone of x0top qos: the file holds what was written, or says that it does not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "kernel/lock.h"
#include "qos/act_history.h"
#include "tests/lib/host.h"

static int file; /* the same, opened apart */

static int start(void **state)
{
	(void)state;
	host_enter(true);
	return 0;
}

static int setup(void **state)
{
	(void)state;
	file = lock_open_qos();
	return file < 0 || ftruncate(file, 0) < 0 || fchmod(file, 0600) < 0;
}

static int teardown(void **state)
{
	(void)state;
	return close(file);
}

/* Interfaces with something of their own each. */
static void make(struct act_before *before, uint32_t n)
{
	memset(before, 0, n * sizeof(*before));
	for (uint32_t i = 0; i < n; i++) {
		snprintf(before[i].interface, sizeof(before[i].interface), "x0left%u", i);
		before[i].acts.modes = CLASS_ACT_POLICE;
		act_police(&before[i].acts.classes[i], 1000000 * (i + 1), 0);
		before[i].shaped = i % 2;
		before[i].shape.rate = 1000 * i;
		before[i].shape.n = (uint16_t)i;
	}
}

static void write_some(uint32_t n, uint64_t token)
{
	struct act_before before[3];
	const struct act_history history = { .begun = ACT_STEPS,
		.token = token,
		.deadline = 77,
		.action = "qos load file",
		.n = n,
		.before = before };

	make(before, n);
	assert_int_equal(act_history_write(&history), 0);
}

static void expect_some(uint32_t n, uint64_t token)
{
	struct act_before before[3];
	struct act_history history;

	make(before, n);
	assert_int_equal(act_history_read(&history), 0);
	assert_int_equal(history.begun, ACT_STEPS);
	assert_int_equal(history.token, token);
	assert_int_equal(history.deadline, 77);
	assert_string_equal(history.action, "qos load file");
	assert_int_equal(history.n, n);
	assert_memory_equal(history.before, before, n * sizeof(before[0]));
	act_history_free(&history);
	assert_null(history.before);
}

static int error_of_reading(void)
{
	struct act_history history;
	int error = act_history_read(&history);

	assert_true(error == 0 || history.before == NULL);
	act_history_free(&history);
	return error;
}

/* One of fewer interfaces leaves the end of the one before it behind. */
static void what_was_written_is_read(void **state)
{
	(void)state;
	assert_int_equal(error_of_reading(), -ENOENT);
	write_some(1, 0);
	expect_some(1, 0);
	write_some(3, 5);
	expect_some(3, 5);
	write_some(1, 9);
	expect_some(1, 9);
	assert_int_equal(act_history_forget(), 0);
	assert_int_equal(error_of_reading(), -ENOENT);
}

/* Each byte but one in a few, and each length. */
static void what_is_not_whole_is_not_read(void **state)
{
	struct stat status;

	(void)state;
	write_some(2, 5);
	assert_int_equal(fstat(file, &status), 0);
	for (off_t at = 0; at < status.st_size; at += at < 512 ? 1 : 61) {
		uint8_t was, other;
		assert_int_equal(pread(file, &was, 1, at), 1);
		other = was ^ 0x41;
		assert_int_equal(pwrite(file, &other, 1, at), 1);
		if (error_of_reading() != -EBADMSG)
			fail_msg("byte %ld is another, and it is read", (long)at);
		assert_int_equal(pwrite(file, &was, 1, at), 1);
	}
	expect_some(2, 5);
	for (off_t size = status.st_size - 1; size > 0; size -= size > 512 ? 997 : 1) {
		assert_int_equal(ftruncate(file, size), 0);
		assert_int_equal(error_of_reading(), -EBADMSG);
	}
}

/* Whoever may write it would say what is done. */
static void a_file_that_others_may_write_is_not_read(void **state)
{
	(void)state;
	write_some(1, 5);
	assert_int_equal(fchmod(file, 0620), 0);
	assert_int_equal(error_of_reading(), -EPERM);
	assert_int_equal(fchmod(file, 0602), 0);
	assert_int_equal(error_of_reading(), -EPERM);
	assert_int_equal(fchmod(file, 0644), 0);
	expect_some(1, 5);
}

/* Sums are no secret: what is written with a right one is looked at, too. */
static void what_cannot_be_is_not_read(void **state)
{
	struct act_before before;
	struct act_history history = { .action = "qos", .n = 1, .before = &before };

	(void)state;
	make(&before, 1);
	before.shape.n = SHAPE_CLASSES_MAX + 1;
	assert_int_equal(act_history_write(&history), 0);
	assert_int_equal(error_of_reading(), -EBADMSG);
	make(&before, 1);
	before.acts.classes[3].dscp = 64;
	assert_int_equal(act_history_write(&history), 0);
	assert_int_equal(error_of_reading(), -EBADMSG);
	make(&before, 1);
	memset(before.interface, 'x', sizeof(before.interface));
	assert_int_equal(act_history_write(&history), 0);
	assert_int_equal(error_of_reading(), -EBADMSG);
	make(&before, 1);
	history.begun = ACT_END + 1;
	assert_int_equal(act_history_write(&history), 0);
	assert_int_equal(error_of_reading(), -EBADMSG);
	history.begun = ACT_END;
	strcpy(history.action, "\033[2J");
	assert_int_equal(act_history_write(&history), 0);
	assert_int_equal(error_of_reading(), -EBADMSG);
	strcpy(history.action, "enforce off");
	assert_int_equal(act_history_write(&history), 0);
	assert_int_equal(error_of_reading(), 0);
}

#define test(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(what_was_written_is_read),
		test(what_is_not_whole_is_not_read),
		test(a_file_that_others_may_write_is_not_read),
		test(what_cannot_be_is_not_read),
	};

	return cmocka_run_group_tests(tests, start, NULL);
}
