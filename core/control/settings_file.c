// SPDX-License-Identifier: BSD-2-Clause
/* Reads the configuration file: a wrong rule is reported with its line, as wrong YAML is. */
#include "programs/settings.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/yaml_file.h"
#include "control/qos_lines.h"
#include "control/settings_sets.h"

static int read_value(struct yaml_file *file, const char *key, const yaml_node_t *node)
{
	const char *text = yaml_file_text(node);

	if (text == NULL)
		return yaml_file_wrong(file, node, "Expected a text");
	int error = settings_set(file->data, key, text, file->failure);
	return error ? yaml_file_at(file, node, error) : 0;
}

/* Remembers where a rule is: whether its sets are there, only the kernel knows. */
static void mark_rule(struct settings *settings, const yaml_node_t *node)
{
	if (settings->n_rules > 0)
		settings->marks[settings->n_rules - 1] =
			(struct settings_mark) { (uint32_t)node->start_mark.line + 1,
				(uint32_t)node->start_mark.column + 1 };
}

/* Returns whether it is said what is done to classes by these words, and by no other change. */
static int check_qos(struct yaml_file *file, const yaml_node_t *node)
{
	struct qos_line line;

	return qos_line_parse(yaml_file_text(node), &line, file->failure) < 0
		       ? yaml_file_at(file, node, -EINVAL)
		       : 0;
}

static int read_list(struct yaml_file *file, const char *key, const yaml_node_t *node)
{
	if (node->type != YAML_SEQUENCE_NODE)
		return yaml_file_wrong(file, node, "Expected a list: lines that begin with \"- \"");
	struct settings *settings = file->data;
	bool rules = strcmp(key, SETTINGS_RULES) == 0;

	settings_clear(settings, key);
	if (rules)
		snprintf(settings->rules_file, sizeof(settings->rules_file), "%s", file->path);
	for (yaml_node_item_t *item = node->data.sequence.items.start;
		item < node->data.sequence.items.top; item++) {
		const yaml_node_t *value = yaml_file_node(file, *item);
		int error = read_value(file, key, value);
		if (error == 0 && strcmp(key, SETTINGS_QOS) == 0)
			error = check_qos(file, value);
		if (error)
			return error;
		if (rules)
			mark_rule(settings, value);
	}
	return 0;
}

static int read_sets(struct yaml_file *file, const yaml_node_t *node)
{
	const yaml_node_t *wrong = node;
	int error = settings_sets_read(&file->document, node, file->data, &wrong, file->failure);

	return error ? yaml_file_at(file, wrong, error) : 0;
}

static int read_pair(struct yaml_file *file, const yaml_node_t *root, const yaml_node_pair_t *pair)
{
	const yaml_node_t *value = yaml_file_node(file, pair->value);
	const yaml_node_t *key_node = yaml_file_node(file, pair->key);
	const char *key = yaml_file_text(key_node);

	if (key == NULL)
		return yaml_file_wrong(file, key_node, "Expected the name of a setting");
	int error = yaml_file_check_key(file, root, pair);
	if (error)
		return error;
	if (strcmp(key, SETTINGS_SETS) == 0)
		return read_sets(file, value);
	if (!settings_is_key(key))
		return yaml_file_wrong(file, key_node, "Unknown setting \"%.64s\"", key);
	if (settings_key_is_list(key))
		return read_list(file, key, value);
	return read_value(file, key, value);
}

static bool names_plugins(struct yaml_file *file, const yaml_node_pair_t *pair)
{
	const char *key = yaml_file_text(yaml_file_node(file, pair->key));

	return key != NULL && strcmp(key, SETTINGS_PLUGINS) == 0;
}

static int read_pairs(struct yaml_file *file, const yaml_node_t *root, bool plugins)
{
	for (yaml_node_pair_t *pair = root->data.mapping.pairs.start;
		pair < root->data.mapping.pairs.top; pair++) {
		if (names_plugins(file, pair) != plugins)
			continue;
		int error = read_pair(file, root, pair);
		if (error)
			return error;
	}
	return 0;
}

/* The files of plugins come first: other settings name programs that are made of them. */
static int read_document(struct yaml_file *file, const yaml_node_t *root)
{
	if (root->type != YAML_MAPPING_NODE)
		return yaml_file_wrong(file, root, "Expected settings, as \"key: value\"");
	int error = read_pairs(file, root, true);
	return error ? error : read_pairs(file, root, false);
}

int settings_read_file(struct settings *settings, const char *path, struct failure *failure)
{
	struct settings *changed = malloc(sizeof(*changed));
	struct yaml_file file = {
		.path = path, .failure = failure, .take = read_document, .data = changed
	};

	if (changed == NULL)
		return failure_set(failure, -ENOMEM, "Not enough memory to read %.100s", path);
	settings_copy(changed, settings);
	int error = yaml_file_read(&file, "the configuration");
	if (changed->enforce != settings->enforce || changed->pqc_mode != settings->pqc_mode)
		changed->enforce_actor = ACTOR_CONFIGURATION;
	if (!error)
		settings_copy(settings, changed);
	free(changed);
	return error;
}
