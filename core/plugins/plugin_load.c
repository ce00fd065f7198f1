// SPDX-License-Identifier: BSD-2-Clause
#include "plugins/plugin_load.h"

#include <errno.h>
#include <linux/pkt_cls.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/object.h"
#include "kernel/program_wrap.h"
#include "plugins/plugin_maps.h"
#include "plugins/plugin_tc.h"
#include "plugins/refusal.h"

#define LOG_BYTES	  (64U << 10)
#define PLUGIN_COUNTS_MAP "plugin_counts"

/* The object and the program that wrap the programs of a hook. */
static const struct wrapper {
	const char *object, *program;
} wrappers[PLUGIN_HOOKS] = {
	[PLUGIN_XDP] = { "xdp_plugin", "xdp_plugin" },
	[PLUGIN_TC] = { "run_plugin", "tc_plugin" },
	[PLUGIN_TRACE] = { "run_plugin", "trace_plugin" },
};

/* --- the plugin's object --------------------------------------------------------------------- */

/* The bytes of an object, neither owned. */
struct source {
	const char *path;
	const uint8_t *data;
	size_t size;
};

static struct source source_of(const struct plugin *plugin)
{
	return (struct source) { plugin->path, plugin->data, plugin->size };
}

const struct shared_map plugin_moved[] = {
	{ .name = EACH_MAP, .moved = true },
	{ .name = NULL },
};

/* What is taken back has what it had before: what another one has added is left behind. */
static const struct shared_map moved_back[] = {
	{ .name = EACH_MAP, .moved = true, .shrinks = true },
	{ .name = NULL },
};

/* Of one that goes on with maps of `kept`, a loaded object of the plugin, or NULL, `back` to what it was before. */
static int load_object(const struct plugin *plugin, const struct source *source,
	const struct plugin_loaded *kept, bool back, struct bpf_object **object,
	struct failure *failure)
{
	static const struct map_registry none;
	int error = object_open_bytes(
		plugin->name, source->path, source->data, source->size, object, failure);

	if (error < 0)
		return error;
	if (kept != NULL &&
		(error = map_registry_keep_own(&none, plugin->name, *object, kept->object,
			 kept->declared, back ? moved_back : plugin_moved, true, failure)) < 0) {
		bpf_object__close(*object);
		*object = NULL;
		return error;
	}
	error = program_wrap_prepare(*object);
	if (error < 0)
		failure_set(failure, error, "Cannot use the types of %s: %s", plugin->name,
			strerror(-error));
	else if ((error = object_load(*object, plugin->name, failure)) < 0)
		refusal_explain(plugin->name, failure);
	if (error < 0) {
		bpf_object__close(*object);
		*object = NULL;
	}
	return error;
}

/* --- wrappers -------------------------------------------------------------------------------- */

static int prepare_wrapper(const struct program *program, struct bpf_object *object,
	const struct wrapper *wrapper, struct failure *failure)
{
	uint32_t stage = program->type->stage;
	const bool again = plugin_of(program)->own_behind;
	struct bpf_program *other;

	bpf_object__for_each_program (other, object)
		bpf_program__set_autoload(
			other, strcmp(bpf_program__name(other), wrapper->program) == 0);
	if (wrapper != &wrappers[PLUGIN_XDP])
		return 0;
	if (program->context->chain.frags)
		object_take_frags(object);
	int error = program_set_constant(object, "stage", &stage, sizeof(stage), failure);
	if (error == 0)
		error = program_set_constant(object, "read_again", &again, sizeof(again), failure);
	return error < 0 ? error : map_registry_share(&program->context->maps, object, failure);
}

/* Lets a wrapper go on with the counts of the one before. */
static int keep_counts(struct bpf_object *object, const struct bpf_object *kept)
{
	struct bpf_map *map = bpf_object__find_map_by_name(object, PLUGIN_COUNTS_MAP);

	return map == NULL ? -ENOENT
			   : bpf_map__reuse_fd(map, object_map_fd(kept, PLUGIN_COUNTS_MAP));
}

static int load_wrapper(struct program *program, uint32_t hook, const struct bpf_object *kept,
	struct bpf_object **object, struct failure *failure)
{
	const struct wrapper *wrapper = &wrappers[hook];
	int error =
		object_open(wrapper->object, program->context->settings->objects, object, failure);

	if (error == 0)
		error = prepare_wrapper(program, *object, wrapper, failure);
	if (error == 0 && kept != NULL && (error = keep_counts(*object, kept)) < 0)
		failure_set(failure, error, "The counts of %s cannot be kept: %s",
			program->type->name, strerror(-error));
	if (error == 0)
		error = object_load(*object, wrapper->object, failure);
	if (error == 0 && hook == PLUGIN_XDP &&
		(error = map_registry_keep(&program->context->maps, *object)) < 0)
		failure_set(failure, error, "The maps of %s cannot be kept: %s", wrapper->object,
			strerror(-error));
	return error;
}

/* --- wrapping -------------------------------------------------------------------------------- */

static bool passes_all(const struct plugin *plugin, const struct plugin_loaded *loaded,
	const struct bpf_program *program, uint32_t hook)
{
	static const int xdp[] = { XDP_PASS };
	static const int tc[] = { TC_ACT_OK, TC_ACT_UNSPEC, TC_ACT_PIPE };

	if (hook == PLUGIN_TRACE)
		return true;
	return program_returns_only(program, loaded->object, plugin->license,
		hook == PLUGIN_XDP ? xdp : tc,
		hook == PLUGIN_XDP ? sizeof(xdp) / sizeof(xdp[0]) : sizeof(tc) / sizeof(tc[0]));
}

