// SPDX-License-Identifier: BSD-2-Clause
/* tc_classifier, compiled for this machine: which entry decides a packet's class, and what is counted. */
#include <setjmp.h>
#include <stdarg.h>

#include "tests/lib/bpf_host.h"

#include <cmocka.h>

#include "../../bpf/tc_classifier.bpf.c"

#include "tests/lib/bpf_fake.h"
#include "tests/lib/class_lines.h"
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
	fake_object_add(class_set);
	fake_object_add(class_lines);
	fake_object_add(class_bank);
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

/* Puts lines in force, in place of those before. */
static void put_lines(const char *const *texts)
{
	struct map_registry registry;

	fake_registry(&registry);
	class_lines_put(&registry, texts);
}

#define LINES(...) put_lines((const char *const[]) { __VA_ARGS__, NULL })

static struct __sk_buff skb_of_frame(void)
{
	const uint8_t *at = host_frame(frame.bytes, frame.length);

	return (struct __sk_buff) { .len = frame.length,
		.wire_len = frame.length + 1000,
		.data = (__u32)(uintptr_t)at,
		.data_end = (__u32)(uintptr_t)at + frame.length,
		.ifindex = IFINDEX };
}

static void assert_class(uint32_t class)
{
	struct __sk_buff skb = skb_of_frame();

	memset(counters(), 0, sizeof(*counters()));
	assert_int_equal(tc_ingress(&skb), TC_ACT_UNSPEC);
	for (int i = 0; i < TRAFFIC_CLASSES; i++)
		assert_int_equal(
			counters()->classes[DIRECTION_INGRESS][i].packets, i == (int)class);
}

/* The first line that matches decides, and a change of lines decides anew about what was known. */
static void test_order(void **state)
{
	(void)state;
	assert_class(CLASS_BEST_EFFORT);
	LINES("proto 17 bulk");
	assert_class(CLASS_BULK);
	assert_class(CLASS_BULK);
	LINES("dscp ef interactive", "proto 17 bulk");
	assert_class(CLASS_INTERACTIVE);
	LINES("tcp 2000 control", "udp 2000 mesh", "dscp ef interactive", "proto 17 bulk");
	assert_class(CLASS_MESH);
	LINES("all control", "udp 2000 mesh");
	assert_class(CLASS_CONTROL);
	LINES("udp 2001 mesh");
	assert_class(CLASS_BEST_EFFORT);
	LINES("udp 2000 best_effort", "all bulk");
	assert_class(CLASS_BEST_EFFORT);
}

/* A port is that of either end, but for one beside a source port. */
static void test_ports(void **state)
{
	(void)state;
	LINES("udp 1000 mesh");
	assert_class(CLASS_MESH);
	LINES("udp 1990-2010 bulk");
	assert_class(CLASS_BULK);
	LINES("proto udp sport 2000 mesh", "proto udp port 2000 sport 1000 bulk");
	assert_class(CLASS_BULK);
	LINES("proto udp port 1000 sport 2000 mesh");
	assert_class(CLASS_BEST_EFFORT);
	LINES("port 1000 control");
	assert_class(CLASS_CONTROL);
}

static void test_addresses(void **state)
{
	(void)state;
	frame_ethernet(&frame, 0x0800);
	frame_ipv4(&frame, &(struct frame_ipv4) { .protocol = 17 });
	memcpy(frame.bytes + 26, (uint8_t[]) { 10, 1, 2, 3, 10, 9, 0, 7 }, 8);
	frame_udp(&frame, SOURCE, DESTINATION);
	frame_finish(&frame);
	LINES("from 10.1.2.0/24 to 10.9.0.8 bulk", "10.1.0.0/16 to 10.9.0.7 mesh");
	assert_class(CLASS_MESH);
	LINES("from 10.9.0.7 bulk", "to 10.1.2.3 bulk", "to 10.0.0.0/8 control");
	assert_class(CLASS_CONTROL);
	frame_ethernet(&frame, 0x86dd);
	frame_ipv6(&frame, 17, 0);
	memcpy(frame.bytes + 14 + 8, (uint8_t[]) { 0xfd, 0, 0, 1 }, 4);
	memcpy(frame.bytes + 14 + 24, (uint8_t[]) { 0xfd, 0, 0, 2 }, 4);
	frame_udp(&frame, SOURCE, DESTINATION);
	frame_finish(&frame);
	LINES("10.0.0.0/8 bulk", "fd00:2::/32 bulk", "fd00:1::/32 to fd00:2::/32 mesh");
	assert_class(CLASS_MESH);
}

