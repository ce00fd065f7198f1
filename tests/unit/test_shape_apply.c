// SPDX-License-Identifier: BSD-2-Clause
/* How an interface comes to be shaped, on a kernel that is made up: what it is asked for, and what it refuses. */
#include <errno.h>
#include <linux/rtnetlink.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "qos/shape_message.h"

static int fake_read(struct netlink *netlink, uint32_t ifindex, struct shape_state *state);
static int fake_batch(struct netlink *netlink, void *requests, size_t length, uint32_t *failed);
static int fake_exchange(
	struct netlink *netlink, struct nlmsghdr *request, mnl_cb_t callback, void *data);

static int fake_find(struct netlink *netlink, struct shape_found *found);

#define shape_find	 fake_find
#define shape_read	 fake_read
#define netlink_batch	 fake_batch
#define netlink_exchange fake_exchange
#include "../../core/qos/shape.c"

static const struct interface eth0 = { .name = "eth0", .ifindex = 7, .mtu = 1500 };
/* Class 1 is for packets without one, and made last. */
static const struct shape wanted = { .rate = 1000000,
	.fallback = 1,
	.n = 2,
	.classes = { { 1, 0, 1, 8000, 1000000 }, { 2, 1, 1, 8000, 500000 } } };

static struct {
	struct shape_state state, then; /* what it has, and has after the first batch */
	int disturbed; /* so many reads are */
	int batch_error; /* of the first batch */
	int no_fq; /* -ENOENT, or what else a probe is answered with */
	uint32_t queues;
	int batches;
	char said
		[256]; /* + and - of qdiscs (Q) and of classes, by their numbers; = of those changed */
} kernel;

static struct netlink netlink;
static struct failure failure;

static int setup(void **state)
{
	(void)state;
	memset(&kernel, 0, sizeof(kernel));
	memset(&failure, 0, sizeof(failure));
	kernel.no_fq = -ENODEV;
	return 0;
}

static int fake_read(struct netlink *with, uint32_t ifindex, struct shape_state *state)
{
	(void)with;
	assert_int_equal(ifindex, eth0.ifindex);
	if (kernel.disturbed-- > 0)
		return -EINTR;
	*state = kernel.batches > 0 ? kernel.then : kernel.state;
	return 0;
}

static int fake_batch(struct netlink *with, void *requests, size_t length, uint32_t *failed)
{
	int left = (int)length;

	(void)with, (void)failed;
	for (struct nlmsghdr *message = requests; mnl_nlmsg_ok(message, left);
		message = mnl_nlmsg_next(message, &left)) {
		const uint16_t type = message->nlmsg_type;
		const struct tcmsg *header = mnl_nlmsg_get_payload(message);
		size_t at = strlen(kernel.said);
		if (type == RTM_NEWQDISC || type == RTM_DELQDISC)
			snprintf(kernel.said + at, sizeof(kernel.said) - at, "%sQ",
				type == RTM_DELQDISC ? "-" : "+");
		else
			snprintf(kernel.said + at, sizeof(kernel.said) - at, "%s%x",
				type == RTM_DELTCLASS		      ? "-"
				: message->nlmsg_flags & NLM_F_CREATE ? "+"
								      : "=",
				header->tcm_handle & 0xffff);
	}
	strcat(kernel.said, ".");
	return kernel.batches++ == 0 ? kernel.batch_error : 0;
}

static int fake_exchange(
	struct netlink *with, struct nlmsghdr *request, mnl_cb_t callback, void *data)
{
	char buffer[256] __attribute__((aligned(NLMSG_ALIGNTO))) = { 0 };

	(void)with;
	if (request->nlmsg_type != RTM_GETLINK)
		return kernel.no_fq;
	struct nlmsghdr *message = mnl_nlmsg_put_header(buffer);
	mnl_nlmsg_put_extra_header(message, sizeof(struct ifinfomsg));
	mnl_attr_put_u32(message, IFLA_NUM_RX_QUEUES, 77);
	mnl_attr_put_u32(message, IFLA_NUM_TX_QUEUES, kernel.queues);
	mnl_attr_put_u32(message, IFLA_MTU, 78);
	assert_int_equal(callback(message, data), MNL_CB_OK);
	return 0;
}

