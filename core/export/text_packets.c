// SPDX-License-Identifier: BSD-2-Clause
#include "export/text_sections.h"
#include "model/names.h"
#include "model/text_rows.h"

enum { LEFT_OUT_INDENT = 30 };

void packets_write_text(const struct snapshot *snapshot, FILE *file)
{
	const struct snapshot_packets *packets = &snapshot->packets;
	char label[NAME_LEN * 2], copy[NAME_LEN];

	if (!packets->available)
		return;
	text_traffic_head(file, "PACKETS");
	for (uint32_t i = 0; i < packets->n_interfaces; i++) {
		const struct snapshot_packets_interface *interface = &packets->interfaces[i];
		snprintf(label, sizeof(label), "%s (%s)",
			text_plain(copy, sizeof(copy), interface->name),
			interface->hook < XDP_MODES ? packet_hook_names[interface->hook] : "?");
		text_traffic(file, label, &interface->all);
		text_sentence(file, "", interface->problem);
	}
	if (packets->n_interfaces > 1)
		text_traffic(file, "all interfaces", &packets->sum.all);
	for (uint32_t i = 0; i < packets->n_left_out; i++) {
		snprintf(label, sizeof(label), "%s (not watched)",
			text_plain(copy, sizeof(copy), packets->left_out[i].name));
		fprintf(file, "  %-28.28s", label);
		text_wrapped(file, LEFT_OUT_INDENT, packets->left_out[i].reason);
	}
	text_each(file, "verdict", xdp_verdict_names, packets->sum.verdicts, XDP_VERDICTS);
	text_each(
		file, "network", network_protocol_names, packets->sum.networks, NETWORK_PROTOCOLS);
	text_each(file, "transport", transport_protocol_names, packets->sum.transports,
		TRANSPORT_PROTOCOLS);
	for (uint32_t i = 0; i < FRAME_SIZES; i++) {
		snprintf(label, sizeof(label), "frames of %s bytes", frame_size_names[i]);
		if (packets->sum.frame_sizes[i].total > 0)
			text_counter(file, label, &packets->sum.frame_sizes[i]);
	}
	text_titled(file, packets_sum_fields, &packets->sum);
}
