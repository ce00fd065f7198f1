// SPDX-License-Identifier: BSD-2-Clause
#include "base/clock.h"

#include <time.h>

static struct timespec read_clock(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return now;
}

static uint64_t to_ns(struct timespec time)
{
	return (uint64_t)time.tv_sec * UINT64_C(1000000000) + (uint64_t)time.tv_nsec;
}

static double to_seconds(struct timespec time)
{
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

uint64_t clock_monotonic_ns(void)
{
	return to_ns(read_clock(CLOCK_MONOTONIC));
}

uint64_t clock_realtime_ns(void)
{
	return to_ns(read_clock(CLOCK_REALTIME));
}

double clock_monotonic_seconds(void)
{
	return to_seconds(read_clock(CLOCK_MONOTONIC));
}

double clock_realtime_seconds(void)
{
	return to_seconds(read_clock(CLOCK_REALTIME));
}
