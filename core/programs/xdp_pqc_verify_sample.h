/* SPDX-License-Identifier: BSD-2-Clause */
/* xdp_pqc_verify's maps -> the pqc part of a snapshot. */
#ifndef X0_PROGRAMS_XDP_PQC_VERIFY_SAMPLE_H
#define X0_PROGRAMS_XDP_PQC_VERIFY_SAMPLE_H

#include "events.h"
#include "kernel/map_registry.h"
#include "kernel/percpu.h"
#include "model/event_log.h"
#include "model/snapshot.h"

/* What nodes are called: the kernel knows them by their ids alone. */
struct node_name {
	uint8_t node[PQC_NODE_LEN];
	uint32_t set; /* enum pqc_set */
	char name[PQC_NAME_LEN];
};

struct node_names {
	uint32_t n;
	struct node_name nodes[PQC_NODES_DEFAULT];
};

/*
 * Fills now->pqc but for `state`; `before` may be NULL. Session keys are wiped from memory before this
 * returns. Returns 0, or a negative errno with now->pqc.available false: -ENOENT while the program was
 * never loaded.
 */
int collect_signatures(const struct percpu *percpu, const struct map_registry *maps,
	const struct node_names *names, const struct snapshot *before, struct snapshot *now);

/* Tells an event EVENT_PQC in words. */
void pqc_take_event(struct event_log *log, const struct node_names *names,
	const struct event *event, double time);

#endif
