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

/* Returns 0, or -E2BIG if the reader of configurations has no room for so many. */
static int write_elements(
	const struct mesh_set *set, const struct mesh_element *elements, FILE *file)
{
	char text[SET_ELEMENT_LEN];
	size_t length = 1;

	fputs(", elements: [", file);
	for (uint32_t i = 0; i < set->n; i++) {
		set_format_element(set->kind, &elements[i], text);
		length += strlen(text) + 1;
		if (length >= sizeof(((struct settings_set *)NULL)->elements))
			return -E2BIG;
		if (i > 0)
			fputs(", ", file);
		write_quoted(text, file);
	}
	fputs("]}\n", file);
	return 0;
}

/* Sets of a file or a feed say where their elements are. */
static int write_sets(const struct mesh_sets *sets, FILE *file)
{
	int error = 0;

	for (uint32_t i = 0; i < sets->n && error == 0; i++) {
		const struct mesh_set *set = &sets->sets[i];
		bool feed = set->origin == MESH_ORIGIN_FEED;
		fprintf(file, "%s  %s: {kind: %s", i == 0 ? "sets:\n" : "", set->name,
			mesh_set_kind_names[set->kind]);
		if (!feed && set->source[0] != '/') {
			error = write_elements(set, sets->elements[i], file);
			continue;
		}
		fputs(feed ? ", feed: " : ", file: ", file);
		write_quoted(set->source, file);
		fputs("}\n", file);
	}
	return error;
}

int rules_write_yaml(const struct rule_table *table, const struct mesh_sets *sets, FILE *file)
{
	char text[RULE_LEN];
	uint32_t n = 0;

	fprintf(file, "# Mesh rules of x0top, for --config and for loading.\npolicy: %s\n",
		mesh_action_names[table->bank.policy == MESH_DROP ? MESH_DROP : MESH_PASS]);
	int error = write_sets(sets, file);
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
