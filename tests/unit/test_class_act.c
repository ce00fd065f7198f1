// SPDX-License-Identifier: BSD-2-Clause
/* What the classifier does to packets, compiled for this machine: code points, sums, rates, priorities. */
#include <setjmp.h>
#include <stdarg.h>

#include "tests/lib/bpf_host.h"

#include <cmocka.h>

#include "../../bpf/tc_classifier.bpf.c"

#include "qos/act.h"
#include "tests/lib/packets.h"

enum {
	IFINDEX = 12,
	SLOT = 5,
	CLASS = CLASS_BEST_EFFORT,
	ECN = 3,
	PAYLOAD = 100,
	NS = 1000000000,
	TICK_NS = 4000000,
	SMALL_BURST_NS = 8000000, /* no part of it is a packet */
	SEGMENTS = 44,
	BIG = SEGMENTS * 1514,
};

static struct frame frame;
static struct __sk_buff skb;

static struct class_acts *acts(void)
{
	return host_element(&class_acts, SLOT);
}

static struct class_act *act(enum traffic_direction direction)
{
	return &acts()->classes[CLASS_ACT_PLACE(direction, CLASS)];
}

static struct class_act_count *counted(enum traffic_direction direction)
{
	return host_element(&class_act_counts, CLASS_ACT_INDEX(SLOT, direction, CLASS));
}

/* An index that the program has asked for before makes the map. */
static int setup(void **state)
{
	const bool acting = true;

	(void)state;
	host_reset();
	host_write(&class_acting, &acting, sizeof(acting));
	host_element(&tc_interfaces, INTERFACE_BUCKET(IFINDEX))->entries[0] =
		(struct interface_entry) { .ifindex = IFINDEX, .slot = SLOT };
	acts()->modes = CLASS_ACT_MARK | CLASS_ACT_POLICE | CLASS_ACT_SHAPE;
	return 0;
}

static void lay_out(void)
{
	uint8_t *at = host_frame(frame.bytes, frame.length);

	skb = (struct __sk_buff) { .len = frame.length,
		.wire_len = frame.length,
		.data = (__u32)(uintptr_t)at,
		.data_end = (__u32)(uintptr_t)at + frame.length,
		.ifindex = IFINDEX };
}

static void take_back(void)
{
	memcpy(frame.bytes, (const uint8_t *)(uintptr_t)skb.data, frame.length);
}

static void make4(bool vlan, uint16_t fragment)
{
	frame_ethernet(&frame, vlan ? 0x8100 : 0x0800);
	if (vlan)
		frame_vlan(&frame, 0x0800);
	frame_ipv4(
		&frame, &(struct frame_ipv4) { .protocol = 17, .dscp = 10, .fragment = fragment });
	frame_udp(&frame, 1000, 2000);
	frame_payload(&frame, PAYLOAD);
	frame.bytes[frame.ip + 1] |= ECN;
	frame_finish(&frame);
	lay_out();
}

static void make6(bool vlan)
{
	frame_ethernet(&frame, vlan ? 0x8100 : 0x86dd);
	if (vlan)
		frame_vlan(&frame, 0x86dd);
	frame_ipv6(&frame, 17, 10);
	frame_udp(&frame, 1000, 2000);
	frame_payload(&frame, PAYLOAD);
	frame.bytes[frame.ip + 1] |= ECN << 4;
	frame.bytes[frame.ip + 3] = 7; /* of the flow label */
	frame_finish(&frame);
	lay_out();
}

static void ask_mark(uint8_t dscp)
{
	act(DIRECTION_EGRESS)->modes = CLASS_ACT_MARK;
	act(DIRECTION_EGRESS)->dscp = dscp;
}

static void assert_marked4(uint8_t dscp)
{
	const struct frame before = frame;

	assert_int_equal(tc_egress(&skb), TC_ACT_UNSPEC);
	take_back();
	assert_int_equal(frame.bytes[frame.ip + 1], dscp << 2 | ECN);
	assert_true(frame_ipv4_is_right(&frame));
	/* Nothing else is changed. */
	memcpy(frame.bytes + frame.ip + 1, before.bytes + before.ip + 1, 1);
	memcpy(frame.bytes + frame.ip + 10, before.bytes + before.ip + 10, 2);
	assert_memory_equal(frame.bytes, before.bytes, frame.length);
}

static void test_mark4(void **state)
{
	(void)state;
	for (uint8_t dscp = 0; dscp < 64; dscp++) {
		ask_mark(dscp);
		make4(false, 0);
		assert_marked4(dscp);
		make4(true, 0);
		assert_marked4(dscp);
		make4(false, 0x2000); /* the first part of a datagram, and a later one */
		assert_marked4(dscp);
		make4(true, 5);
		assert_marked4(dscp);
	}
	assert_int_equal(counted(DIRECTION_EGRESS)->marked, 4 * 63); /* 10 was there */
	assert_int_equal(counted(DIRECTION_INGRESS)->marked, 0);
}

