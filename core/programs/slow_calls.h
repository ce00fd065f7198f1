/* SPDX-License-Identifier: BSD-2-Clause */
/* Keeps the slowest calls of the last minute, from the latency tracer's events. */
#ifndef X0_PROGRAMS_SLOW_CALLS_H
#define X0_PROGRAMS_SLOW_CALLS_H

#include "events.h"
#include "kernel/syscall_table.h"
#include "model/event_log.h"
#include "model/snapshot.h"

struct slow_calls {
	const struct traced_calls *calls; /* neither is owned */
	struct event_log *log;
	uint32_t n;
	struct snapshot_slow_call list[SLOW_CALLS_KEPT]; /* slowest first */
};

/* Takes an EVENT_SLOW_SYSCALL; `context` is a struct slow_calls. */
void slow_calls_take(void *context, const struct event *event, double time);

/* Copies the slow calls of the last minute into `now`. */
void slow_calls_sample(struct slow_calls *slow, struct snapshot *now);

#endif
