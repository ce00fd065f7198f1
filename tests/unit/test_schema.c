// SPDX-License-Identifier: BSD-2-Clause
/* Validates what json_write() writes with another's validator of JSON Schema. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "export/json.h"
#include "export/schema.h"
#include "model/fields.h"
#include "tests/lib/snapshot_sample.h"

/* Distributions pack the module for their own interpreter, which need not be the first in PATH. */
#define VALIDATE "/usr/bin/python3 -m jsonschema -i %s core/export/x0top.schema.json 2>/dev/null"

static struct snapshot snapshot;
static json_t *schema;

static int load_schema(void **state)
{
	json_error_t problem;

	(void)state;
	schema = json_load_file("core/export/x0top.schema.json", JSON_REJECT_DUPLICATES, &problem);
	return schema == NULL;
}

static int unload_schema(void **state)
{
	(void)state;
	json_decref(schema);
	return 0;
}

static bool is_valid(void (*spoil)(char *text))
{
	char path[] = "/tmp/x0top-test-schema-XXXXXX", command[256];
	static char *text;
	static size_t size;
	FILE *memory = open_memstream(&text, &size);
	FILE *file = fdopen(mkstemp(path), "w");

	assert_int_equal(json_write(&snapshot, memory, true), 0);
	fclose(memory);
	if (spoil != NULL)
		spoil(text);
	fputs(text, file);
	fclose(file);
	free(text);
	snprintf(command, sizeof(command), VALIDATE, path);
	int status = system(command);
	unlink(path);
	return status == 0;
}

static void need_validator(void)
{
	if (system("/usr/bin/python3 -c 'import jsonschema' 2>/dev/null") == 0)
		return;
	if (getenv("CI") != NULL)
		fail_msg("CI must have python3-jsonschema");
	print_message("skipped: python3-jsonschema is not installed\n");
	skip();
}

static void test_snapshots_are_valid(void **state)
{
	(void)state;
	need_validator();
	snapshot_sample(&snapshot);
	assert_true(is_valid(NULL));
	snapshot_sample_troubled(&snapshot);
	assert_true(is_valid(NULL));
	snapshot_clear(&snapshot);
	strcpy(snapshot.schema, SNAPSHOT_SCHEMA);
	assert_true(is_valid(NULL));
}

static void rename_member(char *text)
{
	memcpy(strstr(text, "\"load1\""), "\"load5\"", 7);
}

static void test_the_validator_can_say_no(void **state)
{
	(void)state;
	need_validator();
	snapshot_sample(&snapshot);
	assert_false(is_valid(rename_member));
	snapshot.host.load1 = 0.0 / 0.0; /* null */
	assert_false(is_valid(NULL));
	snapshot_sample(&snapshot);
	snapshot.programs[0].state = 99;
	assert_false(is_valid(NULL));
}

/* --- the schema and the tables say the same, member by member ----------------------------------- */

/* Follows "$ref": "#/$defs/NAME". */
static const json_t *resolve(const json_t *node)
{
	const char *reference = json_string_value(json_object_get(node, "$ref"));

	if (reference == NULL)
		return node;
	return json_object_get(json_object_get(schema, "$defs"), strrchr(reference, '/') + 1);
}

static void compare_struct(const struct field *fields, const json_t *node);

static void compare_list(const struct field *field, const json_t *node)
{
	assert_int_equal(json_integer_value(json_object_get(node, "maxItems")), field->count);
	compare_struct(field->fields, json_object_get(node, "items"));
}

static void compare_keyed(const struct field *field, const json_t *node)
{
	const json_t *properties = json_object_get(node, "properties");

	assert_int_equal(json_object_size(properties), field->count);
	assert_int_equal(json_array_size(json_object_get(node, "required")), field->count);
	for (uint32_t i = 0; i < field->count; i++)
		compare_struct(field->fields, json_object_get(properties, field->names[i]));
}

static void compare_words(const struct field *field, const json_t *node)
{
	const json_t *words = json_object_get(node, "enum");
	size_t n = 0;

	for (; field->names[n] != NULL; n++)
		assert_string_equal(json_string_value(json_array_get(words, n)), field->names[n]);
	assert_int_equal(json_array_size(words), n);
}

static void compare_field(const struct field *field, const json_t *node)
{
	if (field->type == FIELD_STRUCT && field->nullable)
		node = json_array_get(json_object_get(node, "anyOf"), 0);
	node = resolve(node);
	switch (field->type) {
	case FIELD_STRUCT:
		compare_struct(field->fields, node);
		break;
	case FIELD_LIST:
		compare_list(field, node);
		break;
	case FIELD_KEYED:
		compare_keyed(field, node);
		break;
	case FIELD_ENUM:
		compare_words(field, node);
		break;
	case FIELD_TEXT: /* two of them are fixed words */
		if (strcmp(field->name, "schema") != 0 && strcmp(field->name, "kind") != 0)
			assert_int_equal(json_integer_value(json_object_get(node, "maxLength")),
				field->size - 1);
		break;
	default:
		assert_non_null(json_object_get(node, "type"));
	}
}

