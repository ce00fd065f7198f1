// SPDX-License-Identifier: BSD-2-Clause
/* xdp_counter: runs the first stage of the chain and samples the packets part. */
#include "xdp_counter.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "base/fd.h"
#include "kernel/object.h"
#include "model/rate.h"
#include "programs/links.h"
#include "programs/programs.h"
#include "programs/xdp_stage.h"

struct counter_state {
	struct netlink netlink; /* of chain->counter; open while it runs */
};

static const struct snapshot_packets_interface *find(
	const struct snapshot *snapshot, uint32_t ifindex)
{
	if (snapshot == NULL)
		return NULL;
	for (uint32_t i = 0; i < snapshot->packets.n_interfaces; i++)
		if (snapshot->packets.interfaces[i].ifindex == ifindex)
			return &snapshot->packets.interfaces[i];
	return NULL;
}

static void add(struct traffic *traffic, const struct traffic_count *count)
{
	traffic->packets.total += count->packets;
	traffic->bytes.total += count->bytes;
}

/* Sums the kernel's matrix along each axis. */
static void set_totals(
	const struct xdp_interface_counters *counts, struct snapshot_packets_interface *interface)
{
	for (int n = 0; n < NETWORK_PROTOCOLS; n++)
		for (int t = 0; t < TRANSPORT_PROTOCOLS; t++)
			for (int v = 0; v < XDP_VERDICTS; v++) {
				const struct traffic_count *count = &counts->packets[n][t][v];
				add(&interface->all, count);
				add(&interface->networks[n], count);
				add(&interface->verdicts[v], count);
				add(&interface->transports[t], count);
			}
	for (int i = 0; i < FRAME_SIZES; i++)
		interface->frame_sizes[i].total = counts->frame_sizes[i];
	interface->fragments.total = counts->fragments;
	interface->malformed.total = counts->malformed;
	interface->vlan.total = counts->vlan;
}

/* From `all` on, the struct has counters and nothing else. */
#define COUNTERS_AT offsetof(struct snapshot_packets_interface, all)
enum {
	COUNTERS =
		(sizeof(struct snapshot_packets_interface) - COUNTERS_AT) / sizeof(struct counter)
};
_Static_assert(COUNTERS_AT + COUNTERS * sizeof(struct counter) ==
		       sizeof(struct snapshot_packets_interface),
	"nothing but counters");

static struct counter *counters_of(const struct snapshot_packets_interface *interface)
{
	return interface == NULL ? NULL : (struct counter *)((uintptr_t)interface + COUNTERS_AT);
}

/* Adds an interface to the sum: without a rate where nothing counts, so that the sum keeps its own. */
static void add_to_sum(
	struct snapshot *now, const struct snapshot_packets_interface *interface, bool counting)
{
	counters_add(counters_of(&now->packets.sum), counters_of(interface), COUNTERS, counting);
}

struct adding {
	const struct percpu *percpu;
	int map;
	struct snapshot *now;
};

/* Adds what an interface counted that is gone: sums never fall. */
static void add_gone(void *data, uint32_t slot)
{
	const struct adding *adding = data;
	struct snapshot_packets_interface gone = { 0 };
	struct xdp_interface_counters counts;

	if (percpu_sum(adding->percpu, adding->map, &slot, &counts, sizeof(counts)) < 0)
		return;
	set_totals(&counts, &gone);
	add_to_sum(adding->now, &gone, false);
}

/*
 * Adds `interface` (name, ifindex, mode and problem are set) with its counts; a negative `map` adds it
 * with those of the sample before.
 */
static void sample_interface(const struct percpu *percpu, int map, uint32_t slot,
	const struct watched_interface *watched, const struct snapshot_packets_interface *interface,
	const struct snapshot *before, struct snapshot *now)
{
	static const struct snapshot_packets_interface zero;
	struct xdp_interface_counters counts;

	struct snapshot_packets_interface *added = SNAPSHOT_ADD(now, &now->packets, interfaces);

	if (added == NULL)
		return;
	const struct snapshot_packets_interface *old = find(before, interface->ifindex);
	bool read = map >= 0 && percpu_sum(percpu, map, &slot, &counts, sizeof(counts)) == 0;
	*added = *interface;
	if (!read) {
		counters_keep(counters_of(added), counters_of(old), COUNTERS);
	} else {
		now->packets.available = true;
		set_totals(&counts, added);
		if (old != NULL && old->problem[0] != '\0')
			old = NULL; /* it did not count then */
		old = watch_compare(watched, old, before == NULL ? NULL : &zero);
		counters_rate(counters_of(added), counters_of(old), COUNTERS, now->interval);
	}
	add_to_sum(now, added, read);
}

