// SPDX-License-Identifier: BSD-2-Clause
#include "mesh/rules.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <linux/bpf.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/map_value.h"
#include "mesh/rule.h"
#include "mesh/rule_edit.h"
#include "mesh/rule_table.h"
#include "mesh/switches.h"

/* --- reading ------------------------------------------------------------------------------------- */

static int not_loaded(struct failure *failure)
{
	failure_set(failure, -ENOENT, "There are no mesh rules: the mesh filter is not loaded");
	return failure_remedy(failure, "Turn it on first: t in the programs view");
}

struct rule_table *rules_begin(const struct map_registry *maps, struct failure *failure)
{
	struct rule_table *table = malloc(sizeof(*table));

	if (table == NULL) {
		failure_set(failure, -ENOMEM, "Not enough memory to read the mesh rules");
		return NULL;
	}
	int error = rule_table_read(maps, table);
	if (error == 0)
		return table;
	if (error == -ENOENT)
		not_loaded(failure);
	else
		failure_set(failure, error, "Cannot read the mesh rules: %s", strerror(-error));
	free(table);
	return NULL;
}

int rules_read(const struct map_registry *maps, struct mesh_rule *rules, uint32_t *policy)
{
	struct rule_table *table = malloc(sizeof(*table));

	if (table == NULL)
		return -ENOMEM;
	int error = rule_table_read(maps, table);
	memcpy(rules, table->rules, sizeof(table->rules));
	*policy = table->bank.policy;
	free(table);
	return error;
}

/* --- changes ------------------------------------------------------------------------------------- */

static int refused(int error, struct failure *failure)
{
	return failure_set(failure, error, "The kernel refused to change the mesh rules: %s",
		strerror(-error));
}

int rules_commit(const struct map_registry *maps, struct rule_table *table, struct failure *failure)
{
	int error = rule_table_put(maps, table, failure);

	free(table);
	return error;
}

/* By one word, however many elements there are. */
static int switch_rule(const struct map_registry *maps, const struct rule_edit *edit,
	struct rule_table *table, bool was_on, struct failure *failure)
{
	bool on = edit->kind == RULE_EDIT_ON;
	int error = was_on == on ? 0 : rule_table_switch(maps, table, edit->number, on);

	free(table);
	return error < 0 ? refused(error, failure) : 0;
}

int rules_change(const struct map_registry *maps, struct rule_edit *edit, struct failure *failure)
{
	struct rule_table *table = rules_begin(maps, failure);

	return table == NULL ? failure->error : rules_change_read(maps, table, edit, failure);
}

int rules_change_read(const struct map_registry *maps, struct rule_table *table,
	struct rule_edit *edit, struct failure *failure)
{
	struct rule_edit expire = { .kind = RULE_EDIT_EXPIRE };
	bool switches = edit->kind == RULE_EDIT_ON || edit->kind == RULE_EDIT_OFF;
	bool was_on = table->rules[edit->number % MESH_RULES_MAX].enabled;
	int error = switches || edit->kind == RULE_EDIT_EXPIRE
			    ? 0
			    : rule_edit(table, &expire, failure); /* it makes room */
	if (error == 0)
		error = rule_edit(table, edit, failure);
	if (error < 0) {
		free(table);
		return error;
	}
	if (switches)
		return switch_rule(maps, edit, table, was_on, failure);
	return rules_commit(maps, table, failure);
}

int rules_set_enforce(const struct map_registry *maps, bool enforce)
{
	return switches_set_enforce(maps, enforce);
}

bool rules_enforced(const struct map_registry *maps)
{
	struct mesh_filter_control control;
	int map = map_registry_fd(maps, "mesh_filter_control");
	uint32_t zero = 0;

	return map >= 0 && map_value_read(map, &zero, &control, sizeof(control)) == 0 &&
	       control.enforce;
}
