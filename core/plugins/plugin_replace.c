// SPDX-License-Identifier: BSD-2-Clause
/* With the same maps, and no packet or event without either. */
#include "plugins/plugin_replace.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/fd.h"
#include "kernel/object.h"
#include "plugins/plugin_file.h"
#include "plugins/plugin_running.h"
#include "plugins/plugin_sign.h"

/* --- reading --------------------------------------------------------------------------------- */

/* Checks a file as the plugin's own was. Its place in the chain stays that of the plugin. */
static int check(const struct plugin *plugin, struct program_file *file, struct failure *failure)
{
	struct plugin other = {
		.kind = "plugin", .data = file->data, .size = file->size, .later = true
	};
	int error = plugin_sign_check(file->path, file->data, file->size, file->signer, failure);

	if (error < 0)
		return error;
	snprintf(other.name, sizeof(other.name), "%s", plugin->name);
	error = plugin_check(&other, failure);
	if (error < 0)
		return error;
	if (other.hooks == plugin->hooks && strcmp(other.license, plugin->license) == 0)
		return 0;
	failure_set(failure, -EBADMSG, "%.180s cannot take the place of %s: it has %s", file->path,
		plugin->name,
		other.hooks != plugin->hooks ? "other kinds of programs" : "another licence");
	return failure_remedy(failure, "Start x0top again with the new file");
}

int plugin_read_file(const struct program *program, const char *path, struct program_file **file,
	struct failure *failure)
{
	struct program_file *read = NULL;
	int error = program_file_open(path, &read, failure);

	if (error == 0)
		error = plugin_file_read(read->path, &read->data, &read->size, failure);
	if (error == 0)
		error = check(plugin_of(program), read, failure);
	if (error < 0)
		program_file_free(read);
	else
		*file = read;
	return error;
}

/* --- replacing ------------------------------------------------------------------------------- */

/* The stage last: it is one update, which hardly fails. */
static int put_in_place(
	struct program *program, const struct plugin_loaded *loaded, struct failure *failure)
{
	struct plugin_running *running = program->state;
	const bool at_tc = plugin_of(program)->hooks & 1U << PLUGIN_TC;
	int error = plugin_trace_replace(program, &running->trace, loaded->object, failure);

	if (error < 0)
		return error;
	if (at_tc)
		error = plugin_tc_replace(program, &running->tc, loaded->object, failure);
	if (error == 0 && program->type->stage != XDP_ROOT) {
		error = plugin_enter_chain(program, loaded->object, failure);
		if (error < 0 && at_tc)
			plugin_tc_put_back(&running->tc, running->loaded.object);
	}
	return error;
}

int plugin_replace(struct program *program, struct failure *failure)
{
	struct plugin_running *running = program->state;
	const double started = clock_monotonic_seconds();
	struct plugin_loaded loaded;
	struct map_moves moves = { 0 };
	int error = plugin_load(program, &running->loaded, &loaded, failure);

	if (error < 0)
		return error;
	const double load_ms = (clock_monotonic_seconds() - started) * 1000;
	error = map_registry_move_own(program->type->name, loaded.object, running->loaded.object,
		plugin_moved, &moves, failure);
	if (error == 0)
		error = put_in_place(program, &loaded, failure);
	if (error < 0) {
		map_moves_close(&moves);
		plugin_trace_put_back(&running->trace);
		plugin_unload(&loaded);
		return error;
	}
	program_settle_moves(program, &moves);
	/* The parts of it that are outside the chain would stay: on trial, all of the old one is loaded again. */
	fd_close(&program->trial.stage_fd);
	plugin_maps_close(&running->maps);
	plugin_unload(&running->loaded);
	running->loaded = loaded;
	plugin_trace_settle(&running->trace, loaded.object);
	plugin_is_proved(program, loaded.passes);
	plugin_maps_open(&running->maps, loaded.object, program->type->name);
	program->load_ms = load_ms;
	program->map_bytes = object_map_bytes(loaded.object);
	program->verified_instructions = object_verified_instructions(loaded.object);
	return 0;
}
