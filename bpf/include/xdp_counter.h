/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* xdp_counter: layouts shared by kernel and user space. */
#ifndef X0_XDP_COUNTER_H
#define X0_XDP_COUNTER_H

#include "traffic_count.h"
#include "xdp_chain.h"

/* Frame sizes without FCS, the etherStats buckets of RMON (RFC 2819 section 5, there with FCS). */
enum frame_size {
	FRAME_TO_64,
	FRAME_TO_127,
	FRAME_TO_255,
	FRAME_TO_511,
	FRAME_TO_1023,
	FRAME_TO_1518,
	FRAME_OVER_1518,
	FRAME_SIZES,
};

/*
 * Map `xdp_counters`: per-CPU array by interface slot; one value per interface, read with one
 * system call. The counter writes frame counts when it sees a frame, and the matrix when the chain
 * has decided.
 */
struct xdp_interface_counters {
	struct traffic_count packets[NETWORK_PROTOCOLS][TRANSPORT_PROTOCOLS][XDP_VERDICTS];
	__u64 frame_sizes[FRAME_SIZES];
	__u64 fragments; /* IPv4 and IPv6 fragments, counted under their protocol as well */
	__u64 malformed; /* frames whose headers are cut short or contradict themselves */
	__u64 vlan; /* frames with one VLAN tag or more */
};

#endif
