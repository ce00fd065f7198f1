// SPDX-License-Identifier: BSD-2-Clause
/* Dumps of the kernel's neighbours and routes that changes disturb, or that fail. In the kernel's place, this test. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "kernel/netlink.h"

static int fake_open(struct netlink *netlink);
static void fake_close(struct netlink *netlink);
static int fake_exchange(
	struct netlink *netlink, struct nlmsghdr *request, mnl_cb_t callback, void *data);

#define netlink_open	 fake_open
#define netlink_close	 fake_close
#define netlink_exchange fake_exchange
#include "../../core/neighbours/kernel.c"

static struct {
	int neighbours, routes; /* errors of their dumps */
	unsigned asked_neighbours, asked_routes;
	unsigned good_after; /* so many dumps of neighbours */
} kernel;

static int fake_open(struct netlink *netlink)
{
	(void)netlink;
	return 0;
}

static void fake_close(struct netlink *netlink)
{
	(void)netlink;
}

/* Answers with one neighbour, and one route. */
static int fake_exchange(
	struct netlink *netlink, struct nlmsghdr *request, mnl_cb_t callback, void *data)
{
	struct dump *dump = data;
	struct neighbour neighbour;
	bool routes = request->nlmsg_type == RTM_GETROUTE;
	int error = routes ? kernel.routes : kernel.neighbours;

	(void)netlink;
	assert_ptr_equal(callback, take_object);
	if (!routes && kernel.good_after > 0 && kernel.asked_neighbours >= kernel.good_after)
		error = 0;
	kernel.asked_neighbours += !routes;
	kernel.asked_routes += routes;
	neighbour_init(&neighbour, routes ? NEIGHBOUR_ROUTE : NEIGHBOUR_NODE);
	if (error == 0 || error == -EINTR)
		neighbour_set_put(dump->set, &neighbour);
	return error;
}

static struct kernel_source own;
static struct neighbour_source source;

static int setup(void **state)
{
	(void)state;
	memset(&kernel, 0, sizeof(kernel));
	memset(&own, 0, sizeof(own));
	source = (struct neighbour_source) {
		.type = &neighbours_kernel, .own = &own, .as_of = 1, .state = SOURCE_LIVE
	};
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	neighbour_set_clear(&source.set);
	return 0;
}

static void a_quiet_table_is_dumped_once(void **state)
{
	(void)state;
	dump(&source);
	assert_int_equal(kernel.asked_neighbours, 1);
	assert_int_equal(kernel.asked_routes, 1);
	assert_int_equal(source.set.n, 2);
}

static void a_disturbed_dump_is_repeated(void **state)
{
	(void)state;
	kernel.neighbours = -EINTR;
	kernel.good_after = 2;
	dump(&source);
	assert_int_equal(kernel.asked_neighbours, 3);
	assert_int_equal(source.set.n, 2);
	assert_int_equal(source.state, SOURCE_LIVE);
}

/* Neighbours that change all the time are no reason to lose the routes. */
static void tables_that_always_change(void **state)
{
	(void)state;
	kernel.neighbours = kernel.routes = -EINTR;
	dump(&source);
	assert_int_equal(kernel.asked_neighbours, DUMP_ATTEMPTS);
	assert_int_equal(kernel.asked_routes, DUMP_ATTEMPTS);
	assert_int_equal(source.set.n, 2);
	assert_int_equal(source.state, SOURCE_LIVE);
}

static void an_error_leaves_what_was_known(void **state)
{
	(void)state;
	dump(&source);
	kernel.neighbours = -EPERM;
	dump(&source);
	assert_int_equal(kernel.asked_routes, 1);
	assert_int_equal(source.set.n, 2);
	assert_int_equal(source.state, SOURCE_LOST);
	kernel.neighbours = 0;
	kernel.routes = -EPERM;
	dump(&source);
	assert_int_equal(kernel.asked_routes, 2);
	assert_int_equal(source.state, SOURCE_LOST);
}

/* As long as a report is left to read, whatever errno was before; then once. */
static void what_was_lost_is_dumped_when_all_is_read(void **state)
{
	int ends[2];
	char byte = 1;

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0, ends), 0);
	own.socket = mnl_socket_fdopen(ends[0]);
	assert_non_null(own.socket);
	own.lost = true;
	assert_int_equal(send(ends[1], &byte, 1, 0), 1);
	errno = EAGAIN;
	dump_what_was_lost(&source);
	assert_true(own.lost);
	assert_int_equal(kernel.asked_neighbours, 0);
	assert_int_equal(recv(ends[0], &byte, 1, 0), 1);
	errno = 0;
	for (int i = 0; i < 2; i++) {
		dump_what_was_lost(&source);
		assert_false(own.lost);
		assert_int_equal(kernel.asked_neighbours, 1);
	}
	mnl_socket_close(own.socket);
	close(ends[1]);
}

#define test(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(a_quiet_table_is_dumped_once),
		test(a_disturbed_dump_is_repeated),
		test(tables_that_always_change),
		test(an_error_leaves_what_was_known),
		test(what_was_lost_is_dumped_when_all_is_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
