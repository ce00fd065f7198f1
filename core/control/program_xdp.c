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

/* Loads the program of a stage. Returns its file descriptor, or a negative errno. */
static int load_stage(struct orchestrator *o, struct program *program,
	const struct xdp_stage_hooks *hooks, struct failure *failure)
{
	const char *name = program->description->name;
	double started = monotonic_seconds();
	struct bpf_object *object;
	int fd = -1, error = object_open(name, o->settings.objects, &object, failure);

	if (error < 0)
		return error;
	if (hooks->opened != NULL)
		error = hooks->opened(object, failure);
	if (error == 0)
		error = map_registry_share(&o->maps, object, failure);
	if (error == 0)
		error = object_load(object, name, failure);
	if (error < 0)
		goto close_object;
	program_measure(program, object, started);
	error = map_registry_keep(&o->maps, object);
	fd = object_program_fd(object, name);
	fd = fd < 0 ? fd : fcntl(fd, F_DUPFD_CLOEXEC, 0);
	if (error < 0 || fd < 0)
		error = failure_set(failure, -EBADMSG, "%s is not the one of this x0top", name);
close_object:
	bpf_object__close(object);
	return error < 0 ? error : fd;
}

void xdp_stage_stop(struct orchestrator *o, struct program *program)
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

/* Puts a program into the chain, instead of the one that was adopted if there is one. */
static int enter_chain(
	struct orchestrator *o, struct program *program, int fd, struct failure *failure)
{
	int error = chain_set_stage(&o->chain, program->description->stage, fd);

	if (error < 0)
		return failure_set(failure, error, "%s cannot be put into the XDP chain: %s",
			program->description->name, strerror(-error));
	if (program->stage_fd >= 0)
		close(program->stage_fd);
	program->stage_fd = fd;
	return 0;
}

/* When it fails, the program that was adopted stays: what protects is not given up for an error. */
int xdp_stage_start(struct orchestrator *o, struct program *program,
	const struct xdp_stage_hooks *hooks, struct failure *failure)
{
	int error = 0;

	if (o->settings.xdp_mode == XDP_WANT_OFF) {
		failure_set(failure, -ENOTSUP, "XDP is switched off by --xdp-mode off");
		return failure_remedy(failure, "Start x0top with --xdp-mode auto");
	}
	if (o->look_only)
		return 0;
	int fd = load_stage(o, program, hooks, failure);
	if (fd < 0)
		return fd;
	if (hooks->loaded != NULL)
		error = hooks->loaded(o, failure);
	if (error == 0)
		error = enter_chain(o, program, fd, failure);
	if (error < 0) {
		close(fd);
		return error;
	}
	watch_attach_xdp(o);
	return 0;
}

static const struct xdp_stage_hooks no_hooks, mesh_filter_hooks = { .loaded = load_rules };

static int start(struct orchestrator *o, struct program *program, struct failure *failure)
{
	return xdp_stage_start(o, program,
		program->description->stage == XDP_MESH_FILTER ? &mesh_filter_hooks : &no_hooks,
		failure);
}

/* --- samples --------------------------------------------------------------------------------- */

static const char *how_attached(const struct orchestrator *o, uint32_t slot)
{
	const struct chain_root *root = chain_root(&o->chain, slot);

	return root->link_fd < 0 ? NULL : xdp_mode_names[root->mode];
}

static const struct failure *why_not(const struct orchestrator *o, uint32_t slot)
{
	return &o->watch.interfaces[slot].xdp_failure;
}

static void sample_packets(
	struct orchestrator *o, const struct snapshot *before, struct snapshot *now)
{
	int map = map_registry_fd(&o->maps, "xdp_counters");

	for (uint32_t slot = 0; slot < o->watch.n_interfaces; slot++) {
		const struct watched_interface *watched = &o->watch.interfaces[slot];
		const struct chain_root *root = chain_root(&o->chain, slot);
		struct snapshot_packets_interface interface = {
			.ifindex = watched->interface.ifindex,
			.mode = root->mode,
			.uncovered = watched->present && root->link_fd < 0,
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

void xdp_stage_sample(struct orchestrator *o, struct program *program,
	const struct snapshot *before, struct snapshot *now, struct snapshot_program *shown)
{
	uint32_t stage = program->description->stage;
	struct xdp_stage_stats stats;

	program_describe(o, program, how_attached, why_not, shown);
	percpu_sum(&o->percpu, map_registry_fd(&o->maps, "xdp_stage_stats"), &stage, &stats,
		sizeof(stats));
	struct run_stats runs = { stats.runs, stats.timed_runs, stats.timed_ns, 0, 0 };
	program_set_runs(program, &runs, before, now, shown);
	shown->pinned = enforcement_is_on(o, program);
}

static void sample(struct orchestrator *o, struct program *program, const struct snapshot *before,
	struct snapshot *now, struct snapshot_program *shown)
{
	xdp_stage_sample(o, program, before, now, shown);
	if (program->description->stage == XDP_COUNTER)
		sample_packets(o, before, now);
	if (program->description->stage == XDP_MESH_FILTER) {
		collect_mesh_filter(&o->percpu, &o->maps, o->rules, before, now);
		shown->enforcing = now->mesh.enforcing;
	}
}

const struct program_driver xdp_stage_driver = {
	.start = start,
	.stop = xdp_stage_stop,
	.sample = sample,
};
