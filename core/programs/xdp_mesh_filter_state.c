// SPDX-License-Identifier: BSD-2-Clause
#include "programs/xdp_mesh_filter_state.h"

#include "mesh/rule_table.h"
#include "programs/program.h"

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
	for (uint32_t i = 0; read && i < MESH_RULES_MAX; i++) {
		uint64_t expires = filter->rules[i].expires;
		filter->shadows[i] = rules_shadow(filter->rules, i);
		if (expires != 0 && (filter->expires == 0 || expires < filter->expires))
			filter->expires = expires;
	}
	return read ? filter->rules : NULL;
}
