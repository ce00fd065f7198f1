/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A program on trial: the one that it replaced is back if more goes wrong than before: packets that do not pass, or
 * are not counted, calls and events that are lost. What is noted beside a pinned chain stays the old one's until the
 * trial is over: whatever becomes of this x0top, the next one that owns the chain puts that back.
 */
#ifndef X0_PROGRAMS_TRIAL_H
#define X0_PROGRAMS_TRIAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/failure.h"
#include "kernel/replaced.h"

struct program;
struct program_file;

/* Packets that the kernel may join into one, or cut from one, at most, between two who count them. */
#define OUTCOME_SEGMENTS 64

/* Who says what became of packets, beside the program itself. */
enum { OUTCOME_WITNESSES = 2 };

/* What a program has done, ever. What came and did not pass by one of the witnesses went wrong. */
struct program_outcome {
	uint64_t came[OUTCOME_WITNESSES], passed[OUTCOME_WITNESSES];
	bool seen[OUTCOME_WITNESSES]; /* that witness was there; the first one always is */
	uint64_t lost; /* what else went wrong */
	double at; /* CLOCK_MONOTONIC, seconds; 0: not read */
};

struct trial {
	bool goes_on;
	int stage_fd; /* of a stage of the chain: the replaced program; -1: it is loaded again if it is taken back */
	struct program_file *file; /* that the old one is from; owned; NULL: built in */
	uint8_t tag[PROGRAM_TAG_LEN]; /* of the old one */
	double ends; /* CLOCK_MONOTONIC, seconds */
	double share; /* of what went wrong before */
	struct program_outcome began;
};

enum trial_state {
	TRIAL_NONE,
	TRIAL_GOES_ON,
	TRIAL_PASSED, /* its time is over */
	TRIAL_FAILED,
};

/* Remembers what a program has done, to compare with later: for each sample. */
void trial_watch(struct program *program);

/* Returns 0 if a program can be on trial now, or a negative errno with *failure set. */
int trial_may_begin(const struct program *program, struct failure *failure);

/* Returns which share went wrong in the last seconds, before the program is replaced. */
double trial_share(const struct program *program);

/* Begins a trial of so many seconds, of a program that has just taken another's place; `file`, owned from now on, and
 * `tag` are the old one's, `share` as of trial_share(). A stage may have left the old one in trial.stage_fd. */
void trial_begin(struct program *program, uint32_t seconds, struct program_file *file,
	const uint8_t tag[PROGRAM_TAG_LEN], double share);

/* Writes what went wrong: "of 1234, 800 did not pass, 3.0% before". */
void trial_describe(const struct program *program, char *text, size_t size);

/* Returns how the trial stands, and the seconds that are left of it. */
enum trial_state trial_look(struct program *program, double *left);

/* Returned by trial_take_back(): nothing is changed yet, and the old one has to be loaded again. */
#define TRIAL_LOADS_AGAIN 1

/* End the trial: the new program stays, or the old one is back; for program_take_back(). Return 0, or a negative errno
 * with *failure set: -ENOENT without a trial. */
int trial_keep(struct program *program, struct failure *failure);
int trial_take_back(struct program *program, struct failure *failure);

/* Forgets the trial: the program is off. */
void trial_forget(struct program *program);

#endif