static void compare_struct(const struct field *fields, const json_t *node)
{
	size_t n = 0;

	node = resolve(node);
	assert_true(json_is_false(json_object_get(node, "additionalProperties")));
	for (const struct field *field = fields; field->name != NULL; field++, n++) {
		const json_t *member =
			json_object_get(json_object_get(node, "properties"), field->name);
		if (member == NULL)
			fail_msg("the schema lacks %s", field->name);
		compare_field(field, member);
	}
	assert_int_equal(json_object_size(json_object_get(node, "properties")), n);
	assert_int_equal(json_array_size(json_object_get(node, "required")), n);
}

static void test_schema_and_tables_agree(void **state)
{
	(void)state;
	compare_struct(snapshot_fields, schema);
}

/* --- the schema is made from the tables --------------------------------------------------------- */

static void test_the_file_is_what_the_tables_make(void **state)
{
	static char *made, committed[1 << 17];
	static size_t size;
	FILE *memory = open_memstream(&made, &size);
	FILE *file = fopen("core/export/x0top.schema.json", "r");

	(void)state;
	assert_non_null(file);
	assert_int_equal(schema_write(memory), 0);
	fclose(memory);
	size_t length = fread(committed, 1, sizeof(committed), file);
	fclose(file);
	if (length != size || memcmp(made, committed, size) != 0)
		fail_msg("core/export/x0top.schema.json is not of these tables: make schema");
	free(made);
}

static void test_a_schema_that_cannot_be_written(void **state)
{
	FILE *file = fopen("/dev/full", "w");

	(void)state;
	setvbuf(file, NULL, _IONBF, 0);
	assert_int_equal(schema_write(file), -EIO);
	fclose(file);
}

/* --- each row of the tables is whole ------------------------------------------------------------ */

static void check_help(const struct field *field)
{
	size_t length = field->help == NULL ? 0 : strlen(field->help);

	if (length < 3 || length > 90 || field->help[length - 1] == '.' ||
		strpbrk(field->help, "\"\\\n") != NULL)
		fail_msg("the help of %s is no sentence without its full stop", field->name);
}

/* These are numbers without a unit: a load, a privacy parameter, a metric of routes, a value of any series. */
static bool has_no_unit(const struct field *field)
{
	static const char *const names[] = { "load1", "epsilon", "metric", "value", "before",
		"after", "low", "high", "score" };
	bool found = false;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		found |= strcmp(field->name, names[i]) == 0;
	return found;
}

static void check_unit(const struct field *field)
{
	bool counter = field->fields == counter_fields;
	bool measure = field->type == FIELD_DOUBLE || field->type == FIELD_HISTOGRAM;

	if ((counter || measure) && field->unit == NULL && !has_no_unit(field))
		fail_msg("%s has no unit", field->name);
	if (field->type == FIELD_TEXT || field->type == FIELD_BOOL || field->type == FIELD_ENUM)
		assert_null(field->unit);
}

static void check_element(const struct field *list)
{
	uint32_t labels = 0;

	for (const struct field *field = list->fields; field->name != NULL; field++) {
		labels += field->type != FIELD_KEYED && field->label != NULL;
		if (field->type == FIELD_LIST)
			fail_msg("%s is a list within the list %s", field->name, list->name);
	}
	if (labels == 0)
		fail_msg("no member tells the elements of %s apart", list->name);
}

static void check_table(const struct field *fields)
{
	for (const struct field *field = fields; field->name != NULL; field++) {
		check_help(field);
		check_unit(field);
		if (field->type == FIELD_LIST)
			check_element(field);
		if (field->type == FIELD_KEYED)
			assert_non_null(field->label);
		if (field->fields != NULL)
			check_table(field->fields);
	}
}

static void test_rows_have_help_unit_and_label(void **state)
{
	(void)state;
	check_table(snapshot_fields);
}

/* With an argument: writes the schema, for `make schema`. */
int main(int argc, char **argv)
{
	(void)argv;
	if (argc > 1)
		return schema_write(stdout) == 0 && fflush(stdout) == 0 ? 0 : 1;

	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_snapshots_are_valid),
		cmocka_unit_test(test_the_validator_can_say_no),
		cmocka_unit_test(test_schema_and_tables_agree),
		cmocka_unit_test(test_the_file_is_what_the_tables_make),
		cmocka_unit_test(test_a_schema_that_cannot_be_written),
		cmocka_unit_test(test_rows_have_help_unit_and_label),
	};

	return cmocka_run_group_tests(tests, load_schema, unload_schema);
}
