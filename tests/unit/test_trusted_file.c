// SPDX-License-Identifier: BSD-2-Clause
/* base/trusted_file.c: a file counts only if nobody but root could have written it or put another in its place. */
#include "base/trusted_file.h"

#include <errno.h>
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

#include "base/fd.h"
#include "base/file.h"

#define NOBODY 65534

static char folder[] = "/tmp/x0-trusted-XXXXXX"; /* root's, with the sticky bit above it */
static struct failure failure;

static const char *in(const char *name)
{
	static char path[128];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	return path;
}

static void make_file(const char *name)
{
	FILE *file = fopen(in(name), "we");

	assert_non_null(file);
	fclose(file);
	assert_return_code(chmod(in(name), 0644), errno);
}

static int start(void **state)
{
	(void)state;
	return mkdtemp(folder) == NULL || chmod(folder, 0711) < 0 || mkdir(in("inner"), 0755) < 0
		       ? -1
		       : 0;
}

static int stop(void **state)
{
	(void)state;
	unlink(in("inner/file"));
	unlink(in("link"));
	unlink(in("short"));
	return rmdir(in("inner")) + rmdir(folder);
}

static void opens(const char *path)
{
	int fd = trusted_open(path, FILE_FLAGS, &failure);

	assert_true(fd >= 0);
	fd_close(&fd);
}

static void refuses(const char *path, int error, const char *what)
{
	assert_int_equal(trusted_open(path, FILE_FLAGS, &failure), error);
	assert_int_equal(failure.error, error);
	assert_non_null(strstr(failure.what, what));
}

static void roots_file_is_opened(void **state)
{
	(void)state;
	if (geteuid() != 0)
		skip();
	make_file("inner/file");
	opens(in("inner/file"));
	opens(in("inner//file"));
	opens(in("inner/../inner/file"));
	assert_return_code(chdir(folder), errno);
	opens("inner/file");
	assert_return_code(chdir("/"), errno);
	/* A folder that everybody may write, but in which nobody may remove what is root's. */
	assert_return_code(chmod(in("inner"), 01777), errno);
	opens(in("inner/file"));
}

static void what_others_may_write_is_refused(void **state)
{
	(void)state;
	if (geteuid() != 0)
		skip();
	make_file("inner/file");
	assert_return_code(chmod(in("inner/file"), 0664), errno);
	refuses(in("inner/file"), -EACCES, "inner/file is writable for other users");
	assert_return_code(chmod(in("inner/file"), 01646), errno);
	refuses(in("inner/file"), -EACCES, "inner/file is writable for other users");
	assert_return_code(chmod(in("inner/file"), 0644), errno);
	assert_return_code(chmod(in("inner"), 0775), errno);
	refuses(in("inner/file"), -EACCES, "inner is writable for other users");
	assert_non_null(strstr(failure.remedy, "chmod go-w"));
	assert_return_code(chmod(in("inner"), 0755), errno);
	opens(in("inner/file"));
}

static void what_is_not_roots_is_refused(void **state)
{
	char expected[64];
	uid_t user = geteuid() == 0 ? NOBODY : geteuid();

	(void)state;
	make_file("inner/file");
	if (geteuid() == 0) {
		assert_return_code(chown(in("inner/file"), NOBODY, NOBODY), errno);
		refuses(in("inner/file"), -EACCES, "inner/file belongs to user 65534, not to root");
		assert_return_code(chown(in("inner/file"), 0, 0), errno);
		assert_return_code(chown(in("inner"), NOBODY, NOBODY), errno);
	}
	/* The first of the path that is not is named. */
	snprintf(expected, sizeof(expected), "belongs to user %u, not to root", user);
	refuses(in("inner/file"), -EACCES, expected);
	if (geteuid() == 0)
		assert_return_code(chown(in("inner"), 0, 0), errno);
}

static void links_are_not_followed(void **state)
{
	(void)state;
	if (geteuid() != 0)
		skip();
	make_file("inner/file");
	assert_return_code(symlink("inner/file", in("link")), errno);
	refuses(in("link"), -ELOOP, "link is a symbolic link, which x0top does not follow");
	assert_return_code(symlink("inner", in("short")), errno);
	refuses(in("short/file"), -ELOOP, "short is a symbolic link");
}

static void what_is_not_there_is_said(void **state)
{
	char name[400];

	(void)state;
	refuses("/tmp/x0-nothing", -ENOENT, "Cannot open /tmp/x0-nothing: No such file");
	refuses("/tmp/x0-nothing/file", -ENOENT, "Cannot open /tmp/x0-nothing: No such file");
	refuses("/dev/zero", FILE_NOT_REGULAR, "Cannot open /dev/zero: It is not a regular file");
	refuses("/dev/null/file", -ENOTDIR, "Cannot open /dev/null: Not a directory");
	memset(name, 'a', sizeof(name) - 1);
	name[0] = '/';
	name[sizeof(name) - 1] = '\0';
	refuses(name, -ENAMETOOLONG, strerror(ENAMETOOLONG));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(roots_file_is_opened),
		cmocka_unit_test(what_others_may_write_is_refused),
		cmocka_unit_test(what_is_not_roots_is_refused),
		cmocka_unit_test(links_are_not_followed),
		cmocka_unit_test(what_is_not_there_is_said),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
