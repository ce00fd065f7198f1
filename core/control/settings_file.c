// SPDX-License-Identifier: BSD-2-Clause
/*
 * Reads the configuration file as a libyaml document, which keeps the line of each node: a wrong rule is
 * reported with its line, as wrong YAML is.
 */
#include "programs/settings.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#include "base/file.h"
#include "control/settings_sets.h"
#include "programs/verb.h"

#define FILE_SIZE_MAX  (1 << 20)
#define DEPTH_MAX      8
#define ANCHORS_MAX    100
#define DIRECTIVES_MAX 10

struct reader {
	const char *path;
	yaml_document_t document;
	struct settings *settings;
	struct failure *failure;
};

/* Prefixes a failure with file and line. */
static int at_line(const struct reader *reader, size_t line, int error)
{
	struct failure *failure = reader->failure;
	char what[FAILURE_SENTENCE_LEN];

	snprintf(what, sizeof(what), "%s", failure->what);
	failure->error = error;
	snprintf(failure->what, sizeof(failure->what), "%.100s, line %zu: %.140s", reader->path,
		line, what);
	return error;
}

/* Prefixes a failure with file, line and column. */
static int at_mark(const struct reader *reader, const yaml_mark_t *mark, int error)
{
	char what[FAILURE_SENTENCE_LEN];

	snprintf(what, sizeof(what), "%s", reader->failure->what);
	reader->failure->error = error;
	snprintf(reader->failure->what, sizeof(reader->failure->what),
		"%.100s, line %zu, column %zu: %.120s", reader->path, mark->line + 1,
		mark->column + 1, what);
	return error;
}

static int wrong_node(const struct reader *reader, const yaml_node_t *node, const char *what)
{
	failure_set(reader->failure, -EINVAL, "%s", what);
	return at_mark(reader, &node->start_mark, -EINVAL);
}

/* Returns the text of a node, or NULL if it is not text. */
static const char *node_text(const yaml_node_t *node)
{
	if (node->type != YAML_SCALAR_NODE)
		return NULL;
	const char *text = (const char *)node->data.scalar.value;
	return strlen(text) == node->data.scalar.length ? text : NULL;
}

static int read_value(struct reader *reader, const char *key, const yaml_node_t *node)
{
	const char *text = node_text(node);

	if (text == NULL)
		return wrong_node(reader, node, "Expected a text");
	int error = settings_set(reader->settings, key, text, reader->failure);
	return error ? at_mark(reader, &node->start_mark, error) : 0;
}

static int read_list(struct reader *reader, const char *key, const yaml_node_t *node)
{
	if (node->type != YAML_SEQUENCE_NODE)
		return wrong_node(reader, node, "Expected a list: lines that begin with \"- \"");
	settings_clear(reader->settings, key);
	for (yaml_node_item_t *item = node->data.sequence.items.start;
		item < node->data.sequence.items.top; item++) {
		int error =
			read_value(reader, key, yaml_document_get_node(&reader->document, *item));
		if (error)
			return error;
	}
	return 0;
}

static int read_sets(struct reader *reader, const yaml_node_t *node)
{
	const yaml_node_t *wrong = node;
	int error = settings_sets_read(
		&reader->document, node, reader->settings, &wrong, reader->failure);

	return error ? at_mark(reader, &wrong->start_mark, error) : 0;
}

/* Returns the line of an earlier pair with the same key, or 0. */
static size_t line_of_first(struct reader *reader, const yaml_node_t *root,
	const yaml_node_pair_t *pair, const char *key)
{
	for (yaml_node_pair_t *other = root->data.mapping.pairs.start; other < pair; other++) {
		yaml_node_t *node = yaml_document_get_node(&reader->document, other->key);
		const char *text = node_text(node);
		if (text != NULL && strcmp(text, key) == 0)
			return node->start_mark.line + 1;
	}
	return 0;
}

static int read_pair(struct reader *reader, const yaml_node_t *root, const yaml_node_pair_t *pair)
{
	yaml_node_t *key_node = yaml_document_get_node(&reader->document, pair->key);
	yaml_node_t *value = yaml_document_get_node(&reader->document, pair->value);
	const char *key = node_text(key_node);

	if (key == NULL)
		return wrong_node(reader, key_node, "Expected the name of a setting");
	size_t before = line_of_first(reader, root, pair, key);
	if (before > 0) {
		failure_set(reader->failure, -EINVAL,
			"\"%.64s\" is set a second time, first on line %zu", key, before);
		return at_mark(reader, &key_node->start_mark, -EINVAL);
	}
	if (strcmp(key, SETTINGS_SETS) == 0)
		return read_sets(reader, value);
	if (settings_key_is_list(key))
		return read_list(reader, key, value);
	return read_value(reader, key, value);
}

static int read_document(struct reader *reader)
{
	yaml_node_t *root = yaml_document_get_root_node(&reader->document);

	if (root == NULL)
		return 0; /* an empty file changes nothing */
	if (root->type == YAML_SCALAR_NODE && root->data.scalar.length == 0)
		return 0;
	if (root->type != YAML_MAPPING_NODE)
		return wrong_node(reader, root, "Expected settings, as \"key: value\"");
	for (yaml_node_pair_t *pair = root->data.mapping.pairs.start;
		pair < root->data.mapping.pairs.top; pair++) {
		int error = read_pair(reader, root, pair);
		if (error)
			return error;
	}
	return 0;
}

static int wrong_yaml(const struct reader *reader, const yaml_parser_t *parser)
{
	int error = parser->error == YAML_MEMORY_ERROR ? -ENOMEM : -EINVAL;

	failure_set(reader->failure, error, "this is not valid YAML: %s",
		parser->problem != NULL ? parser->problem : "unknown problem");
	return at_mark(reader, &parser->problem_mark, error);
}