static void test_mark6(void **state)
{
	(void)state;
	for (uint8_t dscp = 0; dscp < 64; dscp++) {
		for (int vlan = 0; vlan < 2; vlan++) {
			ask_mark(dscp);
			make6(vlan);
			assert_int_equal(tc_egress(&skb), TC_ACT_UNSPEC);
			take_back();
			assert_int_equal(frame.bytes[frame.ip], 6 << 4 | dscp >> 2);
			assert_int_equal(frame.bytes[frame.ip + 1], (dscp & 3) << 6 | ECN << 4);
			assert_int_equal(frame.bytes[frame.ip + 3], 7);
			assert_true(frame_udp_is_right(&frame));
		}
	}
}

/* What has no IP header stays as it is, also one that is cut short. */
static void test_no_ip(void **state)
{
	(void)state;
	ask_mark(46);
	frame_ethernet(&frame, 0x0806);
	frame_arp(&frame);
	frame_finish(&frame);
	const struct frame arp = frame;
	lay_out();
	assert_int_equal(tc_egress(&skb), TC_ACT_UNSPEC);
	take_back();
	assert_memory_equal(frame.bytes, arp.bytes, arp.length);
	for (size_t length = 14; length < 34; length++) {
		make4(false, 0);
		frame.length = length;
		const struct frame cut = frame;
		lay_out();
		assert_int_equal(tc_egress(&skb), TC_ACT_UNSPEC);
		take_back();
		assert_memory_equal(frame.bytes, cut.bytes, length);
	}
	assert_int_equal(counted(DIRECTION_EGRESS)->marked, 0);
}

static void ask_rate(enum traffic_direction direction, uint64_t bits, uint64_t burst_ns)
{
	act(direction)->modes = CLASS_ACT_POLICE;
	act(direction)->price = (8ull * NS << (GCRA_TIME_SHIFT + GCRA_PRICE_SHIFT)) /
				bits; /* 100 kbit/s and more */
	act(direction)->burst = burst_ns << GCRA_TIME_SHIFT;
}

/* Sends ten times the rate for ten seconds. Returns the bits that passed in a second. */
static double passing(uint64_t bits, bool gso)
{
	struct class_act_count *count =
		host_element(&class_act_counts, CLASS_ACT_INDEX(SLOT, DIRECTION_EGRESS, CLASS));
	double passed = 0;

	host_element(&class_buckets, CLASS_ACT_INDEX(SLOT, DIRECTION_EGRESS, CLASS))->arrival = 0;
	count->credit = count->denied = 0;
	host.ktime_ns = NS;
	make4(false, 0);
	if (gso) {
		skb.gso_segs = SEGMENTS;
		skb.wire_len = BIG;
	}
	uint64_t between = (uint64_t)(skb.wire_len * 8.0 * NS / bits / 10);
	for (uint64_t until = 11ull * NS; host.ktime_ns < until; host.ktime_ns += between) {
		host.jiffies = host.ktime_ns / TICK_NS;
		if (tc_egress(&skb) == TC_ACT_UNSPEC)
			passed += skb.wire_len * 8.0;
	}
	return passed / 10;
}

/* With a small burst each packet asks the bucket; with a large one, parts of it are taken, and it is not asked again
 * in a tick in which it had none. */
static void test_rates(void **state)
{
	static const uint64_t rates[] = { 100000, 1000000, 10000000, 100000000 };
	static const uint64_t bursts[] = { 10000000, 200000000 };

	(void)state;
	for (size_t i = 0; i < 2 * sizeof(rates) / sizeof(rates[0]); i++) {
		const uint64_t rate = rates[i / 2], burst = bursts[i % 2];
		double more = 1.01 + (double)burst / NS / 10; /* the burst, once */
		ask_rate(DIRECTION_EGRESS, rate, burst);
		double small = passing(rate, false), large = passing(rate, true);
		assert_true(small > 0.99 * rate && small < more * rate);
		/* One that is larger than the burst passes all the same, and is paid for: at most one is ahead. */
		assert_true(large > 0.99 * rate - BIG * 8 / 10.0 &&
			    large < more * rate + BIG * 8 / 10.0);
	}
}

