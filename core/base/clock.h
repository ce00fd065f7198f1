/* SPDX-License-Identifier: BSD-2-Clause */
/* The kernel's clocks, read. */
#ifndef X0_BASE_CLOCK_H
#define X0_BASE_CLOCK_H

#include <stdint.h>

/* Nanoseconds since an arbitrary moment, CLOCK_MONOTONIC: the clock of bpf_ktime_get_ns(). */
uint64_t clock_monotonic_ns(void);

/* Nanoseconds since 1970, CLOCK_REALTIME. */
uint64_t clock_realtime_ns(void);

/* The same in seconds. */
double clock_monotonic_seconds(void);
double clock_realtime_seconds(void);

#endif
