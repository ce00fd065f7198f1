// SPDX-License-Identifier: BSD-2-Clause
/* Validates what json_write() writes with another's validator of JSON Schema. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "export/json.h"
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_snapshots_are_valid),
		cmocka_unit_test(test_the_validator_can_say_no),
		cmocka_unit_test(test_schema_and_tables_agree),
	};

	return cmocka_run_group_tests(tests, load_schema, unload_schema);
}
