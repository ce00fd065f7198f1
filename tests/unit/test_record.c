// SPDX-License-Identifier: BSD-2-Clause
/* Recordings: what was written is read, in any order, whatever happened to the file since. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "export/json.h"
#include "export/record.h"
#include "export/recording.h"
#include "export/replay.h"
#include "model/fields.h"
#include "tests/lib/fields_fill.h"
#include "tests/lib/fields_same.h"
#include "tests/lib/holdings.h"
#include "tests/lib/snapshot_sample.h"

#define NO_LIMIT UINT64_MAX

static struct snapshot written, read_back;
static struct failure failure;
static char path[64];

static int begin(void **state)
{
	(void)state;
	strcpy(path, "/tmp/x0top-test-record-XXXXXX");
	close(mkstemp(path));
	memset(&failure, 0, sizeof(failure));
	return 0;
}

static int end(void **state)
{
	(void)state;
	unlink(path);
	return 0;
}

static struct recorder *record_to(void)
{
	struct recorder *recorder;

	if (recorder_open(path, NO_LIMIT, &recorder, &failure) != 0)
		fail_msg("%s", failure.what);
	return recorder;
}

static struct replayer *replay(void)
{
	struct replayer *replayer;

	if (replayer_open(path, &replayer, &failure) != 0)
		fail_msg("%s", failure.what);
	return replayer;
}

/* Sample number `i` of the test: its counters rise, its events move on. */
static void make_sample(uint32_t i)
{
	if (i % 7 == 6)
		snapshot_sample_troubled(&written);
	else
		snapshot_sample(&written);
	written.time = SAMPLE_TIME + i;
	written.net_events.dropped.total += 30 * (uint64_t)i;
	written.net_events.events[0].number += i;
}

/* Records samples `from` to `to` - 1. */
static void record(uint32_t from, uint32_t to)
{
	struct recorder *recorder = record_to();

	for (uint32_t i = from; i < to; i++) {
		make_sample(i);
		assert_int_equal(recorder_write(recorder, &written, &failure), 0);
	}
	recorder_close(recorder);
}

static uint64_t size_of_file(void)
{
	struct stat status;

	assert_int_equal(stat(path, &status), 0);
	return (uint64_t)status.st_size;
}

static uint32_t left_out(const struct replayer *replayer)
{
	char sentence[FAILURE_SENTENCE_LEN];

	return replayer_left_out(replayer, sentence);
}

/* Expects sample number `at` of the recording to be number `i` of the test. */
static void expect_sample(struct replayer *replayer, uint32_t at, uint32_t i)
{
	uint32_t got = at;

	if (replayer_read(replayer, &got, &read_back, &failure) != 0)
		fail_msg("%s", failure.what);
	assert_int_equal(got, at);
	make_sample(i);
	assert_true(replayer_time(replayer, at) == written.time);
	assert_ptr_equal(fields_differ(snapshot_fields, &read_back, &written), NULL);
}

/* --- whole recordings ------------------------------------------------------------------------- */

static void test_one_sample_is_a_recording(void **state)
{
	(void)state;
	record(0, 1);
	struct replayer *replayer = replay();
	assert_int_equal(replayer_count(replayer), 1);
	expect_sample(replayer, 0, 0);
	replayer_close(replayer);
}

/* What is damaged has to be mended from the others. */
static void live(void)
{
	const uint64_t from = size_of_file();
	struct replayer *replayer;

	record(0, 3);
	FILE *file = fopen(path, "r+e");
	assert_non_null(file);
	assert_int_equal(fseek(file, (long)from + 200, SEEK_SET), 0);
	fputs("damage", file);
	fclose(file);
	replayer = replay();
	expect_sample(replayer, 1, 1);
	replayer_close(replayer);
}

static void test_nothing_is_held_any_longer(void **state)
{
	(void)state;
	holdings_check("a recording", live);
}

static void test_samples_are_read_in_any_order(void **state)
{
	const uint32_t n = 3 * RECORDING_GROUP + 5;

	(void)state;
	record(0, n / 2);
	record(n / 2, n); /* opened anew: begins with a whole one */
	struct replayer *replayer = replay();
	assert_int_equal(replayer_count(replayer), n);
	assert_int_equal(left_out(replayer), 0);
	for (uint32_t i = 0; i < n; i++)
		expect_sample(replayer, i, i);
	for (uint32_t i = n; i-- > 0;)
		expect_sample(replayer, i, i);
	for (int round = 0; round < 100; round++) {
		uint32_t at = (uint32_t)(random_next() % n);
		expect_sample(replayer, at, at);
	}
	replayer_close(replayer);
}

