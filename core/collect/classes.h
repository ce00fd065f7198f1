/* SPDX-License-Identifier: BSD-2-Clause */
/* tc_classifier's map -> the tc part of a snapshot. */
#ifndef X0_COLLECT_CLASSES_H
#define X0_COLLECT_CLASSES_H

#include "collect/percpu.h"
#include "model/snapshot.h"

/*
 * Adds an interface, whose name, ifindex, attachment and problem the caller has filled in, to
 * now->tc, with its counts from slot `slot` of the map `tc_counters`, and to the sum over all
 * interfaces; a negative `map` adds it without counts. `before` may be NULL.
 */
void collect_classes(const struct percpu *percpu, int map, uint32_t slot,
	const struct snapshot_tc_interface *interface, const struct snapshot *before,
	struct snapshot *now);

#endif