static void sample(struct program *program, const struct snapshot *before, struct snapshot *now,
	struct snapshot_program *shown)
{
	const struct program_context *context = program->context;
	int map = map_registry_fd(&context->maps, "xdp_counters");
	struct adding adding = { &context->percpu, map, now };

	xdp_stage_sample(program, before, now, shown);
	for (uint32_t slot = 0; slot < context->watch.n_interfaces; slot++) {
		const struct watched_interface *watched = &context->watch.interfaces[slot];
		const struct chain_root *root = chain_root(&context->chain, slot);
		struct snapshot_packets_interface interface = {
			.ifindex = watched->interface.ifindex,
			.hook = root->mode,
			.uncovered = watched->present && root->mode == XDP_MODE_OFF,
			.judged_twice = root->mode == XDP_MODE_GENERIC &&
					context->chain.handed_back_refused.error < 0,
		};
		if (!watched->used)
			continue;
		snprintf(interface.name, sizeof(interface.name), "%s", watched->interface.name);
		if (root->mode == XDP_MODE_OFF)
			snprintf(interface.problem, sizeof(interface.problem), "%s",
				watched->present ? xdp_stage_why_not(program, slot)->what
						 : watched->absent.what);
		sample_interface(&context->percpu, root->mode == XDP_MODE_OFF ? -1 : map, slot,
			watched, &interface, before, now);
	}
	watch_each_gone(&context->watch, add_gone, &adding);
	struct counter *sums = counters_of(&now->packets.sum);
	if (!now->packets.available) /* nothing counts: a sum has no rate */
		counters_stop(sums, COUNTERS);
}

/* --- TC: instead of the chain while no stage needs packets -------------------------------------- */

static const struct tc_programs tc_none = {
	.object = "xdp_counter",
	.names = { "tc_counter", NULL },
	.fds = { -1, -1 },
	.handle = 2, /* 1 is tc_classifier's */
	.first = true, /* packets that arrive, also those that the classifier drops */
};

static void release_tc(struct program *program)
{
	struct chain *chain = &program->context->chain;

	for (uint32_t slot = 0; slot < chain->n_roots; slot++)
		if (chain->roots[slot].mode == XDP_MODE_TC)
			chain_detach(chain, slot);
	fd_close(&chain->counter.fds[TC_HOOK_INGRESS]);
}

/* Keeps the loaded TC program. Without a socket the counter counts at XDP. */
static int take_tc(struct program *program, struct failure *failure)
{
	struct counter_state *state = program->state;
	struct chain *chain = &program->context->chain;
	int fd = object_program_fd(program->object, tc_none.names[TC_HOOK_INGRESS]);

	if (fd < 0)
		return program_cannot_use(program, fd, failure);
	release_tc(program);
	chain->counter = tc_none;
	chain->counter.netlink = &state->netlink;
	chain->tc_refused = netlink_open(&state->netlink) < 0;
	if (!chain->tc_refused)
		chain->counter.fds[TC_HOOK_INGRESS] = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	return 0;
}

static bool counts_at_tc(const struct program *program, uint32_t slot)
{
	return chain_root(&program->context->chain, slot)->mode == XDP_MODE_TC;
}

/* At TC the kernel's own counts tell whether it counts, and no more: GRO has joined packets before it. */
static void outcome(const struct program *program, struct program_outcome *outcome)
{
	uint64_t sent;

	xdp_stage_outcome(program, outcome);
	outcome->passed[1] = outcome->passed[0] * OUTCOME_SEGMENTS;
	outcome->seen[1] = links_packets(program, counts_at_tc, &outcome->came[1], &sent) == 0;
}

