/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The map of the packet on its way along the XDP chain: see struct xdp_packet. */
#ifndef X0_XDP_PACKET_BPF_H
#define X0_XDP_PACKET_BPF_H

#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

#include "xdp_chain.h"

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct xdp_packet);
} xdp_packet SEC(".maps");

#endif
