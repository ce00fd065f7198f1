// SPDX-License-Identifier: BSD-2-Clause
/* The scribe writes down what it is told, tells what it knows at the start, and never delays who tells. */
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "mapek/knowledge.h"
#include "mapek/measure.h"
#include "mapek/scribe.h"
#include "model/counter.h"
#include "tests/lib/knowledge.h"

static char folder[] = "/tmp/test_scribe.XXXXXX";
static char path[64];
static struct scribe *scribe;
static struct scribe_known known;
static struct failure failure;
static char taken[8][NAME_LEN];
static double lows[8];
static int n_taken;

static int begin(void **state)
{
	(void)state;
	scribe = NULL;
	n_taken = 0;
	memset(&known, 0, sizeof(known));
	/* Whom the scribe becomes may search it. */
	if (mkdtemp(folder) == NULL || chmod(folder, 0711) < 0)
		return -1;
	snprintf(path, sizeof(path), "%s/mapek.db", folder);
	return 0;
}

static int end(void **state)
{
	char command[64];

	(void)state;
	scribe_close(scribe);
	snprintf(command, sizeof(command), "rm -rf %s", folder);
	memcpy(folder + strlen(folder) - 6, "XXXXXX", 6);
	return system(command);
}

static void take(void *data, const char *name, const struct series *series)
{
	assert_ptr_equal(data, taken);
	assert_true(n_taken < 8);
	snprintf(taken[n_taken], sizeof(taken[0]), "%s", name);
	lows[n_taken++] = series->low;
}

static struct snapshot_mapek_action recalled;
static double changed;

static void take_action(void *data, const struct snapshot_mapek_action *action, double time)
{
	(void)data;
	recalled = *action;
	changed = time;
}

static const struct scribe_takers takers = { taken, take, take_action };

static void start(void)
{
	need_knowledge();
	if (scribe_open(path, &scribe, &known, &takers, &failure) < 0)
		fail_msg("%s", failure.what);
}

static void stop(void)
{
	scribe_close(scribe);
	scribe = NULL;
}

/* The process that is this one's child. */
static pid_t child(void)
{
	char name[64], text[32] = "";

	snprintf(name, sizeof(name), "/proc/self/task/%d/children", getpid());
	FILE *file = fopen(name, "re");
	if (file == NULL || fgets(text, sizeof(text), file) == NULL)
		fail_msg("there is no child");
	fclose(file);
	return atoi(text);
}

static char *text_of(int (*write)(struct knowledge *knowledge, FILE *file))
{
	static char text[4096];
	char notice[REASON_LEN];
	struct knowledge *knowledge;
	FILE *file = fmemopen(text, sizeof(text), "w");

	assert_int_equal(knowledge_open(path, KNOWLEDGE_READ, &knowledge, notice, &failure), 0);
	assert_int_equal(write(knowledge, file), 0);
	fclose(file);
	knowledge_close(knowledge);
	return text;
}

static int action_9(struct knowledge *knowledge, FILE *file)
{
	return knowledge_write_action(knowledge, 9, file);
}

static void what_is_told_is_written_and_known_again(void **state)
{
	const struct snapshot_mapek_anomaly anomaly = { .number = 7,
		.policy = "flood",
		.series = "udp",
		.begin = 1000,
		.end = NAN,
		.value = 5 };
	const struct snapshot_mapek_action action = { .number = 9,
		.anomaly = 7,
		.policy = "flood",
		.target = "10.0.0.9",
		.state = MAPEK_ADVISED,
		.action = "rule add drop 10.0.0.9",
		.reason = "it floods",
		.begin = 1000,
		.dropped = COUNT_UNKNOWN };
	const struct series series = { .low = 7.5 };
	struct stat status;

	(void)state;
	start();
	assert_int_equal(known.last_anomaly, 0);
	assert_int_equal(known.last_action, 0);
	assert_string_equal(known.notice, "");
	assert_int_equal(n_taken, 0);
	scribe_anomaly(scribe, &anomaly, "UDP packets 5/s");
	scribe_action(scribe, &action, 1000);
	scribe_series(scribe, measures[1].name, &series);
	assert_int_equal(scribe_lost(scribe), 0);
	stop(); /* all is written then */
	assert_return_code(stat(path, &status), 0);
	assert_int_equal(status.st_mode & 0777, 0600);
	assert_non_null(strstr(text_of(knowledge_write_history), "UDP packets 5/s"));
	assert_non_null(strstr(text_of(action_9), "rule add drop 10.0.0.9"));
	start();
	assert_int_equal(known.last_anomaly, 7);
	assert_int_equal(known.last_action, 9);
	assert_int_equal(n_taken, 1);
	assert_string_equal(taken[0], measures[1].name);
	assert_true(lows[0] == 7.5);
}

