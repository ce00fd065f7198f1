// SPDX-License-Identifier: BSD-2-Clause
#include "programs/kprobe_syscall_latency_sample.h"

#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "kernel/object.h"
#include "model/rate.h"
#include "programs/tracer.h"

int syscalls_open(struct syscalls_collector *collector, const struct bpf_object *object,
	const struct traced_calls *calls, bool kprobes)
{
	*collector = (struct syscalls_collector) {
		.object = object, .calls = *calls, .kprobes = kprobes
	};
	collector->stats = object_map_fd(object, "syscall_stats");
	if (collector->stats < 0)
		return collector->stats;
	int tracer = object_map_fd(object, "tracer_stats");
	if (tracer < 0)
		return tracer;
	return percpu_open(&collector->percpu, sizeof(struct syscall_stats));
}

void syscalls_follow(struct syscalls_collector *collector, const struct bpf_object *object)
{
	collector->object = object;
	collector->stats = object_map_fd(object, "syscall_stats");
}

void syscalls_close(struct syscalls_collector *collector)
{
	percpu_close(&collector->percpu);
}

/* Returns the maximum over CPUs, which percpu_sum() would add up. */
static uint64_t max_over_cpus(const struct percpu *percpu)
{
	const size_t words = sizeof(struct syscall_stats) / sizeof(uint64_t);
	uint64_t max = 0;

	for (int cpu = 0; cpu < percpu->cpus; cpu++) {
		const uint64_t *stats = percpu->values + (size_t)cpu * words;
		uint64_t value = stats[offsetof(struct syscall_stats, max_ns) / sizeof(uint64_t)];
		if (value > max)
			max = value;
	}
	return max;
}

static const struct snapshot_syscall *find(const struct snapshot *before, const char *name)
{
	if (before == NULL || !before->syscalls.available)
		return NULL;
	for (uint32_t i = 0; i < before->syscalls.n_calls; i++)
		if (strcmp(before->syscalls.calls[i].name, name) == 0)
			return &before->syscalls.calls[i];
	return NULL;
}

static int collect_call(struct syscalls_collector *collector, uint32_t slot,
	const struct snapshot *before, struct snapshot *now)
{
	const char *name = collector->calls.names[slot];
	const struct snapshot_syscall *old = find(before, name);
	struct syscall_stats stats;
	int error = percpu_sum(&collector->percpu, collector->stats, &slot, &stats, sizeof(stats));

	if (error < 0)
		return error;
	struct snapshot_syscall *call = SNAPSHOT_ADD(now, &now->syscalls, calls);
	if (call == NULL)
		return 0;
	snprintf(call->name, sizeof(call->name), "%s", name);
	counter_update(&call->calls, old ? &old->calls : NULL, stats.calls, now->interval);
	counter_update(&call->errors, old ? &old->errors : NULL, stats.errors, now->interval);
	memcpy(call->buckets, stats.buckets, sizeof(call->buckets));
	call->max_ns = stats.calls > 0 ? (double)max_over_cpus(&collector->percpu) : NAN;
	call->total_ns = stats.total_ns;
	syscall_mean(call, old);
	syscall_quantiles(call, old);
	return 0;
}

int collect_syscalls(
	struct syscalls_collector *collector, const struct snapshot *before, struct snapshot *now)
{
	uint64_t runs = 0;

	for (uint32_t slot = 0; slot < collector->calls.n; slot++) {
		int error = collector->calls.absent[slot]
				    ? 0
				    : collect_call(collector, slot, before, now);
		if (error < 0)
			return error;
	}
	for (uint32_t i = 0; i < now->syscalls.n_calls; i++)
		runs += TRACER_RUNS_PER_CALL * now->syscalls.calls[i].calls.total;
	now->syscalls.available = true;
	snprintf(now->syscalls.calls_32bit, sizeof(now->syscalls.calls_32bit), "%s",
		tracer_calls_32bit(collector->kprobes));
	snprintf(now->syscalls.left_out, sizeof(now->syscalls.left_out), "%s",
		collector->calls.left_out);
	snprintf(now->syscalls.attached, sizeof(now->syscalls.attached), "%s",
		tracer_attached_name(collector->kprobes));
	int error = tracer_sample_counts(collector->object, &collector->percpu, "system calls",
		before, now, &collector->runs);
	collector->runs.runs = runs;
	return error;
}
