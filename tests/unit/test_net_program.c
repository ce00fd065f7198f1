// SPDX-License-Identifier: BSD-2-Clause
/* The programs of tracepoint_net, compiled for this machine, with packets, sockets and devices of the test. */
#include <setjmp.h>
#include <stdarg.h>

#include "tests/lib/bpf_host.h"

#include <cmocka.h>

#include "../../bpf/tracepoint_net.bpf.c"

#undef AF_UNIX
#undef AF_NETLINK
#undef AF_INET
#undef AF_INET6
#include "tests/lib/bpf_fake.h"

#include <math.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "programs/tracepoint_net_sample.h"

enum {
	NOTABLE = 5,
	ROUTINE = 6,
	NOT_A_DROP = 7,
	IFINDEX = 3,
	LOCATION = 0x1f,
	NETWORK_AT = 34, /* the packet's IP header */
};

static struct net___x0 watched = { .ns.inum = 0xf0000001 }, foreign = { .ns.inum = 0xf0000002 };
static struct net_device___x0 device;
static struct sock___x0 socket_;
static struct sk_buff___x0 packet;
static uint8_t head[256];

static int setup(void **state)
{
	(void)state;
	host_reset();
	host_write(&netns_inum, &watched.ns.inum, sizeof(netns_inum));
	host_write(&drop_kinds[ROUTINE], &(__u8) { DROP_ROUTINE }, 1);
	host_write(&drop_kinds[NOT_A_DROP], &(__u8) { DROP_NONE }, 1);
	memset(head, 0, sizeof(head));
	device = (struct net_device___x0) { .ifindex = IFINDEX, .nd_net.net = &watched };
	socket_ = (struct sock___x0) { .__sk_common.skc_net.net = &watched,
		.__sk_common.skc_family = AF_INET };
	packet = (struct sk_buff___x0) {
		.dev = host_kernel_pointer(&device),
		.len = 100,
		.protocol = bpf_htons(0x0800),
		.network_header = NETWORK_AT,
		.mac_header = 20,
		.tail = 200,
		.end = sizeof(head),
		.head = head,
		.data = head + NETWORK_AT,
	};
	host.ktime_ns = 5ull << SECOND_SHIFT;
	return 0;
}

static struct net_counts *all(void)
{
	return host_element(&net_counts, 0);
}

static const struct net_interface_counts *of_hash(__u32 ifindex)
{
	return host_element(&net_interfaces, ifindex);
}

static const struct event *record(void)
{
	return (const struct event *)host.record;
}

static void send_frame(const struct net_device___x0 *to, int result, __u32 length)
{
	__u64 context[] = { (uintptr_t)&packet, (__u32)result, (uintptr_t)to, length };

	transmit(context);
}

static void receive_packet(void)
{
	__u64 context[] = { (uintptr_t)&packet };

	packet.dev = (void *)((uintptr_t)packet.dev & ~HOST_KERNEL);
	receive(context);
}

/* As an ifb does. */
static void hand_back(bool back)
{
	packet.tc_skip_classify = packet.from_ingress = back;
	packet.skb_iif = back ? IFINDEX + 1 : 0;
}

/* What is attached calls the program in its slot, and counts nothing itself. */
static void test_what_is_attached(void **state)
{
	static int (*const callers[])(__u64 * context) = { call_transmit, call_receive,
		call_drop_with_reason, call_drop_without_reason, call_retransmit, call_reset_sent,
		call_reset_received };
	__u64 context[] = { (uintptr_t)&packet, 0, (uintptr_t)&device, 60 };

	(void)state;
	for (size_t i = 0; i < sizeof(callers) / sizeof(callers[0]); i++) {
		assert_int_equal(callers[i](context), 0);
		assert_int_equal(host.tail_calls, i + 1);
		assert_int_equal(host.tail_call, 0);
	}
	assert_int_equal(all()->runs.runs, 0);
}

