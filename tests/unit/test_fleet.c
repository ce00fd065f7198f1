// SPDX-License-Identifier: BSD-2-Clause
/* The table of many hosts that is made of Prometheus' answers: order, reasons, text and JSON. */
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

#include "base/clock.h"
#include "fleet/fleet.h"

static struct fleet fleet;
static json_t *answers[FLEET_COLUMNS];
static char written[65536];

static int begin(void **state)
{
	(void)state;
	for (int i = 0; i < FLEET_COLUMNS; i++)
		answers[i] = json_array();
	return 0;
}

static int end(void **state)
{
	(void)state;
	for (int i = 0; i < FLEET_COLUMNS; i++)
		json_decref(answers[i]);
	fleet_clear(&fleet);
	return 0;
}

static void answer(int column, const char *instance, const char *value)
{
	json_array_append_new(answers[column], json_pack("{s:{s:s}, s:[i,s]}", "metric", "instance",
						       instance, "value", 1764284400, value));
}

static void take(void)
{
	assert_int_equal(fleet_take(&fleet, answers), 0);
}

static const struct fleet_host *host(const char *instance)
{
	for (size_t i = 0; i < fleet.n; i++)
		if (strcmp(fleet.hosts[i].instance, instance) == 0)
			return &fleet.hosts[i];
	fail_msg("no host %s", instance);
	abort();
}

static void targets_are_the_hosts(void **state)
{
	double began = clock_realtime_seconds();

	(void)state;
	answer(FLEET_UP, "b:1", "1");
	answer(FLEET_UP, "c:1", "1");
	answer(FLEET_UP, "a:1", "1");
	answer(FLEET_PACKETS, "b:1", "12.5");
	answer(FLEET_PACKETS, "nowhere:1", "7");
	answer(FLEET_BYTES, "c:1", "NaN");
	json_array_append_new(answers[FLEET_UP], json_pack("{s:{}}", "metric"));
	json_array_append_new(answers[FLEET_UP], json_null());
	json_array_append_new(answers[FLEET_BYTES], json_pack("{s:{}}", "metric"));
	json_array_append_new(
		answers[FLEET_NAME], json_pack("{s:{s:s, s:s}, s:[i,s]}", "metric", "instance",
					     "c:1", "name", "charlie", "value", 0, "1"));
	take();
	assert_int_equal(fleet.n, 3);
	assert_string_equal(fleet.hosts[0].instance, "a:1");
	assert_string_equal(fleet.hosts[1].instance, "b:1");
	assert_string_equal(fleet.hosts[2].instance, "c:1");
	assert_true(host("b:1")->values[FLEET_PACKETS] == 12.5);
	assert_true(isnan(host("a:1")->values[FLEET_PACKETS]));
	assert_true(isnan(host("c:1")->values[FLEET_BYTES]));
	assert_string_equal(host("c:1")->name, "charlie");
	assert_true(isnan(host("c:1")->values[FLEET_NAME]));
	assert_string_equal(host("a:1")->name, "");
	assert_true(fleet.time >= began && fleet.time <= clock_realtime_seconds());
	/* Another answer replaces it. */
	json_array_clear(answers[FLEET_UP]);
	answer(FLEET_UP, "b:1", "1");
	take();
	assert_int_equal(fleet.n, 1);
	assert_string_equal(host("b:1")->name, "");
}

static void many_hosts_have_room(void **state)
{
	char instance[16];

	(void)state;
	for (int i = 0; i < 300; i++) {
		snprintf(instance, sizeof(instance), "h%03d", 299 - i);
		answer(FLEET_UP, instance, "1");
		answer(FLEET_PACKETS, instance, &instance[1]);
	}
	take();
	assert_int_equal(fleet.n, 300);
	for (int i = 0; i < 300; i++) {
		snprintf(instance, sizeof(instance), "h%03d", i);
		assert_string_equal(fleet.hosts[i].instance, instance);
		assert_true(fleet.hosts[i].values[FLEET_PACKETS] == i);
	}
	json_array_clear(answers[FLEET_UP]);
	take();
	assert_int_equal(fleet.n, 0);
}

static void what_is_worse_comes_first(void **state)
{
	static const struct {
		const char *instance, *why;
		int column;
		const char *value;
	} hosts[] = {
		{ "z-down", "down", FLEET_UP, "0" },
		{ "y-failing", "not in force", FLEET_FAILING, "1" },
		{ "x-failed", "2 failed", FLEET_FAILED, "2" },
		{ "w-failed", "1 failed", FLEET_FAILED, "1" },
		{ "v-warns", "999999 warnings", FLEET_WARNINGS, "999999" },
		{ "u-warns", "1 warning", FLEET_WARNINGS, "1" },
		{ "t-refuses", "refuses", FLEET_REFUSALS, "5000" },
		{ "s-drops", "drops", FLEET_MESH_DROPS, "900000" },
		{ "r-drops", "kernel drops", FLEET_KERNEL_DROPS, "0.5" },
		{ "a-well", "", FLEET_PACKETS, "1000" },
		{ "b-well", "", FLEET_REFUSALS, "0" },
	};
	enum { HOSTS = sizeof(hosts) / sizeof(hosts[0]) };

	(void)state;
	for (int i = HOSTS - 1; i >= 0; i--) {
		if (hosts[i].column != FLEET_UP)
			answer(FLEET_UP, hosts[i].instance, "1");
		answer(hosts[i].column, hosts[i].instance, hosts[i].value);
	}
	take();
	for (size_t i = 0; i < HOSTS; i++) {
		assert_string_equal(fleet.hosts[i].instance, hosts[i].instance);
		assert_string_equal(fleet.hosts[i].why, hosts[i].why);
	}
	assert_true(host("z-down")->attention == 1e15);
	assert_true(host("y-failing")->attention == 1e12);
	assert_true(host("x-failed")->attention == 2e9);
	assert_true(host("v-warns")->attention == 999e6);
	assert_true(host("u-warns")->attention == 1e6);
	assert_true(host("t-refuses")->attention == 999);
	assert_true(fabs(host("s-drops")->attention - 0.999) < 1e-9);
	assert_true(host("a-well")->attention == 0);
}

