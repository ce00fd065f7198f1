// SPDX-License-Identifier: BSD-2-Clause
/* Locks of an ordinary user: who holds one is told, as far as its file can be believed. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "kernel/lock.h"

#define NOBODY 65534

static char folder[] = "/tmp/x0-lock-XXXXXX";
static char own[128], change[128], undo[128];
static struct failure failure;

/* Root's locks are in /run: the tests are an ordinary user's. */
static int start(void **state)
{
	(void)state;
	if (mkdtemp(folder) == NULL || setenv("XDG_RUNTIME_DIR", folder, 1) != 0 ||
		setenv("TZ", "UTC", 1) != 0)
		return -1;
	snprintf(own, sizeof(own), "%s/x0top.lock", folder);
	snprintf(change, sizeof(change), "%s/x0top.change", folder);
	snprintf(undo, sizeof(undo), "%s/x0top.undo", folder);
	return geteuid() == 0 ? chown(folder, NOBODY, NOBODY) + seteuid(NOBODY) : 0;
}

static int stop(void **state)
{
	(void)state;
	unlink(own);
	unlink(change);
	unlink(undo);
	return seteuid(getuid()) + rmdir(folder);
}

static void read_file(const char *path, char *text, size_t size)
{
	int fd = open(path, O_RDONLY);
	ssize_t length = read(fd, text, size - 1);

	close(fd);
	assert_true(length >= 0);
	text[length] = '\0';
}

static void the_holder_is_written(void **state)
{
	char text[512], expected[64];
	struct stat status;

	(void)state;
	int fd = lock_own(&failure);
	assert_return_code(fd, -fd);
	assert_int_equal(fcntl(fd, F_GETFD), FD_CLOEXEC);
	assert_return_code(stat(own, &status), errno);
	assert_int_equal(status.st_mode & 0777, 0600);
	read_file(own, text, sizeof(text));
	snprintf(expected, sizeof(expected), "%d %lld ", getpid(), (long long)time(NULL));
	assert_memory_equal(text, expected, strlen(expected) - 3); /* to ten seconds */
	assert_non_null(strstr(text, "test_lock"));
	assert_int_equal(text[strlen(text) - 1], '\n');
	close(fd);
}

static void a_second_is_refused(void **state)
{
	char expected[128];

	(void)state;
	int fd = lock_own(&failure);
	assert_true(fd >= 0);
	failure = (struct failure) { 0 };
	assert_int_equal(lock_own(&failure), -EBUSY);
	assert_int_equal(failure.error, -EBUSY);
	snprintf(expected, sizeof(expected),
		"Another x0top owns the XDP chain of this host: process %d, since ", getpid());
	assert_memory_equal(failure.what, expected, strlen(expected));
	assert_non_null(strstr(failure.what, "test_lock)"));
	assert_string_equal(failure.remedy,
		"This one attaches no XDP program and changes no rule: use that one, or end it and "
		"start this one again");
	close(fd);
	fd = lock_own(&failure); /* closed, it is free */
	assert_true(fd >= 0);
	close(fd);
}

/* Who takes back what a kill has left has the lock for a moment alone. */
static void one_that_is_brief_is_awaited(void **state)
{
	int begun[2], status;
	char byte;

	(void)state;
	assert_int_equal(pipe(begun), 0);
	pid_t pid = fork();
	if (pid == 0) {
		prctl(PR_SET_NAME, LOCK_BRIEF);
		bool holds = lock_own(&failure) >= 0 && write(begun[1], "", 1) == 1;
		poll(NULL, 0, 100);
		_exit(!holds);
	}
	assert_int_equal(read(begun[0], &byte, 1), 1);
	int fd = lock_own(&failure);
	assert_return_code(fd, -fd);
	close(fd);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	close(begun[0]);
	close(begun[1]);
}