static void test_random_snapshots_survive(void **state)
{
	enum { N = 8 };
	static struct snapshot all[N];
	struct recorder *recorder = record_to();

	(void)state;
	for (int i = 0; i < N; i++) {
		fields_fill(snapshot_fields, &all[i], i % 3 == 2 ? FILL_LISTS_FULL : FILL_LISTS);
		all[i].time = i;
		assert_int_equal(recorder_write(recorder, &all[i], &failure), 0);
	}
	recorder_close(recorder);
	struct replayer *replayer = replay();
	assert_int_equal(replayer_count(replayer), N);
	for (uint32_t i = N; i-- > 0;) {
		uint32_t at = i;
		if (replayer_read(replayer, &at, &read_back, &failure) != 0)
			fail_msg("%s", failure.what);
		assert_ptr_equal(fields_differ(snapshot_fields, &all[i], &read_back), NULL);
	}
	replayer_close(replayer);
}

static void test_lines_of_json_are_read_too(void **state)
{
	FILE *file = fopen(path, "w");

	(void)state;
	for (uint32_t i = 0; i < 3; i++) {
		make_sample(i);
		assert_int_equal(json_write(&written, file, true), 0);
	}
	fclose(file);
	record(3, 6); /* and a new recording is appended to an old one */
	struct replayer *replayer = replay();
	assert_int_equal(replayer_count(replayer), 6);
	for (uint32_t i = 6; i-- > 0;)
		expect_sample(replayer, i, i);
	assert_int_equal(left_out(replayer), 0);
	replayer_close(replayer);
}

/* A line as x0top wrote it in November 2026, with a count of 2^64 - 1, which JSON holds up to 2^63 - 1;
 * the third was cut. */
static void test_a_recording_of_an_older_layout_is_read(void **state)
{
	FILE *from = fopen("tests/unit/recordings/layout-1.jsonl", "r"), *file = fopen(path, "w");
	static char line[1 << 16];

	(void)state;
	assert_non_null(from);
	assert_non_null(fgets(line, sizeof(line), from));
	fclose(from);
	assert_non_null(strstr(line, "\"total\":18446744073709551615"));
	fprintf(file, "%s%s%.4000s", line, line, line);
	fclose(file);
	record(3, 5);
	struct replayer *replayer = replay();
	assert_int_equal(replayer_count(replayer), 4);
	assert_int_equal(left_out(replayer), 1);
	expect_sample(replayer, 3, 4);
	uint32_t at = 1;
	assert_int_equal(replayer_read(replayer, &at, &read_back, &failure), 0);
	assert_int_equal(at, 1);
	assert_string_equal(read_back.schema, SNAPSHOT_SCHEMA);
	assert_string_equal(read_back.host.name, "vm");
	assert_string_equal(read_back.programs[0].name, "xdp_counter");
	assert_true(read_back.programs[0].runs.total == INT64_MAX);
	assert_int_equal(read_back.programs[3].state, PROGRAM_ON);
	assert_true(read_back.programs[3].verified_instructions == 2701);
	/* What the older layout lacks is unknown, also within what it has. */
	assert_true(isnan(read_back.programs[0].cpu_percent));
	assert_true(isnan(read_back.self.programs_percent));
	assert_true(isnan(read_back.mesh.unreadable.packets.rate));
	assert_true(isnan(read_back.mesh.unreadable.bytes.rate));
	for (int i = 0; i < TRAFFIC_DIRECTIONS; i++)
		assert_true(isnan(read_back.tc.vlan[i].rate));
	/* An entry that its list of words did not have, too; a count is not 0, as its line in text. */
	const struct counter *added = &read_back.pqc.results[PQC_RELAYED];
	assert_true(added->total == COUNT_UNKNOWN && isnan(added->rate));
	assert_true(read_back.mesh.unreadable.packets.total == COUNT_UNKNOWN);
	assert_true(read_back.tc.vlan[0].total == COUNT_UNKNOWN);
	assert_int_equal(read_back.tc.n_classes, 5);
	assert_string_equal(read_back.tc.classes[0].name, "control");
	/* Under the names "data good", "fragment kept" and "message good". */
	for (int i = PQC_DATA_ACCEPTED; i < PQC_REFUSED; i++)
		assert_int_equal(read_back.pqc.results[i].total, 0); /* and not unknown */
	replayer_close(replayer);
}

