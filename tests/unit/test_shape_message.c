// SPDX-License-Identifier: BSD-2-Clause
/* What is said to rtnetlink to shape: sizes of buckets, turns and queues, and the bytes of requests. */
#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>

#include "qos/shape_message.h"
#include "qos/shape_preset.h"

static struct shape_batch batch;

static int setup(void **unused)
{
	(void)unused;
	batch = (struct shape_batch) { .ifindex = 7 };
	return 0;
}

/* --- sizes ----------------------------------------------------------------------------------- */

/* Ticks of 64 ns: 4 ms, and the time of a frame of 1518 bytes. */
static void buckets(void **unused)
{
	static const struct {
		uint64_t rate;
		uint32_t ticks;
	} buckets[] = {
		{ 8000, (4000000 + 1518000000) / 64 },
		{ 100000, (4000000 + 121440000) / 64 },
		{ 10000000, (4000000 + 1214400) / 64 },
		{ 1000000000, (4000000 + 12144) / 64 },
		{ SHAPE_RATE_MAX, (4000000 + 30) / 64 },
	};

	(void)unused;
	for (size_t i = 0; i < sizeof(buckets) / sizeof(buckets[0]); i++)
		assert_int_equal(shape_burst(buckets[i].rate, 1500), buckets[i].ticks);
	/* The largest there is. */
	assert_int_equal(
		shape_burst(SHAPE_RATE_MIN, 65535), (4000000 + UINT64_C(65553000000)) / 64);
	assert_int_equal(shape_frame(1500), 1518);
}

/* Packets of 100 ms. */
static void queues(void **unused)
{
	(void)unused;
	assert_int_equal(shape_limit(100000, 1500), 16);
	assert_int_equal(shape_limit(10000000, 1500), 82);
	assert_int_equal(shape_limit(1000000000, 1500), 8234);
	assert_int_equal(shape_limit(1000000000, 9000), 1386);
	assert_int_equal(shape_limit(SHAPE_RATE_MAX, 1500), 10000);
}

static const struct shape shares = {
	.rate = 100000000,
	.fallback = 3,
	.n = 3,
	.classes = {
		{ .number = 9, .priority = 7, .share = 10, .rate = 80000, .ceiling = 90000000 },
		{ .number = 3, .priority = 1, .share = 4, .rate = 160000, .ceiling = 50000000 },
		{ .number = 5, .priority = 1, .share = 5, .rate = 240000, .ceiling = 240000 },
	},
};

static void a_plan(void **unused)
{
	struct shape_state plan = { 0 };
	struct shape slow = shares;

	(void)unused;
	shape_plan(&shares, 1500, &plan);
	assert_int_equal(plan.fallback, 3);
	assert_int_equal(plan.n, 3);
	assert_int_equal(plan.link.number, 0);
	assert_int_equal(plan.link.rate, 100000000);
	assert_int_equal(plan.link.ceiling, 100000000);
	for (int i = 0; i < 3; i++)
		assert_int_equal(plan.classes[i].number, ((int[]) { 3, 5, 9 })[i]);
	assert_int_equal(plan.classes[2].priority, 7);
	assert_int_equal(plan.classes[2].rate, 80000);
	assert_int_equal(plan.classes[2].ceiling, 90000000);
	assert_int_equal(plan.classes[2].burst, shape_burst(80000, 1500));
	assert_int_equal(plan.classes[2].ceiling_burst, shape_burst(90000000, 1500));
	/* The least share sends for 1 ms in a turn. */
	assert_int_equal(plan.classes[0].quantum, 12500);
	assert_int_equal(plan.classes[1].quantum, 12500 * 5 / 4);
	assert_int_equal(plan.classes[2].quantum, 12500 * 10 / 4);
	slow.rate = 1000000;
	shape_plan(&slow, 1500, &plan);
	assert_int_equal(plan.classes[0].quantum, 1518); /* or a frame */
	assert_int_equal(plan.n, 3);
}

