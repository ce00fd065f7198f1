// SPDX-License-Identifier: BSD-2-Clause
/* tracepoint_net: counts drops, retransmits and resets, and the traffic of each interface. */
#include "tracepoint_net.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "kernel/network_namespace.h"
#include "kernel/object.h"
#include "kernel/program_slots.h"
#include "kernel/trace_links.h"
#include "programs/programs.h"
#include "programs/tracepoint_net_sample.h"

struct net {
	struct btf_names names;
	bool names_loaded;
	struct bpf_object *object; /* whose programs count */
	struct bpf_object *attached; /* whose programs call those; the same until it is replaced */
	struct trace_links links; /* of `attached` */
	struct net_events_collector collector;
	struct net_events_taker taker;
};

/* --- preparing ------------------------------------------------------------------------------- */

static void set_autoload(struct bpf_object *object, const char *program, bool autoload)
{
	struct bpf_program *found = bpf_object__find_program_by_name(object, program);

	if (found != NULL)
		bpf_program__set_autoload(found, autoload);
}

int tracepoint_net_prepare(struct bpf_object *object, const struct btf_names *names, bool attached,
	struct failure *failure)
{
	uint8_t kinds[DROP_REASONS_MAX];
	uint32_t inum;
	int error = network_namespace_inum(&inum, failure);

	if (error == 0)
		error = program_set_constant(object, "netns_inum", &inum, sizeof(inum), failure);
	if (error < 0)
		return error;
	btf_names_drop_kinds(names, kinds);
	set_autoload(object, "drop_with_reason", names->has_drop_reasons);
	set_autoload(object, "drop_without_reason", !names->has_drop_reasons);
	program_slots_prepare(object, attached);
	return program_set_constant(object, "drop_kinds", kinds, sizeof(kinds), failure);
}

/* --- life ------------------------------------------------------------------------------------ */

static void register_events(struct program *program, bool on)
{
	static const enum event_type tcp[] = { EVENT_TCP_RETRANSMIT, EVENT_TCP_RESET_SENT,
		EVENT_TCP_RESET_RECEIVED };
	struct event_ring *ring = &program->context->ring;
	struct net *net = program->state;

	net->taker = (struct net_events_taker) { &net->names, &program->context->log };
	event_ring_register(ring, EVENT_DROP, on ? net_events_take_drop : NULL, &net->taker);
	for (size_t i = 0; i < sizeof(tcp) / sizeof(tcp[0]); i++)
		event_ring_register(ring, tcp[i], on ? net_events_take_tcp : NULL, &net->taker);
}

static void unload(struct net *net)
{
	trace_links_close(&net->links);
	if (net->attached != net->object)
		bpf_object__close(net->attached);
	bpf_object__close(net->object);
	net->object = net->attached = NULL;
}

static void stop(struct program *program)
{
	struct net *net = program->state;

	register_events(program, false);
	net_events_close(&net->collector);
	unload(net);
}

static int load_names(struct net *net, struct failure *failure)
{
	int error = net->names_loaded ? 0 : btf_names_load(&net->names, failure);

	net->names_loaded = error == 0;
	return error;
}

static int open_object(struct program *program, struct bpf_object **object, struct failure *failure)
{
	struct net *net = program->state;
	int error = load_names(net, failure);

	if (error == 0)
		error = program_open_object(program, object, failure);
	if (error < 0)
		return error;
	error = tracepoint_net_prepare(*object, &net->names, program->replacing, failure);
	if (error < 0) {
		bpf_object__close(*object);
		*object = NULL;
	}
	return error;
}

static int start(struct program *program, struct failure *failure)
{
	struct net *net = program->state;
	int error = program_open_events(program->context, failure);

	if (error < 0)
		return error;
	net->object = net->attached = program->object;
	program->object = NULL;
	error = program_slots_fill(net->object, net->attached);
	if (error < 0)
		program_cannot_use(program, error, failure);
	else
		error = trace_links_tracepoints(&net->links, net->attached, failure);
	if (error == 0) {
		error = net_events_open(&net->collector, net->object, &net->names);
		if (error < 0)
			program_cannot_use(program, error, failure);
	}
	if (error < 0)
		unload(net);
	else
		register_events(program, true);
	return error;
}

static const struct shared_map own[] = {
	{ .name = "net_interfaces", .counts = sizeof(struct net_interface_counts) },
	{ .name = "net_counts", .counts = sizeof(struct net_counts), .apart = RUN_STATS_APART },
	{ .name = "net_places", .moved = true, .shrinks = true },
	{ .name = "net_functions", .moved = true, .shrinks = true },
	{ .name = "net_event_budgets", .moved = true, .shrinks = true },
	{ .name = NULL },
};

/* In each slot by one update: each event is counted by one of them, and none waits. */
static int replace(struct program *program, struct failure *failure)
{
	struct net *net = program->state;
	struct map_moves moves;
	int error;

	program->keeps = net->object;
	error = program_load(program, failure);
	if (error < 0)
		return error;
	error = map_registry_move_own(
		program->type->name, program->object, net->object, own, &moves, failure);
	if (error < 0) {
		program_close_object(program);
		return error;
	}
	error = program_slots_fill(program->object, net->attached);
	if (error < 0) {
		program_slots_fill(net->object, net->attached);
		map_moves_close(&moves);
		program_close_object(program);
		return program_cannot_use(program, error, failure);
	}
	program_carry_own(program, net->object);
	program_settle_moves(program, &moves);
	net_events_follow(&net->collector, program->object);
	if (net->object == net->attached)
		program_slots_empty(net->attached);
	else
		bpf_object__close(net->object);
	net->object = program->object;
	program->object = NULL;
	return 0;
}

static void sample(struct program *program, const struct snapshot *before, struct snapshot *now,
	struct snapshot_program *shown)
{
	struct net *net = program->state;

	program->status = PROGRAM_ON;
	snprintf(shown->attached, sizeof(shown->attached), "BTF tracepoints: %u", net->links.n);
	net->collector.list = program->context->watch.list;
	net->collector.n_list = program->context->watch.n_list;
	collect_net_events(&net->collector, before, now);
	program_set_runs(program, &net->collector.runs, before, now, shown);
}

static void outcome(const struct program *program, struct program_outcome *outcome)
{
	const struct net *net = program->state;
	struct net_counts counts;
	uint32_t zero = 0;

	outcome->seen[0] = percpu_sum(&net->collector.percpu, net->collector.counts, &zero, &counts,
				   sizeof(counts)) == 0;
	outcome->came[0] = outcome->passed[0] = counts.runs.runs;
	outcome->lost = counts.interfaces_full + object_missed_runs(net->attached);
}

static const struct verifier_variant variants[] = {
	{ .name = "", .constant = "netns_inum", .value = 1, .size = 4 },
	{ .name = NULL },
};

const struct program_type program_tracepoint_net = {
	.name = "tracepoint_net",
	.kind = "tracepoint",
	.capabilities = TRACING_CAPABILITIES,
	.variants = variants,
	.glanced = GLANCED_WATCHED,
	.own = own,
	.parts = { PROGRAM_PART(net_events) },
	.state_size = sizeof(struct net),
	.open = open_object,
	.start = start,
	.replace = replace,
	.stop = stop,
	.sample = sample,
	.outcome = outcome,
	.handles = "events",
	.wrong = "were lost",
};
