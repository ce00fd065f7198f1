// SPDX-License-Identifier: BSD-2-Clause
/* What the rules of Prometheus' text format and of OpenMetrics ask of any snapshot, and some values. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "export/metrics.h"
#include "export/metrics_families.h"
#include "tests/lib/snapshot_sample.h"

#define FAMILIES_MAX 512
#define NAME_MAX_LEN 128

static struct snapshot snapshot;
static char *text;

static void write_as(enum metrics_format format)
{
	size_t size;

	free(text);
	FILE *file = open_memstream(&text, &size);
	assert_int_equal(metrics_write(&snapshot, format, file), 0);
	fclose(file);
	assert_int_equal(strlen(text), size);
}

/* Whether `line` is a whole line of the text. */
static bool has_line(const char *line)
{
	size_t length = strlen(line);

	for (const char *at = text; (at = strstr(at, line)) != NULL; at++)
		if ((at == text || at[-1] == '\n') && at[length] == '\n')
			return true;
	return false;
}

static void expect(const char *line)
{
	if (!has_line(line))
		fail_msg("no line %s in:\n%s", line, text);
}

static void expect_no(const char *part)
{
	if (strstr(text, part) != NULL)
		fail_msg("%s is in it", part);
}

/* The name of a sample or of a description, up to what follows it. */
static size_t name_length(const char *at)
{
	return strspn(at, "abcdefghijklmnopqrstuvwxyz0123456789_");
}

/* Each family is described once, before its samples, which stand together; no sample is there twice. */
static void check_families(void)
{
	static char seen[FAMILIES_MAX][NAME_MAX_LEN];
	char *copy = strdup(text), *rest = copy, *line;
	uint32_t n = 0;

	while ((line = strsep(&rest, "\n")) != NULL && *line != '\0') {
		if (strcmp(line, "# EOF") == 0) {
			assert_true(rest == NULL || *rest == '\0');
			continue;
		}
		if (strncmp(line, "# TYPE ", 7) == 0) {
			size_t length = name_length(line + 7);
			assert_true(n < FAMILIES_MAX && length > 6 && length < NAME_MAX_LEN);
			snprintf(seen[n], NAME_MAX_LEN, "%.*s", (int)length, line + 7);
			for (uint32_t i = 0; i < n; i++)
				assert_string_not_equal(seen[i], seen[n]);
			n++;
		} else if (*line != '#') {
			assert_true(n > 0);
			if (strncmp(line, seen[n - 1], strlen(seen[n - 1])) != 0)
				fail_msg("%s is not of the family %s", line, seen[n - 1]);
			*strrchr(line, ' ') = '\0';
			char whole[1024];
			snprintf(whole, sizeof(whole), "\n%s ", line);
			const char *first = strstr(text, whole);
			assert_non_null(first);
			if (strstr(first + 1, whole) != NULL)
				fail_msg("%s is there twice", line);
		}
	}
	free(copy);
}

static void every_sample_is_of_its_family(void **state)
{
	(void)state;
	for (int format = METRICS_PROMETHEUS; format <= METRICS_OPENMETRICS; format++) {
		snapshot_sample(&snapshot);
		write_as((enum metrics_format)format);
		check_families();
		snapshot_sample_troubled(&snapshot);
		write_as((enum metrics_format)format);
		check_families();
		snapshot_sample_first(&snapshot);
		write_as((enum metrics_format)format);
		check_families();
	}
}

static void counters_are_totals(void **state)
{
	char line[256];

	(void)state;
	snapshot_sample(&snapshot);
	const struct snapshot_packets_interface *interface = &snapshot.packets.interfaces[0];
	write_as(METRICS_PROMETHEUS);
	snprintf(line, sizeof(line),
		"x0top_packets_interfaces_all_bytes_total{interface=\"%s\"} %llu", interface->name,
		(unsigned long long)interface->all.bytes.total);
	expect(line);
	snprintf(line, sizeof(line),
		"x0top_packets_interfaces_verdicts_packets_total{interface=\"%s\",verdict=\"drop\"} %llu",
		interface->name, (unsigned long long)interface->verdicts[1].packets.total);
	expect(line);
	expect("# TYPE x0top_packets_interfaces_all_bytes_total counter");
	expect_no("_bytes_rate");
	write_as(METRICS_OPENMETRICS);
	expect("# TYPE x0top_packets_interfaces_all_bytes counter");
}

