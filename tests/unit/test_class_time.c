// SPDX-License-Identifier: BSD-2-Clause
/* Shaping by departure times, compiled for this machine: what leaves when, of classes that offer more than there is. */
#include <setjmp.h>
#include <stdarg.h>

#include "tests/lib/bpf_host.h"

#include <cmocka.h>

#include "../../bpf/tc_classifier.bpf.c"

#include "qos/act_time.h"
#include "tests/lib/packets.h"

enum {
	SLOT = 1,
	MTU = 1500,
	FRAME = 1514,
	FLOWS_MAX = 3,
	SEGMENTS = 44,
	CLASSES_UNKNOWN = 30,
};

#define NS	 UINT64_C(1000000000)
#define FROM_NS	 (3 * NS) /* what leaves from then on is measured, */
#define UNTIL_NS (11 * NS) /* to then */
#define MS	 UINT64_C(1000000)

/* What offers packets of a class, at a steady rate. */
struct flow {
	uint32_t class;
	uint32_t bytes;
	uint64_t offers; /* bit/s; 0: no flow */
	double expects; /* bit/s */
	uint64_t next; /* ns */
	uint64_t last; /* when the last one left */
	uint64_t longest; /* ns that one waited */
	double had;
};

static struct __sk_buff skb;

static int setup(void **state)
{
	(void)state;
	host_reset();
	host.ktime_ns = NS;
	return 0;
}

static void ask(const struct shape *shape)
{
	struct class_acts *acts = host_element(&class_acts, SLOT);

	*acts = (struct class_acts) { .modes = CLASS_ACT_SHAPE };
	act_time(acts, shape, MTU);
	for (uint16_t i = 0; i < shape->n; i++)
		acts->classes[CLASS_ACT_PLACE(DIRECTION_EGRESS, shape->classes[i].number)].modes =
			CLASS_ACT_SHAPE;
}

/* Offers a packet now. Packets of a class leave in their order. */
static void offer(struct flow *flow)
{
	skb = (struct __sk_buff) { .len = flow->bytes, .wire_len = flow->bytes };
	if (flow->bytes > FRAME)
		skb.gso_segs = SEGMENTS;
	flow->next += flow->bytes * 8 * NS / flow->offers;
	if (class_act(&skb, SLOT, CLASS_ACT_PLACE(DIRECTION_EGRESS, flow->class), 0, flow->bytes) ==
		TC_ACT_SHOT)
		return;
	uint64_t leaves = skb.tstamp > host.ktime_ns ? skb.tstamp : host.ktime_ns;
	assert_true(leaves >= flow->last);
	flow->last = leaves;
	if (leaves - host.ktime_ns > flow->longest)
		flow->longest = leaves - host.ktime_ns;
	if (leaves >= FROM_NS && leaves < UNTIL_NS)
		flow->had += flow->bytes * 8.0 / ((UNTIL_NS - FROM_NS) / NS);
}

static struct flow *first(struct flow *flows)
{
	struct flow *found = flows;

	for (struct flow *flow = flows; flow < flows + FLOWS_MAX && flow->offers > 0; flow++)
		if (flow->next < found->next)
			found = flow;
	return found;
}

static void simulate(const struct shape *shape, struct flow *flows)
{
	double all = 0;

	setup(NULL);
	ask(shape);
	for (int i = 0; i < FLOWS_MAX && flows[i].offers > 0; i++)
		flows[i].next = NS + (uint64_t)i * 1000;
	while (host.ktime_ns < UNTIL_NS) {
		struct flow *flow = first(flows);
		host.ktime_ns = flow->next;
		offer(flow);
	}
	for (int i = 0; i < FLOWS_MAX && flows[i].offers > 0; i++) {
		all += flows[i].had;
		if (flows[i].had < 0.95 * flows[i].expects ||
			flows[i].had > 1.05 * flows[i].expects)
			fail_msg("at %.0f bit/s, flow %d had %.0f of %.0f bit/s",
				(double)shape->rate, i, flows[i].had, flows[i].expects);
	}
	assert_true(all < 1.02 * (double)shape->rate + FRAME * 8);
	assert_int_equal(host.locks, 0);
}

#define CLASS1(r, c)                                                                \
	{                                                                           \
		.number = 1, .share = 1, .priority = 0, .rate = (r), .ceiling = (c) \
	}
#define CLASS2(r, c)                                                                \
	{                                                                           \
		.number = 2, .share = 1, .priority = 7, .rate = (r), .ceiling = (c) \
	}

