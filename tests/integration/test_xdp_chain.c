// SPDX-License-Identifier: BSD-2-Clause
/* The XDP chain: stages in, out and alone; verdicts; exact counts of real packets through veth. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <bpf/bpf.h>
#include <cmocka.h>
#include <linux/bpf.h>
#include <linux/if_link.h>
#include <net/if.h>
#include <unistd.h>

#include "interfaces.h"
#include "mesh/compile.h"
#include "mesh/tables.h"
#include "tests/lib/bpf_program.h"
#include "tests/lib/netns.h"
#include "tests/lib/packet_model.h"
#include "tests/lib/packets.h"
#include "tests/lib/wait.h"
#include "xdp_counter.h"
#include "xdp_mesh_filter.h"

#define SLOT 5 /* of the interface: not the 0 that a forgotten entry would be */

enum {
	PACKETS_EACH = 100,
	BURST = 50, /* a veth's ring takes 256 */
};

static struct {
	struct bpf_object *root, *counter, *filter;
	int chain, counters, stages;
} test;

static int start(void **state)
{
	(void)state;
	test.root = bpf_program_open("xdp_root");
	bpf_program_load(test.root);
	test.counter = bpf_program_open("xdp_counter");
	bpf_program_share_maps(test.counter, test.root);
	bpf_program_load(test.counter);
	test.filter = bpf_program_open("xdp_mesh_filter");
	bpf_program_share_maps(test.filter, test.root);
	bpf_program_load(test.filter);
	test.chain = bpf_program_map_fd(test.root, "xdp_chain");
	test.counters = bpf_program_map_fd(test.root, "xdp_counters");
	test.stages = bpf_program_map_fd(test.root, "xdp_packet");
	return 0;
}

static int stop(void **state)
{
	(void)state;
	bpf_object__close(test.filter);
	bpf_object__close(test.counter);
	bpf_object__close(test.root);
	return 0;
}

static void watch(uint32_t ifindex, uint16_t flags)
{
	bpf_program_watch(bpf_program_map_fd(test.root, "xdp_interfaces"), ifindex, SLOT, flags);
}

/* Lets `program` follow `stage`; a negative one: nothing. */
static void follow(uint32_t stage, int program)
{
	if (program < 0)
		bpf_map_delete_elem(test.chain, &stage);
	else
		assert_int_equal(bpf_map_update_elem(test.chain, &stage, &program, BPF_ANY), 0);
}

static int counter_fd(void)
{
	return bpf_program_fd(test.counter, "xdp_counter");
}

static int filter_fd(void)
{
	return bpf_program_fd(test.filter, "xdp_mesh_filter");
}

/* Each test begins with an empty chain and counters of zero. */
static int clear(void **state)
{
	const struct xdp_interface_counters none = { 0 };
	const struct xdp_packet no_runs = { 0 };

	(void)state;
	watch(BPF_PROGRAM_RUN_IFINDEX, 0);
	follow(XDP_ROOT, -1);
	follow(XDP_COUNTER, -1);
	follow(XDP_MESH_FILTER, -1);
	bpf_program_set_percpu(test.counters, SLOT, &none, sizeof(none));
	bpf_program_set_percpu(test.stages, 0, &no_runs, sizeof(no_runs));
	return 0;
}

static uint64_t runs(uint32_t stage)
{
	struct xdp_packet sum;

	bpf_program_sum(test.stages, 0, &sum, sizeof(sum));
	return sum.stages[stage].runs;
}

static struct traffic_count counted(uint32_t network, uint32_t transport, uint32_t verdict)
{
	struct xdp_interface_counters counters;

	bpf_program_sum(test.counters, SLOT, &counters, sizeof(counters));
	return counters.packets[network][transport][verdict];
}

static void make_tcp(struct frame *frame)
{
	frame_ethernet(frame, 0x0800);
	frame_ipv4(frame, &(struct frame_ipv4) { .protocol = 6 });
	frame_tcp(frame, 40000, 22, 0);
	frame_finish(frame);
}

static uint32_t run_root(unsigned times)
{
	struct frame frame;
	uint32_t verdict = 0;

	make_tcp(&frame);
	while (times--)
		verdict = bpf_program_run(
			bpf_program_fd(test.root, "xdp_root"), frame.bytes, frame.length);
	return verdict;
}

static void empty_chain_passes(void **state)
{
	(void)state;
	assert_int_equal(run_root(3), XDP_PASS);
	assert_int_equal(runs(XDP_ROOT), 3);
	assert_int_equal(runs(XDP_COUNTER), 0);
	assert_int_equal(counted(NETWORK_IPV4, TRANSPORT_TCP, XDP_PASS).packets, 0);
}

