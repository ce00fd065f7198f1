// SPDX-License-Identifier: BSD-2-Clause
/* x0top mapek, of a recording with a flood and of what is known: what it prints, to the letter. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "export/record.h"
#include "mapek/knowledge.h"
#include "tests/lib/knowledge.h"

#define BEGIN 1764284400 /* 2025-11-27T23:00:00Z */

static char folder[] = "/tmp/test_mapek_command.XXXXXX";
static char printed[65536];

/* Returns the exit status, with what was printed. */
static int run(const char *arguments)
{
	const char *x0top = getenv("X0TOP") != NULL ? getenv("X0TOP") : "./x0top";
	char command[1024], here[512];

	if (x0top[0] != '/' && getcwd(here, sizeof(here)) == NULL)
		fail();
	snprintf(command, sizeof(command), "x=%s/%s; cd %s && \"$x\" mapek %s 2>&1 </dev/null",
		x0top[0] != '/' ? here : "", x0top, folder, arguments);
	FILE *output = popen(command, "r");
	assert_non_null(output);
	printed[fread(printed, 1, sizeof(printed) - 1, output)] = '\0';
	int status = pclose(output);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void assert_says(int status, const char *arguments, const char *text)
{
	assert_int_equal(run(arguments), status);
	assert_string_equal(printed, text);
}

static FILE *file(const char *name)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	FILE *opened = fopen(path, "w");
	assert_non_null(opened);
	return opened;
}

/* --- a recording ---------------------------------------------------------------------------------- */

static void record(struct recorder *recorder, struct snapshot *now, unsigned second, double rate)
{
	struct failure failure = { 0 };

	snapshot_clear(now);
	snprintf(now->schema, sizeof(now->schema), "%s", SNAPSHOT_SCHEMA);
	now->time = BEGIN + second;
	now->interval = 1;
	now->packets.available = now->mesh.available = true;
	now->packets.sum.transports[TRANSPORT_UDP].packets.rate = rate;
	struct snapshot_source *source = SNAPSHOT_ADD(now, &now->talkers, sources);
	snprintf(source->address, sizeof(source->address), "10.9.0.66");
	source->traffic.packets.rate = rate;
	assert_int_equal(recorder_write(recorder, now, &failure), 0);
}

/* A minute of quiet, ten seconds of a flood, a quarter of a minute of quiet. */
static void make_recording(void)
{
	struct recorder *recorder;
	struct failure failure = { 0 };
	struct snapshot *now = snapshot_open();
	char path[128];

	snprintf(path, sizeof(path), "%s/flood", folder);
	assert_non_null(now);
	assert_int_equal(recorder_open(path, 1 << 24, &recorder, &failure), 0);
	for (unsigned i = 0; i < 85; i++)
		record(recorder, now, i, i >= 60 && i < 70 ? 50000 : 1000 + i % 7 * 10);
	recorder_close(recorder);
	snapshot_close(now);
	FILE *policies = file("policies");
	fputs("mode: act\npolicies:\n- name: flood\n  watch: udp\n  from: 5000\n  hold: 2s\n"
	      "  calm: 5s\n  busy: 1000\n  do: rule add limit 500/s from {source} proto udp\n"
	      "  for: 20s\n",
		policies);
	fclose(policies);
}

static void a_recording_is_tried(void **state)
{
	const char *line = printed, *behind;

	(void)state;
	if (run("try --replay flood --policy policies") != 0)
		fail_msg("%s", printed);
	static const char *const begins[] = {
		"2025-11-27T23:01:02Z  anomaly 1 begins: flood: UDP packets 50.0K/s, usually ",
		"2025-11-27T23:01:02Z  would do 1: rule add limit 500/s from 10.9.0.66 proto udp for 20s ",
		"                      because of anomaly 1: ",
		"2025-11-27T23:01:14Z  anomaly 1 has ended; its worst: flood: UDP packets 50.0K/s, ",
		"2025-11-27T23:01:22Z  would end 1: rule add limit 500/s from 10.9.0.66 proto udp for 20s ",
		"85 samples, 1 policies: 1 anomalies, 1 actions\n",
	};
	for (size_t i = 0; i < sizeof(begins) / sizeof(begins[0]); i++) {
		if (strncmp(line, begins[i], strlen(begins[i])) != 0)
			fail_msg("line %zu is not \"%s\":\n%s", i, begins[i], printed);
		behind = strchr(line, '\n');
		line = behind + 1;
	}
	assert_string_equal(line, "");
}