static void test_one_class(void **state)
{
	static const uint64_t rates[] = { 100000, 1000000, 10000000, 100000000, 1000000000 };

	(void)state;
	for (size_t i = 0; i < sizeof(rates) / sizeof(rates[0]); i++) {
		const uint64_t rate = rates[i];
		const struct shape shape = { rate, 1, 1, { CLASS1(rate / 10, rate) } };
		struct flow small[FLOWS_MAX] = {
			{ .class = 1, .bytes = 200, .offers = 2 * rate, .expects = (double)rate }
		};
		struct flow frames[FLOWS_MAX] = {
			{ .class = 1, .bytes = FRAME, .offers = 10 * rate, .expects = (double)rate }
		};
		struct flow joined[FLOWS_MAX] = { { .class = 1,
			.bytes = SEGMENTS * FRAME,
			.offers = 3 * rate,
			.expects = (double)rate } };
		if (rate < 100000000) /* or the test takes long */
			simulate(&shape, small);
		simulate(&shape, frames);
		if (rate > 1000000) /* or one takes a second */
			simulate(&shape, joined);
	}
}

/* Nobody takes its rate from a class, and who goes first has what is left. */
static void test_priorities(void **state)
{
	const struct shape shape = { 10000000, 1, 2,
		{ CLASS1(2000000, 10000000), CLASS2(500000, 10000000) } };
	struct flow both[FLOWS_MAX] = {
		{ .class = 1, .bytes = FRAME, .offers = 30000000, .expects = 9500000 },
		{ .class = 2, .bytes = FRAME, .offers = 30000000, .expects = 500000 },
	};
	struct flow second[FLOWS_MAX] = {
		{ .class = 2, .bytes = FRAME, .offers = 30000000, .expects = 9000000 },
		{ .class = 1, .bytes = FRAME, .offers = 1000000, .expects = 1000000 },
	};

	(void)state;
	simulate(&shape, both);
	simulate(&shape, second);
	/* Within its rate it waits for nobody. */
	assert_true(second[1].longest == 0);
	assert_true(second[0].longest < 100 * MS);
}

/* Of classes of one priority that want more than there is, each has its rate, and of what is left its share, whatever it
 * offers; one that wants less than that has nearly all it wants, and the other the rest. In tenths of the link. */
static void test_shares(void **state)
{
	static const uint64_t rates[] = { 1000000, 10000000 };
	static const struct {
		uint32_t shares[2], bytes[2];
		double offers[2], expects[2];
	} cases[] = {
		{ { 1, 1 }, { FRAME, FRAME }, { 30, 30 }, { 5, 5 } },
		{ { 3, 1 }, { FRAME, FRAME }, { 30, 30 }, { 7, 3 } },
		{ { 1, 3 }, { FRAME, FRAME }, { 100, 20 }, { 3, 7 } },
		{ { 1, 1 }, { FRAME, FRAME }, { 200, 12 }, { 5, 5 } },
		{ { 1, 7 }, { FRAME, 300 }, { 30, 30 }, { 2, 8 } },
		{ { 1, 1 }, { FRAME, FRAME }, { 30, 3 }, { 7.2, 2.8 } },
		{ { 64, 1 }, { FRAME, FRAME }, { 30, 1 }, { 9, 1 } },
		{ { 1, 3 }, { 8 * FRAME, FRAME }, { 30, 30 }, { 3, 7 } },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]) * 2; i++) {
		const uint64_t rate = rates[i % 2];
		struct shape shape = { rate, 1, 2,
			{ CLASS1(rate / 10, rate), CLASS1(rate / 10, rate) } };
		struct flow flows[FLOWS_MAX] = { 0 };
		shape.classes[1].number = 2;
		for (uint32_t k = 0; k < 2; k++) {
			shape.classes[k].share = cases[i / 2].shares[k];
			flows[k] = (struct flow) { .class = k + 1,
				.bytes = cases[i / 2].bytes[k],
				.offers = (uint64_t)(cases[i / 2].offers[k] * (double)rate / 10),
				.expects = cases[i / 2].expects[k] * (double)rate / 10 };
		}
		simulate(&shape, flows);
	}
}

/* Three share what is left, and one of a later priority has its rate. */
static void test_shares_of_three(void **state)
{
	struct shape shape = { 10000000, 1, 3,
		{ CLASS1(1000000, 10000000), CLASS1(1000000, 10000000),
			CLASS1(1000000, 10000000) } };
	struct flow flows[FLOWS_MAX] = {
		{ .class = 1, .bytes = FRAME, .offers = 30000000, .expects = 2170000 },
		{ .class = 2, .bytes = FRAME, .offers = 15000000, .expects = 3330000 },
		{ .class = 3, .bytes = FRAME, .offers = 60000000, .expects = 4500000 },
	};
	struct flow others[FLOWS_MAX] = {
		{ .class = 1, .bytes = FRAME, .offers = 30000000, .expects = 3330000 },
		{ .class = 2, .bytes = FRAME, .offers = 15000000, .expects = 5670000 },
		{ .class = 3, .bytes = FRAME, .offers = 60000000, .expects = 1000000 },
	};

	(void)state;
	for (uint16_t i = 0; i < 3; i++) {
		shape.classes[i].number = i + 1;
		shape.classes[i].share = i + 1U;
	}
	simulate(&shape, flows);
	shape.classes[2].priority = 7;
	simulate(&shape, others);
}

