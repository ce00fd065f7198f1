// SPDX-License-Identifier: BSD-2-Clause
/* A host's samples of what a Prometheus answers: a sample a scrape, rates between those without a gap. */
#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "fleet/past.h"
#include "tests/lib/holdings.h"

#define END    1764284400.0
#define POINTS 13 /* a minute apart */
#define SPAN   720.0
#define COUNT  "x0top_packets_sum_all_packets_total"

static struct past *past;
static json_t *answer;
static struct snapshot sample;
static struct failure failure;

static int begin(void **state)
{
	(void)state;
	past = past_open();
	answer = json_array();
	past_expect(past, END, SPAN, POINTS);
	return 0;
}

static int end(void **state)
{
	(void)state;
	past_close(past);
	json_decref(answer);
	return 0;
}

/* Adds a series with a value at each point that is not NAN, from the first on. */
static void series(const char *name, const double *values, int n)
{
	json_t *list = json_array();
	char text[32];

	for (int i = 0; i < n; i++) {
		snprintf(text, sizeof(text), "%.17g", values[i]);
		if (!isnan(values[i]))
			json_array_append_new(list, json_pack("[f,s]", END - SPAN + 60 * i, text));
	}
	json_array_append_new(answer, json_pack("{s:{s:s,s:s},s:o}", "metric", "__name__", name,
					      "instance", "a:1", "values", list));
}

/* The times of scrapes, in seconds from the first point. */
static void scrapes(const double *times, int n)
{
	double values[POINTS];

	for (int i = 0; i < n; i++)
		values[i] = END - SPAN + times[i];
	series("x0top_sample_timestamp_seconds", values, n);
}

static double time_of(uint32_t at)
{
	const struct samples samples = past_samples(past);

	return samples.time(samples.source, at) - (END - SPAN);
}

static uint32_t count(void)
{
	const struct samples samples = past_samples(past);

	return samples.count(samples.source);
}

static const struct snapshot *read_at(uint32_t at)
{
	const struct samples samples = past_samples(past);

	assert_int_equal(samples.read(samples.source, &at, &sample, &failure), 0);
	return &sample;
}

static void each_scrape_is_a_sample(void **state)
{
	static const double times[] = { -5, -5, 110, 110, 110, 290 };
	static const double counts[] = { 100, 100, 330, 330, 330, 690 };
	char sentence[FAILURE_SENTENCE_LEN];

	(void)state;
	scrapes(times, 6);
	series(COUNT, counts, 6);
	assert_int_equal(past_take(past, answer, &failure), 1);
	assert_int_equal(count(), 3);
	assert_true(time_of(0) == -5 && time_of(1) == 110 && time_of(2) == 290);
	assert_true(time_of(3) == 0 - (END - SPAN)); /* there is none */
	assert_true(past_interval(past) == 60);
	assert_int_equal(read_at(0)->packets.sum.all.packets.total, 100);
	assert_true(isnan(sample.packets.sum.all.packets.rate));
	assert_true(sample.time == END - SPAN - 5);
	assert_int_equal(read_at(1)->packets.sum.all.packets.total, 330);
	assert_true(sample.packets.sum.all.packets.rate == 2);
	assert_true(read_at(2)->packets.sum.all.packets.rate == 2);
	/* Behind the last is the last. */
	const struct samples samples = past_samples(past);
	uint32_t at = 3;
	assert_int_equal(samples.read(samples.source, &at, &sample, &failure), 0);
	assert_int_equal(at, 2);
	assert_int_equal(samples.left_out(samples.source, sentence), 0);
	assert_string_equal(sentence, "");
}

/* While the host was not there, nothing has a rate. */
static void after_a_gap_rates_are_unknown(void **state)
{
	static const double times[] = { 0, 60, NAN, 180, 240 };
	static const double counts[] = { 1, 61, NAN, 500, 620 };

	(void)state;
	scrapes(times, 5);
	series(COUNT, counts, 5);
	assert_int_equal(past_take(past, answer, &failure), 1);
	assert_int_equal(count(), 4);
	assert_true(read_at(1)->packets.sum.all.packets.rate == 1);
	assert_true(isnan(read_at(2)->packets.sum.all.packets.rate));
	assert_true(read_at(3)->packets.sum.all.packets.rate == 2);
}

