// SPDX-License-Identifier: BSD-2-Clause
/* What a plugin's maps hold, as its BTF describes it: an object with a map of each kind, loaded and filled. */
#include <arpa/inet.h>
#include <bpf/bpf.h>
#include <curses.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "plugins/map_reader.h"
#include "plugins/plugin_maps.h"
#include "tests/lib/cells.h"
#include "tui/ui.h"

enum { CPUS_MAX = 1024, KEY = 4 };

static struct bpf_object *object;
static struct plugin_maps maps;
static struct snapshot *now;
static struct event_log events;
static struct look_sort sort; /* by which somebody sorts */

static int start(void **state)
{
	const char *build = getenv("BUILD") ? getenv("BUILD") : "build";
	char path[256];

	(void)state;
	memset(&events, 0, sizeof(events));
	memset(&sort, 0, sizeof(sort));
	snprintf(path, sizeof(path), "%s/tests/plugins/maps.bpf.o", build);
	if (access(path, F_OK) != 0) /* in a guest all objects lie together */
		snprintf(path, sizeof(path), "%s/bpf/maps.bpf.o", build);
	object = bpf_object__open_file(path, NULL);
	now = snapshot_open();
	return object == NULL || now == NULL || bpf_object__load(object) < 0 ||
	       plugin_maps_open(&maps, object, "test") < 0;
}

static int stop(void **state)
{
	(void)state;
	plugin_maps_close(&maps);
	bpf_object__close(object);
	snapshot_close(now);
	return 0;
}

static int fd_of(const char *name)
{
	return bpf_object__find_map_fd_by_name(object, name);
}

static void sample(unsigned int looks)
{
	snapshot_clear(now);
	plugin_maps_sample(&maps, looks, &sort, &events, now);
}

static uint32_t map_called(const char *name)
{
	for (uint32_t i = 0; i < now->plugins.n_maps; i++)
		if (strcmp(now->plugins.maps[i].name, name) == 0)
			return i;
	fail_msg("no map %s", name);
	return 0;
}

/* The cell of a map's row, by the name of its column. */
static const char *cell(const char *map, uint32_t row, const char *column)
{
	uint32_t n, n_rows, number = map_called(map);
	const struct snapshot_plugin_column *columns = plugin_columns(&now->plugins, number, &n);
	const uint32_t first = plugin_rows(&now->plugins, number, &n_rows);

	for (uint32_t i = 0; i < n && row < n_rows; i++)
		if (strcmp(columns[i].name, column) == 0)
			return now->plugins.rows[first + row].cells[i];
	fail_msg("no %s in row %u of %u of %s", column, row, n_rows, map);
	return NULL;
}

static uint32_t rows_of(const char *map)
{
	uint32_t n;

	plugin_rows(&now->plugins, map_called(map), &n);
	return n;
}

static const struct snapshot_plugin_map *map_of(const char *map)
{
	return &now->plugins.maps[map_called(map)];
}

/* --- what the object declares ----------------------------------------------------------------- */

struct flow {
	uint32_t source;
	uint8_t destination[16];
	uint16_t port;
	uint8_t mac[6];
	uint8_t id[4];
};

struct seen {
	uint64_t packets, time;
	int32_t balance;
	uint32_t color;
	char command[16];
	uint8_t good, bits;
	uint32_t list[3];
	uint64_t secret;
	uint16_t inner;
};

struct timing {
	uint64_t calls;
	uint32_t deepest, slots[32];
};

static void add_flow(uint32_t number, uint64_t packets)
{
	struct flow key;
	struct seen value = { .packets = packets, .time = 1500, .balance = -3, .color = 7 };

	memset(&key, 0, sizeof(key));
	key.source = htonl(0x0a000000 + number);
	inet_pton(AF_INET6, "fd00::1", key.destination);
	key.port = htons(443);
	memcpy(key.mac, "\x02\0\0\0\0\x01", sizeof(key.mac));
	memcpy(key.id, "\x01\xab\x03\x04", sizeof(key.id));
	snprintf(value.command, sizeof(value.command), "a\x1b[1m");
	value.good = 1;
	value.bits = 0x2d; /* 5 in three bits, 5 in five */
	value.list[1] = 20;
	value.inner = 9;
	assert_int_equal(bpf_map_update_elem(fd_of("flows"), &key, &value, BPF_ANY), 0);
}

