/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The tracing programs between opening and running: constants, the choice among twins, links. Each
 * is opened by object_open(), prepared here, loaded by object_load(), and attached here.
 */
#ifndef X0_KERNEL_ATTACH_TRACING_H
#define X0_KERNEL_ATTACH_TRACING_H

#include <bpf/libbpf.h>
#include <stdint.h>

#include "base/failure.h"
#include "control/settings.h"
#include "kernel/btf_names.h"
#include "kernel/syscall_table.h"

/* A kprobe and a kretprobe for each call; the tracepoints are fewer. */
#define TRACING_LINKS_MAX (2 * SYSCALLS_MAX)

/* Owned by the caller; all zero when nothing is attached. */
struct tracing_links {
	uint32_t n;
	struct bpf_link *links[TRACING_LINKS_MAX];
};

/*
 * Prepares tracepoint_net: it will watch the network namespace of the calling thread. Returns 0 or a
 * negative errno with *failure set.
 */
int tracing_prepare_net(
	struct bpf_object *object, const struct btf_names *names, struct failure *failure);

/*
 * Prepares either latency tracer for `calls`. `wanted` is enum syscalls_attach_wanted; *kprobes tells
 * what was chosen. Returns 0, or a negative errno with *failure set: -EOPNOTSUPP when kprobes are
 * asked for and the kernel offers none.
 */
int tracing_prepare_syscalls(struct bpf_object *object, const struct traced_calls *calls,
	uint32_t wanted, bool *kprobes, struct failure *failure);

/*
 * Attach what was prepared and loaded. Return 0, or a negative errno with *failure set and nothing
 * attached; a call that the kernel has no function for is named.
 */
int tracing_attach_net(
	const struct bpf_object *object, struct tracing_links *links, struct failure *failure);
int tracing_attach_syscalls(const struct bpf_object *object, const struct traced_calls *calls,
	bool kprobes, struct tracing_links *links, struct failure *failure);

/* Detaches everything. */
void tracing_detach(struct tracing_links *links);

/* "kprobe" or "tracepoint": how snapshots say it. */
const char *tracing_attached_name(bool kprobes);

#endif
