// SPDX-License-Identifier: BSD-2-Clause
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

#include "export/json.h"
#include "export/json_parse.h"
#include "model/fields.h"
#include "tests/lib/fields_fill.h"
#include "tests/lib/snapshot_sample.h"

static struct snapshot written, read_back;
static struct failure failure;

static char *to_text(const struct snapshot *snapshot, bool one_line)
{
	static char *text;
	static size_t size;
	FILE *file = open_memstream(&text, &size);

	assert_int_equal(json_write(snapshot, file, one_line), 0);
	fclose(file);
	return text;
}

static int from_text(const char *text)
{
	memset(&failure, 0, sizeof(failure));
	return json_read(text, strlen(text), &read_back, &failure);
}

/* --- every field, filled at random ------------------------------------------------------------ */

static void test_every_field_survives(void **state)
{
	(void)state;
	for (int round = 0; round < 10; round++) {
		memset(&written, 0, sizeof(written));
		fields_fill(snapshot_fields, &written, FILL_LISTS);
		char *text = to_text(&written, true);
		assert_ptr_equal(strchr(text, '\n'), text + strlen(text) - 1);
		if (from_text(text) != 0)
			fail_msg("%s", failure.what);
		assert_memory_equal(&written, &read_back, sizeof(written));
		free(text);
	}
}

/* --- every byte of the struct is in a table ----------------------------------------------------- */

static void mark(const struct field *fields, char *base)
{
	for (const struct field *field = fields; field->name != NULL; field++) {
		char *value = base + field->offset;
		uint32_t n = field->count;

		switch (field->type) {
		case FIELD_STRUCT:
			mark(field->fields, value);
			break;
		case FIELD_LIST:
			memset(base + field->n_offset, 1, sizeof(uint32_t));
			/* fall through */
		case FIELD_KEYED:
			for (uint32_t i = 0; i < n; i++)
				mark(field->fields, value + i * field->size);
			break;
		case FIELD_TEXTS:
			memset(base + field->n_offset, 1, sizeof(uint32_t));
			/* fall through */
		case FIELD_HISTOGRAM:
			memset(value, 1, n * field->size);
			break;
		default:
			memset(value, 1, field->size);
		}
	}
}

static void test_no_member_is_forgotten(void **state)
{
	const char *bytes = (const char *)&written;
	const size_t without_name = offsetof(struct snapshot_packets_interface, all);
	size_t gap = 0;

	(void)state;
	memset(&written, 0, sizeof(written));
	mark(snapshot_fields, (char *)&written);
	memset(&written.packets.sum, 1, without_name); /* a sum has no name and no mode */
	/* What is left is padding: shorter than a word, up to a place where a word can begin. */
	for (size_t i = 0; i < sizeof(written); i++) {
		if (bytes[i] == 0) {
			gap++;
			continue;
		}
		if (gap > 0 && (gap > 7 || i % 4 != 0))
			fail_msg("%zu bytes before offset %zu are in no table", gap, i);
		gap = 0;
	}
}

/* --- the form ----------------------------------------------------------------------------------- */

static void test_top_level_keys_are_exactly_those(void **state)
{
	static const char *const keys[] = { "schema", "time", "host", "alerts", "programs", "links",
		"packets", "mesh", "talkers", "neighbours", "tc", "qos", "net_events", "syscalls",
		"syscalls_secure", "pqc", "plugin_programs", "mapek", "plugins", "self" };
	json_error_t problem;

	(void)state;
	snapshot_sample(&written);
	char *text = to_text(&written, false);
	json_t *json = json_loads(text, 0, &problem);
	assert_non_null(json);
	assert_int_equal(json_object_size(json), sizeof(keys) / sizeof(keys[0]));
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		assert_non_null(json_object_get(json, keys[i]));
	assert_string_equal(json_string_value(json_object_get(json, "schema")), "x0top/3");
	json_decref(json);
	free(text);
}

