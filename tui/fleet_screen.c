// SPDX-License-Identifier: BSD-2-Clause
#include "fleet_screen.h"

#include <curses.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "draw.h"
#include "model/format.h"

enum {
	HEAD_ROWS = 2, /* title, line of what is typed or wrong */
	FOOT_ROWS = 1,
	ESCAPE = 27,
	SMALLEST_WIDTH = 60,
	SMALLEST_HEIGHT = 8,
};

/* --- rows ----------------------------------------------------------------------------------------- */

enum { COLUMN_INSTANCE = FLEET_COLUMNS, COLUMN_WHY };

static const struct column columns[] = {
	{ "HOST", COLUMN_TEXT, 22, 0, 26 },
	{ "NAME", COLUMN_TEXT, 12, 7, 12 },
	{ "ATTENTION", COLUMN_TEXT, 13, 0, 0 },
	{ "PKT/s", COLUMN_NUMBER, 7, 5, 0 },
	{ "BIT/s", COLUMN_NUMBER, 9, 6, 0 },
	{ "KDROP/s", COLUMN_NUMBER, 8, 8, 0 },
	{ "DROP/s", COLUMN_NUMBER, 7, 3, 0 },
	{ "REFUS/s", COLUMN_NUMBER, 8, 4, 0 },
	{ "ENFORCES", COLUMN_NUMBER, 9, 2, 0 },
	{ "SEEN", COLUMN_NUMBER, 6, 1, 0 },
};

enum { COLUMNS = sizeof(columns) / sizeof(columns[0]) };

/* What each shows: enum fleet_column, or one of the two above. */
static const int shown[COLUMNS] = { COLUMN_INSTANCE, FLEET_NAME, COLUMN_WHY, FLEET_PACKETS,
	FLEET_BYTES, FLEET_KERNEL_DROPS, FLEET_MESH_DROPS, FLEET_REFUSALS, FLEET_ENFORCING,
	FLEET_SEEN };

/* A table hands the snapshot on that its rows are of. These are of this, in the place of one. */
static const struct fleet *fleet;

static uint32_t host_count(const struct snapshot *none)
{
	(void)none;
	return fleet != NULL ? (uint32_t)fleet->n : 0;
}

static void host_key(const struct snapshot *none, uint32_t row, char key[TABLE_KEY_LEN])
{
	_Static_assert((int)FLEET_INSTANCE_LEN <= (int)TABLE_KEY_LEN, "an instance is a key");
	(void)none;
	snprintf(key, TABLE_KEY_LEN, "%s", fleet->hosts[row].instance);
}

static enum style style_of(const struct fleet_host *host)
{
	return host->attention >= 1e9	? STYLE_BAD
	       : host->attention >= 1e6 ? STYLE_WARN
					: STYLE_TEXT;
}

static const char *format_value(int value, double number, char text[FORMAT_LEN])
{
	switch (value) {
	case FLEET_BYTES:
		return format_bits(text, number);
	case FLEET_ENFORCING:
		return isnan(number) ? "-" : number > 0 ? "yes" : "no";
	case FLEET_SEEN:
		return isnan(number) ? "-" : format_uptime(text, fmax(0, fleet->time - number));
	default:
		return format_rate(text, number);
	}
}

static void host_cell(const struct snapshot *none, uint32_t row, int column, struct cell *cell)
{
	const struct fleet_host *host = &fleet->hosts[row];
	const int value = shown[column];
	char text[FORMAT_LEN];
	const char *is = text;

	(void)none;
	if (value == COLUMN_INSTANCE) {
		is = host->instance;
	} else if (value == FLEET_NAME) {
		is = host->name;
	} else if (value == COLUMN_WHY) {
		is = host->why;
		cell->style = style_of(host);
	} else {
		cell->value = host->values[value];
		is = format_value(value, cell->value, text);
	}
	snprintf(cell->text, sizeof(cell->text), "%s", is);
}

static const struct table_type host_table = {
	.columns = columns,
	.n_columns = COLUMNS,
	.sort = SORT_NONE, /* hosts come in the order of attention */
	.empty = "Prometheus has no target of this job: see --job",
	.count = host_count,
	.key = host_key,
	.cell = host_cell,
};

void fleet_screen_open(struct fleet_screen *screen)
{
	*screen = (struct fleet_screen) { 0 };
	fleet = NULL;
	table_open(&screen->table, &host_table, NULL, 0);
}

void fleet_screen_close(struct fleet_screen *screen)
{
	free(screen->table.rows);
	screen->table.rows = NULL;
	screen->table.room = 0;
}

/* Makes room for a row each, if there is memory. */
static void make_room(struct table *table, size_t n)
{
	n = n < UINT16_MAX ? n : UINT16_MAX;
	uint16_t *grown = n > table->room ? realloc(table->rows, n * sizeof(*grown)) : NULL;
	if (grown == NULL)
		return;
	table->rows = grown;
	table->room = (uint32_t)n;
}

void fleet_screen_update(struct fleet_screen *screen, const struct fleet *answer)
{
	screen->fleet = fleet = answer;
	screen->failure.error = 0;
	make_room(&screen->table, fleet->n);
	table_update(&screen->table, NULL);
}

