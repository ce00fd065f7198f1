// SPDX-License-Identifier: BSD-2-Clause
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "export/text_write.h"
#include "model/fields.h"
#include "model/text_rows.h"
#include "tests/lib/snapshot_sample.h"

static struct snapshot snapshot;

/* Writes the snapshot; checks what holds for any: printable ASCII, at most 79 columns, whole lines. */
static char *to_text(void)
{
	static char *text;
	static size_t size;
	FILE *file = open_memstream(&text, &size);
	size_t column = 0;

	assert_int_equal(text_write(&snapshot, file), 0);
	fclose(file);
	assert_int_equal(strlen(text), size);
	assert_true(text[size - 1] == '\n');
	for (size_t i = 0; i < size; i++) {
		column = text[i] == '\n' ? 0 : column + 1;
		if (column > 79)
			fail_msg("a line is too long: %.79s...", text + i + 1 - column);
		assert_true(text[i] == '\n' || (text[i] >= ' ' && text[i] <= '~'));
	}
	return text;
}

static void expect(const char *text, const char *what)
{
	if (strstr(text, what) == NULL)
		fail_msg("\"%s\" is not in:\n%s", what, text);
}

static void test_healthy_node(void **state)
{
	static const char *const parts[] = { "\nPROGRAMS ", "\nPACKETS ",
		"\nMESH RULES (enforcing) ", "\nCLASSES (TC) ", "\nNETWORK EVENTS (tracepoints) ",
		"\nLATEST EVENTS\n", "\nSYSTEM CALLS ", "\nFOR SHARED HOSTS ",
		"\nSIGNATURES (enforcing) ", "\n  bad signature                                31 ",
		"\n  unknown session                               0 ", "\n  UDP 26970 7777\n",
		"verification time 19.8us (p99 58.3us); budget used: 37% of 1.00K/s\n",
		"\n  alder            6d1f0c3e9a5b7742 ML-DSA-65     49m      8s    4.81K\n",
		"\n  dogwood          41c7d90b5e6f2a38 ML-DSA-65   never       -        0\n",
		"\nMAPE-K                not built\n", "\nX0TOP ITSELF ",
		"\n  xdp_counter                   on ", "\n  xdp_pqc_verify                on ",
		"\n      -> Detach it there, or leave wg0 out with -i mesh0 -i eth0.\n",
		"\n  mesh0 (native XDP) ", "\n  verdict pass ", "\n  transport udp ",
		"\n  best_effort egress ", "rates over 1.0 s\n" };

	(void)state;
	snapshot_sample(&snapshot);
	char *text = to_text();
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		expect(text, parts[i]);
	free(text);
}

/* --- whole texts, kept in files: UPDATE_SCREENS=1 writes them anew ------------------------------ */

static void compare_whole(const char *name)
{
	char path[64], *text = to_text();
	static char kept[1 << 16];

	snprintf(path, sizeof(path), "tests/unit/text/%s.txt", name);
	FILE *file = fopen(path, getenv("UPDATE_SCREENS") != NULL ? "w+" : "r");
	assert_non_null(file);
	if (getenv("UPDATE_SCREENS") != NULL)
		fputs(text, file);
	rewind(file);
	kept[fread(kept, 1, sizeof(kept) - 1, file)] = '\0';
	fclose(file);
	assert_string_equal(text, kept);
	free(text);
}

static void test_whole_texts(void **state)
{
	(void)state;
	setenv("TZ", "UTC", 1);
	tzset();
	snapshot_sample(&snapshot);
	compare_whole("healthy");
	snapshot_sample_unusual(&snapshot);
	compare_whole("unusual");
	snapshot_sample(&snapshot);
	snapshot_sample_troubled(&snapshot);
	compare_whole("troubled");
	snapshot_clear(&snapshot);
	compare_whole("empty");
}

