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

static double time_of(const struct history_times *times, uint32_t age)
{
	return times->values[(times->next + HISTORY_LEN - 1 - age) % HISTORY_LEN];
}

void history_times_add(struct history_times *times, double time, double interval)
{
	const double distance_max = 24 * 3600; /* s; a pause may be long */
	double distance = time - times->newest;

	if (!(distance > 0 && distance <= distance_max))
		distance = interval;
	const double at = times->count > 0 ? time_of(times, 0) + distance : 0;
	times->interval = interval;
	times->newest = time;
	times->values[times->next] = at;
	times->next = (times->next + 1) % HISTORY_LEN;
	if (times->count < HISTORY_LEN)
		times->count++;
}

double history_age(const struct history_times *times, uint32_t samples)
{
	if (times->count == 0)
		return samples * times->interval;
	const uint32_t kept = samples < times->count ? samples : times->count - 1;
	return time_of(times, 0) - time_of(times, kept) + (samples - kept) * times->interval;
}
