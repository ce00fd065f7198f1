/* SPDX-License-Identifier: BSD-2-Clause */
/* Sends frames out of an interface as fast as the kernel can: BPF_PROG_RUN with live frames, from 5.18 on. */
#ifndef X0_TESTS_LIVE_FRAMES_H
#define X0_TESTS_LIVE_FRAMES_H

#include "tests/lib/packets.h"

/* Loads a program that sends what it gets out of an interface. Returns its descriptor, or a negative errno. */
int live_frames_open(uint32_t ifindex);

/* Sends a frame so often; a veth pair drops those for which its other end has no room. Returns 0 or a negative errno. */
int live_frames_send(int program, uint32_t ifindex, const struct frame *frame, uint32_t times);

#endif
