/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* tracepoint_net: layouts shared by kernel and user space. */
#ifndef X0_TRACEPOINT_NET_H
#define X0_TRACEPOINT_NET_H

#include <linux/types.h>

#include "run_stats.h"
#include "traffic_count.h"

#define NET_INTERFACES_MAX 1024
#define DROP_REASONS_MAX   256

/* Maximum events per second, kind and CPU. */
#define NET_EVENTS_PER_SECOND 32

/* Kinds of drop reasons, set by user space: see btf_names_drop_kinds(). */
enum drop_kind {
	DROP_NOTABLE, /* counted, and an event */
	DROP_ROUTINE, /* counted only */
	DROP_NONE, /* not a drop */
};

/* Map `net_interfaces`: per-CPU hash by ifindex (__u32), of the watched network namespace only. */
struct net_interface_counts {
	struct traffic_count transmitted;
	struct traffic_count received;
	__u64 transmit_errors;
};

/* Map `net_counts`: per-CPU array of one, so that it is read with one system call. */
struct net_counts {
	struct run_stats runs; /* of all programs together */
	/*
	 * Packets dropped by the core's enum skb_drop_reason; reasons of other subsystems (the
	 * upper 16 bits are set) and those that a newer kernel may have beyond the table are in
	 * the last element. On a kernel without reasons (before 5.17) all are under 0.
	 */
	__u64 drops[DROP_REASONS_MAX];
	__u64 tcp_retransmits;
	__u64 tcp_resets_sent;
	__u64 tcp_resets_received;
	__u64 interfaces_full; /* packets not counted: `net_interfaces` was full */
	__u64 events_withheld; /* not sent: over the limit of events per second */
};

#endif
