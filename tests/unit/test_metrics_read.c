// SPDX-License-Identifier: BSD-2-Clause
/* A snapshot that is read back from its metrics has the same metrics; what they do not carry is unknown. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "export/metrics_read.h"
#include "model/rate.h"
#include "tests/lib/metrics_text.h"
#include "tests/lib/snapshot_sample.h"

static struct snapshot *now, *read_back, *before;

static int open_snapshots(void **state)
{
	(void)state;
	now = snapshot_open();
	read_back = snapshot_open();
	before = snapshot_open();
	return now == NULL || read_back == NULL || before == NULL;
}

static int close_snapshots(void **state)
{
	(void)state;
	snapshot_close(now);
	snapshot_close(read_back);
	snapshot_close(before);
	return 0;
}

static void assert_same_lines(const char *one, const char *other)
{
	size_t same = 0, begin = 0;

	for (; one[same] != '\0' && one[same] == other[same]; same++)
		if (one[same] == '\n')
			begin = same + 1;
	if (one[same] != other[same])
		fail_msg("%.*s\nis\n%.*s", (int)strcspn(one + begin, "\n"), one + begin,
			(int)strcspn(other + begin, "\n"), other + begin);
}

static void metrics_are_read_back(void **state)
{
	static void (*const samples[])(
		struct snapshot *) = { snapshot_sample, snapshot_sample_troubled };

	(void)state;
	for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++) {
		samples[i](now);
		char *text = metrics_text_of(now);
		/* Of all, one line is the version's, and one of a histogram says its last bucket again. */
		uint32_t without = metrics_read_text(text, read_back), counts = 0;
		for (const char *at = text; (at = strstr(at, "_seconds_count")) != NULL; at++)
			counts++;
		assert_int_equal(without, counts + 1);
		metrics_complete(read_back, NULL);
		read_back->interval = now->interval;
		char *again = metrics_text_of(read_back);
		assert_same_lines(text, again);
		free(text);
		free(again);
	}
}

static void read_sample(struct snapshot *from, struct snapshot *to)
{
	char *text = metrics_text_of(from);

	metrics_read_text(text, to);
	free(text);
}

static void rates_follow_from_two(void **state)
{
	(void)state;
	snapshot_sample(now);
	read_sample(now, before);
	metrics_complete(before, NULL);
	assert_true(isnan(before->packets.sum.all.packets.rate));
	assert_true(isnan(before->interval));
	now->time += 30;
	now->packets.sum.all.packets.total += 600;
	now->packets.interfaces[1].all.bytes.total += 90;
	now->mesh.rules[2].traffic.packets.total += 3;
	now->syscalls.calls[0].calls.total += 10;
	now->syscalls.calls[0].total_ns += 50000;
	read_sample(now, read_back);
	metrics_complete(read_back, before);
	assert_true(read_back->interval == 30);
	assert_true(read_back->packets.sum.all.packets.rate == 20);
	assert_true(read_back->packets.interfaces[1].all.bytes.rate == 3);
	assert_true(read_back->mesh.rules[2].traffic.packets.rate == 0.1);
	assert_true(read_back->syscalls.calls[0].mean_ns == 5000);
	assert_true(read_back->syscalls.calls[1].calls.rate == 0);
}

/* An interface that was not there before has no rate yet, whatever its place among the others. */
static void rates_are_of_the_same_thing(void **state)
{
	(void)state;
	snapshot_sample(now);
	read_sample(now, before);
	metrics_complete(before, NULL);
	now->time++;
	struct snapshot_packets_interface first = now->packets.interfaces[0];
	now->packets.interfaces[0] = now->packets.interfaces[1];
	now->packets.interfaces[1] = first;
	now->packets.interfaces[1].all.packets.total += 7;
	snprintf(now->packets.interfaces[2].name, sizeof(first.name), "new0");
	read_sample(now, read_back);
	metrics_complete(read_back, before);
	assert_true(read_back->packets.interfaces[0].all.packets.rate == 0);
	assert_true(read_back->packets.interfaces[1].all.packets.rate == 7);
	assert_true(isnan(read_back->packets.interfaces[2].all.packets.rate));
}

/* Within the width of a joined bucket: a factor of two. */
static void quantiles_are_near(void **state)
{
	(void)state;
	snapshot_sample(now);
	read_sample(now, read_back);
	metrics_complete(read_back, NULL);
	for (uint32_t i = 0; i < now->syscalls.n_calls; i++) {
		const struct quantiles *true_ones = &now->syscalls.calls[i].overall;
		const struct quantiles *read = &read_back->syscalls.calls[i].overall;
		if (isnan(true_ones->p50)) {
			assert_true(isnan(read->p50) && isnan(read->p99));
			continue;
		}
		assert_true(read->p50 > true_ones->p50 / 2.1 && read->p50 < true_ones->p50 * 2.1);
		assert_true(read->p99 > true_ones->p99 / 2.1 && read->p99 < true_ones->p99 * 2.1);
	}
	assert_true(now->syscalls.n_calls > 0);
}

