// SPDX-License-Identifier: BSD-2-Clause
/*
 * From which size on a view shows what: its titles and columns at each width and height, of which tests/tui/sizes.txt
 * has those that differ from the size before. UPDATE_SCREENS=1 writes it anew: read the difference before committing it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/lib/cells.h"
#include "tests/lib/snapshot_sample.h"
#include "tui/ui.h"

#define KEPT "tests/tui/sizes.txt"

enum { WIDTH_MOST = 210, HEIGHT_MOST = 70, TEXT = 1 << 16 };

static const struct view_case {
	const char *name;
	const char *typed; /* the keys that lead to the view */
	void (*sample)(struct snapshot *snapshot);
} views[] = {
	{ "overview", "1", snapshot_sample_unusual },
	{ "programs", "2", snapshot_sample_unusual },
	{ "plugins", "2p", snapshot_sample_plugins },
	{ "plugin-entries", "2p\r", snapshot_sample_plugins },
	{ "packets", "3", snapshot_sample_unusual },
	{ "mesh", "4", snapshot_sample_unusual },
	{ "flows", "4p", snapshot_sample_unusual },
	{ "sources", "4pp", snapshot_sample_unusual },
	{ "neighbours", "4ppp", snapshot_sample_unusual },
	{ "sets", "4pppp", snapshot_sample_unusual },
	{ "classes", "5", snapshot_sample_unusual },
	{ "shares", "5p", snapshot_sample_unusual },
	{ "class-lines", "5pp", snapshot_sample_unusual },
	{ "qos", "5ppp", snapshot_sample_unusual },
	{ "syscalls", "6", snapshot_sample_unusual },
	{ "syscalls-secure", "6s", snapshot_sample_unusual },
	{ "signatures", "7", snapshot_sample_unusual },
	{ "events", "8", snapshot_sample_unusual },
	{ "mapek", "9", snapshot_sample_unusual },
	{ "anomalies", "9p", snapshot_sample_unusual },
	{ "watched", "9pp", snapshot_sample_unusual },
};

static struct snapshot sample;

static bool is_title(int y, int x)
{
	enum style style = cells_style(y, x);

	return (style == STYLE_TITLE || style == STYLE_HEAD || style == STYLE_SORTED) &&
	       cells_char(y, x) > L' ' && cells_char(y, x) <= L'~';
}

/* Writes the titles of a row. Returns whether it has any of a graph. */
static bool write_row(FILE *file, int y)
{
	const char *between = "; ";
	bool graph = false;

	for (int x = 0; x < COLS; x++) {
		graph |= cells_style(y, x) == STYLE_GRAPH;
		if (!is_title(y, x))
			continue;
		if (x == 0 || !is_title(y, x - 1)) {
			fputs(between, file);
			between = " ";
		}
		fputc((char)cells_char(y, x), file);
	}
	return graph;
}

/* Writes what is between the tabs and the keys. */
static void write_screen(FILE *file)
{
	bool graph = false;

	for (int y = 2; y < LINES - 1; y++)
		if (cells_row(y)[0] != '\0')
			graph |= write_row(file, y);
	fputs(graph ? "; graph\n" : "\n", file);
}

/* Draws a view and writes what there is, unless that was there before, too. */
static void write_size(
	FILE *file, const struct view_case *view, int width, int height, char *before)
{
	char now[4096];
	FILE *screen = fmemopen(now, sizeof(now), "w");

	cells_open((struct cells_options) { .width = width, .height = height });
	struct ui *ui = ui_open(1);
	ui_snapshot(ui, &sample);
	for (const char *key = view->typed; *key != '\0'; key++)
		ui_key(ui, *key);
	ui_draw(ui);
	write_screen(screen);
	assert_int_equal(fclose(screen), 0);
	if (strcmp(before, now) != 0)
		fprintf(file, "%s %dx%d%s", view->name, width, height, now);
	memcpy(before, now, sizeof(now));
	ui_close(ui);
	cells_close();
}

/* Writes each width at one height, and each height at a small and at a large width. */
static void write_view(FILE *file, const struct view_case *view)
{
	char before[4096] = "";

	for (int width = 60; width <= WIDTH_MOST; width++)
		write_size(file, view, width, 40, before);
	for (int width = 80; width <= 200; width += 120)
		for (int height = 16; height <= HEIGHT_MOST; height++)
			write_size(file, view, width, height, before);
}

static void compare(const char *now)
{
	static char kept[TEXT];
	FILE *file = fopen(KEPT, getenv("UPDATE_SCREENS") != NULL ? "w+" : "r");

	assert_non_null(file);
	if (getenv("UPDATE_SCREENS") != NULL)
		fputs(now, file);
	rewind(file);
	kept[fread(kept, 1, sizeof(kept) - 1, file)] = '\0';
	fclose(file);
	size_t line = 0, at = 0;
	for (; now[at] == kept[at] && now[at] != '\0'; at++)
		line = now[at] == '\n' ? at + 1 : line;
	if (now[at] != kept[at])
		fail_msg("want %.*s\nhave %.*s", (int)strcspn(&kept[line], "\n"), &kept[line],
			(int)strcspn(&now[line], "\n"), &now[line]);
}

static void views_show_what_there_is_room_for(void **state)
{
	static char now[TEXT];
	FILE *file = fmemopen(now, sizeof(now), "w");

	(void)state;
	for (size_t i = 0; i < sizeof(views) / sizeof(views[0]); i++) {
		views[i].sample(&sample);
		write_view(file, &views[i]);
	}
	assert_int_equal(fclose(file), 0);
	compare(now);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(views_show_what_there_is_room_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
