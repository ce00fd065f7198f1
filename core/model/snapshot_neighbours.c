// SPDX-License-Identifier: BSD-2-Clause
#include "model/snapshot_neighbours.h"

#include <math.h>
#include <stdio.h>

#include "model/field_rows.h"
#include "model/names.h"

static const struct field source_fields[] = {
	ENUM(snapshot_neighbour_source, name, neighbour_source_names, "The source",
		.label = "source"),
	ENUM(snapshot_neighbour_source, state, neighbour_state_names,
		"Whether it is there; lost: its last good set is kept"),
	NUMBER(snapshot_neighbour_source, nodes, FIELD_UINT64,
		"Neighbours in its set; null: it has none yet", .nullable = true),
	NUMBER(snapshot_neighbour_source, routes, FIELD_UINT64,
		"Routes in its set; null: it has none yet", .nullable = true),
	NUMBER(snapshot_neighbour_source, left_out, FIELD_UINT64,
		"Reports left out: no room in its set, or unreadable", .rises = true),
	NUMBER(snapshot_neighbour_source, as_of, FIELD_DOUBLE,
		"Time of its last report; null: none yet", .nullable = true,
		.unit = "s since 1970"),
	TEXT(snapshot_neighbour_source, reason, "Why it is absent or lost; may be empty"),
	END,
};

static const struct field neighbour_fields[] = {
	ENUM(snapshot_neighbour, source, neighbour_source_names, "The source that names it",
		.label = "source"),
	ENUM(snapshot_neighbour, kind, neighbour_kind_names,
		"A neighbour, or a prefix that a neighbour leads to"),
	TEXT(snapshot_neighbour, address, "Its address, or the prefix; may be empty",
		.label = "address"),
	TEXT(snapshot_neighbour, mac, "Its MAC address; may be empty"),
	TEXT(snapshot_neighbour, interface, "The interface towards it; may be empty",
		.label = "interface"),
	TEXT(snapshot_neighbour, name, "Name of the node, or key of the peer; may be empty"),
	TEXT(snapshot_neighbour, via, "Next hop towards it; empty: none", .label = "via"),
	TEXT(snapshot_neighbour, state, "State, in the words of the source"),
	NUMBER(snapshot_neighbour, quality, FIELD_DOUBLE,
		"Quality of the link: TQ of batman-adv, Babel's reachability; null: unknown",
		.nullable = true, .unit = "ratio"),
	NUMBER(snapshot_neighbour, metric, FIELD_DOUBLE,
		"Cost of the link or metric of the route, smaller is better; null: unknown",
		.nullable = true),
	NUMBER(snapshot_neighbour, throughput, FIELD_DOUBLE,
		"Throughput that batman-adv expects; null: unknown", .nullable = true,
		.unit = "bit/s"),
	NUMBER(snapshot_neighbour, last_seen, FIELD_DOUBLE,
		"When it was last heard, as far as the source says; null: unknown",
		.nullable = true, .unit = "s since 1970"),
	NUMBER(snapshot_neighbour, received_bytes, FIELD_DOUBLE,
		"Received from it, by WireGuard; null: unknown", .nullable = true, .unit = "bytes"),
	NUMBER(snapshot_neighbour, sent_bytes, FIELD_DOUBLE,
		"Sent to it, by WireGuard; null: unknown", .nullable = true, .unit = "bytes"),
	ENUM(snapshot_neighbour, signature, neighbour_signature_names,
		"Whether a signature of its messages was verified"),
	TRAFFIC(snapshot_neighbour, traffic,
		"From it since somebody looks, as the mesh filter saw it; null: nobody does",
		.nullable = true),
	END,
};

const struct field neighbours_fields[] = {
	LIST(snapshot_neighbours, sources, source_fields, "The sources of neighbours"),
	LIST(snapshot_neighbours, neighbours, neighbour_fields,
		"Neighbours, then routes, by source; sources count those without room here"),
	END,
};

const char *neighbour_what(const struct snapshot_neighbour *neighbour)
{
	return neighbour->address[0] != '\0' ? neighbour->address
	       : neighbour->mac[0] != '\0'   ? neighbour->mac
					     : neighbour->name;
}

const char *neighbour_link(const struct snapshot_neighbour *neighbour, char text[FORMAT_LEN])
{
	if (!isnan(neighbour->throughput))
		return format_bits(text, neighbour->throughput / 8);
	if (!isnan(neighbour->metric))
		return format_count(text, neighbour->metric);
	if (!isnan(neighbour->quality))
		return format_percent(text, neighbour->quality);
	snprintf(text, FORMAT_LEN, "-");
	return text;
}