static void test_transmitted(void **state)
{
	const struct net_interface_counts *counts;

	(void)state;
	send_frame(&device, 0, 60);
	send_frame(&device, 0, 40);
	send_frame(&device, -12, 7);
	send_frame(&device, 1, 7);
	counts = of_hash(IFINDEX);
	assert_int_equal(counts->transmitted.packets, 2);
	assert_int_equal(counts->transmitted.bytes, 100);
	assert_int_equal(counts->transmit_errors, 2);
	assert_int_equal(counts->received.packets, 0);
	send_frame(NULL, 0, 60);
	device.nd_net.net = &foreign;
	send_frame(&device, 0, 60);
	assert_int_equal(counts->transmitted.packets, 2);
	assert_int_equal(all()->runs.runs, 6);
}

static void test_received(void **state)
{
	static const struct {
		__u16 mac;
		__u32 bytes;
	} rows[] = { { 20, 114 }, { NETWORK_AT - 1, 101 }, { NETWORK_AT, 100 }, { 60, 100 },
		{ NO_HEADER, 100 }, { 0, 134 } };
	__u64 bytes = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		packet.mac_header = rows[i].mac;
		receive_packet();
		bytes += rows[i].bytes;
		assert_int_equal(of_hash(IFINDEX)->received.packets, i + 1);
		assert_int_equal(of_hash(IFINDEX)->received.bytes, bytes);
	}
	assert_int_equal(of_hash(IFINDEX)->handed_back, 0);
	hand_back(true);
	receive_packet();
	hand_back(false);
	assert_int_equal(of_hash(IFINDEX)->handed_back, 1);
	assert_int_equal(all()->hidden_from_tc, 0);
	packet.tc_skip_classify = 1; /* marked by an ifb elsewhere */
	receive_packet();
	packet.tc_skip_classify = 0;
	bytes += rows[sizeof(rows) / sizeof(rows[0]) - 1].bytes;
	assert_int_equal(all()->hidden_from_tc, 1);
	assert_int_equal(of_hash(IFINDEX)->handed_back, 1);
	device.nd_net.net = &foreign;
	receive_packet();
	packet.dev = NULL;
	receive_packet();
	assert_int_equal(of_hash(IFINDEX)->received.bytes, bytes);
	assert_int_equal(of_hash(IFINDEX)->transmitted.packets, 0);
}

/* An interface with a place is counted there; another one of the same place in the hash. */
static void test_places(void **state)
{
	(void)state;
	host_element(&net_places, 0)->ifindexes[IFINDEX] = IFINDEX;
	send_frame(&device, 0, 60);
	assert_int_equal(all()->interfaces[IFINDEX].transmitted.packets, 1);
	assert_null(of_hash(IFINDEX));
	device.ifindex = IFINDEX + NET_PLACES;
	send_frame(&device, 0, 60);
	assert_int_equal(all()->interfaces[IFINDEX].transmitted.packets, 1);
	assert_int_equal(of_hash(IFINDEX + NET_PLACES)->transmitted.packets, 1);
	host.map_full = true;
	device.ifindex = 9;
	send_frame(&device, 0, 60);
	send_frame(&device, 1, 60);
	receive_packet();
	assert_int_equal(all()->interfaces_full, 3);
}

static void drop(__u32 reason)
{
	__u64 context[] = { (uintptr_t)&packet, LOCATION, reason };

	drop_with_reason(context);
}

static __u64 dropped(__u32 reason)
{
	const struct net_drop key = { .location = LOCATION, .reason = reason };
	const __u64 *count = host_lookup(host_type_of(&net_drops), &key);

	return count ? *count : 0;
}

static void test_drops(void **state)
{
	const __u64 location = LOCATION;
	const struct net_function *function;

	(void)state;
	drop(ROUTINE);
	drop(ROUTINE);
	drop(NOT_A_DROP);
	assert_int_equal(dropped(ROUTINE), 2);
	assert_int_equal(dropped(NOT_A_DROP), 0);
	assert_int_equal(host.records, 0);
	function = host_lookup(host_type_of(&net_functions), &location);
	assert_string_equal(function->name, "at 1f");
	drop(DROP_REASONS_MAX - 2);
	assert_int_equal(dropped(DROP_REASONS_MAX - 2), 1);
	drop(DROP_REASONS_MAX);
	drop(0x30001);
	drop(DROP_REASONS_MAX - 1);
	assert_int_equal(dropped(DROP_REASONS_MAX - 1), 3);
	assert_int_equal(all()->dropped_by_x0top, 0);
}

