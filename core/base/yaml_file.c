// SPDX-License-Identifier: BSD-2-Clause
#include "base/yaml_file.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"

#define DEPTH_MAX      8
#define ANCHORS_MAX    100
#define DIRECTIVES_MAX 10

/* --- nodes ------------------------------------------------------------------------------------ */

/* Prefixes a failure with file and line. */
static int at_line(const struct yaml_file *file, size_t line, int error)
{
	struct failure *failure = file->failure;
	char what[FAILURE_SENTENCE_LEN];

	snprintf(what, sizeof(what), "%s", failure->what);
	failure->error = error;
	snprintf(failure->what, sizeof(failure->what), "%.100s, line %zu: %.140s", file->path, line,
		what);
	return error;
}

/* Prefixes a failure with file, line and column. */
static int at_mark(const struct yaml_file *file, const yaml_mark_t *mark, int error)
{
	file->failure->error = error;
	return failure_at(file->failure, file->path, mark->line + 1, mark->column + 1);
}

int yaml_file_at(const struct yaml_file *file, const yaml_node_t *node, int error)
{
	return at_mark(file, &node->start_mark, error);
}

int yaml_file_wrong(const struct yaml_file *file, const yaml_node_t *node, const char *format, ...)
{
	char what[FAILURE_SENTENCE_LEN];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(what, sizeof(what), format, arguments);
	va_end(arguments);
	failure_set(file->failure, -EINVAL, "%s", what);
	return yaml_file_at(file, node, -EINVAL);
}

const yaml_node_t *yaml_file_node(const struct yaml_file *file, int index)
{
	/* The function changes nothing of the document. */
	return yaml_document_get_node((yaml_document_t *)&file->document, index);
}

const char *yaml_file_text(const yaml_node_t *node)
{
	if (node->type != YAML_SCALAR_NODE)
		return NULL;
	const char *text = (const char *)node->data.scalar.value;
	return strlen(text) == node->data.scalar.length ? text : NULL;
}

int yaml_file_check_key(
	const struct yaml_file *file, const yaml_node_t *mapping, const yaml_node_pair_t *pair)
{
	const yaml_node_t *key = yaml_file_node(file, pair->key);
	const char *name = yaml_file_text(key);

	for (const yaml_node_pair_t *other = mapping->data.mapping.pairs.start;
		name != NULL && other < pair; other++) {
		const yaml_node_t *node = yaml_file_node(file, other->key);
		const char *text = yaml_file_text(node);
		if (text != NULL && strcmp(text, name) == 0)
			return yaml_file_wrong(file, key,
				"\"%.64s\" is set a second time, first on line %zu", name,
				node->start_mark.line + 1);
	}
	return 0;
}

/* --- the document ----------------------------------------------------------------------------- */

static int take_document(struct yaml_file *file)
{
	const yaml_node_t *root = yaml_document_get_root_node(&file->document);

	if (root == NULL)
		return 0; /* an empty file changes nothing */
	if (root->type == YAML_SCALAR_NODE && root->data.scalar.length == 0)
		return 0;
	return file->take(file, root);
}

/* Returns the place of a byte: libyaml's reader, which finds what is no text, knows no lines. */
static yaml_mark_t mark_of(const struct yaml_file *file, size_t offset)
{
	yaml_mark_t mark = { .index = offset };

	for (size_t i = 0; i < offset && i < file->size; i++) {
		mark.column = file->text[i] == '\n' ? 0 : mark.column + 1;
		mark.line += file->text[i] == '\n';
	}
	return mark;
}

/* Returns whether a bracket or a quote has no end: the parser goes on, and finds fault far behind it. */
static bool is_open(const yaml_parser_t *parser)
{
	return parser->context != NULL && (strstr(parser->context, "flow") != NULL ||
						  strstr(parser->context, "quoted") != NULL);
}

