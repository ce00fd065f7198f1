/* SPDX-License-Identifier: BSD-2-Clause */
/* xdp_counter in a snapshot: the packets that arrive, by interface and protocol. */
#ifndef X0_MODEL_SNAPSHOT_PACKETS_H
#define X0_MODEL_SNAPSHOT_PACKETS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/text.h"
#include "base/xdp_mode.h"
#include "interfaces.h"
#include "model/counter.h"
#include "xdp_chain.h"
#include "xdp_counter.h"

struct snapshot_packets_interface {
	char name[NAME_LEN];
	uint32_t ifindex;
	uint32_t hook; /* enum xdp_mode */
	char problem[REASON_LEN]; /* why nothing is counted here; empty if it is */
	bool uncovered; /* it exists, and packets come in that nothing counts or judges */
	bool judged_twice; /* what an ifb hands back */
	struct traffic all; /* from here on, counters and nothing else */
	struct traffic verdicts[XDP_VERDICTS];
	struct traffic networks[NETWORK_PROTOCOLS];
	struct traffic transports[TRANSPORT_PROTOCOLS]; /* add up to `all` */
	struct counter frame_sizes[FRAME_SIZES];
	struct counter fragments;
	struct counter malformed;
	struct counter vlan;
};

/* An interface that is not watched though it is up, or was asked for. */
struct snapshot_left_out {
	char name[NAME_LEN];
	char reason[TEXT_LEN]; /* "its packets are counted on eth0" */
	bool uncovered; /* packets reach the host through it that nothing counts or judges */
};

#define LEFT_OUT_MAX INTERFACES_MAX

struct snapshot_packets {
	bool available; /* the counter runs on at least one interface */
	uint32_t n_interfaces;
	uint32_t n_left_out;
	/* All interfaces together: `all` to `vlan` of the same struct; no name, no mode. */
	struct snapshot_packets_interface sum;
	struct snapshot_packets_interface interfaces[INTERFACES_MAX];
	struct snapshot_left_out left_out[LEFT_OUT_MAX];
};

extern const struct field packets_fields[];
extern const struct field packets_sum_fields[];

#endif
