// SPDX-License-Identifier: BSD-2-Clause
#include "model/snapshot_mapek.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "model/field_rows.h"
#include "model/format.h"
#include "model/names.h"

static const struct field mapek_series_fields[] = {
	TEXT(snapshot_mapek_series, name, "Name of the series", .label = "series"),
	NUMBER(snapshot_mapek_series, value, FIELD_DOUBLE, "Its value; null: unknown",
		.nullable = true),
	NUMBER(snapshot_mapek_series, low, FIELD_DOUBLE,
		"Below this it is unusual; null: not known yet", .nullable = true),
	NUMBER(snapshot_mapek_series, high, FIELD_DOUBLE,
		"Above this it is unusual; null: not known yet", .nullable = true),
	NUMBER(snapshot_mapek_series, score, FIELD_DOUBLE,
		"How unusual it is: -log10 of its probability; null: not known yet",
		.nullable = true),
	END,
};

static const struct field anomaly_fields[] = {
	NUMBER(snapshot_mapek_anomaly, number, FIELD_UINT64, "Number of the anomaly", .metric = ""),
	TEXT(snapshot_mapek_anomaly, policy, "Policy that found it", .label = "policy"),
	TEXT(snapshot_mapek_anomaly, series, "Series in which it is"),
	NUMBER(snapshot_mapek_anomaly, begin, FIELD_DOUBLE, "When it began", .unit = "s since 1970",
		.metric = ""),
	NUMBER(snapshot_mapek_anomaly, end, FIELD_DOUBLE, "When it ended; null while it lasts",
		.unit = "s since 1970", .nullable = true, .metric = ""),
	NUMBER(snapshot_mapek_anomaly, value, FIELD_DOUBLE, "Value where it was worst",
		.nullable = true, .metric = ""),
	NUMBER(snapshot_mapek_anomaly, low, FIELD_DOUBLE, "Least usual value then",
		.nullable = true, .metric = ""),
	NUMBER(snapshot_mapek_anomaly, high, FIELD_DOUBLE, "Highest usual value then",
		.nullable = true, .metric = ""),
	NUMBER(snapshot_mapek_anomaly, score, FIELD_DOUBLE, "Score where it was worst",
		.nullable = true, .metric = ""),
	END,
};

/* No metrics: of one target there may be several. */
static const struct field mapek_action_fields[] = {
	NUMBER(snapshot_mapek_action, number, FIELD_UINT64, "Number of the action", .metric = ""),
	NUMBER(snapshot_mapek_action, anomaly, FIELD_UINT64, "Number of its anomaly", .metric = ""),
	TEXT(snapshot_mapek_action, policy, "Policy that asks for it", .label = "policy"),
	TEXT(snapshot_mapek_action, target, "Source that it is about; empty if none"),
	ENUM(snapshot_mapek_action, state, mapek_action_state_names, "What became of it",
		.metric = ""),
	TEXT(snapshot_mapek_action, action, "The action in its text form"),
	TEXT(snapshot_mapek_action, reason, "Why"),
	NUMBER(snapshot_mapek_action, begin, FIELD_DOUBLE, "When it began", .unit = "s since 1970",
		.metric = ""),
	NUMBER(snapshot_mapek_action, time_left, FIELD_DOUBLE,
		"Time for which it holds unless it is renewed; null: it has ended",
		.nullable = true, .unit = "s", .metric = ""),
	NUMBER(snapshot_mapek_action, dropped, FIELD_UINT64,
		"Packets that its rule dropped; null without a rule", .nullable = true,
		.unit = "packets", .metric = ""),
	NUMBER(snapshot_mapek_action, before, FIELD_DOUBLE,
		"Value of the anomaly's series when it began; null: unknown", .nullable = true,
		.metric = ""),
	NUMBER(snapshot_mapek_action, after, FIELD_DOUBLE,
		"Mean of what is left of it while the action holds; null: not known yet",
		.nullable = true, .metric = ""),
	NUMBER(snapshot_mapek_action, relief, FIELD_DOUBLE,
		"Share of what was unusual that is gone; null: not known yet", .nullable = true,
		.unit = "ratio", .metric = ""),
	NUMBER(snapshot_mapek_action, honest, FIELD_UINT64,
		"Packets dropped that its sources send usually, estimated; null: not known yet",
		.nullable = true, .unit = "packets", .metric = ""),
	TEXT(snapshot_mapek_action, ended, "How its hook ended; empty if it has none, or it runs"),
	TEXT(snapshot_mapek_action, output, "What its hook wrote, the first of it"),
	END,
};

static const struct field mapek_spared_fields[] = {
	TEXT(snapshot_mapek_spared, target, "A prefix, a MAC address or the id of a node",
		.label = "target"),
	NUMBER(snapshot_mapek_spared, since, FIELD_DOUBLE, "Since when", .unit = "s since 1970",
		.metric = ""),
	END,
};

