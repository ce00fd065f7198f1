// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Tells the XDP chain which packet an ifb hands back, to be received by its interface a second time: the chain has
 * judged it, and generic XDP, which runs again, cannot see that. The kernel reports each packet at this tracepoint
 * right before generic XDP runs, on the same CPU (__netif_receive_skb_core(), from 5.3 on).
 */
#include <stdbool.h>

#include <linux/bpf.h>

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>

#include "handed_back.bpf.h"
#include "license.bpf.h"
#include "xdp_packet.bpf.h"

const volatile __u32 netns_inum = 0;

/* Only where a generic program is about to run: native XDP would find the note with a later packet. */
static __always_inline bool meets_generic_xdp(const struct net_device___x0 *device)
{
	return device && device->xdp_prog && device->nd_net.net->ns.inum == netns_inum;
}

SEC("tp_btf/netif_receive_skb")
int xdp_handed_back(__u64 *context)
{
	const struct sk_buff___x0 *packet = (const void *)context[0];
	__u32 zero = 0;
	struct xdp_packet *next = bpf_map_lookup_elem(&xdp_packet, &zero);

	if (!next)
		return 0;
	if (is_handed_back(packet) && meets_generic_xdp(packet->dev))
		next->handed_back = packet->dev->ifindex;
	else
		next->handed_back = 0;
	return 0;
}
