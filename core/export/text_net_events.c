// SPDX-License-Identifier: BSD-2-Clause
#include "export/text_sections.h"
#include "model/text_rows.h"

void net_events_write_text(const struct snapshot *snapshot, FILE *file)
{
	const struct snapshot_net_events *net = &snapshot->net_events;
	char label[NAME_LEN * 3], copy[NAME_LEN * 2];

	if (!net->available)
		return;
	text_traffic_head(file, "NETWORK EVENTS (tracepoints)");
	for (uint32_t i = 0; i < net->n_interfaces; i++) {
		const struct snapshot_net_interface *interface = &net->interfaces[i];
		text_plain(copy, sizeof(copy), interface->name);
		snprintf(label, sizeof(label), "%s transmitted", copy);
		text_traffic(file, label, &interface->transmitted);
		snprintf(label, sizeof(label), "%s received", copy);
		text_traffic(file, label, &interface->received);
		snprintf(label, sizeof(label), "%s transmit errors", copy);
		if (interface->transmit_errors.total > 0)
			text_counter(file, label, &interface->transmit_errors);
	}
	text_counter(file, "dropped by the kernel", &net->dropped);
	for (uint32_t i = 0; i < net->n_drops; i++) {
		snprintf(label, sizeof(label), "  %s",
			text_plain(copy, sizeof(copy), net->drops[i].reason));
		text_counter(file, label, &net->drops[i].packets);
	}
	text_titled(file, net_events_fields, net);
}
