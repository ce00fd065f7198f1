/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What an ifb hands back. */
#ifndef X0_HANDED_BACK_BPF_H
#define X0_HANDED_BACK_BPF_H

#include <stdbool.h>

#include <linux/bpf.h>

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>

#include "net_structs.bpf.h"

/* Returns whether an ifb has marked a packet: TC leaves it alone. */
static __always_inline bool skips_tc(const struct sk_buff___x0 *packet)
{
	return bpf_core_field_exists(packet->tc_skip_classify) &&
	       BPF_CORE_READ_BITFIELD(packet, tc_skip_classify);
}

/*
 * Returns whether an ifb of this namespace hands a packet back that TC had redirected to it where it arrived: it was
 * received before. Not one that was being sent: an ifb, in a container, marks that too, and a veth lets the mark through
 * (skb_scrub_packet()), but not skb_iif, which is the ifb until the packet is received (ifb_ri_tasklet()).
 */
static __always_inline bool is_handed_back(const struct sk_buff___x0 *packet)
{
	return skips_tc(packet) && bpf_core_field_exists(packet->from_ingress) &&
	       BPF_CORE_READ_BITFIELD(packet, from_ingress) && packet->skb_iif;
}

#endif
