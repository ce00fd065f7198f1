// SPDX-License-Identifier: BSD-2-Clause
/* What is taken of dumps of qdiscs and classes, where others have some too. In the kernel's place, this test. */
#include <errno.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "qos/shape_message.h"

static int fake_exchange(
	struct netlink *netlink, struct nlmsghdr *request, mnl_cb_t callback, void *data);

#define netlink_exchange fake_exchange
#include "../../core/qos/shape_read.c"

enum { INTERFACE = 7, ROOT = SHAPE_MAJOR << 16, FOREIGN = 0x10000, N_MAX = 16 };

static struct sent {
	int ifindex;
	uint32_t handle, parent;
	const char *kind;
	uint32_t mark; /* of HTB's root; of a class: its rate */
	uint32_t packets, drops;
} qdiscs[N_MAX], classes[N_MAX];
static int n_qdiscs, n_classes, class_error;
static struct shape_state state;

static void answer(const struct sent *sent, uint16_t type, mnl_cb_t callback, void *data)
{
	char buffer[1024] __attribute__((aligned(NLMSG_ALIGNTO))) = { 0 };
	struct nlmsghdr *message = mnl_nlmsg_put_header(buffer);
	const struct tc_htb_glob root = { .rate2quantum = sent->mark, .defcls = 5 };
	const struct tc_htb_opt class = { .rate.rate = sent->mark };
	const struct gnet_stats_basic basic = { .packets = sent->packets };
	const struct gnet_stats_queue queue = { .drops = sent->drops };
	bool is_class = type == RTM_NEWTCLASS;

	message->nlmsg_type = type;
	struct tcmsg *header = mnl_nlmsg_put_extra_header(message, sizeof(*header));
	header->tcm_ifindex = sent->ifindex;
	header->tcm_handle = sent->handle;
	header->tcm_parent = sent->parent;
	mnl_attr_put_strz(message, TCA_KIND, sent->kind);
	struct nlattr *options = mnl_attr_nest_start(message, TCA_OPTIONS);
	mnl_attr_put(message, is_class ? TCA_HTB_PARMS : TCA_HTB_INIT,
		is_class ? sizeof(class) : sizeof(root),
		is_class ? (const void *)&class : (const void *)&root);
	mnl_attr_nest_end(message, options);
	struct nlattr *stats = mnl_attr_nest_start(message, TCA_STATS2);
	mnl_attr_put(message, TCA_STATS_BASIC, sizeof(basic), &basic);
	mnl_attr_put(message, TCA_STATS_QUEUE, sizeof(queue), &queue);
	mnl_attr_nest_end(message, stats);
	assert_int_equal(callback(message, data), MNL_CB_OK);
}

static int fake_exchange(
	struct netlink *netlink, struct nlmsghdr *request, mnl_cb_t callback, void *data)
{
	(void)netlink;
	if (request->nlmsg_type == RTM_GETQDISC)
		for (int i = 0; i < n_qdiscs; i++)
			answer(&qdiscs[i], RTM_NEWQDISC, callback, data);
	else
		for (int i = 0; i < n_classes; i++)
			answer(&classes[i], RTM_NEWTCLASS, callback, data);
	return request->nlmsg_type == RTM_GETQDISC ? 0 : class_error;
}

static int setup(void **ignored)
{
	(void)ignored;
	n_qdiscs = n_classes = class_error = 0;
	qdiscs[n_qdiscs++] = (struct sent) { INTERFACE, ROOT, TC_H_ROOT, "htb", SHAPE_MARK, 0, 0 };
	return 0;
}

static void add_class(uint32_t handle, uint32_t rate, uint32_t packets, uint32_t drops)
{
	classes[n_classes++] =
		(struct sent) { INTERFACE, handle, ROOT, "htb", rate, packets, drops };
}

