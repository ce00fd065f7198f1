/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads clocks: some that never jump, for measuring, and the time of day. */
#ifndef X0_BASE_CLOCK_H
#define X0_BASE_CLOCK_H

#include <stdint.h>

#define NS_PER_SECOND UINT64_C(1000000000)

/* CLOCK_MONOTONIC, the clock of timers and bpf_ktime_get_ns(). Stops during suspend. */
uint64_t clock_monotonic_ns(void);
int64_t clock_monotonic_ms(void);
double clock_monotonic_seconds(void);

/* CLOCK_BOOTTIME: CLOCK_MONOTONIC that goes on during suspend. */
uint64_t clock_boottime_ns(void);
double clock_boottime_seconds(void);

/* CLOCK_TAI: CLOCK_REALTIME with an offset, 0 until somebody tells the kernel the leap seconds. */
uint64_t clock_tai_ns(void);

/* CLOCK_REALTIME since 1970. Jumps when the clock is set. */
uint64_t clock_realtime_ns(void);
double clock_realtime_seconds(void);

#endif
