// SPDX-License-Identifier: BSD-2-Clause
#include "fleet_screen.h"

#include <ctype.h>
#include <curses.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "draw.h"
#include "model/format.h"

enum {
	SORT_ATTENTION = -1,
	HEAD_ROWS = 3, /* title, line of what is typed or wrong, column titles */
	FOOT_ROWS = 1,
	ESCAPE = 27,
	SMALLEST_WIDTH = 60,
	SMALLEST_HEIGHT = 8,
};

static const struct column {
	const char *title;
	int width; /* negative: left-aligned */
	int value; /* enum fleet_column; -1: the instance, -2: why */
} columns[] = {
	{ "HOST", -24, -1 },
	{ "NAME", -12, FLEET_NAME },
	{ "ATTENTION", -13, -2 },
	{ "PKT/s", 7, FLEET_PACKETS },
	{ "BIT/s", 9, FLEET_BYTES },
	{ "KDROP/s", 7, FLEET_KERNEL_DROPS },
	{ "DROP/s", 7, FLEET_MESH_DROPS },
	{ "REFUS/s", 7, FLEET_REFUSALS },
	{ "ENFORCES", 8, FLEET_ENFORCING },
	{ "SEEN", 6, FLEET_SEEN },
};

enum { COLUMNS = sizeof(columns) / sizeof(columns[0]) };

void fleet_screen_open(struct fleet_screen *screen)
{
	*screen = (struct fleet_screen) { .sort = SORT_ATTENTION };
}

void fleet_screen_close(struct fleet_screen *screen)
{
	free(screen->rows);
	screen->rows = NULL;
}

/* --- rows ----------------------------------------------------------------------------------------- */

static const struct fleet_host *host_at(const struct fleet_screen *screen, size_t row)
{
	return &screen->fleet->hosts[screen->rows[row]];
}

/* What qsort(3) cannot be given. */
static const struct fleet_screen *sorting;

static const char *text_of(const struct fleet_host *host, int value)
{
	return value == -1 ? host->instance : value == -2 ? host->why : host->name;
}

static int compare(const void *one, const void *other)
{
	const uint32_t a = *(const uint32_t *)one, b = *(const uint32_t *)other;
	const struct fleet_host *hosts = sorting->fleet->hosts;
	const int value = columns[sorting->sort].value;
	int order;

	if (value < 0 || value == FLEET_NAME) {
		order = strcmp(text_of(&hosts[a], value), text_of(&hosts[b], value));
	} else {
		double x = hosts[a].values[value], y = hosts[b].values[value];
		/* What is not known comes last. */
		x = isnan(x) ? -INFINITY : x;
		y = isnan(y) ? -INFINITY : y;
		order = (x < y) - (x > y);
	}
	/* Hosts are in the order of attention; equal ones keep it. */
	return order != 0 ? order : (a > b) - (a < b);
}

static bool contains(const struct fleet_host *host, const char *text)
{
	return text[0] == '\0' || strcasestr(host->instance, text) != NULL ||
	       strcasestr(host->name, text) != NULL || strcasestr(host->why, text) != NULL;
}

static void find_selected(struct fleet_screen *screen)
{
	for (size_t row = 0; row < screen->n; row++)
		if (strcmp(host_at(screen, row)->instance, screen->selected) == 0) {
			screen->at = row;
			return;
		}
	if (screen->at >= screen->n)
		screen->at = screen->n > 0 ? screen->n - 1 : 0;
}

static void reverse(struct fleet_screen *screen)
{
	for (size_t i = 0; i < screen->n / 2; i++) {
		uint32_t row = screen->rows[i];
		screen->rows[i] = screen->rows[screen->n - 1 - i];
		screen->rows[screen->n - 1 - i] = row;
	}
}

static void arrange(struct fleet_screen *screen)
{
	const struct fleet *fleet = screen->fleet;

	screen->n = 0;
	if (fleet == NULL)
		return;
	if (fleet->n > screen->room) {
		uint32_t *grown = realloc(screen->rows, fleet->n * sizeof(*grown));
		if (grown == NULL)
			return;
		screen->rows = grown;
		screen->room = fleet->n;
	}
	for (size_t i = 0; i < fleet->n; i++)
		if (contains(&fleet->hosts[i], screen->filter))
			screen->rows[screen->n++] = (uint32_t)i;
	sorting = screen;
	if (screen->sort != SORT_ATTENTION && screen->n > 0)
		qsort(screen->rows, screen->n, sizeof(screen->rows[0]), compare);
	if (screen->inverted)
		reverse(screen);
	find_selected(screen);
}

