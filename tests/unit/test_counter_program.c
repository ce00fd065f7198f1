// SPDX-License-Identifier: BSD-2-Clause
/* xdp_root and xdp_counter, compiled for this machine: what each frame is counted as, and the chain. */
#include <setjmp.h>
#include <stdarg.h>

#include "tests/lib/bpf_host.h"

#include <cmocka.h>

#include "../../bpf/xdp_counter.bpf.c"
#define xdp_interfaces \
	root_interfaces /* each object has the table, and user space makes one of both */
#include "../../bpf/xdp_root.bpf.c"
#undef xdp_interfaces

#include "tests/lib/bpf_fake.h"

#include <math.h>
#include <stdlib.h>

#include "programs/programs.h"
#include "programs/wake_limits.h"
#include "tests/lib/packets.h"

enum {
	IFINDEX = 12,
	SLOT = 5,
	WAY = INTERFACE_WAYS - 1,
};

static struct frame frame;
static struct xdp_md context;

static void watch(void *table, __u32 flags)
{
	const __u32 index = INTERFACE_BUCKET(IFINDEX);
	struct interface_bucket *bucket = host_lookup(host_type_of(table), &index);

	bucket->entries[WAY] =
		(struct interface_entry) { .ifindex = IFINDEX, .slot = SLOT, .flags = flags };
}

static int setup(void **state)
{
	(void)state;
	host_reset();
	host_element(&xdp_interfaces, 0); /* the program hands its address on */
	host_element(&root_interfaces, 0);
	watch(&xdp_interfaces, 0);
	watch(&root_interfaces, 0);
	host.ktime_ns = 1000;
	host.ktime_step_ns = 7;
	host_write(&timing, &(bool) { true }, sizeof(bool));
	return 0;
}

static struct xdp_packet *scratch(void)
{
	return host_element(&xdp_packet, 0);
}

static struct xdp_interface_counters *counters(void)
{
	return host_element(&xdp_counters, SLOT);
}

static void to_context(const void *bytes, size_t length)
{
	uint8_t *at = host_frame(bytes, length);

	context.data = (__u32)(uintptr_t)at;
	context.data_end = (__u32)(uintptr_t)at + length;
	context.ingress_ifindex = IFINDEX;
}

/* Through the root, and what it tail-calls. */
static int receive(const void *bytes, size_t length)
{
	int verdict;

	to_context(bytes, length);
	verdict = xdp_root(&context);
	assert_int_equal(host.tail_call, XDP_ROOT);
	assert_int_equal(verdict, XDP_PASS);
	verdict = xdp_counter(&context);
	assert_int_equal(host.tail_call, XDP_COUNTER);
	return verdict;
}

static void test_frame_sizes(void **state)
{
	static const struct {
		__u32 bytes;
		enum frame_size size;
	} rows[] = { { 14, FRAME_TO_64 }, { 64, FRAME_TO_64 }, { 65, FRAME_TO_127 },
		{ 127, FRAME_TO_127 }, { 128, FRAME_TO_255 }, { 255, FRAME_TO_255 },
		{ 256, FRAME_TO_511 }, { 511, FRAME_TO_511 }, { 512, FRAME_TO_1023 },
		{ 1023, FRAME_TO_1023 }, { 1024, FRAME_TO_1518 }, { 1518, FRAME_TO_1518 },
		{ 1519, FRAME_OVER_1518 }, { 9000, FRAME_OVER_1518 } };
	static uint8_t bytes[9000];
	__u64 total = 0;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		setup(state);
		receive(bytes, rows[i].bytes);
		total = 0;
		for (int size = 0; size < FRAME_SIZES; size++)
			total += counters()->frame_sizes[size];
		assert_int_equal(total, 1);
		assert_int_equal(counters()->frame_sizes[rows[i].size], 1);
	}
}