/* Classes of another qdisc, beside and below ours, are not of ours, whatever their numbers. */
static void only_our_classes_are_taken(void **ignored)
{
	(void)ignored;
	add_class(FOREIGN | 1, 111, 11, 1);
	add_class(ROOT | 5, 555, 55, 5);
	add_class(ROOT | SHAPE_LINK, 999, 99, 9);
	add_class(FOREIGN | SHAPE_LINK, 222, 22, 2);
	add_class(ROOT | 2, 333, 33, 3);
	add_class(ROOT | (SHAPE_CLASSES_MAX + 1), 444, 44, 4);
	add_class(ROOT | SHAPE_CLASSES_MAX, 666, 66, 6);
	assert_int_equal(shape_read(NULL, INTERFACE, &state), 0);
	assert_int_equal(state.owner, SHAPE_OURS);
	assert_int_equal(state.fallback, 5);
	assert_true(state.whole);
	assert_int_equal(state.n, 3);
	assert_int_equal(state.classes[0].number, 2);
	assert_true(state.classes[0].rate == 333 * 8 && state.classes[0].packets == 33);
	assert_int_equal(state.classes[1].number, 5);
	assert_true(state.classes[1].drops == 5);
	assert_int_equal(state.classes[2].number, SHAPE_CLASSES_MAX);
	assert_true(state.link.rate == 999 * 8 && state.link.packets == 99);
}

/* The queue in a class drops what the class does not count. Those of other interfaces, and qdiscs, do not. */
static void drops_of_queues_are_of_their_class(void **ignored)
{
	(void)ignored;
	qdiscs[n_qdiscs++] = (struct sent) { INTERFACE, FOREIGN, ROOT | 2, "fq_codel", 0, 0, 20 };
	qdiscs[n_qdiscs++] =
		(struct sent) { INTERFACE + 1, FOREIGN, ROOT | 5, "fq_codel", 0, 0, 30 };
	qdiscs[n_qdiscs++] =
		(struct sent) { INTERFACE, FOREIGN, FOREIGN | 5, "fq_codel", 0, 0, 40 };
	qdiscs[n_qdiscs++] = (struct sent) { INTERFACE, FOREIGN, ROOT | (SHAPE_CLASSES_MAX + 1),
		"fq_codel", 0, 0, 50 };
	add_class(ROOT | 2, 1, 0, 3);
	add_class(ROOT | 5, 1, 0, 5);
	assert_int_equal(shape_read(NULL, INTERFACE, &state), 0);
	assert_true(state.fair);
	assert_int_equal(state.classes[0].drops, 20);
	assert_int_equal(state.classes[1].drops, 5);
}

/* HTB of somebody else has our number, or our mark, or neither. */
static void a_foreign_root_is_left_alone(void **ignored)
{
	static const struct sent roots[] = {
		{ INTERFACE, ROOT, TC_H_ROOT, "htb", 10, 0, 0 },
		{ INTERFACE, FOREIGN, TC_H_ROOT, "htb", SHAPE_MARK, 0, 0 },
		{ INTERFACE, ROOT, TC_H_ROOT, "hfsc", SHAPE_MARK, 0, 0 },
	};

	(void)ignored;
	for (size_t i = 0; i < sizeof(roots) / sizeof(roots[0]); i++) {
		qdiscs[0] = roots[i];
		assert_int_equal(shape_read(NULL, INTERFACE, &state), 0);
		assert_int_equal(state.owner, SHAPE_FOREIGN);
		assert_int_equal(state.n, 0);
	}
	qdiscs[0] = (struct sent) { INTERFACE, 0, TC_H_ROOT, "noqueue", 0, 0, 0 };
	assert_int_equal(shape_read(NULL, INTERFACE, &state), 0);
	assert_int_equal(state.owner, SHAPE_NONE);
}

static void half_of_one_is_not_whole(void **ignored)
{
	(void)ignored;
	add_class(ROOT | 2, 1, 0, 0); /* and none for the rest, 5 */
	assert_int_equal(shape_read(NULL, INTERFACE, &state), 0);
	assert_false(state.whole);
	class_error = -EINTR;
	assert_int_equal(shape_read(NULL, INTERFACE, &state), -EINTR);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(only_our_classes_are_taken, setup),
		cmocka_unit_test_setup(drops_of_queues_are_of_their_class, setup),
		cmocka_unit_test_setup(a_foreign_root_is_left_alone, setup),
		cmocka_unit_test_setup(half_of_one_is_not_whole, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
