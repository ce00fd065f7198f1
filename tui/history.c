// SPDX-License-Identifier: BSD-2-Clause
#include "history.h"

void history_add(struct history *history, double value)
{
	history->values[history->next] = (float)value;
	history->next = (history->next + 1) % HISTORY_LEN;
	if (history->count < HISTORY_LEN)
		history->count++;
}

double history_value(const struct history *history, uint32_t age)
{
	if (age >= history->count)
		return 0;
	return (double)history->values[(history->next + HISTORY_LEN - 1 - age) % HISTORY_LEN];
}

double history_peak(const struct history *history, uint32_t count)
{
	double peak = 0;

	for (uint32_t age = 0; age < count && age < history->count; age++)
		if (history_value(history, age) > peak)
			peak = history_value(history, age);
	return peak;
}
