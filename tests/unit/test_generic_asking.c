// SPDX-License-Identifier: BSD-2-Clause
/* How sources of generic netlink are asked: by whom, about which interfaces, how much is read, and what disturbs it. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "neighbours/generic.h"

static int fake_open(struct netlink *netlink);
static void fake_close(struct netlink *netlink);
static int fake_family(struct netlink *netlink, const char *name);
static int fake_exchange(
	struct netlink *netlink, struct nlmsghdr *request, mnl_cb_t callback, void *data);

#define netlink_open_generic   fake_open
#define netlink_close	       fake_close
#define netlink_generic_family fake_family
#define netlink_exchange       fake_exchange
#include "../../core/neighbours/generic.c"

static const struct interface links[] = {
	{ .ifindex = 2, .kind = "mesh" },
	{ .ifindex = 3, .kind = "veth" },
	{ .ifindex = 4, .kind = "mesh" },
};

static struct {
	uint32_t objects; /* that each interface answers */
	uint32_t left_out; /* that are too many, of each object */
	uint32_t read, exchanges, opened;
	bool open;
	int errors[16]; /* of the exchanges to come */
} kernel;

static struct generic_source own;
static struct neighbour_source source;

static int fake_open(struct netlink *netlink)
{
	netlink->socket = (void *)&kernel;
	kernel.open = true;
	kernel.opened++;
	return 0;
}

static void fake_close(struct netlink *netlink)
{
	netlink->socket = NULL;
	kernel.open = false;
}

static int fake_family(struct netlink *netlink, const char *name)
{
	assert_non_null(netlink->socket);
	assert_string_equal(name, "family");
	return 77;
}

static int fake_exchange(
	struct netlink *netlink, struct nlmsghdr *request, mnl_cb_t callback, void *data)
{
	int error = kernel.errors[kernel.exchanges++];

	assert_non_null(netlink->socket);
	assert_int_equal(request->nlmsg_type, 77);
	for (uint32_t i = 0; i < kernel.objects && (error == 0 || error == -EINTR); i++) {
		kernel.read++;
		if (callback(request, data) != MNL_CB_OK)
			break;
	}
	return error;
}

/* Each object is a neighbour of its own. */
static int take_one(const struct nlmsghdr *message, void *data)
{
	struct generic_listing *listing = data;
	struct neighbour neighbour;

	(void)message;
	neighbour_init(&neighbour, NEIGHBOUR_NODE);
	neighbour.key.id = kernel.read;
	neighbour.key.ifindex = listing->ifindex;
	neighbour_set_put(listing->set, &neighbour);
	listing->set->left_out += kernel.left_out;
	return MNL_CB_OK;
}

static const struct generic_question question = {
	.kind = "mesh",
	.family = "family",
	.command = 1,
	.version = 1,
	.ifindex = 1,
	.take = take_one,
};

static const struct neighbour_source_type type = { .name = NEIGHBOURS_BATMAN };

static int setup(void **state)
{
	(void)state;
	memset(&kernel, 0, sizeof(kernel));
	memset(&own, 0, sizeof(own));
	source = (struct neighbour_source) {
		.type = &type, .own = &own, .links = links, .n_links = 3, .as_of = 1
	};
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	neighbour_set_clear(&source.set);
	return 0;
}

static void each_interface_of_the_kind_is_asked(void **state)
{
	(void)state;
	kernel.objects = 3;
	generic_ask(&source, &question);
	assert_int_equal(kernel.exchanges, 2);
	assert_int_equal(source.set.n, 6);
	assert_int_equal(source.set.list[0].key.ifindex, 2);
	assert_int_equal(source.set.list[5].key.ifindex, 4);
	assert_int_equal(source.state, SOURCE_LIVE);
	generic_ask(&source, &question);
	assert_int_equal(kernel.opened, 1); /* the socket stays */
	assert_int_equal(source.set.n, 6);
}

