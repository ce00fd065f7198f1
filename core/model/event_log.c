// SPDX-License-Identifier: BSD-2-Clause
#include "model/event_log.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/clock.h"

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
}

void event_log_copy(const struct event_log *log, struct snapshot *now)
{
	uint64_t first = log->next > EVENTS_KEPT ? log->next - EVENTS_KEPT : 0;

	now->net_events.n_events = (uint32_t)(log->next - first);
	for (uint64_t i = first; i < log->next; i++)
		now->net_events.events[i - first] = log->events[i % EVENTS_KEPT];
}