/* --- tests ------------------------------------------------------------------------------------ */

static void test_nothing_is_read_while_nobody_looks(void **state)
{
	(void)state;
	add_flow(1, 5);
	sample(LOOK_FLOWS);
	assert_int_equal(now->plugins.n_rows, 0);
	assert_true(now->plugins.n_columns > 0);
	assert_true(map_of("flows")->entries == COUNT_UNKNOWN);
	assert_true(isnan(map_of("flows")->read_ms));
}

/* Of all maps, somebody looks at one. */
static void test_one_map_is_read(void **state)
{
	(void)state;
	add_flow(1, 5);
	sort = (struct look_sort) { "test", "flows", PLUGIN_COLUMNS_MAX, false };
	sample(LOOK_PLUGIN_MAP);
	assert_int_equal(map_of("flows")->entries, 1);
	assert_int_equal(rows_of("flows"), 1);
	assert_int_equal(now->plugins.n_rows, 1);
	assert_true(isnan(map_of("many")->read_ms));
	assert_true(map_of("many")->entries == COUNT_UNKNOWN);
	snprintf(sort.plugin, sizeof(sort.plugin), "other");
	sample(LOOK_PLUGIN_MAP);
	assert_int_equal(now->plugins.n_rows, 0);
}

static void test_members_are_columns(void **state)
{
	(void)state;
	add_flow(1, 5);
	sample(LOOK_PLUGINS);
	assert_string_equal(map_of("flows")->help, "Flows, by both ends");
	assert_int_equal(map_of("flows")->entries, 1);
	assert_string_equal(cell("flows", 0, "source"), "10.0.0.1");
	assert_string_equal(cell("flows", 0, "destination"), "fd00::1");
	assert_string_equal(cell("flows", 0, "port"), "443");
	assert_string_equal(cell("flows", 0, "mac"), "02:00:00:00:00:01");
	assert_string_equal(cell("flows", 0, "id"), "01ab0304");
	assert_string_equal(cell("flows", 0, "packets"), "5");
	assert_string_equal(cell("flows", 0, "packets/s"), "");
	assert_string_equal(cell("flows", 0, "balance"), "-3");
	assert_string_equal(cell("flows", 0, "color"), "GREEN");
	assert_string_equal(cell("flows", 0, "command"), "a\x1b[1m");
	assert_string_equal(cell("flows", 0, "good"), "true");
	assert_string_equal(cell("flows", 0, "low"), "5");
	assert_string_equal(cell("flows", 0, "high"), "5");
	assert_string_equal(cell("flows", 0, "list"), "0 20 0");
	assert_string_equal(cell("flows", 0, "outer.inner"), "9");
	assert_string_equal(map_of("flows")->reason, "");
}

static void test_rates_come_from_two_samples(void **state)
{
	uint32_t n;

	(void)state;
	add_flow(1, 1000);
	const double begin = clock_monotonic_seconds();
	sample(LOOK_PLUGINS);
	const double until = clock_monotonic_seconds() + 0.05;
	while (clock_monotonic_seconds() < until)
		;
	add_flow(1, 3000);
	sample(LOOK_PLUGINS);
	const double rate = atof(cell("flows", 0, "packets/s"));
	const double seconds = clock_monotonic_seconds() - begin;
	assert_true(rate > 2000 / seconds * 0.9 && rate <= 2000 / 0.05);
	const struct snapshot_plugin_column *columns =
		plugin_columns(&now->plugins, map_called("flows"), &n);
	for (uint32_t i = 0; i < n; i++)
		if (strcmp(columns[i].name, "packets") == 0) {
			assert_int_equal(columns[i].role, PLUGIN_COUNTER);
			assert_string_equal(columns[i].unit, "packets");
			assert_string_equal(columns[i].help, "Packets, of all lengths");
		}
}

