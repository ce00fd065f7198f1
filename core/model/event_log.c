// SPDX-License-Identifier: BSD-2-Clause
#include "model/event_log.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/clock.h"

/* What somebody does, and what becomes of programs, is no trace. */
static bool is_change(enum event_kind kind)
{
	return kind == EVENT_KIND_ACTION || kind == EVENT_KIND_PROGRAM || kind == EVENT_KIND_MESH;
}

void event_log_add(
	struct event_log *log, double time, enum event_kind kind, const char *format, ...)
{
	struct snapshot_event *event = &log->events[log->next % EVENTS_KEPT];
	va_list arguments;

	log->next++;
	event->number = log->next;
	event->time = time > 0 ? time : clock_realtime_seconds();
	event->kind = kind;
	va_start(arguments, format);
	vsnprintf(event->text, sizeof(event->text), format, arguments);
	va_end(arguments);
	if (is_change(kind))
		log->changes[log->n_changes++ % EVENTS_CHANGES] = *event;
}

static uint64_t first_change(const struct event_log *log)
{
	return log->n_changes > EVENTS_CHANGES ? log->n_changes - EVENTS_CHANGES : 0;
}

/* Returns how many of the changes that are kept are no later than event `number`. */
static uint64_t count_changes(const struct event_log *log, uint64_t number)
{
	uint64_t n = 0;

	for (uint64_t i = first_change(log); i < log->n_changes; i++)
		n += log->changes[i % EVENTS_CHANGES].number <= number;
	return n;
}

void event_log_copy(const struct event_log *log, struct snapshot *now)
{
	struct snapshot_net_events *net = &now->net_events;
	uint64_t first = log->next > EVENTS_KEPT ? log->next - EVENTS_KEPT : 0;

	/* Those that make way for older changes may be changes, too. */
	while (count_changes(log, first) + log->next - first > EVENTS_KEPT)
		first++;
	const uint64_t older = first_change(log), n = first > 0 ? count_changes(log, first) : 0;
	for (uint64_t i = 0; i < n; i++)
		net->events[i] = log->changes[(older + i) % EVENTS_CHANGES];
	for (uint64_t i = first; i < log->next; i++)
		net->events[n + i - first] = log->events[i % EVENTS_KEPT];
	net->n_events = (uint32_t)(n + log->next - first);
}
