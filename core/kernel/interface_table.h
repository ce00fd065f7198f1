/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reads and changes the tables of watched interfaces and their slots in the per-interface maps.
 * bpf/include/interfaces.h has the layout. Let one process at a time change a table.
 */
#ifndef X0_KERNEL_INTERFACE_TABLE_H
#define X0_KERNEL_INTERFACE_TABLE_H

#include <stdbool.h>

#include "interfaces.h"

/*
 * Adds an interface or replaces its entry. Call it before attaching a program: packets of an
 * interface without an entry pass uncounted. Returns 0, -ENOSPC if its bucket is full, or another
 * negative errno.
 */
int interface_table_put(int map, const struct interface_entry *entry);

/* Removes an interface. Returns 0, -ENOENT if it is not in the table, or another negative errno. */
int interface_table_remove(int map, __u32 ifindex);

/* Removes the entries for which `keep` returns false. Returns their number or a negative errno. */
int interface_table_sweep(
	int map, bool (*keep)(const struct interface_entry *entry, void *data), void *data);

/* Reads the entry of an interface. Returns 0, -ENOENT, or another negative errno. */
int interface_table_find(int map, __u32 ifindex, struct interface_entry *entry);

#endif