/* A frame of several buffers counts whole. One is not asked for more: a datagram that ends where there is room. */
static void test_lengths_of_several_buffers(void **state)
{
	static const struct {
		__u16 ethertype, total; /* of the IPv4 header */
		__u32 first, bytes;
	} rows[] = {
		{ ETH_P_IP, 46, 60, 60 }, { ETH_P_IP, 28, 60, 60 }, /* padding */
		{ ETH_P_IP, 1500, 1514, 1514 }, { ETH_P_IP, 47, 60, 60 + 3000 }, /* goes on */
		{ ETH_P_IP, 46, 1536, 1536 + 3000 }, /* no room */
		{ ETH_P_IP, 0, 60, 60 + 3000 }, /* BIG TCP */
		{ ETH_P_IPV6, 46, 60, 60 + 3000 }, { ETH_P_IP, 20, 33, 33 + 3000 }, /* cut short */
	};
	static uint8_t bytes[1536];

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		setup(state);
		host_write(&xdp_frags, &(bool) { true }, sizeof(bool));
		host.further = 3000;
		bytes[12] = rows[i].ethertype >> 8;
		bytes[13] = rows[i].ethertype & 0xff;
		bytes[14] = 0x45;
		bytes[16] = rows[i].total >> 8;
		bytes[17] = rows[i].total & 0xff;
		receive(bytes, rows[i].first);
		assert_int_equal(scratch()->bytes, rows[i].bytes);
	}
	host_write(&xdp_frags, &(bool) { false }, sizeof(bool));
}

/* Each sample under its protocols, with the verdict that it passed, and by its traits. */
static void test_samples(void **state)
{
	for (size_t i = 0; i < n_frame_samples; i++) {
		const struct frame_sample *sample = &frame_samples[i];
		const struct traffic_count *count;

		setup(state);
		frame_sample_build(i, &frame);
		assert_int_equal(receive(frame.bytes, frame.length), XDP_PASS);
		count = &counters()->packets[sample->network][sample->transport][XDP_PASS];
		assert_int_equal(count->packets, 1);
		assert_int_equal(count->bytes, frame.length);
		assert_int_equal(counters()->vlan, !!(sample->traits & FRAME_VLAN));
		assert_int_equal(counters()->fragments, !!(sample->traits & FRAME_FRAGMENT));
		assert_int_equal(counters()->malformed, !!(sample->traits & FRAME_MALFORMED));
		assert_int_equal(scratch()->counted, 0);
		assert_int_equal(scratch()->headers.ifindex, IFINDEX);
		assert_int_equal(scratch()->dropped, 0);
	}
}

static void build_udp(void)
{
	frame_ethernet(&frame, 0x0800);
	frame_ipv4(&frame, &(struct frame_ipv4) { .protocol = 17 });
	frame_udp(&frame, 1000, 2000);
	frame_payload(&frame, 100);
	frame_finish(&frame);
}

static void test_root(void **state)
{
	(void)state;
	build_udp();
	to_context(frame.bytes, frame.length);
	scratch()->counted = 1;
	scratch()->lap_ns = 99;
	scratch()->dropped = 1;
	assert_int_equal(xdp_root(&context), XDP_PASS);
	assert_int_equal(scratch()->interface, SLOT);
	assert_int_equal(scratch()->ifindex, IFINDEX);
	assert_int_equal(scratch()->raw_ip, 0);
	assert_int_equal(scratch()->frame, context.data);
	assert_int_equal(scratch()->dropped, 0);
	assert_int_equal(scratch()->counted, 0);
	assert_int_equal(counters()->packets[NETWORK_IPV4][TRANSPORT_UDP][XDP_PASS].packets, 0);
	context.ingress_ifindex = IFINDEX + 1;
	assert_int_equal(xdp_root(&context), XDP_PASS);
	assert_int_equal(host.tail_calls, 1);
	assert_int_equal(scratch()->stages[XDP_ROOT].runs, 1);
}

