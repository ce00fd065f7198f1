// SPDX-License-Identifier: BSD-2-Clause
/* A session of a recording: opened and closed, it leaves no descriptor, no mapping and no memory behind. */
#include <dirent.h>
#include <errno.h>
#include <malloc.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "cli/session.h"
#include "export/record.h"

static char folder[] = "/tmp/test_session_files.XXXXXX";
static char recording[64], copy[64];
static struct settings *settings;
static struct failure failure;

enum { FREED = 16384 }; /* bytes, at most, that malloc() keeps for the next one */

/* A sanitizer's allocator maps what it wants, and says itself what is left. */
#ifndef __has_feature
#define __has_feature(name) 0
#endif
#if defined(__SANITIZE_ADDRESS__) || __has_feature(address_sanitizer)
enum { SANITIZED = 1 };
#else
enum { SANITIZED = 0 };
#endif

struct held {
	unsigned int descriptors, mappings;
	size_t bytes;
};

static unsigned int count_descriptors(void)
{
	DIR *list = opendir("/proc/self/fd");
	unsigned int n = 0;

	while (readdir(list) != NULL)
		n++;
	closedir(list);
	return n;
}

static unsigned int count_mappings(void)
{
	static char bytes[65536];
	FILE *file = fopen("/proc/self/maps", "r");
	unsigned int n = 0;

	setvbuf(file, bytes, _IOFBF, sizeof(bytes));
	for (int c; (c = fgetc(file)) != EOF;)
		n += c == '\n';
	fclose(file);
	return n;
}

/* musl does not tell. */
static size_t count_bytes(void)
{
#ifdef __GLIBC__
	return mallinfo2().uordblks;
#else
	return 0;
#endif
}

static struct held held(void)
{
	return (struct held) { count_descriptors(), count_mappings(), count_bytes() };
}

static void make_recording(void)
{
	struct recorder *recorder;
	struct snapshot *now = snapshot_open();

	assert_int_equal(recorder_open(recording, 1 << 20, &recorder, &failure), 0);
	for (int i = 0; i < 3; i++) {
		snapshot_clear(now);
		snprintf(now->schema, sizeof(now->schema), "%s", SNAPSHOT_SCHEMA);
		now->time = 1.8e9 + i;
		now->interval = i > 0;
		assert_int_equal(recorder_write(recorder, now, &failure), 0);
	}
	recorder_close(recorder);
	snapshot_close(now);
}

static void open_and_close(void)
{
	const struct session_files files = {
		.replay = recording, .record = copy, .record_limit = 1 << 20
	};
	struct session session;

	if (session_open(&session, settings, &files, &failure) < 0)
		fail_msg("%s", failure.what);
	assert_int_equal(session_seek(&session, 1, &failure), 0);
	assert_true(session.now->time >= 1.8e9);
	session_close(&session);
	assert_null(session.now);
	assert_null(session.replayer);
	assert_null(session.recorder);
}

static void test_nothing_is_left(void **state)
{
	(void)state;
	open_and_close(); /* libraries keep what they begin with */
	open_and_close();
	const struct held before = held();
	for (int i = 0; i < 5; i++)
		open_and_close();
	const struct held after = held();
	assert_int_equal(after.descriptors, before.descriptors);
	if (!SANITIZED)
		assert_int_equal(after.mappings, before.mappings);
	assert_in_range(after.bytes, 0, before.bytes + FREED);
}

/* Nor is it where opening fails half way. */
static void test_nothing_is_left_of_half_a_session(void **state)
{
	const struct session_files files = {
		.replay = recording, .record = "/nonexistent/folder/file", .record_limit = 1 << 20
	};
	struct session session;

	(void)state;
	assert_true(session_open(&session, settings, &files, &failure) < 0);
	const struct held before = held();
	for (int i = 0; i < 5; i++)
		assert_true(session_open(&session, settings, &files, &failure) < 0);
	const struct held after = held();
	assert_int_equal(after.descriptors, before.descriptors);
	if (!SANITIZED)
		assert_int_equal(after.mappings, before.mappings);
	assert_in_range(after.bytes, 0, before.bytes + FREED);
	assert_null(session.now);
}

static int begin(void **state)
{
	(void)state;
	settings = calloc(1, sizeof(*settings));
	if (settings == NULL || mkdtemp(folder) == NULL)
		return -1;
	settings_default(settings);
	snprintf(recording, sizeof(recording), "%s/recording", folder);
	snprintf(copy, sizeof(copy), "%s/copy", folder);
	make_recording();
	return 0;
}

static int end(void **state)
{
	char command[64];

	(void)state;
	free(settings);
	snprintf(command, sizeof(command), "rm -rf %s", folder);
	return system(command);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nothing_is_left),
		cmocka_unit_test(test_nothing_is_left_of_half_a_session),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