void fleet_screen_failure(struct fleet_screen *screen, const struct failure *failure)
{
	screen->failure = *failure;
}

/* --- keys ----------------------------------------------------------------------------------------- */

static bool is_enter(int key)
{
	return key == '\n' || key == '\r' || key == KEY_ENTER;
}

static void type(struct fleet_screen *screen, int key)
{
	struct table *table = &screen->table;
	size_t length = strlen(screen->typing);

	if (key == ESCAPE)
		screen->typing[0] = '\0';
	else if ((key == KEY_BACKSPACE || key == 127 || key == '\b') && length > 0)
		screen->typing[length - 1] = '\0';
	else if (key >= ' ' && key <= '~' && length + 1 < TABLE_FILTER_LEN)
		screen->typing[length] = (char)key, screen->typing[length + 1] = '\0';
	if (screen->typing == table->filter)
		table_update(table, NULL);
	else
		table_search(table, NULL, screen->search, 0);
	if (key == ESCAPE || is_enter(key))
		screen->typing = NULL;
}

static void begin_typing(struct fleet_screen *screen, char *text)
{
	screen->typing = text;
	text[0] = '\0';
	table_update(&screen->table, NULL);
}

/* Returns whether the key moves the highlight. */
static bool move_highlight(struct table *table, int key)
{
	const int page = table->page > 1 ? (int)table->page - 1 : 1;
	const struct {
		int key, rows;
	} steps[] = {
		{ KEY_UP, -1 },
		{ KEY_DOWN, 1 },
		{ KEY_PPAGE, -page },
		{ KEY_NPAGE, page },
		{ KEY_HOME, TABLE_FIRST },
		{ KEY_END, TABLE_LAST },
	};

	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++)
		if (steps[i].key == key) {
			table_move(table, NULL, steps[i].rows);
			return true;
		}
	return false;
}

static void choose_sort(struct table *table, int step)
{
	table->inverted = false;
	table->sort = table_next_sort(table, step);
	table_update(table, NULL);
}

static void handle(struct fleet_screen *screen, int key)
{
	struct table *table = &screen->table;

	switch (key) {
	case '<':
		choose_sort(table, -1);
		break;
	case '>':
	case KEY_F(6):
		choose_sort(table, 1);
		break;
	case 'I':
		table->inverted = !table->inverted;
		table_update(table, NULL);
		break;
	case '/':
		begin_typing(screen, screen->search);
		break;
	case 'n':
	case 'N':
		table_search(table, NULL, screen->search, key == 'n' ? 1 : -1);
		break;
	case '\\':
	case KEY_F(4):
		begin_typing(screen, table->filter);
		break;
	}
}

enum fleet_wish fleet_screen_key(struct fleet_screen *screen, int key)
{
	if (screen->typing != NULL)
		type(screen, key);
	else if (key == 'q' || key == KEY_F(10))
		return FLEET_WISH_QUIT;
	else if (is_enter(key) && table_selected(&screen->table) >= 0)
		return FLEET_WISH_HOST;
	else if (!move_highlight(&screen->table, key))
		handle(screen, key);
	return FLEET_WISH_NOTHING;
}

/* --- drawing -------------------------------------------------------------------------------------- */

static void draw_top(const struct fleet_screen *screen)
{
	char clock[FORMAT_LEN];
	size_t attention = 0;

	for (size_t i = 0; fleet != NULL && i < fleet->n; i++)
		attention += fleet->hosts[i].attention >= 1e6;
	if (fleet == NULL)
		draw_text(0, 0, COLS, STYLE_TITLE, "x0top fleet: asking Prometheus");
	else
		draw_format(0, 0, COLS, STYLE_TITLE,
			"x0top fleet  %zu hosts, %zu need attention  %s", fleet->n, attention,
			format_clock(clock, fleet->time));
	if (screen->typing != NULL)
		draw_format(1, 0, COLS, STYLE_STRONG, "%s: %s",
			screen->typing == screen->search ? "Search" : "Filter", screen->typing);
	else if (screen->failure.error < 0)
		draw_format(1, 0, COLS, STYLE_BAD, "%s. %s", screen->failure.what,
			screen->failure.remedy);
	else if (screen->table.filter[0] != '\0')
		draw_format(1, 0, COLS, STYLE_DIM, "only: %s", screen->table.filter);
}

void fleet_screen_draw(struct fleet_screen *screen)
{
	const struct area area = { HEAD_ROWS, 0, LINES - HEAD_ROWS - FOOT_ROWS, COLS };

	erase();
	if (COLS < SMALLEST_WIDTH || LINES < SMALLEST_HEIGHT) {
		draw_format(0, 0, COLS, STYLE_BAD, "x0top fleet needs a terminal of %dx%d",
			SMALLEST_WIDTH, SMALLEST_HEIGHT);
		return;
	}
	draw_top(screen);
	screen->table.empty = fleet == NULL ? "" : NULL;
	table_draw(&screen->table, NULL, area, true, NULL, NULL);
	draw_text(LINES - 1, 0, COLS, STYLE_KEY,
		"q Quit  Enter History  / Search  n N Next  F4 Filter  F6 Sort  I Invert");
}
