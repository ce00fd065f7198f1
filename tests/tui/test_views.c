// SPDX-License-Identifier: BSD-2-Clause
/*
 * Whole screens against those in tests/tui/screens/, cell by cell, and the styles of small ones against those in
 * tests/tui/styles/. UPDATE_SCREENS=1 writes them anew: read the difference before committing it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "model/alert_log.h"
#include "tests/lib/cells.h"
#include "tests/lib/snapshot_sample.h"
#include "tui/keys.h"
#include "tui/ui.h"

enum { SAMPLES = 60, LINE_LEN = 4096 };

struct screen_case {
	const char *name; /* of the file */
	struct cells_options options;
	const char *typed; /* one key a character; DOWN is that key */
	void (*sample)(struct snapshot *snapshot);
};

#define SMALL                             \
	{                                 \
		.width = 80, .height = 24 \
	}
#define LARGE                              \
	{                                  \
		.width = 200, .height = 60 \
	}
#define ASCII                                            \
	{                                                \
		.width = 80, .height = 24, .ascii = true \
	}
#define LEAST                             \
	{                                 \
		.width = 60, .height = 16 \
	}

#define MIDDLE                             \
	{                                  \
		.width = 100, .height = 30 \
	}

/* One reason strikes several programs: no column repeats the beginning of it. */
static void sample_without_interfaces(struct snapshot *snapshot)
{
	snapshot_sample(snapshot);
	for (uint32_t i = 0; i < 5; i++) {
		struct snapshot_program *program = &snapshot->programs[i];

		program->state = PROGRAM_FAILED;
		program->attached[0] = '\0';
		snprintf(program->reason, sizeof(program->reason), "No network interface is up");
		snprintf(program->remedy, sizeof(program->remedy), "Bring one up");
	}
}

/* They scroll above the neighbours. */
static void sample_many_rules(struct snapshot *snapshot)
{
	struct snapshot_mesh *mesh = &snapshot->mesh;

	snapshot_sample(snapshot);
	for (; mesh->n_rules < 50; mesh->n_rules++) {
		struct snapshot_rule *rule = &mesh->rules[mesh->n_rules];

		*rule = mesh->rules[0];
		rule->number = mesh->n_rules;
		snprintf(rule->key, sizeof(rule->key), "10.9.0.%u", mesh->n_rules);
	}
}

/* Paths, actions and names that begin alike: no column repeats the beginning of them, either. */
static void sample_alike(struct snapshot *snapshot)
{
	static const char *const paths[] = { "/etc/x0top/lists/of/scanners.txt",
		"/etc/x0top/lists/of/spammers.txt" };

	snapshot_sample_unusual(snapshot);
	for (uint32_t i = 0; i < 2; i++) {
		struct snapshot_mesh_set *set = &snapshot->mesh.sets[i];
		struct snapshot_mapek_action *action = &snapshot->mapek.actions[i];
		struct snapshot_neighbour *neighbour = &snapshot->neighbours.neighbours[4 + i];

		snprintf(set->source, sizeof(set->source), "%s", paths[i]);
		snprintf(action->action, sizeof(action->action),
			"rule add limit 500/s from 2001:db8:0:17::%u proto udp for 2m", 41 + i);
		neighbour->source = NEIGHBOURS_WIREGUARD;
		snprintf(neighbour->name, sizeof(neighbour->name), "%cTIBA5rboUvnH4htodjb6e69",
			(char)('a' + i));
		snprintf(neighbour->address, sizeof(neighbour->address), "%s",
			snapshot->talkers.sources[i].address);
		struct snapshot_flow *flow = &snapshot->talkers.flows[i];
		snprintf(flow->source, sizeof(flow->source), "fd88:0:0:7:1:2:3:4");
		snprintf(flow->destination, sizeof(flow->destination), "fd88:0:0:1::1");
		flow->source_port = 50000 + i;
		flow->destination_port = 26970 + i;
		struct snapshot_slow_call *slow = &snapshot->syscalls.slowest[i];
		snprintf(slow->command, sizeof(slow->command), "memfd:sealed-99");
		struct snapshot_event *event =
			&snapshot->net_events.events[snapshot->net_events.n_events - 1 - i];
		event->kind = EVENT_KIND_PQC;
		snprintf(event->text, sizeof(event->text), "bad checksum: elm, seq %u on mesh0",
			308 - i);
	}
}

