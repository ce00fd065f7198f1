/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Packet after packet that a filter has never seen: a program changes source address, source port and
 * source MAC address of the packet at hand, and tail-calls what is measured. BPF_PROG_RUN has one packet.
 */
#ifndef X0_BENCH_VARY_H
#define X0_BENCH_VARY_H

#include <stdint.h>

struct frame;

/*
 * Loads such a program, which runs `program`. Sources are of `addresses`, n of them in network byte order,
 * a power of two. Returns its descriptor, to be closed by the caller, or a negative errno.
 */
int vary_load(int program, const uint32_t *addresses, uint32_t n);

/* Makes the frame that it changes: UDP of 64 bytes. */
void vary_packet(struct frame *frame);

/*
 * Loads a program that asks an empty hash of the kernel for the packet's addresses, ports and protocol, and
 * passes it: no filter that keeps what it looks for in one does less. Returns as vary_load() does.
 */
int lookup_load(void);

#endif
