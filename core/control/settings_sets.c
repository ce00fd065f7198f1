// SPDX-License-Identifier: BSD-2-Clause
#include "control/settings_sets.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/yaml_file.h"
#include "mesh/set_text.h"
#include "mesh/sets.h"
#include "model/names.h"
#include "neighbours/feed.h"

struct reader {
	yaml_document_t *document;
	const yaml_node_t **wrong;
	struct failure *failure;
	const yaml_node_t *elements; /* of the present set: their list; NULL: none */
	uint32_t sources; /* of the present set: members that say where its elements come from */
};

static int fail(struct reader *reader, const yaml_node_t *node, const char *what)
{
	*reader->wrong = node;
	return failure_set(reader->failure, -EINVAL, "%s", what);
}

/* --- members ------------------------------------------------------------------------------------ */

static int read_kind(struct reader *reader, const yaml_node_t *node, struct settings_set *set)
{
	const char *text = yaml_file_text(node);
	int kind = text != NULL ? names_find(mesh_set_kind_names, text) : -1;

	if (kind < 0)
		return fail(reader, node, "A kind is prefixes, macs, ports or nodes");
	set->kind = (uint32_t)kind;
	return 0;
}

static int read_source(struct reader *reader, const yaml_node_t *node, struct settings_set *set)
{
	const char *text = yaml_file_text(node);
	size_t length = text != NULL ? strlen(text) : 0;

	if (length == 0 || length >= sizeof(set->source) || strspn(text, " ") > 0 ||
		strchr(text, ' ') != NULL)
		return fail(reader, node, "Expected 1 to 103 characters, without a space");
	memcpy(set->source, text, length + 1);
	return 0;
}

static int read_file(struct reader *reader, const yaml_node_t *node, struct settings_set *set)
{
	set->from = SETTINGS_SET_FILE;
	reader->sources++;
	return read_source(reader, node, set);
}

static int read_feed(struct reader *reader, const yaml_node_t *node, struct settings_set *set)
{
	uint32_t feed;

	set->from = SETTINGS_SET_FEED;
	reader->sources++;
	*reader->wrong = node;
	int error = read_source(reader, node, set);
	return error < 0 ? error : feed_parse(set->source, &feed, reader->failure);
}

static int add_element(struct reader *reader, const yaml_node_t *node, struct settings_set *set)
{
	const char *text = yaml_file_text(node);
	size_t length = strlen(set->elements), added = text != NULL ? strlen(text) : 0;

	if (text == NULL)
		return fail(reader, node, "Expected an element");
	if (length + added + 2 > sizeof(set->elements))
		return fail(reader, node, "More elements than fit here: write them in a file");
	memcpy(set->elements + length, text, added);
	memcpy(set->elements + length + added, "\n", 2);
	return 0;
}

static int read_elements(struct reader *reader, const yaml_node_t *node, struct settings_set *set)
{
	int error = 0;

	if (node->type != YAML_SEQUENCE_NODE)
		return fail(reader, node, "Expected a list of elements");
	set->from = SETTINGS_SET_ELEMENTS;
	reader->elements = node;
	reader->sources++;
	for (const yaml_node_item_t *item = node->data.sequence.items.start;
		item < node->data.sequence.items.top && error == 0; item++)
		error = add_element(reader, yaml_document_get_node(reader->document, *item), set);
	return error;
}

static const struct {
	const char *name;
	int (*read)(struct reader *reader, const yaml_node_t *node, struct settings_set *set);
} members[] = {
	{ "kind", read_kind },
	{ "file", read_file },
	{ "feed", read_feed },
	{ "elements", read_elements },
};

static int read_member(
	struct reader *reader, const yaml_node_pair_t *pair, struct settings_set *set)
{
	const yaml_node_t *key = yaml_document_get_node(reader->document, pair->key);
	const char *name = yaml_file_text(key);

	for (size_t i = 0; name != NULL && i < sizeof(members) / sizeof(members[0]); i++)
		if (strcmp(name, members[i].name) == 0)
			return members[i].read(
				reader, yaml_document_get_node(reader->document, pair->value), set);
	return fail(reader, key, "A set has kind, and file, feed or elements");
}

/* --- sets --------------------------------------------------------------------------------------- */

/* Reads the elements once for their mistakes: the same reader takes them when they are put in force. */
static int check_elements(
	struct reader *reader, const yaml_node_t *node, const struct settings_set *set)
{
	struct set_elements elements = { .kind = set->kind };
	const yaml_node_item_t *item =
		reader->elements != NULL ? reader->elements->data.sequence.items.start : NULL;
	int error = 0;

	*reader->wrong = node;
	for (const char *at = set->elements; *at != '\0' && error == 0;) {
		size_t length = strcspn(at, "\n");
		if (item != NULL && item < reader->elements->data.sequence.items.top)
			*reader->wrong = yaml_document_get_node(reader->document, *item++);
		error = set_add_text(&elements, at, length, reader->failure);
		at += length + 1;
	}
	free(elements.list);
	return error;
}

static int read_set(struct reader *reader, const yaml_node_pair_t *pair, struct settings *settings)
{
	const yaml_node_t *key = yaml_document_get_node(reader->document, pair->key);
	const yaml_node_t *value = yaml_document_get_node(reader->document, pair->value);
	const char *name = yaml_file_text(key);
	struct settings_set *set = &settings->sets[settings->n_sets];
	int error = 0;

	if (name == NULL || !sets_name_valid(name))
		return fail(reader, key, "The name of a set is letters, digits, \"-\" and \"_\"");
	for (uint32_t i = 0; i < settings->n_sets; i++)
		if (strcmp(settings->sets[i].name, name) == 0)
			return fail(reader, key, "Another set has this name");
	if (settings->n_sets == MESH_SETS_MAX)
		return fail(reader, key, "There is no room for more sets");
	if (value->type != YAML_MAPPING_NODE)
		return fail(reader, value, "A set has kind, and file, feed or elements");
	memset(set, 0, sizeof(*set));
	set->kind = MESH_SET_KINDS;
	snprintf(set->name, sizeof(set->name), "%s", name);
	reader->sources = 0;
	reader->elements = NULL;
	for (const yaml_node_pair_t *member = value->data.mapping.pairs.start;
		member < value->data.mapping.pairs.top && error == 0; member++)
		error = read_member(reader, member, set);
	if (error == 0 && reader->sources != 1)
		return fail(reader, value, "A set has one of file, feed and elements");
	if (error == 0)
		error = check_elements(reader, value, set);
	settings->n_sets += error == 0;
	return error;
}

int settings_sets_read(yaml_document_t *document, const yaml_node_t *node,
	struct settings *settings, const yaml_node_t **wrong, struct failure *failure)
{
	struct reader reader = { .document = document, .wrong = wrong, .failure = failure };
	int error = 0;

	if (node->type != YAML_MAPPING_NODE)
		return fail(&reader, node, "Expected sets, as \"name: {file: PATH}\"");
	settings->n_sets = 0;
	for (const yaml_node_pair_t *pair = node->data.mapping.pairs.start;
		pair < node->data.mapping.pairs.top && error == 0; pair++)
		error = read_set(&reader, pair, settings);
	return error;
}
