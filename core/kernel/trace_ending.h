/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Detaches programs from tracepoints without waiting for it: taking the first of two programs from a tracepoint makes
 * the kernel wait until no CPU runs the former list of them, some 10 ms each on an idle host. For programs that have
 * nothing to do any more, since others took their turn.
 */
#ifndef X0_KERNEL_TRACE_ENDING_H
#define X0_KERNEL_TRACE_ENDING_H

#include <bpf/libbpf.h>

#include "kernel/trace_links.h"

struct trace_ending;

/*
 * Begins to close links, and then their object, in a thread of its own; waits for what *ending began before. Where none
 * can be started, all is closed when this returns. Takes both over: *links has none any more.
 */
void trace_ending_begin(
	struct trace_ending **ending, struct trace_links *links, struct bpf_object *object);

/* Waits until all is closed. Accepts a pointer to NULL, which it leaves behind. */
void trace_ending_wait(struct trace_ending **ending);

#endif
