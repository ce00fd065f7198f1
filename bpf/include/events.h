/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Notable events in one ring buffer, `events`, of all programs. x0top drains it at every sample;
 * producers wake x0top earlier only when the ring is half full. `events_lost` (per-CPU array by
 * enum event_source) counts lost records and never falls.
 */
#ifndef X0_EVENTS_H
#define X0_EVENTS_H

#include <linux/types.h>

#define EVENTS_RING_BYTES (256 * 1024)

enum event_source {
	EVENT_SOURCE_MESH_FILTER,
	EVENT_SOURCE_NET,
	EVENT_SOURCE_SYSCALL,
	EVENT_SOURCE_PQC,
	EVENT_SOURCE_PACKETS,
	EVENT_SOURCES,
};

enum event_type {
	EVENT_DROP = 1,
	EVENT_TCP_RETRANSMIT,
	EVENT_TCP_RESET_SENT,
	EVENT_TCP_RESET_RECEIVED,
	EVENT_SLOW_SYSCALL,
	EVENT_PQC,
	EVENT_WAKE, /* wake.h */
	EVENT_TYPES,
};

struct event_flow {
	__u16 family; /* AF_INET, AF_INET6, or 0 when unknown */
	__u16 protocol;
	__be16 source_port;
	__be16 destination_port;
	__u8 source[16]; /* IPv4 in the first four bytes */
	__u8 destination[16];
};

/* Every record has this size and layout. */
struct event {
	__u64 time_ns; /* CLOCK_MONOTONIC */
	__u32 type; /* enum event_type */
	__u32 ifindex; /* 0 when unknown */
	union {
		struct {
			struct event_flow flow;
			__u32 reason; /* enum skb_drop_reason of the running kernel */
			__u32 bytes;
		} net;
		struct {
			__u64 latency_ns;
			__s64 result;
			__u32 pid; /* thread group */
			__u32 thread;
			__u32 slot; /* of the system call, in the order of the chosen ones */
			__u32 reserved;
			char command[16];
		} syscall;
		struct {
			__u64 node; /* PQC_NODE_LEN bytes, as they are on the wire */
			__u64 sequence;
			__u32 result; /* enum pqc_result */
			__u32 reserved;
		} pqc;
		struct {
			__u64 packets; /* in a window on one CPU */
			__u32 transport; /* enum transport_protocol */
			__u32 reserved;
		} wake;
	};
};

#endif