/* Of what is usual, both ends must be known. */
static void test_half_of_what_is_usual(void **state)
{
	static const double ends[][2] = { { NAN, 7 }, { 7, NAN } };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		snapshot_sample_unusual(&snapshot);
		snapshot.mapek.n_series = 1;
		snapshot.mapek.series[0].low = ends[i][0];
		snapshot.mapek.series[0].high = ends[i][1];
		char *text = to_text();
		expect(text, "usual: not known yet\n");
		free(text);
	}
}

/* What waits and is not served says so, in words. */
static void test_classes_that_wait(void **state)
{
	(void)state;
	snapshot_sample(&snapshot);
	snapshot.qos.classes[0].starved = snapshot.qos.classes[0].short_of_rate = true;
	snapshot.qos.classes[2].short_of_rate = true;
	char *text = to_text();
	char *qos = strstr(text, "\nQOS\n");
	assert_non_null(qos);
	char *starves = strstr(qos, "it starves: packets wait, and none is sent\n"),
	     *slow = strstr(qos, "it has less than its rate, and more waits\n");
	assert_true(starves != NULL && slow > starves);
	assert_null(strstr(slow + 1, "it has less than its rate"));
	free(text);
}

/* What is foreign in it is plain. */
static void test_maps_of_plugins(void **state)
{
	(void)state;
	snapshot_sample_plugins(&snapshot);
	char *text = to_text();
	expect(text, "\nMAPS OF PLUGINS\n"
		     "connects latency (per-CPU hash): 3 of 12.3K\n"
		     "      Time to connect, by destination\n"
		     "    address  port  connects  connects/s  longest  slots\n"
		     "   10.7.0.2   443     90210       1.20K   2.60ms  4.10K\n"
		     "  fd00::1:2    22         5           0    850ns      5\n"
		     "   10.7.0.9  8080         3                19.0s      3\n"
		     "  from   16.4us       300 ######\n");
	expect(text, "\nconnects ev?]0;x? (ring buffer): 2 of 12.3K\n");
	expect(text, " a?[2J    7\n");
	expect(text, "\nconnects jumps (program array): not shown\n");
	free(text);
}

/* A file of neighbours is looked for because somebody has named it; other sources are looked for on any host. */
static void test_a_file_that_is_missed(void **state)
{
	(void)state;
	snapshot_clear(&snapshot);
	struct snapshot_neighbour_source *source =
		SNAPSHOT_ADD(&snapshot, &snapshot.neighbours, sources);
	source->name = NEIGHBOURS_BABEL;
	source->state = SOURCE_ABSENT;
	char *text = to_text();
	assert_null(strstr(text, "NEIGHBOURS"));
	free(text);
	source->name = NEIGHBOURS_FILE;
	snprintf(source->reason, sizeof(source->reason), "Cannot read near: It is no file");
	text = to_text();
	expect(text, "\nNEIGHBOURS ");
	expect(text, "\n  file: absent. Cannot read near: It is no file\n");
	free(text);
}

/* Lists that are cut say so, or end there: one less, as many and one more than are shown. */
static void test_lists_that_are_cut(void **state)
{
	(void)state;
	snapshot_sample(&snapshot);
	for (uint32_t n = 9; n <= 11; n++) {
		snapshot.net_events.n_events = n;
		char *text = to_text();
		assert_int_equal(strstr(text, "xdp_mesh_filter adopted") != NULL, n <= 10);
		free(text);
	}
	for (uint32_t n = 7; n <= 9; n++) {
		snapshot.pqc.n_ports = n;
		char *text = to_text();
		assert_int_equal(strstr(text, " ...\n") != NULL, n > 8);
		free(text);
	}
	snapshot.pqc.sessions_total = snapshot.pqc.n_sessions + 1;
	char *text = to_text();
	expect(text, "\n  1 more sessions\n");
	free(text);
}

