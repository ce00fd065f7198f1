// SPDX-License-Identifier: BSD-2-Clause
/* Where the kernel's functions begin, as its list says. */
#include "kernel/kernel_functions.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "kernel/release.h"

#define NAMES "/tmp/x0-functions-XXXXXX"

static struct kernel_functions *read_list(const char *list)
{
	char path[] = NAMES;
	int fd = mkstemp(path);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, list, strlen(list)), strlen(list));
	close(fd);
	struct kernel_functions *functions = kernel_functions_read(path, "__x64_sys_");
	unlink(path);
	assert_non_null(functions);
	return functions;
}

static void the_kernels_own_are_found(void **state)
{
	struct kernel_functions *functions =
		read_list("ffffffff81000000 T _stext\n"
			  "ffffffff81234560 T __x64_sys_read\n"
			  "ffffffff81234600 t __x64_sys_readv.cold\n"
			  "ffffffffc0000010 t __x64_sys_write\t[evil]\n"
			  "ffffffff81234800 T __x64_sys_close\n"
			  "__x64_sys_poll\n"
			  "ffffffff81234900 T __x64_sys_fsync");

	(void)state;
	assert_true(kernel_function_address(functions, "__x64_sys_read") == 0xffffffff81234560);
	assert_true(kernel_function_address(functions, "__x64_sys_close") == 0xffffffff81234800);
	assert_true(kernel_function_address(functions, "__x64_sys_fsync") == 0xffffffff81234900);
	assert_true(kernel_function_address(functions, "__x64_sys_readv") == 0);
	assert_true(kernel_function_address(functions, "__x64_sys_write") == 0);
	assert_true(kernel_function_address(functions, "__x64_sys_poll") == 0);
	assert_true(kernel_function_address(functions, "_stext") == 0);
	free(functions);
}

/* A name of two functions is neither's, and what the kernel hides is unknown. */
static void what_is_not_certain_is_unknown(void **state)
{
	struct kernel_functions *functions = read_list("ffffffff81234560 T __x64_sys_read\n"
						       "ffffffff81234570 t __x64_sys_read\n"
						       "0000000000000000 T __x64_sys_write\n");

	(void)state;
	assert_true(kernel_function_address(functions, "__x64_sys_read") == 0);
	assert_true(kernel_function_address(functions, "__x64_sys_write") == 0);
	assert_true(kernel_function_address(NULL, "__x64_sys_read") == 0);
	assert_null(kernel_functions_read("/nonexistent", ""));
	free(functions);
}

static void releases_are_in_order(void **state)
{
	(void)state;
	assert_true(release_at_least(5, 10));
	assert_true(release_at_least(4, 99));
	assert_false(release_at_least(99, 0));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_kernels_own_are_found),
		cmocka_unit_test(what_is_not_certain_is_unknown),
		cmocka_unit_test(releases_are_in_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
