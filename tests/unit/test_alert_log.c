// SPDX-License-Identifier: BSD-2-Clause
/* Alerts over time: when each began and ended, how often, and what stays when there is no room. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "model/alert_log.h"
#include "tests/lib/snapshot_sample.h"

static struct snapshot sample;
static struct alert_log alerts;

static int set_up(void **state)
{
	(void)state;
	memset(&alerts, 0, sizeof(alerts));
	snapshot_sample(&sample);
	sample.programs[4].state = PROGRAM_ON;
	return 0;
}

static void take(double time)
{
	sample.time = time;
	alert_log_sample(&alerts, &sample);
}

/* `end` is 0 for an alert that lasts. */
static void assert_times(uint32_t at, double begin, double end, uint32_t count)
{
	assert_true(at < sample.n_alerts);
	assert_true(sample.alerts[at].begin == begin);
	assert_true(end > 0 ? sample.alerts[at].end == end : isnan(sample.alerts[at].end));
	assert_int_equal(sample.alerts[at].count, count);
}

static void test_no_alerts(void **state)
{
	(void)state;
	take(1);
	assert_int_equal(sample.n_alerts, 0);
	assert_int_equal(alerts_that_last(&sample), 0);
}

/* One that comes and goes stays one alert, however its numbers change. */
static void test_begin_end_and_count(void **state)
{
	(void)state;
	take(1);
	sample.packets.sum.malformed.rate = 5;
	take(2);
	assert_times(0, 2, 0, 1);
	assert_int_equal(sample.alerts[0].severity, SEVERITY_WARNING);
	assert_string_equal(sample.alerts[0].subject, "malformed frames");
	sample.packets.sum.malformed.rate = 31;
	take(3);
	assert_int_equal(sample.n_alerts, 1);
	assert_times(0, 2, 0, 1);
	assert_non_null(strstr(sample.alerts[0].sentence, "31/s"));
	sample.packets.sum.malformed.rate = 0;
	take(4);
	assert_times(0, 2, 4, 1);
	take(5);
	assert_times(0, 2, 4, 1);
	sample.packets.sum.malformed.rate = 7;
	take(6);
	assert_int_equal(sample.n_alerts, 1);
	assert_times(0, 2, 0, 2);
}

static void break_program(uint32_t program, const char *reason)
{
	sample.programs[program].state = reason != NULL ? PROGRAM_FAILED : PROGRAM_ON;
	snprintf(sample.programs[program].reason, REASON_LEN, "%s", reason != NULL ? reason : "");
	snprintf(
		sample.programs[program].remedy, REASON_LEN, "%s", reason != NULL ? "Mend it" : "");
}

/* What lasts comes first, the worst of it first, then the oldest; then the past, the latest first. */
static void test_order(void **state)
{
	(void)state;
	break_program(0, "first");
	take(1);
	break_program(0, "second");
	take(2);
	break_program(0, NULL);
	sample.self.readonly = true;
	take(3);
	sample.packets.sum.malformed.rate = 1;
	break_program(1, "third");
	take(4);
	assert_int_equal(sample.n_alerts, 5);
	assert_string_equal(sample.alerts[0].sentence, "xdp_mesh_filter failed: third");
	assert_string_equal(sample.alerts[0].remedy, "Mend it");
	assert_int_equal(sample.alerts[1].severity, SEVERITY_WARNING);
	assert_int_equal(sample.alerts[2].severity, SEVERITY_NOTE);
	assert_string_equal(sample.alerts[3].sentence, "xdp_counter failed: second");
	assert_times(3, 2, 3, 1);
	assert_string_equal(sample.alerts[4].sentence, "xdp_counter failed: first");
	assert_times(4, 1, 2, 1);
	assert_int_equal(alerts_that_last(&sample), 3);
	assert_int_equal(alerts_of(&sample, SEVERITY_BAD), 1);
	assert_int_equal(alerts_of(&sample, SEVERITY_NOTE), 1);
}