#define DOWN "\v"

static const struct screen_case cases[] = {
	/* What is below a table is about the row that is highlighted, the third here. */
	{ "programs-third", MIDDLE, "2" DOWN DOWN, snapshot_sample },
	{ "packets-third", MIDDLE, "3" DOWN DOWN, snapshot_sample },
	{ "mesh-third", MIDDLE, "4" DOWN DOWN, snapshot_sample },
	{ "classes-third", MIDDLE, "5" DOWN DOWN, snapshot_sample },
	{ "syscalls-third", MIDDLE, "6" DOWN DOWN, snapshot_sample },
	{ "signatures-third", MIDDLE, "7" DOWN DOWN, snapshot_sample },
	{ "programs-failed", SMALL, "2", sample_without_interfaces },
	{ "overview-failed", SMALL, "", sample_without_interfaces },
	{ "overview-100x30", MIDDLE, "", snapshot_sample },
	{ "programs-100x30", MIDDLE, "2", snapshot_sample },
	{ "packets-100x30", MIDDLE, "3", snapshot_sample },
	{ "mesh-100x30", MIDDLE, "4", snapshot_sample },
	{ "classes-100x30", MIDDLE, "5", snapshot_sample },
	{ "syscalls-100x30", MIDDLE, "6", snapshot_sample },
	{ "signatures-100x30", MIDDLE, "7", snapshot_sample },
	{ "events-100x30", MIDDLE, "8", snapshot_sample },
	{ "overview-80x24", SMALL, "", snapshot_sample },
	{ "programs-80x24", SMALL, "2", snapshot_sample },
	{ "packets-80x24", SMALL, "3", snapshot_sample },
	{ "mesh-many", MIDDLE, "4", sample_many_rules },
	{ "mesh-80x24", SMALL, "4", snapshot_sample },
	{ "classes-80x24", SMALL, "5", snapshot_sample },
	{ "shares-80x24", SMALL, "5p", snapshot_sample },
	{ "shares-200x60", LARGE, "5p", snapshot_sample },
	{ "shares-ascii", ASCII, "5p", snapshot_sample },
	{ "class-lines-80x24", SMALL, "5pp", snapshot_sample },
	{ "class-form-80x24", SMALL, "5ppc", snapshot_sample },
	{ "qos-80x24", SMALL, "5ppp", snapshot_sample },
	{ "qos-200x60", LARGE, "5ppp", snapshot_sample },
	{ "qos-form-80x24", SMALL, "5e", snapshot_sample },
	{ "qos-form-60x16", LEAST, "5e", snapshot_sample },
	{ "syscalls-80x24", SMALL, "6", snapshot_sample },
	{ "syscalls-secure-80x24", SMALL, "6s", snapshot_sample },
	{ "signatures-80x24", SMALL, "7", snapshot_sample },
	{ "events-80x24", SMALL, "8", snapshot_sample },
	{ "overview-120x40", { .width = 120, .height = 40 }, "", snapshot_sample },
	{ "overview-200x60", LARGE, "", snapshot_sample },
	{ "programs-200x60", LARGE, "2", snapshot_sample },
	{ "packets-200x60", LARGE, "3", snapshot_sample },
	{ "mesh-200x60", LARGE, "4", snapshot_sample },
	{ "classes-200x60", LARGE, "5", snapshot_sample },
	{ "syscalls-200x60", LARGE, "6", snapshot_sample },
	{ "syscalls-secure-200x60", LARGE, "6s", snapshot_sample },
	{ "signatures-200x60", LARGE, "7", snapshot_sample },
	{ "events-200x60", LARGE, "8", snapshot_sample },
	{ "overview-ascii", ASCII, "", snapshot_sample },
	{ "packets-ascii", ASCII, "3", snapshot_sample },
	{ "syscalls-ascii", ASCII, "6", snapshot_sample },
	{ "signatures-ascii", ASCII, "7", snapshot_sample },
	{ "help-ascii", ASCII, "?", snapshot_sample },
	{ "overview-60x16", LEAST, "", snapshot_sample },
	{ "packets-60x16", LEAST, "3", snapshot_sample },
	{ "signatures-60x16", LEAST, "7", snapshot_sample },
	{ "overview-first", SMALL, "", snapshot_sample_first },
	{ "packets-first", SMALL, "3", snapshot_sample_first },
	{ "programs-first", SMALL, "2", snapshot_sample_first },
	{ "mesh-first", SMALL, "4", snapshot_sample_first },
	{ "flows-first", SMALL, "4p", snapshot_sample_first },
	{ "classes-first", SMALL, "5", snapshot_sample_first },
	{ "shares-first", SMALL, "5p", snapshot_sample_first },
	{ "signatures-first", SMALL, "7", snapshot_sample_first },
	{ "syscalls-first", SMALL, "6", snapshot_sample_first },
	{ "events-first", SMALL, "8", snapshot_sample_first },
	{ "overview-troubled", SMALL, "", snapshot_sample_troubled },
	{ "alerts-troubled", SMALL, "w", snapshot_sample_troubled },
	{ "packets-troubled", SMALL, "3", snapshot_sample_troubled },
	{ "syscalls-troubled", SMALL, "6", snapshot_sample_troubled },
	{ "signatures-troubled", SMALL, "7", snapshot_sample_troubled },
	{ "help", SMALL, "?", snapshot_sample },
	{ "help-60x16", LEAST, "?", snapshot_sample },
	{ "details", SMALL, "2\r", snapshot_sample },
	{ "search", SMALL, "2/tc", snapshot_sample },
	{ "details-packets-200x60", LARGE, "3" DOWN "\r", snapshot_sample },
	{ "details-secure-200x60", LARGE, "6s\r", snapshot_sample },
	{ "details-node", SMALL, "7\r", snapshot_sample },
	{ "rule-form", SMALL, "4adp", snapshot_sample },
	{ "rule-form-change-200x60", LARGE, "4c", snapshot_sample },
	{ "rule-form-60x16", LEAST, "4a", snapshot_sample },
	{ "rule-form-ascii", ASCII, "4a", snapshot_sample },
	{ "alerts-ascii", ASCII, "w", snapshot_sample_troubled },
	{ "classes-ascii", ASCII, "5", snapshot_sample },
	{ "flows-80x24", SMALL, "4p", snapshot_sample },
	{ "flows-200x60", LARGE, "4p", snapshot_sample },
	{ "sources-80x24", SMALL, "4pp", snapshot_sample },
	{ "neighbours-80x24", SMALL, "4ppp", snapshot_sample },
	{ "sets-80x24", SMALL, "4pppp", snapshot_sample },
	{ "neighbours-200x60", LARGE, "4ppp", snapshot_sample },
	{ "mapek-80x24", SMALL, "9", snapshot_sample_unusual },
	{ "mapek-200x60", LARGE, "9", snapshot_sample_unusual },
	{ "mapek-ascii", ASCII, "9", snapshot_sample_unusual },
	{ "anomalies-80x24", SMALL, "9p", snapshot_sample_unusual },
	{ "watched-80x24", SMALL, "9pp", snapshot_sample_unusual },
	{ "watched-200x60", LARGE, "9pp", snapshot_sample_unusual },
	{ "plugins-80x24", SMALL, "2p", snapshot_sample_plugins },
	{ "plugins-60x16", LEAST, "2p", snapshot_sample_plugins },
	{ "plugin-programs-80x24", SMALL, "2", snapshot_sample_plugins },
	{ "plugin-entries-80x24", SMALL, "2p\r", snapshot_sample_plugins },
	{ "plugin-entries-sorted", SMALL, "2p\r>>>>>I", snapshot_sample_plugins },
	{ "plugin-entries-200x60", LARGE, "2p\r", snapshot_sample_plugins },
	{ "plugin-entries-ascii", ASCII, "2p\r", snapshot_sample_plugins },
	{ "plugin-entries-details", SMALL, "2p\r\r", snapshot_sample_plugins },
	{ "flows-alike", SMALL, "4p", sample_alike },
	{ "syscalls-alike", SMALL, "6", sample_alike },
	{ "signatures-alike", SMALL, "7", sample_alike },
	{ "sources-alike", SMALL, "4pp", sample_alike },
	{ "sets-alike", SMALL, "4pppp", sample_alike },
	{ "mapek-alike", SMALL, "9", sample_alike },
	{ "sources-200x60", LARGE, "4pp", snapshot_sample },
	{ "replay-overview", SMALL, "", snapshot_sample },
	{ "replay-mesh", SMALL, "4", snapshot_sample },
	{ "replay-60x16", LEAST, "3", snapshot_sample_troubled },
	{ "replay-200x60", LARGE, "2", snapshot_sample },
	{ "replay-help", SMALL, "?", snapshot_sample },
};