/* A part of a datagram has no ports, but an IP header. */
static void test_fragment(void **state)
{
	(void)state;
	LINES("udp 1-65535 control", "dscp ef bulk");
	assert_class(CLASS_CONTROL);
	frame_ethernet(&frame, 0x0800);
	frame_ipv4(&frame, &(struct frame_ipv4) { .protocol = 17, .dscp = DSCP, .fragment = 5 });
	frame_payload(&frame, 100);
	frame_finish(&frame);
	assert_class(CLASS_BULK);
}

/* Code point 0 is one, too; what is no IP has none. */
static void test_ethertypes(void **state)
{
	(void)state;
	LINES("dscp 0 bulk", "proto 0 bulk", "ethertype 0x0800 mesh");
	frame_ethernet(&frame, 0x0806);
	frame_arp(&frame);
	frame_finish(&frame);
	assert_class(CLASS_BEST_EFFORT);
	LINES("dscp 0 bulk", "ethertype 0x0806 control");
	assert_class(CLASS_CONTROL);
	frame_ethernet(&frame, 0x86dd);
	frame_ipv6(&frame, 17, 0);
	frame_udp(&frame, SOURCE, DESTINATION);
	frame_finish(&frame);
	assert_class(CLASS_BULK);
	LINES("ethertype 0x86dd interactive", "dscp 0 bulk");
	assert_class(CLASS_INTERACTIVE);
}

static void test_raw_ip(void **state)
{
	(void)state;
	LINES("proto udp bulk");
	memmove(frame.bytes, frame.bytes + 14, frame.length -= 14);
	assert_class(CLASS_BEST_EFFORT);
	host_element(&tc_interfaces, INTERFACE_BUCKET(IFINDEX))->entries[0].flags =
		INTERFACE_RAW_IP;
	assert_class(CLASS_BULK);
}

static uint64_t sent(enum traffic_class class)
{
	return counters()->classes[DIRECTION_EGRESS][class].packets;
}

/* The same packet has another class on its other way. */
static void test_directions(void **state)
{
	struct __sk_buff skb = skb_of_frame();

	(void)state;
	LINES("udp 2000 egress mesh", "dscp ef ingress bulk", "all control");
	assert_class(CLASS_BULK);
	assert_int_equal(tc_egress(&skb), TC_ACT_UNSPEC);
	assert_int_equal(sent(CLASS_MESH), 1);
	assert_class(CLASS_BULK);
}

/* Of a tag beside the packet, which is the outer one, and of one in it. */
static void test_vlans(void **state)
{
	struct __sk_buff skb = skb_of_frame();

	(void)state;
	LINES("vlan 42 mesh", "vlan 7 bulk");
	skb.vlan_present = 1;
	skb.vlan_tci = 0xe000 | 42;
	tc_egress(&skb);
	assert_int_equal(sent(CLASS_MESH), 1);
	frame_ethernet(&frame, 0x8100);
	frame_vlan(&frame, 0x0800);
	frame.bytes[14] = 0;
	frame.bytes[15] = 7;
	frame_ipv4(&frame, &(struct frame_ipv4) { .protocol = 17 });
	frame_finish(&frame);
	assert_class(CLASS_BULK);
	skb = skb_of_frame();
	skb.vlan_present = 1;
	skb.vlan_tci = 42;
	tc_egress(&skb);
	assert_int_equal(sent(CLASS_MESH), 1); /* assert_class() began anew */
}

/* "lo" has index 1 on every host. */
static void test_interfaces(void **state)
{
	struct __sk_buff skb = skb_of_frame();

	(void)state;
	host_element(&tc_interfaces, INTERFACE_BUCKET(1))->entries[1] =
		(struct interface_entry) { .ifindex = 1, .slot = SLOT };
	LINES("on lo egress mesh", "in x0-absent bulk", "dscp ef control");
	assert_class(CLASS_CONTROL);
	skb.ifindex = 1;
	tc_egress(&skb);
	assert_int_equal(sent(CLASS_MESH), 1);
	tc_ingress(&skb);
	assert_int_equal(counters()->classes[DIRECTION_INGRESS][CLASS_CONTROL].packets, 2);
}

static void enter_cgroup(uint64_t id, uint32_t number)
{
	const struct class_bank *bank = host_element(&class_bank, 0);
	const struct class_cgroup_key key = { .id = id, .generation = bank->generation };

	host_update(host_type_of(&class_cgroups), &key, &number, BPF_ANY);
}

static uint64_t sent_from(enum traffic_class class)
{
	struct __sk_buff skb = skb_of_frame();

	memset(counters(), 0, sizeof(*counters()));
	tc_egress(&skb);
	return sent(class);
}

/* The innermost that lines name counts; what is received is of none, and each is asked for with each packet: the flow
 * is the same. */
