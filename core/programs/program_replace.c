// SPDX-License-Identifier: BSD-2-Clause
/* Replaces a running program by another object's. */
#include <errno.h>
#include <string.h>

#include "base/fd.h"
#include "kernel/grace.h"
#include "kernel/object.h"
#include "kernel/pins.h"
#include "programs/program.h"

/* Opens the object in force, to compare maps with; NULL if it cannot be opened any more. */
static struct bpf_object *open_in_force(const struct program *program)
{
	struct bpf_object *object = NULL;
	struct failure ignored;

	return program_open_object(program, &object, &ignored) < 0 ? NULL : object;
}

/* --- counts ---------------------------------------------------------------------------------- */

static void tell_lost(struct program *program, int error)
{
	if (error < 0)
		event_log_add(&program->context->log, 0, EVENT_KIND_PROGRAM,
			"the counts of %s cannot be carried over, and begin anew: %s",
			program->type->name, strerror(-error));
}

static int folder_of(const struct program_context *context)
{
	return context->pins == NULL ? -1 : context->pins->folder;
}

void program_carry(struct program *program)
{
	struct program_context *context = program->context;

	if (!map_registry_grows(&context->maps))
		return;
	grace_wait();
	tell_lost(program, map_registry_carry(&context->maps, folder_of(context)));
}

void program_settle_maps(struct program *program)
{
	struct program_context *context = program->context;

	if (!map_registry_grows(&context->maps))
		return;
	/* The old one would go on with the smaller maps, which nobody writes to any more: it is loaded again if it is
	 * taken back. */
	fd_close(&program->trial.stage_fd);
	int error = map_registry_settle(&context->maps, folder_of(context));
	if (error < 0)
		event_log_add(&context->log, 0, EVENT_KIND_PROGRAM,
			"the larger maps of %s cannot be pinned, and end with this x0top: %s",
			program->type->name, strerror(-error));
}

void program_carry_own(struct program *program, const struct bpf_object *before)
{
	const struct shared_map *own = program->type->own;

	if (!map_registry_own_grows(program->object, before, own))
		return;
	grace_wait();
	tell_lost(program, map_registry_carry_own(program->object, before, own));
}

void program_settle_moves(struct program *program, struct map_moves *moves)
{
	if (moves->n == 0)
		return;
	grace_wait();
	int error = map_moves_settle(moves);
	if (error < 0)
		event_log_add(&program->context->log, 0, EVENT_KIND_PROGRAM,
			"the last that %s wrote into its maps cannot be carried over: %s",
			program->type->name, strerror(-error));
	map_moves_close(moves);
}

/* --- replacing ------------------------------------------------------------------------------- */

/* Calls what loads a program's object in the place of the one in force. */
static int load_in_place(struct program *program,
	int (*load)(struct program *program, struct failure *failure), struct bpf_object *in_force,
	struct failure *failure)
{
	program->replaces = in_force;
	program->replacing = true;
	int error = load(program, failure);
	program->replacing = false;
	program->replaces = program->keeps = NULL;
	bpf_object__close(in_force);
	return error;
}

int program_load_again(struct program *program,
	int (*load)(struct program *program, struct failure *failure), struct failure *failure)
{
	return load_in_place(program, load, open_in_force(program), failure);
}

int program_replace_itself(struct program *program, struct failure *failure)
{
	return load_in_place(program, program->type->replace,
		program->type->read_file == NULL ? open_in_force(program) : NULL, failure);
}

/* Puts what was replaced aside for the trial, or forgets it. */
static void end_replacing(struct program *program, uint32_t trial_seconds,
	struct program_file *before, const uint8_t tag[PROGRAM_TAG_LEN], double share)
{
	program_carry(program);
	if (trial_seconds > 0)
		trial_begin(program, trial_seconds, before, tag, share);
	else
		program_file_free(before);
}

static int may_be_replaced(struct program *program, uint32_t trial_seconds, struct failure *failure)
{
	if (program->type->replace == NULL)
		return failure_set(failure, -EOPNOTSUPP, "%s cannot be replaced while it runs",
			program->type->name);
	return trial_seconds > 0 || program->trial.goes_on ? trial_may_begin(program, failure) : 0;
}

int program_replace(struct program *program, struct program_file *file, uint32_t trial_seconds,
	struct failure *failure)
{
	struct program_file *before = program->file;
	struct failure gone = program->file_failure;
	uint8_t tag[PROGRAM_TAG_LEN];

	if (may_be_replaced(program, trial_seconds, failure) < 0) {
		program_file_free(file);
		return failure->error;
	}
	memcpy(tag, program->tag, sizeof(tag));
	double share = trial_seconds > 0 ? trial_share(program) : 0;
	struct bpf_object *in_force =
		program->type->read_file == NULL ? open_in_force(program) : NULL;
	program->file = file;
	program->file_failure.error = 0;
	program->on_trial = trial_seconds > 0;
	program->context->maps.may_renew = true;
	int error = load_in_place(program, program->type->replace, in_force, failure);
	program->context->maps.may_renew = false;
	program->on_trial = false;
	if (error == 0) {
		end_replacing(program, trial_seconds, before, tag, share);
		return 0;
	}
	map_registry_carry_nothing(&program->context->maps);
	program->file = before;
	program->file_failure = gone;
	program_file_free(file);
	return error;
}

int program_take_back(struct program *program, struct failure *failure)
{
	int error = trial_take_back(program, failure);

	if (error != TRIAL_LOADS_AGAIN)
		return error;
	struct program_file *old = program->trial.file;
	program->trial.file = NULL;
	trial_forget(program);
	program->goes_back = true;
	error = program_replace(program, old, 0, failure);
	program->goes_back = false;
	return error;
}
