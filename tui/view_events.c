// SPDX-License-Identifier: BSD-2-Clause
/* View of events, newest last; above them, the kernel's drop reasons. */
#include <stdio.h>

#include "events_panel.h"
#include "model/format.h"
#include "model/names.h"
#include "ui_state.h"

enum { EVENT_TIME, EVENT_KIND, EVENT_TEXT, EVENT_COLUMNS };

static const struct column columns[EVENT_COLUMNS] = {
	[EVENT_TIME] = { "TIME", COLUMN_TEXT, 8, 0, 0 },
	[EVENT_KIND] = { "KIND", COLUMN_TEXT, 8, 0, 0 },
	[EVENT_TEXT] = { "EVENT", COLUMN_TEXT, 30, 0, 255 },
};

static uint32_t event_count(const struct snapshot *snapshot)
{
	return snapshot->net_events.n_events;
}

static void event_key(const struct snapshot *snapshot, uint32_t row, char key[TABLE_KEY_LEN])
{
	snprintf(key, TABLE_KEY_LEN, "%llu",
		(unsigned long long)snapshot->net_events.events[row].number);
}

static void event_cell(const struct snapshot *snapshot, uint32_t row, int column, struct cell *cell)
{
	const struct snapshot_event *event = &snapshot->net_events.events[row];

	switch (column) {
	case EVENT_TIME:
		cell->style = STYLE_DIM;
		format_clock(cell->text, event->time);
		return;
	case EVENT_KIND:
		cell->style = events_kind_style(event->kind);
		snprintf(cell->text, sizeof(cell->text), "%s",
			event->kind < EVENT_KINDS ? event_kind_names[event->kind] : "unknown");
		return;
	default:
		snprintf(cell->text, sizeof(cell->text), "%s", event->text);
	}
}

static const struct table_type event_table = {
	.columns = columns,
	.n_columns = EVENT_COLUMNS,
	.sort = SORT_NONE,
	.empty = "No events yet.",
	.count = event_count,
	.key = event_key,
	.cell = event_cell,
};

static void details(const struct snapshot *snapshot, uint32_t row, struct details *d)
{
	const struct snapshot_event *event = &snapshot->net_events.events[row];
	char clock[FORMAT_LEN];

	snprintf(d->title, sizeof(d->title), "event %llu", (unsigned long long)event->number);
	details_add(d, STYLE_TEXT, "Time", "%s", format_clock(clock, event->time));
	details_add(d, events_kind_style(event->kind), "Kind", "%s",
		event->kind < EVENT_KINDS ? event_kind_names[event->kind] : "unknown");
	details_add(d, STYLE_TEXT, "Event", "%s", event->text);
}

static void draw(struct ui *ui, struct area area)
{
	const struct snapshot_net_events *net = &ui->snapshot->net_events;
	struct table *table = &ui->tables[VIEW_EVENTS];
	int most = area.height / 3 < 12 ? area.height / 3 : 12;
	struct area drops = { area.y, area.x, (int)net->n_drops + 2, area.width };
	char facts[64];

	if (drops.height > most)
		drops.height = most;
	events_draw_drops(net, drops);
	area.y += drops.height;
	area.height -= drops.height;
	snprintf(facts, sizeof(facts), "%s",
		table->follow ? "following the newest" : "End follows the newest");
	draw_title(area.y, area.x, area.width, "Events", facts);
	area.y++;
	area.height--;
	ui_draw_table(ui, table, area);
}

const struct view view_events = {
	.name = "Events",
	.table = &event_table,
	.looks = LOOK_EVENTS,
	.unmeasured = true,
	.draw = draw,
	.details = details,
};