/* A sentence as long as a line stays in one; a character more breaks it at the last blank. */
static void test_lines_break_where_they_have_to(void **state)
{
	char *reason = snapshot.programs[0].reason, sentence[REASON_LEN + 16];
	const size_t width = 79 - 6;

	(void)state;
	snapshot_clear(&snapshot);
	snapshot.n_programs = 1;
	memset(reason, 'x', width + 1);
	reason[width - 3] = ' ';
	reason[width] = '\0';
	snprintf(sentence, sizeof(sentence), "\n      %s\n", reason);
	char *text = to_text();
	expect(text, sentence);
	free(text);
	reason[width] = 'x';
	snprintf(sentence, sizeof(sentence), "\n      %.*s\n      xxx\n", (int)width - 3, reason);
	text = to_text();
	expect(text, sentence);
	free(text);
}

static void test_times(void **state)
{
	static const struct {
		double ns;
		const char *text;
	} cases[] = { { 0, "-" }, { -1, "-" }, { NAN, "-" }, { 1, "1.0ns" }, { 1500, "1.50us" },
		{ 9999e9, "9999s" }, { 10000e9, ">9999s" }, { INFINITY, ">9999s" } };
	char text[FORMAT_LEN];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_string_equal(text_time(text, cases[i].ns), cases[i].text);
}

static void test_totals_and_rates_are_those_of_the_snapshot(void **state)
{
	(void)state;
	snapshot_clear(&snapshot);
	snapshot.mesh.available = true;
	snapshot.mesh.n_rules = 1;
	snapshot.mesh.rules[0] = (struct snapshot_rule) {
		.number = 3,
		.action = MESH_DROP,
		.key = "10.1.0.0/16",
		.traffic = { { 1234567, 1500 }, { 2000000000, 250000 } },
	};
	char *text = to_text();
	expect(text,
		"\n  3 drop 10.1.0.0/16 (off)                  1.50K  2.00Mbit     1.23M    2.00GB\n");
	expect(text, "\nMESH RULES (observing) ");
	free(text);
}

static void test_troubled_node_shows_reasons_and_losses(void **state)
{
	(void)state;
	snapshot_sample_troubled(&snapshot);
	char *text = to_text();
	bool lost = false;
	for (uint32_t i = 0; i < snapshot.n_programs; i++)
		if (snapshot.programs[i].state == PROGRAM_FAILED)
			expect(text, " failed\n");
	for (uint32_t i = 0; i < snapshot.self.n_losses; i++)
		lost |= snapshot.self.losses[i].count.total > 0;
	assert_true(lost);
	expect(text, "\n  lost: ");
	assert_null(strstr(text, "nothing lost"));
	expect(text, "read-only");
	free(text);
}

/* A number without a word, the first behind a list or any, is written so. */
static void write_without_words(uint32_t beyond)
{
	snapshot_sample_troubled(&snapshot);
	assert_true(snapshot.n_alerts > 0 && snapshot.net_events.n_events > 0);
	for (uint32_t i = 0; i < snapshot.n_alerts; i++)
		snapshot.alerts[i].severity = SEVERITIES + beyond;
	for (uint32_t i = 0; i < snapshot.n_programs; i++)
		snapshot.programs[i].state = PROGRAM_STATES + beyond;
	for (uint32_t i = 0; i < snapshot.net_events.n_events; i++)
		snapshot.net_events.events[i].kind = EVENT_KINDS + beyond;
	for (uint32_t i = 0; i < snapshot.packets.n_interfaces; i++)
		snapshot.packets.interfaces[i].hook = XDP_MODES + beyond;
	for (uint32_t i = 0; i < snapshot.links.n_links; i++)
		snapshot.links.links[i].state = LINK_STATES + beyond;
	for (uint32_t i = 0; i < snapshot.mesh.n_rules; i++)
		snapshot.mesh.rules[i].action = MESH_ACTIONS + beyond;
	char *text = to_text();
	assert_null(strstr(text, "(null)"));
	expect(text, "  ?        ");
	expect(text, "unknown, ");
	free(text);
}

static void test_numbers_without_a_word(void **state)
{
	(void)state;
	write_without_words(0);
	write_without_words(1);
	write_without_words(INT32_MAX);
}

