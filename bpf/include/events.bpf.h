/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* BPF side of events.h: reserves and submits records, and counts lost ones. */
#ifndef X0_EVENTS_BPF_H
#define X0_EVENTS_BPF_H

#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

#include "events.h"

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, EVENTS_RING_BYTES);
} events SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, EVENT_SOURCES);
	__type(key, __u32);
	__type(value, __u64);
} events_lost SEC(".maps");

/* Reserves a zeroed record and sets time and type; pass it to event_submit(). NULL: lost. */
static __always_inline struct event *event_reserve(__u32 source, __u32 type)
{
	struct event *event = bpf_ringbuf_reserve(&events, sizeof(*event), 0);

	if (!event) {
		__u64 *lost = bpf_map_lookup_elem(&events_lost, &source);

		if (lost)
			(*lost)++;
		return NULL;
	}
	__builtin_memset(event, 0, sizeof(*event));
	event->time_ns = bpf_ktime_get_ns();
	event->type = type;
	return event;
}

/* Wakes the reader only when the ring is half full: waking costs more than the record. */
static __always_inline void event_submit(struct event *event)
{
	__u64 waiting = bpf_ringbuf_query(&events, BPF_RB_AVAIL_DATA);

	bpf_ringbuf_submit(
		event, waiting > EVENTS_RING_BYTES / 2 ? BPF_RB_FORCE_WAKEUP : BPF_RB_NO_WAKEUP);
}

#endif
