// SPDX-License-Identifier: BSD-2-Clause
/* xdp_handed_back, compiled for this machine: of which packets the root of the chain is told. */
#include <setjmp.h>
#include <stdarg.h>

#include "tests/lib/bpf_host.h"

#include <cmocka.h>

#include "../../bpf/xdp_handed_back.bpf.c"

#include "tests/lib/bpf_fake.h"

enum { IFINDEX = 3 };

static struct net___x0 watched = { .ns.inum = 0xf0000001 }, foreign = { .ns.inum = 0xf0000002 };
static struct net_device___x0 device;
static struct sk_buff___x0 packet;
static uint8_t generic_program;

static int setup(void **state)
{
	(void)state;
	host_reset();
	host_write(&netns_inum, &watched.ns.inum, sizeof(netns_inum));
	device = (struct net_device___x0) {
		.ifindex = IFINDEX, .xdp_prog = &generic_program, .nd_net.net = &watched
	};
	packet = (struct sk_buff___x0) {
		.dev = &device, .tc_skip_classify = 1, .from_ingress = 1, .skb_iif = IFINDEX + 1
	};
	return 0;
}

/* Returns what the root is told of the packet, after another one was handed back at 99. */
static __u32 told(void)
{
	struct xdp_packet *next = host_element(&xdp_packet, 0);

	next->handed_back = 99;
	assert_int_equal(xdp_handed_back((__u64[]) { (uintptr_t)&packet }), 0);
	return next->handed_back;
}

static void test_handed_back(void **state)
{
	(void)state;
	assert_int_equal(told(), IFINDEX);
}

/* The next packet that generic XDP sees would be taken for it. */
static void test_no_generic_xdp(void **state)
{
	(void)state;
	device.xdp_prog = NULL;
	assert_int_equal(told(), 0);
}

static void test_others(void **state)
{
	(void)state;
	packet.tc_skip_classify = 0;
	assert_int_equal(told(), 0);
	packet.tc_skip_classify = 1;
	device.nd_net.net = &foreign;
	assert_int_equal(told(), 0);
	packet.dev = NULL;
	assert_int_equal(told(), 0);
}

/* An ifb in a container has marked what it sends: a veth lets the mark through. */
static void test_marked_elsewhere(void **state)
{
	(void)state;
	packet.skb_iif = 0;
	assert_int_equal(told(), 0);
	packet.from_ingress = 0;
	assert_int_equal(told(), 0);
	packet.skb_iif = IFINDEX + 1;
	assert_int_equal(told(), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_handed_back, setup),
		cmocka_unit_test_setup(test_no_generic_xdp, setup),
		cmocka_unit_test_setup(test_others, setup),
		cmocka_unit_test_setup(test_marked_elsewhere, setup),
	};

	return cmocka_run_group_tests_name("xdp_handed_back", tests, NULL, NULL);
}
