// SPDX-License-Identifier: BSD-2-Clause
#include "export/text_sections.h"
#include "model/text_rows.h"

void links_write_text(const struct snapshot *snapshot, FILE *file)
{
	char facts[TEXT_LEN];

	if (snapshot->links.n_links == 0)
		return;
	text_traffic_head(file, "LINKS (as the kernel counts)");
	for (uint32_t i = 0; i < snapshot->links.n_links; i++) {
		const struct snapshot_link *link = &snapshot->links.links[i];
		text_line(file, 0, "%s: %s", TEXT_PLAIN(link->name),
			link_describe(link, facts, sizeof(facts)));
		text_titled(file, link_fields, link);
	}
}