static int wrap_one(const struct plugin *plugin, const struct plugin_loaded *loaded,
	struct bpf_program *program, uint32_t hook, struct failure *failure)
{
	const struct bpf_program *wrapper =
		bpf_object__find_program_by_name(loaded->wrappers[hook], wrappers[hook].program);
	char name[16], *log = malloc(LOG_BYTES);
	const struct program_wrapping wrapping = {
		.object = loaded->object,
		.wrapper = wrapper,
		.license = plugin->license,
		.name = name,
		.flags = bpf_program__flags(wrapper),
	};

	if (log == NULL || wrapper == NULL) {
		free(log);
		return failure_set(failure, -ENOMEM, "Not enough memory to load %s", plugin->name);
	}
	snprintf(name, sizeof(name), "%s%.11s", hook == PLUGIN_TC ? "" : PLUGIN_KERNEL_NAME,
		hook == PLUGIN_TC ? PLUGIN_TC_NAME : bpf_program__name(program));
	int error = program_wrap(program, &wrapping, log, LOG_BYTES);
	if (error < 0) {
		failure_set(failure, error, "Cannot load %s: %s", plugin->name, strerror(-error));
		failure_cause(failure, "%s", log);
		refusal_explain(plugin->name, failure);
	}
	free(log);
	return error;
}

static int wrap(struct program *program, const struct plugin_loaded *kept,
	struct plugin_loaded *loaded, struct failure *failure)
{
	const struct plugin *plugin = plugin_of(program);
	struct bpf_program *each;
	int error = 0;

	loaded->passes = true;

	bpf_object__for_each_program (each, loaded->object) {
		const struct plugin_section *section =
			plugin_section(bpf_program__section_name(each));
		if (section == NULL || !bpf_program__autoload(each))
			continue;
		if (loaded->wrappers[section->hook] == NULL)
			error = load_wrapper(program, section->hook,
				kept == NULL ? NULL : kept->wrappers[section->hook],
				&loaded->wrappers[section->hook], failure);
		if (error < 0)
			return error;
		loaded->passes = loaded->passes && passes_all(plugin, loaded, each, section->hook);
		error = wrap_one(plugin, loaded, each, section->hook, failure);
		if (error < 0)
			return error;
	}
	return 0;
}

int plugin_load(struct program *program, const struct plugin_loaded *kept,
	struct plugin_loaded *loaded, struct failure *failure)
{
	const struct program_file *file = program->file;
	struct source source = source_of(plugin_of(program));

	*loaded = (struct plugin_loaded) { 0 };
	if (file != NULL)
		source = (struct source) { file->path, file->data, file->size };
	int error = load_object(plugin_of(program), &source, kept,
		file == NULL || program->goes_back, &loaded->object, failure);

	if (error == 0)
		error = object_open_bytes(plugin_of(program)->name, source.path, source.data,
			source.size, &loaded->declared, failure);
	if (error == 0)
		error = wrap(program, kept, loaded, failure);
	if (error < 0)
		plugin_unload(loaded);
	return error;
}

int plugin_try(const struct plugin *plugin, bool *passes, struct failure *failure)
{
	struct plugin_loaded loaded = { 0 };
	struct plugin_maps maps = { 0 };
	struct bpf_program *each;
	const struct source source = source_of(plugin);
	int error = load_object(plugin, &source, NULL, false, &loaded.object, failure);

	*passes = true;
	if (error < 0)
		return error;
	bpf_object__for_each_program (each, loaded.object) {
		const struct plugin_section *section =
			plugin_section(bpf_program__section_name(each));
		if (section != NULL && bpf_program__autoload(each))
			*passes = *passes && passes_all(plugin, &loaded, each, section->hook);
	}
	error = plugin_maps_open(&maps, loaded.object, plugin->name);
	if (error < 0)
		failure_set(failure, error, "Cannot read the maps of %s: %s", plugin->name,
			strerror(-error));
	plugin_maps_close(&maps);
	plugin_unload(&loaded);
	return error;
}

void plugin_unload(struct plugin_loaded *loaded)
{
	for (uint32_t hook = 0; hook < PLUGIN_HOOKS; hook++)
		bpf_object__close(loaded->wrappers[hook]);
	bpf_object__close(loaded->object);
	bpf_object__close(loaded->declared);
	*loaded = (struct plugin_loaded) { 0 };
}

void plugin_counts(const struct program_context *context, const struct plugin_loaded *loaded,
	struct plugin_counts *counts)
{
	memset(counts, 0, sizeof(*counts));
	for (uint32_t hook = 0; hook < PLUGIN_HOOKS; hook++) {
		struct plugin_counts one;
		uint32_t zero = 0;
		if (loaded->wrappers[hook] == NULL)
			continue;
		percpu_sum(&context->percpu,
			object_map_fd(loaded->wrappers[hook], PLUGIN_COUNTS_MAP), &zero, &one,
			sizeof(one));
		counts->runs.runs += one.runs.runs;
		counts->runs.timed_runs += one.runs.timed_runs;
		counts->runs.timed_ns += one.runs.timed_ns;
		for (uint32_t i = 0; i < PLUGIN_VERDICTS; i++)
			counts->verdicts[i] += one.verdicts[i];
	}
}