static void test_words_and_buckets(void **state)
{
	json_error_t problem;

	(void)state;
	memset(&written, 0, sizeof(written));
	strcpy(written.schema, SNAPSHOT_SCHEMA);
	written.packets.sum.verdicts[1].packets.total = 7;
	written.tc.n_classes = 1;
	strcpy(written.tc.classes[0].name, "voip");
	written.tc.classes[0].directions[DIRECTION_EGRESS].bytes.rate = 0.5;
	written.syscalls.n_calls = 1;
	written.syscalls.calls[0].buckets[0] = 3;
	written.syscalls.calls[0].buckets[9] = 4; /* 128 to 144 ns */
	char *text = to_text(&written, true);
	json_t *json = json_loads(text, 0, &problem);
	json_int_t dropped, first, second;
	double rate, bound, other;
	const char *name;
	assert_int_equal(json_unpack(json, "{s:{s:{s:{s:{s:{s:I}}}}}}", "packets", "sum",
				 "verdicts", "drop", "packets", "total", &dropped),
		0);
	assert_true(dropped == 7);
	assert_int_equal(json_unpack(json, "{s:{s:[{s:s,s:{s:{s:{s:F}}}}]}}", "tc", "classes",
				 "name", &name, "directions", "egress", "bytes", "rate", &rate),
		0);
	assert_true(rate == 0.5);
	assert_string_equal(name, "voip");
	assert_int_equal(json_unpack(json, "{s:{s:[{s:[[F,I],[F,I]!]}]}}", "syscalls", "calls",
				 "buckets", &bound, &first, &other, &second),
		0);
	assert_true(bound == 64 && first == 3 && other == 144 && second == 4);
	json_decref(json);
	free(text);
}

static void test_invalid_utf8_becomes_valid(void **state)
{
	(void)state;
	snapshot_sample(&written);
	strcpy(written.host.name, "a\xff\xc3(\xed\xa0\x80\xf5z\xc3");
	memset(written.syscalls.slowest[0].command, 0xfe, 16); /* not even terminated */
	written.syscalls.n_slowest = 1;
	char *text = to_text(&written, true);
	json_error_t problem;
	json_t *json = json_loads(text, 0, &problem);
	assert_non_null(json);
	json_t *host = json_object_get(json, "host");
	assert_string_equal(json_string_value(json_object_get(host, "name")), "a\?\?(\?\?\?\?z\?");
	json_decref(json);
	free(text);
}

/* Only a fault of ours could make such a count: no more is written than there is room for. */
static void test_counts_beyond_their_room(void **state)
{
	json_error_t problem;

	(void)state;
	snapshot_clear(&written);
	strcpy(written.schema, SNAPSHOT_SCHEMA);
	written.self.n_losses = UINT32_MAX;
	written.mesh.n_rules = MESH_RULES_MAX + 1;
	char *text = to_text(&written, true);
	json_t *json = json_loads(text, 0, &problem);
	json_t *losses = json_object_get(json_object_get(json, "self"), "losses");
	json_t *rules = json_object_get(json_object_get(json, "mesh"), "rules");
	assert_int_equal(json_array_size(losses), LOSSES_MAX);
	assert_int_equal(json_array_size(rules), MESH_RULES_MAX);
	json_decref(json);
	free(text);
	snapshot_clear(&written);
	assert_int_equal(written.self.n_losses, 0);
}

static void test_an_unknown_rate_is_null(void **state)
{
	(void)state;
	snapshot_sample(&written);
	written.net_events.dropped.rate = NAN;
	char *text = to_text(&written, true);
	assert_non_null(strstr(text, "\"rate\":null"));
	assert_int_equal(from_text(text), 0);
	assert_true(isnan(read_back.net_events.dropped.rate));
	free(text);
}

static void test_an_unknown_count_is_null(void **state)
{
	(void)state;
	snapshot_sample(&written);
	fields_set_unknown(traffic_fields, &written.net_events.interfaces[0].received);
	char *text = to_text(&written, true);
	assert_non_null(strstr(text, "\"received\":null"));
	assert_int_equal(from_text(text), 0);
	assert_true(read_back.net_events.interfaces[0].received.packets.total == COUNT_UNKNOWN);
	assert_true(isnan(read_back.net_events.interfaces[0].received.bytes.rate));
	assert_memory_equal(&read_back, &written, sizeof(written));
	free(text);
}