/* Garbage in its last fifth: what is before it is tried, and the rest is spoken of. */
static void a_damaged_recording_is_tried_as_far_as_it_goes(void **state)
{
	unsigned samples = 0;

	(void)state;
	assert_int_equal(
		run("policies >/dev/null; head -c $(($(wc -c <flood) * 4 / 5)) flood >damaged; "
		    "tr '\\0-\\377' x <flood >>damaged; "
		    "\"$x\" mapek try --replay damaged --policy policies"),
		0);
	const char *last = strstr(printed, " samples, 1 policies: 1 anomalies, 1 actions\n");
	assert_non_null(last);
	while (last > printed && last[-1] != '\n')
		last--;
	samples = (unsigned)atoi(last);
	assert_in_range(samples, 63, 84);
	assert_non_null(
		strstr(printed, "x0top: 1 damaged sample of damaged left out, the first at byte "));
}

/* --- knowledge ------------------------------------------------------------------------------------ */

static void make_knowledge(void)
{
	struct snapshot_mapek_anomaly anomaly = { .number = 4,
		.policy = "flood",
		.series = "udp",
		.begin = BEGIN,
		.end = BEGIN + 10,
		.value = 5 };
	struct snapshot_mapek_action action = { .number = 7,
		.anomaly = 4,
		.policy = "flood",
		.target = "10.0.0.9",
		.state = MAPEK_ADVISED,
		.action = "rule add drop 10.0.0.9",
		.reason = "it floods",
		.begin = BEGIN + 1,
		.dropped = COUNT_UNKNOWN };
	char path[128], notice[REASON_LEN];
	struct knowledge *knowledge;
	struct failure failure = { 0 };

	snprintf(path, sizeof(path), "%s/known", folder);
	if (knowledge_open(path, KNOWLEDGE_WRITE, &knowledge, notice, &failure) < 0)
		fail_msg("%s", failure.what);
	assert_int_equal(knowledge_put_anomaly(knowledge, &anomaly, "UDP packets 5/s"), 0);
	assert_int_equal(knowledge_put_action(knowledge, &action, BEGIN + 1), 0);
	knowledge_close(knowledge);
}

static void what_is_known_is_printed(void **state)
{
	(void)state;
	need_knowledge();
	make_knowledge();
	assert_int_equal(run("history --knowledge known"), 0);
	assert_non_null(strstr(printed, "rule add drop 10.0.0.9"));
	assert_non_null(strstr(printed, "UDP packets 5/s"));
	assert_int_equal(run("explain 7 --knowledge known"), 0);
	assert_non_null(strstr(printed, "Because  it floods"));
	assert_says(1, "explain 6 --knowledge known", "x0top: No action 6 is known.\n");
	assert_says(1, "explain 1 --knowledge known", "x0top: No action 1 is known.\n");
	for (size_t i = 0; i < 4; i++) {
		static const char *const wrong[] = { "explain", "explain 0", "explain x",
			"explain 9223372036854775808" };
		char command[128];
		snprintf(command, sizeof(command), "%s --knowledge known", wrong[i]);
		assert_says(2, command,
			"x0top: mapek explain takes the number of an action.\nTry x0top mapek --help.\n");
	}
	assert_int_equal(run("--knowledge known export"), 0);
	assert_non_null(strstr(printed, "\"target\":\"10.0.0.9\""));
}

static void it_is_forgotten_with_a_yes(void **state)
{
	(void)state;
	need_knowledge();
	assert_says(1, "forget --knowledge known",
		"x0top: Nothing is forgotten without a yes, or --yes.\n");
	assert_int_equal(run("explain 7 --knowledge known"), 0);
	assert_says(0, "forget --yes --knowledge known", "");
	assert_says(1, "explain 7 --knowledge known", "x0top: No action 7 is known.\n");
}

static void damaged_knowledge_is_refused(void **state)
{
	(void)state;
	need_knowledge();
	FILE *damaged = file("damaged");
	fputs("This is no database at all, but long enough for one.", damaged);
	fclose(damaged);
	assert_int_equal(run("history --knowledge damaged"), 2);
	assert_non_null(strstr(printed, "damaged"));
}

static int begin(void **state)
{
	(void)state;
	if (mkdtemp(folder) == NULL)
		return -1;
	make_recording();
	return 0;
}

static int end(void **state)
{
	char command[128];

	(void)state;
	snprintf(command, sizeof(command), "rm -rf %s", folder);
	return system(command);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_recording_is_tried),
		cmocka_unit_test(a_damaged_recording_is_tried_as_far_as_it_goes),
		cmocka_unit_test(what_is_known_is_printed),
		cmocka_unit_test(it_is_forgotten_with_a_yes),
		cmocka_unit_test(damaged_knowledge_is_refused),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
