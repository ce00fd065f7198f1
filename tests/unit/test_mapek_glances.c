// SPDX-License-Identifier: BSD-2-Clause
/* MAPE-K between two samples: what it does, and what it does not learn. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "mapek/mapek_state.h"
#include "mapek/measure.h"
#include "tests/lib/thought.h"

#define FAST(more)                                                                                    \
	"mode: act\npolicies:\n- name: flood\n  watch: udp\n  from: 5000\n  hold: 10ms\n  calm: 5s\n" \
	"  busy: 1000\n" more

static double looking; /* s since the look before; 0: unknown */

/* 10 ms after the one before. */
static bool glance_with(double rate, unsigned sources)
{
	struct snapshot *glance = snapshot_open();
	struct snapshot *sample = thought.now;
	bool hot;

	thought.now = glance;
	thought.now->time = thought.mapek->turned + thought.mapek->glanced + 0.01;
	thought.step = 0.01;
	thought_fill(rate, sources, NULL);
	thought.now->talkers.available = looking > 0;
	thought.now->talkers.interval = looking;
	hot = mapek_glance(thought.mapek, glance);
	thought.now = sample;
	thought.step = 1;
	snapshot_close(glance);
	return hot;
}

static void test_a_glance_acts_between_samples(void **state)
{
	(void)state;
	thought_begin(FAST(LIMIT));
	thought_quiet(60);
	assert_false(glance_with(1020, 1));
	assert_true(glance_with(50000, 1));
	assert_int_equal(thought.n_done, 0); /* it does not hold yet */
	assert_true(glance_with(50000, 1));
	assert_int_equal(thought.n_done, 1);
	assert_int_equal(mapek_begun(thought.mapek), 1);
	thought_end();
}

/* It may not be called one more often than a sample is: it has the alarm of the samples. */
static void test_a_glance_has_the_alarm_of_the_samples(void **state)
{
	const struct reading *reading;

	(void)state;
	thought_begin(FAST(LIMIT));
	thought.step = 0.1;
	thought_quiet(60);
	reading = &thought.mapek->readings[measure_find("udp")];
	assert_true(reading->alarm > series_alarm(1));
	assert_true(reading->alarm == series_alarm(0.1));
	glance_with(1020, 1);
	assert_true(reading->alarm == series_alarm(0.1));
	thought_end();
}

/* Reading the busiest sources takes milliseconds: a glance has them once something may be done about them. */
static void test_a_glance_looks_when_it_is_due(void **state)
{
	(void)state;
	thought_begin(FAST(LIMIT));
	thought_quiet(60);
	glance_with(1020, 1);
	assert_false(mapek_glance_looks(thought.mapek, 0.05));
	glance_with(50000, 1);
	assert_false(mapek_glance_looks(thought.mapek, 0.005));
	assert_true(mapek_glance_looks(thought.mapek, 0.01));
	glance_with(50000, 0);
	assert_true(mapek_glance_looks(thought.mapek, 0)); /* it lasts, and nothing is done */
	thought_end();
	thought_begin(FAST("")); /* nothing is done */
	thought_quiet(60);
	glance_with(50000, 1);
	assert_false(mapek_glance_looks(thought.mapek, 1));
	thought_end();
}

/* Once something is done, who else takes part is not judged by a few milliseconds: a burst looks like a flood. */
static void test_a_burst_beside_a_flood_is_left_alone(void **state)
{
	(void)state;
	thought_begin(FAST(LIMIT "  most: 8\n"));
	thought_quiet(60);
	glance_with(1020, 1);
	glance_with(50000, 1);
	looking = 0.02;
	glance_with(50000, 1);
	assert_int_equal(thought.n_done, 1);
	assert_false(mapek_glance_looks(thought.mapek, 0.05));
	assert_true(mapek_glance_looks(thought.mapek, 0.2));
	looking = 0.05;
	glance_with(50000, 2);
	assert_int_equal(thought.n_done, 1);
	looking = 0.2;
	glance_with(50000, 2);
	assert_int_equal(thought.n_done, 2);
	looking = 0;
	thought_end();
}

static void test_a_glance_teaches_nothing(void **state)
{
	double high;

	(void)state;
	thought_begin(FAST("  for: 5s\n"));
	thought_quiet(60);
	high = thought.now->mapek.series[0].high;
	for (int i = 0; i < 100; i++)
		glance_with(4000, 1);
	thought_turn(1000, 1, NULL);
	assert_true(fabs(thought.now->mapek.series[0].high - high) < high / 10);
	thought_end();
}

