// SPDX-License-Identifier: BSD-2-Clause
/*
 * Starts programs: opens their objects one after the other, loads them in parallel, and attaches each as
 * soon as it is loaded. The loading threads touch only objects; only the caller's thread changes what
 * programs share.
 */
#include <errno.h>
#include <string.h>

#include "base/clock.h"
#include "base/footprint.h"
#include "kernel/object.h"
#include "kernel/program_info.h"
#include "programs/program.h"

void program_close_object(struct program *program)
{
	bpf_object__close(program->object);
	program->object = NULL;
}

static int open_object(struct program *program, struct failure *failure)
{
	double started = clock_monotonic_seconds();
	int error = program_check_capabilities(program->type, failure);

	if (error == 0)
		error = program->type->open(program, &program->object, failure);
	program->load_ms = (clock_monotonic_seconds() - started) * 1000;
	return error;
}

/* --- common maps ----------------------------------------------------------------------------- */

/* Returns whether one of the programs has a map of this name. */
static bool any_has_map(struct program *const programs[], uint32_t n, const char *name)
{
	for (uint32_t i = 0; i < n; i++)
		if (bpf_object__find_map_by_name(programs[i]->object, name) != NULL)
			return true;
	return false;
}

/* Returns whether the map is shared, does not exist yet, and the first program and another have it. */
static bool is_common(struct program *const programs[], uint32_t n, const struct bpf_map *map)
{
	const char *name = bpf_map__name(map);

	return map_registry_lacks(&programs[0]->context->maps, name) &&
	       any_has_map(&programs[1], n - 1, name);
}

static bool has_common(struct program *const programs[], uint32_t n)
{
	struct bpf_map *map;

	bpf_object__for_each_map (map, programs[0]->object)
		if (is_common(programs, n, map))
			return true;
	return false;
}

/* Creates the maps common to the first program and another, with a copy of its object. */
static int create_common(struct program *const programs[], uint32_t n)
{
	struct program_context *context = programs[0]->context;
	const char *name = programs[0]->type->name;
	struct bpf_object *copy;
	struct bpf_program *program;
	struct bpf_map *map;
	struct failure ignored; /* loading the object itself reports it again */
	int error = object_open(name, context->settings->objects, &copy, &ignored);

	if (error < 0)
		return error;
	bpf_object__for_each_program (program, copy)
		bpf_program__set_autoload(program, false);
	error = map_registry_share(&context->maps, copy, &ignored);
	bpf_object__for_each_map (map, copy)
		bpf_map__set_autocreate(map, is_common(programs, n, map));
	if (error == 0)
		error = object_load(copy, name, &ignored);
	if (error == 0)
		error = map_registry_keep(&context->maps, copy);
	bpf_object__close(copy);
	return error;
}

static int create_all_common(struct program *const programs[], uint32_t n)
{
	int error = 0;

	for (uint32_t i = 0; i + 1 < n && error == 0; i++)
		if (has_common(&programs[i], n - i))
			error = create_common(&programs[i], n - i);
	return error;
}

/* --- loading --------------------------------------------------------------------------------- */

/* Keeps the tag of the first program that was loaded: they change together. */
static void read_tag(struct program *program)
{
	struct bpf_program *first;
	struct bpf_prog_info info;

	bpf_object__for_each_program (first, program->object)
		if (bpf_program__fd(first) >= 0 &&
			program_info_read(bpf_program__fd(first), &info) == 0) {
			memcpy(program->tag, info.tag, sizeof(program->tag));
			return;
		}
}

/* Keeps the maps of a loaded object, and its figures. */
static void keep(struct program *program, double ms)
{
	int error = map_registry_keep(&program->context->maps, program->object);

	program->load_ms += ms;
	program->map_bytes = object_map_bytes(program->object);
	program->verified_instructions = object_verified_instructions(program->object);
	read_tag(program);
	if (error < 0)
		failure_set(&program->failure, error, "The maps of %s cannot be kept: %s",
			program->type->name, strerror(-error));
}

static void keep_loaded(const struct object_load *load)
{
	if (load->failure->error == 0)
		keep(load->owner, load->ms);
}

static void attach(struct program *program)
{
	if (program->failure.error == 0)
		program->type->start(program, &program->failure);
	program_close_object(program);
	program->running = program->failure.error == 0;
	if (program->running) {
		program_carry(program);
		return;
	}
	map_registry_carry_nothing(&program->context->maps);
	program->status = PROGRAM_FAILED;
}

/* Attaches while the kernel verifies others: attaching mostly waits. */
static void attach_loaded(const struct object_load *load)
{
	keep_loaded(load);
	attach(load->owner);
}

/* Loads opened objects with the existing shared maps. */
static void load_together(struct program *const programs[], uint32_t n, object_loaded loaded)
{
	struct object_load loads[PROGRAMS_MAX];
	uint32_t n_loads = 0;

	for (uint32_t i = 0; i < n; i++) {
		struct program *program = programs[i];
		struct map_registry *maps = &program->context->maps;
		loads[n_loads] = (struct object_load) {
			.object = program->object,
			.name = program->type->name,
			.owner = program,
			.failure = &program->failure,
		};
		if (map_registry_share(maps, program->object, &program->failure) < 0)
			loaded(&loads[n_loads]);
		else
			n_loads++;
	}
	objects_load(loads, n_loads, loaded);
}

/* Loads in parallel, or one by one if the common maps cannot be created first. */
static void load(struct program *const programs[], uint32_t n, object_loaded loaded)
{
	uint32_t step = create_all_common(programs, n) == 0 ? n : 1;

	for (uint32_t i = 0; i < n; i += step)
		load_together(&programs[i], step, loaded);
}

int program_load(struct program *program, struct failure *failure)
{
	int error = open_object(program, failure);
	struct failure kept = program->failure; /* stays on the program's line */

	if (error < 0 || program->object == NULL)
		return error;
	error = map_registry_fits(&program->context->maps, program->type->name, program->object,
		program->replaces, failure);
	if (error == 0 && program->keeps != NULL)
		error = map_registry_keep_own(&program->context->maps, program->type->name,
			program->object, program->keeps, program->replaces, program->type->own,
			false, failure);
	if (error < 0) {
		program_close_object(program);
		return error;
	}
	program->failure.error = 0;
	load(&program, 1, keep_loaded);
	error = program->failure.error;
	if (error < 0)
		*failure = program->failure;
	program->failure = kept;
	if (error < 0)
		program_close_object(program);
	return error;
}

/* --- starting -------------------------------------------------------------------------------- */

void programs_start(struct program *const programs[], uint32_t n)
{
	struct program *opened[PROGRAMS_MAX] = { NULL };
	uint32_t n_opened = 0;

	for (uint32_t i = 0; i < n; i++) {
		struct program *program = programs[i];
		if (program->running)
			continue;
		program->asked = true;
		program->timed_runs = program->run_ns = 0;
		program->failure.error = 0;
		open_object(program, &program->failure);
		if (program->object != NULL)
			opened[n_opened++] = program;
		else
			attach(program);
	}
	load(opened, n_opened, attach_loaded);
	footprint_release();
}

int program_start(struct program *program, struct failure *failure)
{
	programs_start(&program, 1);
	if (program->running)
		return 0;
	*failure = program->failure;
	return failure->error;
}
