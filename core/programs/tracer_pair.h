/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Lets the two latency tracers share one pair of tracepoints: an attached pair costs every system call of
 * the host, also untraced ones. bpf/include/syscall_trace.bpf.h describes the mechanism.
 */
#ifndef X0_PROGRAMS_TRACER_PAIR_H
#define X0_PROGRAMS_TRACER_PAIR_H

#include <bpf/libbpf.h>
#include <stdbool.h>

#include "base/failure.h"
#include "kernel/map_registry.h"
#include "kernel/syscall_table.h"
#include "kernel/trace_ending.h"
#include "kernel/trace_links.h"

/* A running tracer; all zero while stopped. */
struct tracer {
	struct bpf_object *object;
	struct trace_links links; /* none while it follows */
	struct traced_calls calls;
	bool kprobes;
	bool follows; /* the leader's pair calls it */
	struct failure
		failure; /* why it measures nothing since the leader has stopped; error 0: it does */
	struct trace_ending *ending; /* of what was replaced last; NULL: of nothing */
};

/* Attached by tracepoints, neither owned; NULL: not running. */
struct tracer_pair {
	struct tracer *leader, *follower;
};

/* The maps that the tracers' objects share. */
extern const struct shared_map tracer_pair_maps[];

/* Keeps a follower's own program out of what trace_links_tracepoints() attaches. For an opened object. */
void tracer_pair_prepare(struct bpf_object *object);

/*
 * Attaches a tracer with a loaded object to tracepoints, or lets it follow the leader. A leader takes over
 * a follower that is attached. Returns 0, or a negative errno with *failure set and all as it was.
 */
int tracer_pair_join(struct tracer_pair *pair, struct tracer *tracer, struct failure *failure);

/*
 * Lets `object`, loaded with the tracer's maps, measure beside it: attached to tracepoints with *links, or in the
 * leader's slot in its place. Returns 0, or a negative errno with *failure set and all as it was.
 */
int tracer_pair_add(struct tracer_pair *pair, const struct tracer *tracer,
	const struct bpf_object *object, struct trace_links *links, struct failure *failure);

/*
 * Detaches a tracer, also one that is in no pair. The follower of a leader that leaves attaches its own
 * pair; if it cannot, its `failure` is set. Neither it nor a leader's follower measures calls in flight.
 */
void tracer_pair_leave(struct tracer_pair *pair, struct tracer *tracer);

#endif
