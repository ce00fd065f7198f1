/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* tracepoint_net: layouts shared by kernel and user space. */
#ifndef X0_TRACEPOINT_NET_H
#define X0_TRACEPOINT_NET_H

#include <linux/types.h>

#include "run_stats.h"
#include "traffic_count.h"

#define NET_INTERFACES_MAX 1024
#define NET_PLACES	   64 /* a power of two */
#define DROP_REASONS_MAX   256
#define NET_DROPS_MAX	   512
#define NET_FUNCTION_LEN   64

/* Maximum events per second, kind and CPU. */
#define NET_EVENTS_PER_SECOND 32

/* Kinds of drop reasons, set by user space: see btf_names_drop_kinds(). */
enum drop_kind {
	DROP_NOTABLE, /* counted, and an event */
	DROP_ROUTINE, /* counted only */
	DROP_NONE, /* not a drop */
};

/*
 * Counts of an interface of the watched network namespace. They begin in map `net_interfaces`, a per-CPU
 * hash by ifindex (__u32). User space then gives the interface the place ifindex % NET_PLACES of
 * `net_counts`, unless another has it: there a packet needs no look into a hash. Both together count.
 */
struct net_interface_counts {
	struct traffic_count transmitted;
	struct traffic_count received;
	__u64 transmit_errors;
	__u64 handed_back; /* by an ifb, and received before */
};

/*
 * Map `net_drops`: per-CPU hash, dropped packets (__u64) by reason and place. Reasons are of the core's
 * enum skb_drop_reason; those of other subsystems (the upper 16 bits are set) and those that a newer
 * kernel may have beyond the table are DROP_REASONS_MAX - 1. On a kernel without reasons (before 5.17)
 * all are 0.
 */
struct net_drop {
	__u64 location; /* behind the call that freed the packet */
	__u32 reason;
	__u32 reserved; /* 0 */
};

/* Map `net_functions`: hash, the function at a location of `net_drops`. Empty before 5.17. */
struct net_function {
	char name[NET_FUNCTION_LEN]; /* "tcp_v4_rcv", "veth_xmit [veth]" */
};

/* Map `net_places`: array of one; only user space writes to it. */
struct net_places {
	__u32 ifindexes[NET_PLACES]; /* 0: free */
};

/* Map `net_counts`: per-CPU array of one, so that it is read with one system call. */
struct net_counts {
	struct run_stats runs; /* of all programs together */
	__u64 drops_elsewhere[DROP_REASONS_MAX]; /* by reason; `net_drops` was full */
	__u64 dropped_by_x0top; /* freed because x0top's XDP chain dropped them; in no other count */
	__u64 tcp_retransmits;
	__u64 tcp_resets_sent;
	__u64 tcp_resets_received;
	struct net_interface_counts interfaces[NET_PLACES]; /* by `net_places`; never fall */
	__u64 interfaces_full; /* packets not counted: `net_interfaces` was full */
	__u64 events_withheld; /* not sent: over the limit of events per second */
	__u64 hidden_from_tc; /* received, but TC skips them: an ifb has marked them where they were sent */
};

#endif
