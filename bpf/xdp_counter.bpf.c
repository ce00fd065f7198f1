// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Counts received frames by protocol, by the chain's verdict, and by size: as the first stage of the
 * XDP chain, or at TC ingress. Generic XDP copies each packet that is cloned, as those of local TCP
 * are; TC reads it in place.
 */
#include "interfaces.bpf.h"
#include "license.bpf.h"
#include "tc_parse.bpf.h"
#include "xdp_chain.bpf.h"

#include <linux/pkt_cls.h>

#define VLAN_TAG 4 /* bytes */

INTERFACES_TABLE(xdp_interfaces);

static __always_inline __u32 frame_size(__u32 bytes)
{
	if (bytes <= 64)
		return FRAME_TO_64;
	if (bytes <= 127)
		return FRAME_TO_127;
	if (bytes <= 255)
		return FRAME_TO_255;
	if (bytes <= 511)
		return FRAME_TO_511;
	if (bytes <= 1023)
		return FRAME_TO_1023;
	if (bytes <= 1518)
		return FRAME_TO_1518;
	return FRAME_OVER_1518;
}

/* Counts `frames` frames of one packet: a GSO or GRO packet holds several. */
static __always_inline void count_frames(struct xdp_interface_counters *counters, __u64 frames,
	__u32 bytes_each, const struct packet_headers *headers)
{
	counters->frame_sizes[frame_size(bytes_each)] += frames;
	if (!(headers->flags & (PACKET_FRAGMENT | PACKET_MALFORMED | PACKET_VLAN)))
		return; /* as most: one look, not three */
	if (headers->flags & PACKET_FRAGMENT)
		counters->fragments += frames;
	if (headers->flags & PACKET_MALFORMED)
		counters->malformed += frames;
	if (headers->flags & PACKET_VLAN)
		counters->vlan += frames;
}

SEC("xdp")
int xdp_counter(struct xdp_md *ctx)
{
	struct xdp_packet *packet = xdp_chain_begin(XDP_COUNTER);
	struct packet_headers *headers;
	struct xdp_interface_counters *counters;

	if (!packet)
		return XDP_PASS;
	headers = &packet->headers;
	packet->bytes = xdp_frame_length(ctx);
	xdp_parse(ctx, packet, packet->bytes, headers);
	packet->counted = 1;
	counters = bpf_map_lookup_elem(&xdp_counters, &packet->interface);
	if (counters)
		count_frames(counters, 1, packet->bytes, headers);
	/* As xdp_chain_next(), with the counters at hand. */
	xdp_chain_lap(packet, XDP_COUNTER);
	bpf_tail_call_static(ctx, &xdp_chain, XDP_COUNTER);
	return xdp_chain_count(packet, counters, XDP_PASS);
}

/* Counts a packet with the verdict that it passes: no stage of the chain looks at it. */
static __always_inline void count_at_tc(
	struct __sk_buff *skb, const struct interface_entry *interface, struct xdp_packet *packet)
{
	struct packet_headers headers = {};
	struct xdp_interface_counters *counters;
	__u32 slot = interface->slot;
	/* The kernel has taken the outer tag out of the data (skb_vlan_untag). No branches: the
	 * verifier would walk the rest twice. */
	__u32 tagged = skb->vlan_present & 1, bytes = skb->len + VLAN_TAG * tagged;
	__u32 segments = skb->gso_segs, frames = segments + !segments;

	tc_parse(skb, interface->flags & INTERFACE_RAW_IP, &headers);
	headers.flags |= PACKET_VLAN * tagged;
	counters = bpf_map_lookup_elem(&xdp_counters, &slot);
	if (!counters)
		return;
	count_frames(counters, frames, bytes / frames, &headers);
	__u32 network = headers.network, transport = headers.transport;
	if (network >= NETWORK_PROTOCOLS || transport >= TRANSPORT_PROTOCOLS)
		return;
	struct traffic_count *passed = &counters->packets[network][transport][XDP_PASS];
	__u64 before = passed->packets;
	passed->packets += frames;
	passed->bytes += bytes;
	if (passed->packets / WAKE_EVERY != before / WAKE_EVERY)
		wake_look(transport);
}

SEC("tc")
int tc_counter(struct __sk_buff *skb)
{
	const struct interface_entry *interface = interfaces_lookup(&xdp_interfaces, skb->ifindex);
	__u32 zero = 0;
	struct xdp_packet *packet = bpf_map_lookup_elem(&xdp_packet, &zero);

	if (!interface || !packet || interface->flags & INTERFACE_AT_XDP)
		return TC_ACT_UNSPEC;
	if (packet->stages[XDP_COUNTER].runs++ % XDP_TIMED_ONE_IN == 0)
		packet->lap_ns = bpf_ktime_get_ns();
	count_at_tc(skb, interface, packet);
	xdp_chain_lap(packet, XDP_COUNTER);
	packet->lap_ns = 0;
	return TC_ACT_UNSPEC;
}
