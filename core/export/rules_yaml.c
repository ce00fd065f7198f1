// SPDX-License-Identifier: BSD-2-Clause
#include "export/rules_yaml.h"

#include <errno.h>
#include <string.h>

#include "base/text.h"
#include "mesh/rule.h"
#include "mesh/rule_edit.h"
#include "mesh/rule_notes.h"
#include "mesh/set_text.h"
#include "model/names.h"
#include "programs/settings.h"

/* Within single quotes, YAML knows no other escape. */
static void write_quoted(const char *text, FILE *file)
{
	fputc('\'', file);
	for (; *text != '\0'; text++) {
		if (*text == '\'')
			fputc('\'', file);
		fputc(*text, file);
	}
	fputc('\'', file);
}

bool rules_need_file(const struct mesh_set *set, const struct mesh_element *elements)
{
	const size_t most = sizeof(((struct settings_set *)NULL)->elements);
	char text[SET_ELEMENT_LEN];
	size_t length = 1;

	if (set->origin == MESH_ORIGIN_FEED || set->source[0] == '/')
		return false;
	for (uint32_t i = 0; i < set->n && length < most; i++) {
		set_format_element(set->kind, &elements[i], text);
		length += strlen(text) + 1;
	}
	return length >= most;
}

int rules_file_of_set(const char *path, const struct mesh_set *set, char file[MESH_SET_SOURCE_LEN])
{
	int length = snprintf(file, MESH_SET_SOURCE_LEN, "%s.%s", path, set->name);

	if (strchr(path, ' ') != NULL)
		return -EINVAL; /* no source has one */
	return length < MESH_SET_SOURCE_LEN ? 0 : -ENAMETOOLONG;
}

int rules_write_set(const struct mesh_set *set, const struct mesh_element *elements, FILE *file)
{
	char text[SET_ELEMENT_LEN];

	fprintf(file, "# The set @%s of x0top's mesh rules.\n", set->name);
	for (uint32_t i = 0; i < set->n; i++) {
		set_format_element(set->kind, &elements[i], text);
		fprintf(file, "%s\n", text);
	}
	return ferror(file) ? -EIO : 0;
}

static void write_elements(
	const struct mesh_set *set, const struct mesh_element *elements, FILE *file)
{
	char text[SET_ELEMENT_LEN];

	fputs(", elements: [", file);
	for (uint32_t i = 0; i < set->n; i++) {
		set_format_element(set->kind, &elements[i], text);
		fputs(i > 0 ? ", " : "", file);
		write_quoted(text, file);
	}
	fputs("]}\n", file);
}

static void write_source(const char *member, const char *source, FILE *file)
{
	fprintf(file, ", %s: ", member);
	write_quoted(source, file);
	fputs("}\n", file);
}

static int write_set(const struct mesh_set *set, const struct mesh_element *elements,
	const char *path, FILE *file)
{
	char source[MESH_SET_SOURCE_LEN];
	int error = 0;

	if (rules_need_file(set, elements)) {
		error = path == NULL ? -E2BIG : rules_file_of_set(path, set, source);
		if (error == 0)
			write_source("file", source, file);
	} else if (set->origin == MESH_ORIGIN_FEED) {
		write_source("feed", set->source, file);
	} else if (set->source[0] == '/') {
		write_source("file", set->source, file);
	} else {
		write_elements(set, elements, file);
	}
	return error;
}

/* Sets of a file or a feed say where their elements are. */
static int write_sets(const struct mesh_sets *sets, const char *path, FILE *file)
{
	int error = 0;

	for (uint32_t i = 0; i < sets->n && error == 0; i++) {
		const struct mesh_set *set = &sets->sets[i];
		fprintf(file, "%s  %s: {kind: %s", i == 0 ? "sets:\n" : "", set->name,
			mesh_set_kind_names[set->kind]);
		error = write_set(set, sets->elements[i], path, file);
	}
	return error;
}

int rules_write_yaml(
	const struct rule_table *table, const struct mesh_sets *sets, const char *path, FILE *file)
{
	char text[RULE_LEN];
	uint32_t n = 0;

	fprintf(file, "# Mesh rules of x0top, for --config and for loading.\npolicy: %s\n",
		mesh_action_names[table->bank.policy == MESH_DROP ? MESH_DROP : MESH_PASS]);
	int error = write_sets(sets, path, file);
	if (error < 0)
		return error;
	for (uint32_t i = 0; i < MESH_RULES_MAX; i++) {
		const struct mesh_rule *rule = &table->rules[i];
		if (!rule_exists(rule) || rule_time_left(rule) == 0)
			continue;
		rule_format_saved(rule, text, sizeof(text));
		fputs(n++ == 0 ? "rules:\n  - " : "  - ", file);
		write_quoted(text, file);
		fputc('\n', file);
	}
	if (n == 0)
		fputs("rules: []\n", file);
	return ferror(file) ? -EIO : 0;
}
