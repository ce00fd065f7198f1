/* SPDX-License-Identifier: BSD-2-Clause */
/* Keeps the last values of one quantity, one per sample, for graphs. */
#ifndef X0_TUI_HISTORY_H
#define X0_TUI_HISTORY_H

#include <stdint.h>

#define HISTORY_LEN 512

struct history {
	uint32_t count; /* values held, at most HISTORY_LEN */
	uint32_t next; /* index of the next value */
	float values[HISTORY_LEN];
};

/* When the samples were taken whose values histories keep. */
struct history_times {
	double interval; /* between samples that are not kept, s */
	double newest; /* the last one's own time, s */
	uint32_t count, next;
	double values[HISTORY_LEN]; /* s, of a clock that is never set */
};

/* Adds a value; the oldest one goes when the history is full. */
void history_add(struct history *history, double value);

/* Returns the value `age` samples ago (0: the newest), or 0 beyond the history. */
double history_value(const struct history *history, uint32_t age);

/* Returns the largest of the newest `count` values, or 0 if there are none. */
double history_peak(const struct history *history, uint32_t count);

/*
 * Adds a sample's time, in seconds since 1970; samples should be `interval` apart. Where the clock was set
 * since the one before, it counts as if they were.
 */
void history_times_add(struct history_times *times, double time, double interval);

/* Returns the seconds between the newest sample and the one that is `samples` before it. */
double history_age(const struct history_times *times, uint32_t samples);

#endif