static void a_damaged_one_is_set_aside_with_a_word(void **state)
{
	FILE *file = fopen(path, "we");

	(void)state;
	assert_non_null(file);
	for (int i = 0; i < 1000; i++)
		fputs("this is no database ", file);
	fclose(file);
	chmod(path, 0600);
	start();
	assert_string_not_equal(known.notice, "");
	assert_int_equal(known.last_action, 0);
}

static void without_a_place_it_says_why(void **state)
{
	(void)state;
	need_knowledge();
	fclose(fopen(path, "we"));
	strcat(path, "/mapek.db");
	assert_true(scribe_open(path, &scribe, &known, &takers, &failure) < 0);
	assert_non_null(strstr(failure.what, path));
	assert_null(scribe);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1); /* the process has been waited for */
	assert_int_equal(errno, ECHILD);
}

static void a_folder_that_it_may_not_search(void **state)
{
	(void)state;
	need_knowledge();
	if (geteuid() != 0) {
		puts("skipped: only root becomes somebody else");
		skip();
	}
	chmod(folder, 0700);
	assert_true(scribe_open(path, &scribe, &known, &takers, &failure) < 0);
	assert_non_null(strstr(failure.what, "Cannot keep knowledge"));
	assert_non_null(strstr(failure.remedy, "chmod o+x"));
	assert_null(scribe);
}

/* It has no rights, ignores the terminal's signals, holds no descriptor of its caller, and ends with it. */
static void it_is_a_process_without_rights(void **state)
{
	char name[64], text[64] = "";
	int kept = open("/dev/null", O_RDONLY); /* without O_CLOEXEC */

	(void)state;
	start();
	pid_t pid = child();
	snprintf(name, sizeof(name), "/proc/%d/comm", pid);
	FILE *file = fopen(name, "re");
	assert_non_null(fgets(text, sizeof(text), file));
	fclose(file);
	assert_string_equal(text, "x0top-scribe\n");
	snprintf(name, sizeof(name), "/proc/%d/status", pid);
	file = fopen(name, "re");
	for (int found = 0; found < 2;) {
		char line[256], *value;
		assert_non_null(fgets(line, sizeof(line), file));
		value = strchr(line, '\t');
		if (strncmp(line, "CapPrm:", 7) == 0) {
			assert_true(strtoull(value, NULL, 16) == 0);
			found++;
		} else if (strncmp(line, "Uid:", 4) == 0) {
			assert_int_not_equal(atoi(value), 0);
			found++;
		}
	}
	fclose(file);
	snprintf(name, sizeof(name), "/proc/%d/fd/%d", pid, kept);
	assert_true(readlink(name, text, sizeof(text)) < 0 || strcmp(text, "/dev/null") != 0);
	close(kept);
	kill(pid, SIGTERM);
	kill(pid, SIGINT);
	kill(pid, SIGHUP);
	scribe_series(scribe, measures[0].name, &(struct series) { .low = 3 });
	stop();
	start();
	assert_int_equal(n_taken, 1);
}

