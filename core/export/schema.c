// SPDX-License-Identifier: BSD-2-Clause
#include "export/schema.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "model/fields.h"
#include "model/snapshot.h"

/* Each field table becomes one definition. */
enum { TABLES_MAX = 64 };

struct tables {
	uint32_t n;
	const struct field *fields[TABLES_MAX]; /* written already */
};

static const char head[] =
	"  \"$schema\": \"https://json-schema.org/draft/2020-12/schema\",\n"
	"  \"title\": \"x0top snapshot\",\n"
	"  \"$comment\": \"SPDX-License-Identifier: BSD-2-Clause\",\n"
	"  \"description\": \"One moment of a mesh node, as x0top --once --json prints it and "
	"--record keeps it.\",";

static const char histogram[] =
	"    \"histogram\": {\n"
	"      \"description\": \"Buckets that are not empty, rising: [upper bound in ns, count]; "
	"the last bucket of all is open\",\n"
	"      \"type\": \"array\",\n"
	"      \"items\": {\n"
	"        \"type\": \"array\",\n"
	"        \"prefixItems\": [{\"type\": \"number\", \"exclusiveMinimum\": 0}, "
	"{\"type\": \"integer\", \"minimum\": 1}],\n"
	"        \"minItems\": 2,\n"
	"        \"maxItems\": 2\n"
	"      }\n"
	"    }";

/* --- members ---------------------------------------------------------------------------------- */

/* Returns the length of the table's name without its ending: "net_interface" of
 * "net_interface_fields". */
static int definition_length(const struct field *field)
{
	const char *ending = strstr(field->table, "_fields");

	return (int)(ending != NULL ? (size_t)(ending - field->table) : strlen(field->table));
}

static void write_reference(FILE *file, const struct field *field)
{
	fprintf(file, "\"$ref\": \"#/$defs/%.*s\"", definition_length(field), field->table);
}

static void write_reference_or_null(FILE *file, const struct field *field)
{
	fputs("\"anyOf\": [{", file);
	write_reference(file, field);
	fputs("}, {\"type\": \"null\"}]", file);
}

static void write_words(FILE *file, const char *const *words, uint32_t n)
{
	fputc('[', file);
	for (uint32_t i = 0; i < n; i++)
		fprintf(file, "%s\"%s\"", i > 0 ? ", " : "", words[i]);
	fputc(']', file);
}

static void write_text(FILE *file, const struct field *field)
{
	uint32_t n = 0;

	while (field->names != NULL && field->names[n] != NULL)
		n++;
	if (n == 0) {
		fprintf(file, "\"type\": \"string\", \"maxLength\": %zu", field->size - 1);
	} else if (n == 1) {
		fprintf(file, "\"const\": \"%s\"", field->names[0]);
	} else {
		fputs("\"enum\": ", file);
		write_words(file, field->names, n);
	}
}

static void write_integer(FILE *file, const struct field *field, uint64_t maximum)
{
	fprintf(file, "\"type\": %s, \"minimum\": 0, \"maximum\": %llu",
		field->nullable ? "[\"integer\", \"null\"]" : "\"integer\"",
		(unsigned long long)maximum);
}

static void write_double(FILE *file, const struct field *field)
{
	bool ratio = field->unit != NULL && strcmp(field->unit, "ratio") == 0;

	fprintf(file, "\"type\": %s, \"minimum\": 0%s",
		field->nullable ? "[\"number\", \"null\"]" : "\"number\"",
		ratio ? ", \"maximum\": 1" : "");
}

static void write_list(FILE *file, const struct field *field)
{
	fprintf(file, "\"type\": \"array\", \"maxItems\": %u, \"items\": {", field->count);
	write_reference(file, field);
	fputc('}', file);
}

/* Writes the lines of an object up to its list of required members. */
static void write_object_head(FILE *file, int indent)
{
	fprintf(file, "\n%*s\"type\": \"object\",\n%*s\"additionalProperties\": false,\n%*s",
		indent, "", indent, "", indent, "");
	fputs("\"required\": ", file);
}