static void units_are_base_units(void **state)
{
	char line[256];

	(void)state;
	snapshot_sample(&snapshot);
	snapshot.programs[0].ns_per_run = 250;
	snapshot.programs[0].cpu_percent = 12.5;
	snapshot.programs[0].load_ms = 8;
	write_as(METRICS_PROMETHEUS);
	const char *name = snapshot.programs[0].name;
	snprintf(line, sizeof(line), "x0top_programs_run_seconds{program=\"%s\"} 2.5e-07", name);
	expect(line);
	snprintf(line, sizeof(line), "x0top_programs_cpu_ratio{program=\"%s\"} 0.125", name);
	expect(line);
	snprintf(line, sizeof(line), "x0top_programs_load_seconds{program=\"%s\"} 0.008", name);
	expect(line);
	expect("x0top_sample_timestamp_seconds 1763856239");
}

static void one_word_of_several_is_so(void **state)
{
	(void)state;
	snapshot_sample(&snapshot);
	snprintf(snapshot.programs[0].name, sizeof(snapshot.programs[0].name), "first");
	snapshot.programs[0].state = PROGRAM_ON;
	write_as(METRICS_PROMETHEUS);
	expect("x0top_programs_state{program=\"first\",state=\"on\"} 1");
	expect("x0top_programs_state{program=\"first\",state=\"off\"} 0");
}

/* The buckets of a histogram rise to its count, and its sum is that of the kernel. */
static void histograms_are_cumulative(void **state)
{
	char line[256];

	(void)state;
	snapshot_sample(&snapshot);
	struct snapshot_syscall *call = &snapshot.syscalls.calls[0];
	uint64_t calls = 0, before = 0, value;
	uint32_t buckets = 0;
	snprintf(call->name, sizeof(call->name), "first");
	call->total_ns = 2500000000;
	for (uint32_t i = 0; i < LATENCY_BUCKETS; i++)
		calls += call->buckets[i];
	write_as(METRICS_PROMETHEUS);
	expect("x0top_syscalls_calls_latency_seconds_sum{call=\"first\"} 2.5");
	snprintf(line, sizeof(line),
		"x0top_syscalls_calls_latency_seconds_bucket{call=\"first\",le=\"+Inf\"} %llu",
		(unsigned long long)calls);
	expect(line);
	for (const char *at = text;
		(at = strstr(at, "latency_seconds_bucket{call=\"first\",le=")) != NULL; at++) {
		value = strtoull(strchr(at, ' '), NULL, 10);
		assert_true(value >= before);
		before = value;
		buckets++;
	}
	assert_int_equal(before, calls);
	assert_in_range(buckets, 20, 40);
}

static void name_interface(uint32_t i, const char *name)
{
	snprintf(snapshot.packets.interfaces[i].name, sizeof(snapshot.packets.interfaces[i].name),
		"%s", name);
}

static void labels_are_escaped(void **state)
{
	(void)state;
	snapshot_sample(&snapshot);
	name_interface(0, "a\"b\\c\nd\x1b\xff");
	write_as(METRICS_PROMETHEUS);
	expect_no("a\"b");
	if (strstr(text, "{interface=\"a\\\"b\\\\c\\nd\\\\x1b\\\\xff\"}") == NULL)
		fail_msg("the name is not escaped:\n%s", text);
	check_families();
}

/* Whatever bytes they have: a scrape in which a series is twice is refused. */
static void names_that_differ_stay_two(void **state)
{
	(void)state;
	snapshot_sample(&snapshot);
	assert_true(snapshot.packets.n_interfaces >= 2);
	name_interface(0, "a\xff");
	name_interface(1, "a\xfe");
	write_as(METRICS_PROMETHEUS);
	check_families();
	name_interface(1, "a\\xff");
	write_as(METRICS_PROMETHEUS);
	check_families();
	if (strstr(text, "{interface=\"a\\\\x5cxff\"}") == NULL)
		fail_msg("a name can be taken for another's escape:\n%s", text);
}