static void test_a_glance_knows_nothing_of_the_rest(void **state)
{
	(void)state;
	thought_begin(
		"mode: act\npolicies:\n- name: silence\n  watch: filtered\n  is: low\n  hold: 10ms\n");
	thought_quiet(60);
	for (int i = 0; i < 5; i++)
		assert_false(glance_with(0, 1));
	assert_int_equal(thought.now->mapek.found, 0);
	thought_end();
}

/* Seconds in which glances were taken are not counted twice. */
static void test_time_passes_once(void **state)
{
	(void)state;
	thought_begin("mode: act\n" POLICY(LIMIT)); /* holds for 2 s */
	thought_quiet(60);
	for (int i = 0; i < 100; i++)
		glance_with(50000, 1);
	thought_turn(50000, 1, NULL); /* a second since it began, less a glance */
	thought_turn(50000, 1, NULL);
	assert_int_equal(thought.n_done, 0);
	thought_turn(50000, 1, NULL);
	assert_int_equal(thought.n_done, 1);
	thought_end();
}

/* One that began before a sample has no more of time than has passed since. */
static void test_a_glance_over_a_sample_is_no_longer_than_it_is(void **state)
{
	double began;

	(void)state;
	thought_begin(FAST(LIMIT));
	thought_quiet(10);
	began = thought.mapek->clock;
	struct snapshot *glance = snapshot_open();
	for (int i = 0; i < 10; i++) {
		for (double at = 0.1; at < 1; at += 0.7) {
			snapshot_clear(glance);
			glance->time = thought.now->time + at;
			glance->interval = 0.7;
			mapek_glance(thought.mapek, glance);
		}
		thought_quiet(1);
	}
	assert_true(fabs(thought.mapek->clock - began - 10) < 1e-6);
	snapshot_close(glance);
	thought_end();
}

/* --- what the kernel has no limit for ---------------------------------------------------------------- */

#define REFUSED(more) \
	"mode: act\npolicies:\n- name: forged\n  watch: bad-signatures\n  from: 50\n  hold: 200ms\n" more
#define VERIFY "  do: program on xdp_pqc_verify\n  for: 20s\n"

static void quiet_signatures(unsigned seconds)
{
	for (unsigned i = 0; i < seconds; i++) {
		double time = thought.now->time;
		snapshot_clear(thought.now);
		thought.now->time = time + 1;
		thought.now->interval = 1;
		thought.now->pqc.available = true;
		thought.now->pqc.results[PQC_REFUSED].rate = i % 3;
		mapek_turn(thought.mapek, thought.now);
	}
}

static bool glance_at_signatures(double seconds, double rate)
{
	struct snapshot *glance = snapshot_open();
	bool hot;

	glance->time = thought.mapek->turned + thought.mapek->glanced + seconds;
	glance->interval = seconds;
	glance->pqc.available = true;
	glance->pqc.results[PQC_REFUSED].rate = rate;
	hot = mapek_glance(thought.mapek, glance);
	snapshot_close(glance);
	return hot;
}

static void test_refusals_are_acted_upon_between_samples(void **state)
{
	(void)state;
	thought_begin(REFUSED(VERIFY));
	assert_true(mapek_watches(thought.mapek));
	quiet_signatures(60);
	assert_false(glance_at_signatures(0.7, 1));
	assert_true(glance_at_signatures(0.7, 1000));
	for (int i = 0; i < 3; i++)
		assert_true(glance_at_signatures(0.05, 1000));
	assert_int_equal(thought.n_done, 0);
	assert_true(glance_at_signatures(0.05, 1000));
	assert_int_equal(thought.n_done, 1);
	thought_end();
}

/* Ten in 50 ms are 200 a second, and may be chance; so may be a thousand a second in a millisecond. */
static void test_few_events_in_a_short_time_say_nothing(void **state)
{
	(void)state;
	thought_begin(REFUSED(VERIFY));
	quiet_signatures(60);
	for (int i = 0; i < 10; i++) {
		assert_false(glance_at_signatures(0.05, 200));
		assert_false(glance_at_signatures(0.001, 1000));
	}
	assert_int_equal(thought.n_done, 0);
	thought_end();
}

