/* SPDX-License-Identifier: BSD-2-Clause */
/* Samples kprobe_syscall_latency's maps into the syscalls part of a snapshot. */
#ifndef X0_PROGRAMS_KPROBE_SYSCALL_LATENCY_SAMPLE_H
#define X0_PROGRAMS_KPROBE_SYSCALL_LATENCY_SAMPLE_H

#include <bpf/libbpf.h>

#include "kernel/percpu.h"
#include "kernel/syscall_table.h"
#include "model/snapshot.h"

struct syscalls_collector {
	struct percpu percpu;
	const struct bpf_object *object;
	struct traced_calls calls;
	bool kprobes;
	int stats; /* map file descriptor, of the object */
	struct run_stats runs; /* of the tracer since loading; set by each sample */
};

/*
 * Takes the maps of a loaded object, which must outlive the collector. Returns 0 or a negative errno.
 */
int syscalls_open(struct syscalls_collector *collector, const struct bpf_object *object,
	const struct traced_calls *calls, bool kprobes);
/* Takes the same maps from an object that took the place of the first. */
void syscalls_follow(struct syscalls_collector *collector, const struct bpf_object *object);
void syscalls_close(struct syscalls_collector *collector);

/*
 * Fills now->syscalls except the slow calls, and adds its losses to now->self. `before` is this
 * collector's last sample, or NULL. Returns 0 or a negative errno.
 */
int collect_syscalls(
	struct syscalls_collector *collector, const struct snapshot *before, struct snapshot *now);

#endif
