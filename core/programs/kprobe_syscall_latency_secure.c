// SPDX-License-Identifier: BSD-2-Clause
/* kprobe_syscall_latency_secure: measures system calls on shared hosts, coarsely and with noise. */
#include "programs/kprobe_syscall_latency_secure_sample.h"
#include "programs/programs.h"
#include "programs/tracer.h"

struct latency {
	struct tracer tracer;
	struct syscalls_secure_collector collector;
};

static void stop(struct program *program)
{
	struct latency *latency = program->state;

	syscalls_secure_close(&latency->collector);
	tracer_stop(program, &latency->tracer);
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
	error = syscalls_secure_open(&latency->collector, latency->tracer.object,
		&latency->tracer.calls, latency->tracer.kprobes);
	if (error < 0) {
		tracer_stop(program, &latency->tracer);
		return program_cannot_use(program, error, failure);
	}
	return 0;
}

static int replace(struct program *program, struct failure *failure)
{
	struct latency *latency = program->state;
	int error = tracer_replace(program, &latency->tracer, failure);

	if (error == 0)
		syscalls_secure_follow(&latency->collector, latency->tracer.object);
	return error;
}

static void sample(struct program *program, const struct snapshot *before, struct snapshot *now,
	struct snapshot_program *shown)
{
	struct latency *latency = program->state;

	latency->collector.follows = latency->tracer.follows;
	collect_syscalls_secure(&latency->collector, before, now);
	tracer_sample(program, &latency->tracer, &latency->collector.runs, before, now, shown);
}

static void outcome(const struct program *program, struct program_outcome *outcome)
{
	const struct latency *latency = program->state;
	const struct syscalls_secure_collector *collector = &latency->collector;
	struct secure_stats stats;

	for (uint32_t slot = 0; slot < collector->calls.n; slot++)
		if (percpu_sum(&collector->percpu, collector->published, &slot, &stats,
			    sizeof(stats)) == 0)
			for (int i = 0; i < SECURE_BUCKETS; i++)
				outcome->came[0] += stats.buckets[i];
	tracer_outcome(&latency->tracer, &collector->percpu, outcome);
}

static const struct shared_map own[] = {
	{ .name = "secure_published", .counts = sizeof(struct secure_stats) },
	{ .name = "secure_residues",
		.stays = "user space cannot read counts that are not to be published yet" },
	{ .name = "in_flight_lru", .stays = TRACER_IN_FLIGHT_STAYS },
	{ .name = "tracer_stats", .counts = sizeof(struct tracer_stats), .apart = RUN_STATS_APART },
	{ .name = NULL },
};

const struct program_type program_kprobe_syscall_latency_secure = {
	.name = "kprobe_syscall_latency_secure",
	.kind = "system calls",
	.capabilities = TRACING_CAPABILITIES,
	.maps = tracer_pair_maps,
	.own = own,
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