/* What is read back is asked for again: the same turns, by the smallest shares that make them. */
static void shares_are_read_back(void **unused)
{
	static const struct {
		uint32_t asked[3], read[3];
	} cases[] = {
		{ { 10, 4, 5 }, { 10, 4, 5 } },
		{ { 1, 1, 1 }, { 1, 1, 1 } },
		{ { 64, 1, 63 }, { 64, 1, 63 } },
		{ { 64, 63, 61 }, { 64, 63, 61 } },
		{ { 6, 2, 4 }, { 3, 1, 2 } },
	};
	struct shape asked = shares, read;

	(void)unused;
	for (size_t c = 0; c < sizeof(cases) / sizeof(cases[0]); c++) {
		struct shape_state plan = { 0 }, again = { 0 };
		for (int i = 0; i < 3; i++)
			asked.classes[i].share = cases[c].asked[i];
		shape_plan(&asked, 1500, &plan);
		shape_asked(&plan, &read);
		assert_int_equal(read.rate, asked.rate);
		assert_int_equal(read.fallback, asked.fallback);
		assert_int_equal(read.n, 3);
		for (uint16_t i = 0; i < read.n; i++) {
			int k = 0;
			while (asked.classes[k].number != read.classes[i].number)
				k++;
			assert_int_equal(read.classes[i].share, cases[c].read[k]);
			assert_int_equal(read.classes[i].rate, asked.classes[k].rate);
			assert_int_equal(read.classes[i].ceiling, asked.classes[k].ceiling);
			assert_int_equal(read.classes[i].priority, asked.classes[k].priority);
		}
		shape_plan(&read, 1500, &again);
		for (uint16_t i = 0; i < read.n; i++)
			assert_int_equal(again.classes[i].quantum, plan.classes[i].quantum);
	}
	/* Somebody else's turns. */
	struct shape_state theirs = { .n = 2,
		.classes = { { .quantum = 1000 }, { .quantum = 99999 } } };
	shape_asked(&theirs, &read);
	assert_int_equal(read.classes[0].share, 1);
	assert_int_equal(read.classes[1].share, 1);
	theirs.classes[0].quantum = 0;
	shape_asked(&theirs, &read);
	assert_int_equal(read.classes[0].share, 1);
}

static void delays_are_estimates(void **unused)
{
	struct shape_class_state class = { .rate = 80000 };

	(void)unused;
	assert_true(shape_delay(&class, 0) == 0);
	class.backlog_bytes = 1000;
	assert_true(shape_delay(&class, 0) == 0.1);
	assert_true(shape_delay(&class, 160000) == 0.05);
}

static void rates_are_read_back_rounded(void **unused)
{
	(void)unused;
	assert_true(shape_is_rate(1e6, 1000000));
	assert_true(shape_is_rate(0.995e6, 1000000));
	assert_true(shape_is_rate(1.005e6, 1000000));
	assert_false(shape_is_rate(0.98e6, 1000000));
	assert_false(shape_is_rate(1.02e6, 1000000));
	assert_false(shape_is_rate(NAN, 1000000));
}

/* Each class of a link has a part, and may borrow all; together they have no more than there is. */
static void a_link(void **unused)
{
	static const uint64_t rates[] = { SHAPE_UPLINK_MIN, 10000000, SHAPE_RATE_MAX };
	static const char labels[TRAFFIC_CLASSES][CLASS_NAME_LEN] = { "", "control", "mesh",
		"interactive", "bulk", "best_effort", [20] = "voice", [32] = "video" };

	(void)unused;
	for (size_t r = 0; r < sizeof(rates) / sizeof(rates[0]) * SHAPE_PRESETS; r++) {
		const uint64_t rate = rates[r / SHAPE_PRESETS];
		struct shape shape;
		uint64_t sum = 0;
		shape_preset((enum shape_preset)(r % SHAPE_PRESETS), rate, labels, &shape);
		assert_int_equal(shape.n, 7);
		assert_int_equal(shape.fallback, 5);
		for (uint16_t i = 0; i < shape.n; i++) {
			const struct shape_class *class = &shape.classes[i];
			assert_true(labels[class->number][0] != '\0');
			assert_true(class->rate >= SHAPE_RATE_MIN);
			assert_int_equal(class->ceiling, rate);
			sum += class->rate;
		}
		assert_int_equal(shape.classes[5].number, 20);
		assert_int_equal(shape.classes[5].rate,
			rate / 20 > SHAPE_RATE_MIN ? rate / 20 : SHAPE_RATE_MIN);
		assert_true(sum <= rate);
	}
}

