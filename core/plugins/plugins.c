// SPDX-License-Identifier: BSD-2-Clause
#include "plugins/plugins.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plugins/place.h"
#include "plugins/plugin_file.h"
#include "plugins/plugin_load.h"
#include "plugins/plugin_program.h"
#include "plugins/plugin_tc.h"
#include "programs/programs.h"

struct plugins {
	uint32_t n;
	struct plugin list[PLUGINS_MAX];
	uint8_t order[XDP_STAGES_MAX]; /* of the chain, with them */
	struct failure place_failure; /* a place of none of them */
	struct failure failure; /* of the folder */
};

/* Refuses a plugin that nobody could tell from another program. */
static void check_name(const struct plugins *plugins, struct plugin *plugin)
{
	bool taken = program_type_find(plugin->name) != NULL;

	for (uint32_t i = 0; i < plugins->n; i++)
		taken |= strcmp(plugins->list[i].name, plugin->name) == 0;
	if (!taken)
		return;
	/* The row of the failure needs a name of its own, too. */
	snprintf(plugin->name, sizeof(plugin->name), "plugin-%u", plugins->n + 1);
	plugin->hooks = 0;
	failure_set(&plugin->refused, -EEXIST, "The name of %.160s is that of another program",
		plugin->path);
	failure_remedy(&plugin->refused, "Rename the file");
}

/* Makes its type. One that cannot be used says why when it is started. */
static void make_type(struct plugin *plugin)
{
	const uint32_t network = 1U << PLUGIN_XDP | 1U << PLUGIN_TC;

	plugin->type = plugin_type;
	plugin->type.name = plugin->name;
	plugin->type.kind = plugin->kind;
	plugin->type.capabilities =
		plugin->hooks & network ? NETWORK_CAPABILITIES : TRACING_CAPABILITIES;
}

static void add(struct plugins *plugins, const char *path, bool named)
{
	struct plugin *plugin = &plugins->list[plugins->n];

	plugin_read(plugin, path);
	plugin->named = named;
	plugin->number = plugins->n;
	check_name(plugins, plugin);
	make_type(plugin);
	plugins->n++;
}

/* Those of the host's folder are not the lab's, nor those of a command that only adopts. */
static void add_folder(struct plugins *plugins, const struct settings *settings)
{
	char paths[PLUGINS_MAX][SETTINGS_PATH_LEN];
	uint32_t room = PLUGINS_MAX - plugins->n;

	if (settings->lab || settings->adopt_only)
		return;
	int n = plugin_file_list(
		PLUGIN_FOLDER, paths[0], sizeof(paths[0]), room, &plugins->failure);
	for (int i = 0; i < n; i++)
		add(plugins, paths[i], false);
	if (n >= 0)
		plugins->failure.error = 0;
}

struct plugins *plugins_read(const struct settings *settings)
{
	struct plugins *plugins = calloc(1, sizeof(*plugins));

	if (plugins == NULL)
		return NULL;
	for (uint32_t i = 0; i < settings->n_plugins && !settings->adopt_only; i++)
		add(plugins, settings->plugins[i], true);
	add_folder(plugins, settings);
	place_all(plugins->list, plugins->n, settings, plugins->order, &plugins->place_failure);
	return plugins;
}

void plugins_free(struct plugins *plugins)
{
	if (plugins == NULL)
		return;
	for (uint32_t i = 0; i < plugins->n; i++)
		plugin_free(&plugins->list[i]);
	free(plugins);
}

const struct plugin *plugins_at(const struct plugins *plugins, uint32_t number)
{
	return plugins != NULL && number < plugins->n ? &plugins->list[number] : NULL;
}

const struct failure *plugins_failure(const struct plugins *plugins)
{
	return plugins->failure.error < 0 ? &plugins->failure : NULL;
}

const struct failure *plugins_place_failure(const struct plugins *plugins)
{
	return plugins->place_failure.error < 0 ? &plugins->place_failure : NULL;
}

const uint8_t *plugins_order(const struct plugins *plugins)
{
	return plugins->order;
}

int plugins_leftovers(bool remove)
{
	return plugin_tc_leftovers(remove);
}

bool plugins_kernel_name(const char *name)
{
	return strncmp(name, PLUGIN_KERNEL_NAME, strlen(PLUGIN_KERNEL_NAME)) == 0;
}
