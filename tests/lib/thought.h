/* SPDX-License-Identifier: BSD-2-Clause */
/* The loop of MAPE-K on snapshots that are made up, one a second, and what it asks for. */
#ifndef X0_TESTS_THOUGHT_H
#define X0_TESTS_THOUGHT_H

#include "mapek/mapek_state.h"

#define SOURCE "10.9.0.66" /* of a flood; of several, the first */

/* What a file of policies says behind its mode. */
#define POLICY(more) \
	"policies:\n- name: flood\n  watch: udp\n  from: 5000\n  hold: 2s\n  calm: 5s\n  busy: 1000\n" more
#define LIMIT "  do: rule add limit 500/s from {source} proto udp\n  for: 20s\n"

struct thought {
	struct policies policies;
	struct failure failure;
	struct mapek *mapek;
	struct snapshot *now;
	char done[64][RULE_LEN]; /* actions that were applied */
	unsigned n_done;
	enum decision decision; /* about each that is not confirmed */
	int result; /* of each; a negative errno: it is not applied */
	unsigned brakes;
	unsigned n_over; /* actions that were told to be over */
	unsigned n_outcomes; /* that were told, so far */
	double step; /* s from one sample to the next */
	bool policed; /* the class bulk is, in the snapshots that follow */
	double shaped; /* bit/s of the class bulk where it is sent; 0: it is not shaped */
};

extern struct thought thought;
extern const struct mapek_ears thought_ears; /* what it hears is in there */

/* Begins by the text of a file of policies, to be ended. */
void thought_begin(const char *text);
void thought_end(void);

/* Fills a snapshot: packets of UDP a second, from so many sources, and the rule of an action, NULL: none, by its comment. */
void thought_fill(double rate, unsigned sources, const char *comment);

/* Takes the next sample, filled in so. */
void thought_turn(double rate, unsigned sources, const char *comment);

/* So many samples of quiet, with noise that is the same each time. */
void thought_quiet(unsigned seconds);

#endif
