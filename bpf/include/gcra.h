/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * GCRA (ITU-T I.371), virtual scheduling: one theoretical arrival time says how far the traffic is ahead
 * of its rate, over all CPUs. Times are in sixteenths of a nanosecond, so that a frame at 100 Gbit/s is
 * off by less than 2 %.
 *
 * A spin lock guards the time: a compare-and-swap with a result needs Linux 5.12.
 */
#ifndef X0_GCRA_H
#define X0_GCRA_H

#include <linux/bpf.h>
#include <linux/types.h>

#define GCRA_TIME_SHIFT	 4 /* of a nanosecond */
#define GCRA_PRICE_SHIFT 16 /* of those */

struct gcra {
	struct bpf_spin_lock lock;
	__u32 by_bytes; /* 1: a packet costs its bytes; 0: one unit */
	__u64 arrival; /* theoretical; 0 at first */
	__u64 price; /* time of one unit, << GCRA_PRICE_SHIFT */
	__u64 burst; /* how far the arrival may be ahead: time of the largest burst */
};

/* One whose price and burst are elsewhere. */
struct gcra_bucket {
	struct bpf_spin_lock lock;
	__u32 reserved;
	__u64 arrival; /* theoretical; 0 at first */
};

#endif
