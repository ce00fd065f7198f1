// SPDX-License-Identifier: BSD-2-Clause
#include "programs/xdp_mesh_filter_state.h"

#include "mesh/rule_table.h"
#include "mesh/set_change.h"
#include "mesh/shadow.h"
#include "programs/program.h"

/* Finds the rules that never decide, by the present elements of sets. */
static void find_shadows(const struct map_registry *maps, struct mesh_filter *filter)
{
	struct set_change in_force = { 0 };
	struct failure ignored;

	if (rules_name_sets(filter->rules))
		(void)set_change_begin(
			maps, &in_force, &ignored); /* without them: by their names */
	(void)rules_shadows(
		filter->rules, in_force.sets, filter->shadows); /* none without memory */
	set_change_abandon(&in_force);
}

const struct mesh_rule *mesh_filter_rules(const struct program *program)
{
	const struct map_registry *maps = &program->context->maps;
	struct mesh_filter *filter = program->state;
	int64_t version = rule_table_version(maps);

	if (version >= 0 && version == filter->version)
		return filter->rules;
	bool read = version >= 0 && rules_read(maps, filter->rules, &filter->policy) == 0;
	filter->version = read ? version : -1;
	filter->expires = 0;
	filter->pending = program->context->pinned && !program->context->look_only
				  ? history_pending(maps)
				  : (struct history_pending) { 0 };
	for (uint32_t i = 0; read && i < MESH_RULES_MAX; i++) {
		uint64_t expires = filter->rules[i].expires;
		if (expires != 0 && (filter->expires == 0 || expires < filter->expires))
			filter->expires = expires;
	}
	if (read)
		find_shadows(maps, filter);
	return read ? filter->rules : NULL;
}
