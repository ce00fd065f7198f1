// SPDX-License-Identifier: BSD-2-Clause
#include "programs/xdp_stage.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "kernel/object.h"
#include "model/names.h"

/* --- where the chain is attached ------------------------------------------------------------- */

static bool any_stage(const struct chain *chain)
{
	for (int stage = XDP_ROOT + 1; stage < XDP_STAGES_MAX; stage++)
		if (chain->stages[stage] >= 0)
			return true;
	return false;
}

static void attach_chain(struct program_context *context)
{
	struct chain *chain = &context->chain;

	for (uint32_t slot = 0; slot < INTERFACES_MAX; slot++) {
		const struct watched_interface *watched = &context->interfaces.slots[slot];
		struct failure *failure = &chain->roots[slot].failure;
		if (!watched->used || !watched->present || chain->roots[slot].link_fd >= 0)
			continue;
		failure->error = 0;
		chain_attach(
			chain, slot, &watched->interface, context->settings->xdp_mode, failure);
	}
}

static void detach_chain(struct chain *chain)
{
	for (uint32_t slot = 0; slot < INTERFACES_MAX; slot++)
		chain_detach(chain, slot);
}

void xdp_stage_interfaces_changed(struct program *program)
{
	struct program_context *context = program->context;

	if (context->look_only)
		return;
	for (uint32_t slot = 0; slot < INTERFACES_MAX; slot++)
		if (context->interfaces.slots[slot].used &&
			!context->interfaces.slots[slot].present)
			chain_detach(&context->chain, slot);
	if (any_stage(&context->chain))
		attach_chain(context);
}

/* --- life ------------------------------------------------------------------------------------ */

int xdp_stage_open(struct program *program, struct bpf_object **object, struct failure *failure)
{
	const struct settings *settings = program->context->settings;

	if (settings->xdp_mode == XDP_WANT_OFF) {
		failure_set(failure, -ENOTSUP, "XDP is switched off by --xdp-mode off");
		return failure_remedy(failure, "Start x0top with --xdp-mode auto");
	}
	if (program->context->look_only)
		return 0;
	return object_open(program->type->name, settings->objects, object, failure);
}

void xdp_stage_stop(struct program *program)
{
	struct chain *chain = &program->context->chain;

	if (program->context->look_only)
		return;
	chain_clear_stage(chain, program->type->stage);
	if (program->stage_fd >= 0)
		close(program->stage_fd);
	program->stage_fd = -1;
	if (!any_stage(chain))
		detach_chain(chain);
}

/* Puts the loaded program into the chain, instead of the one that was adopted or is replaced. */
static int enter_chain(struct program *program, struct failure *failure)
{
	int fd = object_program_fd(program->object, program->type->name);

	fd = fd < 0 ? fd : fcntl(fd, F_DUPFD_CLOEXEC, 0);
	if (fd < 0)
		return program_foreign_object(program, failure);
	int error = chain_set_stage(&program->context->chain, program->type->stage, fd);
	if (error < 0) {
		close(fd);
		return failure_set(failure, error, "%s cannot be put into the XDP chain: %s",
			program->type->name, strerror(-error));
	}
	if (program->stage_fd >= 0)
		close(program->stage_fd);
	program->stage_fd = fd;
	return 0;
}

int xdp_stage_start(struct program *program, struct failure *failure)
{
	struct program_context *context = program->context;
	int error = context->look_only ? 0 : enter_chain(program, failure);

	if (error == 0 && !context->look_only)
		attach_chain(context);
	return error;
}

int xdp_stage_replace(struct program *program, struct failure *failure)
{
	int error = program_load(program, failure);

	if (error < 0)
		return error;
	error = enter_chain(program, failure);
	program_close_object(program);
	return error;
}

/* --- samples --------------------------------------------------------------------------------- */

static const char *how_attached(const struct program *program, uint32_t slot)
{
	const struct chain_root *root = &program->context->chain.roots[slot];

	return root->link_fd < 0 ? NULL : xdp_mode_names[root->mode];
}

static const struct failure *why_not(const struct program *program, uint32_t slot)
{
	return &program->context->chain.roots[slot].failure;
}

void xdp_stage_sample(struct program *program, const struct snapshot *before, struct snapshot *now,
	struct snapshot_program *shown)
{
	uint32_t stage = program->type->stage;
	const struct program_context *context = program->context;
	struct xdp_stage_stats stats;

	program_describe_interfaces(program, how_attached, why_not, shown);
	percpu_sum(&context->percpu, map_registry_fd(&context->maps, "xdp_stage_stats"), &stage,
		&stats, sizeof(stats));
	struct run_stats runs = { stats.runs, stats.timed_runs, stats.timed_ns, 0, 0 };
	program_set_runs(program, &runs, before, now, shown);
}