static void stages_go_in_and_out(void **state)
{
	(void)state;
	follow(XDP_ROOT, counter_fd());
	assert_int_equal(run_root(2), XDP_PASS);
	assert_int_equal(runs(XDP_COUNTER), 2);
	follow(XDP_COUNTER, filter_fd());
	assert_int_equal(run_root(3), XDP_PASS);
	assert_int_equal(runs(XDP_COUNTER), 5);
	assert_int_equal(runs(XDP_MESH_FILTER), 3);
	assert_int_equal(counted(NETWORK_IPV4, TRANSPORT_TCP, XDP_PASS).packets, 5);
	assert_int_equal(counted(NETWORK_IPV4, TRANSPORT_TCP, XDP_PASS).bytes, 5 * 54);

	/* Without the counter nothing is counted, and nothing left over from it. */
	follow(XDP_ROOT, filter_fd());
	assert_int_equal(run_root(4), XDP_PASS);
	assert_int_equal(runs(XDP_COUNTER), 5);
	assert_int_equal(runs(XDP_MESH_FILTER), 7);
	assert_int_equal(counted(NETWORK_IPV4, TRANSPORT_TCP, XDP_PASS).packets, 5);
	assert_int_equal(runs(XDP_ROOT), 9);
}

/* Who ends the chain leaves nothing for a stage that then runs without a root. */
static void end_of_chain_clears(void **state)
{
	struct frame frame;

	(void)state;
	follow(XDP_ROOT, counter_fd());
	run_root(1);
	make_tcp(&frame);
	assert_int_equal(bpf_program_run(filter_fd(), frame.bytes, frame.length), XDP_PASS);
	assert_int_equal(counted(NETWORK_IPV4, TRANSPORT_TCP, XDP_PASS).packets, 1);
}

/* An interface without Ethernet headers: WireGuard, TUN. */
static void raw_ip_interface(void **state)
{
	struct frame frame;

	(void)state;
	watch(BPF_PROGRAM_RUN_IFINDEX, INTERFACE_RAW_IP);
	follow(XDP_ROOT, counter_fd());
	make_tcp(&frame);
	assert_int_equal(bpf_program_run(bpf_program_fd(test.root, "xdp_root"),
				 frame.bytes + frame.ip, frame.length - frame.ip),
		XDP_PASS);
	assert_int_equal(counted(NETWORK_IPV4, TRANSPORT_TCP, XDP_PASS).bytes, 40);
}

/* Every place of a bucket is looked at, and no other bucket. */
static void an_interface_is_found_wherever_its_entry_is(void **state)
{
	const struct interface_bucket none = { 0 };
	int table = bpf_program_map_fd(test.root, "xdp_interfaces");
	uint32_t index = INTERFACE_BUCKET(BPF_PROGRAM_RUN_IFINDEX), runs_before;

	(void)state;
	follow(XDP_ROOT, counter_fd());
	for (int i = 0; i < INTERFACE_WAYS; i++) {
		struct interface_bucket bucket = none;

		bucket.entries[i].ifindex = BPF_PROGRAM_RUN_IFINDEX;
		bucket.entries[i].slot = SLOT;
		assert_int_equal(bpf_map_update_elem(table, &index, &bucket, BPF_ANY), 0);
		assert_int_equal(run_root(1), XDP_PASS);
		assert_int_equal(counted(NETWORK_IPV4, TRANSPORT_TCP, XDP_PASS).packets, i + 1);
	}
	runs_before = (uint32_t)runs(XDP_COUNTER);
	for (uint32_t other = 0; other < INTERFACE_BUCKETS; other++) {
		struct interface_bucket bucket = none;

		bucket.entries[0].ifindex = other == index ? 2 : BPF_PROGRAM_RUN_IFINDEX;
		assert_int_equal(bpf_map_update_elem(table, &other, &bucket, BPF_ANY), 0);
	}
	assert_int_equal(run_root(1), XDP_PASS);
	assert_int_equal(runs(XDP_COUNTER), runs_before);
	for (uint32_t other = 0; other < INTERFACE_BUCKETS; other++)
		bpf_map_update_elem(table, &other, &none, BPF_ANY);
}

