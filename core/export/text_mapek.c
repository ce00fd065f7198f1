// SPDX-License-Identifier: BSD-2-Clause
#include <inttypes.h>
#include <math.h>

#include "base/duration.h"
#include "export/text_sections.h"
#include "model/format.h"
#include "model/names.h"
#include "model/text_rows.h"

enum {
	ACTIONS_WRITTEN = 10,
	ANOMALIES_WRITTEN = 5,
};

static void write_series(const struct snapshot_mapek_series *series, FILE *file)
{
	char value[FORMAT_LEN] = "-", low[FORMAT_LEN], high[FORMAT_LEN], name[NAME_LEN];

	if (!isnan(series->value))
		format_rate(value, series->value);
	fprintf(file, "  %-30s%9s", text_plain(name, sizeof(name), series->name), value);
	if (isnan(series->low) || isnan(series->high))
		fputs("   usual: not known yet\n", file);
	else
		fprintf(file, "   usual: %s to %s\n", format_rate(low, series->low),
			format_rate(high, series->high));
}

static void write_anomaly(const struct snapshot_mapek_anomaly *anomaly, FILE *file)
{
	char begin[FORMAT_LEN], end[FORMAT_LEN] = "now", worst[FORMAT_LEN], high[FORMAT_LEN],
				low[FORMAT_LEN], policy[NAME_LEN], series[NAME_LEN];

	if (!isnan(anomaly->end))
		format_clock(end, anomaly->end);
	fprintf(file, "  anomaly %-6" PRIu64 "%s to %s  %s\n", anomaly->number,
		format_clock(begin, anomaly->begin), end,
		text_plain(policy, sizeof(policy), anomaly->policy));
	fprintf(file, "                %s: %s, usual %s to %s\n",
		text_plain(series, sizeof(series), anomaly->series),
		format_rate(worst, anomaly->value), format_rate(low, anomaly->low),
		format_rate(high, anomaly->high));
}

static void write_action(const struct snapshot_mapek_action *action, FILE *file)
{
	char left[DURATION_LEN], text[RULE_LEN];

	fprintf(file, "  action %-7" PRIu64 "%s", action->number,
		action->state < MAPEK_ACTION_STATES ? mapek_action_state_names[action->state]
						    : "?");
	if (!isnan(action->time_left))
		fprintf(file, ", %s left", duration_format(left, (uint64_t)action->time_left));
	fprintf(file, "  %s\n", text_plain(text, sizeof(text), action->action));
	text_sentence(file, "", action->reason);
	if (mapek_effect(action, text, sizeof(text))[0] != '\0')
		text_sentence(file, "effect: ", text);
	if (action->ended[0] != '\0')
		text_sentence(file, "hook: ", action->ended);
	if (action->output[0] != '\0')
		text_sentence(file, "it said: ", action->output);
}

void mapek_write_text(const struct snapshot *snapshot, FILE *file)
{
	const struct snapshot_mapek *mapek = &snapshot->mapek;
	char target[MAPEK_TARGET_LEN], state[NAME_LEN];

	if (!mapek->available)
		return;
	fprintf(file, "\nMAPE-K  %s; policies: %u, anomalies that last: %u, actions in force: %u\n",
		text_plain(state, sizeof(state), mapek->state), mapek->policies, mapek->lasting,
		mapek->in_force);
	for (uint32_t i = 0; i < mapek->n_series; i++)
		write_series(&mapek->series[i], file);
	for (uint32_t i = 0; i < mapek->n_anomalies && i < ANOMALIES_WRITTEN; i++)
		write_anomaly(&mapek->anomalies[i], file);
	for (uint32_t i = 0; i < mapek->n_actions && i < ACTIONS_WRITTEN; i++)
		write_action(&mapek->actions[i], file);
	for (uint32_t i = 0; i < mapek->n_spared; i++)
		fprintf(file, "  spared        %s\n",
			text_plain(target, sizeof(target), mapek->spared[i].target));
}
