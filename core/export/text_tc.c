// SPDX-License-Identifier: BSD-2-Clause
#include "export/text_sections.h"
#include "model/names.h"
#include "model/text_rows.h"

/* Those of the default table are in the manual. */
static void write_lines(const struct snapshot_tc *tc, FILE *file)
{
	char conditions[REASON_LEN], class[NAME_LEN];

	for (uint32_t i = 0; i < tc->n_lines; i++)
		if (tc->lines[i].own)
			text_line(file, 0, "  line %u: %s %s", tc->lines[i].number,
				text_plain(conditions, sizeof(conditions), tc->lines[i].conditions),
				text_plain(class, sizeof(class), tc->lines[i].class));
}

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
	write_lines(tc, file);
}