/* What the kernel has once `wanted` is in force. */
static struct shape_state in_force(void)
{
	struct shape_state state = { .owner = SHAPE_OURS, .whole = true };

	shape_plan(&wanted, eth0.mtu, &state);
	return state;
}

static void what_is_refused_says_what_to_do(void **state)
{
	static const struct {
		int error;
		const char *what, *remedy;
	} cases[] = {
		{ -EPERM, "Cannot shape eth0: Operation not permitted",
			"Run x0top as root, or give it CAP_NET_ADMIN" },
		{ -ENOENT, "Cannot shape eth0: No such file or directory",
			"It needs the module sch_htb: modprobe sch_htb" },
		{ -EEXIST, "Cannot shape eth0: File exists",
			"Somebody has changed it meanwhile: try again" },
		{ -EIO, "Cannot shape eth0: Input/output error", "" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		setup(state);
		kernel.batch_error = cases[i].error;
		assert_int_equal(shape_apply(&netlink, &eth0, &wanted, &failure), cases[i].error);
		assert_string_equal(failure.what, cases[i].what);
		assert_string_equal(failure.remedy, cases[i].remedy);
	}
}

static void a_disturbed_read_is_repeated(void **state)
{
	(void)state;
	kernel.disturbed = TRIES - 1;
	assert_int_equal(shape_apply(&netlink, &eth0, &wanted, &failure), 0);
	kernel.disturbed = TRIES;
	assert_int_equal(shape_apply(&netlink, &eth0, &wanted, &failure), -EINTR);
}

static void a_qdisc_of_somebody_else_is_left_alone(void **state)
{
	(void)state;
	kernel.state = (struct shape_state) {
		.owner = SHAPE_FOREIGN, .kind = "cake", .handle = 0x80150000
	};
	assert_int_equal(shape_apply(&netlink, &eth0, &wanted, &failure), -EBUSY);
	assert_string_equal(failure.what, "eth0 has a qdisc of somebody else: cake 8015:");
	assert_int_equal(shape_apply_times(&netlink, &eth0, &failure), -EBUSY);
	assert_int_equal(shape_remove(&netlink, &eth0, &failure), 0);
	assert_string_equal(kernel.said, "");
}

static int check_with(uint64_t rate, uint16_t fallback, struct shape_class one)
{
	const struct shape shape = { .rate = rate,
		.fallback = fallback,
		.n = 2,
		.classes = { one, { 2, 7, 64, 8000, 8000 } } };

	return shape_check(&shape, &failure);
}

static void what_can_be_asked_for(void **state)
{
	static const struct {
		struct shape_class class;
		int error;
	} cases[] = {
		{ { 1, 0, 1, 8000, 8000 }, 0 },
		{ { SHAPE_CLASSES_MAX, 7, 64, 92000, 100000 }, 0 },
		{ { 0, 0, 1, 8000, 8000 }, -EINVAL },
		{ { SHAPE_CLASSES_MAX + 1, 0, 1, 8000, 8000 }, -EINVAL },
		{ { 2, 0, 1, 8000, 8000 }, -EINVAL },
		{ { 1, 8, 1, 8000, 8000 }, -EINVAL },
		{ { 1, 0, 0, 8000, 8000 }, -EINVAL },
		{ { 1, 0, 65, 8000, 8000 }, -EINVAL },
		{ { 1, 0, 1, 7999, 8000 }, -EINVAL },
		{ { 1, 0, 1, 8001, 8000 }, -EINVAL },
		{ { 1, 0, 1, 8000, 100001 }, -EINVAL },
		{ { 1, 0, 1, 92001, 100000 }, -EINVAL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		if (check_with(100000, 2, cases[i].class) != cases[i].error)
			fail_msg("case %zu: %s", i, failure.what);
	assert_int_equal(check_with(100000, 3, cases[0].class), -EINVAL);
	assert_int_equal(check_with(100000, 0, cases[0].class), -EINVAL);
	assert_int_equal(check_with(SHAPE_RATE_MAX, 1, cases[0].class), 0);
	assert_int_equal(check_with(SHAPE_RATE_MAX + 1, 1, cases[0].class), -EINVAL);
	const struct shape least = { SHAPE_RATE_MIN, 1, 1, { { 1, 0, 1, 8000, 8000 } } };
	assert_int_equal(shape_check(&least, &failure), 0);
	const struct shape less = { SHAPE_RATE_MIN - 1, 1, 1, { { 1, 0, 1, 8000, 8000 } } };
	assert_int_equal(shape_check(&less, &failure), -EINVAL);
	assert_ptr_equal(shape_find_class(&wanted, 1), &wanted.classes[0]);
	assert_ptr_equal(shape_find_class(&wanted, 2), &wanted.classes[1]);
	assert_null(shape_find_class(&wanted, 0));
}

/* From nothing: the root, the link, and each class with its queue. Where ours is, what is asked for is changed in place,
 * and what is not is removed; but another fallback, and one that is not whole, are made anew. */
static void what_is_there_is_changed_in_place(void **state)
{
	struct shape_state had = in_force();

	assert_int_equal(shape_apply(&netlink, &eth0, &wanted, &failure), 0);
	assert_string_equal(kernel.said, "+Q+ff+2+Q+1+Q.");
	setup(state);
	kernel.state = had;
	kernel.state.fair = true;
	memmove(&kernel.state.classes[1], kernel.state.classes, 2 * sizeof(had.classes[0]));
	kernel.state.classes[0].number = 8;
	kernel.state.classes[3].number = 9;
	kernel.state.n = 4;
	assert_int_equal(shape_apply(&netlink, &eth0, &wanted, &failure), 0);
	assert_string_equal(kernel.said, "=ff=2=1-8-9.");
	for (int i = 0; i < 3; i++) {
		setup(state);
		kernel.state = had;
		kernel.state.fallback += i == 0;
		kernel.state.whole = i != 1;
		kernel.state.timed = i == 2;
		assert_int_equal(shape_apply(&netlink, &eth0, &wanted, &failure), 0);
		assert_string_equal(kernel.said, "-Q+Q+ff+2+Q+1+Q.");
	}
}

/* After an error half way: ours from before is put back if that was whole, else removed; others' is left alone. */
static void what_was_before_is_put_back(void **state)
{
	static const struct {
		uint32_t had, now;
		bool whole, timed;
		const char *said;
	} cases[] = {
		{ SHAPE_NONE, SHAPE_OURS, false, false, "+Q+ff+2+Q+1+Q.-Q." },
		{ SHAPE_NONE, SHAPE_NONE, false, false, "+Q+ff+2+Q+1+Q." },
		{ SHAPE_NONE, SHAPE_FOREIGN, false, false, "+Q+ff+2+Q+1+Q." },
		{ SHAPE_OURS, SHAPE_OURS, true, false, "=ff=2+Q=1+Q.=ff=2+Q=1+Q." },
		{ SHAPE_OURS, SHAPE_NONE, true, false, "=ff=2+Q=1+Q.+Q+ff+2+Q+1+Q." },
		{ SHAPE_OURS, SHAPE_OURS, false, false, "-Q+Q+ff+2+Q+1+Q.-Q." },
		{ SHAPE_OURS, SHAPE_OURS, true, true, "-Q+Q+ff+2+Q+1+Q.-Q." },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		setup(state);
		kernel.batch_error = -EINVAL;
		kernel.state = kernel.then = in_force();
		kernel.state.owner = cases[i].had;
		kernel.state.whole = cases[i].whole;
		kernel.state.timed = cases[i].timed;
		kernel.then.owner = cases[i].now;
		assert_int_equal(shape_apply(&netlink, &eth0, &wanted, &failure), -EINVAL);
		assert_string_equal(kernel.said, cases[i].said);
	}
}

static void times_take_the_place_of_classes(void **state)
{
	(void)state;
	kernel.queues = 3;
	assert_int_equal(shape_apply_times(&netlink, &eth0, &failure), 0);
	assert_string_equal(kernel.said, "+Q+Q+Q+Q.");
	setup(state);
	kernel.queues = 1;
	kernel.state = in_force();
	assert_int_equal(shape_apply_times(&netlink, &eth0, &failure), 0);
	assert_string_equal(kernel.said, "-Q+Q+Q.");
	setup(state);
	kernel.state = in_force();
	kernel.state.timed = true;
	assert_int_equal(shape_apply_times(&netlink, &eth0, &failure), 0);
	assert_string_equal(kernel.said, "");
}

/* By times where there are several queues, for each of which a batch has room, and the kernel has fq. */
static void where_it_is_by_time(void **state)
{
	struct shape_state has = { .owner = SHAPE_NONE, .kind = "mq" };

	(void)state;
	for (uint32_t queues = 0; queues < SHAPE_QUEUES_MAX + 3; queues++) {
		kernel.queues = queues;
		assert_int_equal(shape_by_time(&netlink, 7, &has),
			queues >= 2 && queues <= SHAPE_QUEUES_MAX);
	}
	kernel.queues = 2;
	kernel.no_fq = -ENOENT;
	assert_false(shape_by_time(&netlink, 7, &has));
	kernel.no_fq = -ENODEV;
	snprintf(has.kind, sizeof(has.kind), "noqueue");
	assert_false(shape_by_time(&netlink, 7, &has));
	has = (struct shape_state) { .owner = SHAPE_OURS, .kind = "mq" };
	assert_false(shape_by_time(&netlink, 7, &has));
	has.timed = true;
	assert_true(shape_by_time(&netlink, 7, &has));
	has.owner = SHAPE_FOREIGN;
	assert_false(shape_by_time(&netlink, 7, &has));
}

static int fake_find(struct netlink *with, struct shape_found *found)
{
	(void)with;
	if (kernel.disturbed-- > 0)
		return -EINTR;
	found->n = 3;
	found->ifindexes = calloc(found->n, sizeof(found->ifindexes[0]));
	return 0;
}

static void leftovers_are_counted_or_removed(void **state)
{
	(void)state;
	assert_int_equal(shape_leftovers(false), 3);
	assert_string_equal(kernel.said, "");
	assert_int_equal(shape_leftovers(true), 3);
	assert_string_equal(kernel.said, "-Q.-Q.-Q.");
	setup(state);
	kernel.batch_error = -EPERM;
	assert_int_equal(shape_leftovers(true), 2);
	kernel.disturbed = TRIES - 1;
	assert_int_equal(shape_leftovers(false), 3);
	kernel.disturbed = TRIES;
	assert_int_equal(shape_leftovers(false), -EINTR);
}

static void only_ours_is_removed(void **state)
{
	(void)state;
	assert_int_equal(shape_remove(&netlink, &eth0, &failure), 0);
	assert_string_equal(kernel.said, "");
	kernel.state.owner = SHAPE_OURS;
	assert_int_equal(shape_remove(&netlink, &eth0, &failure), 1);
	assert_string_equal(kernel.said, "-Q.");
	setup(state);
	kernel.state.owner = SHAPE_OURS;
	kernel.batch_error = -EPERM;
	assert_int_equal(shape_remove(&netlink, &eth0, &failure), -EPERM);
	assert_string_equal(failure.remedy, "Run x0top as root, or give it CAP_NET_ADMIN");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(what_is_refused_says_what_to_do, setup),
		cmocka_unit_test_setup(a_disturbed_read_is_repeated, setup),
		cmocka_unit_test_setup(a_qdisc_of_somebody_else_is_left_alone, setup),
		cmocka_unit_test_setup(what_can_be_asked_for, setup),
		cmocka_unit_test_setup(what_is_there_is_changed_in_place, setup),
		cmocka_unit_test_setup(what_was_before_is_put_back, setup),
		cmocka_unit_test_setup(times_take_the_place_of_classes, setup),
		cmocka_unit_test_setup(where_it_is_by_time, setup),
		cmocka_unit_test_setup(leftovers_are_counted_or_removed, setup),
		cmocka_unit_test_setup(only_ours_is_removed, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