/* A million that others have made up: some are read, and that there are more is said. */
static void what_is_read_is_bounded(void **state)
{
	(void)state;
	kernel.objects = 1000000;
	generic_ask(&source, &question);
	assert_in_range(kernel.read, GENERIC_OBJECTS_MAX, GENERIC_OBJECTS_MAX + 1);
	assert_int_equal(source.set.n, NEIGHBOURS_MAX);
	assert_true(source.set.left_out >= GENERIC_OBJECTS_MAX - NEIGHBOURS_MAX);
	assert_int_equal(source.state, SOURCE_LIVE);
	assert_false(kernel.open); /* what is not read goes with it */
	kernel.objects = 1;
	generic_ask(&source, &question);
	assert_int_equal(source.set.n, 2);
	assert_int_equal(source.set.left_out, 0);
}

/* Nodes that were known before a flood stay, wherever they are in the answer, or if they are in what is not read. */
static void a_flood_pushes_nobody_out(void **state)
{
	struct neighbour_key key = { .kind = NEIGHBOUR_NODE, .ifindex = 2 };
	static const uint32_t numbers[] = { NEIGHBOURS_MAX + 100, GENERIC_OBJECTS_MAX - 1,
		GENERIC_OBJECTS_MAX + 100 };

	(void)state;
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		struct neighbour neighbour;
		neighbour_init(&neighbour, NEIGHBOUR_NODE);
		neighbour.key.ifindex = 2;
		neighbour.key.id = numbers[i];
		assert_int_equal(neighbour_set_put(&source.set, &neighbour), 0);
	}
	kernel.objects = 1000000;
	generic_ask(&source, &question);
	kernel.read = 0;
	generic_ask(&source, &question);
	assert_int_equal(source.set.n, NEIGHBOURS_MAX);
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		key.id = numbers[i];
		assert_non_null(neighbour_set_find(&source.set, &key));
	}
}

/* An object may hold many, as a peer its addresses. */
static void what_an_object_holds_is_bounded(void **state)
{
	(void)state;
	kernel.objects = 1000000;
	kernel.left_out = 1000;
	generic_ask(&source, &question);
	assert_in_range(kernel.read, 1, 2 * GENERIC_OBJECTS_MAX / 1000);
	assert_false(kernel.open);
}

/* Nothing to ask for a while is no change; that it is forgotten, and is there again, is one each. */
static void what_is_missing_long_is_forgotten(void **state)
{
	(void)state;
	for (int round = 0; round < 2; round++) {
		note_missing(&source, false);
		assert_false(source.forgotten);
		note_missing(&source, true);
		note_missing(&source, true);
		assert_false(source.forgotten);
		assert_int_equal(source.changes, 2 * round);
		own.missing_ns = clock_monotonic_ns() - GENERIC_KEPT;
		note_missing(&source, true);
		note_missing(&source, true);
		assert_true(source.forgotten);
		assert_int_equal(source.changes, 2 * round + 1);
		note_missing(&source, false);
		note_missing(&source, false);
		assert_false(source.forgotten);
		assert_int_equal(source.changes, 2 * round + 2);
	}
}

/* A table that changes while it is listed is listed again; one that always does is taken as it is. */
static void a_table_that_changes(void **state)
{
	(void)state;
	kernel.objects = 2;
	kernel.errors[0] = -EINTR;
	generic_ask(&source, &question);
	assert_int_equal(kernel.exchanges, 4);
	assert_int_equal(source.set.n, 4);
	assert_int_equal(source.state, SOURCE_LIVE);
	kernel.exchanges = 0;
	for (int i = 0; i < 16; i++)
		kernel.errors[i] = -EINTR;
	generic_ask(&source, &question);
	assert_int_equal(kernel.exchanges, 8);
	assert_int_equal(source.set.n, 4);
	assert_int_equal(source.state, SOURCE_LIVE);
}

static void an_error_leaves_what_was_known(void **state)
{
	(void)state;
	kernel.objects = 2;
	generic_ask(&source, &question);
	kernel.errors[3] = -EPERM;
	generic_ask(&source, &question);
	assert_int_equal(source.state, SOURCE_LOST);
	assert_string_equal(source.reason, "Cannot ask family: Operation not permitted");
	assert_int_equal(source.set.n, 4);
	assert_false(kernel.open);
}

#define test(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(each_interface_of_the_kind_is_asked),
		test(what_is_missing_long_is_forgotten),
		test(what_is_read_is_bounded),
		test(a_flood_pushes_nobody_out),
		test(what_an_object_holds_is_bounded),
		test(a_table_that_changes),
		test(an_error_leaves_what_was_known),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
