// SPDX-License-Identifier: BSD-2-Clause
#include "programs/event_ring.h"

#include <bpf/libbpf.h>
#include <errno.h>
#include <string.h>

#include "base/clock.h"
#include "programs/host.h"

const struct shared_map event_ring_maps[] = {
	{ .name = "events" },
	{ .name = "events_lost" },
	{ .name = NULL },
};

static const char *const loss_names[EVENT_SOURCES] = {
	[EVENT_SOURCE_MESH_FILTER] = "events: mesh filter",
	[EVENT_SOURCE_NET] = "events: network",
	[EVENT_SOURCE_SYSCALL] = "events: system calls",
	[EVENT_SOURCE_PQC] = "events: signatures",
	[EVENT_SOURCE_PACKETS] = "events: packets",
};

void event_ring_register(
	struct event_ring *ring, enum event_type type, event_taker take, void *context)
{
	ring->takers[type].take = take;
	ring->takers[type].context = context;
}

void event_ring_take(struct event_ring *ring, const void *record, size_t size)
{
	struct event event;

	if (size < sizeof(event))
		return;
	memcpy(&event, record, sizeof(event));
	if (event.type < EVENT_TYPES && ring->takers[event.type].take != NULL)
		ring->takers[event.type].take(ring->takers[event.type].context, &event,
			(double)event.time_ns / 1e9 + ring->clock_offset);
}

static int take_record(void *ring, void *record, size_t size)
{
	event_ring_take(ring, record, size);
	return 0;
}

static int open_ring(struct event_ring *ring, int events)
{
	int error = percpu_open(&ring->percpu, sizeof(uint64_t));

	if (error < 0)
		return error;
	ring->ring = ring_buffer__new(events, take_record, ring, NULL);
	if (ring->ring != NULL)
		return 0;
	error = -errno;
	percpu_close(&ring->percpu);
	return error;
}

int event_ring_open(struct event_ring *ring, int events, int lost, struct failure *failure)
{
	if (ring->ring != NULL)
		return 0;
	int error = open_ring(ring, events);
	if (error < 0)
		return failure_set(failure, error, "The ring buffer of events cannot be read: %s",
			strerror(-error));
	ring->lost = lost;
	return 0;
}

void event_ring_close(struct event_ring *ring)
{
	if (ring->ring == NULL)
		return;
	ring_buffer__free(ring->ring);
	percpu_close(&ring->percpu);
	ring->ring = NULL;
}

int event_ring_fd(const struct event_ring *ring)
{
	return ring->ring == NULL ? -1 : ring_buffer__epoll_fd(ring->ring);
}

int event_ring_drain(struct event_ring *ring)
{
	if (ring->ring == NULL)
		return 0;
	ring->clock_offset = clock_realtime_seconds() - clock_monotonic_seconds();
	return ring_buffer__consume(ring->ring);
}

int event_ring_sample(struct event_ring *ring, const struct snapshot *before, struct snapshot *now)
{
	if (ring->ring == NULL)
		return 0;
	for (uint32_t source = 0; source < EVENT_SOURCES; source++) {
		uint64_t lost;
		int error = percpu_sum(&ring->percpu, ring->lost, &source, &lost, sizeof(lost));
		if (error < 0)
			return error;
		collect_loss(loss_names[source], lost, before, now);
	}
	return 0;
}
