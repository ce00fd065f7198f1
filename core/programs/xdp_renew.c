// SPDX-License-Identifier: BSD-2-Clause
/*
 * The stages that are there are linked to each other by a chain of their own, with larger maps, while packets go on in
 * the old one. One update of the root on each interface puts that in force: no packet has its headers from a program of
 * the one chain, and its verdict from one of the other.
 */
#include "programs/xdp_renew.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "base/fd.h"
#include "kernel/object.h"
#include "kernel/pins.h"

/* Returns whether a program is a stage that is in the chain. */
static bool is_in_chain(const struct program *program)
{
	const uint32_t stage = program->type->stage;

	return stage != XDP_ROOT && program->context->chain.stages[stage] >= 0;
}

static int duplicate(
	const struct program *program, int fd, int stages[XDP_STAGES_MAX], struct failure *failure)
{
	int *copy = &stages[program->type->stage];

	*copy = fd < 0 ? fd : fcntl(fd, F_DUPFD_CLOEXEC, 0);
	return *copy < 0 ? program_cannot_use(program, fd < 0 ? fd : -errno, failure) : 0;
}

/* Of a plugin the wrapper and the maps would have to change, too. */
static int refuse_plugin(
	const struct program *plugin, const struct program *by, struct failure *failure)
{
	failure_set(failure, -EBUSY,
		"%s has larger maps of the chain, and the plugin %s in it cannot change with them",
		by->type->name, plugin->type->name);
	return failure_remedy(
		failure, "Switch %s off first, and on again afterwards", plugin->type->name);
}

/* Loads what is in the chain beside a program. */
static int load_others(struct program *program, int stages[XDP_STAGES_MAX], struct failure *failure)
{
	const struct program_context *context = program->context;
	int error = 0;

	for (uint32_t i = 0; i < context->n_programs && error == 0; i++) {
		struct program *other = &context->programs[i];
		if (other == program || !is_in_chain(other))
			continue;
		if (other->type->stage >= XDP_PLUGIN_FIRST)
			return refuse_plugin(other, program, failure);
		error = program_load_again(other, program_load, failure);
		if (error == 0)
			error = duplicate(other,
				object_program_fd(other->object, other->type->name), stages,
				failure);
	}
	return error;
}

/* The programs are in force: takes over their descriptors. The old one of a trial would go on with the smaller maps, and
 * is loaded again if it is taken back. */
static void take_over(struct program *program, const int stages[XDP_STAGES_MAX])
{
	const struct program_context *context = program->context;

	for (uint32_t i = 0; i < context->n_programs; i++) {
		struct program *other = &context->programs[i];
		if (other->type->stage == XDP_ROOT || stages[other->type->stage] < 0)
			continue;
		fd_close(&other->trial.stage_fd);
		fd_close(&other->stage_fd);
		other->stage_fd = stages[other->type->stage];
		if (other != program && other->type->renewed != NULL)
			other->type->renewed(other);
	}
}

static void close_others(struct program *program)
{
	const struct program_context *context = program->context;

	for (uint32_t i = 0; i < context->n_programs; i++)
		if (&context->programs[i] != program && is_in_chain(&context->programs[i]))
			program_close_object(&context->programs[i]);
}

/* Returns whether a program outside the chain reads maps of it. */
static bool reads_chain(const struct program *program)
{
	struct bpf_object *object = NULL;
	struct failure ignored;

	if (!program->running || program->type->stage != XDP_ROOT ||
		program->type->replace == NULL || program->type->read_file != NULL ||
		program_open_object(program, &object, &ignored) < 0)
		return false;
	bool reads = map_registry_has_together(&program->context->maps, object);
	bpf_object__close(object);
	return reads;
}

static void renew_readers(struct program *program)
{
	struct program_context *context = program->context;
	struct failure failure;

	for (uint32_t i = 0; i < context->n_programs; i++)
		if (reads_chain(&context->programs[i]) &&
			program_replace_itself(&context->programs[i], &failure) < 0)
			event_log_add(&context->log, 0, EVENT_KIND_PROGRAM,
				"%s does not see what the XDP chain does now: %.120s",
				context->programs[i].type->name, failure.what);
}

int xdp_renew(struct program *program, int fd, struct failure *failure)
{
	struct program_context *context = program->context;
	int stages[XDP_STAGES_MAX];

	for (uint32_t stage = 0; stage < XDP_STAGES_MAX; stage++)
		stages[stage] = -1;
	int error = duplicate(program, fd, stages, failure);
	if (error == 0)
		error = load_others(program, stages, failure);
	if (error == 0)
		error = chain_renew(&context->chain, stages,
			context->pinned ? context->pins->folder : -1, failure);
	if (error == 0) {
		take_over(program, stages);
		program_carry(program);
	}
	close_others(program);
	for (uint32_t stage = 0; stage < XDP_STAGES_MAX && error < 0; stage++)
		fd_close(&stages[stage]);
	if (error == 0)
		renew_readers(program);
	return error;
}
