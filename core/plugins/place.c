// SPDX-License-Identifier: BSD-2-Clause
#include "plugins/place.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/words.h"
#include "plugins/show_tags.h"
#include "programs/programs.h"
#include "programs/settings_place.h"

/* --- tags ------------------------------------------------------------------------------------- */

/* Returns whether a type is the function of an XDP program. */
static bool is_xdp_function(const struct btf *btf, uint32_t id, const struct bpf_object *object)
{
	const struct btf_type *type = btf__type_by_id(btf, id);
	const char *name =
		type != NULL && btf_is_func(type) ? btf__name_by_offset(btf, type->name_off) : NULL;
	const struct bpf_program *program =
		name == NULL ? NULL : bpf_object__find_program_by_name(object, name);

	return program != NULL && bpf_program__type(program) == BPF_PROG_TYPE_XDP;
}

static int take_tags(struct plugin *plugin, const struct show_tags *tags, struct failure *failure)
{
	struct settings_place *place = &plugin->place;
	const bool before = tags->before[0] != '\0', after = tags->after[0] != '\0';

	if (tags->unknown[0] != '\0')
		return failure_set(failure, -EBADMSG,
			"The tag x0:%s of the XDP program of %s is not known", tags->unknown,
			plugin->name);
	if (before && after)
		return failure_set(failure, -EBADMSG,
			"The tags of the XDP program of %s name two places in the chain",
			plugin->name);
	if (before || after) {
		place->where = before ? PLACE_BEFORE : PLACE_AFTER;
		snprintf(place->stage, sizeof(place->stage), "%s",
			before ? tags->before : tags->after);
		words_make_printable(place->stage);
	}
	return 0;
}

int place_read(struct plugin *plugin, const struct bpf_object *object, struct failure *failure)
{
	struct show_tag_list *list = malloc(sizeof(*list));
	struct show_tags tags = { 0 };

	if (list == NULL)
		return failure_set(failure, -ENOMEM, "Not enough memory to read %s", plugin->name);
	show_tags_find(list, bpf_object__btf(object));
	for (uint32_t i = 0; i < list->n; i++)
		if (list->tags[i].member == -1 &&
			is_xdp_function(list->btf, list->tags[i].type, object)) {
			show_tags_read(list, list->tags[i].type, -1, &tags);
			break;
		}
	free(list);
	return take_tags(plugin, &tags, failure);
}

/* --- what the settings say -------------------------------------------------------------------- */

static bool is_stage(const struct plugin *plugin)
{
	return plugin->hooks & 1U << PLUGIN_XDP;
}

static struct plugin *find(struct plugin *plugins, uint32_t n, const char *name)
{
	for (uint32_t i = 0; i < n; i++)
		if (strcmp(plugins[i].name, name) == 0)
			return &plugins[i];
	return NULL;
}

static void take_settings(struct plugin *plugins, uint32_t n, const struct settings *settings,
	struct failure *failure)
{
	failure->error = 0;
	for (uint32_t i = 0; i < settings->n_places; i++) {
		const struct settings_place *place = &settings->places[i];
		struct plugin *plugin = find(plugins, n, place->plugin);
		if (plugin != NULL)
			plugin->place = *place;
		if (plugin == NULL || (plugin->refused.error == 0 && !is_stage(plugin)))
			failure_set(failure, -ENOENT,
				"%s has a place in the XDP chain, and no plugin of that name is a stage",
				place->plugin);
	}
}

/* --- order ------------------------------------------------------------------------------------ */

struct line {
	uint32_t n;
	uint8_t stages[XDP_STAGES_MAX];
};

static const char *name_of(const struct plugin *plugins, uint32_t n, uint32_t stage)
{
	for (uint32_t i = 0; program_types[i] != NULL; i++)
		if (program_types[i]->stage == stage)
			return program_types[i]->name;
	for (uint32_t i = 0; i < n; i++)
		if (plugins[i].type.stage == stage)
			return plugins[i].name;
	return "";
}

static void insert(struct line *line, uint32_t at, uint32_t stage)
{
	memmove(line->stages + at + 1, line->stages + at, line->n - at);
	line->stages[at] = (uint8_t)stage;
	line->n++;
}

/* Returns where a stage of that name stands; line->n: it does not. */
static uint32_t find_stage(
	const struct line *line, const struct plugin *plugins, uint32_t n, const char *name)
{
	uint32_t at = 1; /* behind the root */

	while (at < line->n && strcmp(name_of(plugins, n, line->stages[at]), name) != 0)
		at++;
	return at;
}

/* Of several that are to stand behind a stage, the first is the next to it. */
static uint32_t behind(const struct line *line, struct plugin *plugins, uint32_t n, uint32_t at)
{
	const char *name = name_of(plugins, n, line->stages[at]);

	for (at++; at < line->n; at++) {
		const struct plugin *other =
			find(plugins, n, name_of(plugins, n, line->stages[at]));
		if (other == NULL || other->place.where != PLACE_AFTER ||
			strcmp(other->place.stage, name) != 0)
			break;
	}
	return at;
}

