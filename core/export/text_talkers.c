// SPDX-License-Identifier: BSD-2-Clause
#include "export/text_sections.h"
#include "model/text_rows.h"

enum { ROWS = 10 };

static void write_flow(const struct snapshot_flow *flow, FILE *file)
{
	char from[TALKER_TEXT_LEN], to[TALKER_TEXT_LEN], decision[TALKER_TEXT_LEN],
		label[REASON_LEN];

	snprintf(label, sizeof(label), "%s > %s", talker_source(flow, from),
		talker_destination(flow, to));
	fputs("  ", file);
	text_wrapped(file, 4, TEXT_PLAIN(label));
	snprintf(label, sizeof(label), "  %s on %s, %s", flow->protocol, flow->interface,
		talker_decision(flow, decision));
	text_traffic(file, TEXT_PLAIN(label), &flow->traffic);
}

void talkers_write_text(const struct snapshot *snapshot, FILE *file)
{
	const struct snapshot_talkers *talkers = &snapshot->talkers;

	if (!talkers->available && talkers->reason[0] == '\0')
		return;
	text_traffic_head(file, "BUSIEST FLOWS");
	if (!talkers->available) {
		text_sentence(file, "", talkers->reason);
		text_sentence(file, "-> ", talkers->remedy);
		return;
	}
	for (uint32_t i = 0; i < talkers->n_flows && i < ROWS; i++)
		write_flow(&talkers->flows[i], file);
	text_titled(file, talkers_fields, talkers);
	text_traffic_head(file, "BUSIEST SOURCES");
	for (uint32_t i = 0; i < talkers->n_sources && i < ROWS; i++)
		text_traffic(file, TEXT_PLAIN(talkers->sources[i].address),
			&talkers->sources[i].traffic);
}
