/* SPDX-License-Identifier: BSD-2-Clause */
/* What the changes of x0top qos have in common: an interface as it is, before it is another. */
#ifndef X0_CONTROL_QOS_TARGET_H
#define X0_CONTROL_QOS_TARGET_H

#include "control/state.h"
#include "kernel/netlink.h"
#include "programs/class_acts.h"
#include "qos/act_history.h"

/* An interface, as it is before a change. */
struct qos_target {
	struct orchestrator *o;
	struct program *program;
	struct interface interface;
	uint32_t slot;
	struct class_control control; /* the names of the classes */
	struct class_acts acts;
	struct netlink netlink;
	struct shape_state shape;
};

/* Opens an interface for a change; the classifier acts from now on, on nothing yet. Returns 0, with the target to be
 * closed by qos_end(), or a negative errno with *failure set. */
int qos_begin(const struct verb_call *call, struct qos_target *target, struct failure *failure);

/* Reads an interface as it is, and changes nothing. Returns 0, with target->netlink to be closed by the caller, or a negative
 * errno with *failure set. */
int qos_look(struct orchestrator *o, const char *interface, struct qos_target *target,
	struct failure *failure);

/* Ends a change. Where nothing acts any more, the classifier only counts. */
void qos_end(struct qos_target *target);

/* Reads the names of the classes: those in force, or that will be, of the settings. */
void qos_labels(const struct orchestrator *o, struct class_control *control);

/* Returns the number of a class, or -ENOENT with *failure naming all. */
int qos_find_class(const struct class_control *control, const char *name, struct failure *failure);

/* Fills in what an interface has: to be put back. */
void qos_keep(const struct qos_target *target, struct act_before *before);

/* Fills in its shaping alone. */
void qos_keep_shape(const struct shape_state *state, struct act_before *before);

/* Writes target->acts. Returns 0, or a negative errno with *failure set. */
int qos_write_acts(const struct qos_target *target, struct failure *failure);

/* Puts target->acts to `wanted` and shapes the interface, NULL: no more. Returns 0 or more, or a negative errno with
 * *failure set, and what was there in force. */
int qos_put_shape(struct qos_target *target, const struct class_acts *wanted,
	const struct shape *shape, struct failure *failure);

#endif