/* The screens that show a recording, and where it is. */
static const struct {
	const char *name;
	struct ui_replay replay;
} replays[] = {
	{ "replay-overview", { .at = 11, .count = 340, .speed = 1, .playing = true } },
	{ "replay-mesh", { .at = 339, .count = 340, .speed = 1, .playing = false } },
	{ "replay-60x16", { .at = 123455, .count = 999999, .speed = 0.25, .playing = false } },
	{ "replay-200x60", { .at = 59, .count = 60, .speed = 64, .playing = true } },
	{ "replay-help", { .at = 11, .count = 340, .speed = 1, .playing = true } },
};

static struct snapshot sample;
static struct alert_log alerts;

/* A minute of samples, the last one the sample itself. */
static struct ui *ui_with_samples(const struct screen_case *c)
{
	struct ui *ui = ui_open(1);

	assert_non_null(ui);
	memset(&alerts, 0, sizeof(alerts));
	for (int i = 1; i <= SAMPLES; i++) {
		double share = (double)((i * 7) % SAMPLES + i) / SAMPLES / 2;

		c->sample(&sample);
		sample.time += i - SAMPLES;
		for (uint32_t p = 0; p < sample.n_programs && i < SAMPLES; p++)
			sample.programs[p].runs.rate *= share;
		for (uint32_t l = 0; l < sample.links.n_links && i < SAMPLES; l++) {
			sample.links.links[l].received.packets.rate *= share;
			sample.links.links[l].sent.packets.rate *= 1 - share / 2;
		}
		for (uint32_t k = 0; k < sample.tc.n_classes && i < SAMPLES; k++)
			sample.tc.classes[k].directions[0].bytes.rate *=
				(k & 1) != 0 ? share : 1 - share;
		for (uint32_t m = 0; m < sample.mapek.n_series && i < SAMPLES - 5; m++)
			sample.mapek.series[m].value =
				sample.mapek.series[m].high * (0.3 + share / 2);
		alert_log_sample(&alerts, &sample);
		ui_snapshot(ui, &sample);
	}
	for (size_t i = 0; i < sizeof(replays) / sizeof(replays[0]); i++)
		if (strcmp(replays[i].name, c->name) == 0)
			ui_replay(ui, &replays[i].replay);
	for (const char *key = c->typed; *key != '\0'; key++)
		ui_key(ui, *key == DOWN[0] ? KEY_DOWN : *key);
	return ui;
}

