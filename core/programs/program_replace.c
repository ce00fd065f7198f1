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

int program_replace(struct program *program, struct program_file *file, struct failure *failure)
{
	struct program_file *before = program->file;
	struct failure gone = program->file_failure;

	if (program->type->replace == NULL) {
		program_file_free(file);
		return failure_set(failure, -EOPNOTSUPP, "%s cannot be replaced while it runs",
			program->type->name);
	}
	struct bpf_object *in_force = open_in_force(program);
	program->file = file;
	program->file_failure.error = 0;
	program->replaces = in_force;
	program->replacing = true;
	int error = program->type->replace(program, failure);
	program->replacing = false;
	program->replaces = program->keeps = NULL;
	bpf_object__close(in_force);
	if (error < 0) {
		program->file = before;
		program->file_failure = gone;
		before = file;
	}
	program_file_free(before);
	return error;
}
