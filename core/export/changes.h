/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What one snapshot changes of another, as JSON, for recordings. Made of the same members as a
 * snapshot's JSON, but:
 *
 *	a member that has not changed is left out;
 *	an integer stands for its increase, modulo 2^64;
 *	a counter is an integer, its total's increase, if its rate is the one that follows from that
 *	and from self.interval, or from talkers.interval among the talkers;
 *	other numbers have nine digits, but times all;
 *	what follows from the rest of its element and the one before (struct field's `follows`) is left
 *	out, and written, at least as {}, where it does not;
 *	a histogram is the increase of each bucket up to the last that has changed; [7] stands for
 *	seven that have not;
 *	a list is written in entries, which take elements from the list before, one after the other:
 *	    3		the next three are as they were
 *	    -2		the next two are gone
 *	    {...}	the next one has changed
 *	    [{...}]	an element that was not there: its changes of an empty one
 *	    [3,{...}]	the element that was at place 3, from 0, has moved here, and these are its changes.
 */
#ifndef X0_EXPORT_CHANGES_H
#define X0_EXPORT_CHANGES_H

#include <stddef.h>

#include "base/failure.h"
#include "model/snapshot.h"

/* Grows to what the longest text took and is used again: zeroed at first, freed by the owner. */
struct changes_text {
	char *bytes; /* not terminated */
	size_t length, room;
};

/* Replaces the text by what makes *now of *before. Returns 0 or -ENOMEM. */
int changes_write(
	const struct snapshot *before, const struct snapshot *now, struct changes_text *text);

/*
 * Applies changes of `size` bytes, which may be hostile, to *snapshot. Returns 0; or -EINVAL or
 * -ENOMEM with *failure naming the wrong member, and leaves *snapshot unspecified.
 */
int changes_read(const char *text, size_t size, struct snapshot *snapshot, struct failure *failure);

#endif
