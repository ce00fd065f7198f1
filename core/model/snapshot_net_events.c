// SPDX-License-Identifier: BSD-2-Clause
#include "model/snapshot_net_events.h"

#include "model/field_rows.h"
#include "model/names.h"

static const struct field net_interface_fields[] = {
	TEXT(snapshot_net_interface, name, "Name of the interface", .label = "interface"),
	NUMBER(snapshot_net_interface, ifindex, FIELD_UINT32, "Index of the interface",
		.metric = ""),
	TRAFFIC(snapshot_net_interface, transmitted, "Packets handed to the driver"),
	TRAFFIC(snapshot_net_interface, received,
		"Packets that the driver handed to the kernel; null on a VLAN, macvlan, bond or alike",
		.nullable = true),
	COUNTER(snapshot_net_interface, transmit_errors, "packets",
		"Packets that the driver refused"),
	COUNTER(snapshot_net_interface, handed_back, "packets",
		"Packets that an ifb handed back, received before"),
	END,
};

static const struct field drop_fields[] = {
	TEXT(snapshot_drop, reason, "The kernel's name of the reason, without SKB_DROP_REASON_",
		.label = "reason"),
	TEXT(snapshot_drop, function,
		"The kernel's function that dropped them; empty before kernel 5.17",
		.label = "function"),
	COUNTER(snapshot_drop, packets, "packets", "Packets dropped for it"),
	END,
};

static const struct field event_fields[] = {
	NUMBER(snapshot_event, number, FIELD_UINT64, "Number of the event; rises by one",
		.label = "event"),
	NUMBER(snapshot_event, time, FIELD_DOUBLE, "Time of the event", .unit = "s since 1970"),
	ENUM(snapshot_event, kind, event_kind_names, "Source of the event"),
	TEXT(snapshot_event, text, "The event in words"),
	END,
};

const struct field net_events_fields[] = {
	NUMBER(snapshot_net_events, available, FIELD_BOOL, "Whether the tracepoints are attached"),
	LIST(snapshot_net_events, interfaces, net_interface_fields,
		"The interfaces that carried packets"),
	COUNTER(snapshot_net_events, dropped, "packets",
		"Packets that the kernel dropped, for all reasons together"),
	COUNTER(snapshot_net_events, dropped_by_x0top, "packets",
		"Packets freed because x0top's chain or classes dropped them; not in dropped",
		.title = "dropped by x0top"),
	LIST(snapshot_net_events, drops, drop_fields,
		"The reasons and functions that have occurred"),
	COUNTER(snapshot_net_events, tcp_retransmits, "packets", "TCP segments sent again",
		.title = "TCP retransmits"),
	COUNTER(snapshot_net_events, tcp_resets_sent, "packets", "TCP resets sent",
		.title = "TCP resets sent"),
	COUNTER(snapshot_net_events, tcp_resets_received, "packets", "TCP resets received",
		.title = "TCP resets received"),
	LIST(snapshot_net_events, events, event_fields,
		"The latest events of all programs, oldest first"),
	END,
};

const struct snapshot_net_interface *net_events_interface(
	const struct snapshot_net_events *events, uint32_t ifindex)
{
	for (uint32_t i = 0; i < events->n_interfaces; i++)
		if (events->interfaces[i].ifindex == ifindex)
			return &events->interfaces[i];
	return NULL;
}