static void test_drops_elsewhere(void **state)
{
	(void)state;
	host.map_full = true;
	drop(ROUTINE);
	drop(NOTABLE);
	drop(NOTABLE);
	assert_int_equal(all()->drops_elsewhere[ROUTINE], 1);
	assert_int_equal(all()->drops_elsewhere[NOTABLE], 2);
	assert_int_equal(dropped(ROUTINE), 0);
}

/* An skb that is no packet is none that is dropped. */
static void test_empty(void **state)
{
	(void)state;
	packet.len = 0;
	drop(ROUTINE);
	assert_int_equal(dropped(ROUTINE), 1);
	packet.protocol = 0;
	drop(ROUTINE);
	drop_without_reason((__u64[]) { (uintptr_t)&packet, LOCATION });
	assert_int_equal(dropped(ROUTINE), 1);
	packet.len = 1;
	drop(ROUTINE);
	assert_int_equal(dropped(ROUTINE), 2);
	assert_int_equal(dropped(0), 0);
}

static void test_drops_without_reason(void **state)
{
	__u64 context[] = { (uintptr_t)&packet, LOCATION };
	const __u64 location = LOCATION;

	(void)state;
	drop_without_reason(context);
	assert_int_equal(dropped(0), 1);
	assert_null(host_lookup(host_type_of(&net_functions), &location));
	device.nd_net.net = &foreign;
	drop_without_reason(context);
	assert_int_equal(dropped(0), 1);
	device.nd_net.net = &watched;
	host_element(&xdp_packet, 0)->dropped = (uintptr_t)head;
	drop_without_reason(context);
	assert_int_equal(dropped(0), 1);
	assert_int_equal(all()->dropped_by_x0top, 1);
}

/* Where a packet is: by its device; by its socket where that is no device. */
static void test_whereabouts(void **state)
{
	(void)state;
	socket_.__sk_common.skc_net.net = &foreign;
	packet.sk = &socket_;
	drop(ROUTINE);
	assert_int_equal(dropped(ROUTINE), 1);
	packet.dev = (void *)0x1234; /* figures of UDP */
	drop(ROUTINE);
	assert_int_equal(dropped(ROUTINE), 1);
	socket_.__sk_common.skc_net.net = &watched;
	drop(ROUTINE);
	assert_int_equal(dropped(ROUTINE), 2);
	packet.sk = NULL;
	drop(ROUTINE);
	assert_int_equal(dropped(ROUTINE), 2);
	packet.sk = &socket_;
	socket_.__sk_common.skc_family = AF_UNIX;
	drop(ROUTINE);
	socket_.__sk_common.skc_family = AF_NETLINK;
	drop(ROUTINE);
	assert_int_equal(dropped(ROUTINE), 2);
}

/* A node of a tree in place of the device has no namespace. */
static void test_no_device(void **state)
{
	static const struct {
		__u32 netns;
		bool is_one;
	} rows[] = { { NETNS_FIRST - 1, false }, { NETNS_FIRST, true }, { NETNS_LAST, true },
		{ NETNS_LAST + 1, false } };
	struct net___x0 net = { 0 };

	(void)state;
	packet.sk = &socket_;
	device.nd_net.net = &net;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct whereabouts where;

		net.ns.inum = rows[i].netns;
		where = whereabouts(&packet);
		assert_int_equal(where.netns, rows[i].is_one ? net.ns.inum : watched.ns.inum);
		assert_int_equal(where.ifindex, rows[i].is_one ? IFINDEX : 0);
	}
	drop(NOTABLE);
	assert_int_equal(host.records, 1);
	assert_int_equal(record()->ifindex, 0);
}

