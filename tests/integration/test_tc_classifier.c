// SPDX-License-Identifier: BSD-2-Clause
/* tc_classifier: the order of its lines, every class, both directions, TCX and clsact. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <arpa/inet.h>
#include <bpf/bpf.h>
#include <cmocka.h>
#include <linux/bpf.h>
#include <linux/pkt_cls.h>
#include <net/if.h>

#include "interfaces.h"
#include "tc_classifier.h"
#include "tests/lib/bpf_program.h"
#include "tests/lib/class_lines.h"
#include "tests/lib/netns.h"
#include "tests/lib/packet_model.h"
#include "tests/lib/packets.h"
#include "tests/lib/wait.h"

#define SLOT 5

enum {
	TCP = 6,
	UDP = 17,
	PACKETS_EACH = 50,
	TRUNCATED_MIN = 14, /* a packet socket takes no less */
	TRUNCATED_MAX = 128,
	/* enum bpf_attach_type of Linux 6.6, which older headers do not have. */
	ATTACH_TCX_INGRESS = 46,
	ATTACH_TCX_EGRESS = 47,
};

static struct {
	struct bpf_object *object;
	int ingress, egress, counters;
	struct map_registry registry;
	struct frame frame; /* what run() sends */
} test;

static void make_tcp(void)
{
	frame_ethernet(&test.frame, 0x0800);
	frame_ipv4(&test.frame, &(struct frame_ipv4) { .protocol = TCP, .dscp = 46 });
	frame_tcp(&test.frame, 40000, 22, 0);
	frame_payload(&test.frame, 40);
	frame_finish(&test.frame);
}

static void watch(uint32_t ifindex, uint16_t flags)
{
	bpf_program_watch(bpf_program_map_fd(test.object, "tc_interfaces"), ifindex, SLOT, flags);
}

/* Loading takes a second in a guest: once for all tests. */
static int load(void **state)
{
	(void)state;
	test.object = bpf_program_open("tc_classifier");
	bpf_program_load(test.object);
	test.ingress = bpf_program_fd(test.object, "tc_ingress");
	test.egress = bpf_program_fd(test.object, "tc_egress");
	test.counters = bpf_program_map_fd(test.object, "tc_counters");
	map_registry_init(&test.registry);
	map_registry_declare(&test.registry, class_lines_maps);
	assert_int_equal(map_registry_keep(&test.registry, test.object), 0);
	return 0;
}

static int unload(void **state)
{
	(void)state;
	map_registry_close(&test.registry);
	bpf_object__close(test.object);
	return 0;
}

#define LINES(...) class_lines_put(&test.registry, (const char *const[]) { __VA_ARGS__, NULL })

/* Each test begins without lines, counts and interfaces. */
static void begin(uint16_t flags)
{
	bpf_program_clear(bpf_program_map_fd(test.object, "tc_interfaces"));
	watch(BPF_PROGRAM_RUN_IFINDEX, flags);
	bpf_program_clear(test.counters);
	class_lines_put(&test.registry, (const char *const[]) { NULL });
	make_tcp();
}

static int start(void **state)
{
	(void)state;
	begin(0);
	return 0;
}

static int start_raw_ip(void **state)
{
	(void)state;
	begin(INTERFACE_RAW_IP);
	return 0;
}

static struct tc_interface_counters counters(void)
{
	struct tc_interface_counters sum;

	bpf_program_sum(test.counters, SLOT, &sum, sizeof(sum));
	return sum;
}

/* Without a context the kernel leaves wire_len 0, which no real packet has. */
static void run_program(int program, struct __sk_buff *context)
{
	LIBBPF_OPTS(bpf_test_run_opts, options, .data_in = test.frame.bytes,
		.data_size_in = test.frame.length, .ctx_in = context,
		.ctx_size_in = sizeof(*context));

	assert_int_equal(bpf_prog_test_run_opts(program, &options), 0);
	assert_int_equal((int)options.retval, TC_ACT_UNSPEC);
}

/* Runs test.frame in both directions. Returns its class; it must be one, the same in both. */
static uint32_t run(void)
{
	const struct tc_interface_counters before = counters();
	struct tc_interface_counters after;
	struct __sk_buff context = { 0 };
	uint32_t class = CLASS_NONE;

	run_program(test.ingress, &context);
	run_program(test.egress, &context);
	after = counters();
	for (uint32_t i = 0; i < TRAFFIC_CLASSES; i++) {
		for (uint32_t direction = 0; direction < TRAFFIC_DIRECTIONS; direction++) {
			const struct traffic_count *old = &before.classes[direction][i];
			const struct traffic_count *new = &after.classes[direction][i];

			if (new->packets == old->packets)
				continue;
			assert_int_equal(new->packets, old->packets + 1);
			assert_int_equal(new->bytes, old->bytes + test.frame.length);
			assert_true(class == CLASS_NONE || class == i);
			class = i;
		}
	}
	return class;
}

