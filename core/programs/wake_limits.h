/* SPDX-License-Identifier: BSD-2-Clause */
/* Sets the limits of packets at which the kernel wakes x0top: bpf/include/wake.h. */
#ifndef X0_PROGRAMS_WAKE_LIMITS_H
#define X0_PROGRAMS_WAKE_LIMITS_H

#include <stdint.h>

#include "kernel/map_registry.h"
#include "xdp_chain.h"

/* What the kernel has. Zeroed, nothing is known. */
struct wake_limits {
	int map;
	double at; /* CLOCK_MONOTONIC seconds, when all were written */
	uint64_t limits[TRANSPORT_PROTOCOLS];
};

/*
 * Lets the kernel wake x0top, once for each protocol, when more packets a second of it pass than `rates` says,
 * by enum transport_protocol; INFINITY: never. Writes what has changed by more than a sixteenth, and all of it
 * every 10 seconds: the kernel may have been unable to say that it had passed. Returns 0 or a negative errno:
 * -ENOENT while nothing counts packets.
 */
int wake_arm(const struct map_registry *maps, struct wake_limits *written,
	const double rates[TRANSPORT_PROTOCOLS]);

/* The kernel has woken x0top for that protocol, and does so no more. */
void wake_woken(struct wake_limits *written, uint32_t transport);

#endif
