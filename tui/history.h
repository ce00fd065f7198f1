/* SPDX-License-Identifier: BSD-2-Clause */
/* What a graph shows: the last values of one quantity, one for each sample. */
#ifndef X0_TUI_HISTORY_H
#define X0_TUI_HISTORY_H

#include <stdint.h>

#define HISTORY_LEN 512

struct history {
	uint32_t count; /* values held, at most HISTORY_LEN */
	uint32_t next; /* where the next one goes */
	float values[HISTORY_LEN];
};

void history_add(struct history *history, double value);

/* The value `age` samples ago, 0 being the newest; 0 for what is older than the history. */
double history_value(const struct history *history, uint32_t age);

/* The largest of the newest `count` values; 0 if there are none. */
double history_peak(const struct history *history, uint32_t count);

#endif
