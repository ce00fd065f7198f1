// SPDX-License-Identifier: BSD-2-Clause
/* What x0top sets prints of sets, as lines and as JSON. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "cli/command.h"
#include "cli/sets_print.h"
#include "tests/lib/set_sample.h"

typedef int (*printer)(const struct mesh_sets *sets, char **operands, int n, bool json);

static struct mesh_sets sets;
static char printed[16384];

static int setup(void **state)
{
	char many[4096] = "";
	size_t at = 0;

	(void)state;
	set_sample_put(&sets, "bad", "10.9.0.0/24\n10.8.0.1\n", MESH_ORIGIN_OPERATOR, "edited");
	set_sample_put(&sets, "ports", "20-25\n", MESH_ORIGIN_FILE, "/etc/ports");
	sets.sets[1].stale = 1700000000;
	set_sample_put(&sets, "nodes", "0123456789abcdef\n", MESH_ORIGIN_OPERATOR, "");
	for (int i = 0; i < 102; i++)
		at += (size_t)snprintf(many + at, sizeof(many) - at, "10.7.%d.1\n", i);
	set_sample_put(&sets, "many", many, MESH_ORIGIN_OPERATOR, "");
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	while (sets.n > 0)
		sets_remove(&sets, sets.n - 1);
	return 0;
}

/* Returns the status, with what was printed. */
static int print(printer call, const char *a, const char *b, bool json)
{
	char *operands[] = { (char *)a, (char *)b };
	int file = memfd_create("printed", MFD_CLOEXEC), out = dup(STDOUT_FILENO),
	    error = dup(STDERR_FILENO), status;
	ssize_t size;

	assert_true(file >= 0 && out >= 0 && error >= 0);
	fflush(stdout);
	dup2(file, STDOUT_FILENO);
	dup2(file, STDERR_FILENO);
	status = call(&sets, operands, (a != NULL) + (b != NULL), json);
	fflush(stdout);
	dup2(out, STDOUT_FILENO);
	dup2(error, STDERR_FILENO);
	size = pread(file, printed, sizeof(printed) - 1, 0);
	assert_true(size >= 0);
	printed[size] = '\0';
	close(file);
	close(out);
	close(error);
	return status;
}

static void assert_prints(const char *expected)
{
	if (strstr(printed, expected) == NULL)
		fail_msg("\"%s\" is not in:\n%s", expected, printed);
}

static void test_list(void **state)
{
	(void)state;
	assert_int_equal(print(sets_print_list, NULL, NULL, false), EXIT_ALL_RAN);
	assert_prints(
		"NAME                      KIND      ELEMENTS  ORIGIN    SOURCE\n"
		"bad                       prefixes         2  operator  edited\n"
		"ports                     ports            1  file      /etc/ports  stale since "
		"2023-11-14");
	assert_prints("\nnodes                     nodes            1  operator  \n");
	assert_int_equal(print(sets_print_list, NULL, NULL, true), EXIT_ALL_RAN);
	assert_prints(
		"\"name\": \"bad\",\n    \"kind\": \"prefixes\",\n    \"origin\": \"operator\",\n"
		"    \"source\": \"edited\",\n    \"elements\": 2,\n    \"changed\": 1700000000\n");
	assert_prints("\"stale_since\": 1700000000\n");
	assert_prints("\"addresses\": 0\n");
}

static void test_elements(void **state)
{
	(void)state;
	assert_int_equal(print(sets_print_elements, "bad", NULL, false), EXIT_ALL_RAN);
	assert_string_equal(printed, "10.8.0.1/32\n10.9.0.0/24\n");
	assert_int_equal(print(sets_print_elements, "@bad", "10.9", false), EXIT_ALL_RAN);
	assert_string_equal(printed, "10.9.0.0/24\n");
	assert_int_equal(print(sets_print_elements, "bad", "x", false), EXIT_ALL_RAN);
	assert_string_equal(printed, "No element of 2 holds \"x\"\n");
	set_sample_put(&sets, "empty", "", MESH_ORIGIN_FILE, "none");
	assert_int_equal(print(sets_print_elements, "empty", NULL, false), EXIT_ALL_RAN);
	assert_string_equal(printed, "@empty has no elements\n");
	assert_int_equal(print(sets_print_elements, "none", NULL, false), EXIT_SOME_FAILED);
	assert_prints("There is no set @none");
	assert_int_equal(print(sets_print_elements, "bad", "10.9", true), EXIT_ALL_RAN);
	assert_prints("\"found\": 1,\n  \"elements\": [\n    \"10.9.0.0/24\"\n  ]\n");
}

static void test_many_elements(void **state)
{
	size_t lines = 0;

	(void)state;
	assert_int_equal(print(sets_print_elements, "many", NULL, false), EXIT_ALL_RAN);
	for (const char *at = printed; (at = strchr(at, '\n')) != NULL; at++)
		lines++;
	assert_int_equal(lines, 101);
	assert_prints("\n... and 2 more of 102\n");
	assert_int_equal(print(sets_print_elements, "many", "10.7.", true), EXIT_ALL_RAN);
	assert_prints("\"found\": 102,");
	assert_null(strstr(printed, "10.7.100.1/32"));
	sets.sets[3].n = 100;
	assert_int_equal(print(sets_print_elements, "many", NULL, false), EXIT_ALL_RAN);
	assert_null(strstr(printed, "more"));
}

static void test_holds(void **state)
{
	(void)state;
	assert_int_equal(print(sets_print_test, "bad", "10.9.0.7", false), EXIT_ALL_RAN);
	assert_string_equal(printed, "@bad holds 10.9.0.7, by its element 10.9.0.0/24\n");
	assert_int_equal(print(sets_print_test, "@bad", "10.9.1.7", false), EXIT_SOME_FAILED);
	assert_string_equal(printed, "@bad does not hold 10.9.1.7\n");
	assert_int_equal(print(sets_print_test, "ports", "22", true), EXIT_ALL_RAN);
	assert_prints("\"set\": \"ports\",\n  \"holds\": true,\n  \"element\": \"20-25\"\n");
	assert_int_equal(print(sets_print_test, "ports", "26", true), EXIT_SOME_FAILED);
	assert_prints("\"holds\": false\n");
	assert_int_equal(print(sets_print_test, "ports", "x", false), EXIT_USAGE);
	assert_int_equal(print(sets_print_test, "none", "22", false), EXIT_SOME_FAILED);
	assert_int_equal(print(sets_print_test, "nodes", "0123456789abcdef", false), EXIT_ALL_RAN);
	assert_int_equal(print(sets_print_test, "nodes", "10.0.0.1", false), EXIT_SOME_FAILED);
	assert_string_equal(printed, "@nodes does not hold 10.0.0.1\n");
}

#define test(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(test_list),
		test(test_elements),
		test(test_many_elements),
		test(test_holds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
