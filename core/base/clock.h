/* SPDX-License-Identifier: BSD-2-Clause */
/* The clocks, in the two units that are used: nanoseconds to count with, seconds to show. */
#ifndef X0_BASE_CLOCK_H
#define X0_BASE_CLOCK_H

#include <stdint.h>
#include <time.h>

static inline uint64_t clock_ns(clockid_t clock)
{
	struct timespec time;

	clock_gettime(clock, &time);
	return (uint64_t)time.tv_sec * UINT64_C(1000000000) + (uint64_t)time.tv_nsec;
}

/* Since an unknown moment; stands still in suspend, and is never set. */
static inline uint64_t clock_monotonic_ns(void)
{
	return clock_ns(CLOCK_MONOTONIC);
}

/* Since 1970. */
static inline uint64_t clock_realtime_ns(void)
{
	return clock_ns(CLOCK_REALTIME);
}

static inline double clock_monotonic_seconds(void)
{
	return (double)clock_monotonic_ns() / 1e9;
}

static inline double clock_realtime_seconds(void)
{
	return (double)clock_realtime_ns() / 1e9;
}

#endif
