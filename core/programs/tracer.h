/* SPDX-License-Identifier: BSD-2-Clause */
/* Prepares, attaches and samples the two latency tracers. */
#ifndef X0_PROGRAMS_TRACER_H
#define X0_PROGRAMS_TRACER_H

#include "kernel/syscall_table.h"
#include "kernel/trace_links.h"
#include "programs/program.h"
#include "programs/tracer_pair.h"

/* At entry and exit. Runs that find no chosen call are not counted: they look its number up and end. */
#define TRACER_RUNS_PER_CALL   2
#define FOLLOWER_RUNS_PER_CALL 1

/* Why calls in flight are not carried over to larger maps of them. */
#define TRACER_IN_FLIGHT_STAYS \
	"user space cannot read calls in flight, which have addresses of the kernel"

/* Opens the object of `program` and prepares it for the calls of the settings. */
int tracer_open(struct program *program, struct tracer *tracer, struct bpf_object **object,
	struct failure *failure);

/* Attaches the loaded object, beside the other tracer if that runs, and takes it over. Both return 0, or a negative errno with *failure set and
 * nothing left. */
int tracer_start(struct program *program, struct tracer *tracer, struct failure *failure);

/*
 * Puts another object in the place of the running one, with its maps, calls in flight among them: attached before
 * the old one goes, and its turn by one update. The old object is closed: what refers to it takes tracer->object
 * then. Returns 0, or a negative errno with *failure set and the old one running.
 */
int tracer_replace(struct program *program, struct tracer *tracer, struct failure *failure);
void tracer_stop(struct program *program, struct tracer *tracer);

/* Sets the status, `attached` and runs. */
void tracer_sample(struct program *program, const struct tracer *tracer,
	const struct run_stats *runs, const struct snapshot *before, const struct snapshot *now,
	struct snapshot_program *shown);

/*
 * Sums the tracer's own counts, the map `tracer_stats` of its object, over the CPUs: sets *runs, without
 * the number of runs, and adds its losses to now->self, each as "NAME: ...". Returns 0 or a negative
 * errno.
 */
int tracer_sample_counts(const struct bpf_object *object, const struct percpu *percpu,
	const char *name, const struct snapshot *before, struct snapshot *now,
	struct run_stats *runs);

/* Adds the calls that a tracer has lost, of its object with these counts. */
void tracer_outcome(
	const struct tracer *tracer, const struct percpu *percpu, struct program_outcome *outcome);

/*
 * Prepares an opened object for `calls`. `wanted` is enum syscalls_attach_wanted; *kprobes gets the
 * choice. Returns 0, or a negative errno with *failure set: -EOPNOTSUPP where kprobes are requested and
 * the kernel has none.
 */
int tracer_prepare(struct bpf_object *object, const struct traced_calls *calls, uint32_t wanted,
	bool *kprobes, struct failure *failure);

/* Attaches a prepared and loaded object. Returns 0, or a negative errno with nothing attached and
 * *failure naming the call that the kernel lacks. */
int tracer_attach(const struct bpf_object *object, struct traced_calls *calls, bool kprobes,
	struct trace_links *links, struct failure *failure);

/* Returns "kprobe" or "tracepoint", as in snapshots. */
const char *tracer_attached_name(bool kprobes);

/* Returns "measured" or "not seen", as in snapshots: kprobes are those of the 64-bit functions. */
const char *tracer_calls_32bit(bool kprobes);

#endif
