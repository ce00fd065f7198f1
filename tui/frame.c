// SPDX-License-Identifier: BSD-2-Clause
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "keys.h"
#include "model/alert_log.h"
#include "model/format.h"
#include "ui_state.h"

enum {
	WIDTH_MIN = 60,
	HEIGHT_MIN = 16,
	NAME_MIN = 16, /* columns that the name of the host keeps */
	TABS_WIDE = 108, /* width with room for a space between digit and name of a tab */
};

/* --- the line at the top ------------------------------------------------------------------------- */

/* Draws " text " right-aligned to column `end`. Returns the column before it. */
static int badge(int end, enum style style, const char *text)
{
	int columns = text_columns(text) + 2;

	if (end - columns < 24)
		return end;
	draw_format(0, end - columns, columns, style, " %s ", text);
	return end - columns - 1;
}

/* Returns whether a program enforces. */
static bool enforcing(const struct snapshot *s)
{
	return (s->mesh.available && s->mesh.enforcing) ||
	       (s->pqc.available && s->pqc.mode == PQC_ENFORCE);
}

static int draw_place(int end, enum style style, const char *text)
{
	int columns = text_columns(text);

	return end - 1 - draw_right(0, end - columns, columns, style, text);
}

/* Draws the time of the sample, and what tells how the next one comes. */
static int draw_clock(const struct ui *ui, int end)
{
	char text[FORMAT_LEN * 2], number[FORMAT_LEN];

	end = draw_place(end, STYLE_TEXT, format_clock(number, ui->snapshot->time));
	snprintf(text, sizeof(text), "every %s", format_ns(number, ui->interval * 1e9));
	if (ui->interval == floor(ui->interval))
		snprintf(text, sizeof(text), "every %.0fs", ui->interval);
	return ui->paused ? badge(end, STYLE_BADGE, "PAUSED") : draw_place(end, STYLE_DIM, text);
}

/* The same of a recording, which shall not be taken for live, however narrow the screen is. */
static int draw_replay(const struct ui *ui, int end)
{
	const struct ui_replay *replay = &ui->replay;
	char text[FORMAT_LEN * 2];

	const char *name = ui_is_past(ui) ? " HISTORY " : " REPLAY ";

	end -= draw_text(0, end - text_columns(name), text_columns(name), STYLE_BADGE, name) + 1;
	end = draw_place(end, STYLE_STRONG, format_date(text, ui->snapshot->time));
	snprintf(text, sizeof(text), "%u/%u", replay->at + 1, replay->count);
	end = draw_place(end, STYLE_TEXT, text);
	snprintf(text, sizeof(text), "x%g", replay->speed);
	if (ui_is_past(ui))
		end = draw_place(end, STYLE_DIM, format_uptime(text, replay->span));
	else if ((replay->playing || replay->speed != 1) && end - text_columns(text) > NAME_MIN)
		end = draw_place(end, STYLE_DIM, text);
	if (replay->playing)
		return end;
	return badge(end, STYLE_BADGE, replay->at + 1 < replay->count ? "PAUSED" : "END");
}

static int draw_badges(const struct ui *ui, int end)
{
	char text[FORMAT_LEN * 2];

	end = ui_is_replay(ui) ? draw_replay(ui, end - 1) : draw_clock(ui, end - 1);
	if (ui->snapshot->self.readonly)
		end = badge(end, STYLE_BADGE, "READ-ONLY");
	if (enforcing(ui->snapshot))
		end = badge(end, STYLE_BADGE, "ENFORCING");
	if (alerts_of(ui->snapshot, SEVERITY_BAD) > 0) {
		snprintf(text, sizeof(text), "%u FAILED", alerts_of(ui->snapshot, SEVERITY_BAD));
		end = badge(end, STYLE_BADGE_BAD, text);
	}
	if (ui->snapshot->host.lab)
		end = badge(end, STYLE_TAB_ACTIVE, "LAB");
	return end;
}

static void draw_top(const struct ui *ui)
{
	const struct snapshot_host *host = &ui->snapshot->host;
	int end = ui->samples == 0 && ui_is_past(ui) ? COLS : draw_badges(ui, COLS);
	char text[256], uptime[FORMAT_LEN], load[FORMAT_LEN];
	int x = 1;

	x += draw_text(0, x, end - x, STYLE_TITLE, "x0top");
	x += 1;
	x += draw_text(0, x, end - x, STYLE_STRONG, host->name);
	if (ui->samples == 0)
		return;
	const char *const facts[] = { host->kernel, text, host->machine };
	snprintf(text, sizeof(text), "%u CPUs  load %s  up %s", host->cpus,
		format_load(load, host->load1), format_uptime(uptime, host->uptime_s));
	for (size_t i = 0; i < sizeof(facts) / sizeof(facts[0]); i++) {
		if (x + 2 + text_columns(facts[i]) >= end)
			break;
		x += 2 + draw_text(0, x + 2, end - x, STYLE_DIM, facts[i]);
	}
}

