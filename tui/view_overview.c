// SPDX-License-Identifier: BSD-2-Clause
/* Overview: alerts, a line per program, and the top of each other view. */
#include <stdio.h>

#include "alerts_page.h"
#include "model/alert_log.h"
#include "overview_panels.h"
#include "program_details.h"
#include "ui_state.h"
#include "view_programs.h"

enum { ROW_PANELS_MAX = 3, ROWS_MAX = 6, WIDE = 140, ALERTS_SHOWN = 2, ALERTS_TALL = 5, TALL = 40 };

#define ROOM_FOR_INTERFACES \
	34 /* lines of the overview; lower ones have them in the packets view alone */

/* Panels side by side. `least` and `most` count lines below the title. */
struct panel_row {
	const struct panel *panels[ROW_PANELS_MAX];
	int weights[ROW_PANELS_MAX]; /* of the width */
	int least, most;
};

/* From top to bottom. On a low screen, the last row is left out first. */
static const struct panel_row narrow_rows[ROWS_MAX] = {
	{ { &panel_packets }, { 1 }, 2, 16 },
	{ { &panel_interfaces }, { 1 }, 3, 6 },
	{ { &panel_mesh, &panel_classes }, { 1, 1 }, 2, 6 },
	{ { &panel_syscalls, &panel_events }, { 1, 1 }, 2, 11 },
	{ { &panel_signatures }, { 1 }, 0, 0 },
	{ { &panel_costs }, { 1 }, 0, 10 },
};
static const struct panel_row wide_rows[ROWS_MAX] = {
	{ { &panel_packets, &panel_protocols }, { 2, 1 }, 4, 20 },
	{ { &panel_interfaces }, { 1 }, 3, 10 },
	{ { &panel_mesh, &panel_classes, &panel_syscalls }, { 1, 1, 1 }, 3, 11 },
	{ { &panel_events, &panel_drops }, { 2, 1 }, 2, 30 },
	{ { &panel_signatures }, { 1 }, 0, 0 },
	{ { &panel_costs }, { 1 }, 0, 10 },
};

/* Copies those that a screen of this size has. Returns how many these are. */
static int choose_rows(
	const struct snapshot_links *links, struct area area, struct panel_row rows[ROWS_MAX])
{
	const struct panel_row *all = area.width >= WIDE ? wide_rows : narrow_rows;
	int lines = (int)links->n_links + 2, n = 0; /* below the head and the sum */

	for (int i = 0; i < ROWS_MAX; i++) {
		rows[n] = all[i];
		if (all[i].panels[0] != &panel_interfaces)
			n++;
		else if (area.height >= ROOM_FOR_INTERFACES)
			rows[n++].most = lines < all[i].most ? lines : all[i].most;
	}
	return n;
}

/* --- alerts ------------------------------------------------------------------------------------- */

/* Draws an alert in at most `lines` lines. Returns the lines used. */
static int draw_alert(const struct snapshot_alert *alert, int y, int width, int lines)
{
	static const enum glyph glyphs[SEVERITIES] = {
		[SEVERITY_BAD] = GLYPH_BAD,
		[SEVERITY_WARNING] = GLYPH_WARN,
		[SEVERITY_NOTE] = GLYPH_NOTE,
	};
	enum style style = alerts_style(alert->severity);

	draw_glyph(y, 1, style, glyphs[alert->severity % SEVERITIES]);
	int needed = draw_wrapped(y, 3, width - 4, lines, style, alert->sentence);
	return needed < lines ? needed : lines;
}

/* Draws the worst alerts that last. Returns the lines used. */
static int draw_alerts(const struct ui *ui, struct area area)
{
	const struct snapshot *s = ui->snapshot;
	int most = area.height >= TALL ? ALERTS_TALL : ALERTS_SHOWN, used = 0;
	int n = (int)alerts_that_last(s);
	char more[24];

	if (n == 0) {
		draw_glyph(area.y, 1, STYLE_GOOD, GLYPH_GOOD);
		draw_text(area.y, 3, area.width - 4, STYLE_GOOD,
			s->n_alerts > 0 ? "No problems now; w shows past ones" : "No problems");
		return 1;
	}
	/* A long one may take more lines, as long as each later one gets one. */
	for (int i = 0; i < n && used < most; i++) {
		int later = n - i - 1;
		int room = most - used - later > 1 ? most - used - later : 1;

		used += draw_alert(&s->alerts[i], area.y + used, area.width - 11, room);
	}
	if (n <= most)
		return used;
	snprintf(more, sizeof(more), "w: %d more", n - most);
	draw_right(area.y + most - 1, area.width - 11, 10, STYLE_DIM, more);
	return most;
}

