// SPDX-License-Identifier: BSD-2-Clause
#include "export/rules_yaml.h"

#include <errno.h>

#include "base/text.h"
#include "mesh/rule.h"
#include "mesh/rule_edit.h"
#include "mesh/rule_notes.h"
#include "model/names.h"

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

int rules_write_yaml(const struct rule_table *table, FILE *file)
{
	char text[RULE_LEN];
	uint32_t n = 0;

	fprintf(file, "# Mesh rules of x0top, for --config and for loading.\npolicy: %s\n",
		mesh_action_names[table->bank.policy == MESH_DROP ? MESH_DROP : MESH_PASS]);
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
