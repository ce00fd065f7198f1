/* SPDX-License-Identifier: BSD-2-Clause */
/* xdp_counter's map -> the packets part of a snapshot. */
#ifndef X0_COLLECT_PACKETS_H
#define X0_COLLECT_PACKETS_H

#include "collect/percpu.h"
#include "model/snapshot.h"

/*
 * Adds an interface, whose name, ifindex, mode and problem the caller has filled in, to
 * now->packets, with its counts from slot `slot` of the map `xdp_counters`; a negative `map` adds it
 * without counts. Rates are against the same ifindex in `before`, which may be NULL.
 */
void collect_packets(const struct percpu *percpu, int map, uint32_t slot,
	const struct snapshot_packets_interface *interface, const struct snapshot *before,
	struct snapshot *now);

/* To be called once all interfaces are added: fills now->packets.sum. */
void collect_packets_sum(struct snapshot *now);

#endif