static void test_a_short_silence_is_none(void **state)
{
	(void)state;
	thought_begin(
		"mode: act\npolicies:\n- name: silence\n  watch: udp\n  is: low\n  hold: 0ms\n" VERIFY);
	thought_quiet(60);
	for (int i = 0; i < 10; i++)
		assert_false(glance_with(0, 1));
	assert_int_equal(thought.n_done, 0);
	thought_turn(0, 0, NULL);
	assert_int_equal(thought.n_done, 1);
	thought_end();
}

static void test_who_watches_nothing_else_needs_no_glances(void **state)
{
	static const char *const needless[] = { FAST(LIMIT), REFUSED(""),
		"policies:\n- name: silence\n  watch: bad-signatures\n  is: low\n" VERIFY,
		"policies:\n- name: slow\n  watch: call-p99\n" VERIFY };

	(void)state;
	for (size_t i = 0; i < sizeof(needless) / sizeof(needless[0]); i++) {
		thought_begin(needless[i]);
		assert_false(mapek_watches(thought.mapek));
		thought_end();
	}
}

static void test_the_second_flood_is_as_unusual_as_the_first(void **state)
{
	(void)state;
	thought_begin(FAST(LIMIT));
	thought_quiet(60);
	for (unsigned flood = 1; flood <= 12; flood++) {
		for (int i = 0; i < 4; i++)
			thought_turn(50000, 1, NULL);
		assert_int_equal(thought.now->mapek.found, flood);
		thought_quiet(8);
	}
	thought_end();
}

/* Samples have a part of it, which no policy calls an anomaly: they are not usual. */
static void test_the_edges_of_a_flood_teach_nothing(void **state)
{
	(void)state;
	thought_begin(FAST(LIMIT));
	thought_quiet(60);
	for (unsigned flood = 1; flood <= 12; flood++) {
		thought_turn(4100, 1, NULL);
		thought_turn(4100, 1, NULL);
		for (int i = 0; i < 4; i++)
			thought_turn(6000, 1, NULL);
		assert_int_equal(thought.now->mapek.found, flood);
		thought_turn(4900, 1, NULL);
		thought_quiet(8);
	}
	thought_end();
}

static void test_what_lasts_becomes_usual(void **state)
{
	(void)state;
	thought_begin(FAST(LIMIT));
	thought_quiet(60);
	for (int i = 0; i < 300; i++)
		thought_turn(50000, 1, "mapek 1");
	assert_true(thought.now->mapek.series[0].high < 5000);
	for (int i = 0; i < 1000; i++)
		thought_turn(50000, 1, "mapek 1");
	assert_true(thought.now->mapek.series[0].high > 40000);
	thought_end();
}

/* Two packets in a millisecond are 2000 a second, and say nothing. */
static void test_few_packets_make_nobody_busy(void **state)
{
	double time;

	(void)state;
	thought_begin(FAST(LIMIT));
	thought_quiet(60);
	for (int i = 0; i < 4; i++) {
		time = thought.now->time;
		snapshot_clear(thought.now);
		thought.now->time = time + thought.step;
		thought_fill(50000, 25, NULL); /* 2000 a second each */
		thought.now->talkers.interval = 0.001;
		mapek_turn(thought.mapek, thought.now);
	}
	assert_int_equal(thought.now->mapek.found, 1);
	assert_int_equal(thought.n_done, 0);
	thought_turn(50000, 25, NULL);
	assert_int_equal(thought.n_done, 1);
	thought_end();
}

static void test_limits_are_of_policies_that_act(void **state)
{
	double rates[TRANSPORT_PROTOCOLS];

	(void)state;
	thought_begin(
		FAST(LIMIT) "- name: shown\n  watch: tcp\n  from: 10\n"
			    "- name: icmp\n  watch: icmp\n  do: rule add limit 9/s proto icmp\n");
	mapek_limits(thought.mapek, rates);
	assert_true(rates[TRANSPORT_UDP] == 5000);
	assert_true(isinf(rates[TRANSPORT_TCP]));
	assert_true(isinf(rates[TRANSPORT_ICMP])); /* not known yet */
	thought_quiet(60);
	for (int i = 0; i < 60; i++)
		thought_turn(9000, 1, NULL);
	mapek_limits(thought.mapek, rates);
	assert_true(rates[TRANSPORT_UDP] >= 5000);
	assert_true(rates[TRANSPORT_ICMP] > 0 && rates[TRANSPORT_ICMP] < 100);
	thought_end();
}