/* What is in the file is any user's, where that is in /tmp. */
static void only_what_can_be_read_is_told(void **state)
{
	static const struct {
		const char *file, *said;
	} holders[] = {
		{ "", "of this host" },
		{ "nonsense\n", "of this host" },
		{ "0 1 x0top\n", "of this host" },
		{ "17\n", "of this host: process 17" },
		{ "17 0 x0top -d 1\n", "of this host: process 17 (x0top -d 1)" },
		{ "17 -5 x0top\n", "of this host: process 17 (x0top)" },
		{ "17 86399 x0top lab\nmore\n",
			"of this host: process 17, since 1970-01-01 23:59 (x0top lab)" },
		{ "17 86399 a\033[31m\tb\177\n",
			"of this host: process 17, since 1970-01-01 23:59 (a?[31m?b?)" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(holders) / sizeof(holders[0]); i++) {
		int fd = open(own, O_RDWR | O_CREAT | O_TRUNC, 0600);
		assert_int_equal(write(fd, holders[i].file, strlen(holders[i].file)),
			strlen(holders[i].file));
		assert_return_code(flock(fd, LOCK_EX), errno);
		assert_int_equal(lock_own(&failure), -EBUSY);
		assert_string_equal(failure.what + strlen("Another x0top owns the XDP chain "),
			holders[i].said);
		close(fd);
	}
}

/* Today's time stands alone; that of a day a year ago has its date. */
static void since_when(void **state)
{
	time_t now = time(NULL), then = now - 365 * 86400;
	char line[64], expected[64];
	int fd = open(own, O_RDWR | O_CREAT | O_TRUNC, 0600);

	(void)state;
	assert_return_code(flock(fd, LOCK_EX), errno);
	for (int i = 0; i < 2; i++) {
		time_t at = i == 0 ? now : then;
		snprintf(line, sizeof(line), "17 %lld x\n", (long long)at);
		assert_return_code(ftruncate(fd, 0), errno);
		assert_int_equal(pwrite(fd, line, strlen(line), 0), strlen(line));
		strftime(expected, sizeof(expected),
			i == 0 ? "process 17, since %H:%M:%S (x)"
			       : "process 17, since %Y-%m-%d %H:%M (x)",
			gmtime(&at));
		assert_int_equal(lock_own(&failure), -EBUSY);
		assert_non_null(strstr(failure.what, expected));
	}
	close(fd);
}

static void a_change_has_a_lock_of_its_own(void **state)
{
	(void)state;
	int fd = lock_own(&failure), changing = lock_change(&failure);
	assert_true(fd >= 0 && changing >= 0);
	int other = open(change, O_RDWR);
	assert_int_equal(flock(other, LOCK_EX | LOCK_NB), -1);
	assert_int_equal(errno, EWOULDBLOCK);
	close(changing);
	assert_return_code(flock(other, LOCK_EX | LOCK_NB), errno);
	close(other);
	close(fd);
	int kept = lock_open_undo();
	assert_true(kept >= 0);
	assert_return_code(access(undo, R_OK), errno);
	close(kept);
}

static void a_lock_that_cannot_be_had_is_told(void **state)
{
	char expected[256];

	(void)state;
	unlink(own);
	unlink(change);
	assert_return_code(symlink("/dev/null", own), errno);
	assert_return_code(symlink("/dev/null", change), errno);
	assert_int_equal(lock_own(&failure), -ELOOP);
	snprintf(expected, sizeof(expected), "Cannot take the lock %s: %s", own, strerror(ELOOP));
	assert_string_equal(failure.what, expected);
	assert_string_equal(
		failure.remedy, "Without it x0top changes nothing: make its folder writable");
	assert_int_equal(failure.error, -ELOOP);
	assert_int_equal(lock_change(&failure), -ELOOP);
	unlink(own);
	unlink(change);
	setenv("XDG_RUNTIME_DIR", "not/absolute", 1);
	int fd = lock_own(&failure);
	snprintf(own, sizeof(own), "/tmp/x0top-%u.lock", geteuid());
	assert_true(fd >= 0);
	assert_return_code(access(own, R_OK), errno);
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_holder_is_written),
		cmocka_unit_test(a_second_is_refused),
		cmocka_unit_test(one_that_is_brief_is_awaited),
		cmocka_unit_test(only_what_can_be_read_is_told),
		cmocka_unit_test(since_when),
		cmocka_unit_test(a_change_has_a_lock_of_its_own),
		cmocka_unit_test(a_lock_that_cannot_be_had_is_told),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