/* An interface that is named and never was has no index. */
static void test_an_unknown_index_is_null(void **state)
{
	(void)state;
	snapshot_sample(&written);
	written.links.links[1].ifindex = 0;
	written.packets.interfaces[1].ifindex = 0;
	written.tc.interfaces[1].ifindex = 0;
	char *text = to_text(&written, true);
	uint32_t n = 0;
	for (const char *at = text; (at = strstr(at, "\"ifindex\":null")) != NULL; at++)
		n++;
	assert_int_equal(n, 3);
	assert_null(strstr(text, "\"ifindex\":0"));
	assert_int_equal(from_text(text), 0);
	assert_memory_equal(&read_back, &written, sizeof(written));
	/* Recordings of before say 0. */
	char *at = strstr(text, "\"ifindex\":null") + strlen("\"ifindex\":");
	memcpy(at, "0   ", 4);
	assert_int_equal(from_text(text), 0);
	assert_memory_equal(&read_back, &written, sizeof(written));
	free(text);
}

static bool has_number(const json_t *value)
{
	const char *key;
	json_t *member;

	json_object_foreach ((json_t *)value, key, member)
		if (has_number(member))
			return true;
	return json_is_number(value);
}

/* Of a program that does not run: MAPE-K is none, and knows its own numbers when it is off. */
static void test_what_does_not_run_has_no_numbers(void **state)
{
	const struct field *field;
	const char *key;
	json_t *member;
	int parts = 0;

	(void)state;
	memset(&written, 0, sizeof(written));
	for (field = snapshot_fields; field->name != NULL; field++) {
		if (field->type != FIELD_STRUCT || strcmp(field->fields->name, "available") != 0 ||
			strcmp(field->name, "mapek") == 0)
			continue;
		field_set_unknown(field, &written);
		char *text = to_text(&written, true);
		json_t *root = json_loads(text, 0, NULL);
		json_object_foreach (json_object_get(root, field->name), key, member)
			if (has_number(member))
				fail_msg("%s.%s is a number", field->name, key);
		json_decref(root);
		free(text);
		parts++;
	}
	assert_true(parts >= 8);
}

static void test_what_is_no_number_is_shown_as_null(void **state)
{
	(void)state;
	snapshot_sample(&written);
	written.host.load1 = NAN;
	char *text = to_text(&written, true);
	assert_non_null(strstr(text, "\"load1\":null"));
	assert_int_equal(from_text(text), -EINVAL);
	assert_non_null(strstr(failure.what, "host.load1 is not a number"));
	free(text);
}

/* --- hostile input ------------------------------------------------------------------------------ */

static json_t *whole;
static unsigned tried;

static void expect_refusal(const char *doing, const char *key)
{
	char *text = json_dumps(whole, JSON_COMPACT);

	tried++;
	if (from_text(text) != -EINVAL)
		fail_msg("%s %s was accepted", doing, key);
	assert_true(strncmp(failure.what, "Not a snapshot of x0top", 23) == 0);
	free(text);
}

static void spoil(json_t *node);

/* Returns whether a member of this name may be unknown, in any table. */
static bool is_nullable(const struct field *fields, const char *name)
{
	for (const struct field *field = fields; field->name != NULL; field++)
		if ((field->nullable && strcmp(field->name, name) == 0) ||
			(field->fields != NULL && is_nullable(field->fields, name)))
			return true;
	return false;
}

/* null instead of the value, unless it may be unknown, and the member missing. */
static void spoil_member(json_t *object, const char *name)
{
	json_t *value = json_incref(json_object_get(object, name));

	json_object_set_new(object, name, json_null());
	if (!is_nullable(snapshot_fields, name))
		expect_refusal("null for", name);
	json_object_del(object, name);
	expect_refusal("leaving out", name);
	json_object_set_new(object, name, value);
	spoil(value);
}