static void nothing_named_is_best_effort(void **state)
{
	struct frame frame;

	(void)state;
	for (size_t i = 0; i < n_frame_samples; i++) {
		frame_sample_build(i, &frame);
		test.frame = frame;
		assert_int_equal(run(), CLASS_BEST_EFFORT);
	}
}

static void the_first_line_decides(void **state)
{
	(void)state;
	LINES("proto tcp bulk");
	assert_int_equal(run(), CLASS_BULK);
	assert_int_equal(run(), CLASS_BULK);
	LINES("dscp ef interactive", "proto tcp bulk");
	assert_int_equal(run(), CLASS_INTERACTIVE);
	LINES("tcp 40000 mesh", "tcp 22 control", "dscp ef interactive");
	assert_int_equal(run(), CLASS_MESH);
	LINES("udp 22 mesh", "proto tcp sport 22 bulk", "tcp 22 control");
	assert_int_equal(run(), CLASS_CONTROL);
	LINES("ethertype 0x0800 best_effort", "tcp 22 control");
	assert_int_equal(run(), CLASS_BEST_EFFORT);
}

static void every_class(void **state)
{
	char line[32];

	(void)state;
	for (int class = CLASS_BEST_EFFORT + 1; class < TRAFFIC_CLASSES; class ++) {
		const char *lines[TRAFFIC_CLASSES] = { NULL };
		char unused[TRAFFIC_CLASSES][32];
		int n = 0;
		for (int i = CLASS_BEST_EFFORT + 1; i < class; i++, n++) {
			snprintf(unused[n], sizeof(unused[n]), "vlan %d class%d", i, i);
			lines[n] = unused[n];
		}
		snprintf(line, sizeof(line), "dscp ef class%d", class);
		lines[n] = line;
		class_lines_put(&test.registry, lines);
		assert_int_equal(run(), class);
	}
}

static void ethertypes_without_ip(void **state)
{
	(void)state;
	/* What has no DSCP does not have DSCP 0. */
	LINES("dscp 0 bulk", "proto 0 bulk", "ethertype 0x4305 mesh", "ethertype 0x0806 control");
	frame_ethernet(&test.frame, 0x8100);
	frame_vlan(&test.frame, 0x4305);
	frame_batman(&test.frame);
	assert_int_equal(run(), CLASS_MESH);
	frame_ethernet(&test.frame, 0x0806);
	frame_arp(&test.frame);
	assert_int_equal(run(), CLASS_CONTROL);
	frame_ethernet(&test.frame, 0x88cc);
	frame_payload(&test.frame, 46);
	assert_int_equal(run(), CLASS_BEST_EFFORT);
}

/* An interface without Ethernet headers: WireGuard, TUN. */
static void raw_ip_interface(void **state)
{
	(void)state;
	test.frame.length -= test.frame.ip;
	memmove(test.frame.bytes, test.frame.bytes + test.frame.ip, test.frame.length);
	LINES("tcp 22 interactive");
	assert_int_equal(run(), CLASS_INTERACTIVE);
	LINES("ethertype 0x0800 bulk", "tcp 22 interactive");
	assert_int_equal(run(), CLASS_BULK);
}

/* The slot is that of the entry. */
static void another_slot_leaves_this_one_alone(void **state)
{
	struct tc_interface_counters counters, none = { 0 };

	(void)state;
	bpf_program_watch(bpf_program_map_fd(test.object, "tc_interfaces"), BPF_PROGRAM_RUN_IFINDEX,
		SLOT + 1, 0);
	assert_int_equal(bpf_program_run(test.ingress, test.frame.bytes, test.frame.length),
		(uint32_t)TC_ACT_UNSPEC);
	bpf_program_sum(test.counters, SLOT, &counters, sizeof(counters));
	assert_memory_equal(&counters, &none, sizeof(none));
}

