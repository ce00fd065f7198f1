// SPDX-License-Identifier: BSD-2-Clause
/* The stages of the XDP chain. */
#include <bpf/bpf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "collect/mesh_filter.h"
#include "collect/packets.h"
#include "control/state.h"
#include "kernel/object.h"
#include "mesh/rules.h"
#include "model/names.h"

bool xdp_any_stage(const struct orchestrator *o)
{
	for (int stage = XDP_ROOT + 1; stage < XDP_STAGES_MAX; stage++)
		if (o->chain.stages[stage] >= 0)
			return true;
	return false;
}

/* The rules of the settings, once: what is in the kernel already, after an adoption, stays. */
static int load_rules(struct orchestrator *o, struct failure *failure)
{
	for (uint32_t i = 0; i < o->settings.n_rules && !o->rules_loaded; i++) {
		int number = rules_add(&o->maps, &o->settings.rules[i], failure);
		if (number < 0 && number != -EEXIST)
			return number;
	}
	o->rules_loaded = true;
	return 0;
}

static int load_stage(struct orchestrator *o, struct program *program, struct failure *failure)
{
	const char *name = program->description->name;
	double started = monotonic_seconds();
	struct bpf_object *object;
	int error = object_open(name, o->settings.objects, &object, failure);

	if (error < 0)
		return error;
	error = map_registry_share(&o->maps, object, failure);
	if (error == 0)
		error = object_load(object, failure);
	if (error < 0)
		goto close_object;
	program_measure(program, object, started);
	error = map_registry_keep(&o->maps, object);
	int fd = object_program_fd(object, name);
	program->stage_fd = fd < 0 ? fd : fcntl(fd, F_DUPFD_CLOEXEC, 0);
	if (error < 0 || program->stage_fd < 0)
		error = failure_set(failure, -EBADMSG, "%s is not the one of this x0top", name);
close_object:
	bpf_object__close(object);
	return error;
}

static void stop(struct orchestrator *o, struct program *program)
{
	if (o->look_only)
		return;
	chain_clear_stage(&o->chain, program->description->stage);
	if (program->stage_fd >= 0)
		close(program->stage_fd);
	program->stage_fd = -1;
	if (!xdp_any_stage(o))
		watch_detach_xdp(o);
}

static int start(struct orchestrator *o, struct program *program, struct failure *failure)
{
	enum xdp_stage stage = program->description->stage;

	if (o->settings.xdp_mode == XDP_WANT_OFF) {
		failure_set(failure, -ENOTSUP, "XDP is switched off by --xdp-mode off");
		return failure_remedy(failure, "Start x0top with --xdp-mode auto");
	}
	if (o->look_only)
		return 0;
	int error = load_stage(o, program, failure);
	if (error == 0 && stage == XDP_MESH_FILTER)
		error = load_rules(o, failure);
	if (error == 0) {
		error = chain_set_stage(&o->chain, stage, program->stage_fd);
		if (error < 0)
			failure_set(failure, error, "%s cannot be put into the XDP chain: %s",
				program->description->name, strerror(-error));
	}
	if (error < 0) {
		stop(o, program);
		return error;
	}
	watch_attach_xdp(o);
	return 0;
}

/* --- samples --------------------------------------------------------------------------------- */

static const char *how_attached(const struct orchestrator *o, uint32_t slot)
{
	const struct chain_root *root = &o->chain.roots[slot];

	return root->link_fd < 0 ? NULL : xdp_mode_names[root->mode];
}

static const struct failure *why_not(const struct orchestrator *o, uint32_t slot)
{
	return &o->interfaces[slot].xdp_failure;
}

static void sample_packets(
	struct orchestrator *o, const struct snapshot *before, struct snapshot *now)
{
	int map = map_registry_fd(&o->maps, "xdp_counters");

	for (uint32_t slot = 0; slot < INTERFACES_MAX; slot++) {
		const struct watched_interface *watched = &o->interfaces[slot];
		const struct chain_root *root = &o->chain.roots[slot];
		struct snapshot_packets_interface interface = {
			.ifindex = watched->interface.ifindex,
			.mode = root->mode,
		};
		if (!watched->used)
			continue;
		snprintf(interface.name, sizeof(interface.name), "%s", watched->interface.name);
		if (root->link_fd < 0)
			snprintf(interface.problem, sizeof(interface.problem), "%s",
				watched->xdp_failure.what);
		collect_packets(
			&o->percpu, root->link_fd < 0 ? -1 : map, slot, &interface, before, now);
	}
	collect_packets_sum(now);
}

static void sample(struct orchestrator *o, struct program *program, const struct snapshot *before,
	struct snapshot *now, struct snapshot_program *shown)
{
	uint32_t stage = program->description->stage;
	struct xdp_stage_stats stats;

	program_describe(o, program, how_attached, why_not, shown);
	percpu_sum(&o->percpu, map_registry_fd(&o->maps, "xdp_stage_stats"), &stage, &stats,
		sizeof(stats));
	struct run_stats runs = { stats.runs, stats.timed_runs, stats.timed_ns, 0, 0 };
	program_set_runs(program, &runs, before, now, shown);
	if (stage == XDP_COUNTER)
		sample_packets(o, before, now);
	if (stage == XDP_MESH_FILTER) {
		collect_mesh_filter(&o->percpu, &o->maps, o->rules, before, now);
		shown->enforcing = now->mesh.enforcing;
		shown->pinned = o->pinned;
	}
}

const struct program_driver xdp_stage_driver = {
	.start = start,
	.stop = stop,
	.sample = sample,
};