/* What the chain has dropped is the packet around the frame that it saw, and only once. */
static void test_dropped_by_the_chain(void **state)
{
	static const struct {
		int at;
		bool is_this;
	} rows[] = { { -1, false }, { 0, true }, { 30, true }, { sizeof(head), true },
		{ sizeof(head) + 1, false } };

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		setup(state);
		host_element(&xdp_packet, 0)->dropped = (uintptr_t)(head + rows[i].at);
		drop(ROUTINE);
		assert_int_equal(all()->dropped_by_x0top, rows[i].is_this);
		assert_int_equal(dropped(ROUTINE), !rows[i].is_this);
		drop(ROUTINE);
		assert_int_equal(all()->dropped_by_x0top, rows[i].is_this);
	}
}

/* The classifier drops behind the chain: of both, each knows its own packet. */
static void test_dropped_by_the_classifier(void **state)
{
	static uint8_t other[64];

	(void)state;
	host_element(&xdp_packet, 0)->dropped = (uintptr_t)other;
	host_element(&class_dropped, 0)->data = (uintptr_t)packet.data;
	drop(ROUTINE);
	drop(ROUTINE);
	assert_int_equal(all()->dropped_by_x0top, 1);
	assert_int_equal(dropped(ROUTINE), 1);
}

/* --- events ---------------------------------------------------------------------------------------- */

static void ipv4_header(uint8_t protocol)
{
	struct iphdr ip = { .version = 4,
		.ihl = 6,
		.protocol = protocol,
		.saddr = bpf_htonl(0x0a000001),
		.daddr = bpf_htonl(0x0a000002) };

	memcpy(head + NETWORK_AT, &ip, sizeof(ip));
	memcpy(head + NETWORK_AT + 24, (__be16[]) { bpf_htons(1000), bpf_htons(2000) }, 4);
}

static void ipv6_header(uint8_t protocol)
{
	struct ipv6hdr ip = { .version = 6, .nexthdr = protocol };

	memset(&ip.saddr, 0x11, 16);
	memset(&ip.daddr, 0x22, 16);
	memcpy(head + NETWORK_AT, &ip, sizeof(ip));
	memcpy(head + NETWORK_AT + sizeof(ip), (__be16[]) { bpf_htons(1000), bpf_htons(2000) }, 4);
}

static const struct event_flow *flow_of_drop(void)
{
	memset(host.record, 0, sizeof(host.record));
	host.records = 0;
	drop(NOTABLE);
	assert_int_equal(host.records, 1);
	return &record()->net.flow;
}

static void assert_ports(const struct event_flow *flow, int source, int destination)
{
	assert_int_equal(bpf_ntohs(flow->source_port), source);
	assert_int_equal(bpf_ntohs(flow->destination_port), destination);
}

static void test_drop_event(void **state)
{
	const struct event_flow *flow;

	(void)state;
	ipv4_header(IPPROTO_UDP);
	flow = flow_of_drop();
	assert_int_equal(record()->type, EVENT_DROP);
	assert_int_equal(record()->ifindex, IFINDEX);
	assert_int_equal(record()->net.reason, NOTABLE);
	assert_int_equal(record()->net.bytes, 100);
	assert_int_equal(flow->family, AF_INET);
	assert_int_equal(flow->protocol, IPPROTO_UDP);
	assert_int_equal(bpf_ntohl(*(const __be32 *)flow->source), 0x0a000001);
	assert_int_equal(bpf_ntohl(*(const __be32 *)flow->destination), 0x0a000002);
	assert_ports(flow, 1000, 2000);
	ipv4_header(IPPROTO_TCP);
	assert_ports(flow_of_drop(), 1000, 2000);
	ipv4_header(IPPROTO_ICMP);
	assert_ports(flow_of_drop(), 0, 0);
}

static void test_flow_of_ipv4_parts(void **state)
{
	struct iphdr *ip = (void *)(head + NETWORK_AT);

	(void)state;
	ipv4_header(IPPROTO_TCP);
	ip->frag_off = bpf_htons(0x2000); /* the first one has the ports */
	assert_ports(flow_of_drop(), 1000, 2000);
	ip->frag_off = bpf_htons(1);
	assert_ports(flow_of_drop(), 0, 0);
	assert_int_equal(record()->net.flow.family, AF_INET);
	ip->frag_off = 0;
	ip->ihl = 5;
	assert_ports(flow_of_drop(), 0, 0);
	ip->ihl = 4;
	assert_int_equal(flow_of_drop()->family, 0);
	ip->ihl = 5;
	assert_int_equal(flow_of_drop()->family, AF_INET);
	ip->version = 5;
	assert_int_equal(flow_of_drop()->family, 0);
}

