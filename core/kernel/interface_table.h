/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The tables of interfaces from user space: which are watched, and the slots that they have in the
 * per-interface maps. Layout: bpf/include/interfaces.h. One process at a time changes a table.
 */
#ifndef X0_KERNEL_INTERFACE_TABLE_H
#define X0_KERNEL_INTERFACE_TABLE_H

#include <stdbool.h>

#include "interfaces.h"

/*
 * Puts an interface into the table, or replaces its entry. To be done before a program is attached to
 * it: until then its packets pass uncounted. Returns 0, -ENOSPC when its bucket is full, or another
 * negative errno.
 */
int interface_table_put(int map, const struct interface_entry *entry);

/* Takes an interface out. Returns 0, -ENOENT if it is not in the table, or another negative errno. */
int interface_table_remove(int map, __u32 ifindex);

/*
 * Removes the entries that `keep` says no to. Returns how many there were, or a negative errno.
 */
int interface_table_sweep(
	int map, bool (*keep)(const struct interface_entry *entry, void *data), void *data);

/* Reads the entry of an interface. Returns 0, -ENOENT, or another negative errno. */
int interface_table_find(int map, __u32 ifindex, struct interface_entry *entry);

#endif
