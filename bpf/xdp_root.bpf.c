// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The program attached to all interfaces: records the receiving interface, and starts the chain. */
#include <stdbool.h>

#include "interfaces.bpf.h"
#include "license.bpf.h"
#include "xdp_chain.bpf.h"

INTERFACES_TABLE(xdp_interfaces);

const volatile bool timing = false; /* time one packet in XDP_TIMED_ONE_IN */

/* Returns whether the chain has judged this packet, which an ifb hands back. */
static __always_inline bool was_judged(struct xdp_packet *packet)
{
	__u32 ifindex = packet->handed_back;

	packet->handed_back = 0;
	return ifindex == packet->ifindex;
}

SEC("xdp")
int xdp_root(struct xdp_md *ctx)
{
	const struct interface_entry *interface =
		interfaces_lookup(&xdp_interfaces, ctx->ingress_ifindex);
	__u32 zero = 0;
	struct xdp_packet *packet = bpf_map_lookup_elem(&xdp_packet, &zero);

	if (!interface || !packet)
		return XDP_PASS;
	packet->interface = interface->slot;
	packet->ifindex = interface->ifindex;
	packet->raw_ip = interface->flags & INTERFACE_RAW_IP;
	packet->frame = ctx->data;
	packet->dropped = 0;
	/* A foreign stage that ended the chain may have left these. */
	packet->counted = 0;
	packet->lap_ns = 0;
	if (was_judged(packet))
		return XDP_PASS;
	if (timing && packet->stages[XDP_ROOT].runs % XDP_TIMED_ONE_IN == 0)
		packet->lap_ns = bpf_ktime_get_ns();
	packet->stages[XDP_ROOT].runs++;
	return xdp_chain_next(ctx, packet, XDP_ROOT);
}
