/* SPDX-License-Identifier: BSD-2-Clause */
/* What is done to the packets of classes, as the kernel has it: bpf/include/class_act.h. */
#ifndef X0_PROGRAMS_CLASS_ACTS_H
#define X0_PROGRAMS_CLASS_ACTS_H

#include <stdbool.h>
#include <stdint.h>

#include "class_act.h"
#include "programs/program.h"
#include "qos/classes.h"
#include "qos/shape.h"

/* Returns whether anything is switched on. */
bool class_acts_any(const struct map_registry *maps);

/*
 * Lets the classifier outlive x0top, with the names of its classes; or switches all off on all interfaces, and
 * ends their shaping. Returns 0 or a negative errno.
 */
int class_acts_switch(
	const struct program_context *context, const struct class_names *names, bool on);

/* Reads the names of the classes. Returns 0 or a negative errno. */
int class_acts_labels(const struct map_registry *maps, struct class_control *control);

/* Takes the names of new classes, if anything is switched on; one of a class without lines stays. Returns 0 or a
 * negative errno. */
int class_acts_rename(const struct map_registry *maps, const struct class_names *names);

/* Fills in the names of classes; NULL: none. */
void class_acts_fill_labels(const struct class_names *names, struct class_control *control);

/* Returns whether nothing is asked for on any interface. */
bool class_acts_none(const struct map_registry *maps);

/* Returns how many slots there are. */
uint32_t class_acts_slots(const struct map_registry *maps);

/* Returns the slot of an interface, or a negative errno: -ENOENT if it is not watched. */
int class_acts_slot(const struct map_registry *maps, uint32_t ifindex);

/* Returns the slot of what is asked for of an interface, also while that is away, or -ENOENT. */
int class_acts_find(const struct map_registry *maps, const char *interface);

/* Read and replace what is asked for of a slot, in one step. Return 0 or a negative errno. */
int class_acts_read(const struct map_registry *maps, uint32_t slot, struct class_acts *acts);
int class_acts_write(const struct map_registry *maps, uint32_t slot, const struct class_acts *acts);

/* Gives a slot to the interface that it has now: what is asked for of another one there ends. Returns 0 or a
 * negative errno. */
int class_acts_follow(const struct program_context *context, uint32_t slot);

/* Reads what was done to the packets of a class. Returns 0 or a negative errno. */
int class_acts_count(const struct program_context *context, uint32_t slot, uint32_t direction,
	uint32_t class, struct class_act_count *count);

/* Fills in the classes of an interface that is shaped by departure times, with what was done to their packets. */
void class_acts_timed(const struct program_context *context, uint32_t slot,
	const struct class_acts *acts, struct shape_state *state);

#endif
