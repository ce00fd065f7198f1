// SPDX-License-Identifier: BSD-2-Clause
#include <inttypes.h>
#include <math.h>

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
				low[FORMAT_LEN], sentence[REASON_LEN];

	if (!isnan(anomaly->end))
		format_clock(end, anomaly->end);
	fprintf(file, "  anomaly %" PRIu64 ", %s to %s\n", anomaly->number,
		format_clock(begin, anomaly->begin), end);
	snprintf(sentence, sizeof(sentence), "%s: %s is %s at worst, usually %s to %s",
		anomaly->policy, anomaly->series, format_rate(worst, anomaly->value),
		format_rate(low, anomaly->low), format_rate(high, anomaly->high));
	text_sentence(file, "", sentence);
}

static void write_action(const struct snapshot_mapek_action *action, FILE *file)
{
	char left[FORMAT_LEN], text[REASON_LEN];

	fprintf(file, "  action %" PRIu64 ", %s", action->number,
		action->state < MAPEK_ACTION_STATES ? mapek_action_state_names[action->state]
						    : "?");
	if (!isnan(action->time_left))
		fprintf(file, ", %s left", format_ns(left, fmax(action->time_left, 0) * 1e9));
	fputc('\n', file);
	text_sentence(file, "", action->action);
	text_sentence(file, "", action->reason);
	text_sentence(file, "effect: ", mapek_effect(action, text, sizeof(text)));
	text_sentence(file, "hook: ", action->ended);
	text_sentence(file, "it said: ", action->output);
}

void mapek_write_text(const struct snapshot *snapshot, FILE *file)
{
	const struct snapshot_mapek *mapek = &snapshot->mapek;
	char target[MAPEK_TARGET_LEN];

	if (!mapek->available)
		return;
	fprintf(file, "\n%-*s", TEXT_TITLE, "MAPE-K");
	text_line(file, TEXT_TITLE, "%s; %u policies, %u anomalies last, %u actions in force",
		mapek->state, mapek->policies, mapek->lasting, mapek->in_force);
	for (uint32_t i = 0; i < mapek->n_series; i++)
		write_series(&mapek->series[i], file);
	for (uint32_t i = 0; i < mapek->n_anomalies && i < ANOMALIES_WRITTEN; i++)
		write_anomaly(&mapek->anomalies[i], file);
	for (uint32_t i = 0; i < mapek->n_actions && i < ACTIONS_WRITTEN; i++)
		write_action(&mapek->actions[i], file);
	for (uint32_t i = 0; i < mapek->n_spared; i++)
		fprintf(file, "  spared %s\n",
			text_plain(target, sizeof(target), mapek->spared[i].target));
}
