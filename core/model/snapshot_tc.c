// SPDX-License-Identifier: BSD-2-Clause
#include "model/snapshot_tc.h"

#include "model/field_rows.h"
#include "model/names.h"

static const struct field class_fields[] = {
	KEYED(snapshot_class, directions, traffic_direction_names, "direction", traffic_fields,
		"Packets of the class by direction"),
	END,
};

#define VLAN(owner)                                                              \
	KEYED(owner, vlan, traffic_direction_names, "direction", counter_fields, \
		"Packets with a VLAN tag, in the frame or beside it", .unit = "packets")

static const struct field tc_interface_fields[] = {
	TEXT(snapshot_tc_interface, name, "Name of the interface", .label = "interface"),
	NUMBER(snapshot_tc_interface, ifindex, FIELD_UINT32, "Index of the interface",
		.metric = ""),
	TEXT(snapshot_tc_interface, attached, "How it is attached: TCX, clsact, or empty"),
	TEXT(snapshot_tc_interface, problem, "Why nothing is counted here; empty if all is well"),
	KEYED(snapshot_tc_interface, classes, traffic_class_names, "class", class_fields,
		"Packets by class"),
	VLAN(snapshot_tc_interface),
	END,
};

const struct field tc_fields[] = {
	NUMBER(snapshot_tc, available, FIELD_BOOL, "Whether it runs on any interface"),
	KEYED(snapshot_tc, classes, traffic_class_names, "class", class_fields,
		"All interfaces together"),
	VLAN(snapshot_tc),
	LIST(snapshot_tc, interfaces, tc_interface_fields, "The interfaces watched"),
	END,
};