/* As x0top wrote it with layout 2, when the classes were five of fixed names, also within interfaces. */
static void test_a_recording_of_layout_2_is_read(void **state)
{
	static const struct {
		const char *name;
		uint64_t packets;
	} classes[] = { { "control", 4 }, { "mesh", 10 }, { "interactive", 10 }, { "bulk", 0 },
		{ "best effort", 10 } };
	const uint32_t n = sizeof(classes) / sizeof(classes[0]);
	FILE *from = fopen("tests/unit/recordings/layout-2.x0top", "r"), *file = fopen(path, "w");
	char bytes[4096];

	(void)state;
	assert_non_null(from);
	fwrite(bytes, 1, fread(bytes, 1, sizeof(bytes), from), file);
	fclose(from);
	fclose(file);
	struct replayer *replayer = replay();
	assert_int_equal(left_out(replayer), 0);
	assert_int_equal(replayer_count(replayer), 2);
	uint32_t at = 1;
	assert_int_equal(replayer_read(replayer, &at, &read_back, &failure), 0);
	assert_string_equal(read_back.schema, SNAPSHOT_SCHEMA);
	assert_int_equal(read_back.tc.n_classes, n);
	for (uint32_t i = 0; i < n; i++) {
		const struct snapshot_class *class = &read_back.tc.classes[i];
		const struct counter *in = &class->directions[DIRECTION_INGRESS].packets;
		assert_string_equal(class->name, classes[i].name);
		assert_true(in->total == classes[i].packets && isfinite(in->rate));
	}
	assert_int_equal(read_back.tc.n_interfaces, 2);
	assert_int_equal(read_back.tc.n_interfaces_classes, 0);
	replayer_close(replayer);
}

/*
 * A minute of x0top serve --lab, between samples 13 and 72, with other names of the host and of its processes. What
 * the lab writes depends on what else runs on a host; this does not.
 */
static void test_a_sample_of_the_lab_has_4096_bytes_at_most(void **state)
{
	static const char lab[] = "tests/unit/recordings/lab.x0top";
	static struct snapshot samples[2];
	struct replayer *from, *replayer;
	uint32_t n;

	(void)state;
	assert_int_equal(replayer_open(lab, &from, &failure), 0);
	n = replayer_count(from);
	assert_int_equal(n, RECORDING_GROUP);
	assert_int_equal(left_out(from), 0);
	struct recorder *recorder = record_to();
	for (uint32_t i = 0, at = 0; i < n; at = ++i) {
		assert_int_equal(replayer_read(from, &at, &written, &failure), 0);
		assert_int_equal(recorder_write(recorder, &written, &failure), 0);
	}
	recorder_close(recorder);
	assert_in_range(size_of_file() / n, 1024, 4096);
	replayer = replay();
	assert_int_equal(replayer_count(replayer), n);
	for (uint32_t i = 0, at = 0; i < n; at = ++i) {
		assert_int_equal(replayer_read(from, &at, &samples[0], &failure), 0);
		assert_int_equal(replayer_read(replayer, &at, &samples[1], &failure), 0);
		assert_ptr_equal(fields_differ(snapshot_fields, &samples[0], &samples[1]), NULL);
	}
	/* The recording has them under other names, see json_older_member(). */
	for (int i = PQC_DATA_ACCEPTED; i < PQC_REFUSED; i++)
		assert_in_range(samples[0].pqc.results[i].total, 1, 100000);
	replayer_close(replayer);
	replayer_close(from);
}

/* --- cuts and damage -------------------------------------------------------------------------- */

/* Keeps where each of `n` samples ends in the file, as a recorder wrote them. */
static void record_ends(uint32_t n, uint64_t ends[])
{
	struct recorder *recorder = record_to();

	for (uint32_t i = 0; i < n; i++) {
		make_sample(i);
		assert_int_equal(recorder_write(recorder, &written, &failure), 0);
		ends[i] = size_of_file();
	}
	recorder_close(recorder);
}

