// SPDX-License-Identifier: BSD-2-Clause
#include "programs/kprobe_syscall_latency_secure_sample.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "kernel/object.h"
#include "model/rate.h"
#include "programs/tracer.h"

int syscalls_secure_open(struct syscalls_secure_collector *collector,
	const struct bpf_object *object, const struct traced_calls *calls, bool kprobes)
{
	*collector = (struct syscalls_secure_collector) {
		.object = object, .calls = *calls, .kprobes = kprobes
	};
	collector->published = object_map_fd(object, "secure_published");
	if (collector->published < 0)
		return collector->published;
	int tracer = object_map_fd(object, "tracer_stats");
	if (tracer < 0)
		return tracer;
	return percpu_open(&collector->percpu, sizeof(struct secure_stats));
}

void syscalls_secure_follow(
	struct syscalls_secure_collector *collector, const struct bpf_object *object)
{
	collector->object = object;
	collector->published = object_map_fd(object, "secure_published");
}

void syscalls_secure_close(struct syscalls_secure_collector *collector)
{
	percpu_close(&collector->percpu);
}

static const struct snapshot_syscall_secure *find(const struct snapshot *before, const char *name)
{
	for (uint32_t i = 0; before != NULL && i < before->syscalls_secure.n_calls; i++)
		if (strcmp(before->syscalls_secure.calls[i].name, name) == 0)
			return &before->syscalls_secure.calls[i];
	return NULL;
}

static int collect_call(const struct syscalls_secure_collector *collector, uint32_t slot,
	const struct snapshot *before, struct snapshot *now)
{
	const char *name = collector->calls.names[slot];
	const struct snapshot_syscall_secure *old = find(before, name);
	struct secure_stats stats;
	uint64_t calls = 0;
	int error =
		percpu_sum(&collector->percpu, collector->published, &slot, &stats, sizeof(stats));

	if (error < 0)
		return error;
	struct snapshot_syscall_secure *call = SNAPSHOT_ADD(now, &now->syscalls_secure, calls);
	if (call == NULL)
		return 0;
	for (int i = 0; i < SECURE_BUCKETS; i++)
		calls += stats.buckets[i];
	snprintf(call->name, sizeof(call->name), "%s", name);
	counter_update(&call->calls, old ? &old->calls : NULL, calls, now->interval);
	counter_update(&call->errors, old ? &old->errors : NULL, stats.errors, now->interval);
	memcpy(call->buckets, stats.buckets, sizeof(call->buckets));
	syscall_secure_quantiles(call);
	return 0;
}

int collect_syscalls_secure(struct syscalls_secure_collector *collector,
	const struct snapshot *before, struct snapshot *now)
{
	struct snapshot_syscalls_secure *secure = &now->syscalls_secure;
	uint64_t calls = 0;

	for (uint32_t slot = 0; slot < collector->calls.n; slot++) {
		int error = collector->calls.absent[slot]
				    ? 0
				    : collect_call(collector, slot, before, now);
		if (error < 0)
			return error;
	}
	/* Of the calls published: the exact number would tell what is withheld. */
	for (uint32_t i = 0; i < secure->n_calls; i++)
		calls += secure->calls[i].calls.total;
	secure->available = true;
	snprintf(secure->calls_32bit, sizeof(secure->calls_32bit), "%s",
		tracer_calls_32bit(collector->kprobes));
	snprintf(secure->left_out, sizeof(secure->left_out), "%s", collector->calls.left_out);
	secure->step = SECURE_STEP;
	secure->epsilon = log(SECURE_ALPHA_INVERSE);
	snprintf(secure->attached, sizeof(secure->attached), "%s",
		tracer_attached_name(collector->kprobes));
	uint64_t runs = collector->runs.runs;
	int error = tracer_sample_counts(
		collector->object, &collector->percpu, "secure", before, now, &collector->runs);
	collector->runs.runs =
		runs + (calls - collector->calls_sampled) *
			       (collector->follows ? FOLLOWER_RUNS_PER_CALL : TRACER_RUNS_PER_CALL);
	collector->calls_sampled = calls;
	return error;
}
