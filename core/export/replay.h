/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reads a recording (recording.h) in any order. Opening it looks at every byte once and keeps the
 * place of each sample; a sample is read when it is asked for. What is damaged is left out.
 */
#ifndef X0_EXPORT_REPLAY_H
#define X0_EXPORT_REPLAY_H

#include <stdint.h>

#include "base/failure.h"
#include "export/samples.h"
#include "model/snapshot.h"

struct replayer;

/*
 * Opens a recording that holds a sample. Keeps `path`. Returns 0, then call replayer_close(), or a
 * negative errno with *failure set: -ENODATA if it is empty, -EINVAL if all of it is damaged.
 */
int replayer_open(const char *path, struct replayer **replayer, struct failure *failure);

/* Returns the number of samples. It falls when replayer_read() meets one that cannot be read. */
uint32_t replayer_count(const struct replayer *replayer);

/* Returns the time of a sample, in seconds since 1970; 0 for a sample that there is not. */
double replayer_time(const struct replayer *replayer, uint32_t at);

/*
 * Reads sample number *at, from 0 on; the last one if there are fewer. If it cannot be read, leaves
 * it out, and takes the next one instead, or the one before. Sets *at to the number of what was read.
 * Returns 0; or a negative errno with *failure set, if there is no sample left or the file cannot be
 * read. A step forward reads one sample, any other at most RECORDING_GROUP.
 */
int replayer_read(struct replayer *replayer, uint32_t *at, struct snapshot *snapshot,
	struct failure *failure);

/* Returns how many samples are left out so far, and writes a sentence about them, or "". */
uint32_t replayer_left_out(const struct replayer *replayer, char sentence[FAILURE_SENTENCE_LEN]);

/* Returns its samples, until it is closed. */
struct samples replayer_samples(struct replayer *replayer);

/* Closes the recording. Accepts NULL. */
void replayer_close(struct replayer *replayer);

#endif
