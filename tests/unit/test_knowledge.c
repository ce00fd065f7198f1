// SPDX-License-Identifier: BSD-2-Clause
/* Knowledge survives, and what cannot be used is set aside. */
#include <errno.h>
#include <limits.h>
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
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "mapek/knowledge.h"
#include "mapek/sqlite.h"
#include "model/counter.h"
#include "model/names.h"

#ifndef X0_WEB
static void test_a_static_x0top_says_that_it_keeps_none(void **state)
{
	struct knowledge *knowledge;
	struct failure failure;
	char notice[REASON_LEN];

	(void)state;
	assert_int_equal(
		knowledge_open("/tmp/mapek.db", KNOWLEDGE_READ, &knowledge, notice, &failure),
		-ENOSYS);
	assert_non_null(strstr(failure.what, "linked statically"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_static_x0top_says_that_it_keeps_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
#else
static char folder[] = "/tmp/test_knowledge.XXXXXX";
static char path[64], notice[REASON_LEN];
static struct knowledge *knowledge;
static struct failure failure;

static void begin(void)
{
	if (knowledge_open(path, KNOWLEDGE_WRITE, &knowledge, notice, &failure) < 0)
		fail_msg("%s", failure.what);
}

static void put(uint64_t number)
{
	struct snapshot_mapek_anomaly anomaly = { .number = number,
		.policy = "flood",
		.series = "udp",
		.begin = 1000.0 + (double)number,
		.end = NAN,
		.value = 5 };
	struct snapshot_mapek_action action = { .number = number,
		.anomaly = number,
		.policy = "flood",
		.target = "10.0.0.9",
		.state = MAPEK_ADVISED,
		.action = "rule add drop 10.0.0.9",
		.reason = "it floods",
		.begin = 1000,
		.dropped = COUNT_UNKNOWN };

	assert_int_equal(knowledge_put_anomaly(knowledge, &anomaly, "UDP packets 5/s"), 0);
	assert_int_equal(knowledge_put_action(knowledge, &action, 1001), 0);
}

static char *text_of(int (*write)(struct knowledge *knowledge, FILE *file))
{
	static char text[4096];
	FILE *file = fmemopen(text, sizeof(text), "w");

	assert_int_equal(write(knowledge, file), 0);
	fclose(file);
	return text;
}

static int first_action(struct knowledge *of, FILE *file)
{
	return knowledge_write_action(of, 1, file);
}

static void test_it_survives(void **state)
{
	struct series series = { .low = 7 }, read = { 0 };
	struct stat status;

	(void)state;
	begin();
	assert_string_equal(notice, "");
	assert_non_null(strstr(text_of(knowledge_write_history), "Nothing was unusual"));
	put(1);
	put(7);
	assert_int_equal(knowledge_put_series(knowledge, "udp", &series), 0);
	knowledge_close(knowledge);
	assert_int_equal(stat(path, &status), 0);
	assert_int_equal(status.st_mode & 0777, 0600);
	begin();
	assert_int_equal(knowledge_last_anomaly(knowledge), 7);
	assert_int_equal(knowledge_last_action(knowledge), 7);
	assert_true(knowledge_get_series(knowledge, "udp", &read));
	assert_true(read.low == 7);
	assert_false(knowledge_get_series(knowledge, "tcp", &read));
	assert_non_null(strstr(text_of(knowledge_write_history), "rule add drop 10.0.0.9"));
	assert_non_null(strstr(text_of(first_action), "Because  it floods"));
	assert_non_null(strstr(text_of(first_action), "Anomaly  1: UDP packets 5/s"));
	assert_non_null(strstr(text_of(knowledge_write_json), "\"target\":\"10.0.0.9\""));
	assert_int_equal(knowledge_write_action(knowledge, 2, stdout), -ENOENT);
	knowledge_close(knowledge);
}

static void test_what_was_put_survives_a_kill(void **state)
{
	int status;

	(void)state;
	pid_t pid = fork();
	if (pid == 0) {
		begin();
		for (uint64_t i = 1; i <= 50; i++)
			put(i);
		raise(SIGKILL);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
	begin();
	assert_string_equal(notice, "");
	assert_int_equal(knowledge_last_action(knowledge), 50);
	knowledge_close(knowledge);
}

static void test_it_is_bounded(void **state)
{
	(void)state;
	begin();
	put(1);
	for (uint64_t i = 0; i < 200; i++)
		put(20000 + i);
	assert_int_equal(knowledge_write_action(knowledge, 1, stdout), -ENOENT);
	assert_int_equal(knowledge_last_action(knowledge), 20199);
	knowledge_close(knowledge);
}

static void test_forgetting(void **state)
{
	(void)state;
	begin();
	put(1);
	assert_int_equal(knowledge_forget(knowledge), 0);
	assert_int_equal(knowledge_last_anomaly(knowledge), 0);
	knowledge_close(knowledge);
}

static void spoil(const char *bytes, long at)
{
	FILE *file = fopen(path, "r+");

	fseek(file, at, SEEK_SET);
	fputs(bytes, file);
	fclose(file);
}

static void test_a_damaged_one_is_set_aside(void **state)
{
	(void)state;
	begin();
	put(1);
	knowledge_close(knowledge);
	spoil("this is no database", 0);
	assert_int_equal(
		knowledge_open(path, KNOWLEDGE_READ, &knowledge, notice, &failure), -EINVAL);
	begin();
	assert_non_null(strstr(notice, "set aside"));
	assert_non_null(strstr(notice, "damaged"));
	assert_int_equal(knowledge_last_action(knowledge), 0);
	put(1);
	knowledge_close(knowledge);
}

/* Neither a pipe, which nobody writes, nor a device or a folder is opened, nor put aside. */
static void test_only_regular_files_are_opened(void **state)
{
	char pipe[160];

	(void)state;
	snprintf(pipe, sizeof(pipe), "%s.pipe", path);
	const char *const names[] = { pipe, "/dev/zero", "/tmp" };
	assert_int_equal(mkfifo(pipe, 0600), 0);
	alarm(10);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		for (int use = KNOWLEDGE_READ; use <= KNOWLEDGE_WRITE; use++) {
			assert_true(
				knowledge_open(names[i], use, &knowledge, notice, &failure) < 0);
			assert_non_null(strstr(failure.what, "regular"));
		}
	alarm(0);
	assert_int_equal(unlink(pipe), 0);
}

/* The kernel calls its log a regular file, and who reads it waits for the next message. */
static void test_what_makes_its_reader_wait_is_not_opened(void **state)
{
	static const char log[] = "/proc/kmsg";

	(void)state;
	if (access(log, R_OK) < 0) {
		print_message("this user may not read %s\n", log);
		skip();
	}
	alarm(10);
	for (int use = KNOWLEDGE_READ; use <= KNOWLEDGE_WRITE; use++)
		assert_true(knowledge_open(log, use, &knowledge, notice, &failure) < 0);
	alarm(0);
}

/* A view without an end, where x0top's table should be. */
static void test_what_is_not_a_table_is_refused(void **state)
{
	static const char view[] = "DROP TABLE anomaly; CREATE VIEW anomaly AS WITH RECURSIVE"
				   " c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c)"
				   " SELECT max(n) AS number FROM c;";
	sqlite3 *base;

	(void)state;
	begin();
	put(1);
	knowledge_close(knowledge);
	assert_int_equal(
		sqlite.sqlite3_open_v2(path, &base, SQLITE_OPEN_READWRITE, NULL), SQLITE_OK);
	assert_int_equal(sqlite.sqlite3_exec(base, view, NULL, NULL, NULL), SQLITE_OK);
	sqlite.sqlite3_close_v2(base);
	assert_int_equal(
		knowledge_open(path, KNOWLEDGE_READ, &knowledge, notice, &failure), -EINVAL);
	assert_non_null(strstr(failure.what, "not one of x0top's"));
	begin();
	assert_non_null(strstr(notice, "set aside"));
	knowledge_close(knowledge);
}

/* The number of the version is at byte 60 of the file, big endian: sqlite.org/fileformat.html. */
static void test_a_newer_one_is_set_aside(void **state)
{
	(void)state;
	begin();
	knowledge_close(knowledge);
	spoil("\x01\x01\x01\x01", 60);
	assert_int_equal(
		knowledge_open(path, KNOWLEDGE_READ, &knowledge, notice, &failure), -EINVAL);
	assert_non_null(strstr(failure.what, "newer"));
	begin();
	assert_non_null(strstr(notice, "newer"));
	knowledge_close(knowledge);
}

/* Each value of an action, all of them different, is in its place in what people and programs read. */
static void test_an_action_is_told_in_full(void **state)
{
	static const struct snapshot_mapek_action action = { .number = 7,
		.anomaly = 3,
		.policy = "storm",
		.target = "10.0.0.8",
		.state = MAPEK_IN_FORCE,
		.action = "rule add limit 500/s from 10.0.0.8",
		.reason = "it storms",
		.begin = 1000,
		.before = 52000,
		.after = 510,
		.relief = 0.75,
		.honest = 120,
		.dropped = 4000,
		.ended = "exit 4",
		.output = "no pager" };
	static const char *const members[] = { "\"action\":7,\"because\":3,\"policy\":\"storm\"",
		"\"target\":\"10.0.0.8\"", "\"do\":\"rule add limit 500/s from 10.0.0.8\"",
		"\"reason\":\"it storms\",\"begin\":1000.0,\"changed\":1001.0,\"dropped\":4000",
		"\"before\":52000.0,\"after\":510.0,\"relief\":0.75,\"honest\":120",
		"\"hook\":\"exit 4\",\"output\":\"no pager\"" };
	char effect[REASON_LEN], expected[2 * REASON_LEN];

	(void)state;
	begin();
	assert_int_equal(knowledge_put_action(knowledge, &action, 1001), 0);
	assert_string_equal(mapek_effect(&action, effect, sizeof(effect)),
		"52.0K before, 510 after, 75% gone; 4.00K dropped, about 120 of them usual");
	snprintf(expected, sizeof(expected), "action      7  %-9s %s: %s: %s\n",
		mapek_action_state_names[action.state], action.action, action.ended, effect);
	const char *text = text_of(knowledge_write_history);
	if (strstr(text, expected) == NULL)
		fail_msg("%s", text);
	text = text_of(knowledge_write_json);
	for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++)
		if (strstr(text, members[i]) == NULL)
			fail_msg("no %s: %s", members[i], text);
	knowledge_close(knowledge);
}

/* A database of the version before has what it had, and room for what is new. */
static void test_an_older_one_is_completed(void **state)
{
	static const char before[] =
		"CREATE TABLE anomaly(number INTEGER PRIMARY KEY, policy TEXT, series TEXT, began REAL,"
		" ended REAL, value REAL, low REAL, high REAL, score REAL, sentence TEXT);"
		"CREATE TABLE action(number INTEGER PRIMARY KEY, anomaly INTEGER, policy TEXT,"
		" target TEXT, state TEXT, action TEXT, reason TEXT, began REAL, changed REAL,"
		" dropped INTEGER);"
		"CREATE TABLE baseline(name TEXT PRIMARY KEY, series BLOB);"
		"INSERT INTO action VALUES(1,1,'flood','10.0.0.9','over','rule add drop 10.0.0.9',"
		"'it floods',1000,1001,5); PRAGMA user_version=1;";
	sqlite3 *base;

	(void)state;
	assert_int_equal(sqlite_open(&failure), 0);
	assert_int_equal(sqlite.sqlite3_open_v2(
				 path, &base, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL),
		SQLITE_OK);
	assert_int_equal(sqlite.sqlite3_exec(base, before, NULL, NULL, NULL), SQLITE_OK);
	sqlite.sqlite3_close_v2(base);
	assert_int_equal(knowledge_open(path, KNOWLEDGE_READ, &knowledge, notice, &failure), 0);
	assert_string_equal(notice, "");
	assert_non_null(strstr(text_of(first_action), "Effect   5 dropped"));
	assert_non_null(
		strstr(text_of(knowledge_write_history), "rule add drop 10.0.0.9: 5 dropped"));
	put(2);
	assert_int_equal(knowledge_spare(knowledge, "10.0.0.0/8", 1), 0);
	knowledge_close(knowledge);
	begin();
	assert_string_equal(notice, "");
	assert_int_equal(knowledge_last_action(knowledge), 2);
	knowledge_close(knowledge);
}

/* Killed at any point of its work, it has all that was written before, and is whole. */
static void test_it_survives_kills_at_random_points(void **state)
{
	uint64_t *done = mmap(
		NULL, sizeof(*done), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int status;

	(void)state;
	srandom(1);
	for (int round = 0; round < 12; round++) {
		const uint64_t enough = *done + 1 + (uint64_t)random() % 30;
		pid_t pid = fork();
		if (pid == 0) {
			begin();
			for (uint64_t i = *done + 1;; i++) {
				put(i);
				*done = i;
			}
		}
		while (*(volatile uint64_t *)done < enough)
			poll(NULL, 0, 0);
		kill(pid, SIGKILL);
		assert_int_equal(waitpid(pid, &status, 0), pid);
		assert_true(WIFSIGNALED(status));
		begin();
		assert_string_equal(notice, "");
		assert_true(knowledge_last_action(knowledge) >= *done);
		assert_true(knowledge_last_action(knowledge) <= *done + 1);
		*done = knowledge_last_action(knowledge);
		knowledge_close(knowledge);
	}
	munmap(done, sizeof(*done));
}

/* Writes until a limit of the file's size, as a full disk would have it, is reached. */
static void test_a_full_disk_damages_nothing(void **state)
{
	const struct rlimit small = { 200000, 200000 };
	int status;

	(void)state;
	begin();
	put(1);
	knowledge_close(knowledge);
	pid_t pid = fork();
	if (pid == 0) {
		struct snapshot_mapek_action action = { .state = MAPEK_OVER };
		int error = 0;
		signal(SIGXFSZ, SIG_IGN);
		setrlimit(RLIMIT_FSIZE, &small);
		begin();
		for (action.number = 2; error == 0 && action.number < 9999; action.number++)
			error = knowledge_put_action(knowledge, &action, 1);
		knowledge_close(knowledge);
		_exit(error == -EIO ? 0 : 1);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	begin();
	assert_string_equal(notice, "");
	assert_non_null(strstr(text_of(first_action), "Because  it floods"));
	put(9999);
	assert_int_equal(knowledge_last_action(knowledge), 9999);
	knowledge_close(knowledge);
}

/* Who only reads leaves no log and no index of it behind, also where the file's name has letters of a URI. */
static void test_reading_leaves_nothing_behind(void **state)
{
	char other[PATH_MAX], log[PATH_MAX + 8];

	(void)state;
	begin();
	put(1);
	knowledge_close(knowledge);
	snprintf(other, sizeof(other), "%s/50%%41 ?a#.db", folder);
	assert_int_equal(rename(path, other), 0);
	assert_int_equal(knowledge_open(other, KNOWLEDGE_READ, &knowledge, notice, &failure), 0);
	assert_int_equal(knowledge_last_action(knowledge), 1);
	assert_true(knowledge_spare(knowledge, "10.0.0.0/8", 1) < 0);
	snprintf(log, sizeof(log), "%s-wal", other);
	assert_true(access(log, F_OK) < 0);
	snprintf(log, sizeof(log), "%s-shm", other);
	assert_true(access(log, F_OK) < 0);
	knowledge_close(knowledge);
	assert_int_equal(rename(other, path), 0);
}

/* While somebody writes, what is in the log is read, too. */
static void test_reading_beside_a_writer(void **state)
{
	struct knowledge *reader;

	(void)state;
	begin();
	put(1);
	assert_int_equal(knowledge_open(path, KNOWLEDGE_READ, &reader, notice, &failure), 0);
	assert_int_equal(knowledge_last_action(reader), 1);
	put(2);
	assert_int_equal(knowledge_last_action(reader), 2);
	knowledge_close(reader);
	knowledge_close(knowledge);
}

/* Who is noted is spared: there is room in MAPE-K for all. */
static void test_as_many_are_spared_as_there_is_room(void **state)
{
	char target[32];

	(void)state;
	begin();
	for (int i = 0; i < MAPEK_SPARED_MAX; i++) {
		snprintf(target, sizeof(target), "10.0.0.%d/32", i);
		assert_int_equal(knowledge_spare(knowledge, target, 1), 0);
	}
	assert_int_equal(knowledge_spare(knowledge, "10.0.1.0/32", 1), -ENOSPC);
	assert_int_equal(knowledge_spare(knowledge, "10.0.0.7/32", 2), 0); /* once more */
	assert_int_equal(knowledge_spare_no_more(knowledge, "10.0.0.7/32"), 0);
	assert_int_equal(knowledge_spare_no_more(knowledge, "10.0.0.7/32"), -ENOENT);
	assert_int_equal(knowledge_spare(knowledge, "10.0.1.0/32", 1), 0);
	knowledge_close(knowledge);
}

/* What was in force when MAPE-K last wrote is not, once its time is over, or with its end. */
static void test_what_has_ended_is_told_so(void **state)
{
	static const struct {
		const char *action;
		double left;
		bool kept, alone; /* whether it is so beside who keeps it, and without */
	} held[] = {
		{ "rule add drop 10.0.0.9 for 60s comment \"mapek-1\"", 50, true, true },
		{ "rule add drop 10.0.0.8 for 60s comment \"mapek-2\"", -1, false, false },
		{ "rule add drop 10.0.0.7 for 60s comment \"mapek-3\"", NAN, true,
			true }, /* who knows */
		{ "enforce on tc_classifier", 50, true, false },
		{ "qos mark v0 out best_effort cs1", -1, true, true },
		{ "mapek run page", 50, true, false },
	};
	static const char lasting[1][RULE_LEN] = { "qos mark v0 out best_effort cs1" };
	char expected[RULE_LEN + 32];

	(void)state;
	for (int round = 0; round < 2; round++) {
		struct knowledge *writer;
		assert_int_equal(
			knowledge_open(path, KNOWLEDGE_WRITE, &writer, notice, &failure), 0);
		for (size_t i = 0; i < sizeof(held) / sizeof(held[0]); i++) {
			struct snapshot_mapek_action action = { .number = i + 1,
				.state = MAPEK_IN_FORCE,
				.begin = 1000,
				.time_left = held[i].left,
				.dropped = COUNT_UNKNOWN,
				.before = NAN,
				.after = NAN,
				.relief = NAN,
				.honest = COUNT_UNKNOWN };
			snprintf(action.action, sizeof(action.action), "%s", held[i].action);
			assert_int_equal(knowledge_put_action(writer, &action, 1001), 0);
		}
		if (round == 1)
			knowledge_close(writer);
		assert_int_equal(
			knowledge_open(path, KNOWLEDGE_READ, &knowledge, notice, &failure), 0);
		assert_int_equal(knowledge_compare(knowledge, lasting, 1), 0);
		const char *text = text_of(knowledge_write_history);
		for (size_t i = 0; i < sizeof(held) / sizeof(held[0]); i++) {
			snprintf(expected, sizeof(expected), "%-9s %s\n",
				(round == 0 ? held[i].kept : held[i].alone) ? "in force" : "over",
				held[i].action);
			if (strstr(text, expected) == NULL)
				fail_msg("round %d: no %sin %s", round, expected, text);
		}
		assert_non_null(strstr(text_of(knowledge_write_json), "\"state\":\"over\""));
		assert_non_null(strstr(text_of(first_action), "State    in force since "));
		knowledge_close(knowledge);
		if (round == 0)
			knowledge_close(writer);
	}
}

static void test_there_may_be_none(void **state)
{
	(void)state;
	assert_int_equal(
		knowledge_open(path, KNOWLEDGE_READ, &knowledge, notice, &failure), -ENOENT);
	assert_true(knowledge_open("/proc/none/mapek.db", KNOWLEDGE_WRITE, &knowledge, notice,
			    &failure) < 0);
	assert_non_null(strstr(failure.what, "/proc/none/mapek.db"));
}

static int set_up(void **state)
{
	(void)state;
	snprintf(folder, sizeof(folder), "/tmp/test_knowledge.XXXXXX");
	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/mapek.db", folder);
	return 0;
}

static int tear_down(void **state)
{
	char command[128];

	(void)state;
	snprintf(command, sizeof(command), "rm -rf %s", folder);
	return system(command);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_it_survives),
		TEST(test_what_was_put_survives_a_kill),
		TEST(test_an_action_is_told_in_full),
		TEST(test_it_is_bounded),
		TEST(test_forgetting),
		TEST(test_a_damaged_one_is_set_aside),
		TEST(test_a_newer_one_is_set_aside),
		TEST(test_only_regular_files_are_opened),
		TEST(test_what_makes_its_reader_wait_is_not_opened),
		TEST(test_what_is_not_a_table_is_refused),
		TEST(test_an_older_one_is_completed),
		TEST(test_it_survives_kills_at_random_points),
		TEST(test_a_full_disk_damages_nothing),
		TEST(test_reading_leaves_nothing_behind),
		TEST(test_reading_beside_a_writer),
		TEST(test_as_many_are_spared_as_there_is_room),
		TEST(test_what_has_ended_is_told_so),
		TEST(test_there_may_be_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
#endif
