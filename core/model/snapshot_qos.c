// SPDX-License-Identifier: BSD-2-Clause
#include "model/snapshot_qos.h"

#include <string.h>

#include "model/field_rows.h"

static const struct field qos_interface_fields[] = {
	TEXT(snapshot_qos_interface, name, "Name of the interface", .label = "interface"),
	TEXT(snapshot_qos_interface, modes, "What is switched on: mark, police, shape, or count",
		.info = true),
	NUMBER(snapshot_qos_interface, rate, FIELD_DOUBLE,
		"Rate that all it sends is held to; null: none", .nullable = true, .unit = "bit/s"),
	TEXT(snapshot_qos_interface, problem, "Why it is not as asked; empty if all is well"),
	END,
};

const struct field qos_class_fields[] = {
	TEXT(snapshot_qos_class, interface, "Name of the interface", .label = "interface"),
	TEXT(snapshot_qos_class, class, "Name of the class", .label = "class"),
	TEXT(snapshot_qos_class, direction, "in or out", .label = "direction"),
	TEXT(snapshot_qos_class, modes, "What is done to its packets", .info = true),
	TEXT(snapshot_qos_class, mark, "Code point that they get; empty: none", .info = true),
	NUMBER(snapshot_qos_class, police, FIELD_DOUBLE,
		"Rate beyond which they are dropped; null: none", .nullable = true, .unit = "bit/s",
		.metric = "police_rate"),
	NUMBER(snapshot_qos_class, rate, FIELD_DOUBLE,
		"Rate that it has at least where it is shaped; null: it is not", .nullable = true,
		.unit = "bit/s"),
	NUMBER(snapshot_qos_class, ceiling, FIELD_DOUBLE,
		"Rate that it has at most; null: it is not shaped", .nullable = true,
		.unit = "bit/s"),
	COUNTER(snapshot_qos_class, passed, "bytes", "Not dropped", .metric = "passed"),
	COUNTER(snapshot_qos_class, dropped, "packets", "Dropped beyond the rate"),
	COUNTER(snapshot_qos_class, queue_dropped, "packets", "Dropped for want of room to wait"),
	COUNTER(snapshot_qos_class, marked, "packets", "Whose code point was another"),
	COUNTER(snapshot_qos_class, borrowed, "packets",
		"Sent beyond its rate, with what other classes did not need"),
	NUMBER(snapshot_qos_class, waiting, FIELD_UINT64, "Waiting to be sent", .unit = "bytes"),
	NUMBER(snapshot_qos_class, delay, FIELD_DOUBLE,
		"Time that a packet would wait that comes now, estimated; null: it is not shaped",
		.nullable = true, .unit = "s"),
	NUMBER(snapshot_qos_class, starved, FIELD_BOOL,
		"Whether it waits, and nothing of it was sent since the sample before"),
	NUMBER(snapshot_qos_class, short_of_rate, FIELD_BOOL,
		"Whether it waits, and had less than its rate since the sample before"),
	END,
};

const struct field qos_fields[] = {
	LIST(snapshot_qos, interfaces, qos_interface_fields,
		"The interfaces on which more is done than counting"),
	LIST(snapshot_qos, classes, qos_class_fields, "Their classes of which something is asked"),
	END,
};

const struct snapshot_qos_class *qos_find(const struct snapshot_qos *qos, const char *interface,
	const char *class, const char *direction)
{
	for (uint32_t i = 0; i < qos->n_classes; i++) {
		const struct snapshot_qos_class *found = &qos->classes[i];
		if (strcmp(found->interface, interface) == 0 && strcmp(found->class, class) == 0 &&
			strcmp(found->direction, direction) == 0)
			return found;
	}
	return NULL;
}
