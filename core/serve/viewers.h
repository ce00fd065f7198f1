/* SPDX-License-Identifier: BSD-2-Clause */
/* Dashboards that look at a service: it sends them its samples, and does what their operators ask for. */
#ifndef X0_SERVE_VIEWERS_H
#define X0_SERVE_VIEWERS_H

#include <stdbool.h>

#include "base/loop.h"
#include "control/orchestrator.h"

enum { VIEWERS_MAX = 8 };

struct viewers;

/*
 * Opens the socket. Only root has one: *viewers is NULL for others. Returns 0, then call viewers_close(), or a
 * negative errno with *failure set: -EBUSY if another service has it.
 */
int viewers_open(struct viewers **viewers, struct failure *failure);

/* Accepts NULL, as the next. The socket's name stays, for lack of rights, and the next service takes it. */
void viewers_close(struct viewers *viewers);

/* Starts in a loop. `changed` is called when an action changed something: take a sample then. Returns 0 or a
 * negative errno. */
int viewers_start(struct viewers *viewers, struct loop *loop, struct orchestrator *orchestrator,
	void (*changed)(void *data), void *data);

/* Returns what they look at, as bits of enum look; *sort is the map of a plugin that one of them looks at alone. Where
 * they look at several, all are wanted. */
unsigned int viewers_look(const struct viewers *viewers, struct look_sort *sort);

/* Sends a sample; `before` is the one that was sent before, or empty. */
void viewers_turn(
	struct viewers *viewers, const struct snapshot *before, const struct snapshot *now);

#endif
