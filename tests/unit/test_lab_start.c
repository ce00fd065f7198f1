// SPDX-License-Identifier: BSD-2-Clause
/* Starting the lab: what its parent makes of nodes that report, fail, say nothing or die. The nodes are sockets. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "../../core/lab/lab.c"

static struct lab lab;
static int nodes[LAB_NODES]; /* the other ends */
static struct failure failure;

static int setup(void **state)
{
	(void)state;
	memset(&failure, 0, sizeof(failure));
	for (int node = 0; node < LAB_NODES; node++) {
		int ends[2];
		if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
			return -1;
		lab.controls[node] = ends[0];
		nodes[node] = ends[1];
	}
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	close_controls(&lab);
	for (int node = 0; node < LAB_NODES; node++) {
		assert_int_equal(lab.controls[node], -1);
		fd_close(&nodes[node]);
	}
	return 0;
}

static void report_from(int node, const struct failure *report, size_t size)
{
	assert_int_equal(send(nodes[node], report, size, 0), size);
}

static void all_report(void)
{
	const struct failure good = { .error = 0 };

	for (int node = 0; node < LAB_NODES; node++)
		report_from(node, &good, sizeof(good));
}

static void test_all_nodes_are_awaited_and_released(void **state)
{
	char byte;

	(void)state;
	all_report();
	assert_int_equal(await_nodes(&lab, clock_monotonic_ms() + 1000, &failure), 0);
	assert_int_equal(failure.error, 0);
	assert_int_equal(release_nodes(&lab, &failure), 0);
	for (int node = 0; node < LAB_NODES; node++)
		assert_int_equal(recv(nodes[node], &byte, 1, MSG_DONTWAIT), 1);
}

static void test_the_failure_of_a_node_is_the_labs(void **state)
{
	struct failure bad = { 0 };

	(void)state;
	all_report();
	failure_set(&bad, -ENODEV, "It has no wire");
	close(nodes[1]);
	close(lab.controls[1]);
	int ends[2];
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends), 0);
	lab.controls[1] = ends[0];
	nodes[1] = ends[1];
	report_from(1, &bad, sizeof(bad));
	assert_int_equal(await_nodes(&lab, clock_monotonic_ms() + 1000, &failure), -ENODEV);
	assert_string_equal(failure.what, "It has no wire");
}

static void test_a_node_that_is_dead_is_named(void **state)
{
	char expected[64];

	(void)state;
	snprintf(expected, sizeof(expected), "The lab's node %s died", node_name(2));
	all_report();
	fd_close(&nodes[2]); /* what it had reported is still there */
	assert_int_equal(await_nodes(&lab, clock_monotonic_ms() + 1000, &failure), 0);
	assert_int_equal(release_nodes(&lab, &failure), -ECHILD);
	assert_string_equal(failure.what, expected);
	memset(&failure, 0, sizeof(failure));
	const struct failure good = { .error = 0 };
	report_from(0, &good, sizeof(good));
	report_from(1, &good, sizeof(good));
	assert_int_equal(await_nodes(&lab, clock_monotonic_ms() + 1000, &failure), -ECHILD);
	assert_string_equal(failure.what, expected);
}

/* Half a report is none. */
static void test_half_a_report(void **state)
{
	const struct failure good = { .error = 0 };

	(void)state;
	report_from(0, &good, sizeof(good) / 2);
	assert_int_equal(await_nodes(&lab, clock_monotonic_ms() + 1000, &failure), -ECHILD);
}

static void test_a_node_that_says_nothing_is_too_late(void **state)
{
	char expected[128];

	(void)state;
	snprintf(expected, sizeof(expected), "The lab's node %s did not start in time: %s",
		node_name(0), strerror(ETIMEDOUT));
	assert_int_equal(await_nodes(&lab, clock_monotonic_ms() - 5, &failure), -ETIMEDOUT);
	assert_string_equal(failure.what, expected);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_all_nodes_are_awaited_and_released),
		TEST(test_the_failure_of_a_node_is_the_labs),
		TEST(test_a_node_that_is_dead_is_named),
		TEST(test_half_a_report),
		TEST(test_a_node_that_says_nothing_is_too_late),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
