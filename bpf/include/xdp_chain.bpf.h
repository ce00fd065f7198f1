/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * BPF side of the XDP chain: xdp_chain.h describes it. Every object defines the same maps, and the
 * loader shares them; an object that is loaded alone has its own.
 *
 * Everything is inlined: tail calls from a program with subprograms need Linux 5.10 on x86, and 6.0
 * on arm64.
 */
#ifndef X0_XDP_CHAIN_BPF_H
#define X0_XDP_CHAIN_BPF_H

#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

#include "interfaces.h"
#include "packet_parse.bpf.h"
#include "wake.bpf.h"
#include "xdp_chain.h"
#include "xdp_counter.h"
#include "xdp_packet.bpf.h"

struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, XDP_STAGES_MAX);
	__type(key, __u32);
	__type(value, __u32);
} xdp_chain SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, INTERFACE_SLOTS_MIN);
	__type(key, __u32);
	__type(value, struct xdp_interface_counters);
} xdp_counters SEC(".maps");

/* Begins a stage. Returns the packet's scratch memory; NULL never, but the verifier wants a
 * check. */
static __always_inline struct xdp_packet *xdp_chain_begin(const __u32 stage)
{
	__u32 zero = 0;
	struct xdp_packet *packet = bpf_map_lookup_elem(&xdp_packet, &zero);

	if (packet)
		packet->stages[stage].runs++;
	return packet;
}

/* Adds the time since the last lap to `stage`, if this packet is timed. */
static __always_inline void xdp_chain_lap(struct xdp_packet *packet, const __u32 stage)
{
	__u64 now;

	if (!packet->lap_ns)
		return;
	now = bpf_ktime_get_ns();
	packet->stages[stage].timed_runs++;
	packet->stages[stage].timed_ns += now - packet->lap_ns;
	packet->lap_ns = now;
}

/* Counts the chain's verdict in the counters, NULL if the counter has not seen the packet, and returns it. */
static __always_inline int xdp_chain_count(
	struct xdp_packet *packet, struct xdp_interface_counters *counters, __u32 verdict)
{
	__u32 network = packet->headers.network, transport = packet->headers.transport;

	if (counters && network < NETWORK_PROTOCOLS && transport < TRANSPORT_PROTOCOLS) {
		struct traffic_count *count = &counters->packets[network][transport][verdict];
		count->packets++;
		count->bytes += packet->bytes;
		if (verdict == XDP_PASS && count->packets % WAKE_EVERY == 0)
			wake_look(transport);
	}
	packet->counted = 0;
	packet->lap_ns = 0;
	if (verdict <= XDP_DROP)
		packet->dropped = packet->frame;
	return verdict;
}

static __always_inline int xdp_chain_finish(struct xdp_packet *packet, __u32 verdict)
{
	struct xdp_interface_counters *counters = NULL;

	if (packet->counted)
		counters = bpf_map_lookup_elem(&xdp_counters, &packet->interface);
	return xdp_chain_count(packet, counters, verdict);
}

/* Ends the chain at `stage`. Returns `verdict`, a constant of enum xdp_action. */
static __always_inline int xdp_chain_end(
	struct xdp_packet *packet, const __u32 stage, __u32 verdict)
{
	xdp_chain_lap(packet, stage);
	return xdp_chain_finish(packet, verdict);
}

/* Tail-calls the stage after `stage`, a constant, or passes the packet if there is none. */
static __always_inline int xdp_chain_next(
	struct xdp_md *ctx, struct xdp_packet *packet, const __u32 stage)
{
	xdp_chain_lap(packet, stage);
	bpf_tail_call_static(ctx, &xdp_chain, stage);
	return xdp_chain_finish(packet, XDP_PASS);
}

/* Frames of several buffers arrive (kernel 5.18): see object_take_frags(). */
const volatile bool xdp_frags = false;

#define XDP_BUFFER_LEAST \
	1536 /* bytes of a buffer that is full: half a page, less headroom and tailroom */

/*
 * Returns whether the first buffer, `length` bytes long, has the whole frame: an IPv4 datagram that ends in it,
 * while there is room left. Other frames are not said to have more.
 */
static __always_inline bool xdp_frame_is_whole(const void *data, const void *data_end, __u64 length)
{
	const struct ethhdr *ethernet = data;
	const struct iphdr *ip = data + ETH_HLEN;

	return data + ETH_HLEN + sizeof(*ip) <= data_end &&
	       ethernet->h_proto == bpf_htons(ETH_P_IP) && length < XDP_BUFFER_LEAST &&
	       (__u64)bpf_ntohs(ip->tot_len) - 1 < length - ETH_HLEN;
}

/*
 * Returns the frame's length; its first buffer alone lies between data and data_end. Most frames need no call
 * of the kernel: with a return that a processor must not predict (safe RET), one costs 5 ns.
 */
static __always_inline __u64 xdp_frame_length(struct xdp_md *ctx)
{
	const void *data = (void *)(long)ctx->data, *data_end = (void *)(long)ctx->data_end;
	__u64 first = data_end - data;

	if (!xdp_frags || xdp_frame_is_whole(data, data_end, first))
		return first;
	return bpf_xdp_get_buff_len(ctx);
}

/* Parses the headers of the frame, `length` bytes long, which lie in its first buffer. */
static __always_inline void xdp_parse(
	struct xdp_md *ctx, struct xdp_packet *packet, __u64 length, struct packet_headers *headers)
{
	struct packet_cursor cursor = { .limit = length };
	/* The root knows it; a stage that runs alone asks. */
	__u32 ifindex = packet->ifindex ? packet->ifindex : ctx->ingress_ifindex;

	headers->ifindex = ifindex;
	if (!packet->raw_ip && packet_parse_usual((void *)(long)ctx->data,
				       (void *)(long)ctx->data_end, length, headers))
		return;
	__builtin_memset(headers, 0, sizeof(*headers));
	headers->ifindex = ifindex;
	/* Read again: to the verifier, what the look has found out makes other pointers of them. */
	asm volatile("" : "+r"(ctx));
	cursor.data = (void *)(long)ctx->data;
	cursor.data_end = (void *)(long)ctx->data_end;
	packet_parse(&cursor, packet->raw_ip, headers);
}

#endif