/* A loss that goes on is a warning; once it is over, the same alert is a note, until it goes on again. */
static void test_a_loss_ends(void **state)
{
	(void)state;
	sample.self.losses[0].count = (struct counter) { 17, 3 };
	take(1);
	assert_int_equal(alerts_of(&sample, SEVERITY_WARNING), 1);
	sample.self.losses[0].count = (struct counter) { 17, 0 };
	take(2);
	take(3);
	assert_int_equal(alerts_of(&sample, SEVERITY_WARNING), 0);
	assert_int_equal(alerts_of(&sample, SEVERITY_NOTE), 1);
	assert_int_equal(sample.n_alerts, 1);
	assert_times(0, 1, 0, 1);
	sample.self.losses[0].count = (struct counter) { 19, 2 };
	take(4);
	take(5);
	assert_int_equal(alerts_of(&sample, SEVERITY_WARNING), 1);
	assert_int_equal(sample.n_alerts, 1);
	assert_times(0, 1, 0, 2);
}

/* What two policies find unusual of one series is one alert, whichever of them ends first. */
static void test_one_series_is_one_alert(void **state)
{
	struct snapshot_mapek_anomaly *anomalies = sample.mapek.anomalies;

	(void)state;
	sample.self.n_losses = 0;
	sample.mapek.n_anomalies = 2;
	for (uint32_t i = 0; i < 2; i++) {
		anomalies[i] = (struct snapshot_mapek_anomaly) { .end = NAN };
		snprintf(anomalies[i].series, sizeof(anomalies[i].series), "udp");
		snprintf(anomalies[i].policy, sizeof(anomalies[i].policy), "policy %u", i);
	}
	take(1);
	assert_int_equal(sample.n_alerts, 1);
	assert_string_equal(sample.alerts[0].subject, "policy 0");
	anomalies[0].end = 2;
	take(2);
	assert_int_equal(sample.n_alerts, 1);
	assert_string_equal(sample.alerts[0].subject, "policy 1");
	assert_times(0, 1, 0, 1);
	/* The bound for the measure tells on when no policy does: the alert goes on. */
	snprintf(anomalies[1].series, sizeof(anomalies[1].series), "malformed");
	sample.packets.sum.malformed = (struct counter) { 9, 3 };
	take(3);
	assert_int_equal(alerts_that_last(&sample), 1);
	anomalies[1].end = 4;
	take(4);
	assert_int_equal(alerts_that_last(&sample), 1);
	assert_string_equal(sample.alerts[0].subject, "malformed frames");
	assert_times(0, 3, 0, 1);
	sample.packets.sum.malformed.rate = 0;
	anomalies[1].end = NAN;
	anomalies[0].end = NAN;
	snprintf(anomalies[0].series, sizeof(anomalies[0].series), "tcp");
	take(5);
	assert_int_equal(alerts_that_last(&sample), 2);
}

/* A full log forgets what ended first, and never what lasts. */
static void test_room(void **state)
{
	char reason[REASON_LEN];

	(void)state;
	break_program(1, "lasts");
	for (uint32_t i = 1; i <= 2 * ALERTS_MAX; i++) {
		snprintf(reason, sizeof(reason), "number %u", i);
		break_program(0, reason);
		take(i);
	}
	assert_int_equal(sample.n_alerts, ALERTS_MAX);
	assert_int_equal(alerts_that_last(&sample), 2);
	assert_times(0, 1, 0, 1);
	assert_string_equal(sample.alerts[0].sentence, "xdp_mesh_filter failed: lasts");
	assert_times(ALERTS_MAX - 1, ALERTS_MAX + 2, ALERTS_MAX + 3, 1);
}

/* Problems without room in the list are a loss, which says so. */
static void test_more_problems_than_room(void **state)
{
	(void)state;
	sample.packets.n_interfaces = ALERTS_MAX + 3;
	for (uint32_t i = 0; i < sample.packets.n_interfaces; i++)
		snprintf(sample.packets.interfaces[i].problem, REASON_LEN, "gone %u", i);
	sample.self.n_losses = 0;
	take(1);
	assert_int_equal(sample.n_alerts, ALERTS_MAX);
	assert_int_equal(sample.self.n_losses, 1);
	assert_string_equal(sample.self.losses[0].what, "no room: alerts");
	assert_int_equal(sample.self.losses[0].count.total, 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_no_alerts, set_up),
		cmocka_unit_test_setup(test_begin_end_and_count, set_up),
		cmocka_unit_test_setup(test_order, set_up),
		cmocka_unit_test_setup(test_a_loss_ends, set_up),
		cmocka_unit_test_setup(test_one_series_is_one_alert, set_up),
		cmocka_unit_test_setup(test_room, set_up),
		cmocka_unit_test_setup(test_more_problems_than_room, set_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
