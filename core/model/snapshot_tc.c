// SPDX-License-Identifier: BSD-2-Clause
#include "model/snapshot_tc.h"

#include <string.h>

#include "model/field_rows.h"
#include "model/names.h"

#define DIRECTIONS(owner)                                                              \
	KEYED(owner, directions, traffic_direction_names, "direction", traffic_fields, \
		"Packets of the class by direction")

static const struct field class_fields[] = {
	TEXT(snapshot_class, name, "Name of the class", .label = "class"),
	DIRECTIONS(snapshot_class),
	END,
};

static const struct field interface_class_fields[] = {
	TEXT(snapshot_interface_class, interface, "Name of the interface", .label = "interface"),
	TEXT(snapshot_interface_class, name, "Name of the class", .label = "class"),
	DIRECTIONS(snapshot_interface_class),
	END,
};

#define VLAN(owner)                                                              \
	KEYED(owner, vlan, traffic_direction_names, "direction", counter_fields, \
		"Packets with a VLAN tag, in the frame or beside it", .unit = "packets")

static const struct field tc_interface_fields[] = {
	TEXT(snapshot_tc_interface, name, "Name of the interface", .label = "interface"),
	NUMBER(snapshot_tc_interface, ifindex, FIELD_UINT32,
		"Index of the interface; null: it never had one", .nullable = true, .metric = ""),
	TEXT(snapshot_tc_interface, attached, "How it is attached: TCX, clsact, or empty"),
	TEXT(snapshot_tc_interface, problem, "Why nothing is counted here; empty if all is well"),
	VLAN(snapshot_tc_interface),
	END,
};

static const struct field class_line_fields[] = {
	NUMBER(snapshot_class_line, number, FIELD_UINT32,
		"Place among the lines: the first one that matches decides", .metric = ""),
	TEXT(snapshot_class_line, conditions, "What holds for its packets", .label = "conditions"),
	TEXT(snapshot_class_line, class, "Name of the class that they get"),
	TEXT(snapshot_class_line, packets,
		"Which packets these are, where the default table knows them; may be empty"),
	NUMBER(snapshot_class_line, own, FIELD_BOOL, "Whether the default table does not have it",
		.metric = ""),
	END,
};

const struct field tc_fields[] = {
	NUMBER(snapshot_tc, available, FIELD_BOOL, "Whether it runs on any interface"),
	LIST(snapshot_tc, classes, class_fields, "All interfaces together"),
	VLAN(snapshot_tc),
	LIST(snapshot_tc, interfaces, tc_interface_fields, "The interfaces watched"),
	LIST(snapshot_tc, interfaces_classes, interface_class_fields,
		"The classes on each interface"),
	LIST(snapshot_tc, lines, class_line_fields,
		"The lines that give packets their class, where somebody looks at them"),
	END,
};

const struct snapshot_class *snapshot_tc_class(const struct snapshot_tc *tc, const char *name)
{
	for (uint32_t i = 0; i < tc->n_classes; i++)
		if (strcmp(tc->classes[i].name, name) == 0)
			return &tc->classes[i];
	return NULL;
}

const struct snapshot_interface_class *snapshot_tc_interface_class(
	const struct snapshot_tc *tc, const char *interface, const char *name, uint32_t *at)
{
	for (uint32_t i = 0; i < tc->n_interfaces_classes; i++) {
		uint32_t place = (*at + i) % tc->n_interfaces_classes;
		const struct snapshot_interface_class *class = &tc->interfaces_classes[place];
		if (strcmp(class->interface, interface) != 0 || strcmp(class->name, name) != 0)
			continue;
		*at = place + 1;
		return class;
	}
	return NULL;
}