/* The class that the lines of put_all_lines() name, from the model of the packet. */
static uint32_t model_class(const uint8_t *bytes, size_t length)
{
	struct packet_model model;

	packet_model_read(bytes, length, false, &model);
	if (model.ethertype == 0x4305)
		return CLASS_MESH;
	if (model.has_ports && model.protocol == UDP && model.destination_port == 6696)
		return CLASS_CONTROL;
	if (model.has_ports && model.protocol == UDP && model.source_port == 6696)
		return CLASS_CONTROL;
	if (model.has_address && model.dscp == 46)
		return CLASS_INTERACTIVE;
	if (model.has_address && model.protocol == TCP)
		return CLASS_BULK;
	return CLASS_BEST_EFFORT;
}

static void put_all_lines(void)
{
	LINES("ethertype 0x4305 mesh", "udp 6696 control", "dscp ef interactive", "proto tcp bulk");
}

static void gso_segments_are_packets(void **state)
{
	struct __sk_buff context = { .gso_segs = 7, .gso_size = 10 };
	struct traffic_count count;

	(void)state;
	context.wire_len = test.frame.length + 6 * 54; /* with the headers of each segment */
	run_program(test.egress, &context);
	count = counters().classes[DIRECTION_EGRESS][CLASS_BEST_EFFORT];
	assert_int_equal(count.packets, 7);
	assert_int_equal(count.bytes, test.frame.length + 6 * 54);
}

struct arrival {
	uint32_t direction;
	uint64_t packets;
};

static bool have_arrived(void *context)
{
	const struct arrival *arrival = context;
	const struct tc_interface_counters sum = counters();
	uint64_t packets = 0;

	for (uint32_t class = 0; class < TRAFFIC_CLASSES; class ++)
		packets += sum.classes[arrival->direction][class].packets;
	return packets >= arrival->packets;
}

static void expect(struct tc_interface_counters *expected, uint32_t direction,
	const struct frame *frame, unsigned count)
{
	uint32_t class = model_class(frame->bytes, frame->length);
	struct packet_model model;

	expected->classes[direction][class].packets += count;
	expected->classes[direction][class].bytes += count * frame->length;
	packet_model_read(frame->bytes, frame->length, false, &model);
	expected->vlan[direction] += model.vlan ? count : 0;
}

/* Moves the outer VLAN tag beside the packet, as the stack does before TC sees what arrives. */
static void strip_tag(struct tc_interface_counters *expected, struct frame *frame, uint64_t count)
{
	struct packet_model model;

	memmove(frame->bytes + 12, frame->bytes + 16, frame->length - 16);
	frame->length -= 4;
	packet_model_read(frame->bytes, frame->length, false, &model);
	expected->vlan[DIRECTION_INGRESS] += model.vlan ? 0 : count;
}

/* Sends PACKETS_EACH of every sample over the wire; both directions must count all of them. */
static void count_real_packets(void)
{
	struct tc_interface_counters expected = { 0 }, sum;
	uint64_t sent = 0;
	struct frame frame;

	put_all_lines();
	for (size_t i = 0; i < n_frame_samples; i++) {
		frame_sample_build(i, &frame);
		if (frame.length > 1514)
			frame.length = 1514;
		netns_send("left", frame.bytes, frame.length, PACKETS_EACH);
		expect(&expected, DIRECTION_EGRESS, &frame, PACKETS_EACH);
		if (frame_samples[i].traits & FRAME_VLAN)
			strip_tag(&expected, &frame, PACKETS_EACH);
		expect(&expected, DIRECTION_INGRESS, &frame, PACKETS_EACH);
		sent += PACKETS_EACH;
		assert_true(
			wait_until(have_arrived, &(struct arrival) { DIRECTION_INGRESS, sent }));
	}
	assert_true(wait_until(have_arrived, &(struct arrival) { DIRECTION_EGRESS, sent }));
	sum = counters();
	assert_memory_equal(&sum, &expected, sizeof(sum));
}

static int tcx_link(int program, const char *interface, int type)
{
	return bpf_link_create(
		program, if_nametoindex(interface), (enum bpf_attach_type)type, NULL);
}

static void real_packets_tcx(void **state)
{
	int egress, ingress;

	(void)state;
	netns_veth("left", "right");
	watch(if_nametoindex("left"), 0);
	watch(if_nametoindex("right"), 0);
	egress = tcx_link(test.egress, "left", ATTACH_TCX_EGRESS);
	ingress = tcx_link(test.ingress, "right", ATTACH_TCX_INGRESS);
	if (egress < 0) {
		netns_delete("left");
		print_message("no TCX links before Linux 6.6\n");
		skip();
	}
	assert_true(ingress >= 0);
	count_real_packets();
	close(egress);
	close(ingress);
	netns_delete("left");
}