static void file_name(const struct screen_case *c, const char *folder, char *name, size_t size)
{
	const char *slash = strrchr(__FILE__, '/');

	snprintf(name, size, "%.*s/%s/%s.txt", (int)(slash - __FILE__), __FILE__, folder, c->name);
}

/* Returns the styles of a row: a letter for each cell, that of enum style from STYLE_DIM on; a space
 * for STYLE_TEXT, and _ where nothing was drawn. */
static const char *style_row(int y)
{
	static char row[LINE_LEN];
	int end = 0;

	for (int x = 0; x < COLS; x++) {
		enum style style = cells_style(y, x);

		row[x] = (char)(style == STYLE_TEXT ? ' ' : 'a' + style - STYLE_DIM);
		if (style != STYLE_TEXT)
			end = x + 1;
	}
	row[end] = '\0';
	return row;
}

static void write_screen(const char *name, const char *(*row)(int y))
{
	FILE *file = fopen(name, "w");

	assert_non_null(file);
	for (int y = 0; y < LINES; y++)
		fprintf(file, "%s\n", row(y));
	fclose(file);
}

static void compare_screen(const char *name, const char *(*row)(int y))
{
	FILE *file = fopen(name, "r");
	char line[LINE_LEN];
	int different = 0, y = 0;

	if (file == NULL)
		fail_msg("%s is missing", name);
	for (; y < LINES && fgets(line, sizeof(line), file) != NULL; y++) {
		line[strcspn(line, "\n")] = '\0';
		if (strcmp(line, row(y)) == 0)
			continue;
		print_error("%s, row %d:\n  want %s\n  have %s\n", name, y, line, row(y));
		different++;
	}
	assert_int_equal(y, LINES);
	assert_int_equal(fgetc(file), EOF);
	fclose(file);
	assert_int_equal(different, 0);
}