/* What an ifb hands back to this interface was judged: it passes, once, and drops of the kernel are no drops of the chain. */
static void test_handed_back(void **state)
{
	(void)state;
	build_udp();
	to_context(frame.bytes, frame.length);
	scratch()->handed_back = IFINDEX;
	scratch()->dropped = 1;
	assert_int_equal(xdp_root(&context), XDP_PASS);
	assert_int_equal(host.tail_calls, 0);
	assert_int_equal(scratch()->stages[XDP_ROOT].runs, 0);
	assert_int_equal(scratch()->dropped, 0);
	assert_int_equal(scratch()->handed_back, 0);
	assert_int_equal(xdp_root(&context), XDP_PASS);
	assert_int_equal(host.tail_calls, 1);
	scratch()->handed_back = IFINDEX + 1; /* as on the device below */
	assert_int_equal(xdp_root(&context), XDP_PASS);
	assert_int_equal(host.tail_calls, 2);
	assert_int_equal(scratch()->handed_back, 0);
}

static void test_raw_ip(void **state)
{
	(void)state;
	watch(&root_interfaces, INTERFACE_RAW_IP);
	build_udp();
	receive(frame.bytes + 14, frame.length - 14);
	assert_int_equal(scratch()->raw_ip, INTERFACE_RAW_IP);
	assert_int_equal(counters()->packets[NETWORK_IPV4][TRANSPORT_UDP][XDP_PASS].packets, 1);
	assert_int_equal(counters()->malformed, 0);
}

/* One packet in XDP_TIMED_ONE_IN is timed, each stage from the end of the one before. */
static void test_timing(void **state)
{
	const struct xdp_stage_stats *root = &scratch()->stages[XDP_ROOT],
				     *counter = &scratch()->stages[XDP_COUNTER];

	(void)state;
	build_udp();
	to_context(frame.bytes, frame.length);
	for (int i = 0; i <= XDP_TIMED_ONE_IN; i++) {
		xdp_root(&context);
		assert_int_equal(root->timed_runs, i == XDP_TIMED_ONE_IN ? 2 : 1);
	}
	assert_int_equal(root->timed_ns, 2 * 7);
	assert_int_equal(root->runs, XDP_TIMED_ONE_IN + 1);
	scratch()->lap_ns = host.ktime_ns;
	host.ktime_ns += 50;
	xdp_counter(&context);
	assert_int_equal(counter->timed_runs, 1);
	assert_int_equal(counter->timed_ns, 50);
	assert_int_equal(scratch()->lap_ns, 0);
	xdp_counter(&context);
	assert_int_equal(counter->timed_runs, 1);
	assert_int_equal(counter->runs, 2);
	host_write(&timing, &(bool) { false }, sizeof(bool));
	scratch()->stages[XDP_ROOT].runs = 0;
	xdp_root(&context);
	assert_int_equal(root->timed_runs, 2);
}

static void test_lap_goes_on(void **state)
{
	(void)state;
	scratch()->lap_ns = 1000;
	host.ktime_ns = 1040;
	xdp_chain_lap(scratch(), XDP_COUNTER);
	assert_int_equal(scratch()->lap_ns, 1040);
	assert_int_equal(scratch()->stages[XDP_COUNTER].timed_ns, 40);
}

/* A stage's verdict is counted under what the counter has read; a drop is remembered. */
static void test_verdicts(void **state)
{
	struct xdp_packet *packet = scratch();

	(void)state;
	packet->interface = SLOT;
	packet->frame = 4711;
	packet->bytes = 10;
	packet->headers.network = NETWORK_IPV6;
	packet->headers.transport = TRANSPORT_OTHER;
	assert_int_equal(xdp_chain_end(packet, XDP_MESH_FILTER, XDP_TX), XDP_TX);
	assert_int_equal(packet->dropped, 0);
	assert_int_equal(counters()->packets[NETWORK_IPV6][TRANSPORT_OTHER][XDP_TX].packets, 0);
	packet->counted = 1;
	assert_int_equal(xdp_chain_end(packet, XDP_MESH_FILTER, XDP_DROP), XDP_DROP);
	assert_int_equal(packet->dropped, 4711);
	assert_int_equal(packet->counted, 0);
	assert_int_equal(counters()->packets[NETWORK_IPV6][TRANSPORT_OTHER][XDP_DROP].packets, 1);
	assert_int_equal(counters()->packets[NETWORK_IPV6][TRANSPORT_OTHER][XDP_DROP].bytes, 10);
	packet->dropped = 0;
	assert_int_equal(xdp_chain_end(packet, XDP_MESH_FILTER, XDP_ABORTED), XDP_ABORTED);
	assert_int_equal(packet->dropped, 4711);
	packet->interface = INTERFACE_SLOTS_MIN;
	packet->counted = 1;
	assert_int_equal(xdp_chain_end(packet, XDP_MESH_FILTER, XDP_PASS), XDP_PASS);
}

