/* SPDX-License-Identifier: BSD-2-Clause */
/* tracepoint_net in a snapshot, and the latest events of all programs. */
#ifndef X0_MODEL_SNAPSHOT_NET_EVENTS_H
#define X0_MODEL_SNAPSHOT_NET_EVENTS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/text.h"
#include "interfaces.h"
#include "model/counter.h"
#include "tracepoint_net.h"
#include "xdp_chain.h"

struct snapshot_net_interface {
	char name[NAME_LEN];
	uint32_t ifindex;
	struct traffic transmitted;
	struct traffic received; /* unknown where no tracepoint sees it */
	struct counter transmit_errors;
	struct counter handed_back; /* by an ifb, and received before */
};

struct snapshot_drop {
	char reason[NAME_LEN * 2]; /* the kernel's name without SKB_DROP_REASON_, "TCP_CSUM" */
	char function[NET_FUNCTION_LEN]; /* "tcp_v4_rcv"; empty if unknown */
	struct counter packets;
};

/* The source of an event, by which views filter. */
enum event_kind {
	EVENT_KIND_NET, /* drops, retransmits, resets */
	EVENT_KIND_SYSCALL, /* slow calls */
	EVENT_KIND_MESH, /* rules */
	EVENT_KIND_PQC, /* signatures */
	EVENT_KIND_ACTION, /* changes by an operator or MAPE-K */
	EVENT_KIND_PROGRAM, /* loaded, failed, interface gone */
	EVENT_KIND_PLUGIN, /* records of the ring buffers of plugins */
	EVENT_KINDS,
};

struct snapshot_event {
	uint64_t
		number; /* rises by one; before a gap are changes that are older: model/event_log.h */
	double time; /* seconds since 1970 */
	uint32_t kind; /* enum event_kind */
	char text[TEXT_LEN];
};

#define EVENTS_KEPT	256
#define EVENTS_CHANGES	64
#define DROPS_SHOWN_MAX NET_DROPS_MAX

struct snapshot_net_events {
	bool available;
	uint32_t n_interfaces;
	uint32_t n_drops;
	uint32_t n_events;
	struct counter dropped; /* by the kernel, all reasons together */
	struct counter
		dropped_by_x0top; /* by x0top's XDP chain or classifier, and not among `dropped` */
	struct counter tcp_retransmits;
	struct counter tcp_resets_sent;
	struct counter tcp_resets_received;
	struct snapshot_net_interface interfaces[INTERFACES_MAX];
	struct snapshot_drop drops[DROPS_SHOWN_MAX]; /* only what has occurred */
	struct snapshot_event events[EVENTS_KEPT]; /* of every kind, oldest first */
};

extern const struct field net_events_fields[];

/* Returns the interface of an index, or NULL. */
const struct snapshot_net_interface *net_events_interface(
	const struct snapshot_net_events *events, uint32_t ifindex);

#endif
