/* SPDX-License-Identifier: BSD-2-Clause */
/* What classes get at least that the operator's own connection may be in. */
#ifndef X0_CONTROL_QOS_FLOOR_H
#define X0_CONTROL_QOS_FLOOR_H

#include "control/qos_target.h"

/*
 * Returns whether packets of the operator's own connection may be in a class of an interface, which is named by its
 * number. Where its packets do not leave by this interface they may be in any class: those of a tunnel, perhaps.
 */
bool qos_may_be_own(
	const struct orchestrator *o, uint32_t ifindex, uint32_t direction, uint32_t class);

/* Writes why a class does not get less. */
void qos_floor_sentence(const char *class, const char *what, char *sentence, size_t size);

/*
 * Refuses what would hold such a class below ACT_OWN_MIN that had more: also where the operator has said yes. `shape`
 * may be NULL. Returns 0, or -EBUSY with *failure set.
 */
int qos_keep_floor(const struct qos_target *target, const struct class_acts *wanted,
	const struct shape *shape, struct failure *failure);

/*
 * Refuses lines of the classes by which packets of that connection may come into a class that is held below ACT_OWN_MIN,
 * on the interface by which he is reached, where none were in it by the lines before. Returns 0, or -EBUSY with *failure
 * set.
 */
int qos_keep_lines(const struct orchestrator *o, const struct class_lines *before,
	const struct class_lines *lines, struct failure *failure);

#endif
