/* SPDX-License-Identifier: BSD-2-Clause */
/* A dashboard's side of viewers.h: the samples of a service, and actions that it does for the operator. */
#ifndef X0_SERVE_VIEWER_H
#define X0_SERVE_VIEWER_H

#include "control/action.h"
#include "model/look.h"
#include "model/snapshot.h"

struct viewer;

enum viewer_event {
	VIEWER_NOTHING, /* nothing is there yet */
	VIEWER_SAMPLE,
	VIEWER_DONE, /* the action is done; the text tells what beyond its words */
	VIEWER_QUESTION, /* the text is to be answered with yes first */
	VIEWER_FAILURE, /* *failure tells why the action is not done */
};

/* Connects to the service of this host. Returns 0, then call viewer_close(); -ENOENT if there is none that this
 * process may look at. */
int viewer_open(struct viewer **viewer);

/* Makes one of a connection to a service, which it owns then. Returns 0 or -ENOMEM. */
int viewer_adopt(int fd, struct viewer **viewer);

/* Accepts NULL. */
void viewer_close(struct viewer *viewer);

/* Returns a descriptor that is readable when viewer_read() has something to read. */
int viewer_fd(const struct viewer *viewer);

/*
 * Takes the next thing that the service said. *now is the sample before, and becomes the next one. Returns an
 * enum viewer_event, with *text valid until the next call, or a negative errno with *failure set: the service
 * has ended, or speaks another language.
 */
int viewer_read(
	struct viewer *viewer, struct snapshot *now, const char **text, struct failure *failure);

/* Tells what somebody looks at, as bits of enum look: samples have it then. `sort`: at which map of a plugin, with
 * LOOK_PLUGIN_MAP; else it may be NULL. No one looks at first. */
void viewer_look(struct viewer *viewer, unsigned int looks, const struct look_sort *sort);

/* Asks for an action, whose result viewer_read() has. Returns 0 or a negative errno with *failure set. */
int viewer_act(struct viewer *viewer, const struct action *action, bool confirmed,
	struct failure *failure);

#endif
