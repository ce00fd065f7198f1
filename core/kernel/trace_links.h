/* SPDX-License-Identifier: BSD-2-Clause */
/* Attaches tracing programs to tracepoints, or to kprobes of a function. */
#ifndef X0_KERNEL_TRACE_LINKS_H
#define X0_KERNEL_TRACE_LINKS_H

#include <bpf/libbpf.h>
#include <stdint.h>

#include "base/failure.h"
#include "kernel/kernel_functions.h"
#include "syscall_latency.h"

/*
 * A kprobe and a kretprobe for each call and for restart_syscall(), and a kretprobe for
 * rt_sigreturn(); tracepoints are fewer.
 */
#define TRACE_LINKS_MAX (2 * (SYSCALLS_MAX + 1) + 1)

/* Nothing is attached if all is zero. */
struct trace_links {
	uint32_t n;
	struct bpf_link *links[TRACE_LINKS_MAX];
};

/*
 * Attaches each loaded program of an object, but those without autoattach, to the tracepoint in its section name, in reverse
 * order: an exit before its entry, or a call entered in between would count as one without an exit.
 * Returns 0, or a negative errno with *failure set and nothing attached.
 */
int trace_links_tracepoints(
	struct trace_links *links, const struct bpf_object *object, struct failure *failure);

/* Attaches a pair of programs to a kernel function, the return first; `enter` and `functions` may be NULL: see
 * kprobe_attach(). Returns 0, or a negative errno: -ENOENT if the kernel has no such function. */
int trace_links_kprobe(struct trace_links *links, const struct bpf_program *enter,
	const struct bpf_program *leave, const char *function,
	const struct kernel_functions *functions);

/* Detaches everything. */
void trace_links_close(struct trace_links *links);

#endif