/* --- at TC ------------------------------------------------------------------------------------------ */

static struct __sk_buff skb_of_frame(void)
{
	to_context(frame.bytes, frame.length);
	return (struct __sk_buff) { .len = frame.length,
		.data = context.data,
		.data_end = context.data_end,
		.ifindex = IFINDEX };
}

static void test_tc(void **state)
{
	const struct traffic_count *count =
		&counters()->packets[NETWORK_IPV4][TRANSPORT_UDP][XDP_PASS];
	struct __sk_buff skb;

	(void)state;
	build_udp();
	skb = skb_of_frame();
	assert_int_equal(tc_counter(&skb), TC_ACT_UNSPEC);
	assert_int_equal(count->packets, 1);
	assert_int_equal(count->bytes, frame.length);
	assert_int_equal(counters()->vlan, 0);
	assert_int_equal(counters()->frame_sizes[FRAME_TO_255], 1);
	skb.gso_segs = 3;
	skb.vlan_present = 1;
	tc_counter(&skb);
	assert_int_equal(count->packets, 4);
	assert_int_equal(count->bytes, 2 * frame.length + 4);
	assert_int_equal(counters()->vlan, 3);
	assert_int_equal(counters()->frame_sizes[FRAME_TO_64], 3);
	assert_int_equal(scratch()->stages[XDP_COUNTER].runs, 2);
	assert_int_equal(scratch()->stages[XDP_COUNTER].timed_runs, 1);
	assert_int_equal(scratch()->stages[XDP_COUNTER].timed_ns, 7);
	assert_int_equal(scratch()->lap_ns, 0);
}

/* What the chain counts is not counted at TC too; nor what nobody watches. */
static void test_tc_not_twice(void **state)
{
	struct __sk_buff skb;

	(void)state;
	build_udp();
	skb = skb_of_frame();
	watch(&xdp_interfaces, INTERFACE_AT_XDP);
	tc_counter(&skb);
	watch(&xdp_interfaces, 0);
	skb.ifindex++;
	tc_counter(&skb);
	assert_int_equal(scratch()->stages[XDP_COUNTER].runs, 0);
	assert_int_equal(counters()->frame_sizes[FRAME_TO_255], 0);
}

/* Traits of each sample at TC, too, where more frames than one may be in a packet. */
static void test_tc_samples(void **state)
{
	for (size_t i = 0; i < n_frame_samples; i++) {
		const struct frame_sample *sample = &frame_samples[i];
		struct __sk_buff skb;

		setup(state);
		frame_sample_build(i, &frame);
		skb = skb_of_frame();
		skb.gso_segs = 2;
		tc_counter(&skb);
		assert_int_equal(
			counters()->packets[sample->network][sample->transport][XDP_PASS].packets,
			2);
		assert_int_equal(counters()->vlan, sample->traits & FRAME_VLAN ? 2 : 0);
		assert_int_equal(counters()->fragments, sample->traits & FRAME_FRAGMENT ? 2 : 0);
		assert_int_equal(counters()->malformed, sample->traits & FRAME_MALFORMED ? 2 : 0);
	}
}

static void test_tc_raw_ip(void **state)
{
	struct __sk_buff skb;

	(void)state;
	build_udp();
	memmove(frame.bytes, frame.bytes + 14, frame.length -= 14);
	skb = skb_of_frame();
	watch(&xdp_interfaces, INTERFACE_RAW_IP);
	tc_counter(&skb);
	assert_int_equal(counters()->packets[NETWORK_IPV4][TRANSPORT_UDP][XDP_PASS].packets, 1);
}

