// SPDX-License-Identifier: BSD-2-Clause
#include "model/snapshot_talkers.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "model/field_rows.h"
#include "model/names.h"
#include "xdp_mesh_filter.h"

/* Of addresses there is no metric: flows come and go. */
static const struct field flow_fields[] = {
	TEXT(snapshot_flow, source, "Source address; empty: no IP", .label = "address"),
	NUMBER(snapshot_flow, source_port, FIELD_UINT32, "Source port; 0: none",
		.label = "source_port"),
	TEXT(snapshot_flow, destination, "Destination address; empty: no IP",
		.label = "destination"),
	NUMBER(snapshot_flow, destination_port, FIELD_UINT32, "Destination port; 0: none",
		.label = "destination_port"),
	TEXT(snapshot_flow, protocol, "Protocol: udp, 47; without IP arp, 0x88cc",
		.label = "protocol"),
	NUMBER(snapshot_flow, ethertype, FIELD_UINT32, "Ethertype behind VLAN tags",
		.label = "ethertype"),
	TEXT(snapshot_flow, mac, "Source MAC address; may be empty", .label = "mac"),
	NUMBER(snapshot_flow, vlan, FIELD_UINT32, "VLAN; 0: none", .label = "vlan"),
	TEXT(snapshot_flow, interface, "Interface on which it arrives", .label = "interface"),
	ENUM(snapshot_flow, action, mesh_action_names,
		"Decision about it; a drop rule passes packets while observing"),
	NUMBER(snapshot_flow, rule, FIELD_UINT64, "Number of the rule that decides; null: none",
		.nullable = true),
	NUMBER(snapshot_flow, unreadable, FIELD_BOOL,
		"Whether its headers hide addresses or ports from rules"),
	TRAFFIC(snapshot_flow, traffic, "Its packets since somebody looks"),
	END,
};

static const struct field talker_fields[] = {
	TEXT(snapshot_source, address, "Source address, or MAC address of frames without IP",
		.label = "address"),
	TRAFFIC(snapshot_source, traffic, "Its packets since somebody looks"),
	END,
};

static const struct field sender_fields[] = {
	TEXT(snapshot_source, address, "Source MAC address", .label = "mac"),
	TRAFFIC(snapshot_source, traffic, "Its packets since somebody looks"),
	END,
};

const struct field talkers_fields[] = {
	NUMBER(snapshot_talkers, available, FIELD_BOOL, "Whether flows are listed"),
	TEXT(snapshot_talkers, reason, "Why not; empty: nobody looks"),
	TEXT(snapshot_talkers, remedy, "What to do about it; may be empty"),
	NUMBER(snapshot_talkers, interval, FIELD_DOUBLE,
		"Seconds over which the rates are; null in the first sample", .unit = "s",
		.nullable = true, .paces = true),
	NUMBER(snapshot_talkers, source_entropy, FIELD_DOUBLE,
		"Entropy of the packets by source, over that time; null: unknown", .unit = "bits",
		.nullable = true),
	NUMBER(snapshot_talkers, port_entropy, FIELD_DOUBLE,
		"Entropy of the packets by destination port, over that time; null: unknown",
		.unit = "bits", .nullable = true),
	TRAFFIC(snapshot_talkers, lost,
		"Packets of flows that others replaced in the kernel's table before they were read",
		.title = "lost by the flow table"),
	LIST(snapshot_talkers, flows, flow_fields, "The busiest flows, by packets"),
	LIST(snapshot_talkers, sources, talker_fields, "The busiest sources, by packets"),
	LIST(snapshot_talkers, senders, sender_fields,
		"The busiest senders of frames, by packets: neighbours, whatever they forward"),
	END,
};

static const char *write_end(const char *address, uint32_t port, char text[TALKER_TEXT_LEN])
{
	bool bracket = port != 0 && strchr(address, ':') != NULL;

	snprintf(text, TALKER_TEXT_LEN, "%s%s%s", bracket ? "[" : "", address, bracket ? "]" : "");
	if (port != 0)
		snprintf(text + strlen(text), TALKER_TEXT_LEN - strlen(text), ":%" PRIu32, port);
	return text;
}

const char *talker_source(const struct snapshot_flow *flow, char text[TALKER_TEXT_LEN])
{
	const char *address = flow->source[0] != '\0' ? flow->source : flow->mac;

	return write_end(address[0] != '\0' ? address : "-", flow->source_port, text);
}

const char *talker_destination(const struct snapshot_flow *flow, char text[TALKER_TEXT_LEN])
{
	return write_end(flow->destination[0] != '\0' ? flow->destination : "-",
		flow->destination_port, text);
}

const char *talker_decision(const struct snapshot_flow *flow, char text[TALKER_TEXT_LEN])
{
	const char *action = flow->action < MESH_ACTIONS ? mesh_action_names[flow->action] : "?";

	if (flow->rule != COUNT_UNKNOWN)
		snprintf(text, TALKER_TEXT_LEN, "%s by rule %" PRIu64, action, flow->rule);
	else
		snprintf(text, TALKER_TEXT_LEN, "%s, %s", action,
			flow->unreadable ? "unreadable" : "no rule");
	return text;
}