/* In slot 0, for nobody has told it another. */
static void stages_run_alone(void **state)
{
	struct bpf_object *alone = bpf_program_open("xdp_counter");
	struct bpf_object *filter = bpf_program_open("xdp_mesh_filter");
	struct xdp_interface_counters counters;
	struct frame frame;

	(void)state;
	bpf_program_load(alone);
	bpf_program_load(filter);
	make_tcp(&frame);
	for (int i = 0; i < 7; i++)
		assert_int_equal(bpf_program_run(bpf_program_fd(alone, "xdp_counter"), frame.bytes,
					 frame.length),
			XDP_PASS);
	bpf_program_sum(bpf_program_map_fd(alone, "xdp_counters"), 0, &counters, sizeof(counters));
	assert_int_equal(counters.packets[NETWORK_IPV4][TRANSPORT_TCP][XDP_PASS].packets, 7);
	assert_int_equal(bpf_program_run(bpf_program_fd(filter, "xdp_mesh_filter"), frame.bytes,
				 frame.length),
		XDP_PASS);
	bpf_object__close(filter);
	bpf_object__close(alone);
}

static uint32_t no_interface(const char *name)
{
	(void)name;
	return 0;
}

/* Puts these rules in force: none, or one that drops what goes to a TCP port. */
static void put_rules(uint16_t port, bool enabled)
{
	static struct mesh_rule rules[MESH_RULES_MAX];
	static uint32_t generation;
	const struct mesh_source source = {
		.rules = rules, .generation = ++generation, .ifindex = no_interface
	};
	struct mesh_compiled compiled;
	struct failure failure;
	const struct tables_maps maps = { .near = bpf_program_map_fd(test.filter, "mesh_near"),
		.lines = bpf_program_map_fd(test.filter, "mesh_lines"),
		.shorts = bpf_program_map_fd(test.filter, "mesh_shorts"),
		.control = bpf_program_map_fd(test.filter, "mesh_filter_control") };

	rules[3] = (struct mesh_rule) {
		.match = MESH_MATCH_PORT,
		.action = MESH_DROP,
		.enabled = enabled,
		.conditions = 1 << MESH_BY_PROTOCOL | 1 << MESH_BY_DESTINATION_PORT,
		.protocol = 6,
		.destination_port = { port, port },
	};
	assert_int_equal(mesh_compile(&source, &compiled, &failure), 0);
	assert_int_equal(tables_write(&compiled, &maps), 0);
	mesh_compiled_free(&compiled);
	assert_int_equal(tables_put(maps.control, MESH_BANKS), 0);
}

static void add_drop_rule(uint16_t port)
{
	put_rules(port, true);
	assert_int_equal(tables_store(bpf_program_map_fd(test.filter, "mesh_filter_control"),
				 offsetof(struct mesh_filter_control, enforce), 1),
		0);
}

static void remove_drop_rule(uint16_t port)
{
	put_rules(port, false);
}

/* Returns a program of the chain's kind that ends it with a verdict of its own. */
static int load_foreign_stage(uint32_t verdict)
{
	const struct bpf_insn instructions[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = verdict },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	LIBBPF_OPTS(bpf_prog_load_opts, options, .expected_attach_type = BPF_XDP);

	return bpf_prog_load(BPF_PROG_TYPE_XDP, "foreign", "GPL", instructions, 2, &options);
}

static void verdicts_are_counted(void **state)
{
	int foreign = load_foreign_stage(XDP_TX);

	(void)state;
	follow(XDP_ROOT, counter_fd());
	follow(XDP_COUNTER, filter_fd());
	add_drop_rule(22);
	assert_int_equal(run_root(6), XDP_DROP);
	remove_drop_rule(22);
	assert_int_equal(run_root(1), XDP_PASS);
	assert_int_equal(counted(NETWORK_IPV4, TRANSPORT_TCP, XDP_DROP).packets, 6);
	assert_int_equal(counted(NETWORK_IPV4, TRANSPORT_TCP, XDP_DROP).bytes, 6 * 54);
	assert_int_equal(counted(NETWORK_IPV4, TRANSPORT_TCP, XDP_PASS).packets, 1);

	/* Who is not of this chain can decide; the next packet does not inherit what it left. */
	assert_true(foreign >= 0);
	follow(XDP_MESH_FILTER, foreign);
	assert_int_equal(run_root(2), XDP_TX);
	follow(XDP_ROOT, filter_fd());
	follow(XDP_MESH_FILTER, -1);
	assert_int_equal(run_root(1), XDP_PASS);
	assert_int_equal(counted(NETWORK_IPV4, TRANSPORT_TCP, XDP_PASS).packets, 1);
	close(foreign);
}

