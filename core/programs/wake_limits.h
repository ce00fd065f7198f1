/* SPDX-License-Identifier: BSD-2-Clause */
/* Sets the limits of packets at which the kernel wakes x0top: bpf/include/wake.h. */
#ifndef X0_PROGRAMS_WAKE_LIMITS_H
#define X0_PROGRAMS_WAKE_LIMITS_H

#include "kernel/map_registry.h"
#include "xdp_chain.h"

/*
 * Lets the kernel wake x0top, once for each protocol, when more packets a second of it pass than `rates` says,
 * by enum transport_protocol; INFINITY: never. Returns 0 or a negative errno: -ENOENT while nothing counts
 * packets.
 */
int wake_arm(const struct map_registry *maps, const double rates[TRANSPORT_PROTOCOLS]);

#endif
