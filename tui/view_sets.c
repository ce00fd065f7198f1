// SPDX-License-Identifier: BSD-2-Clause
/* Part of the mesh view: the sets that rules name. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "cell.h"
#include "mesh_panel.h"
#include "model/format.h"
#include "model/names.h"

enum {
	SET_NAME,
	SET_KIND,
	SET_ELEMENTS,
	SET_RULES,
	SET_CHANGED,
	SET_ORIGIN,
	SET_STATE,
	SET_SOURCE,
	SET_COLUMNS,
};

static const struct column columns[SET_COLUMNS] = {
	[SET_NAME] = { "SET", COLUMN_TEXT, 16, 0, 9 },
	[SET_KIND] = { "KIND", COLUMN_TEXT, 8, 0, 2 },
	[SET_ELEMENTS] = { "ELEMENTS", COLUMN_NUMBER, 9, 0, 2 },
	[SET_RULES] = { "RULES", COLUMN_NUMBER, 6, 2, 2 },
	[SET_CHANGED] = { "CHANGED", COLUMN_NUMBER, 8, 0, 2 },
	[SET_ORIGIN] = { "ORIGIN", COLUMN_TEXT, 8, 1, 2 },
	[SET_STATE] = { "STATE", COLUMN_TEXT, 11, 0, 4 },
	[SET_SOURCE] = { "SOURCE", COLUMN_TEXT, 10, 0, 255 },
};

static uint32_t count(const struct snapshot *snapshot)
{
	return snapshot->mesh.n_sets;
}

static void key_of(const struct snapshot *snapshot, uint32_t row, char key[TABLE_KEY_LEN])
{
	snprintf(key, TABLE_KEY_LEN, "%s", snapshot->mesh.sets[row].name);
}

/* Returns the number of rules that name a set, "from @neighbours". */
static uint32_t count_rules(const struct snapshot_mesh *mesh, const char *name)
{
	size_t length = strlen(name);
	uint32_t n = 0;

	for (uint32_t i = 0; i < mesh->n_rules; i++)
		for (const char *at = mesh->rules[i].key; (at = strchr(at, '@')) != NULL;) {
			at++;
			if (strncmp(at, name, length) == 0 && strchr(" ", at[length]) != NULL) {
				n++;
				break;
			}
		}
	return n;
}

static void age_cell(double age, struct cell *cell)
{
	char text[FORMAT_LEN];

	cell->value = -age; /* the latest first */
	snprintf(cell->text, sizeof(cell->text), "%s",
		isnan(age) ? "-" : format_ns(text, age > 0 ? age * 1e9 : 0));
}

static void state_cell(const struct snapshot_mesh_set *set, double now, struct cell *cell)
{
	char text[FORMAT_LEN];

	if (isnan(set->stale_since)) {
		snprintf(cell->text, sizeof(cell->text), "current");
		return;
	}
	cell->style = STYLE_WARN;
	snprintf(cell->text, sizeof(cell->text), "stale %s",
		format_ns(text, now > set->stale_since ? (now - set->stale_since) * 1e9 : 0));
}

/* Where room is short, the folders of a file go, which those of several sets have in common. */
static void source_cell(const struct snapshot_mesh_set *set, struct cell *cell)
{
	const char *slash = strrchr(set->source, '/');

	snprintf(cell->text, sizeof(cell->text), "%s", set->source);
	if (slash != NULL && slash[1] != '\0')
		snprintf(cell->brief, sizeof(cell->brief), "%.60s", slash + 1);
}

static const char *name_of(const char *const *names, uint32_t value, uint32_t n)
{
	return value < n ? names[value] : "?";
}

static void fill(const struct snapshot *snapshot, uint32_t row, int column, struct cell *cell)
{
	const struct snapshot_mesh_set *set = &snapshot->mesh.sets[row];
	const char *text = "";

	if (column == SET_NAME)
		text = set->name;
	else if (column == SET_KIND)
		text = name_of(mesh_set_kind_names, set->kind, MESH_SET_KINDS);
	else if (column == SET_ORIGIN)
		text = name_of(mesh_origin_names, set->origin, MESH_ORIGINS);
	else if (column == SET_SOURCE)
		return source_cell(set, cell);
	else if (column == SET_ELEMENTS)
		return cell_count(cell, set->elements);
	else if (column == SET_RULES)
		return cell_count(cell, count_rules(&snapshot->mesh, set->name));
	else if (column == SET_CHANGED)
		return age_cell(snapshot->time - set->changed, cell);
	else
		return state_cell(set, snapshot->time, cell);
	snprintf(cell->text, sizeof(cell->text), "%s", text);
}

static const struct table_type set_table = {
	.columns = columns,
	.n_columns = SET_COLUMNS,
	.sort = SORT_NONE,
	.empty = "No sets. x0top sets load NAME FILE makes one.",
	.count = count,
	.key = key_of,
	.cell = fill,
};

static void details(const struct snapshot *snapshot, uint32_t row, struct details *d)
{
	const struct snapshot_mesh_set *set = &snapshot->mesh.sets[row];
	char text[FORMAT_LEN];

	snprintf(d->title, sizeof(d->title), "@%s", set->name);
	details_add(d, STYLE_TEXT, "Elements", "%u %s", set->elements,
		name_of(mesh_set_kind_names, set->kind, MESH_SET_KINDS));
	if (set->kind == MESH_SET_NODES)
		details_add(d, STYLE_TEXT, "Addresses", "%u, at which its nodes are now",
			set->addresses);
	details_add(d, STYLE_TEXT, "Source", "%s%s%s",
		name_of(mesh_origin_names, set->origin, MESH_ORIGINS),
		set->source[0] != '\0' ? ": " : "", set->source);
	details_add(d, STYLE_TEXT, "Changed", "%s", format_date(text, set->changed));
	if (!isnan(set->stale_since))
		details_add(d, STYLE_WARN, "Stale", "its source is gone since %s: it is as it was",
			format_date(text, set->stale_since));
	details_add(d, STYLE_TEXT, "Elements of it", "x0top sets show %s", set->name);
}

static void draw(struct ui *ui, struct area area)
{
	area = mesh_draw_head(ui, area);
	ui_draw_with_details(ui, area, ui_list_lines(area.height));
}

const struct view view_sets = {
	.name = "Sets",
	.part_of = VIEW_MESH,
	.table = &set_table,
	.enforcer = &program_xdp_mesh_filter,
	.draw = draw,
	.details = details,
};
