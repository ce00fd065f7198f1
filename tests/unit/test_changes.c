// SPDX-License-Identifier: BSD-2-Clause
/* Changes between two snapshots: whatever they are, the second comes of the first and the changes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "export/changes.h"
#include "model/fields.h"
#include "model/rate.h"
#include "tests/lib/fields_fill.h"
#include "tests/lib/fields_same.h"
#include "tests/lib/snapshot_sample.h"

static struct snapshot before, now, made;
static struct changes_text text;
static struct failure failure;

static void expect_made(void)
{
	memset(&failure, 0, sizeof(failure));
	assert_int_equal(changes_write(&before, &now, &text), 0);
	memcpy(&made, &before, sizeof(made));
	if (changes_read(text.bytes, text.length, &made, &failure) != 0)
		fail_msg("%s", failure.what);
	const char *differs = fields_differ(snapshot_fields, &now, &made);
	if (differs != NULL)
		fail_msg("%s differs", differs);
}

static void expect_text(const char *expected)
{
	expect_made();
	assert_int_equal(text.length, strlen(expected));
	assert_memory_equal(text.bytes, expected, text.length);
}

static void begin(void)
{
	snapshot_sample(&before);
	snapshot_sample(&now);
}

static void test_any_snapshot_comes_of_any_other(void **state)
{
	(void)state;
	memset(&before, 0, sizeof(before));
	for (int round = 0; round < 12; round++) {
		memset(&now, 0, sizeof(now));
		strcpy(now.schema, SNAPSHOT_SCHEMA);
		if (round % 4 != 3)
			fields_fill(snapshot_fields, &now,
				round % 4 == 2 ? FILL_LISTS_FULL : FILL_LISTS);
		expect_made();
		memcpy(&before, &now, sizeof(before));
	}
}

static void test_nothing_has_changed(void **state)
{
	(void)state;
	begin();
	expect_text("{}");
}

static void test_a_rate_follows_from_the_total(void **state)
{
	struct counter *counter = &now.net_events.dropped;

	(void)state;
	begin();
	counter_update(counter, &before.net_events.dropped, counter->total + 30, now.interval);
	expect_text("{\"net_events\":{\"dropped\":30}}");
	counter->rate = 7.25;
	expect_text("{\"net_events\":{\"dropped\":{\"total\":30,\"rate\":7.25}}}");
	counter->rate = NAN;
	expect_text("{\"net_events\":{\"dropped\":{\"total\":30,\"rate\":null}}}");
	counter->total = UINT64_MAX - 1;
	before.net_events.dropped.total = 0;
	expect_text("{\"net_events\":{\"dropped\":{\"total\":-2,\"rate\":null}}}");
	counter->total = COUNT_UNKNOWN;
	expect_text("{\"net_events\":{\"dropped\":-1}}");
	before.net_events.dropped.total = COUNT_UNKNOWN;
	counter->total = 7;
	expect_text("{\"net_events\":{\"dropped\":8}}");
	/* The interval that counts is the new one. */
	begin();
	now.interval = 8;
	counter_update(counter, &before.net_events.dropped, counter->total + 4, 8);
	expect_text("{\"net_events\":{\"dropped\":4},\"self\":{\"interval\":8}}");
	begin();
	now.interval = before.interval = 0; /* a first sample */
	counter->rate = NAN;
	expect_text("{\"net_events\":{\"dropped\":0}}");
}

/* Rates of flows are over the time since somebody read them; what comes behind them has the snapshot's again. */
static void test_talkers_have_an_interval_of_their_own(void **state)
{
	struct snapshot_talkers *talkers = &now.talkers;

	(void)state;
	begin();
	now.interval = before.interval = 1;
	talkers->interval = before.talkers.interval = 0.5;
	counter_update(&talkers->flows[0].traffic.packets, &before.talkers.flows[0].traffic.packets,
		before.talkers.flows[0].traffic.packets.total + 30, talkers->interval);
	counter_update(&now.net_events.dropped, &before.net_events.dropped,
		before.net_events.dropped.total + 30, now.interval);
	expect_made();
	assert_non_null(memmem(text.bytes, text.length, "{\"packets\":30}", 14));
	assert_non_null(memmem(text.bytes, text.length, "\"dropped\":30", 12));
	/* It may change with them, and be all that does. */
	talkers->interval = 0.25;
	talkers->flows[0].traffic.packets.rate = 120;
	expect_made();
	assert_non_null(memmem(text.bytes, text.length, "{\"packets\":30}", 14));
	now.talkers = before.talkers;
	talkers->interval = 2;
	expect_made();
}

static void test_counters_by_name_are_counters_too(void **state)
{
	struct counter *counter = &now.packets.sum.frame_sizes[1];

	(void)state;
	begin();
	counter_update(
		counter, &before.packets.sum.frame_sizes[1], counter->total + 6, now.interval);
	expect_text("{\"packets\":{\"sum\":{\"frame_sizes\":{\"65-127\":6}}}}");
}

