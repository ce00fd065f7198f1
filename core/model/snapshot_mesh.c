// SPDX-License-Identifier: BSD-2-Clause
#include "model/snapshot_mesh.h"

#include "model/field_rows.h"
#include "model/names.h"

static const struct field rule_fields[] = {
	NUMBER(snapshot_rule, number, FIELD_UINT32, "Number of the rule; the lowest decides",
		.label = "rule"),
	ENUM(snapshot_rule, match, mesh_match_names, "Part of the packet that it matches",
		.info = true),
	ENUM(snapshot_rule, action, mesh_action_names, "Action on packets that match",
		.info = true),
	TEXT(snapshot_rule, limit, "What it passes in a second, and at once; empty if no limit"),
	TEXT(snapshot_rule, key, "Condition: 10.1.0.0/16, 02:00:00:00:00:01, udp 6696",
		.label = "key"),
	NUMBER(snapshot_rule, enabled, FIELD_BOOL, "Whether the rule is on"),
	ENUM(snapshot_rule, origin, mesh_origin_names, "Who the rule is from", .info = true),
	TEXT(snapshot_rule, comment, "What its author says about it"),
	NUMBER(snapshot_rule, time_left, FIELD_DOUBLE,
		"Time for which it still holds, 0 once it has expired; null: for ever",
		.nullable = true, .unit = "s"),
	NUMBER(snapshot_rule, last_match, FIELD_DOUBLE,
		"When it last decided about a packet, or counted one; null: never",
		.nullable = true, .unit = "s since 1970"),
	NUMBER(snapshot_rule, shadowed_by, FIELD_UINT64,
		"Number of an earlier rule, the first, that leaves it no packet; null without one",
		.nullable = true, .metric = ""),
	TEXT(snapshot_rule, shadow,
		"What it does not decide, because earlier rules match it; empty: it decides"),
	TRAFFIC(snapshot_rule, traffic, "Packets that it decided"),
	TRAFFIC(snapshot_rule, dropped,
		"Those of them that it dropped; a drop rule passes packets while observing"),
	END,
};

static const struct field set_fields[] = {
	TEXT(snapshot_mesh_set, name, "Name of the set, which rules name behind @", .label = "set"),
	ENUM(snapshot_mesh_set, kind, mesh_set_kind_names, "What its elements are"),
	ENUM(snapshot_mesh_set, origin, mesh_origin_names, "Who it is from, and may change it"),
	NUMBER(snapshot_mesh_set, elements, FIELD_UINT32, "Elements, merged"),
	NUMBER(snapshot_mesh_set, addresses, FIELD_UINT32,
		"Addresses at which its nodes are now; of a set of nodes"),
	TEXT(snapshot_mesh_set, source, "Path of its file, or what it follows"),
	NUMBER(snapshot_mesh_set, changed, FIELD_DOUBLE, "When it last changed, since 1970",
		.unit = "s"),
	NUMBER(snapshot_mesh_set, stale_since, FIELD_DOUBLE,
		"Since when a source that it follows is gone, since 1970", .unit = "s",
		.nullable = true),
	END,
};

const struct field mesh_fields[] = {
	NUMBER(snapshot_mesh, available, FIELD_BOOL, "Whether the filter runs"),
	NUMBER(snapshot_mesh, enforcing, FIELD_BOOL, "Whether drop rules drop"),
	ENUM(snapshot_mesh, policy, mesh_action_names, "Action on packets that match no rule"),
	TRAFFIC(snapshot_mesh, passed, "Packets that a rule passed", .title = "passed by rules"),
	TRAFFIC(snapshot_mesh, no_match, "Packets that matched no rule and passed",
		.title = "passed, no match"),
	TRAFFIC(snapshot_mesh, dropped, "Packets that a rule dropped", .title = "dropped by rules"),
	TRAFFIC(snapshot_mesh, refused,
		"Packets that matched no rule and were dropped by the policy",
		.title = "dropped by policy"),
	TRAFFIC(snapshot_mesh, unreadable,
		"Packets dropped because their headers hide addresses or ports from the rules",
		.title = "dropped, unreadable"),
	TRAFFIC(snapshot_mesh, spared,
		"Packets that passed while the filter observed, and would have been dropped",
		.title = "would be dropped"),
	LIST(snapshot_mesh, sets, set_fields, "The sets that rules may name"),
	LIST(snapshot_mesh, rules, rule_fields, "The rules, in the order in which they decide"),
	END,
};
