/* SPDX-License-Identifier: BSD-2-Clause */
/* Samples kprobe_syscall_latency_secure's maps into the syscalls_secure part of a snapshot. */
#ifndef X0_PROGRAMS_KPROBE_SYSCALL_LATENCY_SECURE_SAMPLE_H
#define X0_PROGRAMS_KPROBE_SYSCALL_LATENCY_SECURE_SAMPLE_H

#include <bpf/libbpf.h>

#include "kernel/percpu.h"
#include "kernel/syscall_table.h"
#include "model/snapshot.h"

struct syscalls_secure_collector {
	struct percpu percpu;
	const struct bpf_object *object;
	struct traced_calls calls;
	bool kprobes;
	bool follows; /* the pair is another tracer's, one run a call; set before each sample */
	uint64_t calls_sampled; /* published calls of the last sample */
	int published; /* map file descriptor, of the object */
	struct run_stats runs; /* of the tracer since loading; set by each sample */
};

/*
 * Takes the maps of a loaded object, which must outlive the collector. Returns 0 or a negative errno.
 */
int syscalls_secure_open(struct syscalls_secure_collector *collector,
	const struct bpf_object *object, const struct traced_calls *calls, bool kprobes);
/* Takes the same maps from an object that took the place of the first. */
void syscalls_secure_follow(
	struct syscalls_secure_collector *collector, const struct bpf_object *object);
void syscalls_secure_close(struct syscalls_secure_collector *collector);

/*
 * Fills now->syscalls_secure and adds its losses to now->self; `before` may be NULL. Returns 0 or a
 * negative errno.
 */
int collect_syscalls_secure(struct syscalls_secure_collector *collector,
	const struct snapshot *before, struct snapshot *now);

#endif
