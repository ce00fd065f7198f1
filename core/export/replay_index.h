/* SPDX-License-Identifier: BSD-2-Clause */
/* Where the samples of a recording are. */
#ifndef X0_EXPORT_REPLAY_INDEX_H
#define X0_EXPORT_REPLAY_INDEX_H

#include <stdint.h>
#include <stdio.h>

#include "base/failure.h"

enum sample_form {
	SAMPLE_LINE, /* a line of JSON, which is the whole snapshot */
	SAMPLE_WHOLE, /* a record of all that differs from an empty snapshot */
	SAMPLE_CHANGES, /* a record of what differs from the sample before */
};

struct sample_place {
	uint64_t offset; /* of the JSON, or of the compressed changes */
	double time; /* the snapshot's */
	uint32_t length; /* bytes */
	enum sample_form form;
	uint32_t
		repaired; /* 0: it is in the file; else 1 + where it is in the index's `repaired` */
};

struct replay_index {
	struct sample_place *samples;
	uint32_t count, room;
	char *repaired; /* the changes of damaged records that could be had again */
	uint32_t n_repaired; /* bytes */
	uint32_t left_out; /* damaged samples, and those that are changes of one */
	uint64_t first_left_out; /* offset */
	char reason[FAILURE_SENTENCE_LEN]; /* why that one is left out */
};

/*
 * Fills an empty index from a file, of which it reads every byte. `buffer` has RECORDING_TEXT_MAX
 * bytes. Returns 0, -ENOMEM, or -EIO if the file cannot be read. Free with replay_index_free().
 */
int replay_index_fill(struct replay_index *index, FILE *file, char *buffer);

/* Copies the bytes of a sample to `buffer`, which has RECORDING_TEXT_MAX. Returns 0 or -EIO. */
int replay_index_read(const struct replay_index *index, FILE *file,
	const struct sample_place *place, char *buffer);

/* Returns the number of the sample behind this one and those that are changes of it. */
uint32_t replay_index_behind(const struct replay_index *index, uint32_t at);

/* Leaves the samples from `at` to before `end` out. Moves all that are behind them. */
void replay_index_drop(struct replay_index *index, uint32_t at, uint32_t end, const char *reason);

void replay_index_free(struct replay_index *index);

#endif