/* Nothing is read behind the packet's end, and nothing without a network header. */
static void test_flow_of_short_packets(void **state)
{
	(void)state;
	ipv4_header(IPPROTO_TCP);
	packet.tail = NETWORK_AT + 28;
	assert_ports(flow_of_drop(), 1000, 2000);
	packet.tail--;
	assert_ports(flow_of_drop(), 0, 0);
	assert_int_equal(record()->net.flow.family, AF_INET);
	packet.tail = NETWORK_AT + 19;
	assert_int_equal(flow_of_drop()->family, 0);
	packet.tail = NETWORK_AT;
	assert_int_equal(flow_of_drop()->family, 0);
	packet.tail = 200;
	packet.network_header = 0;
	head[0] = 0x45;
	assert_int_equal(flow_of_drop()->family, 0);
	packet.network_header = NO_HEADER;
	assert_int_equal(flow_of_drop()->family, 0);
	packet.network_header = NETWORK_AT;
	ipv6_header(IPPROTO_TCP);
	packet.tail = NETWORK_AT + 39;
	assert_int_equal(flow_of_drop()->family, 0);
	packet.tail = NETWORK_AT + 43;
	assert_int_equal(flow_of_drop()->family, AF_INET6);
	assert_ports(&record()->net.flow, 0, 0);
}

static void test_flow_of_ipv6(void **state)
{
	const struct event_flow *flow;

	(void)state;
	ipv6_header(IPPROTO_UDP);
	flow = flow_of_drop();
	assert_int_equal(flow->family, AF_INET6);
	assert_int_equal(flow->protocol, IPPROTO_UDP);
	assert_int_equal(flow->source[15], 0x11);
	assert_int_equal(flow->destination[15], 0x22);
	assert_ports(flow, 1000, 2000);
}

/* A CPU sends so many of a kind in a second. */
static void test_event_budget(void **state)
{
	(void)state;
	for (int i = 0; i < NET_EVENTS_PER_SECOND + 2; i++)
		drop(NOTABLE);
	assert_int_equal(host.records, NET_EVENTS_PER_SECOND);
	assert_int_equal(all()->events_withheld, 2);
	assert_int_equal(dropped(NOTABLE), NET_EVENTS_PER_SECOND + 2);
	retransmit((__u64[]) { (uintptr_t)&socket_, 0 });
	assert_int_equal(host.records, NET_EVENTS_PER_SECOND + 1);
	host.ktime_ns += 1ull << SECOND_SHIFT;
	drop(NOTABLE);
	assert_int_equal(host.records, NET_EVENTS_PER_SECOND + 2);
	host.ring_full = true;
	drop(NOTABLE);
	assert_int_equal(*host_element(&events_lost, EVENT_SOURCE_NET), 1);
}

static void tcp_socket(void)
{
	socket_.__sk_common.skc_daddr = bpf_htonl(0x0a000002);
	socket_.__sk_common.skc_rcv_saddr = bpf_htonl(0x0a000001);
	socket_.__sk_common.skc_num = 1000;
	socket_.__sk_common.skc_dport = bpf_htons(2000);
	memset(&socket_.__sk_common.skc_v6_rcv_saddr, 0x11, 16);
	memset(&socket_.__sk_common.skc_v6_daddr, 0x22, 16);
}

