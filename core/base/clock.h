/* SPDX-License-Identifier: BSD-2-Clause */
/* The two clocks: one that never jumps, to measure by, and the time of day. */
#ifndef X0_BASE_CLOCK_H
#define X0_BASE_CLOCK_H

#include <stdint.h>

#define NS_PER_SECOND UINT64_C(1000000000)

/* CLOCK_MONOTONIC: what the kernel's timers, and bpf_ktime_get_ns(), count in. Stands in suspend. */
uint64_t clock_monotonic_ns(void);
int64_t clock_monotonic_ms(void);
double clock_monotonic_seconds(void);

/* CLOCK_REALTIME, since 1970; it jumps when somebody sets it. */
uint64_t clock_realtime_ns(void);
double clock_realtime_seconds(void);

#endif