static void test_drops(void **state)
{
	(void)state;
	ask_rate(DIRECTION_INGRESS, 1000000, 0);
	host.ktime_ns = NS;
	make4(false, 0);
	assert_int_equal(tc_ingress(&skb), TC_ACT_UNSPEC);
	assert_int_equal(host_element(&class_dropped, 0)->data, 0);
	assert_int_equal(tc_ingress(&skb), TC_ACT_SHOT);
	assert_int_equal(host_element(&class_dropped, 0)->data, skb.data);
	skb.gso_segs = 3;
	assert_int_equal(tc_ingress(&skb), TC_ACT_SHOT);
	assert_int_equal(tc_egress(&skb), TC_ACT_UNSPEC); /* not asked for */
	assert_int_equal(counted(DIRECTION_INGRESS)->dropped, 4);
	assert_int_equal(counted(DIRECTION_INGRESS)->dropped_bytes, 2 * frame.length);
	assert_int_equal(counted(DIRECTION_EGRESS)->dropped, 0);
	/* All are counted, those that are dropped too. */
	const struct tc_interface_counters *all = host_element(&tc_counters, SLOT);
	assert_int_equal(all->classes[DIRECTION_INGRESS][CLASS].packets, 5);
	assert_int_equal(host.locks, 0);
}

/* Received packets that GRO has joined are charged the headers that they had. */
static void test_joined(void **state)
{
	const struct gcra_bucket *bucket =
		host_element(&class_buckets, CLASS_ACT_INDEX(SLOT, DIRECTION_INGRESS, CLASS));
	uint64_t one;

	(void)state;
	host.ktime_ns = NS;
	ask_rate(DIRECTION_INGRESS, 8000000, SMALL_BURST_NS); /* a byte a microsecond */
	make4(false, 0);
	tc_ingress(&skb);
	one = (bucket->arrival >> GCRA_TIME_SHIFT) - NS;
	assert_true(one / 1000 == frame.length || one / 1000 == frame.length - 1);
	skb.gso_segs = 3;
	tc_ingress(&skb);
	uint64_t three = (bucket->arrival >> GCRA_TIME_SHIFT) - NS - one;
	assert_in_range(
		three, one + 2 * (14 + 20 + 8) * 1000 - 100, one + 2 * (14 + 20 + 8) * 1000 + 100);
	frame_ethernet(&frame, 0x86dd);
	frame_ipv6(&frame, 6, 0);
	frame_tcp(&frame, 1000, 2000, 12);
	frame_payload(&frame, PAYLOAD);
	frame_finish(&frame);
	lay_out();
	skb.gso_segs = 2;
	uint64_t before = bucket->arrival;
	tc_ingress(&skb);
	uint64_t two = (bucket->arrival - before) >> GCRA_TIME_SHIFT;
	uint64_t bytes = frame.length + 14 + 40 + 32;
	assert_in_range(two, bytes * 1000 - 100, bytes * 1000 + 100);
}

static void test_priority(void **state)
{
	(void)state;
	act(DIRECTION_EGRESS)->modes = CLASS_ACT_SHAPE;
	act(DIRECTION_EGRESS)->priority = 0x78300003;
	make4(false, 0);
	tc_ingress(&skb);
	assert_int_equal(skb.priority, 0);
	tc_egress(&skb);
	assert_int_equal(skb.priority, 0x78300003);
}

/* A mode acts where it is asked for and switched on, and an object that only counts has none. */
static void test_switches(void **state)
{
	const bool acting = false;

	(void)state;
	ask_mark(46);
	acts()->modes = CLASS_ACT_POLICE;
	make4(false, 0);
	tc_egress(&skb);
	assert_int_equal(counted(DIRECTION_EGRESS)->marked, 0);
	acts()->modes = CLASS_ACT_MARK;
	tc_egress(&skb);
	assert_int_equal(counted(DIRECTION_EGRESS)->marked, 1);
	host_write(&class_acting, &acting, sizeof(acting));
	make4(false, 0);
	tc_egress(&skb);
	assert_int_equal(counted(DIRECTION_EGRESS)->marked, 1);
}

/* A fifth of a second, and never less than two frames. */
static void test_usual_burst(void **state)
{
	static const struct {
		uint64_t rate, burst;
	} bursts[] = {
		{ 40000000, 1000000 },
		{ 40 * 65537, 65537 },
		{ 40 * 65536, 65536 },
		{ 40 * 65535, 65536 },
		{ 16 * 65537, 65536 },
		{ 1000000, 62500 },
		{ 100000, 6250 },
		{ 16 * 3029, 3029 },
		{ 16 * 3027, 3028 },
		{ 1, 3028 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bursts) / sizeof(bursts[0]); i++)
		assert_int_equal(act_usual_burst(bursts[i].rate), bursts[i].burst);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_mark4, setup),
		cmocka_unit_test_setup(test_mark6, setup),
		cmocka_unit_test_setup(test_no_ip, setup),
		cmocka_unit_test_setup(test_rates, setup),
		cmocka_unit_test_setup(test_drops, setup),
		cmocka_unit_test_setup(test_joined, setup),
		cmocka_unit_test_setup(test_priority, setup),
		cmocka_unit_test_setup(test_switches, setup),
		cmocka_unit_test(test_usual_burst),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