/* Puts the programs at TC in the place of others, on all interfaces. */
static int replace_at_tc(const struct chain *chain, const struct tc_programs *programs)
{
	int error = 0;

	for (uint32_t slot = 0; slot < chain->n_roots && error == 0; slot++)
		if (chain->roots[slot].mode == XDP_MODE_TC)
			error = tc_replace(&chain->roots[slot].tc, programs);
	return error;
}

/* At each interface the counter counts at one of both hooks, by one of the two programs at a time. */
static int replace(struct program *program, struct failure *failure)
{
	struct chain *chain = &program->context->chain;
	struct tc_programs programs = chain->counter;
	int *fd = &programs.fds[TC_HOOK_INGRESS], error = program_load(program, failure);

	if (error < 0)
		return error;
	if (*fd >= 0) {
		*fd = object_program_fd(program->object, tc_none.names[TC_HOOK_INGRESS]);
		*fd = *fd < 0 ? *fd : fcntl(*fd, F_DUPFD_CLOEXEC, 0);
		error = *fd < 0 ? -errno : replace_at_tc(chain, &programs);
		if (error < 0)
			failure_set(
				failure, error, "Cannot replace tc_counter: %s", strerror(-error));
	}
	if (error == 0)
		error = xdp_stage_enter(program, failure);
	if (error == 0) {
		fd_close(&chain->counter.fds[TC_HOOK_INGRESS]);
		chain->counter = programs;
	} else if (programs.fds[TC_HOOK_INGRESS] != chain->counter.fds[TC_HOOK_INGRESS]) {
		replace_at_tc(chain, &chain->counter);
		fd_close(fd);
	}
	program_close_object(program);
	return error;
}

/* The chain has other maps now, also for what counts at TC. */
static void renewed(struct program *program)
{
	struct chain *chain = &program->context->chain;
	struct tc_programs programs = chain->counter;
	int fd = object_program_fd(program->object, tc_none.names[TC_HOOK_INGRESS]);

	if (programs.fds[TC_HOOK_INGRESS] < 0)
		return;
	programs.fds[TC_HOOK_INGRESS] = fd = fd < 0 ? fd : fcntl(fd, F_DUPFD_CLOEXEC, 0);
	int error = fd < 0 ? fd : replace_at_tc(chain, &programs);
	if (error < 0) {
		event_log_add(&program->context->log, 0, EVENT_KIND_PROGRAM,
			"tc_counter stays with the maps of before, and its counts are not seen: %s",
			strerror(-error));
		fd_close(&fd);
		return;
	}
	fd_close(&chain->counter.fds[TC_HOOK_INGRESS]);
	chain->counter = programs;
}

static void stop(struct program *program)
{
	struct counter_state *state = program->state;

	release_tc(program);
	netlink_close(&state->netlink);
	xdp_stage_stop(program);
}

static int start(struct program *program, struct failure *failure)
{
	if (program->context->look_only)
		return xdp_stage_start(program, failure);
	int error = take_tc(program, failure);
	if (error == 0)
		error = xdp_stage_start(program, failure);
	if (error < 0)
		return error;
	error = program_open_events(program->context, failure);
	if (error < 0)
		xdp_stage_stop(program);
	return error;
}

static int leftovers(bool remove)
{
	return tc_all_leftovers(&tc_none, remove);
}

const struct program_type program_xdp_counter = {
	.name = "xdp_counter",
	.kind = "XDP",
	.capabilities = NETWORK_CAPABILITIES,
	.stage = XDP_COUNTER,
	.glanced = GLANCED_ALWAYS,
	.parts = { PROGRAM_PART(packets) },
	.state_size = sizeof(struct counter_state),
	.open = xdp_stage_open,
	.start = start,
	.stop = stop,
	.replace = replace,
	.renewed = renewed,
	.sample = sample,
	.outcome = outcome,
	.handles = "packets",
	.wrong = "did not pass",
	.interfaces_changed = xdp_stage_interfaces_changed,
	.interface_gone = xdp_stage_interface_gone,
	.leftovers = leftovers,
};