/* --- samples ----------------------------------------------------------------------------------------- */

/* Two watched interfaces, the second without a program, and the program that samples them. */
static struct {
	struct settings settings;
	struct program_context context;
	struct program program;
	struct watched_interface interfaces[SLOT + 2];
	struct chain_root roots[SLOT + 1];
	struct snapshot *first, *second;
	struct snapshot_program shown;
} sampled;

static int start_sampling(void **state)
{
	struct program_context *shared = &sampled.context;

	setup(state);
	memset(&sampled, 0, sizeof(sampled));
	fake_object_add(xdp_counters);
	fake_object_add(xdp_packet);
	fake_registry(&shared->maps);
	shared->settings = &sampled.settings;
	shared->watch.interfaces = sampled.interfaces;
	shared->watch.n_interfaces = SLOT + 2;
	shared->watch.slots = INTERFACE_SLOTS_MIN - 1;
	shared->chain.roots = sampled.roots;
	shared->chain.n_roots = SLOT + 1;
	sampled.roots[SLOT].mode = XDP_MODE_GENERIC;
	sampled.interfaces[SLOT] = (struct watched_interface) {
		.used = true, .present = true, .interface = { .name = "v0", .ifindex = IFINDEX }
	};
	sampled.interfaces[SLOT + 1] = (struct watched_interface) {
		.used = true, .interface = { .name = "v1" }, .absent.what = "There is no v1"
	};
	sampled.program = (struct program) {
		.type = &program_xdp_counter, .context = shared, .stage_fd = -1, .running = true
	};
	sampled.first = calloc(1, sizeof(*sampled.first));
	sampled.second = calloc(1, sizeof(*sampled.second));
	assert_true(sampled.first && sampled.second);
	sampled.first->interval = sampled.second->interval = 2;
	return percpu_open(&shared->percpu, sizeof(struct xdp_interface_counters));
}

static int stop_sampling(void **state)
{
	(void)state;
	percpu_close(&sampled.context.percpu);
	free(sampled.first);
	free(sampled.second);
	return 0;
}

static void sample(const struct snapshot *before, struct snapshot *now)
{
	memset(&sampled.shown, 0, sizeof(sampled.shown));
	program_xdp_counter.sample(&sampled.program, before, now, &sampled.shown);
}

static void test_samples_add_up(void **state)
{
	const struct snapshot_packets *packets = &sampled.second->packets;
	const struct snapshot_packets_interface *v0 = packets->interfaces;

	(void)state;
	build_udp();
	receive(frame.bytes, frame.length);
	sample(NULL, sampled.first);
	assert_true(sampled.first->packets.available);
	assert_int_equal(sampled.first->packets.sum.all.packets.total, 1);
	assert_true(isnan(sampled.first->packets.sum.all.packets.rate));
	receive(frame.bytes, frame.length);
	receive(frame.bytes, frame.length);
	host_element(&xdp_counters, INTERFACE_SLOTS_MIN - 1)->vlan = 8; /* of one that is gone */
	sample(sampled.first, sampled.second);
	assert_int_equal(packets->n_interfaces, 2);
	assert_string_equal(v0[0].name, "v0");
	assert_int_equal(v0[0].hook, XDP_MODE_GENERIC);
	assert_string_equal(v0[0].problem, "");
	assert_false(v0[0].uncovered);
	assert_int_equal(v0[0].all.packets.total, 3);
	assert_true(v0[0].all.packets.rate == 1);
	assert_int_equal(v0[0].all.bytes.total, 3 * frame.length);
	assert_int_equal(v0[0].networks[NETWORK_IPV4].packets.total, 3);
	assert_int_equal(v0[0].networks[NETWORK_IPV6].packets.total, 0);
	assert_int_equal(v0[0].transports[TRANSPORT_UDP].packets.total, 3);
	assert_int_equal(v0[0].verdicts[XDP_PASS].packets.total, 3);
	assert_int_equal(v0[0].frame_sizes[FRAME_TO_255].total, 3);
	assert_int_equal(v0[0].vlan.total, 0);
	assert_int_equal(packets->sum.vlan.total, 8);
	assert_true(packets->sum.vlan.rate == 0);
	assert_int_equal(packets->sum.all.packets.total, 3);
	assert_true(packets->sum.all.packets.rate == 1);
	assert_int_equal(sampled.shown.runs.total, 3);
}

