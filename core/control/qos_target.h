/* SPDX-License-Identifier: BSD-2-Clause */
/* What the changes of x0top qos have in common: an interface as it is, remembered before it is another. */
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

/* Ends a change. Where nothing acts any more, the classifier only counts. */
void qos_end(struct qos_target *target);

/* Reads the names of the classes: those in force, or that will be, of the settings. */
void qos_labels(const struct orchestrator *o, struct class_control *control);

/* Returns the number of a class, or -ENOENT with *failure naming all. */
int qos_find_class(const struct class_control *control, const char *name, struct failure *failure);

/* Fills in the shaping of *before. */
void qos_keep_shape(const struct shape_state *state, struct act_before *before);

/* Remembers what is in force. Only a change that is to be undone by itself needs that. Returns 0, or a negative
 * errno with *failure set. */
int qos_remember(
	const struct verb_call *call, const struct qos_target *target, struct failure *failure);

/* The same before a change of more than one step. qos_settle() follows it, whatever becomes of the change: a kill
 * before that lets the next x0top put back what was. */
int qos_remember_steps(
	const struct verb_call *call, const struct qos_target *target, struct failure *failure);
void qos_settle(const struct verb_call *call);

/*
 * Puts back what was before a change that a kill has ended half way, under the change lock, once the pinned maps are
 * this x0top's. Returns whether there was one, with its words in `action`.
 */
bool qos_recover(struct orchestrator *o, char action[RULE_LEN]);

/* Writes target->acts. Returns 0, or a negative errno with *failure set. */
int qos_write_acts(const struct qos_target *target, struct failure *failure);

#endif