static void test_what_is_not_available_is_left_out(void **state)
{
	(void)state;
	snapshot_clear(&snapshot);
	char *text = to_text();
	assert_null(strstr(text, "\nPACKETS "));
	assert_null(strstr(text, "SYSTEM CALLS"));
	expect(text, "one sample, no rates\n");
	expect(text, "nothing lost\n");
	free(text);
}

/* The longest texts, full lists, escape sequences, numbers beyond all bounds. */
static void fill(const struct field *fields, char *base, double number)
{
	for (const struct field *field = fields; field->name != NULL; field++) {
		char *value = base + field->offset;
		uint32_t n = field->count;

		switch (field->type) {
		case FIELD_TEXT:
			memset(value, '\x1b', field->size - 1);
			break;
		case FIELD_BOOL:
			*(bool *)value = true;
			break;
		case FIELD_UINT32:
		case FIELD_ENUM:
			*(uint32_t *)value = UINT32_MAX;
			break;
		case FIELD_UINT64:
		case FIELD_INT64:
			*(uint64_t *)value = INT64_MAX;
			break;
		case FIELD_DOUBLE:
			*(double *)value = number;
			break;
		case FIELD_STRUCT:
			fill(field->fields, value, number);
			break;
		case FIELD_LIST:
			*(uint32_t *)(base + field->n_offset) = n;
			/* fall through */
		case FIELD_KEYED:
			for (uint32_t i = 0; i < n; i++)
				fill(field->fields, value + i * field->size, number);
			break;
		case FIELD_TEXTS:
			*(uint32_t *)(base + field->n_offset) = n;
			for (uint32_t i = 0; i < n; i++)
				memset(value + i * field->size, '\x1b', field->size - 1);
			break;
		case FIELD_HISTOGRAM:
			memset(value, 0x7f, n * field->size);
			break;
		}
	}
}

/* Each title of a table heads a line. Returns how many there are. */
static uint32_t expect_titles(const char *text, const struct field *fields)
{
	char line[NAME_LEN * 2];
	uint32_t n = 0;

	for (const struct field *field = fields; field->name != NULL; field++) {
		if (field->fields != NULL)
			n += expect_titles(text, field->fields);
		if (field->title == NULL)
			continue;
		snprintf(line, sizeof(line), "\n  %-37s", field->title);
		expect(text, line);
		n++;
	}
	return n;
}

static void test_titles_of_the_tables_head_lines(void **state)
{
	(void)state;
	snapshot_sample(&snapshot);
	char *text = to_text();
	assert_true(expect_titles(text, snapshot_fields) > 0);
	free(text);
}

static void test_hostile_snapshots_stay_plain_and_narrow(void **state)
{
	static const double numbers[] = { 1e18, -1e18, 0.0001, 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		snapshot_clear(&snapshot);
		fill(snapshot_fields, (char *)&snapshot, numbers[i]);
		free(to_text());
	}
}

static void test_full_disks_are_told(void **state)
{
	FILE *file = fopen("/dev/full", "w");

	(void)state;
	setvbuf(file, NULL, _IONBF, 0);
	snapshot_sample(&snapshot);
	assert_int_equal(text_write(&snapshot, file), -EIO);
	fclose(file);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_healthy_node),
		cmocka_unit_test(test_whole_texts),
		cmocka_unit_test(test_half_of_what_is_usual),
		cmocka_unit_test(test_classes_that_wait),
		cmocka_unit_test(test_maps_of_plugins),
		cmocka_unit_test(test_a_file_that_is_missed),
		cmocka_unit_test(test_lists_that_are_cut),
		cmocka_unit_test(test_lines_break_where_they_have_to),
		cmocka_unit_test(test_totals_and_rates_are_those_of_the_snapshot),
		cmocka_unit_test(test_troubled_node_shows_reasons_and_losses),
		cmocka_unit_test(test_times),
		cmocka_unit_test(test_numbers_without_a_word),
		cmocka_unit_test(test_what_is_not_available_is_left_out),
		cmocka_unit_test(test_titles_of_the_tables_head_lines),
		cmocka_unit_test(test_hostile_snapshots_stay_plain_and_narrow),
		cmocka_unit_test(test_full_disks_are_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