static void test_cgroups(void **state)
{
	enum { A = 70, B = 77, OTHER = 78 };
	const bool known = true;

	(void)state;
	host_write(&class_by_cgroup, &known, sizeof(known));
	LINES("cgroup a/b mesh", "cgroup a bulk", "egress control");
	enter_cgroup(B, 1);
	enter_cgroup(A, 2);
	assert_int_equal(sent_from(CLASS_CONTROL), 1);
	host.cgroups[1] = A;
	assert_int_equal(sent_from(CLASS_BULK), 1);
	host.cgroups[2] = B;
	assert_int_equal(sent_from(CLASS_MESH), 1);
	assert_int_equal(sent_from(CLASS_MESH), 1);
	host.cgroups[2] = OTHER;
	assert_int_equal(sent_from(CLASS_BULK), 1);
	assert_class(CLASS_BEST_EFFORT);
	LINES("cgroup a bulk", "cgroup a/b mesh", "egress control");
	enter_cgroup(A, 1);
	enter_cgroup(B, 2);
	host.cgroups[2] = B;
	assert_int_equal(sent_from(CLASS_BULK), 1); /* the first line is for what is within, too */
	host_write(&class_by_cgroup, &(const bool) { false }, sizeof(known));
	assert_int_equal(sent_from(CLASS_CONTROL), 1);
}

/* Asks the kernel, for a packet that is sent. Returns the levels that it was asked for, a bit each. */
static unsigned int levels_asked(void)
{
	host.cgroups_asked = 0;
	sent_from(CLASS_BEST_EFFORT);
	return host.cgroups_asked;
}

/* Each level costs a call: none is made for one that no line names, and the innermost group that is found ends it. */
static void test_cgroup_levels(void **state)
{
	enum { DEEP = 80, FLAT = 81 };
	const bool known = true;

	(void)state;
	host_write(&class_by_cgroup, &known, sizeof(known));
	LINES("egress control");
	assert_int_equal(levels_asked(), 0);
	LINES("cgroup a/b/c mesh", "cgroup d bulk", "egress control");
	enter_cgroup(DEEP, 1);
	enter_cgroup(FLAT, 2);
	host.cgroups[1] = FLAT;
	assert_int_equal(levels_asked(), 1 << 3 | 1 << 1);
	assert_int_equal(sent_from(CLASS_BULK), 1);
	host.cgroups[3] = DEEP;
	assert_int_equal(levels_asked(), 1 << 3);
	assert_int_equal(sent_from(CLASS_MESH), 1);
	LINES("cgroup 1/2/3/4/5/6/7/8 mesh");
	assert_int_equal(levels_asked(), 1 << CLASS_CGROUP_LEVELS);
	host.cgroups_asked = 0;
	assert_class(CLASS_BEST_EFFORT); /* what is received is of no process yet */
	assert_int_equal(host.cgroups_asked, 0);
}

/* As many classes and lines as there can be: the last line is in another word than the first. */
static void test_many_lines(void **state)
{
	static char texts[CLASS_LINES_MAX][32];
	const char *lines[CLASS_LINES_MAX + 1] = { NULL };

	(void)state;
	for (int i = 0; i < CLASS_LINES_MAX; i++) {
		snprintf(texts[i], sizeof(texts[i]), "udp %d class%d", 3000 + i, i % 27);
		lines[i] = texts[i];
	}
	put_lines(lines);
	assert_class(CLASS_BEST_EFFORT);
	for (int i = 0; i < CLASS_LINES_MAX; i += 51) {
		frame_ethernet(&frame, 0x0800);
		frame_ipv4(&frame, &(struct frame_ipv4) { .protocol = 17 });
		frame_udp(&frame, (uint16_t)(3000 + i), 9);
		frame_finish(&frame);
		assert_class(CLASS_BEST_EFFORT + 1 + i % 27);
	}
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
		cmocka_unit_test_setup(test_addresses, setup),
		cmocka_unit_test_setup(test_fragment, setup),
		cmocka_unit_test_setup(test_directions, setup),
		cmocka_unit_test_setup(test_vlans, setup),
		cmocka_unit_test_setup(test_interfaces, setup),
		cmocka_unit_test_setup(test_cgroups, setup),
		cmocka_unit_test_setup(test_cgroup_levels, setup),
		cmocka_unit_test_setup(test_many_lines, setup),
		cmocka_unit_test_setup(test_ethertypes, setup),
		cmocka_unit_test_setup(test_raw_ip, setup),
		cmocka_unit_test_setup(test_counts, setup),
		cmocka_unit_test_setup(test_vlan_in_the_frame, setup),
		cmocka_unit_test_setup(test_run_times, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
