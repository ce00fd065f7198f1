/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a service and the dashboards that look at it say to each other over a local socket: a header, and as
 * many bytes behind it. Samples are in the form of recordings (export/changes.h), so that both may be of
 * different versions.
 */
#ifndef X0_SERVE_VIEW_WIRE_H
#define X0_SERVE_VIEW_WIRE_H

#include <stddef.h>
#include <stdint.h>

#include "export/recording.h"
#include "model/look.h"

#define VIEW_SOCKET "/run/x0top.sock"
#define VIEW_GROUP  "x0top" /* of those who may look and act, beside root */
#define VIEW_MODE   0660

enum view_kind {
	/* To the service. */
	VIEW_FROM, /* "ADDRESS PORT" of the operator's SSH connection, or nothing: comes first */
	VIEW_ACTION, /* "0" or, once the operator said yes, "1"; and the action's text */
	VIEW_LOOK, /* what somebody looks at: of view_look_write(); nothing at first */
	/* To the dashboard. */
	VIEW_WHOLE, /* changes of an empty snapshot */
	VIEW_CHANGES, /* changes of the snapshot before */
	VIEW_DONE, /* what the action did beyond its words */
	VIEW_QUESTION, /* which the operator must answer first */
	VIEW_FAILURE, /* the sentence, a line feed, and the remedy, which may be empty */
};

struct view_header {
	uint32_t kind; /* enum view_kind */
	uint32_t length; /* bytes that follow */
};

enum {
	VIEW_ASK_MAX = 4096, /* bytes behind a header to the service */
	VIEW_TELL_MAX = RECORDING_TEXT_MAX, /* to the dashboard */
};

/* What a dashboard has asked so far: has room for the longest request. */
struct view_asked {
	char bytes[sizeof(struct view_header) + VIEW_ASK_MAX + 1];
	size_t length;
};

/* Takes the first request, if it is whole: its kind, and its text, terminated. Returns 1; 0 if it is not whole;
 * -EPROTO if it cannot be one. */
int view_asked_take(
	struct view_asked *asked, struct view_header *header, char text[VIEW_ASK_MAX + 1]);

/* Write and read what somebody looks at, bits of enum look; with LOOK_PLUGIN_MAP also which map: "64 2 0 PLUGIN MAP"
 * with its column, and whether the least come first. What cannot be read is not looked at. */
void view_look_write(char text[VIEW_ASK_MAX + 1], unsigned int looks, const struct look_sort *sort);
unsigned int view_look_read(const char *text, struct look_sort *sort);

#endif
