// SPDX-License-Identifier: BSD-2-Clause
/* Replaces a running program by another object's. */
#include <errno.h>
#include <string.h>

#include "kernel/object.h"
#include "programs/program.h"

/* Opens the object in force, to compare maps with; NULL if it cannot be opened any more. */
static struct bpf_object *open_in_force(const struct program *program)
{
	struct bpf_object *object = NULL;
	struct failure ignored;

	return program_open_object(program, &object, &ignored) < 0 ? NULL : object;
}

/* A trial looks at packets that do not pass. */
static int may_be_tried(const struct program *program, struct failure *failure)
{
	if (program->trial.fd >= 0) {
		failure_set(failure, -EBUSY, "%s is on trial already", program->type->name);
		return failure_remedy(failure, "Wait for its end");
	}
	if (program->type->passed != NULL && program->stage_fd >= 0)
		return 0;
	failure_set(failure, -EOPNOTSUPP,
		"%s does not count what it lets pass: there is nothing to see while it is on trial",
		program->type->name);
	return failure_remedy(failure, "Leave out the trial");
}

int program_replace(struct program *program, struct program_file *file, uint32_t trial_seconds,
	struct failure *failure)
{
	struct program_file *before = program->file;
	struct failure gone = program->file_failure;
	uint8_t tag[PROGRAM_TAG_LEN];

	if (program->type->replace == NULL) {
		program_file_free(file);
		return failure_set(failure, -EOPNOTSUPP, "%s cannot be replaced while it runs",
			program->type->name);
	}
	if ((trial_seconds > 0 || program->trial.fd >= 0) && may_be_tried(program, failure) < 0) {
		program_file_free(file);
		return failure->error;
	}
	memcpy(tag, program->tag, sizeof(tag));
	struct bpf_object *in_force = open_in_force(program);
	program->file = file;
	program->file_failure.error = 0;
	program->replaces = in_force;
	program->replacing = true;
	program->on_trial = trial_seconds > 0;
	int error = program->type->replace(program, failure);
	program->replacing = program->on_trial = false;
	program->replaces = program->keeps = NULL;
	bpf_object__close(in_force);
	if (error < 0) {
		program->file = before;
		program->file_failure = gone;
		before = file;
	} else if (trial_seconds > 0) {
		xdp_trial_begin(program, trial_seconds, before, tag);
		return 0;
	}
	program_file_free(before);
	return error;
}
