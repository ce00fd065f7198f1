/* SPDX-License-Identifier: BSD-2-Clause */
/* Keeps the latest events of every kind, in words. */
#ifndef X0_MODEL_EVENT_LOG_H
#define X0_MODEL_EVENT_LOG_H

#include "model/snapshot.h"

/* Holds the last EVENTS_KEPT events; of changes, which traces of a busy host would push out within seconds, the last
 * EVENTS_CHANGES in any case. Zeroed, it is empty. */
struct event_log {
	uint64_t next; /* number of the next event; numbers begin with 1 */
	uint64_t n_changes; /* so far */
	struct snapshot_event events[EVENTS_KEPT];
	struct snapshot_event changes[EVENTS_CHANGES]; /* copies */
};

/* Adds an event of `time`, seconds since 1970; 0 means now. A text that is too long is cut. */
void event_log_add(struct event_log *log, double time, enum event_kind kind, const char *format,
	...) __attribute__((format(printf, 4, 5)));

/* Copies all events into now->net_events, which has none, oldest first. */
void event_log_copy(const struct event_log *log, struct snapshot *now);

#endif
