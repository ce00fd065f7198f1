// SPDX-License-Identifier: BSD-2-Clause
#include <string.h>

#include "export/text_sections.h"
#include "model/text_rows.h"

enum { LABEL_COLUMNS = 37 }; /* as text_counter() */

/* Writes the function below its reason where the line has no room for both. */
static void write_drop(const struct snapshot_drop *drop, FILE *file)
{
	char label[NAME_LEN * 8], reason[NAME_LEN * 2], function[NET_FUNCTION_LEN];

	text_plain(reason, sizeof(reason), drop->reason);
	text_plain(function, sizeof(function), drop->function);
	if (function[0] == '\0')
		snprintf(function, sizeof(function), "-");
	snprintf(label, sizeof(label), "  %s %s", reason, function);
	if (strlen(label) <= LABEL_COLUMNS) {
		text_counter(file, label, &drop->packets);
		return;
	}
	snprintf(label, sizeof(label), "  %s", reason);
	text_counter(file, label, &drop->packets);
	text_line(file, 6, "      %s", function);
}

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
		snprintf(label, sizeof(label), "%s handed back", copy);
		if (interface->handed_back.total > 0)
			text_counter(file, label, &interface->handed_back);
	}
	text_counter(file, "dropped by the kernel", &net->dropped);
	for (uint32_t i = 0; i < net->n_drops; i++)
		write_drop(&net->drops[i], file);
	text_titled(file, net_events_fields, net);
}
