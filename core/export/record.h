/* SPDX-License-Identifier: BSD-2-Clause */
/* Records snapshots to a file: see recording.h for its form. */
#ifndef X0_EXPORT_RECORD_H
#define X0_EXPORT_RECORD_H

#include "base/failure.h"
#include "model/snapshot.h"

struct recorder;

/*
 * Opens a file to append to, until it has `limit` bytes; a new one is readable by its owner only.
 * Ends a line or record that was cut, so that nothing is glued to it. Keeps `path`. Returns 0, then
 * call recorder_close(), or a negative errno with *failure set: -EBUSY if another process records
 * to it, -EINVAL if it holds something else than a recording.
 */
int recorder_open(
	const char *path, uint64_t limit, struct recorder **recorder, struct failure *failure);

/* Returns what recorder_open() had to mend, a sentence without its full stop, or "". */
const char *recorder_notice(const struct recorder *recorder);

/*
 * Appends a snapshot by one write. Returns 0, or a negative errno with *failure set, like -ENOSPC,
 * and then the file ends as before; the next call tries again. -EFBIG: the limit is reached.
 */
int recorder_write(
	struct recorder *recorder, const struct snapshot *snapshot, struct failure *failure);

/* Closes the file. Accepts NULL. */
void recorder_close(struct recorder *recorder);

#endif