static void write_keyed(FILE *file, const struct field *field, int indent)
{
	write_object_head(file, indent);
	write_words(file, field->names, field->count);
	fprintf(file, ",\n%*s\"properties\": {\n", indent, "");
	for (uint32_t i = 0; i < field->count; i++) {
		fprintf(file, "%*s\"%s\": {", indent + 2, "", field->names[i]);
		write_reference(file, field);
		fprintf(file, "}%s\n", i + 1 < field->count ? "," : "");
	}
	fprintf(file, "%*s}\n%*s", indent, "", indent - 2, "");
}

static void write_type(FILE *file, const struct field *field, int indent)
{
	switch (field->type) {
	case FIELD_TEXT:
	case FIELD_ENUM:
		return write_text(file, field);
	case FIELD_BOOL:
		fputs("\"type\": \"boolean\"", file);
		return;
	case FIELD_UINT32:
		return write_integer(file, field, UINT32_MAX);
	case FIELD_UINT64:
		return write_integer(file, field, INT64_MAX);
	case FIELD_INT64:
		fputs("\"type\": \"integer\"", file);
		return;
	case FIELD_DOUBLE:
		return write_double(file, field);
	case FIELD_STRUCT:
		return field->nullable ? write_reference_or_null(file, field)
				       : write_reference(file, field);
	case FIELD_LIST:
		return write_list(file, field);
	case FIELD_KEYED:
		return write_keyed(file, field, indent);
	case FIELD_TEXTS:
		fprintf(file,
			"\"type\": \"array\", \"maxItems\": %u, \"items\": {\"type\": \"string\", "
			"\"maxLength\": %zu}",
			field->count, field->size - 1);
		return;
	case FIELD_HISTOGRAM:
		fputs("\"$ref\": \"#/$defs/histogram\"", file);
	}
}

static void write_member(FILE *file, const struct field *field, int indent)
{
	fprintf(file, "%*s\"%s\": {\"description\": \"%s\", ", indent, "", field->name,
		field->help);
	if (field->unit != NULL)
		fprintf(file, "\"x-unit\": \"%s\", ", field->unit);
	write_type(file, field, indent + 2);
	fputc('}', file);
}

/* --- structs ---------------------------------------------------------------------------------- */

static void write_struct(FILE *file, const struct field *fields, int indent)
{
	write_object_head(file, indent);
	for (const struct field *field = fields; field->name != NULL; field++)
		fprintf(file, "%s\"%s\"", field == fields ? "[" : ", ", field->name);
	fprintf(file, "],\n%*s\"properties\": {\n", indent, "");
	for (const struct field *field = fields; field->name != NULL; field++) {
		write_member(file, field, indent + 2);
		fputs(field[1].name != NULL ? ",\n" : "\n", file);
	}
	fprintf(file, "%*s}", indent, "");
}

static bool is_written(struct tables *tables, const struct field *fields)
{
	for (uint32_t i = 0; i < tables->n; i++)
		if (tables->fields[i] == fields)
			return true;
	if (tables->n < TABLES_MAX)
		tables->fields[tables->n++] = fields;
	return false;
}

/* Defines the tables that a table refers to, recursively. */
static void write_definitions(FILE *file, const struct field *fields, struct tables *tables)
{
	for (const struct field *field = fields; field->name != NULL; field++) {
		if (field->fields == NULL || is_written(tables, field->fields))
			continue;
		fprintf(file, ",\n    \"%.*s\": {", definition_length(field), field->table);
		write_struct(file, field->fields, 6);
		fputs("\n    }", file);
		write_definitions(file, field->fields, tables);
	}
}

int schema_write(FILE *file)
{
	struct tables tables = { 0 };

	fprintf(file, "{\n%s", head);
	write_struct(file, snapshot_fields, 2);
	fprintf(file, ",\n  \"$defs\": {\n%s", histogram);
	write_definitions(file, snapshot_fields, &tables);
	fputs("\n  }\n}\n", file);
	return ferror(file) ? -EIO : 0;
}