static void read_file(char **bytes, size_t *size)
{
	FILE *file = fopen(path, "r");

	*size = size_of_file();
	*bytes = malloc(*size);
	assert_int_equal(fread(*bytes, 1, *size, file), *size);
	fclose(file);
}

static void write_file(const char *bytes, size_t size)
{
	FILE *file = fopen(path, "w");

	assert_int_equal(fwrite(bytes, 1, size, file), size);
	fclose(file);
}

/* A file that was cut anywhere has its whole samples, and what is recorded to it afterwards. */
static void test_a_cut_costs_the_sample_that_was_cut(void **state)
{
	enum { N = 5 };
	uint64_t ends[N];
	char *bytes;
	size_t size;

	(void)state;
	record_ends(N, ends);
	read_file(&bytes, &size);
	for (size_t cut = 1; cut <= size; cut++) {
		uint32_t whole = 0;
		bool clean = false;
		for (uint32_t i = 0; i < N; i++) {
			whole += cut >= ends[i] - 1; /* the line feed is no part of it */
			clean |= cut == ends[i] || cut == ends[i] - 1;
		}
		if (cut > 150 && !clean && cut % 397 != 0)
			continue;
		clean |= cut > ends[N - 1] + 3; /* in what it would be repaired with */
		write_file(bytes, cut);
		struct replayer *replayer;
		int error = replayer_open(path, &replayer, &failure);
		assert_int_equal(error < 0, whole == 0);
		if (error == 0) {
			assert_int_equal(replayer_count(replayer), whole);
			assert_int_equal(left_out(replayer), !clean);
			expect_sample(replayer, whole - 1, whole - 1);
			replayer_close(replayer);
		}
		record(77, 79);
		replayer = replay();
		assert_int_equal(replayer_count(replayer), whole + 2);
		expect_sample(replayer, whole + 1, 78);
		expect_sample(replayer, whole, 77);
		replayer_close(replayer);
	}
	free(bytes);
}

static void test_a_recorder_says_that_it_mended_the_end(void **state)
{
	struct recorder *recorder;

	(void)state;
	record(0, 2);
	recorder = record_to();
	assert_string_equal(recorder_notice(recorder), "");
	recorder_close(recorder);
	assert_int_equal(truncate(path, (off_t)size_of_file() - 9), 0);
	recorder = record_to();
	assert_non_null(strstr(recorder_notice(recorder), "was cut"));
	recorder_close(recorder);
	recorder = record_to(); /* once */
	assert_string_equal(recorder_notice(recorder), "");
	recorder_close(recorder);
}

/* Makes junk of the bytes from `from` to `to`, with line feeds and beginnings of samples in it. */
static void damage(char *bytes, size_t from, size_t to)
{
	static const char junk[] = "\n{\x9bx0#";

	for (size_t i = from; i < to; i++)
		bytes[i] = random_next() % 4 ? (char)random_next() : junk[random_next() % 6];
}

enum { DAMAGED = RECORDING_GROUP + 5 };
static uint64_t ends[DAMAGED]; /* of samples; parity is in that of the sample before */

/* Expects `n` samples with those around number `hit`, and `lost` left out. */
static void expect_damaged(uint32_t hit, uint32_t n, uint32_t lost)
{
	struct replayer *replayer = replay();

	assert_int_equal(replayer_count(replayer), n);
	assert_int_equal(left_out(replayer), lost);
	for (uint32_t i = hit > 0 ? hit - 1 : 0; i < hit + RECORDING_LANES + 1 && i < n; i++)
		expect_sample(replayer, i, i);
	replayer_close(replayer);
}

/* A changed byte costs nothing: neither in the whole record nor in what repairs others. */
static void test_a_damaged_byte_costs_nothing(void **state)
{
	char *bytes;
	size_t size;

	(void)state;
	record_ends(DAMAGED, ends);
	read_file(&bytes, &size);
	for (int round = 0; round < 60; round++) {
		size_t place =
			round < 20 ? ends[30] + (size_t)round : 83 + random_next() % (size - 83);
		uint32_t hit = 0;
		while (hit < DAMAGED - 1 && place >= ends[hit])
			hit++;
		char kept = bytes[place];
		bytes[place] = (char)(kept ^ (1 << random_next() % 8));
		write_file(bytes, size);
		bytes[place] = kept;
		expect_damaged(hit, DAMAGED, 0);
	}
	free(bytes);
}