/* Where nothing counts the row says why, and keeps what it had. */
static void test_samples_of_an_interface_that_went(void **state)
{
	const struct snapshot_packets_interface *rows = sampled.second->packets.interfaces;

	(void)state;
	build_udp();
	receive(frame.bytes, frame.length);
	sample(NULL, sampled.first);
	assert_string_equal(sampled.first->packets.interfaces[1].problem, "There is no v1");
	assert_false(sampled.first->packets.interfaces[1].uncovered);
	assert_true(isnan(sampled.first->packets.interfaces[1].all.packets.rate));
	sampled.roots[SLOT].mode = XDP_MODE_OFF;
	strcpy(sampled.interfaces[SLOT].xdp_failure.what, "No room");
	sample(sampled.first, sampled.second);
	assert_int_equal(rows[0].all.packets.total, 1);
	assert_true(isnan(rows[0].all.packets.rate));
	assert_true(rows[0].uncovered);
	assert_string_equal(rows[0].problem, "No room");
	assert_false(sampled.second->packets.available);
	assert_int_equal(sampled.second->packets.sum.all.packets.total, 1);
}

/* Counts that begin have a rate from zero on; those that go on after a gap have none. */
static void test_samples_after_a_gap(void **state)
{
	(void)state;
	build_udp();
	receive(frame.bytes, frame.length);
	sample(NULL, sampled.first);
	receive(frame.bytes, frame.length);
	sampled.interfaces[SLOT].counts = COUNTS_RESUME;
	sample(sampled.first, sampled.second);
	assert_true(isnan(sampled.second->packets.interfaces[0].all.packets.rate));
	memset(sampled.second, 0, sizeof(*sampled.second));
	sampled.second->interval = 2;
	sampled.interfaces[SLOT].counts = COUNTS_BEGIN;
	sample(sampled.first, sampled.second);
	assert_true(sampled.second->packets.interfaces[0].all.packets.rate == 1);
}

#define sampling(function) cmocka_unit_test_setup_teardown(function, start_sampling, stop_sampling)

/* --- waking user space ----------------------------------------------------------------------------- */

static void receive_udp(unsigned packets)
{
	build_udp();
	for (unsigned i = 0; i < packets; i++)
		receive(frame.bytes, frame.length);
}

static void wake_above(__u64 packets)
{
	*(__u64 *)host_element(&wake_limits, TRANSPORT_UDP) = packets;
	host.ktime_ns = 10 * WAKE_WINDOW_NS;
}

static void test_a_flood_wakes_once(void **state)
{
	const struct event *event = (const void *)host.record;

	(void)state;
	wake_above(3 * WAKE_EVERY);
	receive_udp(4 * WAKE_EVERY - 1);
	assert_int_equal(host.records, 0);
	receive_udp(1);
	assert_int_equal(host.records, 1);
	assert_int_equal(host.ring_flags, BPF_RB_FORCE_WAKEUP);
	assert_int_equal(event->type, EVENT_WAKE);
	assert_int_equal(event->wake.transport, TRANSPORT_UDP);
	assert_int_equal(event->wake.packets, 3 * WAKE_EVERY);
	receive_udp(20 * WAKE_EVERY);
	assert_int_equal(host.records, 1);
	assert_int_equal(*(__u64 *)host_element(&wake_limits, TRANSPORT_UDP), 0);
}