static void test_cpus_are_joined(void **state)
{
	static struct timing values[CPUS_MAX];
	const int cpus = libbpf_num_possible_cpus();
	const uint32_t key = 7;
	uint64_t sum = 0;

	(void)state;
	for (int i = 0; i < cpus; i++) {
		values[i].calls = 10 + (uint64_t)i;
		values[i].deepest = (uint32_t)(100 - i);
		values[i].slots[3] = 2;
		sum += values[i].calls;
	}
	assert_int_equal(bpf_map_update_elem(fd_of("timings"), &key, values, BPF_ANY), 0);
	sample(LOOK_PLUGINS);
	assert_int_equal(atoi(cell("timings", 0, "calls")), sum);
	assert_string_equal(cell("timings", 0, "deepest"), "100");
	assert_int_equal(atoi(cell("timings", 0, "slots")), 2 * cpus);
	uint32_t n, row = plugin_rows(&now->plugins, map_called("timings"), &n);
	const struct snapshot_plugin_histogram *histogram =
		plugin_histogram(&now->plugins, row, PLUGIN_COLUMNS_MAX);
	assert_non_null(histogram);
	assert_int_equal(histogram->buckets[3], 2 * cpus);
}

static void test_a_map_is_a_histogram(void **state)
{
	static uint64_t values[CPUS_MAX];
	const uint32_t bucket = 6;

	(void)state;
	for (int i = 0; i < libbpf_num_possible_cpus(); i++)
		values[i] = 3;
	assert_int_equal(bpf_map_update_elem(fd_of("lengths"), &bucket, values, BPF_ANY), 0);
	sample(LOOK_PLUGINS);
	assert_int_equal(rows_of("lengths"), 1);
	uint32_t n, row = plugin_rows(&now->plugins, map_called("lengths"), &n);
	assert_int_equal(plugin_histogram(&now->plugins, row, 0)->buckets[6],
		3 * libbpf_num_possible_cpus());
}

static void test_other_kinds(void **state)
{
	const uint32_t key = 5, green = 7;
	const uint64_t value = 0x1122;
	const struct {
		uint32_t length, prefix;
	} prefix = { 8, htonl(0x0a000000) };

	(void)state;
	assert_int_equal(bpf_map_update_elem(fd_of("recent"), &key, &value, BPF_ANY), 0);
	assert_int_equal(bpf_map_update_elem(fd_of("colors"), &green, &value, BPF_ANY), 0);
	assert_int_equal(bpf_map_update_elem(fd_of("untyped"), &key, &value, BPF_ANY), 0);
	assert_int_equal(bpf_map_update_elem(fd_of("prefixes"), &prefix, &key, BPF_ANY), 0);
	sample(LOOK_PLUGINS);
	assert_string_equal(cell("recent", 0, "key"), "5");
	assert_string_equal(cell("recent", 0, "value"), "4386");
	assert_string_equal(cell("untyped", 0, "value"), "2211000000000000");
	assert_string_equal(map_of("untyped")->reason, "Its tag x0:wrong=1 is not known");
	assert_string_equal(cell("prefixes", 0, "length"), "8");
	assert_string_equal(cell("prefixes", 0, "prefix"), "10.0.0.0");
	assert_int_equal(rows_of("numbers"), 4);
	assert_string_equal(cell("colors", 0, "index"), "GREEN");
	assert_string_equal(cell("colors", 0, "value"), "4386");
	assert_string_equal(cell("colors", 1, "index"), "RED");
	assert_string_equal(cell("numbers", 3, "index"), "3");
	assert_string_equal(cell("maps.bss", 0, "runs"), "0");
	assert_int_equal(map_of("programs")->form, PLUGIN_MAP_NOT_SHOWN);
	assert_string_not_equal(map_of("programs")->reason, "");
	assert_int_equal(map_of(".data.nothing")->form, PLUGIN_MAP_NOT_SHOWN);
	assert_string_equal(
		map_of(".data.nothing")->reason, "It holds pointers, and what is hidden");
}

