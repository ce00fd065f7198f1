// SPDX-License-Identifier: BSD-2-Clause
/* tc_classifier, compiled for this machine: which entry decides a packet's class, and what is counted. */
#include <setjmp.h>
#include <stdarg.h>

#include "tests/lib/bpf_host.h"

#include <cmocka.h>

#include "../../bpf/tc_classifier.bpf.c"

#include "tests/lib/packets.h"

enum {
	IFINDEX = 12,
	SLOT = 5,
	SOURCE = 1000,
	DESTINATION = 2000,
	DSCP = 46,
};

static struct frame frame;

static int setup(void **state)
{
	const __u32 index = INTERFACE_BUCKET(IFINDEX);

	(void)state;
	host_reset();
	host_element(&tc_interfaces, index)->entries[0] =
		(struct interface_entry) { .ifindex = IFINDEX, .slot = SLOT };
	frame_ethernet(&frame, 0x0800);
	frame_ipv4(&frame, &(struct frame_ipv4) { .protocol = 17, .dscp = DSCP });
	frame_udp(&frame, SOURCE, DESTINATION);
	frame_payload(&frame, 100);
	frame_finish(&frame);
	return 0;
}

static struct tc_interface_counters *counters(void)
{
	return host_element(&tc_counters, SLOT);
}

static struct class_table *table(void)
{
	return host_element(&class_table, 0);
}

static struct __sk_buff skb_of_frame(void)
{
	const uint8_t *at = host_frame(frame.bytes, frame.length);

	return (struct __sk_buff) { .len = frame.length,
		.wire_len = frame.length + 1000,
		.data = (__u32)(uintptr_t)at,
		.data_end = (__u32)(uintptr_t)at + frame.length,
		.ifindex = IFINDEX };
}

static void assert_class(enum traffic_class class)
{
	struct __sk_buff skb = skb_of_frame();

	memset(counters(), 0, sizeof(*counters()));
	assert_int_equal(tc_ingress(&skb), TC_ACT_UNSPEC);
	for (int i = 0; i < TRAFFIC_CLASSES; i++)
		assert_int_equal(
			counters()->classes[DIRECTION_INGRESS][i].packets, i == (int)class);
}

static void port_class(__u16 port, __u8 protocol, __u8 class)
{
	const struct class_port key = { .port = bpf_htons(port), .protocol = protocol };

	table()->ports[port / 64] |= 1ull << port % 64;
	assert_int_equal(bpf_map_update_elem(&class_ports, &key, &class, BPF_ANY), 0);
}

/* From the weakest entry to the strongest: each decides over those before. */
static void test_order(void **state)
{
	(void)state;
	assert_class(CLASS_BEST_EFFORT);
	table()->protocol[17] = CLASS_BULK;
	assert_class(CLASS_BULK);
	table()->dscp[DSCP] = CLASS_INTERACTIVE;
	assert_class(CLASS_INTERACTIVE);
	port_class(SOURCE, 17, CLASS_MESH);
	assert_class(CLASS_MESH);
	port_class(DESTINATION, 17, CLASS_BULK);
	assert_class(CLASS_BULK);
	table()->ipv4 = CLASS_CONTROL;
	assert_class(CLASS_CONTROL);
}

static void test_ports(void **state)
{
	(void)state;
	port_class(DESTINATION, 6, CLASS_MESH); /* TCP's */
	assert_class(CLASS_BEST_EFFORT);
	port_class(DESTINATION, 17, CLASS_MESH);
	assert_class(CLASS_MESH);
	table()->ports[DESTINATION / 64] = 0; /* the bit decides whether the hash is asked */
	assert_class(CLASS_BEST_EFFORT);
	port_class(DESTINATION, 17, TRAFFIC_CLASSES);
	assert_class(CLASS_BEST_EFFORT);
	port_class(DESTINATION, 17, TRAFFIC_CLASSES - 1);
	assert_class(TRAFFIC_CLASSES - 1);
}

/* A part of a datagram has no ports, but an IP header. */
static void test_fragment(void **state)
{
	(void)state;
	port_class(0, 17, CLASS_CONTROL);
	port_class(SOURCE, 17, CLASS_CONTROL);
	port_class(DESTINATION, 17, CLASS_CONTROL);
	table()->dscp[DSCP] = CLASS_BULK;
	frame_ethernet(&frame, 0x0800);
	frame_ipv4(&frame, &(struct frame_ipv4) { .protocol = 17, .dscp = DSCP, .fragment = 5 });
	frame_payload(&frame, 100);
	frame_finish(&frame);
	assert_class(CLASS_BULK);
}

