/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The XDP chain: what the root program, its stages and user space share.
 *
 * An interface takes one XDP program: the root, the same on all of them. It tail-calls the first
 * stage; each stage, when it lets a packet go on, tail-calls the one that follows it. `xdp_chain` is
 * a PROG_ARRAY indexed by the *predecessor*: xdp_chain[XDP_ROOT] is what runs after the root,
 * xdp_chain[s] what runs after stage s. An empty slot is the end of the chain, where the packet
 * passes. So the chain is a linked list in one map: a stage goes in, out or is replaced by a single
 * map update, with no gap, and a stage that is off costs nothing.
 */
#ifndef X0_XDP_CHAIN_H
#define X0_XDP_CHAIN_H

#include <linux/types.h>

/* Positions in the chain, in the order in which packets meet them. */
enum xdp_stage {
	XDP_ROOT,
	XDP_COUNTER,
	XDP_MESH_FILTER,
	XDP_PQC_VERIFY,
	XDP_PLUGIN_FIRST,
	XDP_STAGES_MAX = 16,
};

/* What the chain decided: the values are the kernel's enum xdp_action. */
#define XDP_VERDICTS 5

/* Protocols as the counter tells them apart: a network layer and what it carries. */
enum network_protocol {
	NETWORK_OTHER,
	NETWORK_IPV4,
	NETWORK_IPV6,
	NETWORK_ARP,
	NETWORK_MESH, /* mesh routing directly over Ethernet: batman-adv, ETH_P_BATMAN */
	NETWORK_PROTOCOLS,
};

enum transport_protocol {
	TRANSPORT_NONE, /* not IP, or a header that cannot be read */
	TRANSPORT_TCP,
	TRANSPORT_UDP, /* UDP other than mesh */
	TRANSPORT_ICMP,
	TRANSPORT_ICMPV6,
	TRANSPORT_MESH, /* UDP to or from a mesh port, see MESH_PORTS in packet_parse.bpf.h */
	TRANSPORT_OTHER,
	TRANSPORT_PROTOCOLS,
};

/*
 * Per-CPU scratch that travels with a packet along the chain (map `xdp_packet`, one element). The
 * root fills the first three fields; whoever ends the chain clears `counted` and `lap_ns`, so that
 * a stage that runs alone, without a root, finds them zero.
 */
struct xdp_packet {
	__u32 interface; /* slot of the interface */
	__u32 raw_ip; /* frames start with the IP header: WireGuard, TUN */
	__u64 lap_ns; /* when the present stage began, if this packet is timed; else 0 */
	__u32 counted; /* the counter has seen it: what follows is set */
	__u32 network; /* enum network_protocol */
	__u32 transport; /* enum transport_protocol */
	__u32 bytes;
};

/*
 * What each stage says of itself (map `xdp_stage_stats`, per-CPU, by enum xdp_stage). The kernel's
 * run-time statistics do not see tail-called programs, so a stage times one packet in
 * XDP_TIMED_ONE_IN itself while `timing` is on.
 */
struct xdp_stage_stats {
	__u64 runs;
	__u64 timed_runs;
	__u64 timed_ns;
};

#define XDP_TIMED_ONE_IN 1024

#endif