/* Goes through the whole tree; at every object it also tries a member too many. */
static void spoil(json_t *node)
{
	json_t *names = json_array(), *child;
	const char *key;
	size_t i;

	json_object_foreach (node, key, child)
		json_array_append_new(names, json_string(key));
	json_array_foreach (names, i, child)
		spoil_member(node, json_string_value(child));
	json_decref(names);
	if (json_is_object(node)) {
		json_object_set_new(node, "surplus", json_true());
		expect_refusal("adding", "a member");
		json_object_del(node, "surplus");
	}
	json_array_foreach (node, i, child) {
		json_incref(child);
		json_array_set_new(node, i, json_null());
		expect_refusal("null for", "an item");
		json_array_set_new(node, i, child);
		spoil(child);
	}
}

static void test_every_wrong_member_is_refused(void **state)
{
	json_error_t problem;

	(void)state;
	snapshot_sample(&written);
	written.n_programs = 1;
	written.packets.n_interfaces = written.mesh.n_rules = written.tc.n_interfaces = 1;
	written.links.n_links = 1;
	written.net_events.n_interfaces = written.net_events.n_drops = 1;
	written.net_events.n_events = written.syscalls.n_calls = written.syscalls.n_slowest = 1;
	written.syscalls_secure.n_calls = written.self.n_losses = 1;
	memset(written.syscalls.calls[0].buckets, 0, sizeof(written.syscalls.calls[0].buckets));
	written.syscalls.calls[0].buckets[5] = 1;
	char *text = to_text(&written, true);
	whole = json_loads(text, 0, &problem);
	assert_int_equal(from_text(text), 0);
	spoil(whole);
	assert_true(tried > 1000);
	char *after = json_dumps(whole, JSON_COMPACT);
	assert_int_equal(from_text(after), 0); /* all spoiling was undone */
	json_decref(whole);
	free(after);
	free(text);
}

/* Replaces `from` in the sample by `to`, and expects to be told about `what`. */
static void expect_wrong(const char *from, const char *to, const char *what)
{
	snapshot_sample(&written);
	char *text = to_text(&written, true);
	const char *place = strstr(text, from);
	char *changed;

	assert_non_null(place);
	assert_true(asprintf(&changed, "%.*s%s%s", (int)(place - text), text, to,
			    place + strlen(from)) > 0);
	if (from_text(changed) != -EINVAL || strstr(failure.what, what) == NULL)
		fail_msg("%s: %s", to, failure.what);
	free(changed);
	free(text);
}

static void test_values_out_of_range_are_refused(void **state)
{
	(void)state;
	expect_wrong("\"x0top/3\"", "\"x0top/4\"", "x0top/4");
	expect_wrong("\"x0top/3\"", "\"bmon\"", "Not a snapshot");
	expect_wrong("\"name\":\"xdp_counter\"",
		"\"name\":\"a_name_longer_than_its_room_in_the_struct\"",
		"programs[0].name is too long");
	expect_wrong("\"state\":\"on\"", "\"state\":\"up\"", "programs[0].state");
	expect_wrong("\"cpus\":", "\"cpus\":-", "host.cpus is out of range");
	expect_wrong("\"cpus\":", "\"cpus\":99999999999", "host.cpus is out of range");
	expect_wrong("\"cpus\":", "\"cpus\":1.5e1", "host.cpus is not a whole number");
	expect_wrong("\"load1\":", "\"load1\":NaN,\"x\":", "JSON");
	expect_wrong("\"load1\":", "\"load1\":1e999,\"x\":", "JSON");
	expect_wrong("\"load1\":", "\"load1\":1e300,\"x\":", "host.load1 is out of range");
	expect_wrong("\"lab\":", "\"lab\":1,\"x\":", "host.lab is neither");
	expect_wrong("\"load1\":", "\"load1\":1,\"load1\":", "JSON");
	expect_wrong("\"kernel\":\"", "\"kernel\":\"\\u0000", "JSON");
	expect_wrong("\"buckets\":[[", "\"buckets\":[[1,1],[", "has an unknown bucket");
	expect_wrong("\"buckets\":[[", "\"buckets\":[[1e17,1],[", "has an unknown bucket");
	expect_wrong("\"buckets\":[[", "\"buckets\":[[64,0],[", "out of range");
	expect_wrong("\"buckets\":[[", "\"buckets\":[[64,1],[64,1],[", "has an unknown bucket");
	expect_wrong("\"buckets\":[[", "\"buckets\":[[64],[", "pairs");
	char many[16 + 3 * (PROGRAMS_MAX + 1)] = "\"programs\":[";
	for (int i = 0; i <= PROGRAMS_MAX; i++)
		strcat(many, "{},");
	expect_wrong("\"programs\":[", many, "programs has too many entries");
	expect_wrong("\"kind\":\"XDP\"", "\"kind\":\"QUIC\"", "programs[0].kind is not one of");
}

