/* SPDX-License-Identifier: BSD-2-Clause */
/* The latest events in words, of every kind: what the events view shows. */
#ifndef X0_MODEL_EVENT_LOG_H
#define X0_MODEL_EVENT_LOG_H

#include "model/snapshot.h"

/* A ring of the last EVENTS_KEPT events. Zeroed, it is empty. */
struct event_log {
	uint64_t next; /* number of the next event; numbers begin with 1 */
	struct snapshot_event events[EVENTS_KEPT];
};

/* Adds an event that happened at `time`, seconds since 1970; 0 means now. */
void event_log_add(struct event_log *log, double time, enum event_kind kind, const char *format,
	...) __attribute__((format(printf, 4, 5)));

/* Copies all that are kept into now->net_events, oldest first. */
void event_log_copy(const struct event_log *log, struct snapshot *now);

#endif
