// SPDX-License-Identifier: BSD-2-Clause
#include "model/snapshot_packets.h"

#include "model/field_rows.h"
#include "model/names.h"

#define PACKET_COUNTS                                                                                 \
	TRAFFIC(snapshot_packets_interface, all, "Frames that arrived"),                              \
		KEYED(snapshot_packets_interface, verdicts, xdp_verdict_names, "verdict",             \
			traffic_fields, "Frames by the XDP chain's verdict"),                         \
		KEYED(snapshot_packets_interface, networks, network_protocol_names, "network",        \
			traffic_fields, "Frames by network protocol"),                                \
		KEYED(snapshot_packets_interface, transports, transport_protocol_names,               \
			"transport", traffic_fields,                                                  \
			"Frames by transport protocol; none: not IP, or headers cut short"),          \
		KEYED(snapshot_packets_interface, frame_sizes, frame_size_names, "size",              \
			counter_fields, "Frames by length in bytes, without FCS",                     \
			.unit = "packets"),                                                           \
		COUNTER(snapshot_packets_interface, fragments, "packets",                             \
			"IPv4 and IPv6 fragments", .title = "fragments"),                             \
		COUNTER(snapshot_packets_interface, malformed, "packets",                             \
			"Frames whose headers are cut short or contradict themselves",                \
			.title = "malformed"),                                                        \
		COUNTER(snapshot_packets_interface, vlan, "packets",                                  \
			"Frames with a VLAN tag; XDP does not see one that is kept beside the frame", \
			.title = "VLAN tagged, as far as seen")

const struct field packets_sum_fields[] = { PACKET_COUNTS, END };

static const struct field packets_interface_fields[] = {
	TEXT(snapshot_packets_interface, name, "Name of the interface", .label = "interface"),
	NUMBER(snapshot_packets_interface, ifindex, FIELD_UINT32,
		"Index of the interface; null: it never had one", .nullable = true, .metric = ""),
	ENUM(snapshot_packets_interface, hook, packet_hook_names, "Where its packets are counted",
		.info = true),
	TEXT(snapshot_packets_interface, problem,
		"Why nothing is counted here; empty if all is well"),
	NUMBER(snapshot_packets_interface, uncovered, FIELD_BOOL,
		"Whether it exists, and packets come in that nothing counts or judges"),
	NUMBER(snapshot_packets_interface, judged_twice, FIELD_BOOL,
		"Whether what an ifb hands back is counted and judged a second time here"),
	PACKET_COUNTS,
	END,
};

static const struct field left_out_fields[] = {
	TEXT(snapshot_left_out, name, "Name of the interface", .label = "interface"),
	TEXT(snapshot_left_out, reason, "Why it is not watched"),
	NUMBER(snapshot_left_out, uncovered, FIELD_BOOL,
		"Whether packets reach the host through it that nothing counts or judges"),
	END,
};

const struct field packets_fields[] = {
	NUMBER(snapshot_packets, available, FIELD_BOOL, "Whether it runs on any interface"),
	STRUCT(snapshot_packets, sum, packets_sum_fields, "All interfaces together"),
	LIST(snapshot_packets, interfaces, packets_interface_fields, "The interfaces watched"),
	LIST(snapshot_packets, left_out, left_out_fields, "Interfaces that are not watched"),
	END,
};