/* Nor does what hits as many records in a row as there are lanes, whole ones, and across groups. */
static void test_damage_in_a_row_costs_nothing(void **state)
{
	char *bytes, *damaged;
	size_t size;

	(void)state;
	record_ends(DAMAGED, ends);
	read_file(&bytes, &size);
	damaged = malloc(size);
	for (uint32_t hit = 1; hit + RECORDING_LANES < RECORDING_GROUP; hit += 8) {
		memcpy(damaged, bytes, size);
		damage(damaged, ends[hit - 1], ends[hit + RECORDING_LANES - 1] - 1);
		write_file(damaged, size);
		expect_damaged(hit, DAMAGED, 0);
		/* It may also be gone. */
		memcpy(damaged, bytes, ends[hit - 1]);
		memcpy(damaged + ends[hit - 1], bytes + ends[hit], size - ends[hit]);
		write_file(damaged, size - (ends[hit] - ends[hit - 1]));
		expect_damaged(hit, DAMAGED, 0);
	}
	memcpy(damaged, bytes, size);
	damage(damaged, ends[RECORDING_GROUP - 1], ends[RECORDING_GROUP + 1] - 1);
	write_file(damaged, size);
	expect_damaged(RECORDING_GROUP, DAMAGED, 0);
	free(damaged);
	free(bytes);
}

/* Two of one lane cost what needs them, up to the next whole one. */
static void test_more_damage_costs_its_group_at_most(void **state)
{
	char *bytes;
	size_t size;

	(void)state;
	for (uint32_t hit = 1; hit < RECORDING_GROUP - RECORDING_LANES; hit += 11) {
		assert_int_equal(truncate(path, 0), 0);
		record_ends(DAMAGED, ends);
		read_file(&bytes, &size);
		bytes[ends[hit - 1] + RECORD_HEADER_LEN] ^= 1;
		bytes[ends[hit + RECORDING_LANES - 1] + RECORD_HEADER_LEN] ^= 1;
		write_file(bytes, size);
		free(bytes);
		struct replayer *replayer = replay();
		assert_int_equal(replayer_count(replayer), hit + DAMAGED - RECORDING_GROUP);
		assert_int_equal(left_out(replayer), RECORDING_GROUP - hit);
		expect_sample(replayer, hit - 1, hit - 1);
		expect_sample(replayer, hit, RECORDING_GROUP);
		replayer_close(replayer);
	}
}

static void test_a_damaged_line_costs_itself(void **state)
{
	FILE *file = fopen(path, "w");
	char sentence[FAILURE_SENTENCE_LEN];

	(void)state;
	fputs("not json\n", file);
	make_sample(0);
	json_write(&written, file, true);
	fwrite("\0\0\n", 1, 3, file);
	fputs("{\"schema\":\"x0top/3\"}\n", file); /* JSON, but no snapshot */
	fputc('{', file);
	for (int i = 0; i < (17 << 20); i++)
		fputc('x', file);
	fputc('\n', file);
	make_sample(1);
	json_write(&written, file, true);
	fputs("{\"cut\"\n{\"cut\"\n", file); /* two in a row */
	fputs("{\"schema\":\"x0top/1\",\"time\"", file); /* cut */
	fclose(file);

	struct replayer *replayer = replay();
	assert_int_equal(replayer_count(replayer), 3);
	expect_sample(replayer, 0, 0);
	uint32_t at = 1; /* it is met, and left out */
	assert_int_equal(replayer_read(replayer, &at, &read_back, &failure), 0);
	assert_int_equal(at, 1);
	assert_int_equal(replayer_count(replayer), 2);
	expect_sample(replayer, 1, 1);
	expect_sample(replayer, 0, 0);
	at = UINT32_MAX;
	assert_int_equal(replayer_read(replayer, &at, &read_back, &failure), 0);
	assert_int_equal(at, 1);
	assert_true(replayer_time(replayer, 2) == 0); /* there is none */
	assert_int_equal(replayer_left_out(replayer, sentence), 7);
	assert_non_null(strstr(sentence, "7 damaged samples"));
	assert_non_null(strstr(sentence, path));
	assert_non_null(strstr(sentence, "at byte 0"));
	replayer_close(replayer);
}

