// SPDX-License-Identifier: BSD-2-Clause
/* tracepoint_net and the two latency tracers, and the ring buffer of events that they fill. */
#include "control/tracing.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "collect/events.h"
#include "collect/net_events.h"
#include "collect/syscalls.h"
#include "collect/syscalls_secure.h"
#include "kernel/attach_tracing.h"
#include "kernel/btf_names.h"
#include "kernel/object.h"
#include "kernel/syscall_table.h"

/* A tracing program while it runs. */
struct traced {
	struct bpf_object *object;
	struct tracing_links links;
	bool kprobes;
};

struct tracing {
	struct btf_names names;
	bool names_loaded;
	struct traced net, latency, secure;
	struct net_events_collector net_collector;
	struct syscalls_collector latency_collector;
	struct syscalls_secure_collector secure_collector;
	struct traced_calls calls; /* by name and number, for both tracers and for events */
	struct events_collector events;
	bool events_opened;
};

int tracing_open(struct orchestrator *o)
{
	o->tracing = calloc(1, sizeof(*o->tracing));
	return o->tracing == NULL ? -ENOMEM : 0;
}

void tracing_close(struct orchestrator *o)
{
	if (o->tracing != NULL && o->tracing->events_opened)
		events_close(&o->tracing->events);
	free(o->tracing);
	o->tracing = NULL;
}

/* --- loading and attaching ------------------------------------------------------------------- */

static int load_names(struct tracing *tracing, struct failure *failure)
{
	int error = tracing->names_loaded ? 0 : btf_names_load(&tracing->names, failure);

	tracing->names_loaded = error == 0;
	return error;
}

/* Loads an object that is opened and prepared. */
static int load(struct orchestrator *o, struct program *program, struct traced *traced,
	double started, struct failure *failure)
{
	int error = map_registry_share(&o->maps, traced->object, failure);

	if (error == 0)
		error = object_load(traced->object, program->description->name, failure);
	if (error < 0)
		return error;
	program_measure(program, traced->object, started);
	return map_registry_keep(&o->maps, traced->object);
}

static void unload(struct traced *traced)
{
	tracing_detach(&traced->links);
	bpf_object__close(traced->object);
	traced->object = NULL;
}

int tracing_open_events(struct orchestrator *o, struct failure *failure)
{
	struct tracing *tracing = o->tracing;

	if (tracing->events_opened)
		return 0;
	int error = events_open(&tracing->events, map_registry_fd(&o->maps, "events"),
		map_registry_fd(&o->maps, "events_lost"), &tracing->names, &tracing->calls,
		&o->node_names, &o->events);
	if (error < 0)
		return failure_set(failure, error, "The ring buffer of events cannot be read: %s",
			strerror(-error));
	tracing->events_opened = true;
	orchestrator_watch_fd(o, events_fd(&tracing->events));
	return 0;
}

/* --- tracepoint_net ---------------------------------------------------------------------------- */

static void stop_net(struct orchestrator *o, struct program *program)
{
	(void)program;
	net_events_close(&o->tracing->net_collector);
	unload(&o->tracing->net);
}

static int start_net(struct orchestrator *o, struct program *program, struct failure *failure)
{
	struct tracing *tracing = o->tracing;
	struct traced *net = &tracing->net;
	double started = monotonic_seconds();
	int error = load_names(tracing, failure);

	if (error == 0)
		error = object_open("tracepoint_net", o->settings.objects, &net->object, failure);
	if (error < 0)
		return error;
	error = tracing_prepare_net(net->object, &tracing->names, failure);
	if (error == 0)
		error = load(o, program, net, started, failure);
	if (error == 0)
		error = tracing_open_events(o, failure);
	if (error == 0)
		error = tracing_attach_net(net->object, &net->links, failure);
	if (error == 0) {
		error = net_events_open(&tracing->net_collector, net->object, &tracing->names);
		if (error < 0)
			failure_set(failure, error, "tracepoint_net's maps cannot be read");
	}
	if (error < 0)
		unload(net);
	return error;
}

static void sample_net(struct orchestrator *o, struct program *program,
	const struct snapshot *before, struct snapshot *now, struct snapshot_program *shown)
{
	struct traced *net = &o->tracing->net;

	program->state = PROGRAM_ON;
	snprintf(shown->attached, sizeof(shown->attached), "BTF tracepoints: %u", net->links.n);
	collect_net_events(&o->tracing->net_collector, before, now);
	program_set_runs(program, &o->tracing->net_collector.runs, before, now, shown);
}

