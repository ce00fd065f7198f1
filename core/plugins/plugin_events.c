// SPDX-License-Identifier: BSD-2-Clause
#include "plugins/plugin_events.h"

#include <bpf/libbpf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"

enum {
	TAKEN_AT_ONCE = 4096, /* records of a sample */
	LOGGED_AT_ONCE = 8, /* of these: the list of events belongs to others, too */
};

static int take(void *context, void *data, size_t size)
{
	struct plugin_events *events = context;
	struct plugin_event *event = &events->kept[events->read++ % PLUGIN_EVENTS_KEPT];

	event->time = clock_realtime_seconds();
	event->size = size < PLUGIN_EVENT_BYTES ? (uint32_t)size : PLUGIN_EVENT_BYTES;
	memcpy(event->bytes, data, event->size);
	memset(event->bytes + event->size, 0, PLUGIN_EVENT_BYTES - event->size);
	return --events->left == 0 ? -EAGAIN : 0;
}

int plugin_events_open(struct plugin_events *events, int fd)
{
	events->kept = calloc(PLUGIN_EVENTS_KEPT, sizeof(*events->kept));
	if (events->kept == NULL)
		return -ENOMEM;
	events->ring = ring_buffer__new(fd, take, events, NULL);
	return events->ring != NULL ? 0 : -errno;
}

void plugin_events_close(struct plugin_events *events)
{
	ring_buffer__free(events->ring);
	free(events->kept);
	events->ring = NULL;
	events->kept = NULL;
}

int plugin_events_read(struct plugin_events *events)
{
	events->left = TAKEN_AT_ONCE;
	int error = ring_buffer__consume(events->ring);
	return error < 0 && events->left > 0 ? error : 0;
}

/* What a record is too short for has no text. */
static char *event_text(const struct plugin_events *events, const struct plugin_event *event,
	uint32_t c, char text[PLUGIN_CELL_LEN])
{
	const struct show_column *column = &events->plan.columns[c];
	const uint32_t n = column->n > 0 && column->kind != PLUGIN_BYTES ? column->n : 1;

	text[0] = '\0';
	if (column->kind == PLUGIN_TIME)
		snprintf(text, PLUGIN_CELL_LEN, "%.6f", event->time);
	else if (column->kind != PLUGIN_RATE &&
		 column->offset + column->bits * n <= event->size * 8)
		show_text(column, events->btf, event->bytes, text);
	return text;
}

static const struct plugin_event *event_at(const struct plugin_events *events, uint64_t number)
{
	return &events->kept[number % PLUGIN_EVENTS_KEPT];
}

void plugin_events_log(struct plugin_events *events, const char *name, struct event_log *log)
{
	if (events->read - events->logged > LOGGED_AT_ONCE)
		events->logged = events->read - LOGGED_AT_ONCE;
	for (; events->logged < events->read; events->logged++) {
		const struct plugin_event *event = event_at(events, events->logged);
		char line[TEXT_LEN] = "", text[PLUGIN_CELL_LEN];
		size_t used = 0;
		for (uint32_t c = 1; c < events->plan.n && used < sizeof(line); c++)
			used += (size_t)snprintf(line + used, sizeof(line) - used, " %s=%s",
				events->plan.columns[c].name, event_text(events, event, c, text));
		event_log_add(log, event->time, EVENT_KIND_PLUGIN, "%s:%s", name, line);
	}
}

void plugin_events_show(const struct plugin_events *events, uint32_t map, struct snapshot *now)
{
	const uint64_t n = events->read < PLUGIN_EVENTS_KEPT ? events->read : PLUGIN_EVENTS_KEPT;

	for (uint64_t i = 0; i < n && now->plugins.n_rows < PLUGIN_ALL_ROWS; i++) {
		const struct plugin_event *event = event_at(events, events->read - 1 - i);
		struct snapshot_plugin_row *row = SNAPSHOT_ADD(now, &now->plugins, rows);
		row->map = map;
		row->n_cells = events->plan.n;
		for (uint32_t c = 0; c < events->plan.n; c++)
			event_text(events, event, c, row->cells[c]);
	}
}