/* What was undone rests, and what is in force is followed, after the next start, too. */
static void what_was_undone_is_recalled(void **state)
{
	const double now = clock_realtime_seconds();
	struct snapshot_mapek_action action = { .number = 9,
		.policy = "flood",
		.target = "10.0.0.9",
		.state = MAPEK_UNDONE,
		.action = "rule add drop 10.0.0.9",
		.before = 5000,
		.after = 20,
		.relief = NAN,
		.dropped = COUNT_UNKNOWN,
		.honest = 7,
		.ended = "exit 3",
		.output = "it said so" };

	(void)state;
	start();
	scribe_action(scribe, &action, now - 100);
	scribe_action(scribe, &action, NAN); /* its outcome: it keeps its time */
	stop();
	start();
	assert_int_equal(recalled.number, 9);
	assert_int_equal(recalled.state, MAPEK_UNDONE);
	assert_string_equal(recalled.policy, "flood");
	assert_string_equal(recalled.target, "10.0.0.9");
	assert_string_equal(recalled.ended, "exit 3");
	assert_string_equal(recalled.output, "it said so");
	assert_true(recalled.before == 5000 && recalled.after == 20 && isnan(recalled.relief));
	assert_true(recalled.dropped == COUNT_UNKNOWN && recalled.honest == 7);
	assert_true(fabs(changed - (now - 100)) < 0.01);
	scribe_action(scribe, &action, now - 3700); /* longer ago than it rests */
	stop();
	recalled.number = 0;
	start();
	assert_int_equal(recalled.number, 0);
}

static void await_spared(uint32_t n)
{
	const double end = clock_monotonic_seconds() + 20;
	struct scribe_spared spared = { .n = UINT32_MAX };

	while (spared.n != n) {
		assert_true(clock_monotonic_seconds() < end);
		if (!scribe_spared(scribe, &spared))
			poll(NULL, 0, 5);
	}
}

/* By this x0top, and by a command meanwhile. */
static void what_is_spared_is_known(void **state)
{
	char notice[REASON_LEN];
	struct knowledge *knowledge;

	(void)state;
	start();
	assert_int_equal(known.spared.n, 0);
	scribe_spare(scribe, "10.9.0.0/24", 1000);
	await_spared(1);
	assert_int_equal(knowledge_open(path, KNOWLEDGE_ADD, &knowledge, notice, &failure), 0);
	assert_int_equal(knowledge_spare(knowledge, "10.8.0.0/24", 1001), 0);
	await_spared(2);
	assert_int_equal(knowledge_spare_no_more(knowledge, "10.9.0.0/24"), 0);
	assert_int_equal(knowledge_spare_no_more(knowledge, "10.9.0.0/24"), -ENOENT);
	knowledge_close(knowledge);
	await_spared(1);
	stop();
	start();
	assert_int_equal(known.spared.n, 1);
	assert_string_equal(known.spared.list[0].target, "10.8.0.0/24");
	assert_true(known.spared.list[0].since == 1001);
	scribe_spare_no_more(scribe, "10.8.0.0/24");
	await_spared(0);
	assert_non_null(strstr(text_of(knowledge_write_spared), "Nothing is spared"));
}

/* Its end, or that it does not read, delays nobody: what is lost is counted. */
static void one_that_stops_delays_nobody(void **state)
{
	const struct series series = { .low = 1 };

	(void)state;
	start();
	kill(child(), SIGSTOP);
	for (int i = 0; i < 1000; i++)
		scribe_series(scribe, measures[0].name, &series);
	assert_in_range(scribe_lost(scribe), 1, 999);
	kill(child(), SIGKILL);
	siginfo_t ended;
	assert_return_code(waitid(P_PID, (id_t)child(), &ended, WEXITED | WNOWAIT), 0);
	uint64_t lost = scribe_lost(scribe);
	scribe_action(scribe, &(struct snapshot_mapek_action) { .number = 1 }, 1);
	assert_int_equal(scribe_lost(scribe), lost + 1);
}

static void none_is_told_nothing(void **state)
{
	(void)state;
	scribe_anomaly(NULL, NULL, "");
	scribe_action(NULL, NULL, 0);
	scribe_series(NULL, "", NULL);
	assert_int_equal(scribe_lost(NULL), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_is_told_is_written_and_known_again),
		TEST(what_was_undone_is_recalled),
		TEST(what_is_spared_is_known),
		TEST(a_damaged_one_is_set_aside_with_a_word),
		TEST(without_a_place_it_says_why),
		TEST(a_folder_that_it_may_not_search),
		TEST(it_is_a_process_without_rights),
		TEST(one_that_stops_delays_nobody),
		TEST(none_is_told_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