void fleet_screen_update(struct fleet_screen *screen, const struct fleet *fleet)
{
	screen->fleet = fleet;
	screen->failure.error = 0;
	arrange(screen);
}

void fleet_screen_failure(struct fleet_screen *screen, const struct failure *failure)
{
	screen->failure = *failure;
}

/* --- keys ----------------------------------------------------------------------------------------- */

static void go_to(struct fleet_screen *screen, size_t row)
{
	if (screen->n == 0)
		return;
	screen->at = row < screen->n ? row : screen->n - 1;
	snprintf(screen->selected, sizeof(screen->selected), "%s",
		host_at(screen, screen->at)->instance);
}

static void move_by(struct fleet_screen *screen, long rows)
{
	long at = (long)screen->at + rows;

	go_to(screen, at < 0 ? 0 : (size_t)at);
}

static void find_next(struct fleet_screen *screen, size_t from)
{
	for (size_t i = 0; i < screen->n; i++) {
		size_t row = (from + i) % screen->n;
		if (contains(host_at(screen, row), screen->search)) {
			go_to(screen, row);
			return;
		}
	}
}

static void type(struct fleet_screen *screen, int key)
{
	size_t length = strlen(screen->typing);
	const bool filters = screen->typing == screen->filter;

	if (key == ESCAPE)
		screen->typing[0] = '\0';
	else if ((key == KEY_BACKSPACE || key == 127 || key == '\b') && length > 0)
		screen->typing[length - 1] = '\0';
	else if (key >= ' ' && key <= '~' && length + 1 < FLEET_TEXT_LEN)
		screen->typing[length] = (char)key, screen->typing[length + 1] = '\0';
	if (filters)
		arrange(screen);
	else if (key != ESCAPE)
		find_next(screen, screen->at);
	if (key == ESCAPE || key == '\n' || key == '\r' || key == KEY_ENTER)
		screen->typing = NULL;
}

static void choose_sort(struct fleet_screen *screen, int step)
{
	screen->sort += step;
	if (screen->sort >= COLUMNS)
		screen->sort = SORT_ATTENTION;
	else if (screen->sort < SORT_ATTENTION)
		screen->sort = COLUMNS - 1;
	screen->inverted = false;
	arrange(screen);
}

static void begin_typing(struct fleet_screen *screen, char *text)
{
	screen->typing = text;
	text[0] = '\0';
	arrange(screen);
}

/* Returns whether the key moves the highlight. */
static bool move_highlight(struct fleet_screen *screen, int key)
{
	const long page = screen->page > 1 ? (long)screen->page - 1 : 1;
	const struct {
		int key;
		long rows;
	} steps[] = {
		{ KEY_UP, -1 },
		{ KEY_DOWN, 1 },
		{ KEY_PPAGE, -page },
		{ KEY_NPAGE, page },
		{ KEY_HOME, -(long)screen->n },
		{ KEY_END, (long)screen->n },
	};

	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++)
		if (steps[i].key == key) {
			move_by(screen, steps[i].rows);
			return true;
		}
	return false;
}

static void handle(struct fleet_screen *screen, int key)
{
	switch (key) {
	case '<':
		choose_sort(screen, -1);
		break;
	case '>':
	case KEY_F(6):
		choose_sort(screen, 1);
		break;
	case 'I':
		screen->inverted = !screen->inverted;
		arrange(screen);
		break;
	case '/':
		begin_typing(screen, screen->search);
		break;
	case 'n':
		find_next(screen, screen->at + 1);
		break;
	case '\\':
	case KEY_F(4):
		begin_typing(screen, screen->filter);
		break;
	}
}

static bool is_enter(int key)
{
	return key == '\n' || key == '\r' || key == KEY_ENTER;
}

enum fleet_wish fleet_screen_key(struct fleet_screen *screen, int key)
{
	if (screen->typing != NULL)
		type(screen, key);
	else if (key == 'q' || key == KEY_F(10))
		return FLEET_WISH_QUIT;
	else if (is_enter(key) && screen->n > 0)
		return go_to(screen, screen->at), FLEET_WISH_HOST;
	else if (!move_highlight(screen, key))
		handle(screen, key);
	return FLEET_WISH_NOTHING;
}

/* --- drawing -------------------------------------------------------------------------------------- */

static enum style style_of(const struct fleet_host *host)
{
	return host->attention >= 1e9	? STYLE_BAD
	       : host->attention >= 1e6 ? STYLE_WARN
					: STYLE_TEXT;
}