static void test_retransmit(void **state)
{
	const struct event_flow *flow = &record()->net.flow;

	(void)state;
	tcp_socket();
	retransmit((__u64[]) { (uintptr_t)&socket_, (uintptr_t)&packet });
	assert_int_equal(all()->tcp_retransmits, 1);
	assert_int_equal(record()->type, EVENT_TCP_RETRANSMIT);
	assert_int_equal(record()->net.bytes, 100);
	assert_int_equal(flow->family, AF_INET);
	assert_int_equal(flow->protocol, IPPROTO_TCP);
	assert_int_equal(bpf_ntohl(*(const __be32 *)flow->source), 0x0a000001);
	assert_int_equal(bpf_ntohl(*(const __be32 *)flow->destination), 0x0a000002);
	assert_int_equal(flow->source[4], 0);
	assert_ports(flow, 1000, 2000);
	socket_.__sk_common.skc_family = AF_INET6;
	retransmit((__u64[]) { (uintptr_t)&socket_, 0 });
	assert_int_equal(flow->family, AF_INET6);
	assert_int_equal(flow->source[0], 0x11);
	assert_int_equal(flow->destination[15], 0x22);
	socket_.__sk_common.skc_net.net = &foreign;
	retransmit((__u64[]) { (uintptr_t)&socket_, 0 });
	retransmit((__u64[]) { 0, 0 });
	assert_int_equal(all()->tcp_retransmits, 2);
	assert_int_equal(host.records, 2);
}

/* The flow of a reset is the reset's own: of the packet it answers turned round, or of the socket. */
static void test_reset_sent(void **state)
{
	(void)state;
	tcp_socket();
	ipv4_header(IPPROTO_TCP);
	reset_sent((__u64[]) { 0, (uintptr_t)&packet });
	assert_int_equal(all()->tcp_resets_sent, 1);
	assert_int_equal(record()->type, EVENT_TCP_RESET_SENT);
	assert_ports(&record()->net.flow, 2000, 1000);
	assert_int_equal(bpf_ntohl(*(const __be32 *)record()->net.flow.source), 0x0a000002);
	assert_int_equal(bpf_ntohl(*(const __be32 *)record()->net.flow.destination), 0x0a000001);
	reset_sent((__u64[]) { (uintptr_t)&socket_, 0 });
	assert_ports(&record()->net.flow, 1000, 2000);
	assert_int_equal(all()->tcp_resets_sent, 2);
	reset_sent((__u64[]) { 0, 0 });
	socket_.__sk_common.skc_net.net = &foreign;
	reset_sent((__u64[]) { (uintptr_t)&socket_, (uintptr_t)&packet });
	device.nd_net.net = &foreign;
	reset_sent((__u64[]) { 0, (uintptr_t)&packet });
	assert_int_equal(all()->tcp_resets_sent, 2);
	assert_int_equal(host.records, 2);
}

static void test_reset_received(void **state)
{
	(void)state;
	tcp_socket();
	reset_received((__u64[]) { (uintptr_t)&socket_ });
	assert_int_equal(all()->tcp_resets_received, 1);
	assert_int_equal(record()->type, EVENT_TCP_RESET_RECEIVED);
	assert_ports(&record()->net.flow, 2000, 1000);
	socket_.__sk_common.skc_net.net = &foreign;
	reset_received((__u64[]) { (uintptr_t)&socket_ });
	assert_int_equal(all()->tcp_resets_received, 1);
	assert_int_equal(host.records, 1);
}

/* A closed socket has its port elsewhere: at the place of another struct's member. */
static void test_port_of_closed_socket(void **state)
{
	(void)state;
	tcp_socket();
	socket_.__sk_common.skc_num = 0;
	((struct inet_sock___x0 *)&socket_)->inet_sport = bpf_htons(4711);
	reset_received((__u64[]) { (uintptr_t)&socket_ });
	assert_int_equal(bpf_ntohs(record()->net.flow.destination_port), 4711);
}

/* --- samples ---------------------------------------------------------------------------------------- */

static struct net_events_collector collector;
static struct btf_names names;
static struct snapshot *first, *second;

static int start_sampling(void **state)
{
	setup(state);
	device.ifindex = 1; /* lo, which is everywhere */
	fake_object_add(net_interfaces);
	fake_object_add(net_counts);
	fake_object_add(net_places);
	fake_object_add(net_drops);
	fake_object_add(net_functions);
	strcpy(names.drop_reasons[NOTABLE], "TCP_CSUM");
	assert_int_equal(net_events_open(&collector, fake_object(), &names), 0);
	first = calloc(1, sizeof(*first));
	second = calloc(1, sizeof(*second));
	assert_true(first && second);
	second->interval = 2;
	return 0;
}

