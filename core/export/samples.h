/* SPDX-License-Identifier: BSD-2-Clause */
/* Samples of a host in the order of time, of which each can be read: a recording, or what a Prometheus has. */
#ifndef X0_EXPORT_SAMPLES_H
#define X0_EXPORT_SAMPLES_H

#include <stdint.h>

#include "base/failure.h"
#include "model/snapshot.h"

struct samples {
	void *source;
	/* The number of samples, which may fall while they are read. */
	uint32_t (*count)(const void *source);
	/* The time of a sample, in seconds since 1970; 0 for one that there is not. */
	double (*time)(const void *source, uint32_t at);
	/* Reads sample number *at, or another if there is none such, which *at then says. Returns 0, or a
	 * negative errno with *failure set. */
	int (*read)(void *source, uint32_t *at, struct snapshot *snapshot, struct failure *failure);
	/* How many are left out so far, with a sentence about them, or "". */
	uint32_t (*left_out)(const void *source, char sentence[FAILURE_SENTENCE_LEN]);
};

#endif
