// SPDX-License-Identifier: BSD-2-Clause
/* What the classifier does to packets in this kernel: code points with their sums, rates on the wire, priorities. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <arpa/inet.h>
#include <bpf/bpf.h>
#include <cmocka.h>
#include <linux/bpf.h>
#include <linux/if_packet.h>
#include <linux/pkt_cls.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "class_act.h"
#include "qos/act.h"
#include "tc_classifier.h"
#include "tests/lib/bpf_program.h"
#include "tests/lib/netns.h"
#include "tests/lib/packets.h"
#include "tests/lib/wait.h"

#define SLOT  5
#define CLASS CLASS_BEST_EFFORT
#define ECN   3
#define SEND  "left"
#define TAKE  "right"

enum {
	PRIORITY = 0x78300005,
	PAYLOAD = 100,
	RATE = 2000000, /* bit/s */
	BURST = 4000, /* bytes */
	AT_ONCE = 32,
};

static struct {
	struct bpf_object *object;
	int ways[TRAFFIC_DIRECTIONS]; /* programs */
	struct frame frame;
	uint32_t priority; /* of the packet that came out of run() */
} test;

static int map(const char *name)
{
	return bpf_program_map_fd(test.object, name);
}

static void put(const struct class_acts *acts)
{
	const uint32_t slot = SLOT;

	assert_int_equal(bpf_map_update_elem(map("class_acts"), &slot, acts, BPF_ANY), 0);
}

static struct class_act *act_of(struct class_acts *acts, uint32_t direction)
{
	return &acts->classes[CLASS_ACT_PLACE(direction, CLASS)];
}

static struct class_act_count count(uint32_t direction)
{
	struct class_act_count sum;

	bpf_program_sum(map("class_act_counts"), CLASS_ACT_INDEX(SLOT, direction, CLASS), &sum,
		sizeof(sum));
	return sum;
}

/* Loading takes two seconds in a guest: once for all tests. */
static int load(void **state)
{
	(void)state;
	netns_enter();
	test.object = bpf_program_open("tc_classifier");
	bpf_program_set(test.object, "class_acting", true);
	struct bpf_map *acts = bpf_object__find_map_by_name(test.object, "class_acts");
	assert_true(bpf_map__max_entries(acts) > SLOT);
	bpf_program_load(test.object);
	test.ways[DIRECTION_INGRESS] = bpf_program_fd(test.object, "tc_ingress");
	test.ways[DIRECTION_EGRESS] = bpf_program_fd(test.object, "tc_egress");
	return 0;
}

static int unload(void **state)
{
	(void)state;
	bpf_object__close(test.object);
	return 0;
}

/* Each test begins without counts and interfaces. */
static int start(void **state)
{
	(void)state;
	bpf_program_clear(map("class_act_counts"));
	bpf_program_clear(map("tc_counters"));
	bpf_program_clear(map("tc_interfaces"));
	bpf_program_watch(map("tc_interfaces"), BPF_PROGRAM_RUN_IFINDEX, SLOT, 0);
	return 0;
}

/* Runs a program on test.frame, which has what came out of it then. Returns the verdict. */
static int run(uint32_t direction)
{
	struct __sk_buff before = { .wire_len = (uint32_t)test.frame.length }, after = { 0 };
	struct frame out = test.frame;
	LIBBPF_OPTS(bpf_test_run_opts, options, .data_in = test.frame.bytes,
		.data_size_in = (uint32_t)test.frame.length, .data_out = out.bytes,
		.data_size_out = sizeof(out.bytes), .ctx_in = &before,
		.ctx_size_in = sizeof(before), .ctx_out = &after, .ctx_size_out = sizeof(after));

	assert_int_equal(bpf_prog_test_run_opts(test.ways[direction], &options), 0);
	assert_int_equal(options.data_size_out, test.frame.length);
	test.frame = out;
	test.priority = after.priority;
	return (int)options.retval;
}

/* --- code points ------------------------------------------------------------------------------ */

static void make(int version, bool vlan, uint16_t fragment)
{
	const struct frame_ipv4 four = { .protocol = 17, .dscp = 10, .fragment = fragment };

	frame_ethernet(&test.frame, vlan ? 0x8100 : version == 4 ? 0x0800 : 0x86dd);
	if (vlan)
		frame_vlan(&test.frame, version == 4 ? 0x0800 : 0x86dd);
	if (version == 4)
		frame_ipv4(&test.frame, &four);
	else
		frame_ipv6(&test.frame, 17, 10);
	frame_udp(&test.frame, 1000, 2000);
	frame_payload(&test.frame, PAYLOAD);
	test.frame.bytes[test.frame.ip + 1] |= version == 4 ? ECN : ECN << 4;
	frame_finish(&test.frame);
}

/* The code point is the asked one, all sums are right, and nothing else is another. */
static void assert_marked(int version, const struct frame *before, uint8_t dscp, bool whole)
{
	const uint8_t *ip = test.frame.bytes + test.frame.ip;
	uint8_t field = version == 4 ? ip[1] : (uint8_t)(ip[0] << 4 | ip[1] >> 4);
	struct frame same = test.frame;

	assert_int_equal(field, dscp << 2 | ECN);
	assert_true(version == 6 || frame_ipv4_is_right(&test.frame));
	assert_true(!whole || frame_udp_is_right(&test.frame));
	memcpy(same.bytes + same.ip, before->bytes + before->ip, 2);
	if (version == 4)
		memcpy(same.bytes + same.ip + 10, before->bytes + before->ip + 10, 2);
	assert_memory_equal(same.bytes, before->bytes, before->length);
}

