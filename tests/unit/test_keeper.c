// SPDX-License-Identifier: BSD-2-Clause
/* Names that a call of the keeper has no room for are refused: cut off, they would be those of something else. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "kernel/keeper.h"
#include "kernel/kept_call.h"

static char folder[] = "/tmp/x0top-keeper-XXXXXX";
static int at;

static int setup(void **state)
{
	(void)state;
	if (mkdtemp(folder) == NULL)
		return -1;
	at = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
	return at < 0 ? -1 : mkdirat(at, "b", 0700);
}

static int teardown(void **state)
{
	(void)state;
	unlinkat(at, "b", AT_REMOVEDIR);
	unlinkat(at, "c", AT_REMOVEDIR);
	close(at);
	return rmdir(folder);
}

/* Returns a path of `length` bytes which is that of `name`. */
static const char *path_of(const char *name, size_t length)
{
	static char path[KEPT_NAME_LEN + 2];
	const size_t end = length - strlen(name);

	memset(path, '/', end);
	path[0] = '.';
	strcpy(path + end, name);
	return path;
}

static void the_longest_names_are_whole(void **state)
{
	struct stat status;

	(void)state;
	for (size_t length = KEPT_NAME_LEN - 2; length < KEPT_NAME_LEN; length++) {
		assert_int_equal(keeper_rename(at, path_of("b", length), "c"), 0);
		assert_int_equal(keeper_status(at, "b", &status), -ENOENT);
		assert_int_equal(keeper_rename(at, "c", path_of("b", length)), 0);
		assert_int_equal(keeper_status(at, "b", &status), 0);
	}
}

static void longer_names_are_refused(void **state)
{
	struct stat status;

	(void)state;
	for (size_t length = KEPT_NAME_LEN; length < KEPT_NAME_LEN + 2; length++) {
		assert_int_equal(keeper_rename(at, path_of("b", length), "c"), -ENAMETOOLONG);
		assert_int_equal(keeper_rename(at, "b", path_of("c", length)), -ENAMETOOLONG);
		assert_int_equal(keeper_open(path_of("b", length), O_PATH, 0), -ENAMETOOLONG);
		assert_int_equal(keeper_status(at, "b", &status), 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_longest_names_are_whole),
		cmocka_unit_test(longer_names_are_refused),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
