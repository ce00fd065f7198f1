/* SPDX-License-Identifier: BSD-2-Clause */
/* Records snapshots to a file, one line of JSON each, and replays them. */
#ifndef X0_EXPORT_RECORD_H
#define X0_EXPORT_RECORD_H

#include "base/failure.h"
#include "model/snapshot.h"

struct recorder;
struct replayer;

/*
 * Opens a file to append to; a new one is readable by its owner only. Keeps `path`. Returns 0, then
 * call recorder_close(), or a negative errno with *failure set.
 */
int recorder_open(const char *path, struct recorder **recorder, struct failure *failure);

/* Appends a snapshot and flushes it to the file. Returns 0, or a negative errno with *failure
 * set, like -ENOSPC. */
int recorder_write(
	struct recorder *recorder, const struct snapshot *snapshot, struct failure *failure);

/* Closes the file. Accepts NULL. */
void recorder_close(struct recorder *recorder);

/* Opens a recording. Keeps `path`. Returns 0, then call replayer_close(), or a negative errno with
 * *failure set. */
int replayer_open(const char *path, struct replayer **replayer, struct failure *failure);

/*
 * Reads the next snapshot. Returns 1 if there is one, 0 at the end, or a negative errno with
 * *failure naming the line and its fault; the next call continues with the following line.
 */
int replayer_next(struct replayer *replayer, struct snapshot *snapshot, struct failure *failure);

/* Closes the recording. Accepts NULL. */
void replayer_close(struct replayer *replayer);

#endif