static void attach_clsact(struct bpf_tc_hook *hook, int program)
{
	LIBBPF_OPTS(bpf_tc_opts, options, .prog_fd = program);

	assert_int_equal(bpf_tc_hook_create(hook), 0);
	assert_int_equal(bpf_tc_attach(hook, &options), 0);
}

static void real_packets_clsact(void **state)
{
	(void)state;
	netns_veth("left", "right");
	watch(if_nametoindex("left"), 0);
	watch(if_nametoindex("right"), 0);
	LIBBPF_OPTS(bpf_tc_hook, left, .ifindex = if_nametoindex("left"),
		.attach_point = BPF_TC_EGRESS);
	LIBBPF_OPTS(bpf_tc_hook, right, .ifindex = if_nametoindex("right"),
		.attach_point = BPF_TC_INGRESS);

	attach_clsact(&left, test.egress);
	attach_clsact(&right, test.ingress);
	count_real_packets();
	netns_delete("left");
}

/* --- conditions, on the wire ------------------------------------------------------------------ */

static void make_addressed(struct frame *frame, bool six, uint16_t vlan)
{
	frame_ethernet(frame, vlan != 0 ? 0x8100 : six ? 0x86dd : 0x0800);
	if (vlan != 0) {
		frame_vlan(frame, six ? 0x86dd : 0x0800);
		frame->bytes[14] = (uint8_t)(vlan >> 8);
		frame->bytes[15] = (uint8_t)vlan;
	}
	if (six)
		frame_ipv6(frame, UDP, 0);
	else
		frame_ipv4(frame, &(struct frame_ipv4) { .protocol = UDP });
	uint8_t *addresses = frame->bytes + frame->ip + (six ? 8 : 12);
	if (six) {
		memcpy(addresses, (uint8_t[]) { 0xfd, 0, 0, 1 }, 4);
		memcpy(addresses + 16, (uint8_t[]) { 0xfd, 0, 0, 2 }, 4);
	} else {
		memcpy(addresses, (uint8_t[]) { 10, 1, 2, 3, 10, 9, 0, 7 }, 8);
	}
	frame_udp(frame, 1000, 2000);
	frame_payload(frame, 40);
	frame_finish(frame);
}

/* Sends a frame from left to right, and expects its class where it leaves, and where it arrives. */
static void expect_classes(const struct frame *frame, uint32_t sent, uint32_t received)
{
	const struct tc_interface_counters before = counters();
	uint64_t all = 0;

	for (uint32_t class = 0; class < TRAFFIC_CLASSES; class ++)
		all += before.classes[DIRECTION_INGRESS][class].packets;
	netns_send("left", frame->bytes, frame->length, PACKETS_EACH);
	assert_true(wait_until(
		have_arrived, &(struct arrival) { DIRECTION_INGRESS, all + PACKETS_EACH }));
	const struct tc_interface_counters now = counters();
	assert_int_equal(now.classes[DIRECTION_EGRESS][sent].packets,
		before.classes[DIRECTION_EGRESS][sent].packets + PACKETS_EACH);
	assert_int_equal(now.classes[DIRECTION_INGRESS][received].packets,
		before.classes[DIRECTION_INGRESS][received].packets + PACKETS_EACH);
}

/* Each kind of condition, by packets that leave one interface and arrive at another. */
static void conditions_on_the_wire(void **state)
{
	struct frame four, six, tagged;

	(void)state;
	netns_veth("left", "right");
	watch(if_nametoindex("left"), 0);
	watch(if_nametoindex("right"), 0);
	LIBBPF_OPTS(bpf_tc_hook, left, .ifindex = if_nametoindex("left"),
		.attach_point = BPF_TC_EGRESS);
	LIBBPF_OPTS(bpf_tc_hook, right, .ifindex = if_nametoindex("right"),
		.attach_point = BPF_TC_INGRESS);
	attach_clsact(&left, test.egress);
	attach_clsact(&right, test.ingress);
	make_addressed(&four, false, 0);
	make_addressed(&six, true, 0);
	make_addressed(&tagged, false, 42);
	LINES("vlan 42 egress mesh", "vlan 42 bulk", "10.1.0.0/16 to 10.9.0.7 on left control",
		"to 10.9.0.0/24 udp 1000 interactive", "fd00:2::/32 control",
		"fd00:1::/32 to fd00:2::/32 sport 1000 port 2000 ingress mesh",
		"proto udp egress bulk");
	expect_classes(&four, CLASS_CONTROL, CLASS_INTERACTIVE);
	expect_classes(&six, CLASS_BULK, CLASS_MESH);
	expect_classes(&tagged, CLASS_MESH, CLASS_BULK);
	LINES("to fd00:2::/32 on right mesh", "10.9.0.7 bulk", "ethertype 0x0800 ingress control");
	expect_classes(&four, CLASS_BEST_EFFORT, CLASS_CONTROL);
	expect_classes(&six, CLASS_BEST_EFFORT, CLASS_MESH);
	netns_delete("left");
}