static int wrong_yaml(const struct yaml_file *file, const yaml_parser_t *parser)
{
	const yaml_mark_t mark = parser->error == YAML_READER_ERROR
					 ? mark_of(file, parser->problem_offset)
				 : is_open(parser) ? parser->context_mark
						   : parser->problem_mark;
	int error = parser->error == YAML_MEMORY_ERROR ? -ENOMEM : -EINVAL;

	failure_set(file->failure, error, "this is not valid YAML: %s",
		parser->problem != NULL ? parser->problem : "unknown problem");
	return at_mark(file, &mark, error);
}

/* Checks that nothing follows the document. */
static int check_end(struct yaml_file *file, yaml_parser_t *parser)
{
	yaml_document_t second;
	int error = 0;

	if (!yaml_parser_load(parser, &second))
		return wrong_yaml(file, parser);
	yaml_node_t *root = yaml_document_get_root_node(&second);
	if (root != NULL)
		error = yaml_file_wrong(file, root, "A second YAML document begins here");
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

static int too_much(const struct yaml_file *file, size_t line, const char *what, unsigned int most)
{
	failure_set(file->failure, -E2BIG, "More than %u %s", most, what);
	return at_line(file, line, -EINVAL);
}

/* Each directive is compared with all before it, within one step of the parser. */
static int check_directives(const struct yaml_file *file, const char *text, size_t size)
{
	unsigned int directives = 0;
	size_t line = 1;

	for (size_t i = 0; i < size; i++) {
		directives += text[i] == '%' && (i == 0 || text[i - 1] == '\n');
		if (directives > DIRECTIVES_MAX)
			return too_much(file, line, "directives", DIRECTIVES_MAX);
		line += text[i] == '\n';
	}
	return 0;
}

/* Reads the file step by step up to what is too much, or wrong, which parse() then says. */
static int check_events(const struct yaml_file *file, yaml_parser_t *parser)
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
				       ? too_much(file, line, "levels of lists", DEPTH_MAX)
				       : too_much(file, line, "anchors", ANCHORS_MAX);
	} while (!ended);
	return 0;
}

static int check_bounds(struct yaml_file *file, const char *text, size_t size)
{
	yaml_parser_t parser;
	int error = check_directives(file, text, size);

	if (error)
		return error;
	if (!yaml_parser_initialize(&parser))
		return failure_set(
			file->failure, -ENOMEM, "Not enough memory to read %.100s", file->path);
	yaml_parser_set_input_string(&parser, (const unsigned char *)text, size);
	error = check_events(file, &parser);
	yaml_parser_delete(&parser);
	return error;
}

static int parse(struct yaml_file *file, const char *text, size_t size)
{
	yaml_parser_t parser;

	if (!yaml_parser_initialize(&parser))
		return failure_set(
			file->failure, -ENOMEM, "Not enough memory to read %.100s", file->path);
	yaml_parser_set_input_string(&parser, (const unsigned char *)text, size);
	int error;
	if (!yaml_parser_load(&parser, &file->document)) {
		error = wrong_yaml(file, &parser);
	} else {
		error = take_document(file);
		bool empty = yaml_document_get_root_node(&file->document) == NULL;
		if (!error && !empty)
			error = check_end(file, &parser);
		yaml_document_delete(&file->document);
	}
	yaml_parser_delete(&parser);
	return error;
}

int yaml_file_parse(struct yaml_file *file, const char *text, size_t size)
{
	file->text = text;
	file->size = size;
	int error = check_bounds(file, text, size);

	return error < 0 ? error : parse(file, text, size);
}

int yaml_file_read(struct yaml_file *file, const char *what)
{
	char *text = malloc(YAML_FILE_MAX);

	if (text == NULL)
		return failure_set(
			file->failure, -ENOMEM, "Not enough memory to read %.100s", file->path);
	ssize_t size = file_read_path(file->path, text, YAML_FILE_MAX);
	int error = size < 0 ? (int)size : yaml_file_parse(file, text, (size_t)size);
	if (size < 0) {
		failure_set(file->failure, error, "Cannot read %s %.100s: %s", what, file->path,
			file_strerror(error));
		failure_remedy(
			file->failure, "Name a regular file that can be read, of at most 1 MiB");
	}
	free(text);
	return error;
}