static void test_ethertypes(void **state)
{
	const __be16 arp = bpf_htons(0x0806);

	(void)state;
	table()->ipv4 = CLASS_MESH;
	table()->dscp[0] = table()->protocol[0] = CLASS_BULK; /* of IP alone */
	frame_ethernet(&frame, 0x0806);
	frame_arp(&frame);
	frame_finish(&frame);
	assert_class(CLASS_BEST_EFFORT);
	bpf_map_update_elem(&class_ethertypes, &arp, &(__u8) { CLASS_CONTROL }, BPF_ANY);
	assert_class(CLASS_CONTROL);
	frame_ethernet(&frame, 0x86dd);
	frame_ipv6(&frame, 17, 0);
	frame_udp(&frame, SOURCE, DESTINATION);
	frame_finish(&frame);
	assert_class(CLASS_BULK);
	table()->ipv6 = CLASS_INTERACTIVE;
	assert_class(CLASS_INTERACTIVE);
}

static void test_raw_ip(void **state)
{
	(void)state;
	table()->protocol[17] = CLASS_BULK;
	memmove(frame.bytes, frame.bytes + 14, frame.length -= 14);
	assert_class(CLASS_BEST_EFFORT);
	host_element(&tc_interfaces, INTERFACE_BUCKET(IFINDEX))->entries[0].flags =
		INTERFACE_RAW_IP;
	assert_class(CLASS_BULK);
}

static void test_counts(void **state)
{
	const struct traffic_count *in = &counters()->classes[DIRECTION_INGRESS][CLASS_BEST_EFFORT],
				   *out = &counters()->classes[DIRECTION_EGRESS][CLASS_BEST_EFFORT];
	struct __sk_buff skb = skb_of_frame();

	(void)state;
	tc_ingress(&skb);
	assert_int_equal(in->packets, 1);
	assert_int_equal(in->bytes, frame.length);
	skb.gso_segs = 4;
	skb.vlan_present = 1;
	assert_int_equal(tc_egress(&skb), TC_ACT_UNSPEC);
	assert_int_equal(out->packets, 4);
	assert_int_equal(out->bytes, frame.length + 1000);
	assert_int_equal(counters()->vlan[DIRECTION_EGRESS], 4);
	assert_int_equal(counters()->vlan[DIRECTION_INGRESS], 0);
	skb.ifindex++;
	tc_ingress(&skb);
	assert_int_equal(in->packets, 1);
	assert_int_equal(host_element(&tc_runs, 0)->runs, 3);
}

static void test_vlan_in_the_frame(void **state)
{
	struct __sk_buff skb;

	(void)state;
	frame_ethernet(&frame, 0x8100);
	frame_vlan(&frame, 0x0800);
	frame_ipv4(&frame, &(struct frame_ipv4) { .protocol = 17 });
	frame_udp(&frame, SOURCE, DESTINATION);
	frame_finish(&frame);
	skb = skb_of_frame();
	tc_ingress(&skb);
	assert_int_equal(counters()->vlan[DIRECTION_INGRESS], 1);
}

static void test_run_times(void **state)
{
	const struct run_stats *runs = host_element(&tc_runs, 0);
	struct __sk_buff skb = skb_of_frame();

	(void)state;
	host.ktime_ns = 100;
	host.ktime_step_ns = 11;
	for (int i = 0; i < TIMED_ONE_IN; i++)
		tc_ingress(&skb);
	assert_int_equal(runs->timed_runs, 1);
	tc_ingress(&skb);
	assert_int_equal(runs->timed_runs, 2);
	assert_int_equal(runs->timed_ns, 22);
	assert_int_equal(runs->runs, TIMED_ONE_IN + 1);
	assert_int_equal(runs->began, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_order, setup),
		cmocka_unit_test_setup(test_ports, setup),
		cmocka_unit_test_setup(test_fragment, setup),
		cmocka_unit_test_setup(test_ethertypes, setup),
		cmocka_unit_test_setup(test_raw_ip, setup),
		cmocka_unit_test_setup(test_counts, setup),
		cmocka_unit_test_setup(test_vlan_in_the_frame, setup),
		cmocka_unit_test_setup(test_run_times, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