#define OUTCOME(member, what, of) \
	NUMBER(snapshot_mapek_outcome, member, FIELD_UINT64, what, .unit = of, .rises = true)

static const struct field mapek_outcome_fields[] = {
	TEXT(snapshot_mapek_outcome, policy, "Name of the policy", .label = "policy"),
	OUTCOME(found, "Anomalies that began", "anomalies"),
	OUTCOME(advised, "Actions that were advised", "actions"),
	OUTCOME(done, "Actions that came in force", "actions"),
	OUTCOME(refused, "Actions that were refused", "actions"),
	OUTCOME(over, "Actions whose time was over", "actions"),
	OUTCOME(undone, "Actions that the operator took back", "actions"),
	OUTCOME(dropped, "Packets that rules of its actions dropped", "packets"),
	OUTCOME(honest, "Of these, packets that their sources send usually, estimated", "packets"),
	END,
};

const struct field mapek_fields[] = {
	NUMBER(snapshot_mapek, available, FIELD_BOOL, "Whether MAPE-K runs"),
	TEXT(snapshot_mapek, state, "State of MAPE-K in a word"),
	ENUM(snapshot_mapek, mode, mapek_mode_names, "Whether it does nothing, advises or acts"),
	NUMBER(snapshot_mapek, braked, FIELD_BOOL,
		"Whether it does nothing, because it did too much"),
	NUMBER(snapshot_mapek, policies, FIELD_UINT32, "Policies in force", .unit = "policies"),
	NUMBER(snapshot_mapek, found, FIELD_UINT64, "Anomalies that began", .unit = "anomalies",
		.rises = true),
	NUMBER(snapshot_mapek, lasting, FIELD_UINT32, "Anomalies that last", .unit = "anomalies"),
	NUMBER(snapshot_mapek, begun, FIELD_UINT64, "Actions that were advised, done or refused",
		.unit = "actions", .rises = true),
	NUMBER(snapshot_mapek, in_force, FIELD_UINT32, "Actions in force", .unit = "actions"),
	NUMBER(snapshot_mapek, relief, FIELD_DOUBLE,
		"Mean share of what was unusual that actions in force have ended; null: not known",
		.nullable = true, .unit = "ratio"),
	NUMBER(snapshot_mapek, undone, FIELD_UINT64, "Actions that the operator took back",
		.unit = "actions", .rises = true),
	NUMBER(snapshot_mapek, dropped, FIELD_UINT64, "Packets that the rules of actions dropped",
		.unit = "packets", .rises = true),
	NUMBER(snapshot_mapek, honest, FIELD_UINT64,
		"Of these, packets that their sources send usually, estimated", .unit = "packets",
		.rises = true),
	LIST(snapshot_mapek, series, mapek_series_fields, "What is watched, and what is usual"),
	LIST(snapshot_mapek, anomalies, anomaly_fields, "Anomalies, the latest first"),
	LIST(snapshot_mapek, actions, mapek_action_fields, "Actions, the latest first"),
	LIST(snapshot_mapek, spared, mapek_spared_fields,
		"What no action is about, because an operator said so"),
	LIST(snapshot_mapek, outcomes, mapek_outcome_fields,
		"What became of the actions of each policy since the start"),
	END,
};

const struct snapshot_rule *mapek_rule(const struct snapshot_mesh *mesh, uint64_t action)
{
	char comment[MESH_COMMENT_LEN];

	snprintf(comment, sizeof(comment), MAPEK_COMMENT "%llu", (unsigned long long)action);
	for (uint32_t i = 0; i < mesh->n_rules; i++) {
		const struct snapshot_rule *rule = &mesh->rules[i];
		if ((rule->origin == MESH_ORIGIN_MAPEK || rule->origin == MESH_ORIGIN_OPERATOR) &&
			strcmp(rule->comment, comment) == 0)
			return rule;
	}
	return NULL;
}

char *mapek_effect(const struct snapshot_mapek_action *action, char *text, size_t size)
{
	char before[FORMAT_LEN], after[FORMAT_LEN], dropped[FORMAT_LEN], honest[FORMAT_LEN];
	size_t length = 0;

	text[0] = '\0';
	if (!isnan(action->after))
		length = (size_t)snprintf(text, size, "%s before, %s after",
			format_rate(before, action->before), format_rate(after, action->after));
	if (!isnan(action->after) && !isnan(action->relief))
		length += (size_t)snprintf(
			text + length, size - length, ", %.0f%% gone", 100 * action->relief);
	if (action->dropped == COUNT_UNKNOWN)
		return text;
	length += (size_t)snprintf(text + length, size - length, "%s%s dropped",
		length > 0 ? "; " : "", format_count(dropped, (double)action->dropped));
	if (action->honest != COUNT_UNKNOWN)
		snprintf(text + length, size - length, ", about %s of them usual",
			format_count(honest, (double)action->honest));
	return text;
}