static void what_is_not_carried_is_unknown(void **state)
{
	(void)state;
	metrics_begin(read_back);
	metrics_complete(read_back, NULL);
	assert_true(read_back->packets.sum.all.packets.total == COUNT_UNKNOWN);
	assert_true(isnan(read_back->packets.sum.all.packets.rate));
	assert_true(read_back->packets.sum.verdicts[1].bytes.total == COUNT_UNKNOWN);
	assert_true(read_back->tc.vlan[0].total == COUNT_UNKNOWN);
	assert_true(isnan(read_back->host.load1) && isnan(read_back->self.cpu_percent));
	assert_true(isnan(read_back->pqc.times.p50));
	snapshot_sample(now);
	read_sample(now, read_back);
	metrics_complete(read_back, NULL);
	assert_int_equal(read_back->net_events.n_events, 0);
	assert_string_equal(read_back->mesh.rules[0].key, "-");
	assert_string_equal(read_back->programs[0].attached, "-");
}

static void alerts_are_as_many(void **state)
{
	char lines[][64] = { "x0top_alerts{severity=\"warning\"} 2",
		"x0top_alerts{severity=\"failed\"} 1", "x0top_alerts{severity=\"odd\"} 9",
		"x0top_alerts 1" };

	(void)state;
	metrics_begin(read_back);
	assert_true(metrics_read_line(lines[0], read_back));
	assert_true(metrics_read_line(lines[1], read_back));
	assert_true(metrics_read_line(lines[2], read_back));
	assert_false(metrics_read_line(lines[3], read_back));
	metrics_complete(read_back, NULL);
	assert_int_equal(read_back->n_alerts, 3);
	assert_int_equal(read_back->alerts[0].severity, SEVERITY_BAD);
	assert_true(isnan(read_back->alerts[2].end));
}

/* A name that is no UTF-8 is read back as it was, also one that fills its place. */
static void odd_names_are_read_back(void **state)
{
	static const char *const names[] = { "a\xff", "a\xfe", "a\\xff",
		"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x1b" };
	enum { NAMES = sizeof(names) / sizeof(names[0]) };

	(void)state;
	snapshot_sample(now);
	now->packets.n_interfaces = NAMES;
	for (uint32_t i = 0; i < NAMES; i++) {
		snprintf(now->packets.interfaces[i].name, sizeof(now->packets.interfaces[i].name),
			"%s", names[i]);
		now->packets.interfaces[i].malformed.total = i;
	}
	read_sample(now, read_back);
	assert_int_equal(read_back->packets.n_interfaces, NAMES);
	for (uint32_t i = 0; i < NAMES; i++) {
		assert_string_equal(read_back->packets.interfaces[i].name, names[i]);
		assert_int_equal(read_back->packets.interfaces[i].malformed.total, i);
	}
}

/* Names, labels and values that are none of ours leave everything as it is. */
static void odd_series_are_left_out(void **state)
{
	static const char *const odd[] = {
		"up 1",
		"x0top_mesh_rules_enabled{rule=\"-1\"} 1",
		"x0top_mesh_rules_enabled{rule=\"4294967296\"} 1",
		"x0top_mesh_rules_enabled{rule=\"one\"} 1",
		"x0top_mesh_rules_enabled{rule=\"\"} 1",
		"x0top_packets_sum_verdicts_packets_total{verdict=\"odd\"} 1",
		"x0top_packets_sum_verdicts_packets_total 1",
		"x0top_packets_sum_all_packets_total NaN",
		"x0top_packets_sum_all_packets_total -5",
		"x0top_packets_sum_all_packets_total 1e300",
		"x0top_host_cpus 1e12",
		"x0top_mesh_policy{policy=\"odd\"} 1",
		"x0top_syscalls_calls_latency_seconds_bucket{call=\"read\"} 1",
	};
	char line[256], name[300];

	(void)state;
	for (size_t i = 0; i < sizeof(odd) / sizeof(odd[0]); i++) {
		metrics_begin(read_back);
		snprintf(line, sizeof(line), "%s", odd[i]);
		metrics_read_line(line, read_back);
		assert_int_equal(read_back->mesh.n_rules, 0);
		assert_int_equal(read_back->host.cpus, 0);
		assert_true(read_back->packets.sum.all.packets.total == COUNT_UNKNOWN);
		assert_true(read_back->packets.sum.verdicts[0].packets.total == COUNT_UNKNOWN);
	}
	/* A name that has no room is no other's. */
	memset(name, 'x', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	struct metric_label label = { "program", name };
	struct metric_series series = { "x0top_programs_enforcing", &label, 1, NULL, 0, 0 };
	assert_true(metrics_find(&series));
	metrics_put(read_back, &series, 1);
	assert_int_equal(read_back->n_programs, 0);
}

static void lists_end_where_they_are_full(void **state)
{
	char line[64];

	(void)state;
	metrics_begin(read_back);
	for (int i = 0; i <= PROGRAMS_MAX; i++) {
		snprintf(line, sizeof(line), "x0top_programs_enforcing{program=\"p%d\"} 1", i);
		assert_true(metrics_read_line(line, read_back));
	}
	assert_int_equal(read_back->n_programs, PROGRAMS_MAX);
	metrics_complete(read_back, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(metrics_are_read_back),
		cmocka_unit_test(rates_follow_from_two),
		cmocka_unit_test(rates_are_of_the_same_thing),
		cmocka_unit_test(quantiles_are_near),
		cmocka_unit_test(what_is_not_carried_is_unknown),
		cmocka_unit_test(alerts_are_as_many),
		cmocka_unit_test(odd_names_are_read_back),
		cmocka_unit_test(odd_series_are_left_out),
		cmocka_unit_test(lists_end_where_they_are_full),
	};

	return cmocka_run_group_tests(tests, open_snapshots, close_snapshots);
}
