/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Wakes x0top when more packets of a protocol pass than user space has set as its limit.
 *
 * Who counts packets that pass looks here at one in WAKE_EVERY: the count is at hand, and most packets pay
 * one comparison. Map `wake_limits` (array by enum transport_protocol): packets of a window on one CPU, from
 * which on x0top is woken; 0: never. It is woken once: the kernel sets the limit to 0.
 */
#ifndef X0_WAKE_H
#define X0_WAKE_H

#include <linux/types.h>

#define WAKE_EVERY     32 /* packets with the same protocols on one interface and CPU */
#define WAKE_WINDOW_NS 20000000 /* the longest a window of packets may take */

/* Map `wake_windows`: per-CPU array by enum transport_protocol. */
struct wake_window {
	__u64 began_ns; /* CLOCK_MONOTONIC */
	__u64 packets; /* since then, without those of the first look */
};

#endif