static void test_what_is_all_damaged_says_why(void **state)
{
	struct replayer *replayer = NULL;

	(void)state;
	assert_int_equal(replayer_open(path, &replayer, &failure), -ENODATA);
	assert_non_null(strstr(failure.what, "holds no sample"));
	write_file("{\"schema\": 1", 12);
	assert_int_equal(replayer_open(path, &replayer, &failure), -EINVAL);
	assert_non_null(strstr(failure.what, "the line is not whole"));
	/* What is met only when it is read. */
	write_file("{\"schema\":\"x0top/99\"}\n", 22);
	replayer = replay();
	uint32_t at = 0;
	assert_int_equal(replayer_read(replayer, &at, &read_back, &failure), -EINVAL);
	assert_non_null(strstr(failure.what, "x0top/99"));
	assert_int_equal(replayer_count(replayer), 0);
	replayer_close(replayer);
}

static void test_any_bytes_do_no_harm(void **state)
{
	char *bytes;
	size_t size;

	(void)state;
	record(0, 3);
	read_file(&bytes, &size);
	for (int round = 0; round < 100; round++) {
		struct replayer *replayer;
		uint32_t at = (uint32_t)(random_next() % 4);
		for (int i = 0; i < 5; i++)
			bytes[random_next() % size] = (char)random_next();
		write_file(bytes, size);
		if (replayer_open(path, &replayer, &failure) < 0)
			continue;
		replayer_read(replayer, &at, &read_back, &failure); /* either way is right */
		replayer_close(replayer);
	}
	free(bytes);
}

/* --- the file --------------------------------------------------------------------------------- */

static void test_files_that_cannot_be_used_are_named(void **state)
{
	struct recorder *recorder = NULL, *other = NULL;
	struct replayer *replayer = NULL;

	(void)state;
	assert_int_equal(replayer_open("/nonexistent/r", &replayer, &failure), -ENOENT);
	assert_non_null(strstr(failure.what, "/nonexistent/r"));
	assert_int_equal(recorder_open("/nonexistent/r", NO_LIMIT, &recorder, &failure), -ENOENT);
	assert_int_equal(recorder_open("/", NO_LIMIT, &recorder, &failure), -EISDIR);
	assert_int_equal(recorder_open("/dev/full", NO_LIMIT, &recorder, &failure), 0);
	snapshot_sample(&written);
	assert_int_equal(recorder_write(recorder, &written, &failure), -ENOSPC);
	recorder_close(recorder);
	recorder = record_to();
	assert_int_equal(recorder_open(path, NO_LIMIT, &other, &failure), -EBUSY);
	assert_non_null(strstr(failure.what, path));
	recorder_close(recorder);
}

static void test_no_other_file_is_added_to(void **state)
{
	static const char *const notes[] = { "Things to do",
		"# Settings of a daemon\ninterval: 1\n", "#!/bin/sh\n",
		"{\n\"log-driver\": \"journald\"\n}\n", "{\"schema\":1}\n", "\n", "\x9bx1" };
	struct recorder *recorder;
	char *bytes;
	size_t size;

	(void)state;
	for (size_t i = 0; i < sizeof(notes) / sizeof(notes[0]); i++) {
		write_file(notes[i], strlen(notes[i]));
		assert_int_equal(recorder_open(path, NO_LIMIT, &recorder, &failure), -EINVAL);
		assert_non_null(strstr(failure.what, "is no recording"));
		read_file(&bytes, &size);
		assert_int_equal(size, strlen(notes[i]));
		assert_memory_equal(bytes, notes[i], size);
		free(bytes);
	}
}

static void test_the_limit_ends_a_recording(void **state)
{
	const uint64_t limit = 20000;
	struct recorder *recorder;
	uint32_t n = 0;
	int error;

	(void)state;
	assert_int_equal(recorder_open(path, limit, &recorder, &failure), 0);
	while (make_sample(n), (error = recorder_write(recorder, &written, &failure)) == 0)
		n++;
	assert_int_equal(error, -EFBIG);
	assert_non_null(strstr(failure.what, "20.0kB"));
	assert_non_null(strstr(failure.remedy, "--record-limit"));
	assert_true(n > 3 && size_of_file() <= limit && size_of_file() > limit / 2);
	recorder_close(recorder);
	/* It stays full, and whole. */
	assert_int_equal(recorder_open(path, size_of_file(), &recorder, &failure), 0);
	snapshot_sample_troubled(&written);
	assert_int_equal(recorder_write(recorder, &written, &failure), -EFBIG);
	recorder_close(recorder);
	struct replayer *replayer = replay();
	assert_int_equal(replayer_count(replayer), n);
	assert_int_equal(left_out(replayer), 0);
	expect_sample(replayer, n - 1, n - 1);
	replayer_close(replayer);
}