static void code_points(void **state)
{
	static const uint16_t fragments[] = { 0, 0x2000, 5 };
	struct class_acts acts = { .modes = CLASS_ACT_MARK };
	uint64_t marked = 0;

	(void)state;
	for (uint32_t way = 0; way < TRAFFIC_DIRECTIONS; way++) {
		for (int kind = 0; kind < 2 * 2 * 3; kind++) {
			int version = kind % 2 ? 6 : 4;
			bool vlan = kind / 2 % 2;
			uint16_t fragment = version == 4 ? fragments[kind / 4] : 0;
			uint8_t dscp = (uint8_t)(5 + kind * 5);
			act_mark(act_of(&acts, way), dscp);
			put(&acts);
			make(version, vlan, fragment);
			const struct frame before = test.frame;
			assert_int_equal(run(way), TC_ACT_UNSPEC);
			assert_marked(version, &before, dscp, fragment == 0);
			marked += dscp != 10;
		}
		assert_int_equal(count(way).marked, marked);
		marked = 0;
	}
}

static void priorities(void **state)
{
	struct class_acts acts = { .modes = CLASS_ACT_SHAPE };

	(void)state;
	act_of(&acts, DIRECTION_EGRESS)->modes = CLASS_ACT_SHAPE;
	act_of(&acts, DIRECTION_EGRESS)->priority = PRIORITY;
	put(&acts);
	make(4, false, 0);
	assert_int_equal(run(DIRECTION_INGRESS), TC_ACT_UNSPEC);
	assert_int_equal(test.priority, 0);
	assert_int_equal(run(DIRECTION_EGRESS), TC_ACT_UNSPEC);
	assert_int_equal(test.priority, PRIORITY);
}

/* --- rates, on the wire ------------------------------------------------------------------------ */

static void attach(const char *interface, enum bpf_tc_attach_point where, int program)
{
	LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = (int)if_nametoindex(interface),
		.attach_point = where);
	LIBBPF_OPTS(bpf_tc_opts, options, .prog_fd = program);

	bpf_program_watch(map("tc_interfaces"), if_nametoindex(interface), SLOT, 0);
	assert_int_equal(bpf_tc_hook_create(&hook), 0);
	assert_int_equal(bpf_tc_attach(&hook, &options), 0);
}

/* Who sends may be told that a packet is dropped. */
static void send_frames(int sender)
{
	for (int i = 0; i < AT_ONCE; i++)
		assert_true(send(sender, test.frame.bytes, test.frame.length, 0) > 0 ||
			    errno == ENOBUFS);
}

static int open_sender(void)
{
	const struct sockaddr_ll at = {
		.sll_family = AF_PACKET,
		.sll_protocol = htons(ETH_P_IP),
		.sll_ifindex = (int)if_nametoindex(SEND),
	};
	int sender = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);

	assert_return_code(sender, errno);
	assert_return_code(bind(sender, (const struct sockaddr *)&at, sizeof(at)), errno);
	return sender;
}

static uint64_t counted(uint32_t direction)
{
	struct tc_interface_counters sum;

	bpf_program_sum(map("tc_counters"), SLOT, &sum, sizeof(sum));
	return sum.classes[direction][CLASS].bytes;
}

/* Sends more than the rate for half a second. Returns the seconds in which it did not get to send, and the bucket was
 * full. */
static double send_for_rate(int sender, double began)
{
	double last = began, paused = 0, now;

	do {
		send_frames(sender);
		now = clock_monotonic_seconds();
		if (now - last > BURST * 8.0 / RATE / 2)
			paused += now - last;
		last = now;
	} while (now - began < 0.5);
	return paused;
}

/*
 * Sends more than the rate. What passed is the burst, the rate times the time that it took, and a frame at most, and
 * half of the rate at least while it was sent: bounds that no busy machine moves.
 */
static void police(uint32_t direction, const char *interface, enum bpf_tc_attach_point where)
{
	struct class_acts acts = { .modes = CLASS_ACT_POLICE };

	netns_veth(SEND, TAKE);
	assert_true(wait_until(netns_is_running, SEND));
	act_police(act_of(&acts, direction), RATE, BURST);
	put(&acts);
	attach(interface, where, test.ways[direction]);
	make(4, false, 0);
	int sender = open_sender();
	double began = clock_monotonic_seconds(), paused = send_for_rate(sender, began);
	const struct class_act_count dropped = count(direction);
	double seconds = clock_monotonic_seconds() - began;
	double passed = (double)(counted(direction) - dropped.dropped_bytes);
	double most = BURST + RATE / 8.0 * seconds + (double)test.frame.length;
	assert_true(dropped.dropped > 0);
	assert_int_equal(dropped.dropped_bytes, dropped.dropped * test.frame.length);
	print_message("%.0f bytes passed in %.3f s, %.3f of them a pause, of %.0f\n", passed,
		seconds, paused, most);
	assert_true(passed <= most);
	assert_true(passed >= 0.5 * (most - RATE / 8.0 * paused));
	close(sender);
	netns_delete(SEND);
}

static void rate_of_what_is_sent(void **state)
{
	(void)state;
	police(DIRECTION_EGRESS, SEND, BPF_TC_EGRESS);
}

static void rate_of_what_is_received(void **state)
{
	(void)state;
	police(DIRECTION_INGRESS, TAKE, BPF_TC_INGRESS);
}

#define test(function) cmocka_unit_test_setup(function, start)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(code_points),
		test(priorities),
		test(rate_of_what_is_sent),
		test(rate_of_what_is_received),
	};

	return cmocka_run_group_tests(tests, load, unload);
}
