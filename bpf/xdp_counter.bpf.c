// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Counts received frames by protocol, by the chain's verdict, and by size. */
#include "license.bpf.h"
#include "xdp_chain.bpf.h"

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

SEC("xdp")
int xdp_counter(struct xdp_md *ctx)
{
	struct xdp_packet *packet = xdp_chain_begin(XDP_COUNTER);
	struct packet_headers headers = {};
	struct xdp_interface_counters *counters;

	if (!packet)
		return XDP_PASS;
	xdp_parse(ctx, packet, &headers);
	packet->network = headers.network;
	packet->transport = headers.transport;
	packet->bytes = ctx->data_end - ctx->data;
	packet->counted = 1;
	counters = bpf_map_lookup_elem(&xdp_counters, &packet->interface);
	if (counters) {
		counters->frame_sizes[frame_size(packet->bytes)]++;
		if (headers.flags & PACKET_FRAGMENT)
			counters->fragments++;
		if (headers.flags & PACKET_MALFORMED)
			counters->malformed++;
		if (headers.flags & PACKET_VLAN)
			counters->vlan++;
	}
	return xdp_chain_next(ctx, packet, XDP_COUNTER);
}