/* With as many classes as there can be, the least of each is much of a slow link. */
static void a_slow_link_of_many_classes(void **unused)
{
	static char labels[TRAFFIC_CLASSES][CLASS_NAME_LEN] = { "", "control", "mesh",
		"interactive", "bulk", "best_effort" };
	struct shape shape;
	struct failure failure;

	(void)unused;
	for (int i = 6; i < TRAFFIC_CLASSES; i++)
		snprintf(labels[i], sizeof(labels[i]), "c%d", i);
	for (uint64_t rate = CLASSES_MAX * SHAPE_RATE_MIN; rate < 4000000; rate *= 2)
		for (int preset = 0; preset < SHAPE_PRESETS; preset++) {
			shape_preset((enum shape_preset)preset, rate, labels, &shape);
			assert_int_equal(shape.n, CLASSES_MAX);
			assert_int_equal(shape_check(&shape, &failure), 0);
			assert_true(rate == CLASSES_MAX * SHAPE_RATE_MIN ||
				    shape.classes[0].rate > shape.classes[5].rate);
		}
	shape_preset(SHAPE_UPLINK, CLASSES_MAX * SHAPE_RATE_MIN - 1, labels, &shape);
	assert_int_equal(shape_check(&shape, &failure), -EINVAL);
}

/* --- requests -------------------------------------------------------------------------------- */

static const struct nlattr *attributes[32]; /* of the message or nest that was parsed last */

static int keep(const struct nlattr *attribute, void *data)
{
	(void)data;
	assert_true(mnl_attr_get_type(attribute) < 32);
	attributes[mnl_attr_get_type(attribute)] = attribute;
	return MNL_CB_OK;
}

/* Parses request number `n` of the batch. */
static const struct nlmsghdr *request(int n)
{
	const struct nlmsghdr *header = (const void *)batch.requests;
	int rest = (int)batch.length;

	for (; n > 0; n--)
		header = mnl_nlmsg_next(header, &rest);
	assert_true(mnl_nlmsg_ok(header, rest));
	memset(attributes, 0, sizeof(attributes));
	mnl_attr_parse(header, sizeof(struct tcmsg), keep, NULL);
	return header;
}

static void assert_request(int n, uint16_t type, uint16_t flags, uint32_t parent, uint32_t handle)
{
	const struct nlmsghdr *header = request(n);
	const struct tcmsg *message = mnl_nlmsg_get_payload(header);

	assert_int_equal(header->nlmsg_type, type);
	assert_int_equal(header->nlmsg_flags, NLM_F_REQUEST | flags);
	assert_int_equal(message->tcm_ifindex, 7);
	assert_int_equal(message->tcm_parent, parent);
	assert_int_equal(message->tcm_handle, handle);
}

/* Opens the options of a request of this kind. */
static void open_options(const char *kind)
{
	assert_string_equal(mnl_attr_get_str(attributes[TCA_KIND]), kind);
	const struct nlattr *options = attributes[TCA_OPTIONS];
	memset(attributes, 0, sizeof(attributes));
	mnl_attr_parse_nested(options, keep, NULL);
}

static void the_root(void **unused)
{
	(void)unused;
	shape_put_no_root(&batch);
	shape_put_root(&batch, 12);
	assert_request(0, RTM_DELQDISC, 0, TC_H_ROOT, 0x78300000);
	/* Never NLM_F_REPLACE: what is somebody else's stays. */
	assert_request(1, RTM_NEWQDISC, NLM_F_CREATE | NLM_F_EXCL, TC_H_ROOT, 0x78300000);
	open_options("htb");
	const struct tc_htb_glob *init = mnl_attr_get_payload(attributes[TCA_HTB_INIT]);
	assert_int_equal(init->version, 3);
	assert_int_equal(init->rate2quantum, SHAPE_MARK);
	assert_int_equal(init->defcls, 12);
}