static void test_what_is_slow_or_has_no_limit_wakes_nobody(void **state)
{
	(void)state;
	receive_udp(20 * WAKE_EVERY);
	assert_int_equal(host.records, 0);
	wake_above(2 * WAKE_EVERY);
	for (int i = 0; i < 20; i++) {
		receive_udp(WAKE_EVERY);
		host.ktime_ns += WAKE_WINDOW_NS / 2 + 1;
	}
	assert_int_equal(host.records, 0);
	*(__u64 *)host_element(&wake_limits, TRANSPORT_TCP) = WAKE_EVERY;
	*(__u64 *)host_element(&wake_limits, TRANSPORT_UDP) = 0;
	receive_udp(20 * WAKE_EVERY);
	assert_int_equal(host.records, 0);
}

/* --- limits ---------------------------------------------------------------------------------------- */

enum { UNWRITTEN = 77 };

static __u64 *limit_of_udp(void)
{
	return host_element(&wake_limits, TRANSPORT_UDP);
}

/* Writes a number that wake_arm() would not, and returns whether it wrote another one in its place. */
static bool writes(const struct map_registry *maps, struct wake_limits *written, double rate)
{
	double rates[TRANSPORT_PROTOCOLS];

	for (int i = 0; i < TRANSPORT_PROTOCOLS; i++)
		rates[i] = INFINITY;
	rates[TRANSPORT_UDP] = rate;
	*limit_of_udp() = UNWRITTEN;
	assert_int_equal(wake_arm(maps, written, rates), 0);
	return *limit_of_udp() != UNWRITTEN;
}

static void test_limits_are_written_as_they_change(void **state)
{
	static const struct shared_map maps[] = { { .name = "wake_limits" }, { .name = NULL } };
	struct map_registry registry;
	struct wake_limits written = { 0 };

	(void)state;
	map_registry_init(&registry);
	map_registry_declare(&registry, maps);
	double nothing[TRANSPORT_PROTOCOLS] = { 0 };
	assert_int_equal(wake_arm(&registry, &written, nothing), -ENOENT);
	registry.fds[0] = fake_map_fd(&wake_limits);
	assert_true(writes(&registry, &written, 100000));
	assert_false(writes(&registry, &written, 100000));
	assert_false(writes(&registry, &written, 101000)); /* a little more */
	assert_true(writes(&registry, &written, 200000));
	assert_false(writes(&registry, &written, 200000));
	wake_woken(&written, TRANSPORT_UDP);
	assert_true(writes(&registry, &written, 200000)); /* the kernel has set it to 0 */
	assert_true(writes(&registry, &written, INFINITY));
	assert_int_equal(*limit_of_udp(), 0);
	assert_false(writes(&registry, &written, INFINITY));
	written.at -= 60; /* a minute ago */
	assert_true(writes(&registry, &written, INFINITY));
	map_registry_close(&registry);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_frame_sizes, setup),
		cmocka_unit_test_setup(test_lengths_of_several_buffers, setup),
		cmocka_unit_test_setup(test_samples, setup),
		cmocka_unit_test_setup(test_root, setup),
		cmocka_unit_test_setup(test_handed_back, setup),
		cmocka_unit_test_setup(test_raw_ip, setup),
		cmocka_unit_test_setup(test_timing, setup),
		cmocka_unit_test_setup(test_lap_goes_on, setup),
		cmocka_unit_test_setup(test_verdicts, setup),
		cmocka_unit_test_setup(test_tc, setup),
		cmocka_unit_test_setup(test_tc_not_twice, setup),
		cmocka_unit_test_setup(test_tc_samples, setup),
		cmocka_unit_test_setup(test_tc_raw_ip, setup),
		cmocka_unit_test_setup(test_a_flood_wakes_once, setup),
		cmocka_unit_test_setup(test_what_is_slow_or_has_no_limit_wakes_nobody, setup),
		cmocka_unit_test_setup(test_limits_are_written_as_they_change, setup),
		sampling(test_samples_add_up),
		sampling(test_samples_of_an_interface_that_went),
		sampling(test_samples_after_a_gap),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
