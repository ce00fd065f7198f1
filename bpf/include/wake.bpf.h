/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* BPF side of wake.h. */
#ifndef X0_WAKE_BPF_H
#define X0_WAKE_BPF_H

#include "events.bpf.h"
#include "wake.h"
#include "xdp_chain.h"

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, TRANSPORT_PROTOCOLS);
	__type(key, __u32);
	__type(value, __u64);
} wake_limits SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, TRANSPORT_PROTOCOLS);
	__type(key, __u32);
	__type(value, struct wake_window);
} wake_windows SEC(".maps");

static __always_inline void wake_tell(__u32 transport, __u64 packets)
{
	struct event *event = event_reserve(EVENT_SOURCE_PACKETS, EVENT_WAKE);

	if (!event)
		return;
	event->wake.transport = transport;
	event->wake.packets = packets;
	bpf_ringbuf_submit(event, BPF_RB_FORCE_WAKEUP);
}

/* Call it for one in WAKE_EVERY packets that pass. */
static __always_inline void wake_look(__u32 transport)
{
	__u64 *limit = bpf_map_lookup_elem(&wake_limits, &transport);
	struct wake_window *window;
	__u64 now;

	if (!limit || !*limit)
		return;
	window = bpf_map_lookup_elem(&wake_windows, &transport);
	if (!window)
		return;
	now = bpf_ktime_get_ns();
	if (now - window->began_ns > WAKE_WINDOW_NS) {
		window->began_ns = now;
		window->packets = 0;
		return;
	}
	window->packets += WAKE_EVERY;
	if (window->packets < *limit)
		return;
	*limit = 0;
	wake_tell(transport, window->packets);
}

#endif
