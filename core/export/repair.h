/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Sums by exclusive or, of which one missing record of a recording can be had again. Records take
 * turns among RECORDING_LANES sums, so that damage in a row hits each of them once.
 */
#ifndef X0_EXPORT_REPAIR_H
#define X0_EXPORT_REPAIR_H

#include <stddef.h>

#include "export/recording.h"

struct repair_lane {
	unsigned char *sum;
	size_t length, room; /* bytes */
};

/* Zeroed at first. */
struct repair {
	struct repair_lane lanes[RECORDING_LANES];
};

/* Forgets the sums. */
void repair_begin(struct repair *repair);

/* Adds bytes, from the `at`th of a record on, to a sum. Returns 0 or -ENOMEM. */
int repair_add(struct repair *repair, unsigned int lane, size_t at, const void *bytes, size_t size);

/*
 * Looks whether a sum, after all whole records of a group and its parity were added, is one record: the
 * one that was missing. Returns whether it is, with its header and the changes, which are the sum's.
 */
bool repair_take(const struct repair *repair, unsigned int lane, struct record_header *header,
	const unsigned char **changes);

void repair_free(struct repair *repair);

#endif