static int stop_sampling(void **state)
{
	(void)state;
	net_events_close(&collector);
	free(first);
	free(second);
	return 0;
}

static void assert_count(const struct counter *counter, __u64 total, double rate)
{
	assert_int_equal(counter->total, total);
	assert_true(counter->rate == rate);
}

/* Nothing is lost or doubled when an interface gets its place. */
static void test_sample_of_interfaces(void **state)
{
	const struct snapshot_net_interface *lo = second->net_events.interfaces;

	(void)state;
	send_frame(&device, 0, 60);
	receive_packet();
	device.ifindex = 9999; /* gone meanwhile */
	send_frame(&device, 0, 60);
	device.ifindex = 1;
	assert_int_equal(collect_net_events(&collector, NULL, first), 0);
	assert_true(first->net_events.available);
	assert_int_equal(first->net_events.n_interfaces, 1);
	assert_string_equal(first->net_events.interfaces[0].name, "lo");
	assert_int_equal(first->net_events.interfaces[0].transmitted.packets.total, 1);
	assert_true(isnan(first->net_events.interfaces[0].transmitted.packets.rate));
	assert_int_equal(collector.runs.runs, 3);
	assert_null(of_hash(9999));
	assert_int_equal(host_element(&net_places, 0)->ifindexes[1], 1);
	send_frame(&device, 0, 60);
	send_frame(&device, 0, 60);
	send_frame(&device, 1, 60);
	receive_packet();
	hand_back(true);
	receive_packet();
	receive_packet();
	hand_back(false);
	assert_int_equal(of_hash(1)->transmitted.packets, 1);
	assert_int_equal(collect_net_events(&collector, first, second), 0);
	assert_int_equal(lo->ifindex, 1);
	assert_count(&lo->transmitted.packets, 3, 1);
	assert_count(&lo->transmitted.bytes, 180, 60);
	assert_count(&lo->received.packets, 2, 0.5);
	assert_count(&lo->received.bytes, 228, 57);
	assert_count(&lo->transmit_errors, 1, 0.5);
	assert_count(&lo->handed_back, 2, 1);
}

/* What a device below brings is not seen on some kinds: not known, not 0. */
static void test_sample_of_unseen(void **state)
{
	const struct interface list[] = { { .name = "lo", .kind = "vlan", .ifindex = 1 } };

	(void)state;
	send_frame(&device, 0, 60);
	collector.list = list;
	collector.n_list = 1;
	assert_int_equal(collect_net_events(&collector, NULL, first), 0);
	assert_int_equal(first->net_events.interfaces[0].transmitted.packets.total, 1);
	assert_int_equal(first->net_events.interfaces[0].received.packets.total, COUNT_UNKNOWN);
}

static void test_sample_of_drops(void **state)
{
	const struct snapshot_net_events *rows = &second->net_events;

	(void)state;
	drop(ROUTINE);
	assert_int_equal(collect_net_events(&collector, NULL, first), 0);
	assert_int_equal(first->net_events.n_drops, 1);
	assert_int_equal(first->net_events.dropped.total, 1);
	drop(NOTABLE);
	drop(NOTABLE);
	drop(ROUTINE);
	host_element(&xdp_packet, 0)->dropped = (uintptr_t)head;
	drop(ROUTINE);
	retransmit((__u64[]) { (uintptr_t)&socket_, 0 });
	host.map_full = true;
	drop(NOTABLE + 3);
	assert_int_equal(collect_net_events(&collector, first, second), 0);
	assert_int_equal(rows->n_drops, 3);
	assert_string_equal(rows->drops[0].reason, "TCP_CSUM");
	assert_string_equal(rows->drops[0].function, "at 1f");
	assert_count(&rows->drops[0].packets, 2, 1);
	assert_string_equal(rows->drops[1].reason, "6");
	assert_count(&rows->drops[1].packets, 2, 0.5);
	assert_string_equal(rows->drops[2].reason, "8");
	assert_string_equal(rows->drops[2].function, "");
	assert_count(&rows->dropped, 5, 2);
	assert_count(&rows->dropped_by_x0top, 1, 0.5);
	assert_count(&rows->tcp_retransmits, 1, 0.5);
	assert_count(&rows->tcp_resets_sent, 0, 0);
}