/* Loads a program that puts a VLAN tag beside each packet, as a VLAN interface does. */
static int load_tagging(void)
{
	const struct bpf_insn code[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_2, .imm = htons(0x8100) },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_3, .imm = 42 },
		{ .code = BPF_JMP | BPF_CALL, .imm = BPF_FUNC_skb_vlan_push },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = TC_ACT_OK },
		{ .code = BPF_JMP | BPF_EXIT },
	};

	return bpf_prog_load(BPF_PROG_TYPE_SCHED_CLS, "tagging", "GPL", code,
		sizeof(code) / sizeof(code[0]), NULL);
}

/* XDP cannot see such a tag. */
static void tag_beside_the_packet(void **state)
{
	(void)state;
	netns_veth("left", "right");
	watch(if_nametoindex("right"), 0);
	LIBBPF_OPTS(bpf_tc_hook, left, .ifindex = if_nametoindex("left"),
		.attach_point = BPF_TC_EGRESS);
	LIBBPF_OPTS(bpf_tc_hook, right, .ifindex = if_nametoindex("right"),
		.attach_point = BPF_TC_INGRESS);
	int tagging = load_tagging();

	assert_true(tagging >= 0);
	attach_clsact(&left, tagging);
	attach_clsact(&right, test.ingress);
	netns_send("left", test.frame.bytes, test.frame.length, 9);
	assert_true(wait_until(have_arrived, &(struct arrival) { DIRECTION_INGRESS, 9 }));
	assert_int_equal(counters().vlan[DIRECTION_INGRESS], 9);
	assert_int_equal(counters().vlan[DIRECTION_EGRESS], 0);
	close(tagging);
	netns_delete("left");
}

/*
 * Sends every sample, cut at every length, out of a veth and compares the classes after each. On the
 * wire, for BPF_PROG_RUN refuses TC programs frames that end within an IP header.
 */
static void send_truncated(void (*send)(const char *interface, const struct frame *frame))
{
	struct tc_interface_counters expected = { 0 }, sum;
	struct frame frame;

	put_all_lines();
	netns_veth("left", "right");
	watch(if_nametoindex("left"), 0);
	watch(if_nametoindex("right"), 0);
	LIBBPF_OPTS(bpf_tc_hook, left, .ifindex = if_nametoindex("left"),
		.attach_point = BPF_TC_EGRESS);
	attach_clsact(&left, test.egress);
	for (size_t i = 0; i < n_frame_samples; i++) {
		frame_sample_build(i, &frame);
		size_t longest = frame.length < TRUNCATED_MAX ? frame.length : TRUNCATED_MAX;

		for (frame.length = TRUNCATED_MIN; frame.length <= longest; frame.length++) {
			send("left", &frame);
			expect(&expected, DIRECTION_EGRESS, &frame, 1);
			sum = counters();
			assert_memory_equal(&sum, &expected, sizeof(sum));
		}
	}
	netns_delete("left");
}

static void send_linear(const char *interface, const struct frame *frame)
{
	netns_send(interface, frame->bytes, frame->length, 1);
}

/* All headers but Ethernet's are beyond the linear part of the skb. */
static void send_nonlinear(const char *interface, const struct frame *frame)
{
	netns_send_nonlinear(interface, frame->bytes, frame->length);
}

static void truncated_headers(void **state)
{
	(void)state;
	send_truncated(send_linear);
}

static void truncated_headers_in_pages(void **state)
{
	(void)state;
	send_truncated(send_nonlinear);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup(name, start)
	const struct CMUnitTest tests[] = {
		TEST(nothing_named_is_best_effort),
		TEST(the_first_line_decides),
		TEST(every_class),
		TEST(ethertypes_without_ip),
		cmocka_unit_test_setup(raw_ip_interface, start_raw_ip),
		TEST(another_slot_leaves_this_one_alone),
		TEST(gso_segments_are_packets),
		TEST(real_packets_tcx),
		TEST(real_packets_clsact),
		TEST(conditions_on_the_wire),
		TEST(tag_beside_the_packet),
		TEST(truncated_headers),
		TEST(truncated_headers_in_pages),
	};

	netns_enter();
	return cmocka_run_group_tests_name("tc classifier", tests, load, unload);
}