const struct program_driver net_events_driver = {
	.start = start_net,
	.stop = stop_net,
	.sample = sample_net,
};

/* --- the latency tracers ----------------------------------------------------------------------- */

/* Opens, prepares, loads and attaches either tracer. */
static int start_tracer(struct orchestrator *o, struct program *program, struct traced *traced,
	struct failure *failure)
{
	const struct settings *settings = &o->settings;
	struct traced_calls *calls = &o->tracing->calls;
	double started = monotonic_seconds();
	int error = traced_calls_resolve(calls, settings->syscalls, settings->n_syscalls, failure);

	if (error == 0)
		error = object_open(
			program->description->name, settings->objects, &traced->object, failure);
	if (error < 0)
		return error;
	error = tracing_prepare_syscalls(
		traced->object, calls, settings->syscalls_attach, &traced->kprobes, failure);
	if (error == 0)
		error = load(o, program, traced, started, failure);
	if (error == 0)
		error = tracing_attach_syscalls(
			traced->object, calls, traced->kprobes, &traced->links, failure);
	if (error < 0)
		unload(traced);
	return error;
}

static void sample_tracer(struct program *program, const struct traced *traced,
	const struct run_stats *runs, const struct snapshot *before, const struct snapshot *now,
	struct snapshot_program *shown)
{
	program->state = PROGRAM_ON;
	snprintf(shown->attached, sizeof(shown->attached), "%s",
		tracing_attached_name(traced->kprobes));
	program_set_runs(program, runs, before, now, shown);
}

static void stop_latency(struct orchestrator *o, struct program *program)
{
	(void)program;
	syscalls_close(&o->tracing->latency_collector);
	unload(&o->tracing->latency);
}

static int start_latency(struct orchestrator *o, struct program *program, struct failure *failure)
{
	struct tracing *tracing = o->tracing;
	int error = start_tracer(o, program, &tracing->latency, failure);

	if (error < 0)
		return error;
	error = tracing_open_events(o, failure);
	if (error == 0) {
		error = syscalls_open(&tracing->latency_collector, tracing->latency.object,
			&tracing->calls, tracing->latency.kprobes);
		if (error < 0)
			failure_set(failure, error, "The latency tracer's maps cannot be read");
	}
	if (error < 0)
		unload(&tracing->latency);
	return error;
}

static void sample_latency(struct orchestrator *o, struct program *program,
	const struct snapshot *before, struct snapshot *now, struct snapshot_program *shown)
{
	struct tracing *tracing = o->tracing;

	collect_syscalls(&tracing->latency_collector, before, now);
	sample_tracer(
		program, &tracing->latency, &tracing->latency_collector.runs, before, now, shown);
}

const struct program_driver syscalls_driver = {
	.start = start_latency,
	.stop = stop_latency,
	.sample = sample_latency,
};

static void stop_secure(struct orchestrator *o, struct program *program)
{
	(void)program;
	syscalls_secure_close(&o->tracing->secure_collector);
	unload(&o->tracing->secure);
}

static int start_secure(struct orchestrator *o, struct program *program, struct failure *failure)
{
	struct tracing *tracing = o->tracing;
	int error = start_tracer(o, program, &tracing->secure, failure);

	if (error < 0)
		return error;
	error = syscalls_secure_open(&tracing->secure_collector, tracing->secure.object,
		&tracing->calls, tracing->secure.kprobes);
	if (error < 0) {
		failure_set(failure, error, "The secure latency tracer's maps cannot be read");
		unload(&tracing->secure);
	}
	return error;
}

static void sample_secure(struct orchestrator *o, struct program *program,
	const struct snapshot *before, struct snapshot *now, struct snapshot_program *shown)
{
	struct tracing *tracing = o->tracing;

	collect_syscalls_secure(&tracing->secure_collector, before, now);
	sample_tracer(
		program, &tracing->secure, &tracing->secure_collector.runs, before, now, shown);
}

const struct program_driver syscalls_secure_driver = {
	.start = start_secure,
	.stop = stop_secure,
	.sample = sample_secure,
};

/* --- events ------------------------------------------------------------------------------------ */

void tracing_drain_events(struct orchestrator *o)
{
	if (o->tracing->events_opened)
		events_drain(&o->tracing->events);
}

void tracing_sample_events(
	struct orchestrator *o, const struct snapshot *before, struct snapshot *now)
{
	if (o->tracing->events_opened)
		collect_events(&o->tracing->events, before, now);
}