static void emit(uint32_t times)
{
	char packet[64] = { 0 };
	LIBBPF_OPTS(bpf_test_run_opts, run, .data_in = packet, .data_size_in = sizeof(packet),
		.repeat = (int)times);
	const struct bpf_program *program = bpf_object__find_program_by_name(object, "emit");

	assert_int_equal(bpf_prog_test_run_opts(bpf_program__fd(program), &run), 0);
}

static void test_records_are_events(void **state)
{
	(void)state;
	emit(300);
	sample(LOOK_NOTHING);
	assert_int_equal(events.next, 0);
	sample(LOOK_EVENTS);
	assert_int_equal(now->plugins.n_rows, 256);
	assert_int_equal(map_of("events")->entries, 300);
	assert_string_equal(cell("events", 0, "pid"), "42");
	assert_string_equal(cell("events", 0, "command"), "test");
	assert_string_equal(cell("events", 0, "took"), "1500");
	assert_int_equal(events.next, 8);
	assert_string_equal(events.events[7].text, "test events: pid=42 command=test took=1500");
	assert_int_equal(events.events[7].kind, EVENT_KIND_PLUGIN);
	sample(LOOK_EVENTS);
	assert_int_equal(events.next, 8);
}

static void fill(const char *name, uint32_t n)
{
	const int fd = fd_of(name);
	enum { BATCH = 4096 };
	static uint32_t keys[BATCH];
	static uint64_t values[BATCH];

	for (uint32_t i = 0; i < n; i += BATCH) {
		uint32_t count = n - i < BATCH ? n - i : BATCH;
		for (uint32_t j = 0; j < count; j++) {
			keys[j] = i + j;
			values[j] = i + j;
		}
		assert_int_equal(bpf_map_update_batch(fd, keys, values, &count, NULL), 0);
	}
}

static void test_the_top_of_many(void **state)
{
	enum { ENTRIES = 10000 };

	(void)state;
	for (uint32_t i = 0; i < ENTRIES; i++)
		add_flow(i, i);
	sample(LOOK_PLUGINS | LOOK_WHOLE);
	assert_int_equal(map_of("flows")->entries, ENTRIES);
	assert_true(map_of("flows")->whole);
	assert_int_equal(rows_of("flows"), PLUGIN_ROWS_SHOWN);
	for (uint32_t i = 0; i < PLUGIN_ROWS_SHOWN; i++)
		assert_int_equal(atoi(cell("flows", i, "packets")), ENTRIES - 1 - (int)i);
	print_message(
		"10000 entries, of which 1000 are shown, in %.1f ms\n", map_of("flows")->read_ms);
}

/* Sorted by another column, the first of all entries are shown, and not those of the map's own. */
static void test_the_top_of_another_column(void **state)
{
	enum { ENTRIES = 3000 };

	(void)state;
	for (uint32_t i = 0; i < ENTRIES; i++)
		add_flow(i, i);
	sample(LOOK_PLUGINS);
	assert_string_equal(cell("flows", 0, "packets"), "2999");
	/* The least first: none of these was shown. */
	sort = (struct look_sort) { .plugin = "test", .map = "flows", .least = true };
	sort.column = map_of("flows")->sort;
	sample(LOOK_PLUGINS);
	assert_string_equal(cell("flows", 0, "packets"), "0");
	assert_string_equal(cell("flows", 999, "packets"), "999");
	/* A column that is no number is sorted by nobody but the screen. */
	sort.column = 0;
	sample(LOOK_PLUGINS);
	assert_string_equal(cell("flows", 0, "packets"), "2999");
	/* And of a map that is read in parts. */
	fill("many", 1000000);
	sort = (struct look_sort) { .plugin = "test", .map = "many", .column = 0, .least = true };
	for (int i = 0; i < 1000 && rows_of("many") == 0; i++)
		sample(LOOK_PLUGINS);
	assert_string_equal(cell("many", 0, "key"), "0");
	assert_string_equal(cell("many", 999, "key"), "999");
}