static void draw_tabs(const struct ui *ui)
{
	const char *space = COLS >= TABS_WIDE ? " " : "";
	int x = 0;

	for (int i = 0; i < VIEWS; i++) {
		bool active = i == (int)ui_whole(ui);
		enum style digit = active ? STYLE_TAB_ACTIVE : STYLE_KEY;
		enum style name = active ? STYLE_TAB_ACTIVE : STYLE_TAB;

		if (*space != '\0')
			draw_cell(1, x++, name, L' ');
		x += draw_format(1, x, COLS - x, digit, "%d%s", i + 1, space);
		x += draw_text(1, x, COLS - x, name, ui->views[i]->name);
		if (*space != '\0')
			draw_cell(1, x++, name, L' ');
		x++;
	}
}

/* --- the line at the bottom, and messages over it ------------------------------------------------ */

static int draw_footer_key(int y, int x, int width, const char *footer, bool off)
{
	const char *space = strchr(footer, ' ');
	char key[16];

	snprintf(key, sizeof(key), "%.*s", (int)(space - footer), footer);
	if (text_columns(footer) > width)
		return 0;
	int used = draw_text(y, x, width, off ? STYLE_DISABLED : STYLE_KEY, key);
	used += 1 + draw_text(y, x + used + 1, width - used - 1, off ? STYLE_DISABLED : STYLE_DIM,
			    space + 1);
	return used + 2;
}

static void draw_footer(struct ui *ui)
{
	struct table *table = ui_table(ui);
	char place[TABLE_FILTER_LEN + 32] = "";
	const struct key *list[KEYS_MAX];
	int end = COLS - 1, x = 1, y = LINES - 1, n;

	if (table != NULL && table->n_rows > 0)
		snprintf(place, sizeof(place), "%u/%u", table->at + 1, table->n_rows);
	end -= draw_right(y, 0, end, STYLE_DIM, place) + 1;
	if (table != NULL && table->filter[0] != '\0') {
		snprintf(place, sizeof(place), "filter: %s", table->filter);
		end -= draw_right(y, 0, end, STYLE_WARN, place) + 1;
	}
	n = keys_list(ui, list);
	for (int i = 0; i < n; i++) {
		bool here = (list[i]->views & IN_VIEW(ui->view)) != 0;
		bool off = key_why_not(ui, list[i]) != NULL;

		/* What a recording never can is not offered. */
		if (list[i]->footer != NULL && here && !(off && ui_is_replay(ui)))
			x += draw_footer_key(y, x, end - x, list[i]->footer, off);
	}
}

static void draw_message(const struct ui *ui)
{
	const struct message *message = &ui->message;
	int width = COLS - 4;
	int what = draw_wrapped(0, 0, width, 0, STYLE_TEXT, message->what);
	int remedy = draw_wrapped(0, 0, width, 0, STYLE_TEXT, message->remedy);
	int y = LINES - 2 - what - remedy;

	if (message->what[0] == '\0')
		return;
	draw_blank((struct area) { y, 0, what + remedy + 1, COLS });
	draw_fill(y, 0, COLS, STYLE_DIM, style_glyph(GLYPH_LINE));
	draw_glyph(y + 1, 1, message->failure ? STYLE_BAD : STYLE_ACCENT,
		message->failure ? GLYPH_BAD : GLYPH_NOTE);
	draw_wrapped(
		y + 1, 3, width, what, message->failure ? STYLE_BAD : STYLE_STRONG, message->what);
	draw_wrapped(y + 1 + what, 3, width, remedy, STYLE_TEXT, message->remedy);
}

/* ------------------------------------------------------------------------------------------------- */

static void draw_too_small(void)
{
	char text[64];

	snprintf(text, sizeof(text), "%dx%d is too small: x0top needs %dx%d.", COLS, LINES,
		WIDTH_MIN, HEIGHT_MIN);
	draw_wrapped(0, 0, COLS, LINES, STYLE_STRONG, text);
}

void frame_draw(struct ui *ui)
{
	struct area body = { 2, 0, LINES - 3, COLS };

	if (COLS < WIDTH_MIN || LINES < HEIGHT_MIN)
		return draw_too_small();
	draw_top(ui);
	draw_tabs(ui);
	if (ui->samples == 0)
		draw_text(3, 2, COLS - 4, STYLE_DIM, "Waiting for the first sample");
	else
		ui_view(ui)->draw(ui, body);
	draw_footer(ui);
	draw_message(ui);
	dialog_draw(ui);
}