static void test_ceilings(void **state)
{
	const struct shape shape = { 10000000, 2, 2,
		{ CLASS1(1000000, 4000000), CLASS2(500000, 10000000) } };
	struct flow flows[FLOWS_MAX] = {
		{ .class = 1, .bytes = FRAME, .offers = 20000000, .expects = 4000000 },
		{ .class = 2, .bytes = FRAME, .offers = 20000000, .expects = 6000000 },
	};
	struct flow alone[FLOWS_MAX] = { flows[0] };

	(void)state;
	simulate(&shape, alone);
	simulate(&shape, flows);
}

/* One that there was not when it was shaped is of the fallback. */
static void test_unknown_class(void **state)
{
	const struct shape shape = { 10000000, 2, 2,
		{ CLASS1(1000000, 10000000), CLASS2(500000, 3000000) } };
	struct flow flows[FLOWS_MAX] = {
		{ .class = CLASSES_UNKNOWN, .bytes = FRAME, .offers = 20000000, .expects = 3000000 }
	};

	(void)state;
	simulate(&shape, flows);
	const struct class_act_count *count =
		host_element(&class_act_counts, CLASS_ACT_INDEX(SLOT, DIRECTION_EGRESS, 2));
	assert_true(count->sent_bytes > 0 && count->late > 0 && count->borrowed > 0);
}

/* A time that the packet has already, later than ours, stays. */
static void test_times_of_others(void **state)
{
	const struct shape shape = { 10000000, 1, 1, { CLASS1(10000000, 10000000) } };

	(void)state;
	ask(&shape);
	skb = (struct __sk_buff) { .len = FRAME, .wire_len = FRAME, .tstamp = 5 * NS };
	assert_int_equal(class_act(&skb, SLOT, CLASS_ACT_PLACE(DIRECTION_EGRESS, 1), 0, FRAME),
		TC_ACT_UNSPEC);
	assert_true(skb.tstamp == 5 * NS);
	/* What is received has none. */
	skb.tstamp = 0;
	class_act(&skb, SLOT, CLASS_ACT_PLACE(DIRECTION_INGRESS, 1), 0, FRAME);
	assert_true(skb.tstamp == 0);
}

/* 16 frames, and at least 20 ms for the link, 100 ms for a class, but 4 s at most. */
static void test_how_much_may_wait(void **state)
{
	static const struct {
		uint64_t rate;
		uint32_t link_us, class_us;
	} cases[] = {
		{ 1000000000, 20000, 100000 },
		{ 10000000, 20000, 100000 },
		{ 4857600, 40000, 100000 },
		{ 971520, 200000, 200000 },
		{ 40000, 4000000, 4000000 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const uint64_t rate = cases[i].rate;
		const struct shape shape = { rate, 1, 1, { CLASS1(rate, rate) } };
		struct class_acts acts = { 0 };

		act_time(&acts, &shape, MTU);
		assert_int_equal(acts.turn_us, cases[i].link_us);
		/* What goes first waits for more, and in its class for as much. */
		const uint64_t most = cases[i].link_us * 2750ULL,
			       class = cases[i].class_us * 1000ULL;
		assert_true(acts.timings[1].link_wait == most << GCRA_TIME_SHIFT);
		assert_true(
			acts.timings[1].wait == (class > most ? class : most) << GCRA_TIME_SHIFT);
	}
}

static void test_read_back(void **state)
{
	const struct shape asked = { 10000000, 2, 2,
		{ CLASS1(1000000, 4000000), CLASS2(500000, 10000000) } };
	struct shape_state made = { 0 };
	struct class_acts acts = { 0 };
	struct shape read;

	(void)state;
	act_time(&acts, &asked, MTU);
	act_timed(&acts, &made);
	shape_asked(&made, &read);
	assert_true(made.whole);
	assert_int_equal(read.rate, asked.rate);
	assert_int_equal(read.fallback, asked.fallback);
	assert_int_equal(read.n, asked.n);
	assert_memory_equal(read.classes, asked.classes, asked.n * sizeof(asked.classes[0]));
	act_time(&acts, NULL, MTU);
	assert_true(acts.link_price == 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_one_class, setup),
		cmocka_unit_test_setup(test_priorities, setup),
		cmocka_unit_test_setup(test_shares, setup),
		cmocka_unit_test_setup(test_shares_of_three, setup),
		cmocka_unit_test_setup(test_ceilings, setup),
		cmocka_unit_test_setup(test_unknown_class, setup),
		cmocka_unit_test_setup(test_times_of_others, setup),
		cmocka_unit_test_setup(test_how_much_may_wait, setup),
		cmocka_unit_test_setup(test_read_back, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