/* The first reason is told; each counts. */
static void reasons_add_up(void **state)
{
	(void)state;
	answer(FLEET_UP, "a", "0");
	answer(FLEET_UP, "b", "0");
	answer(FLEET_FAILED, "b", "1");
	answer(FLEET_WARNINGS, "b", "3");
	take();
	assert_string_equal(fleet.hosts[0].instance, "b");
	assert_string_equal(fleet.hosts[0].why, "down");
	assert_true(fleet.hosts[0].attention == 1e15 + 1e9 + 3e6);
}

static void write_out(bool json)
{
	FILE *file = fmemopen(written, sizeof(written), "w");

	assert_non_null(file);
	assert_int_equal(json ? fleet_write_json(&fleet, "http://p:9090", file)
			      : fleet_write_text(&fleet, file),
		0);
	fclose(file);
}

static void fill(void)
{
	answer(FLEET_UP, "first:9090", "1");
	answer(FLEET_UP, "second\x1b:9090", "1");
	answer(FLEET_WARNINGS, "first:9090", "2");
	answer(FLEET_PACKETS, "first:9090", "1500");
	answer(FLEET_BYTES, "first:9090", "125000");
	answer(FLEET_KERNEL_DROPS, "first:9090", "3");
	answer(FLEET_MESH_DROPS, "first:9090", "4");
	answer(FLEET_REFUSALS, "first:9090", "5");
	answer(FLEET_ENFORCING, "first:9090", "1");
	answer(FLEET_ENFORCING, "second\x1b:9090", "0");
	json_array_append_new(
		answers[FLEET_NAME], json_pack("{s:{s:s, s:s}, s:[i,s]}", "metric", "instance",
					     "first:9090", "name", "one", "value", 0, "1"));
	take();
	fleet.time = 1764284400;
	fleet.hosts[0].values[FLEET_SEEN] = 1764284400 - 12;
	fleet.hosts[1].values[FLEET_SEEN] = 1764284400 + 1;
}

static void text_is_aligned_and_clean(void **state)
{
	(void)state;
	fill();
	write_out(false);
	assert_string_equal(written,
		"HOST                   NAME         ATTENTION       PKT/s     BIT/s KDROP/s  "
		"DROP/s REFUS/s ENF    SEEN\n"
		"first:9090             one          2 warnings      1.50K  1.00Mbit     3.0     "
		"4.0     5.0 yes     12s\n"
		"second?:9090                                            -         -       -       "
		"-       - no       0s\n");
}

static void json_has_each_column(void **state)
{
	json_t *all, *one, *two;

	(void)state;
	fill();
	write_out(true);
	all = json_loads(written, 0, NULL);
	assert_non_null(all);
	assert_string_equal(json_string_value(json_object_get(all, "schema")), "x0top-fleet/1");
	assert_string_equal(json_string_value(json_object_get(all, "prometheus")), "http://p:9090");
	assert_true(json_real_value(json_object_get(all, "time")) == 1764284400);
	assert_int_equal(json_array_size(json_object_get(all, "hosts")), 2);
	one = json_array_get(json_object_get(all, "hosts"), 0);
	two = json_array_get(json_object_get(all, "hosts"), 1);
	assert_int_equal(json_object_size(one), 2 + FLEET_COLUMNS);
	assert_string_equal(json_string_value(json_object_get(one, "instance")), "first:9090");
	assert_string_equal(json_string_value(json_object_get(one, "attention")), "2 warnings");
	assert_string_equal(json_string_value(json_object_get(one, "name")), "one");
	assert_true(json_is_null(json_object_get(two, "name")));
	assert_true(json_is_true(json_object_get(one, "up")));
	assert_true(json_is_true(json_object_get(one, "enforcing")));
	assert_true(json_is_false(json_object_get(two, "enforcing")));
	assert_true(json_is_null(json_object_get(one, "failing")));
	assert_true(json_real_value(json_object_get(one, "warnings")) == 2);
	assert_true(json_real_value(json_object_get(one, "bytes")) == 125000);
	assert_true(json_is_null(json_object_get(two, "packets")));
	json_decref(all);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(targets_are_the_hosts),
		TEST(many_hosts_have_room),
		TEST(what_is_worse_comes_first),
		TEST(reasons_add_up),
		TEST(text_is_aligned_and_clean),
		TEST(json_has_each_column),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
