/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A stage of the chain on trial: the one that it replaced is kept, and taken back if more of the packets that enter
 * the chain do not pass than before. What is noted beside a pinned chain stays the old one's until the trial is
 * over: whatever becomes of this x0top, the next one that owns the chain puts that back.
 */
#ifndef X0_PROGRAMS_XDP_TRIAL_H
#define X0_PROGRAMS_XDP_TRIAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/failure.h"
#include "kernel/replaced.h"

struct program;
struct program_file;

/* Packets of the chain, of all interfaces. */
struct xdp_passage {
	uint64_t entered,
		passed; /* by the program; what did not pass was dropped, aborted, or ended by nobody */
	uint64_t passed_chain; /* by the last program of the chain, where `counted` */
	bool counted;
	double at; /* CLOCK_MONOTONIC, seconds; 0: not read */
};

struct xdp_trial {
	int fd; /* the replaced program; -1: there is no trial */
	struct program_file *file; /* that it is from; owned; NULL: built in */
	uint8_t tag[PROGRAM_TAG_LEN];
	double ends; /* CLOCK_MONOTONIC, seconds */
	double share; /* of packets that did not pass before */
	struct xdp_passage began;
};

enum xdp_trial_state {
	XDP_TRIAL_NONE,
	XDP_TRIAL_GOES_ON,
	XDP_TRIAL_PASSED, /* its time is over */
	XDP_TRIAL_FAILED,
};

/* Remembers how many packets pass now, to compare with later: for each sample. */
void xdp_trial_watch(struct program *program);

/* Begins a trial of so many seconds, of a stage that has left the old program in trial.fd; `file`, owned from now on,
 * and `tag` are the old one's. */
void xdp_trial_begin(struct program *program, uint32_t seconds, struct program_file *file,
	const uint8_t tag[PROGRAM_TAG_LEN]);

/* Writes what has not passed: "of 1234 packets 800 did not pass, 3.0% before". */
void xdp_trial_describe(const struct program *program, char *text, size_t size);

/* Returns how the trial stands, and the seconds that are left of it. */
enum xdp_trial_state xdp_trial_look(struct program *program, double *left);

/* Ends the trial: the new program stays, or the old one is back by one update of the chain. Return 0, or a negative
 * errno with *failure set: -ENOENT without a trial. */
int xdp_trial_keep(struct program *program, struct failure *failure);
int xdp_trial_take_back(struct program *program, struct failure *failure);

/* Forgets the trial: the program is off. */
void xdp_trial_forget(struct program *program);

#endif