static void refuse(struct plugin *plugin, const char *why)
{
	plugin->hooks = 0;
	plugin->type.stage = XDP_ROOT;
	failure_set(&plugin->refused, -EINVAL, "%s is to stand %s %s in the XDP chain%s",
		plugin->name, place_names[plugin->place.where], plugin->place.stage, why);
	failure_remedy(&plugin->refused, "Name another place: --plugin-place \"%s after STAGE\"",
		plugin->name);
}

/* Puts a plugin where it is to stand. Returns whether it is settled: that stage may not stand yet. */
static bool settle(struct line *line, struct plugin *plugins, uint32_t n, struct plugin *plugin)
{
	const struct settings_place *place = &plugin->place;
	const struct plugin *other = find(plugins, n, place->stage);

	/* Another one's fault must not keep it off. */
	if (place->where == PLACE_LAST || (other != NULL && other->refused.error < 0)) {
		insert(line, line->n, plugin->type.stage);
		return true;
	}
	uint32_t at = find_stage(line, plugins, n, place->stage);
	if (at == line->n)
		return false;
	if (place->where == PLACE_BEFORE && line->stages[at] == XDP_COUNTER)
		refuse(plugin, ", and nothing stands before what counts the packets that arrive");
	else
		insert(line, place->where == PLACE_BEFORE ? at : behind(line, plugins, n, at),
			plugin->type.stage);
	return true;
}

static bool is_waiting(const struct plugin *other)
{
	return other != NULL && is_stage(other);
}

/* Those that stand at the end come first: others may stand beside them. */
static void settle_all(struct line *line, struct plugin *plugins, uint32_t n)
{
	bool settled[PLUGINS_MAX] = { false }, any = true;

	for (uint32_t i = 0; i < n; i++)
		settled[i] =
			!is_stage(&plugins[i]) || (plugins[i].place.where == PLACE_LAST &&
							  settle(line, plugins, n, &plugins[i]));
	while (any) {
		any = false;
		for (uint32_t i = 0; i < n; i++)
			if (!settled[i])
				any |= settled[i] = settle(line, plugins, n, &plugins[i]);
	}
	for (uint32_t i = 0; i < n; i++)
		if (!settled[i])
			refuse(&plugins[i], is_waiting(find(plugins, n, plugins[i].place.stage))
						    ? ", which waits for its place itself"
						    : ", and there is no such stage");
}

/* The numbers of the stages are those of the list; the chain is linked in the order. */
static void choose_stages(struct plugin *plugins, uint32_t n)
{
	uint32_t stage = XDP_PLUGIN_FIRST;

	for (uint32_t i = 0; i < n; i++) {
		struct plugin *plugin = &plugins[i];
		if (!is_stage(plugin))
			continue;
		if (stage < XDP_STAGES_MAX) {
			plugin->type.stage = stage++;
			continue;
		}
		plugin->hooks = 0;
		failure_set(&plugin->refused, -ENOSPC,
			"There is no room in the XDP chain for more than %d plugins",
			XDP_STAGES_MAX - XDP_PLUGIN_FIRST);
	}
}

/* Notes the neighbours of plugins, and lists all stages. */
static void finish(
	const struct line *line, struct plugin *plugins, uint32_t n, uint8_t order[XDP_STAGES_MAX])
{
	uint32_t at = line->n;
	bool own_behind = false;

	memcpy(order, line->stages, line->n);
	for (uint8_t stage = 0; stage < XDP_STAGES_MAX; stage++)
		if (memchr(line->stages, stage, line->n) == NULL)
			order[at++] = stage;
	for (at = line->n; at-- > 1;) {
		const char *name = name_of(plugins, n, order[at]);
		struct plugin *plugin =
			order[at] < XDP_PLUGIN_FIRST ? NULL : find(plugins, n, name);
		own_behind |= plugin == NULL;
		if (plugin == NULL)
			continue;
		plugin->own_behind = own_behind;
		snprintf(plugin->behind, sizeof(plugin->behind), "%s",
			name_of(plugins, n, order[at - 1]));
	}
}

void place_all(struct plugin *plugins, uint32_t n, const struct settings *settings,
	uint8_t order[XDP_STAGES_MAX], struct failure *failure)
{
	struct line line = { 0 };

	for (uint32_t stage = XDP_ROOT; stage < XDP_PLUGIN_FIRST; stage++)
		insert(&line, line.n, stage);
	take_settings(plugins, n, settings, failure);
	choose_stages(plugins, n);
	settle_all(&line, plugins, n);
	finish(&line, plugins, n, order);
}