static void add_sender(unsigned last, double rate, double bytes)
{
	struct snapshot_source *sender = SNAPSHOT_ADD(thought.now, &thought.now->talkers, senders);

	snprintf(sender->address, sizeof(sender->address), "02:00:00:00:00:%02x", last);
	sender->traffic.packets.rate = rate;
	sender->traffic.bytes.rate = rate * bytes;
}

#define SENDERS \
	"  do: rule add limit 2000/s mac {mac} proto udp\n  most: 2\n  small: 100\n  for: 20s\n"

static void turn_with_senders(unsigned sources, double bytes)
{
	double time = thought.now->time;

	snapshot_clear(thought.now);
	thought.now->time = time + thought.step;
	thought_fill(50000, sources, NULL);
	add_sender(7, 48000, bytes);
	add_sender(8, 900, bytes);
	mapek_turn(thought.mapek, thought.now);
}

static void test_many_sources_are_limited_by_their_sender(void **state)
{
	(void)state;
	thought_begin(FAST(SENDERS));
	thought_quiet(60);
	turn_with_senders(2, 60);
	turn_with_senders(2, 60);
	assert_int_equal(thought.n_done, 0); /* few sources: a matter of another policy */
	turn_with_senders(60, 1500);
	assert_int_equal(thought.n_done, 0); /* large packets */
	turn_with_senders(60, 60);
	assert_int_equal(thought.n_done, 1);
	assert_non_null(strstr(thought.done[0], "limit 2k/s burst"));
	assert_non_null(strstr(thought.done[0], "mac 02:00:00:00:00:07"));
	thought_end();
}

#define SENDERS_OF_MANY                                                                   \
	"mode: act\npolicies:\n- name: flood\n  watch: udp\n  from: 5000\n  hold: 10ms\n" \
	"  busy: 60000\n  do: rule add limit 2000/s mac {mac} proto udp\n  most: 2\n  for: 20s\n"

/* Most of its flows were replaced before a sample read them. */
static void test_what_was_not_seen_is_the_senders_too(void **state)
{
	(void)state;
	thought_begin(SENDERS_OF_MANY);
	thought_quiet(60);
	for (int i = 0; i < 3; i++)
		turn_with_senders(60, 60);
	assert_int_equal(thought.n_done, 0);
	for (int i = 0; i < 3; i++) {
		const double time = thought.now->time;
		snapshot_clear(thought.now);
		thought.now->time = time + thought.step;
		thought_fill(50000, 60, NULL);
		add_sender(7, 48000, 60);
		add_sender(8, 900, 60);
		thought.now->talkers.lost.packets.rate = 60000;
		mapek_turn(thought.mapek, thought.now);
	}
	assert_int_equal(thought.n_done, 1);
	assert_non_null(strstr(thought.done[0], "mac 02:00:00:00:00:07"));
	thought_end();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_glance_acts_between_samples),
		cmocka_unit_test(test_a_glance_has_the_alarm_of_the_samples),
		cmocka_unit_test(test_a_glance_looks_when_it_is_due),
		cmocka_unit_test(test_a_burst_beside_a_flood_is_left_alone),
		cmocka_unit_test(test_a_glance_teaches_nothing),
		cmocka_unit_test(test_a_glance_knows_nothing_of_the_rest),
		cmocka_unit_test(test_a_glance_over_a_sample_is_no_longer_than_it_is),
		cmocka_unit_test(test_refusals_are_acted_upon_between_samples),
		cmocka_unit_test(test_few_events_in_a_short_time_say_nothing),
		cmocka_unit_test(test_a_short_silence_is_none),
		cmocka_unit_test(test_who_watches_nothing_else_needs_no_glances),
		cmocka_unit_test(test_time_passes_once),
		cmocka_unit_test(test_the_second_flood_is_as_unusual_as_the_first),
		cmocka_unit_test(test_the_edges_of_a_flood_teach_nothing),
		cmocka_unit_test(test_what_lasts_becomes_usual),
		cmocka_unit_test(test_few_packets_make_nobody_busy),
		cmocka_unit_test(test_limits_are_of_policies_that_act),
		cmocka_unit_test(test_many_sources_are_limited_by_their_sender),
		cmocka_unit_test(test_what_was_not_seen_is_the_senders_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