/* Every CPU's counts are in the sums. */
static void test_sample_of_cpus(void **state)
{
	const __u32 zero = 0;
	struct net_counts *cpus = host_map_values(host_map_of(host_type_of(&net_counts)), &zero);

	(void)state;
	cpus[0].tcp_resets_sent = 2;
	cpus[1].tcp_resets_sent = 3;
	cpus[1].events_withheld = 4;
	cpus[1].interfaces_full = 5;
	cpus[0].hidden_from_tc = 6;
	assert_int_equal(collect_net_events(&collector, NULL, first), 0);
	assert_int_equal(first->net_events.tcp_resets_sent.total, 5);
	assert_int_equal(first->self.n_losses, 4);
	assert_int_equal(first->self.losses[0].count.total, 5);
	assert_int_equal(first->self.losses[1].count.total, 4);
	assert_int_equal(first->self.losses[2].count.total, 6);
	assert_int_equal(first->self.losses[3].count.total, 0);
}

static void test_events_in_words(void **state)
{
	static struct event_log log;
	struct net_events_taker taker = { &names, &log };

	(void)state;
	tcp_socket();
	ipv4_header(IPPROTO_TCP);
	drop(NOTABLE);
	net_events_take_drop(&taker, record(), 1);
	assert_string_equal(log.events[0].text,
		"dropped on lo, TCP_CSUM: tcp 10.0.0.1:1000 > 10.0.0.2:2000, 100 bytes");
	drop(0x30001);
	net_events_take_drop(&taker, record(), 1);
	assert_string_equal(log.events[1].text,
		"dropped on lo, reason 196609: tcp 10.0.0.1:1000 > 10.0.0.2:2000, 100 bytes");
	retransmit((__u64[]) { (uintptr_t)&socket_, 0 });
	net_events_take_tcp(&taker, record(), 1);
	assert_string_equal(
		log.events[2].text, "TCP retransmit: tcp 10.0.0.1:1000 > 10.0.0.2:2000");
}

#define sampling(function) cmocka_unit_test_setup_teardown(function, start_sampling, stop_sampling)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_what_is_attached, setup),
		cmocka_unit_test_setup(test_transmitted, setup),
		cmocka_unit_test_setup(test_received, setup),
		cmocka_unit_test_setup(test_places, setup),
		cmocka_unit_test_setup(test_drops, setup),
		cmocka_unit_test_setup(test_drops_elsewhere, setup),
		cmocka_unit_test_setup(test_empty, setup),
		cmocka_unit_test_setup(test_drops_without_reason, setup),
		cmocka_unit_test_setup(test_whereabouts, setup),
		cmocka_unit_test_setup(test_no_device, setup),
		cmocka_unit_test_setup(test_dropped_by_the_chain, setup),
		cmocka_unit_test_setup(test_dropped_by_the_classifier, setup),
		cmocka_unit_test_setup(test_drop_event, setup),
		cmocka_unit_test_setup(test_flow_of_ipv4_parts, setup),
		cmocka_unit_test_setup(test_flow_of_short_packets, setup),
		cmocka_unit_test_setup(test_flow_of_ipv6, setup),
		cmocka_unit_test_setup(test_event_budget, setup),
		cmocka_unit_test_setup(test_retransmit, setup),
		cmocka_unit_test_setup(test_reset_sent, setup),
		cmocka_unit_test_setup(test_reset_received, setup),
		cmocka_unit_test_setup(test_port_of_closed_socket, setup),
		sampling(test_sample_of_interfaces),
		sampling(test_sample_of_unseen),
		sampling(test_sample_of_drops),
		sampling(test_sample_of_cpus),
		sampling(test_events_in_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
