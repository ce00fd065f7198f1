// SPDX-License-Identifier: BSD-2-Clause
#include "export/text_sections.h"
#include "model/text_rows.h"

/* Those that see no packets have their row among the programs alone. */
static bool has_verdicts(const struct snapshot_plugin_program *plugin)
{
	return plugin->passed.total + plugin->dropped.total + plugin->sent.total +
		       plugin->aborted.total >
	       0;
}

void plugin_programs_write_text(const struct snapshot *snapshot, FILE *file)
{
	for (uint32_t i = 0; i < snapshot->n_plugin_programs; i++) {
		const struct snapshot_plugin_program *plugin = &snapshot->plugin_programs[i];
		char title[TEXT_LEN];
		if (!has_verdicts(plugin))
			continue;
		snprintf(title, sizeof(title), "PLUGIN %s", TEXT_PLAIN(plugin->name));
		text_traffic_head(file, title);
		if (plugin->behind[0] != '\0')
			fprintf(file, "  behind %s in the XDP chain\n", TEXT_PLAIN(plugin->behind));
		text_titled(file, plugin_program_fields, plugin);
	}
}
