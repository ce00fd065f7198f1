// SPDX-License-Identifier: BSD-2-Clause
#include "programs/program_file.h"

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mix.h"
#include "base/words.h"
#include "kernel/keeper.h"
#include "kernel/object.h"
#include "kernel/object_verify.h"
#include "kernel/pins.h"
#include "programs/program.h"

/* Names the file as every x0top will find it. */
static int take_path(struct program_file *file, const char *path, struct failure *failure)
{
	char whole[PATH_MAX];

	if (realpath(path, whole) == NULL)
		return failure_set(
			failure, -errno, "Cannot open the object %s: %s", path, strerror(errno));
	if (strlen(whole) >= sizeof(file->path) || !words_printable(whole) ||
		strchr(whole, ' ') != NULL) {
		failure_set(failure, -EINVAL, "The path of %.100s cannot be kept", path);
		return failure_remedy(failure,
			"Name a file whose whole path has fewer than %d characters, and no spaces",
			PROGRAM_PATH_LEN);
	}
	snprintf(file->path, sizeof(file->path), "%s", whole);
	return 0;
}

static bool has_function(const struct object_report *report, const char *name)
{
	for (uint32_t i = 0; i < report->n_functions; i++)
		if (strcmp(report->functions[i].name, name) == 0)
			return true;
	return false;
}

/* Checks that each program of the built-in object is in the file's, too. */
static int check_programs(const struct program_file *file, const char *name,
	struct object_report reports[2], struct failure *failure)
{
	const uint8_t *data;
	size_t size;
	int error = object_built_in_bytes(name, &data, &size, failure);

	if (error == 0)
		error = object_verify(data, size, name, &reports[0], failure);
	if (error == 0)
		error = object_verify(file->data, file->size, file->path, &reports[1], failure);
	for (uint32_t i = 0; error == 0 && i < reports[0].n_functions; i++) {
		const struct verified_function *function = &reports[0].functions[i];
		if (strcmp(function->section, ".text") == 0 ||
			has_function(&reports[1], function->name))
			continue;
		failure_set(failure, -EBADMSG,
			"%s cannot take the place of %s: it lacks the program %s", file->path, name,
			function->name);
		error = failure_remedy(
			failure, "Name an object that was built from %s.bpf.c", name);
	}
	return error;
}

static int check(const struct program_file *file, const char *name, struct failure *failure)
{
	struct object_report *reports = calloc(2, sizeof(*reports));

	if (reports == NULL)
		return failure_set(failure, -ENOMEM, "Not enough memory to verify %s", file->path);
	int error = check_programs(file, name, reports, failure);
	free(reports);
	if (error < 0)
		return error;
	error = object_verify_load(file->data, file->size, file->path, failure);
	/* One that has given up its rights starts no process to try it in; the file is root's. */
	return error == -EPERM ? 0 : error;
}

int program_file_open(const char *path, struct program_file **file, struct failure *failure)
{
	struct program_file *opened = calloc(1, sizeof(*opened));

	if (opened == NULL)
		return failure_set(failure, -ENOMEM, "Not enough memory to read %s", path);
	int error = take_path(opened, path, failure);
	if (error < 0)
		program_file_free(opened);
	else
		*file = opened;
	return error;
}

static int read_trusted(const char *path, struct program_file **file, struct failure *failure)
{
	int error = program_file_open(path, file, failure);

	if (error == 0)
		error = object_read_trusted((*file)->path, &(*file)->data, &(*file)->size, failure);
	if (error == 0)
		(*file)->hash = mix_bytes(MIX_BEGIN, (*file)->data, (*file)->size);
	return error;
}

int program_file_read(
	const char *path, const char *name, struct program_file **file, struct failure *failure)
{
	struct program_file *read = NULL;
	int error = read_trusted(path, &read, failure);

	if (error == 0)
		error = check(read, name, failure);
	if (error < 0)
		program_file_free(read);
	else
		*file = read;
	return error;
}

int program_file_read_again(const char *path, const char *name, uint64_t hash,
	struct program_file **file, struct failure *failure)
{
	struct program_file *read = NULL;
	int error = read_trusted(path, &read, failure);

	if (error == 0 && read->hash != hash) {
		error = failure_set(
			failure, -ESTALE, "%s has changed since %s was replaced by it", path, name);
		failure_remedy(failure,
			"What is in force stays. Replace it again: x0top programs replace %s FILE",
			name);
	}
	if (error < 0)
		program_file_free(read);
	else
		*file = read;
	return error;
}

void program_file_free(struct program_file *file)
{
	if (file == NULL)
		return;
	free(file->data);
	free(file);
}

bool program_is_noted(const struct program *program)
{
	return program->type->stage != XDP_ROOT || program->type->pin != NULL;
}

int program_prepare_note(struct program *program, struct failure *failure)
{
	struct program_context *context = program->context;
	const bool apart = program->type->pin != NULL;

	if (program->file == NULL || !program_is_noted(program))
		return 0;
	int error = replaced_make(&context->maps, program->type->stage, failure);
	if (error < 0 || !(apart ? context->classes_pinned : context->pinned) ||
		context->pins->folder < 0)
		return error;
	error = map_registry_pin(&context->maps, context->pins->folder,
		apart ? MAP_PINNED_WITH_CLASSES : MAP_PINNED_WITH_CHAIN);
	return error == 0 ? 0
			  : failure_set(failure, error, "Cannot pin which file %s is from: %s",
				    program->type->name, keeper_strerror(error));
}

int program_note_file(const struct program *program, struct failure *failure)
{
	const struct program_file *file = program->file;
	const struct map_registry *maps = &program->context->maps;
	struct replaced replaced = { 0 };

	if (!program_is_noted(program))
		return 0;
	if (file != NULL) {
		snprintf(replaced.path, sizeof(replaced.path), "%s", file->path);
		replaced.hash = file->hash;
		memcpy(replaced.tag, program->tag, sizeof(replaced.tag));
	}
	int error = replaced_write(maps, program->type->stage, &replaced);
	return error == 0 ? 0
			  : failure_set(failure, error, "Cannot note which file %s is from: %s",
				    program->type->name, strerror(-error));
}