static bool contains(const char *what)
{
	return memmem(text.bytes, text.length, what, strlen(what)) != NULL;
}

/* Quantiles follow from the histogram, and are written only where they do not. */
static void test_quantiles_follow_from_the_histogram(void **state)
{
	struct snapshot_syscall *call = &now.syscalls.calls[0];

	(void)state;
	begin();
	call->buckets[9] += 40;
	call->buckets[30] += 2;
	syscall_quantiles(call, &before.syscalls.calls[0]);
	expect_text("{\"syscalls\":{\"calls\":[{\"buckets\":[[9],40,[20],2]},10]}}");
	call->recent.p50 = 77;
	expect_made();
	assert_true(contains("\"recent\":{\"p50\":77"));
	assert_false(contains("\"overall\""));
	/* As they were, though others would follow. */
	call->recent = before.syscalls.calls[0].recent;
	call->overall = before.syscalls.calls[0].overall;
	expect_text("{\"syscalls\":{\"calls\":[{\"recent\":{},\"overall\":{},"
		    "\"buckets\":[[9],40,[20],2]},10]}}");
	/* In an entry that is new. */
	before.syscalls.n_calls = 0;
	memset(before.syscalls.calls, 0, sizeof(before.syscalls.calls));
	for (uint32_t i = 0; i < now.syscalls.n_calls; i++)
		syscall_quantiles(&now.syscalls.calls[i], NULL);
	expect_made();
	assert_false(contains("\"recent\"") || contains("\"overall\""));
}

static void test_times_are_exact_and_other_numbers_have_nine_digits(void **state)
{
	(void)state;
	begin();
	now.time = 1795796510.9080584;
	now.host.load1 = 1.0 / 3;
	expect_text("{\"time\":1795796510.9080584,\"host\":{\"load1\":0.333333333}}");
}

static void test_a_list_moves_on(void **state)
{
	struct snapshot_net_events *events = &now.net_events;

	(void)state;
	begin();
	assert_true(events->n_events > 4);
	/* Two of the oldest go, and a new one comes. */
	memmove(&events->events[0], &events->events[2],
		(events->n_events - 2) * sizeof(events->events[0]));
	events->n_events--;
	struct snapshot_event *last = &events->events[events->n_events - 1];
	memset(last, 0, sizeof(*last));
	memset(last + 1, 0, sizeof(*last));
	last->number = 9000;
	strcpy(last->text, "new \"one\"\x01");
	char expected[256];
	snprintf(expected, sizeof(expected),
		"{\"net_events\":{\"events\":[-2,%u,[{\"number\":9000,\"text\":\"new "
		"\\u0022one\\u0022\\u0001\"}]]}}",
		events->n_events - 1);
	expect_text(expected);
	/* Nothing is left of it. */
	memset(events->events, 0, sizeof(events->events));
	events->n_events = 0;
	expect_text("{\"net_events\":{\"events\":[]}}");
	/* A row in the middle goes; those after it change. */
	begin();
	memmove(&now.programs[1], &now.programs[2], (now.n_programs - 2) * sizeof(now.programs[0]));
	memset(&now.programs[--now.n_programs], 0, sizeof(now.programs[0]));
	for (uint32_t i = 0; i < now.n_programs; i++)
		now.programs[i].map_bytes++;
	expect_made();
	assert_true(text.length < 30 * now.n_programs);
}

static void expect_wrong(const char *changes, const char *what)
{
	snapshot_sample(&made);
	memset(&failure, 0, sizeof(failure));
	if (changes_read(changes, strlen(changes), &made, &failure) != -EINVAL ||
		strstr(failure.what, what) == NULL)
		fail_msg("%s: %s", changes, failure.what);
}

static void test_elements_that_move_keep_what_they_had(void **state)
{
	struct snapshot_talkers *talkers = &now.talkers;
	struct snapshot_flow moved;

	(void)state;
	begin();
	assert_true(talkers->n_flows >= 3);
	/* The last flow is the busiest now; the first sends on. */
	moved = talkers->flows[talkers->n_flows - 1];
	memmove(&talkers->flows[1], &talkers->flows[0],
		(talkers->n_flows - 1) * sizeof(talkers->flows[0]));
	talkers->flows[0] = moved;
	talkers->flows[0].rule++;
	talkers->flows[1].rule++;
	char expected[128];
	snprintf(expected, sizeof(expected),
		"{\"talkers\":{\"flows\":[[%u,{\"rule\":1}],{\"rule\":1},%u]}}",
		talkers->n_flows - 1, talkers->n_flows - 2);
	expect_text(expected);
	expect_wrong("{\"talkers\":{\"flows\":[[99,{}]]}}", "a place that there was not");
	expect_wrong("{\"talkers\":{\"flows\":[[-1,{}]]}}", "a place that there was not");
}

