/* SPDX-License-Identifier: BSD-2-Clause */
/* The ring buffer through which the programs report -> the log of events, and the slow calls. */
#ifndef X0_COLLECT_EVENTS_H
#define X0_COLLECT_EVENTS_H

#include "bpf/include/events.h" /* not this one */
#include "collect/percpu.h"
#include "collect/signatures.h"
#include "kernel/btf_names.h"
#include "kernel/syscall_table.h"
#include "model/event_log.h"
#include "model/snapshot.h"

struct ring_buffer;

struct events_collector {
	struct event_log *log;
	const struct btf_names *names;
	const struct traced_calls *calls;
	const struct node_names *nodes;
	struct ring_buffer *ring;
	struct percpu percpu;
	int lost; /* map file descriptor */
	int socket; /* to ask for the names of interfaces */
	double clock_offset; /* from CLOCK_MONOTONIC to the time since 1970, in seconds */
	uint32_t n_slow;
	struct snapshot_slow_call slow[SLOW_CALLS_KEPT]; /* slowest first */
};

/*
 * Reads the maps `events` and `events_lost` into `log`. The file descriptors, `names`, `calls`,
 * `nodes` and `log` have to outlive the collector. `calls` and `nodes` may be changed while it is
 * open, but not during a call. Returns 0, or a negative errno.
 */
int events_open(struct events_collector *collector, int events_map, int lost_map,
	const struct btf_names *names, const struct traced_calls *calls,
	const struct node_names *nodes, struct event_log *log);
void events_close(struct events_collector *collector);

/* Becomes readable when the ring is half full. */
int events_fd(const struct events_collector *collector);

/* Takes what the ring holds into the log and the list of slow calls. Returns how many records that
 * were, or a negative errno. */
int events_drain(struct events_collector *collector);

/* Takes one record; what does not look like one is left out. For events_drain(), and for tests. */
void events_take(struct events_collector *collector, const void *record, size_t size);

/*
 * Drains the ring, then fills the slow calls of the last minute into `now`, and adds
 * what was lost to now->self; `before` may be NULL. Returns 0, or a negative errno.
 */
int collect_events(
	struct events_collector *collector, const struct snapshot *before, struct snapshot *now);

#endif
