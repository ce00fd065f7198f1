// SPDX-License-Identifier: BSD-2-Clause
/* Numbers of tracepoints, in either folder that may have them. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/file.h"
#include "kernel/tracepoint.h"

static ssize_t fake_read(const char *path, void *data, size_t size);
static int fake_access(const char *path, int mode);

#define file_read_path fake_read
#define access	       fake_access
#include "../../core/kernel/tracepoint.c"

/* Of both folders: what reading says, an errno or a number; and what there is of the folder itself. */
static struct {
	int number;
	int folder; /* 0, or an errno */
} kernel[2];

static int which(const char *path)
{
	return strncmp(path, folders[1], strlen(folders[1])) == 0;
}

static ssize_t fake_read(const char *path, void *data, size_t size)
{
	const int number = kernel[which(path)].number;

	assert_non_null(strstr(path, "/events/sched/"));
	assert_non_null(strstr(path, "/id"));
	return number < 0 ? number : snprintf(data, size, "%d\n", number);
}

static int fake_access(const char *path, int mode)
{
	(void)mode;
	errno = kernel[which(path)].folder == 0 ? ENOENT /* of a call before */
						: -kernel[which(path)].folder;
	return kernel[which(path)].folder == 0 ? 0 : -1;
}

static void the_first_folder_counts_unless_it_is_not_there(void **state)
{
	static const struct {
		int numbers[2], folders[2], expected;
	} cases[] = {
		{ { 7, 8 }, { 0, 0 }, 7 },
		{ { -ENOENT, 8 }, { 0, 0 }, 8 },
		{ { -ENOENT, 8 }, { -ENOENT, 0 }, 8 },
		{ { -ENOENT, -ENOENT }, { 0, -ENOENT }, -ENOENT },
		{ { -ENOENT, -ENOENT }, { -ENOENT, 0 }, -ENOENT },
		{ { -ENOENT, -ENOENT }, { -ENOENT, -ENOENT }, -ENODEV },
		{ { -ENOENT, -ENOENT }, { -ENOENT, -EACCES }, -ENOENT },
		{ { -EACCES, -ENOENT }, { 0, -ENOENT }, -EACCES },
		{ { -ENOENT, -EACCES }, { 0, 0 }, -EACCES },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		for (int folder = 0; folder < 2; folder++) {
			kernel[folder].number = cases[i].numbers[folder];
			kernel[folder].folder = cases[i].folders[folder];
		}
		int found = tracepoint_number("sched/sched_switch");
		if (found != cases[i].expected)
			fail_msg("case %zu: %d, not %d", i, found, cases[i].expected);
	}
}

static void names_do_not_lead_elsewhere(void **state)
{
	char name[NAME_MAX_LEN + 2];

	(void)state;
	kernel[0].number = 7;
	kernel[0].folder = 0;
	assert_int_equal(tracepoint_number("sched"), -EINVAL);
	assert_int_equal(tracepoint_number("sched/../switch"), -EINVAL);
	snprintf(name, sizeof(name), "sched/");
	memset(name + 6, 'x', NAME_MAX_LEN - 6);
	name[NAME_MAX_LEN] = '\0';
	assert_int_equal(tracepoint_number(name), 7);
	strcat(name, "x");
	assert_int_equal(tracepoint_number(name), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_folder_counts_unless_it_is_not_there),
		cmocka_unit_test(names_do_not_lead_elsewhere),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
