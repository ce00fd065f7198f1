// SPDX-License-Identifier: BSD-2-Clause
#include "base/clock.h"

#include <time.h>

static uint64_t read_ns(clockid_t clock)
{
	struct timespec time;

	clock_gettime(clock, &time);
	return (uint64_t)time.tv_sec * NS_PER_SECOND + (uint64_t)time.tv_nsec;
}

uint64_t clock_monotonic_ns(void)
{
	return read_ns(CLOCK_MONOTONIC);
}

int64_t clock_monotonic_ms(void)
{
	return (int64_t)(clock_monotonic_ns() / 1000000);
}

double clock_monotonic_seconds(void)
{
	return (double)clock_monotonic_ns() / 1e9;
}

uint64_t clock_boottime_ns(void)
{
	return read_ns(CLOCK_BOOTTIME);
}

double clock_boottime_seconds(void)
{
	return (double)clock_boottime_ns() / 1e9;
}

uint64_t clock_tai_ns(void)
{
	return read_ns(CLOCK_TAI);
}

uint64_t clock_realtime_ns(void)
{
	return read_ns(CLOCK_REALTIME);
}

double clock_realtime_seconds(void)
{
	return (double)clock_realtime_ns() / 1e9;
}
