/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads the ring buffer of events: bpf/include/events.h. */
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

/* Closed while all zero. */
struct event_ring {
	struct ring_buffer *ring; /* NULL until a program has created the maps */
	struct percpu percpu;
	int lost; /* map file descriptor; owned by the registry */
	double clock_offset; /* from CLOCK_MONOTONIC to the time since 1970, in seconds */
	struct {
		event_taker take;
		void *context;
	} takers[EVENT_TYPES]; /* by enum event_type */
};

/* Shared maps of the ring; they outlive the objects that create them. */
extern const struct shared_map event_ring_maps[];

/* Opens the ring unless it is open; the descriptors must outlive it. Returns 0, or a negative errno with
 * *failure set. */
int event_ring_open(struct event_ring *ring, int events, int lost, struct failure *failure);
void event_ring_close(struct event_ring *ring);

/* Returns a descriptor that becomes readable when the ring is half full; -1 while it is closed. */
int event_ring_fd(const struct event_ring *ring);

/* Sets the taker of a type of events; NULL: none. */
void event_ring_register(
	struct event_ring *ring, enum event_type type, event_taker take, void *context);

/* Takes all records. Returns their number, or a negative errno. */
int event_ring_drain(struct event_ring *ring);

/* Takes one record; ignores malformed ones. For event_ring_drain() and tests. */
void event_ring_take(struct event_ring *ring, const void *record, size_t size);

/* Adds lost events to now->self; `before` may be NULL. Returns 0 or a negative errno. */
int event_ring_sample(struct event_ring *ring, const struct snapshot *before, struct snapshot *now);

#endif
