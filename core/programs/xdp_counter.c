// SPDX-License-Identifier: BSD-2-Clause
/* xdp_counter: runs the first stage of the chain and samples the packets part. */
#include "xdp_counter.h"

#include <fcntl.h>
#include <stdio.h>

#include "base/fd.h"
#include "kernel/object.h"
#include "model/rate.h"
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

static void set_rate(struct counter *now, const struct counter *before, double interval)
{
	counter_update(now, before, now->total, interval);
}

static void set_traffic_rates(
	struct traffic *now, const struct traffic *before, size_t n, double interval)
{
	for (size_t i = 0; i < n; i++) {
		set_rate(&now[i].packets, before ? &before[i].packets : NULL, interval);
		set_rate(&now[i].bytes, before ? &before[i].bytes : NULL, interval);
	}
}

static void set_rates(struct snapshot_packets_interface *now,
	const struct snapshot_packets_interface *before, double interval)
{
	set_traffic_rates(&now->all, before ? &before->all : NULL, 1, interval);
	set_traffic_rates(now->verdicts, before ? before->verdicts : NULL, XDP_VERDICTS, interval);
	set_traffic_rates(
		now->networks, before ? before->networks : NULL, NETWORK_PROTOCOLS, interval);
	set_traffic_rates(
		now->transports, before ? before->transports : NULL, TRANSPORT_PROTOCOLS, interval);
	for (int i = 0; i < FRAME_SIZES; i++)
		set_rate(&now->frame_sizes[i], before ? &before->frame_sizes[i] : NULL, interval);
	set_rate(&now->fragments, before ? &before->fragments : NULL, interval);
	set_rate(&now->malformed, before ? &before->malformed : NULL, interval);
	set_rate(&now->vlan, before ? &before->vlan : NULL, interval);
}

/*
 * Adds `interface` (name, ifindex, mode and problem are set) with its counts; a negative `map` adds it
 * without counts.
 */
static void sample_interface(const struct percpu *percpu, int map, uint32_t slot,
	const struct snapshot_packets_interface *interface, const struct snapshot *before,
	struct snapshot *now)
{
	struct xdp_interface_counters counts;

	struct snapshot_packets_interface *added = SNAPSHOT_ADD(now, &now->packets, interfaces);

	if (added == NULL)
		return;
	*added = *interface;
	if (map < 0 || percpu_sum(percpu, map, &slot, &counts, sizeof(counts)) < 0)
		return;
	now->packets.available = true;
	set_totals(&counts, added);
	set_rates(added, find(before, added->ifindex), now->interval);
}

static void add_all(struct traffic *sum, const struct traffic *traffic, size_t n)
{
	for (size_t i = 0; i < n; i++)
		traffic_add(&sum[i], &traffic[i]);
}

static void sum_interfaces(struct snapshot *now)
{
	struct snapshot_packets_interface *sum = &now->packets.sum;

	for (uint32_t i = 0; i < now->packets.n_interfaces; i++) {
		const struct snapshot_packets_interface *one = &now->packets.interfaces[i];
		traffic_add(&sum->all, &one->all);
		add_all(sum->verdicts, one->verdicts, XDP_VERDICTS);
		add_all(sum->networks, one->networks, NETWORK_PROTOCOLS);
		add_all(sum->transports, one->transports, TRANSPORT_PROTOCOLS);
		for (int s = 0; s < FRAME_SIZES; s++)
			counter_add(&sum->frame_sizes[s], &one->frame_sizes[s]);
		counter_add(&sum->fragments, &one->fragments);
		counter_add(&sum->malformed, &one->malformed);
		counter_add(&sum->vlan, &one->vlan);
	}
}

static void sample(struct program *program, const struct snapshot *before, struct snapshot *now,
	struct snapshot_program *shown)
{
	const struct program_context *context = program->context;
	int map = map_registry_fd(&context->maps, "xdp_counters");

	xdp_stage_sample(program, before, now, shown);
	for (uint32_t slot = 0; slot < context->watch.n_interfaces; slot++) {
		const struct watched_interface *watched = &context->watch.interfaces[slot];
		const struct chain_root *root = chain_root(&context->chain, slot);
		struct snapshot_packets_interface interface = {
			.ifindex = watched->interface.ifindex,
			.hook = root->mode,
			.uncovered = watched->present && root->mode == XDP_MODE_OFF,
		};
		if (!watched->used)
			continue;
		snprintf(interface.name, sizeof(interface.name), "%s", watched->interface.name);
		if (root->mode == XDP_MODE_OFF)
			snprintf(interface.problem, sizeof(interface.problem), "%s",
				watched->present ? xdp_stage_why_not(program, slot)->what
						 : watched->absent.what);
		sample_interface(&context->percpu, root->mode == XDP_MODE_OFF ? -1 : map, slot,
			&interface, before, now);
	}
	sum_interfaces(now);
}

/* --- TC: instead of the chain while no stage needs packets -------------------------------------- */

static const struct tc_programs tc_none = {
	.object = "xdp_counter",
	.names = { "tc_counter", NULL },
	.fds = { -1, -1 },
	.handle = 2, /* 1 is tc_classifier's */
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
	return error < 0 ? error : xdp_stage_start(program, failure);
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
	.state_size = sizeof(struct counter_state),
	.open = xdp_stage_open,
	.start = start,
	.stop = stop,
	.replace = xdp_stage_replace,
	.sample = sample,
	.interfaces_changed = xdp_stage_interfaces_changed,
	.interface_gone = xdp_stage_interface_gone,
	.leftovers = leftovers,
};