static const char *format_value(const struct fleet_screen *screen, const struct fleet_host *host,
	int value, char text[FORMAT_LEN])
{
	const double number = value >= 0 ? host->values[value] : NAN;

	switch (value) {
	case FLEET_BYTES:
		return format_bits(text, number);
	case FLEET_UP:
	case FLEET_ENFORCING:
	case FLEET_FAILING:
		return isnan(number) ? "-" : number > 0 ? "yes" : "no";
	case FLEET_SEEN:
		return isnan(number) ? "-"
				     : format_uptime(text, fmax(0, screen->fleet->time - number));
	case FLEET_FAILED:
	case FLEET_WARNINGS:
		return format_count(text, number);
	default:
		return format_rate(text, number);
	}
}

static bool is_text(int value)
{
	return value < 0 || value == FLEET_NAME;
}

static void draw_row(const struct fleet_screen *screen, int y, size_t row)
{
	const struct fleet_host *host = host_at(screen, row);
	const bool selected = row == screen->at;
	char text[FORMAT_LEN];
	int x = 1;

	if (selected)
		draw_fill(y, 0, COLS, STYLE_SELECTED, L' ');
	for (int i = 0; i < COLUMNS && x < COLS; i++) {
		const struct column *column = &columns[i];
		const int width = abs(column->width);
		enum style style = selected		 ? STYLE_SELECTED
				   : column->value == -2 ? style_of(host)
							 : STYLE_TEXT;
		if (x + width > COLS)
			break;
		if (is_text(column->value))
			draw_text(y, x, width, style, text_of(host, column->value));
		else
			draw_right(y, x, width, style,
				format_value(screen, host, column->value, text));
		x += width + 1;
	}
}

static void draw_titles(const struct fleet_screen *screen, int y)
{
	int x = 1;

	draw_fill(y, 0, COLS, STYLE_HEAD, L' ');
	for (int i = 0; i < COLUMNS; i++) {
		const int width = abs(columns[i].width);
		const enum style style = i == screen->sort ? STYLE_SORTED : STYLE_HEAD;
		if (x + width > COLS)
			break;
		if (columns[i].width < 0)
			draw_text(y, x, width, style, columns[i].title);
		else
			draw_right(y, x, width, style, columns[i].title);
		x += width + 1;
	}
}

static void draw_top(const struct fleet_screen *screen)
{
	const struct fleet *fleet = screen->fleet;
	char clock[FORMAT_LEN];
	size_t attention = 0;

	for (size_t i = 0; fleet != NULL && i < fleet->n; i++)
		attention += fleet->hosts[i].attention >= 1e6;
	if (fleet == NULL)
		draw_text(0, 1, COLS - 1, STYLE_TITLE, "x0top fleet: asking Prometheus");
	else
		draw_format(0, 1, COLS - 1, STYLE_TITLE,
			"x0top fleet  %zu hosts, %zu need attention  %s", fleet->n, attention,
			format_clock(clock, fleet->time));
	if (screen->typing != NULL)
		draw_format(1, 1, COLS - 1, STYLE_STRONG, "%s: %s",
			screen->typing == screen->filter ? "Filter" : "Search", screen->typing);
	else if (screen->failure.error < 0)
		draw_format(1, 1, COLS - 1, STYLE_BAD, "%s. %s", screen->failure.what,
			screen->failure.remedy);
	else if (screen->filter[0] != '\0')
		draw_format(1, 1, COLS - 1, STYLE_DIM, "only: %s", screen->filter);
}

void fleet_screen_draw(struct fleet_screen *screen)
{
	erase();
	if (COLS < SMALLEST_WIDTH || LINES < SMALLEST_HEIGHT) {
		draw_format(0, 0, COLS, STYLE_BAD, "x0top fleet needs a terminal of %dx%d",
			SMALLEST_WIDTH, SMALLEST_HEIGHT);
		return;
	}
	screen->page = (size_t)(LINES - HEAD_ROWS - FOOT_ROWS);
	if (screen->at < screen->top)
		screen->top = screen->at;
	if (screen->at >= screen->top + screen->page)
		screen->top = screen->at - screen->page + 1;
	draw_top(screen);
	draw_titles(screen, HEAD_ROWS - 1);
	for (size_t i = 0; i < screen->page && screen->top + i < screen->n; i++)
		draw_row(screen, HEAD_ROWS + (int)i, screen->top + i);
	if (screen->fleet != NULL && screen->n == 0)
		draw_text(HEAD_ROWS, 1, COLS - 1, STYLE_DIM,
			screen->filter[0] != '\0'
				? "No host fits the filter"
				: "Prometheus has no target of this job: see --job");
	draw_text(LINES - 1, 1, COLS - 1, STYLE_KEY,
		"q Quit  Enter History  / Search  n Next  F4 Filter  F6 Sort  I Invert");
}
