// SPDX-License-Identifier: BSD-2-Clause
/* kprobe_syscall_latency: measures system calls and lists the slowest. */
#include "programs/kprobe_syscall_latency_sample.h"
#include "programs/programs.h"
#include "programs/slow_calls.h"
#include "programs/tracer.h"

struct latency {
	struct tracer tracer;
	struct syscalls_collector collector;
	struct slow_calls slow;
};

static void stop(struct program *program)
{
	struct latency *latency = program->state;

	event_ring_register(&program->context->ring, EVENT_SLOW_SYSCALL, NULL, NULL);
	syscalls_close(&latency->collector);
	tracer_stop(program, &latency->tracer);
}

static int open_events(struct program *program, struct failure *failure)
{
	struct latency *latency = program->state;
	int error = program_open_events(program->context, failure);

	if (error < 0)
		return error;
	latency->slow.calls = &latency->tracer.calls;
	latency->slow.log = &program->context->log;
	event_ring_register(
		&program->context->ring, EVENT_SLOW_SYSCALL, slow_calls_take, &latency->slow);
	return 0;
}

static int open_object(struct program *program, struct bpf_object **object, struct failure *failure)
{
	struct latency *latency = program->state;

	return tracer_open(program, &latency->tracer, object, failure);
}

static int start(struct program *program, struct failure *failure)
{
	struct latency *latency = program->state;
	int error = tracer_start(program, &latency->tracer, failure);

	if (error < 0)
		return error;
	error = open_events(program, failure);
	if (error == 0) {
		error = syscalls_open(&latency->collector, latency->tracer.object,
			&latency->tracer.calls, latency->tracer.kprobes);
		if (error < 0)
			program_cannot_use(program, error, failure);
	}
	if (error < 0)
		tracer_stop(program, &latency->tracer);
	return error;
}

static int replace(struct program *program, struct failure *failure)
{
	struct latency *latency = program->state;
	int error = tracer_replace(program, &latency->tracer, failure);

	if (error == 0)
		syscalls_follow(&latency->collector, latency->tracer.object);
	return error;
}

static void sample(struct program *program, const struct snapshot *before, struct snapshot *now,
	struct snapshot_program *shown)
{
	struct latency *latency = program->state;

	collect_syscalls(&latency->collector, before, now);
	slow_calls_sample(&latency->slow, now);
	tracer_sample(program, &latency->tracer, &latency->collector.runs, before, now, shown);
}

static void outcome(const struct program *program, struct program_outcome *outcome)
{
	const struct latency *latency = program->state;
	const struct syscalls_collector *collector = &latency->collector;
	struct syscall_stats stats;

	for (uint32_t slot = 0; slot < collector->calls.n; slot++)
		if (percpu_sum(&collector->percpu, collector->stats, &slot, &stats,
			    sizeof(stats)) == 0)
			outcome->came[0] += stats.calls;
	tracer_outcome(&latency->tracer, &collector->percpu, outcome);
}

#define WORD_OF(member) (offsetof(struct syscall_stats, member) / sizeof(uint64_t))
_Static_assert(WORD_OF(buckets) - WORD_OF(max_ns) == 3, "max_ns and what is of the period");

static const struct shared_map own[] = {
	{ .name = "syscall_stats",
		.counts = sizeof(struct syscall_stats),
		.apart = { .first = WORD_OF(max_ns), .n = 3, .largest = true } },
	{ .name = "in_flight_lru", .stays = TRACER_IN_FLIGHT_STAYS },
	{ .name = "in_flight_storage", .stays = TRACER_IN_FLIGHT_STAYS },
	{ .name = "tracer_stats", .counts = sizeof(struct tracer_stats), .apart = RUN_STATS_APART },
	{ .name = NULL },
};

static const struct verifier_variant variants[] = {
	{ .name = "LRU hash",
		.constant = "task_storage",
		.value = 0,
		.size = 1,
		.without_map = "in_flight_storage" },
	{ .name = "task storage",
		.constant = "task_storage",
		.value = 1,
		.size = 1,
		.without_map = "in_flight_lru" },
	{ .name = NULL },
};

const struct program_type program_kprobe_syscall_latency = {
	.name = "kprobe_syscall_latency",
	.kind = "system calls",
	.capabilities = TRACING_CAPABILITIES,
	.maps = tracer_pair_maps,
	.own = own,
	.variants = variants,
	.state_size = sizeof(struct latency),
	.open = open_object,
	.start = start,
	.replace = replace,
	.stop = stop,
	.sample = sample,
	.outcome = outcome,
	.handles = "calls",
	.wrong = "were lost",
};
