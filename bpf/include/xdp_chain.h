/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The XDP chain: layouts shared by the root program, its stages and user space.
 *
 * An interface takes one XDP program: the root, the same on all of them. It tail-calls the first
 * stage; each stage that passes a packet tail-calls the next one. `xdp_chain` is a PROG_ARRAY
 * indexed by the *predecessor*: xdp_chain[XDP_ROOT] runs after the root, xdp_chain[s] after stage
 * s. An empty slot ends the chain, and the packet passes. So the chain is a linked list in one map:
 * one map update inserts, removes or replaces a stage, without a gap, and a stage that is off costs
 * nothing.
 */
#ifndef X0_XDP_CHAIN_H
#define X0_XDP_CHAIN_H

#include <linux/types.h>

#include "packet_headers.h"

/* Positions in the chain, in the order in which packets meet them. */
enum xdp_stage {
	XDP_ROOT,
	XDP_COUNTER,
	XDP_MESH_FILTER,
	XDP_PQC_VERIFY,
	XDP_PLUGIN_FIRST,
	XDP_STAGES_MAX = 16,
};

/* The chain's verdicts: the kernel's enum xdp_action. */
#define XDP_VERDICTS 5

/* Protocols that the counter distinguishes, by network layer and by its payload. */
enum network_protocol {
	NETWORK_OTHER,
	NETWORK_IPV4,
	NETWORK_IPV6,
	NETWORK_ARP,
	NETWORK_MESH, /* mesh routing directly over Ethernet: batman-adv, ETH_P_BATMAN */
	NETWORK_PROTOCOLS,
};

enum transport_protocol {
	TRANSPORT_NONE, /* not IP, or an unreadable header */
	TRANSPORT_TCP,
	TRANSPORT_UDP, /* UDP other than mesh */
	TRANSPORT_ICMP,
	TRANSPORT_ICMPV6,
	TRANSPORT_MESH, /* UDP to or from a mesh port, see packet_is_mesh() in packet_parse.bpf.h */
	TRANSPORT_OTHER,
	TRANSPORT_PROTOCOLS,
};

/*
 * Statistics of a stage, beside the packet: a stage finds both by one lookup. The kernel's
 * run-time statistics do not see tail-called programs, so stages time one packet in
 * XDP_TIMED_ONE_IN themselves while `timing` is on.
 */
struct xdp_stage_stats {
	__u64 runs;
	__u64 timed_runs;
	__u64 timed_ns;
};

/*
 * Per-CPU scratch memory of a packet along the chain (map `xdp_packet`, one element). The root sets
 * all but the last four fields; the stage that ends the chain clears `counted` and `lap_ns`, so that a
 * stage that runs alone, without a root, finds them zero.
 *
 * In generic mode, and on a veth, the kernel frees a dropped packet as an sk_buff, and reports that as
 * a drop of its own, without a reason. By `dropped`, tracepoint_net knows it for the chain's.
 *
 * xdp_handed_back sets `handed_back` before the root runs, which clears it.
 */
struct xdp_packet {
	__u32 interface; /* slot of the interface */
	__u32 raw_ip; /* frames start with the IP header: WireGuard, TUN */
	__u64 lap_ns; /* start of the present stage, if this packet is timed; else 0 */
	__u64 frame; /* address of its first byte */
	__u64 dropped; /* the same, once the chain has dropped it; else 0 */
	__u32 counted; /* the counter has seen it: later fields are set */
	__u32 bytes;
	__u32 ifindex; /* of the interface */
	__u32 handed_back; /* ifindex at which an ifb hands back the next packet; else 0 */
	struct packet_headers headers; /* later stages need not read them again */
	struct xdp_stage_stats
		stages[XDP_STAGES_MAX]; /* of all packets on this CPU, by enum xdp_stage */
};

#define XDP_TIMED_ONE_IN 1024

#endif