/* A write that the disk takes in part leaves nothing behind, and the recording goes on later. */
static void test_a_full_disk_leaves_no_part_of_a_sample(void **state)
{
	struct rlimit unlimited, few;
	struct recorder *recorder = record_to();

	(void)state;
	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &unlimited);
	make_sample(0);
	assert_int_equal(recorder_write(recorder, &written, &failure), 0);
	uint64_t size = size_of_file();
	few = unlimited;
	few.rlim_cur = size + 100;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &few), 0);
	make_sample(6); /* another state: more than 100 bytes */
	assert_int_equal(recorder_write(recorder, &written, &failure), -ENOSPC);
	assert_int_equal(size_of_file(), size);
	few.rlim_cur = size;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &few), 0);
	assert_int_equal(recorder_write(recorder, &written, &failure), -EFBIG);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &unlimited), 0);
	assert_int_equal(recorder_write(recorder, &written, &failure), 0);
	make_sample(7);
	assert_int_equal(recorder_write(recorder, &written, &failure), 0);
	recorder_close(recorder);
	struct replayer *replayer = replay();
	assert_int_equal(replayer_count(replayer), 3);
	assert_int_equal(left_out(replayer), 0);
	expect_sample(replayer, 2, 7);
	expect_sample(replayer, 1, 6);
	replayer_close(replayer);
}

/* A process that is killed leaves whole samples. */
static void test_a_kill_costs_nothing_that_was_written(void **state)
{
	(void)state;
	for (int round = 0; round < 20; round++) {
		uint64_t before = size_of_file();
		pid_t child = fork();
		if (child == 0) {
			struct recorder *recorder;
			if (recorder_open(path, NO_LIMIT, &recorder, &failure) != 0)
				_exit(1);
			for (uint32_t i = 0;; i++) {
				make_sample(i);
				recorder_write(recorder, &written, &failure);
			}
		}
		while (size_of_file() < before + 40000)
			usleep(100);
		kill(child, SIGKILL);
		waitpid(child, NULL, 0);
	}
	struct replayer *replayer = replay();
	assert_int_equal(left_out(replayer), 0);
	assert_true(replayer_count(replayer) > 20);
	for (uint32_t at = 0; at < replayer_count(replayer); at++)
		assert_int_equal(replayer_read(replayer, &at, &read_back, &failure), 0);
	replayer_close(replayer);
}

int main(void)
{
#define TEST(test) cmocka_unit_test_setup_teardown(test, begin, end)
	const struct CMUnitTest tests[] = {
		TEST(test_samples_are_read_in_any_order),
		TEST(test_one_sample_is_a_recording),
		TEST(test_nothing_is_held_any_longer),
		TEST(test_random_snapshots_survive),
		TEST(test_lines_of_json_are_read_too),
		TEST(test_a_recording_of_an_older_layout_is_read),
		TEST(test_a_recording_of_layout_2_is_read),
		TEST(test_a_sample_of_the_lab_has_4096_bytes_at_most),
		TEST(test_a_cut_costs_the_sample_that_was_cut),
		TEST(test_a_recorder_says_that_it_mended_the_end),
		TEST(test_a_damaged_byte_costs_nothing),
		TEST(test_damage_in_a_row_costs_nothing),
		TEST(test_more_damage_costs_its_group_at_most),
		TEST(test_a_damaged_line_costs_itself),
		TEST(test_what_is_all_damaged_says_why),
		TEST(test_any_bytes_do_no_harm),
		TEST(test_files_that_cannot_be_used_are_named),
		TEST(test_no_other_file_is_added_to),
		TEST(test_the_limit_ends_a_recording),
		TEST(test_a_full_disk_leaves_no_part_of_a_sample),
		TEST(test_a_kill_costs_nothing_that_was_written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
