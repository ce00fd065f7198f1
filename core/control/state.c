// SPDX-License-Identifier: BSD-2-Clause
#include "control/state.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct program *orchestrator_find(struct orchestrator *o, const char *name)
{
	for (uint32_t i = 0; i < o->n_programs; i++)
		if (strcmp(o->programs[i].type->name, name) == 0)
			return &o->programs[i];
	return NULL;
}

struct program *orchestrator_owner(struct orchestrator *o, const struct verb *verb)
{
	for (uint32_t i = 0; i < o->n_programs; i++)
		for (const struct verb *own = o->programs[i].type->verbs;
			own != NULL && own->object != NULL; own++)
			if (own == verb)
				return &o->programs[i];
	return NULL;
}

/* Returns whether the operator named the program. */
static bool is_listed(const struct settings *settings, const struct program_type *type)
{
	for (uint32_t i = 0; i < settings->n_only; i++)
		if (strcmp(settings->only[i], type->name) == 0)
			return true;
	return false;
}

static bool is_asked(const struct settings *settings, const struct program_type *type, bool named)
{
	if (named)
		return true;
	if (type->wanted != NULL && !type->wanted(settings))
		return false;
	if (settings->n_only > 0)
		return is_listed(settings, type);
	return type->stage == XDP_ROOT || settings->xdp_mode != XDP_WANT_OFF;
}

static int add_program(struct orchestrator *o, const struct program_type *type, bool named)
{
	struct program *program = &o->programs[o->n_programs];

	*program = (struct program) {
		.type = type,
		.context = &o->context,
		.stage_fd = -1,
		.trial = { .stage_fd = -1 },
		.asked = is_asked(&o->settings, type, named),
		.named = named || is_listed(&o->settings, type),
		.status = PROGRAM_OFF,
		.state = calloc(1, type->state_size + 1),
	};
	if (program->state == NULL)
		return -ENOMEM;
	map_registry_declare(&o->context.maps, type->maps);
	o->context.programs = o->programs;
	o->context.n_programs = ++o->n_programs;
	return 0;
}

static int list_plugins(struct orchestrator *o)
{
	const struct plugin *plugin;
	int error = 0;

	o->plugins = plugins_read(&o->settings);
	if (o->plugins == NULL)
		return -ENOMEM;
	for (uint32_t i = 0; (plugin = plugins_at(o->plugins, i)) != NULL && error == 0; i++)
		error = add_program(o, &plugin->type, plugin->named);
	chain_set_order(&o->context.chain, plugins_order(o->plugins));
	if (plugins_place_failure(o->plugins) != NULL)
		event_log_add(&o->context.log, 0, EVENT_KIND_PROGRAM, "%.120s",
			plugins_place_failure(o->plugins)->what);
	if (plugins_failure(o->plugins) != NULL)
		event_log_add(&o->context.log, 0, EVENT_KIND_PROGRAM, "no plugins: %.120s",
			plugins_failure(o->plugins)->what);
	return error;
}

int orchestrator_list_programs(struct orchestrator *o)
{
	int error = 0;

	for (uint32_t i = 0; program_types[i] != NULL && error == 0; i++)
		error = add_program(o, program_types[i], false);
	return error == 0 ? list_plugins(o) : error;
}

void orchestrator_free_programs(struct orchestrator *o)
{
	for (uint32_t i = 0; i < o->n_programs; i++) {
		free(o->programs[i].state);
		program_file_free(o->programs[i].file);
	}
	o->n_programs = o->context.n_programs = 0;
	plugins_free(o->plugins);
	o->plugins = NULL;
}
