// SPDX-License-Identifier: BSD-2-Clause
#include "export/text_sections.h"
#include "model/names.h"
#include "model/text_rows.h"

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
}