static void a_class(void **unused)
{
	const struct shape_class_state class = {
		.number = 5,
		.priority = 3,
		.quantum = 1600,
		.rate = 8 * UINT64_C(0xffffffff),
		.ceiling = 8 * UINT64_C(0x100000000),
		.burst = 11,
		.ceiling_burst = 12,
	};

	(void)unused;
	shape_put_class(&batch, &class, true);
	shape_put_class(&batch, &(struct shape_class_state) { .rate = 80, .ceiling = 80 }, false);
	shape_put_no_class(&batch, 32);
	assert_request(0, RTM_NEWTCLASS, NLM_F_CREATE | NLM_F_EXCL, 0x783000ff, 0x78300005);
	open_options("htb");
	const struct tc_htb_opt *options = mnl_attr_get_payload(attributes[TCA_HTB_PARMS]);
	assert_int_equal(options->rate.rate, UINT32_MAX);
	assert_int_equal(options->ceil.rate, UINT32_MAX);
	assert_int_equal(options->rate.linklayer, TC_LINKLAYER_ETHERNET);
	assert_int_equal(options->ceil.linklayer, TC_LINKLAYER_ETHERNET);
	assert_int_equal(options->buffer, 11);
	assert_int_equal(options->cbuffer, 12);
	assert_int_equal(options->quantum, 1600);
	assert_int_equal(options->prio, 3);
	assert_null(attributes[TCA_HTB_RATE64]);
	assert_int_equal(mnl_attr_get_u64(attributes[TCA_HTB_CEIL64]), UINT64_C(0x100000000));
	/* The link, changed. */
	assert_request(1, RTM_NEWTCLASS, 0, 0x78300000, 0x783000ff);
	assert_request(2, RTM_DELTCLASS, 0, 0x783000ff, 0x78300020);
}

static void a_queue(void **unused)
{
	(void)unused;
	shape_put_queue(&batch, 5, false, 33, true);
	shape_put_queue(&batch, 32, true, 33, false);
	assert_request(0, RTM_NEWQDISC, NLM_F_CREATE | NLM_F_EXCL, 0x78300005, 0x78350000);
	assert_string_equal(mnl_attr_get_str(attributes[TCA_KIND]), "pfifo");
	assert_int_equal(
		((struct tc_fifo_qopt *)mnl_attr_get_payload(attributes[TCA_OPTIONS]))->limit, 33);
	assert_request(1, RTM_NEWQDISC, 0, 0x78300020, 0x78500000);
	assert_string_equal(mnl_attr_get_str(attributes[TCA_KIND]), "fq_codel");
	assert_null(attributes[TCA_OPTIONS]);
}

/* Anew, with 33 classes in place of 33 others, of the largest rates. */
static void the_most_fits(void **unused)
{
	const struct shape_class_state most = {
		.number = 1, .rate = SHAPE_RATE_MAX, .ceiling = SHAPE_RATE_MAX
	};

	(void)unused;
	shape_put_no_root(&batch);
	shape_put_root(&batch, 1);
	for (int i = 0; i < SHAPE_CLASSES_MAX + 1; i++) {
		shape_put_class(&batch, &most, true);
		shape_put_queue(&batch, 1, false, 1, true);
		shape_put_no_class(&batch, 1);
	}
	assert_true(batch.length + NETLINK_REQUEST_LEN <= sizeof(batch.requests));
}

/* A priority is the class as HTB reads it. */
static void priorities(void **unused)
{
	(void)unused;
	assert_int_equal(shape_priority(1), 0x78300001);
	assert_int_equal(shape_priority(32), 0x78300020);
}

#define test(function) cmocka_unit_test_setup(function, setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(buckets),
		test(queues),
		test(a_plan),
		test(shares_are_read_back),
		test(a_link),
		test(a_slow_link_of_many_classes),
		test(delays_are_estimates),
		test(rates_are_read_back_rounded),
		test(the_root),
		test(a_class),
		test(a_queue),
		test(the_most_fits),
		test(priorities),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
