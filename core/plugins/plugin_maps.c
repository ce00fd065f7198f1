// SPDX-License-Identifier: BSD-2-Clause
#include "plugins/plugin_maps.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "plugins/map_kinds.h"
#include "plugins/plugin_events.h"
#include "plugins/plugin_table.h"

enum { VALUE_MOST = 1 << 16 }; /* bytes; of per-CPU maps with those of all CPUs: VALUES_MOST */
enum { VALUES_MOST = 1 << 22 };

/* Seconds that a map, and all maps of a plugin, are read in a sample; each for a batch at least. */
#define BUDGET	     0.02
#define BUDGET_ALL   0.1
#define BUDGET_WHOLE 1.0

struct plugin_map {
	struct bpf_map *map; /* the object's */
	const struct map_kind *kind;
	struct show_tags tags;
	char reason[REASON_LEN]; /* why it is not shown, or not all of it */
	enum plugin_map_form form;
	bool opened; /* somebody has looked: it has memory */
	union {
		struct plugin_table table;
		struct plugin_events events;
	} as; /* by its form */
};

/* --- planning --------------------------------------------------------------------------------- */

static void explain(struct plugin_map *map, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* The first reason is the one that is told. */
static void explain(struct plugin_map *map, const char *format, ...)
{
	va_list arguments;

	if (map->reason[0] != '\0')
		return;
	va_start(arguments, format);
	vsnprintf(map->reason, sizeof(map->reason), format, arguments);
	va_end(arguments);
}

/* What is said of the variable that declares a map, by the name of both. */
static void read_tags(const struct show_tag_list *list, const char *name, struct show_tags *tags)
{
	for (uint32_t i = 0; i < list->n; i++) {
		const struct btf_type *type = btf__type_by_id(list->btf, list->tags[i].type);
		const char *of = type != NULL && btf_is_var(type)
					 ? btf__name_by_offset(list->btf, type->name_off)
					 : NULL;
		if (of == NULL || strcmp(of, name) != 0)
			continue;
		show_tags_read(list, list->tags[i].type, -1, tags);
		return;
	}
}

/* Returns the type of "key" or "value" that the variable which declares a map gives; 0 without one. */
static uint32_t declared_type(const struct btf *btf, const char *map, const char *part)
{
	const int id = btf != NULL ? btf__find_by_name_kind(btf, map, BTF_KIND_VAR) : -1;
	const struct btf_type *type = id > 0 ? btf__type_by_id(btf, (uint32_t)id) : NULL;

	if (type != NULL)
		type = btf__type_by_id(btf, type->type);
	if (type == NULL || !btf_is_struct(type))
		return 0;
	for (uint32_t i = 0; i < btf_vlen(type); i++) {
		const struct btf_member *member = btf_members(type) + i;
		const char *name = btf__name_by_offset(btf, member->name_off);
		const struct btf_type *pointer = btf__type_by_id(btf, member->type);
		if (name != NULL && strcmp(name, part) == 0 && pointer != NULL &&
			btf_is_ptr(pointer))
			return pointer->type;
	}
	return 0;
}

/* A kernel may take no types for a map, an enum as the key of an array for one, and then libbpf forgets them. */
static uint32_t type_of(
	const struct plugin_map *map, const struct btf *btf, const char *part, uint32_t known)
{
	return known != 0 || bpf_map__is_internal(map->map)
		       ? known
		       : declared_type(btf, bpf_map__name(map->map), part);
}

static struct show_plan *plan_of(struct plugin_map *map)
{
	return map->form == PLUGIN_MAP_EVENTS ? &map->as.events.plan : &map->as.table.plan;
}

/* A part without a type in BTF is shown as it is. */
static void add_part(struct plugin_map *map, const struct show_tag_list *list, uint32_t type,
	uint32_t bytes, const char *name, uint32_t role)
{
	const struct show_tags none = { 0 };
	struct show_plan *plan = plan_of(map);

	if (type != 0) {
		show_plan_add(plan, list, type, bytes, name, role,
			role == PLUGIN_KEY ? &none : &map->tags);
		return;
	}
	struct show_column *column = show_plan_append(plan, name, PLUGIN_BYTES, role);
	if (column != NULL) {
		column->n = bytes;
		column->bits = 8;
	}
}

/* An array of counts that is said to be a histogram as a whole. */
static void plan_buckets(struct plugin_map *map)
{
	struct plugin_table *table = &map->as.table;
	struct show_column *column = &table->plan.columns[1];
	const uint32_t size = bpf_map__value_size(map->map);

	if (!map->tags.histogram || map->kind->entries != MAP_INDEXED || table->plan.n < 2 ||
		column->kind != PLUGIN_INTEGER || column->bits != size * 8)
		return;
	const uint32_t n = bpf_map__max_entries(map->map);
	table->buckets = n < PLUGIN_BUCKETS ? n : PLUGIN_BUCKETS;
	table->rank = table->plan;
	table->rank.columns[0] = *column;
	table->rank.n = 1;
	table->plan.columns[0] = *column;
	table->plan.columns[0].kind = PLUGIN_HISTOGRAM;
	table->plan.columns[0].role = PLUGIN_VALUE;
	table->plan.columns[0].n = table->buckets;
	table->plan.n = 1;
	table->plan.sort = PLUGIN_COLUMNS_MAX;
}

static bool is_number(const struct show_column *column)
{
	return column->kind == PLUGIN_INTEGER || column->kind == PLUGIN_SIGNED ||
	       column->kind == PLUGIN_HISTOGRAM;
}

/* Sorts by the column that a tag names, else by the first counter, else by the first number of the value. */
static void plan_sort(struct plugin_map *map)
{
	struct plugin_table *table = &map->as.table;
	struct show_plan *plan = &table->plan;
	table->sorted = PLUGIN_COLUMNS_MAX;
	const bool in_order = map->kind->entries != MAP_KEYED &&
			      bpf_map__max_entries(map->map) <= PLUGIN_ROWS_SHOWN;

	if (table->buckets > 0 || (in_order && plan->sort == PLUGIN_COLUMNS_MAX))
		return;
	for (uint32_t i = 0; i < plan->n && plan->sort == PLUGIN_COLUMNS_MAX; i++)
		if (plan->columns[i].role == PLUGIN_COUNTER)
			plan->sort = i;
	for (uint32_t i = 0; i < plan->n && plan->sort == PLUGIN_COLUMNS_MAX; i++)
		if (plan->columns[i].role != PLUGIN_KEY && is_number(&plan->columns[i]))
			plan->sort = i;
	plugin_table_sort(table, plan->sort, false);
}

static bool is_enum(const struct btf *btf, uint32_t id)
{
	const struct btf_type *type = id != 0 ? btf__type_by_id(btf, id) : NULL;

	return type != NULL && btf_is_any_enum(type);
}

static void plan_table(struct plugin_map *map, const struct show_tag_list *list)
{
	const uint32_t key_size = bpf_map__key_size(map->map);
	const uint32_t key = type_of(map, list->btf, "key", bpf_map__btf_key_type_id(map->map));
	struct plugin_table *table = &map->as.table;

	show_plan_begin(&table->plan);
	show_plan_begin(&table->rank);
	table->btf = list->btf;
	if (map->kind->entries == MAP_INDEXED && is_enum(list->btf, key) && !map->tags.histogram)
		add_part(map, list, key, key_size, "index", PLUGIN_KEY);
	else if (map->kind->entries == MAP_INDEXED && !bpf_map__is_internal(map->map))
		show_plan_append(&table->plan, "index", PLUGIN_INTEGER, PLUGIN_KEY)->bits = 32;
	else if (map->kind->entries == MAP_KEYED)
		add_part(map, list, key, key_size, "key", PLUGIN_KEY);
	add_part(map, list, type_of(map, list->btf, "value", bpf_map__btf_value_type_id(map->map)),
		bpf_map__value_size(map->map), "value", PLUGIN_VALUE);
	plan_buckets(map);
	plan_sort(map);
}

static void plan_events(struct plugin_map *map, const struct show_tag_list *list)
{
	struct plugin_events *events = &map->as.events;
	int type = map->tags.event[0] != '\0' && list->btf != NULL
			   ? btf__find_by_name_kind(list->btf, map->tags.event, BTF_KIND_STRUCT)
			   : 0;

	show_plan_begin(&events->plan);
	events->btf = list->btf;
	show_plan_append(&events->plan, "time", PLUGIN_TIME, PLUGIN_VALUE);
	if (type < 0)
		explain(map, "BTF has no struct %s, which its tag event= names", map->tags.event);
	else if (map->tags.event[0] == '\0')
		explain(map, "BTF does not say what its records are: name their struct by a tag, "
			     "x0:event=STRUCT");
	add_part(map, list, type > 0 ? (uint32_t)type : 0, PLUGIN_EVENT_BYTES, "record",
		PLUGIN_VALUE);
}

static void explain_plan(struct plugin_map *map)
{
	const struct show_plan *plan = plan_of(map);

	const char *unknown = map->tags.unknown[0] != '\0' ? map->tags.unknown : plan->unknown;

	if (unknown[0] != '\0')
		explain(map, "Its tag x0:%s is not known", unknown);
	if (plan->beyond > 0)
		explain(map, "%u members are said to lie beyond the value, and are not shown",
			plan->beyond);
	if (plan->left_out > 0)
		explain(map, "%u members are not shown: of a kind that is not, or there is no room",
			plan->left_out);
}

static bool is_too_large(const struct plugin_map *map, uint32_t cpus)
{
	const uint64_t value = bpf_map__value_size(map->map);

	return value > VALUE_MOST || value * (map->kind->per_cpu ? cpus : 1) > VALUES_MOST;
}

static void plan_map(struct plugin_map *map, const struct show_tag_list *list, uint32_t cpus)
{
	map->kind = map_kind_find(map->map);
	map->form = map->kind->why_not == NULL ? map->kind->form : PLUGIN_MAP_NOT_SHOWN;
	read_tags(list, bpf_map__name(map->map), &map->tags);
	if (map->tags.hidden) {
		map->form = PLUGIN_MAP_NOT_SHOWN;
		explain(map, "Its tag says that it is hidden");
	} else if (map->form == PLUGIN_MAP_NOT_SHOWN) {
		explain(map, "%s", map->kind->why_not);
	} else if (map->form == PLUGIN_MAP_TABLE && is_too_large(map, cpus)) {
		map->form = PLUGIN_MAP_NOT_SHOWN;
		explain(map, "A value has %u bytes: such large ones are not shown",
			bpf_map__value_size(map->map));
	}
	if (map->form == PLUGIN_MAP_TABLE)
		plan_table(map, list);
	else if (map->form == PLUGIN_MAP_EVENTS)
		plan_events(map, list);
	if (map->form != PLUGIN_MAP_NOT_SHOWN)
		explain_plan(map);
	if (map->form == PLUGIN_MAP_TABLE && map->as.table.plan.n == 0) {
		map->form = PLUGIN_MAP_NOT_SHOWN;
		explain(map, "It holds pointers, and what is hidden");
	}
}

int plugin_maps_open(struct plugin_maps *maps, struct bpf_object *object, const char *plugin)
{
	struct show_tag_list *list = malloc(sizeof(*list));
	const int cpus = libbpf_num_possible_cpus();
	struct bpf_map *map;
	uint32_t n = 0;

	*maps = (struct plugin_maps) { 0 };
	bpf_object__for_each_map (map, object)
		n++;
	maps->maps = calloc(n + 1, sizeof(*maps->maps));
	if (cpus < 0 || list == NULL || maps->maps == NULL) {
		free(list);
		plugin_maps_close(maps);
		return cpus < 0 ? cpus : -ENOMEM;
	}
	snprintf(maps->plugin, sizeof(maps->plugin), "%s", plugin);
	show_tags_find(list, bpf_object__btf(object));
	bpf_object__for_each_map (map, object) {
		maps->maps[maps->n].map = map;
		plan_map(&maps->maps[maps->n++], list, (uint32_t)cpus);
	}
	free(list);
	return 0;
}

static void close_map(struct plugin_map *map)
{
	if (map->opened && map->form == PLUGIN_MAP_TABLE)
		plugin_table_close(&map->as.table);
	else if (map->opened)
		plugin_events_close(&map->as.events);
}

void plugin_maps_close(struct plugin_maps *maps)
{
	for (uint32_t i = 0; i < maps->n; i++)
		close_map(&maps->maps[i]);
	free(maps->maps);
	*maps = (struct plugin_maps) { 0 };
}

/* --- reading ---------------------------------------------------------------------------------- */

/* Memory is made when somebody looks for the first time. */
static int open_map(struct plugin_map *map)
{
	const int fd = bpf_map__fd(map->map), cpus = libbpf_num_possible_cpus();
	struct map_reader reader;

	if (map->opened)
		return 0;
	int error = map->form == PLUGIN_MAP_EVENTS
			    ? plugin_events_open(&map->as.events, fd)
			    : map_reader_open(&reader, fd, bpf_map__key_size(map->map),
				      bpf_map__value_size(map->map),
				      map->kind->per_cpu ? (uint32_t)cpus : 0,
				      bpf_map__max_entries(map->map));
	if (error == 0 && map->form == PLUGIN_MAP_TABLE)
		error = plugin_table_open(&map->as.table, &reader);
	map->opened = error == 0;
	return error;
}

/* As its author calls it. */
static const char *name_of(const struct plugin_map *map)
{
	return map->tags.name[0] != '\0' ? map->tags.name : bpf_map__name(map->map);
}

static int read_map(const struct plugin_maps *maps, struct plugin_map *map, double budget,
	struct event_log *log)
{
	char name[NAME_LEN + PLUGIN_NAME_LEN + 1];

	int error = open_map(map);
	if (error < 0)
		return error;
	if (map->form == PLUGIN_MAP_TABLE)
		return plugin_table_read(&map->as.table, budget);
	error = plugin_events_read(&map->as.events);
	snprintf(name, sizeof(name), "%s %s", maps->plugin, name_of(map));
	plugin_events_log(&map->as.events, name, log);
	return error;
}

static bool has_metrics(const struct show_plan *plan)
{
	for (uint32_t i = 0; i < plan->n; i++)
		if (plan->columns[i].role == PLUGIN_COUNTER ||
			plan->columns[i].role == PLUGIN_GAUGE ||
			plan->columns[i].kind == PLUGIN_HISTOGRAM)
			return true;
	return false;
}

static bool is_named(
	const struct plugin_maps *maps, const struct plugin_map *map, const struct look_sort *sort)
{
	return strcmp(sort->plugin, maps->plugin) == 0 && strcmp(sort->map, name_of(map)) == 0;
}

static bool is_wanted(const struct plugin_maps *maps, struct plugin_map *map, unsigned int looks,
	const struct look_sort *sort)
{
	if (looks & LOOK_PLUGIN_MAP && is_named(maps, map, sort))
		return true;
	if (map->form == PLUGIN_MAP_EVENTS)
		return looks & (LOOK_PLUGINS | LOOK_EVENTS);
	return looks & LOOK_PLUGINS || (looks & LOOK_METRICS && has_metrics(plan_of(map)));
}

/* --- showing ---------------------------------------------------------------------------------- */

static void show_columns(const struct show_plan *plan, uint32_t number, struct snapshot *now)
{
	for (uint32_t i = 0; i < plan->n; i++) {
		const struct show_column *column = &plan->columns[i];
		struct snapshot_plugin_column *shown = SNAPSHOT_ADD(now, &now->plugins, columns);
		if (shown == NULL)
			return;
		shown->map = number;
		shown->kind = column->kind;
		shown->role = column->role;
		snprintf(shown->name, sizeof(shown->name), "%s", column->name);
		snprintf(shown->unit, sizeof(shown->unit), "%s", column->unit);
		snprintf(shown->help, sizeof(shown->help), "%s", column->help);
	}
}

static void show_rows(struct plugin_map *map, uint32_t number, struct snapshot_plugin_map *shown,
	struct snapshot *now)
{
	if (map->form == PLUGIN_MAP_TABLE) {
		plugin_table_show(&map->as.table, number, now);
		shown->entries =
			map->as.table.buckets > 0 ? map->as.table.shown.n : map->as.table.entries;
		shown->whole = map->as.table.whole;
	} else {
		plugin_events_show(&map->as.events, number, now);
		shown->entries = map->as.events.read;
		shown->whole = true;
	}
}

static void describe(
	const struct plugin_maps *maps, struct plugin_map *map, struct snapshot_plugin_map *shown)
{
	snprintf(shown->plugin, sizeof(shown->plugin), "%s", maps->plugin);
	snprintf(shown->name, sizeof(shown->name), "%s", name_of(map));
	snprintf(shown->kind, sizeof(shown->kind), "%s", map->kind->name);
	snprintf(shown->help, sizeof(shown->help), "%s", map->tags.help);
	snprintf(shown->reason, sizeof(shown->reason), "%s", map->reason);
	shown->form = map->form;
	shown->capacity = bpf_map__max_entries(map->map);
	shown->entries = COUNT_UNKNOWN;
	shown->sort = map->form == PLUGIN_MAP_TABLE ? map->as.table.sorted : PLUGIN_COLUMNS_MAX;
	shown->read_ms = NAN;
}

static void sample_map(const struct plugin_maps *maps, struct plugin_map *map, unsigned int looks,
	const struct look_sort *sort, double end, struct event_log *log, struct snapshot *now)
{
	struct snapshot_plugins *plugins = &now->plugins;
	struct snapshot_plugin_map *shown = SNAPSHOT_ADD(now, plugins, maps);
	const double begin = clock_monotonic_seconds();

	if (shown == NULL)
		return;
	describe(maps, map, shown);
	if (map->form == PLUGIN_MAP_NOT_SHOWN)
		return;
	show_columns(plan_of(map), plugins->n_maps - 1, now);
	if (!is_wanted(maps, map, looks, sort))
		return;
	const double left = fmax(end - begin, 0);
	int error =
		read_map(maps, map, looks & LOOK_WHOLE ? BUDGET_WHOLE : fmin(left, BUDGET), log);
	if (error < 0)
		snprintf(shown->reason, sizeof(shown->reason), "It cannot be read: %s",
			strerror(-error));
	else
		show_rows(map, plugins->n_maps - 1, shown, now);
	shown->read_ms = (clock_monotonic_seconds() - begin) * 1e3;
}

/* As somebody sorts it, else as it says itself. */
static void sort_map(
	const struct plugin_maps *maps, struct plugin_map *map, const struct look_sort *sort)
{
	struct plugin_table *table = &map->as.table;
	const bool named = is_named(maps, map, sort);

	if (map->form != PLUGIN_MAP_TABLE || table->buckets > 0)
		return;
	if (named && sort->column < table->plan.n && is_number(&table->plan.columns[sort->column]))
		plugin_table_sort(table, sort->column, sort->least);
	else
		plugin_table_sort(table, table->plan.sort, false);
}

void plugin_maps_sample(struct plugin_maps *maps, unsigned int looks, const struct look_sort *sort,
	struct event_log *log, struct snapshot *now)
{
	const double end = clock_monotonic_seconds() + BUDGET_ALL;

	now->plugins.available |= maps->n > 0;
	for (uint32_t i = 0; i < maps->n; i++)
		sort_map(maps, &maps->maps[i], sort);
	for (uint32_t i = 0; i < maps->n; i++)
		sample_map(maps, &maps->maps[i], looks, sort, end, log, now);
}