/* Checks that nothing follows the document. */
static int check_end(struct reader *reader, yaml_parser_t *parser)
{
	yaml_document_t second;
	int error = 0;

	if (!yaml_parser_load(parser, &second))
		return wrong_yaml(reader, parser);
	yaml_node_t *root = yaml_document_get_root_node(&second);
	if (root != NULL)
		error = wrong_node(reader, root, "A second YAML document begins here");
	yaml_document_delete(&second);
	return error;
}

/* --- bounds ---------------------------------------------------------------------------------- */

/* Counts what libyaml 0.2 takes quadratic time for: see struct bounds' members. */
struct bounds {
	unsigned int depth; /* of lists and mappings: each token looks at every open one */
	unsigned int anchors; /* each is compared with all before it */
};

static bool within(struct bounds *bounds, const yaml_event_t *event)
{
	const yaml_char_t *anchor = NULL;

	if (event->type == YAML_SEQUENCE_START_EVENT)
		anchor = event->data.sequence_start.anchor;
	else if (event->type == YAML_MAPPING_START_EVENT)
		anchor = event->data.mapping_start.anchor;
	else if (event->type == YAML_SCALAR_EVENT)
		anchor = event->data.scalar.anchor;
	bounds->anchors += anchor != NULL;
	bounds->depth +=
		event->type == YAML_SEQUENCE_START_EVENT || event->type == YAML_MAPPING_START_EVENT;
	bounds->depth -=
		event->type == YAML_SEQUENCE_END_EVENT || event->type == YAML_MAPPING_END_EVENT;
	return bounds->depth <= DEPTH_MAX && bounds->anchors <= ANCHORS_MAX;
}

static int too_much(const struct reader *reader, size_t line, const char *what, unsigned int most)
{
	failure_set(reader->failure, -E2BIG, "More than %u %s", most, what);
	return at_line(reader, line, -EINVAL);
}

/* Each directive is compared with all before it, within one step of the parser. */
static int check_directives(const struct reader *reader, const char *text, size_t size)
{
	unsigned int directives = 0;
	size_t line = 1;

	for (size_t i = 0; i < size; i++) {
		directives += text[i] == '%' && (i == 0 || text[i - 1] == '\n');
		if (directives > DIRECTIVES_MAX)
			return too_much(reader, line, "directives", DIRECTIVES_MAX);
		line += text[i] == '\n';
	}
	return 0;
}

/* Reads the file step by step up to what is too much, or wrong, which parse() then says. */
static int check_events(const struct reader *reader, yaml_parser_t *parser)
{
	struct bounds bounds = { 0 };
	yaml_event_t event;
	bool ended, inside;

	do {
		if (!yaml_parser_parse(parser, &event))
			return 0;
		size_t line = event.start_mark.line + 1;
		inside = within(&bounds, &event);
		ended = event.type == YAML_STREAM_END_EVENT;
		yaml_event_delete(&event);
		if (!inside)
			return bounds.depth > DEPTH_MAX
				       ? too_much(reader, line, "levels of lists", DEPTH_MAX)
				       : too_much(reader, line, "anchors", ANCHORS_MAX);
	} while (!ended);
	return 0;
}

static int check_bounds(struct reader *reader, const char *text, size_t size)
{
	yaml_parser_t parser;
	int error = check_directives(reader, text, size);

	if (error)
		return error;
	if (!yaml_parser_initialize(&parser))
		return failure_set(
			reader->failure, -ENOMEM, "Not enough memory to read %.100s", reader->path);
	yaml_parser_set_input_string(&parser, (const unsigned char *)text, size);
	error = check_events(reader, &parser);
	yaml_parser_delete(&parser);
	return error;
}

static int parse(struct reader *reader, const char *text, size_t size)
{
	yaml_parser_t parser;

	if (!yaml_parser_initialize(&parser))
		return failure_set(
			reader->failure, -ENOMEM, "Not enough memory to read %.100s", reader->path);
	yaml_parser_set_input_string(&parser, (const unsigned char *)text, size);
	int error;
	if (!yaml_parser_load(&parser, &reader->document)) {
		error = wrong_yaml(reader, &parser);
	} else {
		error = read_document(reader);
		bool empty = yaml_document_get_root_node(&reader->document) == NULL;
		if (!error && !empty)
			error = check_end(reader, &parser);
		yaml_document_delete(&reader->document);
	}
	yaml_parser_delete(&parser);
	return error;
}

int settings_read_file(struct settings *settings, const char *path, struct failure *failure)
{
	struct settings *changed = malloc(sizeof(*changed));
	char *text = malloc(FILE_SIZE_MAX);
	struct reader reader = { .path = path, .settings = changed, .failure = failure };
	int error;

	if (changed == NULL || text == NULL) {
		error = failure_set(failure, -ENOMEM, "Not enough memory to read %.100s", path);
		goto out;
	}
	ssize_t size = file_read_path(path, text, FILE_SIZE_MAX);
	if (size < 0) {
		error = failure_set(failure, (int)size, "Cannot read the configuration %.100s: %s",
			path, file_strerror((int)size));
		failure_remedy(
			failure, "Give --config a regular file that can be read, of at most 1 MiB");
		goto out;
	}
	*changed = *settings;
	error = check_bounds(&reader, text, (size_t)size);
	if (!error)
		error = parse(&reader, text, (size_t)size);
	if (changed->enforce != settings->enforce || changed->pqc_mode != settings->pqc_mode)
		changed->enforce_actor = ACTOR_CONFIGURATION;
	if (!error)
		*settings = *changed;
out:
	free(text);
	free(changed);
	return error;
}
