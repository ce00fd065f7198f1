/* SPDX-License-Identifier: BSD-2-Clause */
/* Records snapshots to a file, a line of JSON each, and replays them. */
#ifndef X0_EXPORT_RECORD_H
#define X0_EXPORT_RECORD_H

#include "base/failure.h"
#include "model/snapshot.h"

struct recorder;
struct replayer;

/*
 * Opens a file to append to; a new one is readable by its owner only. Returns 0 with *recorder to be
 * closed by the caller, or a negative errno with *failure set.
 */
int recorder_open(const char *path, struct recorder **recorder, struct failure *failure);

/* Appends a snapshot; it is in the file when this returns. Returns 0 or a negative errno with *failure
 * set: -ENOSPC and the like. */
int recorder_write(
	struct recorder *recorder, const struct snapshot *snapshot, struct failure *failure);

/* Accepts NULL. */
void recorder_close(struct recorder *recorder);

/* Opens a recording. Returns 0 with *replayer to be closed by the caller, or a negative errno with
 * *failure set. */
int replayer_open(const char *path, struct replayer **replayer, struct failure *failure);

/*
 * Reads the next snapshot. Returns 1 if there was one, 0 at the end, or a negative errno with
 * *failure naming the line and its fault; the next call goes on with the line after it.
 */
int replayer_next(struct replayer *replayer, struct snapshot *snapshot, struct failure *failure);

/* Accepts NULL. */
void replayer_close(struct replayer *replayer);

#endif
