/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Attaches programs to classic tracepoints in two steps: only root reads their numbers in tracefs, while an ordinary
 * user with CAP_PERFMON may attach to a number that it knows.
 */
#ifndef X0_KERNEL_TRACEPOINT_H
#define X0_KERNEL_TRACEPOINT_H

#include <bpf/libbpf.h>

/* Returns the number of a tracepoint, "sched/sched_switch", or a negative errno: -ENOENT if the kernel has none of
 * that name, -ENODEV if tracefs, which knows, is not mounted, -EINVAL if it is no such name. */
int tracepoint_number(const char *name);

/* Attaches a loaded program to a tracepoint. Returns the link, or NULL with errno set. */
struct bpf_link *tracepoint_attach(const struct bpf_program *program, int number);

#endif
