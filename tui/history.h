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

/* Adds a value; the oldest one goes when the history is full. */
void history_add(struct history *history, double value);

/* Returns the value `age` samples ago (0: the newest), or 0 beyond the history. */
double history_value(const struct history *history, uint32_t age);

/* Returns the largest of the newest `count` values, or 0 if there are none. */
double history_peak(const struct history *history, uint32_t count);

#endif
