/* SPDX-License-Identifier: BSD-2-Clause */
/* The ring buffer through which programs report events: bpf/include/events.h. */
#ifndef X0_PROGRAMS_EVENT_RING_H
#define X0_PROGRAMS_EVENT_RING_H

#include <stddef.h>
#include <stdint.h>

#include "base/failure.h"
#include "events.h"
#include "kernel/map_registry.h"
#include "kernel/percpu.h"
#include "model/snapshot.h"

struct ring_buffer;

/* Takes one event; `time` is in seconds since 1970. */
typedef void (*event_taker)(void *context, const struct event *event, double time);

/* All zero, it is not open. */
struct event_ring {
	struct ring_buffer *ring; /* NULL while no program has brought the maps */
	struct percpu percpu;
	int lost; /* map file descriptor; owned by the registry */
	double clock_offset; /* from CLOCK_MONOTONIC to the time since 1970, in seconds */
	struct {
		event_taker take;
		void *context;
	} takers[EVENT_TYPES]; /* by enum event_type */
};

/* The maps of the ring, which outlive the objects that bring them. */
extern const struct shared_map event_ring_maps[];

/* Opens the ring if it is not open yet. The descriptors have to outlive it. Returns 0, or a negative
 * errno with *failure set. */
int event_ring_open(struct event_ring *ring, int events, int lost, struct failure *failure);
void event_ring_close(struct event_ring *ring);

/* Becomes readable when the ring is half full; -1 while it is not open. */
int event_ring_fd(const struct event_ring *ring);

/* Who takes the events of a type from now on. NULL: nobody. */
void event_ring_register(
	struct event_ring *ring, enum event_type type, event_taker take, void *context);

/* Takes what the ring holds. Returns how many records that were, or a negative errno. */
int event_ring_drain(struct event_ring *ring);

/* Takes one record; what does not look like one is left out. For event_ring_drain(), and for tests. */
void event_ring_take(struct event_ring *ring, const void *record, size_t size);

/* Adds what was lost to now->self; `before` may be NULL. Returns 0, or a negative errno. */
int event_ring_sample(struct event_ring *ring, const struct snapshot *before, struct snapshot *now);

#endif