/* One packet in XDP_TIMED_ONE_IN, and only if asked. */
static void stages_are_timed(void **state)
{
	struct bpf_object *root = bpf_program_open("xdp_root");
	LIBBPF_OPTS(bpf_test_run_opts, options, .repeat = 3 * XDP_TIMED_ONE_IN);
	struct xdp_packet sum;
	struct frame frame;

	(void)state;
	bpf_program_set(root, "timing", 1);
	bpf_program_share_maps(root, test.root);
	bpf_program_load(root);
	follow(XDP_ROOT, counter_fd());
	follow(XDP_COUNTER, filter_fd());
	make_tcp(&frame);
	options.data_in = frame.bytes;
	options.data_size_in = frame.length;
	assert_int_equal(
		bpf_prog_test_run_opts(bpf_program_fd(test.root, "xdp_root"), &options), 0);
	bpf_program_sum(test.stages, 0, &sum, sizeof(sum));
	assert_int_equal(sum.stages[XDP_COUNTER].timed_runs, 0);
	clear(NULL);
	follow(XDP_ROOT, counter_fd());
	follow(XDP_COUNTER, filter_fd());
	assert_int_equal(bpf_prog_test_run_opts(bpf_program_fd(root, "xdp_root"), &options), 0);
	bpf_program_sum(test.stages, 0, &sum, sizeof(sum));
	for (uint32_t stage = XDP_ROOT; stage <= XDP_MESH_FILTER; stage++) {
		const struct xdp_stage_stats *stats = &sum.stages[stage];
		assert_int_equal(stats->runs, 3 * XDP_TIMED_ONE_IN);
		/* Counted on each CPU for itself: a move to another CPU may add one. */
		assert_in_range(stats->timed_runs, 3, 4);
		assert_true(stats->timed_ns > 0);
	}
	bpf_object__close(root);
}

static bool all_counted(void *context)
{
	return runs(XDP_COUNTER) >= *(uint64_t *)context;
}

/* Sends PACKETS_EACH of every sample and notes in `expected` what is to be counted. */
static void send_samples(struct xdp_interface_counters *expected)
{
	struct packet_model model;
	struct frame frame;
	uint64_t sent = 0;

	for (size_t i = 0; i < n_frame_samples; i++) {
		frame_sample_build(i, &frame);
		if (frame.length > 1514)
			frame.length = 1514; /* the MTU of a veth */
		packet_model_read(frame.bytes, frame.length, false, &model);
		struct traffic_count *count =
			&expected->packets[model.network][model.transport][XDP_PASS];

		count->packets += PACKETS_EACH;
		count->bytes += PACKETS_EACH * frame.length;
		expected->frame_sizes[model.frame_size] += PACKETS_EACH;
		expected->fragments += model.fragment * PACKETS_EACH;
		expected->malformed += model.malformed * PACKETS_EACH;
		expected->vlan += model.vlan * PACKETS_EACH;
		for (int burst = 0; burst < PACKETS_EACH / BURST; burst++) {
			netns_send("left", frame.bytes, frame.length, BURST);
			sent += BURST;
			assert_true(wait_until(all_counted, &sent));
		}
	}
}

static void count_real_packets(uint32_t mode)
{
	LIBBPF_OPTS(bpf_link_create_opts, options, .flags = mode);
	struct xdp_interface_counters expected = { 0 }, counters;
	int link;

	netns_veth("left", "right");
	watch(if_nametoindex("right"), 0);
	follow(XDP_ROOT, counter_fd());
	link = bpf_link_create(
		bpf_program_fd(test.root, "xdp_root"), if_nametoindex("right"), BPF_XDP, &options);
	assert_true(link >= 0);
	send_samples(&expected);
	close(link);
	netns_delete("left");
	bpf_program_sum(test.counters, SLOT, &counters, sizeof(counters));
	assert_memory_equal(&counters, &expected, sizeof(counters));
}

static void real_packets_native(void **state)
{
	(void)state;
	count_real_packets(XDP_FLAGS_DRV_MODE);
}

static void real_packets_generic(void **state)
{
	(void)state;
	count_real_packets(XDP_FLAGS_SKB_MODE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(empty_chain_passes, clear),
		cmocka_unit_test_setup(stages_go_in_and_out, clear),
		cmocka_unit_test_setup(end_of_chain_clears, clear),
		cmocka_unit_test_setup(raw_ip_interface, clear),
		cmocka_unit_test_setup(an_interface_is_found_wherever_its_entry_is, clear),
		cmocka_unit_test_setup(stages_run_alone, clear),
		cmocka_unit_test_setup(verdicts_are_counted, clear),
		cmocka_unit_test_setup(stages_are_timed, clear),
		cmocka_unit_test_setup(real_packets_native, clear),
		cmocka_unit_test_setup(real_packets_generic, clear),
	};

	netns_enter();
	return cmocka_run_group_tests_name("XDP chain", tests, start, stop);
}