static void test_histograms_hold_what_has_changed(void **state)
{
	(void)state;
	begin();
	assert_true(now.syscalls.n_calls > 0);
	now.syscalls.calls[0].buckets[5] += 2;
	now.syscalls.calls[0].buckets[6] -= now.syscalls.calls[0].buckets[6];
	before.syscalls.calls[0].buckets[6] = now.syscalls.calls[0].buckets[6] + 3;
	now.syscalls.calls[0].buckets[8] += 9;
	now.syscalls.calls[0].buckets[LATENCY_BUCKETS - 1] += 4;
	syscall_quantiles(&now.syscalls.calls[0], &before.syscalls.calls[0]);
	char expected[256];
	snprintf(expected, sizeof(expected),
		"{\"syscalls\":{\"calls\":[{\"buckets\":[[5],2,-3,0,9,[%d],4]},%u]}}",
		LATENCY_BUCKETS - 1 - 9, now.syscalls.n_calls - 1);
	expect_text(expected);
}

static void test_wrong_changes_are_named(void **state)
{
	(void)state;
	expect_wrong("{", "Not JSON");
	expect_wrong("[]", "not an object");
	expect_wrong("{\"surplus\":1}", "has unknown members");
	expect_wrong("{\"schema\":\"x0top/99\"}", "x0top/99");
	expect_wrong("{\"host\":{\"cpus\":-5000}}", "host.cpus is out of range");
	expect_wrong("{\"host\":{\"cpus\":4294967295}}", "host.cpus is out of range");
	expect_wrong("{\"host\":{\"load1\":null}}", "host.load1 is not a number");
	expect_wrong("{\"programs\":{}}", "programs is not a list");
	expect_wrong("{\"programs\":[99]}", "programs[0] takes more entries than there were");
	expect_wrong("{\"programs\":[-99]}", "programs[0] takes more entries than there were");
	expect_wrong("{\"programs\":[0]}", "programs[0] takes more entries than there were");
	expect_wrong("{\"programs\":[9223372036854775807]}", "takes more entries");
	expect_wrong("{\"programs\":[-9223372036854775808]}", "takes more entries");
	expect_wrong("{\"programs\":[[]]}", "programs[0] is not an object");
	expect_wrong("{\"programs\":[\"x\"]}", "programs[0] is not an object");
	expect_wrong("{\"pqc\":{\"buckets\":{}}}", "not a list");
	expect_wrong("{\"pqc\":{\"buckets\":[[9999],1]}}", "out of range");
	expect_wrong("{\"pqc\":{\"buckets\":[[-1],1]}}", "out of range");
	expect_wrong("{\"pqc\":{\"buckets\":[[10],[30],1]}}", "has an unknown bucket");
	expect_wrong("{\"pqc\":{\"buckets\":[[],1]}}", "not a whole number");
	expect_wrong("{\"pqc\":{\"buckets\":[0,1.5]}}", "not a whole number");
	expect_wrong("{\"packets\":{\"sum\":{\"verdicts\":{\"maybe\":{}}}}}", "unknown members");

	char many[16 + 5 * (PROGRAMS_MAX + 1)] = "{\"programs\":[";
	for (int i = 0; i <= PROGRAMS_MAX; i++)
		strcat(many, i < PROGRAMS_MAX ? "[{}]," : "[{}]");
	strcat(many, "]}");
	expect_wrong(many, "too many entries");
}

static void test_damaged_changes_do_no_harm(void **state)
{
	(void)state;
	snapshot_sample(&before);
	snapshot_sample_troubled(&now);
	expect_made();
	for (size_t cut = 0; cut < text.length; cut += 1 + text.length / 300) {
		snapshot_sample(&made);
		assert_int_equal(changes_read(text.bytes, cut, &made, &failure), -EINVAL);
	}
	for (int round = 0; round < 300; round++) {
		char *copy = malloc(text.length);
		memcpy(copy, text.bytes, text.length);
		for (int i = 0; i < 3; i++)
			copy[random_next() % text.length] = (char)random_next();
		snapshot_sample(&made);
		changes_read(copy, text.length, &made, &failure); /* either way is right */
		free(copy);
	}
}

static int free_text(void **state)
{
	(void)state;
	free(text.bytes);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_any_snapshot_comes_of_any_other),
		cmocka_unit_test(test_nothing_has_changed),
		cmocka_unit_test(test_a_rate_follows_from_the_total),
		cmocka_unit_test(test_talkers_have_an_interval_of_their_own),
		cmocka_unit_test(test_counters_by_name_are_counters_too),
		cmocka_unit_test(test_quantiles_follow_from_the_histogram),
		cmocka_unit_test(test_times_are_exact_and_other_numbers_have_nine_digits),
		cmocka_unit_test(test_a_list_moves_on),
		cmocka_unit_test(test_elements_that_move_keep_what_they_had),
		cmocka_unit_test(test_histograms_hold_what_has_changed),
		cmocka_unit_test(test_wrong_changes_are_named),
		cmocka_unit_test(test_damaged_changes_do_no_harm),
	};

	return cmocka_run_group_tests(tests, NULL, free_text);
}
