// SPDX-License-Identifier: BSD-2-Clause
#include <math.h>

#include "export/text_sections.h"
#include "model/names.h"
#include "model/text_rows.h"

static void write_sets(const struct snapshot *snapshot, FILE *file)
{
	const struct snapshot_mesh *mesh = &snapshot->mesh;
	char count[FORMAT_LEN], age[FORMAT_LEN];

	if (mesh->n_sets > 0)
		fprintf(file, "\n%-21s%-10s%9s%9s  %s\n", "SETS", "KIND", "ELEMENTS", "CHANGED",
			"SOURCE");
	for (uint32_t i = 0; i < mesh->n_sets; i++) {
		const struct snapshot_mesh_set *set = &mesh->sets[i];
		double seconds = snapshot->time - set->changed;
		fprintf(file, "  @%-17.17s %-10s%9s%9s  ", TEXT_PLAIN(set->name),
			set->kind < MESH_SET_KINDS ? mesh_set_kind_names[set->kind] : "?",
			format_count(count, set->elements),
			isnan(seconds) ? "-" : text_time(age, seconds > 0 ? seconds * 1e9 : 0));
		text_line(file, 51, "%s%s", TEXT_PLAIN(set->source),
			isnan(set->stale_since) ? "" : " (gone: as it was)");
	}
}

void mesh_write_text(const struct snapshot *snapshot, FILE *file)
{
	const struct snapshot_mesh *mesh = &snapshot->mesh;
	char label[NAME_LEN * 4], copy[NAME_LEN * 2];

	if (!mesh->available)
		return;
	text_traffic_head(
		file, mesh->enforcing ? "MESH RULES (enforcing)" : "MESH RULES (observing)");
	for (uint32_t i = 0; i < mesh->n_rules; i++) {
		const struct snapshot_rule *rule = &mesh->rules[i];
		snprintf(label, sizeof(label), "%u %s %s%s", rule->number,
			rule->action < MESH_ACTIONS ? mesh_action_names[rule->action] : "?",
			text_plain(copy, sizeof(copy), rule->key), rule->enabled ? "" : " (off)");
		text_traffic(file, label, &rule->traffic);
	}
	text_titled(file, mesh_fields, mesh);
	write_sets(snapshot, file);
}
