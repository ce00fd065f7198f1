/* SPDX-License-Identifier: BSD-2-Clause */
/* A ring buffer of a plugin: takes its records while somebody looks, and keeps the last. */
#ifndef X0_PLUGINS_PLUGIN_EVENTS_H
#define X0_PLUGINS_PLUGIN_EVENTS_H

#include "model/event_log.h"
#include "model/snapshot.h"
#include "plugins/show.h"

struct ring_buffer;

enum {
	PLUGIN_EVENTS_KEPT = 256,
	PLUGIN_EVENT_BYTES = 1024, /* of a record; what is behind them is not shown */
};

struct plugin_event {
	double time; /* when it was read, seconds since 1970 */
	uint32_t size;
	uint8_t bytes[PLUGIN_EVENT_BYTES];
};

struct plugin_events {
	const struct btf *btf; /* not owned */
	struct show_plan plan; /* the first column is the time */
	struct ring_buffer *ring;
	uint64_t read, logged; /* records */
	uint32_t left; /* that this sample may still take */
	struct plugin_event *kept; /* the last ones, by number modulo PLUGIN_EVENTS_KEPT */
};

/* Opens the ring buffer of a planned map. Returns 0 or a negative errno. */
int plugin_events_open(struct plugin_events *events, int fd);
void plugin_events_close(struct plugin_events *events);

/* Takes the records that wait, thousands at most. Returns 0 or a negative errno. */
int plugin_events_read(struct plugin_events *events);

/* Adds the latest of the records that were read last to the log, each behind `name`. */
void plugin_events_log(struct plugin_events *events, const char *name, struct event_log *log);

/* Adds those kept to `now`, the latest first, as rows of map number `map`. */
void plugin_events_show(const struct plugin_events *events, uint32_t map, struct snapshot *now);

#endif