/* A value belongs to the point that is nearest, and to none outside the time that was asked for. */
static void values_are_put_where_they_belong(void **state)
{
	json_t *list = json_pack("[[f,s],[f,s],[f,s],[f,s],[f,i],[f],s,[f,s]]", END - SPAN - 31,
		"1", END - SPAN + 89, "2", END + 29, "3", END + 31, "4", END - SPAN, 5, END - SPAN,
		"odd", END - SPAN + 300, "6");
	static const double times[POINTS] = { 1, 60, 120, 180, 240, 300, 360, 420, 480, 540, 600,
		660, 720 };

	(void)state;
	json_array_append_new(
		answer, json_pack("{s:{s:s},s:o}", "metric", "__name__", COUNT, "values", list));
	json_array_append_new(answer, json_null());
	json_array_append_new(answer, json_pack("{s:{s:i}}", "metric", "__name__", 5));
	json_array_append_new(answer, json_pack("{s:{s:s}}", "metric", "__name__", "other"));
	scrapes(times, POINTS);
	assert_int_equal(past_take(past, answer, &failure), 1);
	assert_int_equal(count(), POINTS);
	assert_int_equal(read_at(1)->packets.sum.all.packets.total, 2);
	assert_int_equal(read_at(5)->packets.sum.all.packets.total, 6);
	assert_int_equal(read_at(12)->packets.sum.all.packets.total, 3);
	for (uint32_t i = 0; i < POINTS; i++)
		if (i != 1 && i != 5 && i != 12)
			assert_true(read_at(i)->packets.sum.all.packets.total == COUNT_UNKNOWN ||
				    sample.packets.sum.all.packets.total == 0);
}

static void labels_lead_to_elements(void **state)
{
	static const double times[] = { 0, 60 };

	(void)state;
	scrapes(times, 2);
	json_array_append_new(
		answer, json_pack("{s:{s:s,s:s,s:s,s:i},s:[[f,s],[f,s]]}", "metric", "__name__",
				"x0top_programs_state", "program", "xdp_counter", "state", "on",
				"odd", 1, "values", END - SPAN, "1", END - SPAN + 60, "1"));
	assert_int_equal(past_take(past, answer, &failure), 1);
	assert_int_equal(read_at(0)->n_programs, 1);
	assert_string_equal(sample.programs[0].name, "xdp_counter");
	assert_int_equal(sample.programs[0].state, PROGRAM_ON);
}

static void nothing_is_told(void **state)
{
	const struct samples samples = past_samples(past);
	uint32_t at = 0;

	(void)state;
	assert_int_equal(past_take(past, answer, &failure), -ENODATA);
	assert_non_null(strstr(failure.what, "no sample of this host"));
	assert_non_null(strstr(failure.remedy, "longer time"));
	assert_int_equal(count(), 0);
	assert_int_equal(samples.read(samples.source, &at, &sample, &failure), -ENODATA);
	past_close(NULL);
}

static void live(void)
{
	static const double times[] = { 0, 60, 120 }, counts[] = { 7, 8, 9 };

	for (int i = 0; i < 20; i++) {
		begin(NULL);
		scrapes(times, 3);
		series(COUNT, counts, 3);
		assert_int_equal(past_take(past, answer, &failure), 1);
		read_at(1);
		end(NULL);
	}
}

static void nothing_is_held_any_longer(void **state)
{
	(void)state;
	holdings_check("the past", live);
}

/* Another answer takes the place of all of the one before. */
static void another_answer_leaves_nothing(void **state)
{
	static const double times[] = { 0, 60, 120 }, counts[] = { 7, 8, 9 };

	(void)state;
	scrapes(times, 3);
	series(COUNT, counts, 3);
	assert_int_equal(past_take(past, answer, &failure), 1);
	json_array_clear(answer);
	past_expect(past, END + 60, SPAN, POINTS);
	scrapes(times + 1, 1);
	assert_int_equal(past_take(past, answer, &failure), -ENODATA); /* it is earlier */
	past_expect(past, END, SPAN / 2, POINTS);
	json_array_clear(answer);
	json_array_append_new(
		answer, json_pack("{s:{s:s},s:[[f,s]]}", "metric", "__name__",
				"x0top_sample_timestamp_seconds", "values", END, "1764284399"));
	assert_int_equal(past_take(past, answer, &failure), 1);
	assert_int_equal(count(), 1);
	assert_true(past_interval(past) == 30);
	assert_true(read_at(0)->packets.sum.all.packets.total != 7);
}

/* A name that would end the selector is not asked for. */
static void names_cannot_ask_for_more(void **state)
{
	static const char *const names[] = { "a\"} or up{", "a\\", "a\nb" };
	const struct fleet_request request = { .job = "x0top" };

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		assert_int_equal(
			past_begin(past, NULL, &request, names[i], END, SPAN, &failure), -EINVAL);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(each_scrape_is_a_sample),
		TEST(after_a_gap_rates_are_unknown),
		TEST(values_are_put_where_they_belong),
		TEST(labels_lead_to_elements),
		TEST(nothing_is_told),
		cmocka_unit_test(nothing_is_held_any_longer),
		TEST(another_answer_leaves_nothing),
		TEST(names_cannot_ask_for_more),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
