/* SPDX-License-Identifier: BSD-2-Clause */
/* Samples xdp_pqc_verify's maps into the pqc part of a snapshot, and logs its events. */
#ifndef X0_PROGRAMS_XDP_PQC_VERIFY_SAMPLE_H
#define X0_PROGRAMS_XDP_PQC_VERIFY_SAMPLE_H

#include "events.h"
#include "kernel/map_registry.h"
#include "kernel/percpu.h"
#include "model/event_log.h"
#include "model/snapshot.h"
#include "peer/host_node.h"

/* Name of a node, by the id that the kernel knows. */
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
 * Fills now->pqc except `state`; `before` may be NULL. Wipes session keys from its memory. Returns 0, or a
 * negative errno with now->pqc.available false: -ENOENT if the program was never loaded.
 */
int collect_signatures(const struct percpu *percpu, const struct map_registry *maps,
	const struct node_names *names, const struct snapshot *before, struct snapshot *now);

/* Adds to the nodes in now->pqc the addresses that this host, as a node, has heard them from. */
void collect_addresses(const struct host_node *node, struct snapshot *now);

/* Logs an EVENT_PQC in words. */
void pqc_take_event(struct event_log *log, const struct node_names *names,
	const struct event *event, double time);

#endif