/* Counts from 2^63 on, which the reader cannot hold, are the most that it can; text keeps its digits. */
static void test_counts_that_are_too_large(void **state)
{
	static const struct {
		const char *text;
		json_int_t value; /* 0: refused */
	} cases[] = {
		{ "[9223372036854775806]", INT64_MAX - 1 },
		{ "[9223372036854775807]", INT64_MAX },
		{ "[9223372036854775808]", INT64_MAX },
		{ "[9999999999999999999]", INT64_MAX },
		{ "[10000000000000000000]", INT64_MAX },
		{ "[18446744073709551615]", INT64_MAX },
		{ "[18446744073709551616]", 0 },
		{ "[184467440737095516150]", 0 },
		{ "[5,9223372036854775808]", 5 },
		{ "[7,\"18446744073709551615\\\"9999999999999999999\",18446744073709551615]", 7 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		json_t *json = json_parse(cases[i].text, strlen(cases[i].text), &failure);

		if ((json == NULL) != (cases[i].value == 0))
			fail_msg("%s", cases[i].text);
		if (json == NULL)
			continue;
		assert_true(json_integer_value(json_array_get(json, 0)) == cases[i].value);
		if (i > 0 && json_array_size(json) > 1)
			assert_true(json_integer_value(json_array_get(
					    json, json_array_size(json) - 1)) == INT64_MAX);
		if (json_array_size(json) == 3)
			assert_string_equal(json_string_value(json_array_get(json, 1)),
				"18446744073709551615\"9999999999999999999");
		json_decref(json);
	}
}

static void test_damaged_text_does_no_harm(void **state)
{
	(void)state;
	snapshot_sample_troubled(&written);
	char *text = to_text(&written, true);
	size_t size = strlen(text);

	for (size_t cut = 0; cut < size - 1; cut += 1 + size / 500)
		assert_int_equal(json_read(text, cut, &read_back, &failure), -EINVAL);
	for (int round = 0; round < 500; round++) {
		char *copy = strdup(text);
		for (int i = 0; i < 3; i++)
			copy[random_next() % size] = (char)random_next();
		json_read(copy, size, &read_back, &failure); /* either way is right */
		free(copy);
	}
	free(text);

	char *deep = malloc(1 << 20);
	assert_non_null(deep);
	memset(deep, '[', 1 << 20);
	assert_int_equal(json_read(deep, 1 << 20, &read_back, &failure), -EINVAL);
	memset(deep, 0, 1 << 20);
	assert_int_equal(json_read(deep, 1 << 20, &read_back, &failure), -EINVAL);
	free(deep);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_field_survives),
		cmocka_unit_test(test_no_member_is_forgotten),
		cmocka_unit_test(test_top_level_keys_are_exactly_those),
		cmocka_unit_test(test_words_and_buckets),
		cmocka_unit_test(test_invalid_utf8_becomes_valid),
		cmocka_unit_test(test_counts_beyond_their_room),
		cmocka_unit_test(test_an_unknown_rate_is_null),
		cmocka_unit_test(test_an_unknown_count_is_null),
		cmocka_unit_test(test_an_unknown_index_is_null),
		cmocka_unit_test(test_what_does_not_run_has_no_numbers),
		cmocka_unit_test(test_what_is_no_number_is_shown_as_null),
		cmocka_unit_test(test_every_wrong_member_is_refused),
		cmocka_unit_test(test_values_out_of_range_are_refused),
		cmocka_unit_test(test_counts_that_are_too_large),
		cmocka_unit_test(test_damaged_text_does_no_harm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
