/* SPDX-License-Identifier: BSD-2-Clause */
/* Keeps the rows of struct watch, one per slot, in step with the list of interfaces. For watch.c. */
#ifndef X0_PROGRAMS_WATCH_ROWS_H
#define X0_PROGRAMS_WATCH_ROWS_H

#include "programs/watch.h"

#define WATCH_NO_SLOT UINT32_MAX

/* Lists the host's interfaces into watch->list. Returns 0, or a negative errno with the old list kept. */
int watch_list(struct watch *watch);

/* Returns the place of an interface in watch->list, or SIZE_MAX. */
size_t watch_place(const struct watch *watch, uint32_t ifindex);

/* Returns the row of a slot, made if needed; NULL without memory. Moves the other rows. */
struct watched_interface *watch_row(struct watch *watch, uint32_t slot);

/* Returns an unused slot, or WATCH_NO_SLOT when the maps have no more. */
uint32_t watch_free_slot(struct watch *watch);

/* Returns the index of the name in the settings that requests the interface, or -1. */
int watch_asked_by(const struct program_context *context, const struct interface *interface);

/* Chooses from watch->list and updates the rows; only the `first` look logs no new interfaces. */
void watch_look(struct program_context *context, bool first);

#endif