static void the_unknown_is_absent(void **state)
{
	(void)state;
	snapshot_sample(&snapshot);
	for (uint32_t i = 0; i < snapshot.n_programs; i++)
		snapshot.programs[i].ns_per_run = NAN;
	for (uint32_t i = 0; i < snapshot.links.n_links; i++)
		snapshot.links.links[i].ifindex = 0;
	write_as(METRICS_PROMETHEUS);
	expect_no("x0top_programs_run_seconds");
	expect_no("x0top_links_ifindex");
	expect_no("nan");
	expect_no("18446744073709551615");
	assert_non_null(strstr(text, "x0top_pqc_verification_seconds_count"));
	assert_non_null(strstr(text, "x0top_pqc_budget_used_ratio"));
	fields_set_unknown(pqc_fields, &snapshot.pqc);
	write_as(METRICS_PROMETHEUS);
	expect_no("x0top_pqc_verification");
	expect_no("x0top_pqc_budget");
	expect_no("18446744073709551615");
}

/* Nothing names a process, an address or a text of the moment. */
static void what_comes_and_goes_is_left_out(void **state)
{
	(void)state;
	snapshot_sample(&snapshot);
	write_as(METRICS_PROMETHEUS);
	expect_no("pid");
	expect_no("thread");
	expect_no("x0top_alerts_");
	expect_no("subject");
	expect_no("address=");
	expect_no("key=");
	expect_no("ifindex=");
	expect_no("x0top_net_events_events");
	expect_no("x0top_pqc_sessions_");
}

/* A condition may be an address: the number tells the rules apart. */
static void rules_are_told_by_number(void **state)
{
	char line[256];

	(void)state;
	snapshot_sample(&snapshot);
	const struct snapshot_rule *rule = &snapshot.mesh.rules[0];
	write_as(METRICS_PROMETHEUS);
	snprintf(line, sizeof(line), "x0top_mesh_rules_traffic_packets_total{rule=\"%u\"} %llu",
		rule->number, (unsigned long long)rule->traffic.packets.total);
	expect(line);
	snprintf(line, sizeof(line), "x0top_mesh_rules_info{rule=\"%u\",match=\"", rule->number);
	if (strstr(text, line) == NULL)
		fail_msg("no %s", line);
}

static void words_that_stay_are_labels(void **state)
{
	(void)state;
	snapshot_sample(&snapshot);
	write_as(METRICS_PROMETHEUS);
	expect("x0top_build_info{version=\"" X0TOP_VERSION "\",schema=\"x0top/3\"} 1");
	expect("# TYPE x0top_host_info gauge");
	write_as(METRICS_OPENMETRICS);
	expect("# TYPE x0top_host info");
	expect("# TYPE x0top_build info");
}

static void what_only_rises_is_a_counter(void **state)
{
	(void)state;
	snapshot_sample(&snapshot);
	snapshot.self.cpu_seconds = 2.5;
	write_as(METRICS_PROMETHEUS);
	expect("# TYPE x0top_self_cpu_seconds_total counter");
	expect("x0top_self_cpu_seconds_total 2.5");
	expect("# TYPE x0top_links_carrier_losses_total counter");
	write_as(METRICS_OPENMETRICS);
	expect("# TYPE x0top_self_cpu_seconds counter");
	expect("x0top_self_cpu_seconds_total 2.5");
}

static void verifications_have_a_true_sum(void **state)
{
	(void)state;
	snapshot_sample(&snapshot);
	snapshot.pqc.verification_ns = 1500000000;
	write_as(METRICS_PROMETHEUS);
	expect("x0top_pqc_verification_seconds_sum 1.5");
}

static void lasting_alerts_are_counted(void **state)
{
	(void)state;
	snapshot_sample(&snapshot);
	memset(snapshot.alerts, 0, sizeof(snapshot.alerts));
	snapshot.n_alerts = 3;
	snapshot.alerts[0].severity = snapshot.alerts[1].severity = SEVERITY_WARNING;
	snapshot.alerts[0].end = NAN;
	snapshot.alerts[2].end = NAN;
	write_as(METRICS_PROMETHEUS);
	expect("x0top_alerts{severity=\"warning\"} 1");
	expect("x0top_alerts{severity=\"failed\"} 1");
	expect("x0top_alerts{severity=\"note\"} 0");
}

