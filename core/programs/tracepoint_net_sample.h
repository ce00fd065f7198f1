/* SPDX-License-Identifier: BSD-2-Clause */
/* Samples tracepoint_net's maps into the net_events part of a snapshot, and logs its events. */
#ifndef X0_PROGRAMS_TRACEPOINT_NET_SAMPLE_H
#define X0_PROGRAMS_TRACEPOINT_NET_SAMPLE_H

#include <bpf/libbpf.h>

#include "events.h"
#include "kernel/btf_names.h"
#include "kernel/interface.h"
#include "kernel/percpu.h"
#include "model/event_log.h"
#include "model/snapshot.h"
#include "programs/tracepoint_net_drops.h"

struct net_events_collector {
	struct percpu percpu;
	const struct bpf_object *attached; /* whose programs are */
	int interfaces; /* map file descriptors, of the object that counts */
	int counts;
	int places;
	struct net_places placed; /* as in the kernel */
	struct net_interface_counts
		before[NET_PLACES]; /* counts of the interfaces that had it before */
	struct net_drops drops;
	struct run_stats runs; /* of the programs since loading; set by each sample */
	int socket; /* for the names of interfaces */
	/* All interfaces, from interface_list(); not owned. Those that are missing count as drivers. */
	const struct interface *list;
	size_t n_list;
};

/*
 * Takes the maps of a loaded object; the object and `names` must outlive the collector. To be called in
 * the network namespace that the object watches. Returns 0 or a negative errno.
 */
int net_events_open(struct net_events_collector *collector, const struct bpf_object *object,
	const struct btf_names *names);
/* Takes the same maps from an object that took the place of the first. */
void net_events_follow(struct net_events_collector *collector, const struct bpf_object *object);
void net_events_close(struct net_events_collector *collector);

/*
 * Fills now->net_events except the events, in ascending order of ifindex, and adds its losses to
 * now->self; `before` may be NULL. Deletes removed interfaces from the map. Returns 0 or a negative
 * errno.
 */
int collect_net_events(struct net_events_collector *collector, const struct snapshot *before,
	struct snapshot *now);

/* Logs EVENT_DROP and the events of TCP; `taker` is a struct net_events_taker. */
struct net_events_taker {
	const struct btf_names *names; /* neither is owned */
	struct event_log *log;
};

void net_events_take_drop(void *taker, const struct event *event, double time);
void net_events_take_tcp(void *taker, const struct event *event, double time);

/*
 * Prepares an opened object to watch the network namespace of the calling thread. `attached`: another one is, into whose
 * slots its programs are to be put. Returns 0, or a negative errno with *failure set.
 */
int tracepoint_net_prepare(struct bpf_object *object, const struct btf_names *names, bool attached,
	struct failure *failure);

#endif