static void compare_with(const struct screen_case *c, const char *folder, const char *(*row)(int y))
{
	char name[512];

	file_name(c, folder, name, sizeof(name));
	if (getenv("UPDATE_SCREENS") != NULL)
		write_screen(name, row);
	compare_screen(name, row);
}

/* A frame over a cut text leaves none of them. */
#define LETTERS "abcdefghijklmnopqrstuvwxyz0123456789"

/* Finds where the text that is cut in front of `end` begins: behind two spaces or the line's start. */
static const char *cut_text(const char *line, const char *end)
{
	while (end > line && !(end - line >= 2 && end[-1] == ' ' && end[-2] == ' '))
		end--;
	return end;
}

/* No column says the same cut text in two rows: it would take room and say nothing. */
static void assert_no_repeated_cut_text(void)
{
	enum { CUTS_MAX = 64 };
	static char cuts[CUTS_MAX][LINE_LEN];
	int n = 0;

	for (int y = 2; y < LINES - 1; y++) {
		const char *line = cells_row(y), *at = line;

		while ((at = strstr(at, "…")) != NULL && n < CUTS_MAX) {
			const char *begin = cut_text(line, at);

			at += strlen("…");
			if (begin + strspn(begin, "│ ") >= at - strlen("…"))
				continue; /* the edge of what a window covers */
			snprintf(cuts[n], LINE_LEN, "%.*s", (int)(at - strlen("…") - begin), begin);
			for (int i = 0; i < n; i++)
				if (strpbrk(cuts[n], LETTERS) != NULL &&
					strcmp(cuts[i], cuts[n]) == 0)
					fail_msg("\"%s…\" stands in two rows", cuts[n]);
			n++;
		}
	}
}

static void assert_ascii(void)
{
	for (int y = 0; y < LINES; y++)
		for (const char *at = cells_row(y); *at != '\0'; at++)
			if (*at < ' ' || *at > '~')
				fail_msg("row %d is not ASCII: %s", y, cells_row(y));
}

static void test_screen(void **state)
{
	const struct screen_case *c = *state;
	struct ui *ui;

	cells_open(c->options);
	ui = ui_with_samples(c);
	ui_draw(ui);
	compare_with(c, "screens", cells_row);
	if (strstr(c->name, "-80x24") != NULL)
		compare_with(c, "styles", style_row);
	assert_no_repeated_cut_text();
	if (c->options.ascii)
		assert_ascii();
	ui_close(ui);
	cells_close();
}

/* A large screen is used: of its rows, few are empty. A graph of what does not change has empty ones above it. */
static void test_room_is_used(void **state)
{
	enum { FEW = 10, GRAPH = 15 };
	static const struct {
		const char *typed;
		int empty;
	} large[] = { { "", FEW }, { "2", FEW }, { "3", FEW }, { "4", FEW }, { "5", FEW },
		{ "6", FEW }, { "7", FEW }, { "9", GRAPH }, { "4p", GRAPH }, { "4pp", GRAPH },
		{ "5p", FEW }, { "5ppp", FEW }, { "6s", FEW }, { "9pp", GRAPH } };

	(void)state;
	for (size_t i = 0; i < sizeof(large) / sizeof(large[0]); i++) {
		const struct screen_case c = { "", LARGE, large[i].typed, snapshot_sample_unusual };
		int empty = 0;

		cells_open(c.options);
		struct ui *ui = ui_with_samples(&c);
		ui_draw(ui);
		for (int y = 0; y < LINES; y++)
			empty += cells_row(y)[0] == '\0';
		if (empty > large[i].empty)
			fail_msg("view \"%s\" leaves %d rows empty", large[i].typed, empty);
		ui_close(ui);
		cells_close();
	}
}

int main(void)
{
	enum { N = sizeof(cases) / sizeof(cases[0]) };
	struct CMUnitTest tests[N + 1];

	for (int i = 0; i < N; i++)
		tests[i] = (struct CMUnitTest) { .name = cases[i].name,
			.test_func = test_screen,
			.initial_state = (void *)&cases[i] };
	tests[N] = (struct CMUnitTest)cmocka_unit_test(test_room_is_used);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