/* --- panels --------------------------------------------------------------------------------------- */

static void draw_panel(struct ui *ui, const struct panel *panel, struct area area)
{
	char facts[96] = "";
	char title[32];

	panel->facts(ui->snapshot, facts, sizeof(facts));
	snprintf(title, sizeof(title), "%s", panel->title);
	draw_title(area.y, area.x, area.width, title, facts);
	area.y++;
	area.height--;
	area.x++;
	area.width -= 3;
	if (area.height > 0)
		panel->draw(ui, area);
}

static void draw_row(struct ui *ui, const struct panel_row *row, struct area area)
{
	int weights = 0, before = 0;

	for (int i = 0; i < ROW_PANELS_MAX; i++)
		weights += row->weights[i];
	for (int i = 0; i < ROW_PANELS_MAX && row->panels[i] != NULL; i++) {
		int from = before * (area.width + 1) / weights;
		int to = (before + row->weights[i]) * (area.width + 1) / weights - 1;
		struct area part = { area.y, area.x + from, area.height, to - from };

		draw_panel(ui, row->panels[i], part);
		before += row->weights[i];
	}
}

/*
 * Computes the heights of the rows. If room is short, the last rows shrink to their titles, then
 * are left out. Returns how many are shown.
 */
static int fit_rows(const struct panel_row *rows, int n, int height, int heights[ROWS_MAX])
{
	int shown = n, used = 0;

	for (int i = 0; i < n; i++) {
		heights[i] = rows[i].least + 1;
		used += heights[i];
	}
	for (int i = n - 1; i >= 0 && used > height; i--) {
		used -= rows[i].least;
		heights[i] = 1;
	}
	/* A line names the rows left out. */
	while (shown > 0 && used + (shown < n) > height)
		used -= heights[--shown];
	used += shown < n;
	for (bool grew = true; grew && used < height;) {
		grew = false;
		for (int i = 0; i < shown && used < height; i++)
			if (heights[i] <= rows[i].most) {
				heights[i]++;
				used++;
				grew = true;
			}
	}
	return shown;
}

static void draw_missing(const struct panel_row *rows, int shown, int n, int y, int width)
{
	int x = 1;

	x += draw_text(y, x, width - x, STYLE_DIM, "A taller terminal also shows:");
	for (int r = shown; r < n; r++)
		for (int i = 0; i < ROW_PANELS_MAX && rows[r].panels[i] != NULL; i++)
			x += 1 + draw_text(y, x + 1, width - x - 1, STYLE_DIM,
					 rows[r].panels[i]->title);
}

static void draw(struct ui *ui, struct area area)
{
	struct panel_row rows[ROWS_MAX];
	struct table *table = &ui->tables[VIEW_OVERVIEW];
	struct area programs = area, row = area;
	int bottom = area.y + area.height, alerts, heights[ROWS_MAX], shown;
	int n = choose_rows(&ui->snapshot->links, area, rows);

	alerts = draw_alerts(ui, area);
	programs.y += alerts;
	programs.height = table_height(table, area.height - alerts - 2);
	ui_draw_table(ui, table, programs);
	row.y = programs.y + programs.height;
	shown = fit_rows(rows, n, bottom - row.y, heights);
	for (int i = 0; i < shown; i++) {
		row.height = heights[i];
		draw_row(ui, &rows[i], row);
		row.y += heights[i];
	}
	if (shown < n)
		draw_missing(rows, shown, n, bottom - 1, area.width);
}

const struct view view_overview = {
	.name = "Overview",
	.enforcer = &program_xdp_mesh_filter,
	.table = &programs_table,
	.draw = draw,
	.details = program_details,
	.toggle = programs_toggle,
};
