// SPDX-License-Identifier: BSD-2-Clause
#include "export/text_sections.h"
#include "model/names.h"
#include "model/text_rows.h"

void tc_write_text(const struct snapshot *snapshot, FILE *file)
{
	const struct snapshot_tc *tc = &snapshot->tc;
	char label[NAME_LEN * 2], copy[NAME_LEN];

	if (!tc->available)
		return;
	text_traffic_head(file, "CLASSES (TC)");
	for (uint32_t i = 0; i < tc->n_interfaces; i++) {
		if (tc->interfaces[i].problem[0] == '\0')
			continue;
		fprintf(file, "  %s\n", text_plain(copy, sizeof(copy), tc->interfaces[i].name));
		text_sentence(file, "", tc->interfaces[i].problem);
	}
	for (uint32_t i = 0; i < tc->n_classes; i++) {
		for (uint32_t way = 0; way < TRAFFIC_DIRECTIONS; way++) {
			snprintf(label, sizeof(label), "%s %s",
				text_plain(copy, sizeof(copy), tc->classes[i].name),
				traffic_direction_names[way]);
			text_traffic(file, label, &tc->classes[i].directions[way]);
		}
	}
	for (uint32_t way = 0; way < TRAFFIC_DIRECTIONS; way++) {
		snprintf(label, sizeof(label), "VLAN tagged %s", traffic_direction_names[way]);
		text_counter(file, label, &tc->vlan[way]);
	}
}