/* From the kernel to the cells of the screen, sorted by another column than the map's. */
static void test_a_view_of_many(void **state)
{
	enum { ENTRIES = 10000, TIMES = 20 };
	struct ui *ui = ui_open(1);
	double shortest = INFINITY;

	(void)state;
	cells_open((struct cells_options) { .width = 120, .height = 40 });
	for (uint32_t i = 0; i < ENTRIES; i++)
		add_flow(i, i);
	sample(LOOK_PLUGINS);
	ui_snapshot(ui, now);
	ui_key(ui, '2');
	ui_key(ui, 'p');
	for (uint32_t i = 0; i < map_called("flows"); i++)
		ui_key(ui, KEY_DOWN);
	for (const char *key = "\r>>>"; *key != '\0'; key++)
		ui_key(ui, *key);
	for (int i = 0; i < TIMES; i++) {
		const double begin = clock_monotonic_seconds();
		sample(LOOK_PLUGINS);
		ui_snapshot(ui, now);
		ui_draw(ui);
		shortest = fmin(shortest, clock_monotonic_seconds() - begin);
	}
	assert_true(cells_find("hash of test, 1000 of 10.0K", NULL) >= 0);
	assert_true(cells_find("GREEN", NULL) >= 0);
	print_message("a view of 10000 entries is refreshed in %.1f ms\n", shortest * 1e3);
	cells_close();
	ui_close(ui);
}

/* As on kernels that have no batches for a kind of map. */
static void test_one_by_one(void **state)
{
	enum { ENTRIES = 5000 };
	struct map_reader reader;
	uint64_t entries = 0, sum = 0;
	int n;

	(void)state;
	fill("many", ENTRIES);
	assert_int_equal(map_reader_open(&reader, fd_of("many"), 4, 8, 0, 1 << 20), 0);
	reader.one_by_one = true;
	for (int times = 0; times < 2; times++)
		while ((n = map_reader_next(&reader)) > 0) {
			entries += (uint64_t)n;
			for (uint32_t i = 0; i < (uint32_t)n; i++)
				sum += *(const uint64_t *)(const void *)map_reader_values(
					&reader, i);
		}
	assert_int_equal(n, 0);
	assert_int_equal(entries, 2 * ENTRIES);
	assert_int_equal(sum, (uint64_t)ENTRIES * (ENTRIES - 1));
	map_reader_close(&reader);
}

/* A reading that takes several samples shows what it has, and in the end all. */
static void test_a_million_is_read_in_parts(void **state)
{
	enum { ENTRIES = 1000000 };
	double longest = 0;
	int samples = 0;

	(void)state;
	fill("many", ENTRIES);
	do {
		sample(LOOK_PLUGINS);
		longest = fmax(longest, map_of("many")->read_ms);
		assert_int_equal(rows_of("many"), PLUGIN_ROWS_SHOWN);
	} while (!map_of("many")->whole && ++samples < 1000);
	assert_int_equal(map_of("many")->entries, ENTRIES);
	assert_string_equal(cell("many", 0, "value"), "999999");
	print_message(
		"a million entries in %d samples, of at most %.1f ms\n", samples + 1, longest);
}

static void test_the_first_sample_may_be_the_whole(void **state)
{
	enum { ENTRIES = 1000000 };

	(void)state;
	fill("many", ENTRIES);
	sample(LOOK_PLUGINS | LOOK_WHOLE);
	print_message("a million entries at once in %.1f ms\n", map_of("many")->read_ms);
	assert_true(map_of("many")->whole || map_of("many")->read_ms > 900);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, start, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_nothing_is_read_while_nobody_looks),
		TEST(test_one_map_is_read),
		TEST(test_members_are_columns),
		TEST(test_rates_come_from_two_samples),
		TEST(test_cpus_are_joined),
		TEST(test_a_map_is_a_histogram),
		TEST(test_other_kinds),
		TEST(test_records_are_events),
		TEST(test_the_top_of_many),
		TEST(test_one_by_one),
	};
	/* Of a million entries, and of a screen: not for emulated machines. */
	const struct CMUnitTest costly[] = {
		TEST(test_the_top_of_another_column),
		TEST(test_a_view_of_many),
		TEST(test_a_million_is_read_in_parts),
		TEST(test_the_first_sample_may_be_the_whole),
	};

	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	if (getenv("X0_EMULATED") == NULL)
		failed += cmocka_run_group_tests(costly, NULL, NULL);
	return failed;
}