static void the_service_tells_of_itself(void **state)
{
	const struct metrics_service service = { .age = 0.25, .refused = 3 };
	char own[4096];

	(void)state;
	metrics_write_service(&service, METRICS_OPENMETRICS, own, sizeof(own));
	free(text);
	text = strdup(own);
	check_families();
	expect("x0top_sample_age_seconds 0.25");
	expect("x0top_serve_requests_total{result=\"refused\"} 3");
	expect("# TYPE x0top_serve_requests counter");
	expect("# EOF");
}

/* What is said to be a counter, a gauge or a histogram; names and labels are foreign. */
static void plugins_have_metrics(void **state)
{
	(void)state;
	snapshot_sample_plugins(&snapshot);
	snprintf(snapshot.plugins.rows[2].cells[0], PLUGIN_CELL_LEN, "a\"\n\\\xff\x1b");
	write_as(METRICS_PROMETHEUS);
	expect("# TYPE x0top_plugin_map_connects_latency_connects_total counter");
	expect("x0top_plugin_map_connects_latency_connects_total{key_address=\"10.7.0.2\",key_port=\"443\"} 90210");
	expect("x0top_plugin_map_connects_latency_connects_total{key_address=\"a\\\"\\n\\\\\\\\xff\\\\x1b\",key_port=\"8080\"} 3");
	expect("x0top_plugin_map_connects_latency_longest_seconds{key_address=\"10.7.0.2\",key_port=\"443\"} 0.0026");
	expect("# TYPE x0top_plugin_map_connects_latency_slots_seconds histogram");
	expect("x0top_plugin_map_connects_latency_slots_seconds_bucket{key_address=\"10.7.0.2\",key_port=\"443\",le=\"3.2768e-05\"} 300");
	expect("x0top_plugin_map_connects_latency_slots_seconds_count{key_address=\"10.7.0.2\",key_port=\"443\"} 6900");
	expect_no("x0top_plugin_map_connects_ev");
	check_families();
	write_as(METRICS_OPENMETRICS);
	expect("# TYPE x0top_plugin_map_connects_latency_connects counter");
	check_families();
	/* A name that becomes that of another is left out. */
	snprintf(snapshot.plugins.columns[4].name, PLUGIN_NAME_LEN, "sl-ots");
	snprintf(snapshot.plugins.columns[5].name, PLUGIN_NAME_LEN, "sl+ots");
	write_as(METRICS_PROMETHEUS);
	expect_no("_bucket{key_address");
	check_families();
	snprintf(snapshot.plugins.columns[4].name, PLUGIN_NAME_LEN, "connects");
	snapshot.plugins.columns[4].unit[0] = '\0';
	write_as(METRICS_PROMETHEUS);
	expect_no("2600000");
	check_families();
}

static void all_families_have_room(void **state)
{
	size_t n = 0;

	(void)state;
	while (metric_family(n) != NULL)
		n++;
	assert_in_range(n, 100, METRIC_FAMILIES_MAX - 1);
}

static void a_full_disk_is_told(void **state)
{
	FILE *full = fopen("/dev/full", "w");

	(void)state;
	snapshot_sample(&snapshot);
	assert_non_null(full);
	assert_int_equal(metrics_write(&snapshot, METRICS_PROMETHEUS, full), -EIO);
	fclose(full);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_sample_is_of_its_family),
		cmocka_unit_test(counters_are_totals),
		cmocka_unit_test(units_are_base_units),
		cmocka_unit_test(one_word_of_several_is_so),
		cmocka_unit_test(histograms_are_cumulative),
		cmocka_unit_test(labels_are_escaped),
		cmocka_unit_test(names_that_differ_stay_two),
		cmocka_unit_test(the_unknown_is_absent),
		cmocka_unit_test(what_comes_and_goes_is_left_out),
		cmocka_unit_test(rules_are_told_by_number),
		cmocka_unit_test(words_that_stay_are_labels),
		cmocka_unit_test(what_only_rises_is_a_counter),
		cmocka_unit_test(verifications_have_a_true_sum),
		cmocka_unit_test(lasting_alerts_are_counted),
		cmocka_unit_test(the_service_tells_of_itself),
		cmocka_unit_test(plugins_have_metrics),
		cmocka_unit_test(all_families_have_room),
		cmocka_unit_test(a_full_disk_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
