/* SPDX-License-Identifier: BSD-2-Clause */
/* tracepoint_net's maps -> the net_events part of a snapshot. */
#ifndef X0_PROGRAMS_TRACEPOINT_NET_SAMPLE_H
#define X0_PROGRAMS_TRACEPOINT_NET_SAMPLE_H

#include <bpf/libbpf.h>

#include "events.h"
#include "kernel/btf_names.h"
#include "kernel/percpu.h"
#include "model/event_log.h"
#include "model/snapshot.h"

struct net_events_collector {
	struct percpu percpu;
	const struct bpf_object *object;
	const struct btf_names *names;
	int interfaces; /* map file descriptors, of the object */
	int counts;
	struct run_stats runs; /* of the programs, since they were loaded; filled by each sample */
	int socket; /* to ask for the names of interfaces */
};

/*
 * Reads the maps of a loaded object; the object and `names` have to outlive the collector. To be
 * called in the network namespace that the object watches. Returns 0, or a negative errno.
 */
int net_events_open(struct net_events_collector *collector, const struct bpf_object *object,
	const struct btf_names *names);
void net_events_close(struct net_events_collector *collector);

/*
 * Fills now->net_events but for the events, in ascending order of ifindex, and adds its losses to
 * now->self; `before` may be NULL. Interfaces that are gone leave the map. Returns 0, or a negative
 * errno.
 */
int collect_net_events(struct net_events_collector *collector, const struct snapshot *before,
	struct snapshot *now);

/* Who takes the events of the network: event_takers for EVENT_DROP, and for those of TCP. */
struct net_events_taker {
	const struct btf_names *names; /* neither is owned */
	struct event_log *log;
};

void net_events_take_drop(void *taker, const struct event *event, double time);
void net_events_take_tcp(void *taker, const struct event *event, double time);

/*
 * Prepares an opened object: it will watch the network namespace of the calling thread. Returns 0 or
 * a negative errno with *failure set.
 */
int tracepoint_net_prepare(
	struct bpf_object *object, const struct btf_names *names, struct failure *failure);

#endif
